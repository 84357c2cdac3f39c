/* The panel: sections in a column, each with an element and an `update` that shows how things stand. */

import { answers } from "./answers.js";
import { Chat } from "./chat.js";
import { composer } from "./composer.js";
import { farewell } from "./farewell.js";
import { header } from "./header.js";
import { log } from "./log.js";
import { page } from "./page.js";
import { person } from "./person.js";
import { choose, language, times } from "./words.js";

const root = document.documentElement;
const main = document.getElementById("desk");
const { key, name, languages, origins } = root.dataset;
const around = page(origins.split(" "));
const spoken = navigator.languages?.length ? navigator.languages : [navigator.language ?? "en"];
const words = await language(choose(spoken, languages.split(" ")));
root.lang = words.tag;
root.dir = words.dir;

const chat = new Chat(key, spoken[0], update);
/* `view`: "search" and "article" of the answers, "chat"; none before the panel was opened and it is known what to show. */
const site = { key, name, language: spoken[0], page: "", alone: false, answers: "answers" in root.dataset, view: "" };
const parts = {
  chat, words, site, times: times(spoken), close, go,
  edit: (text) => writing.write(text), write: () => writing.focus(), offer: (text) => writing.offer(text),
};

const top = header(parts);
const finding = answers(parts);
const writing = composer(parts);
const sections = [top, finding, log(parts), person(parts), farewell(parts), writing];
main.append(...sections.map((each) => each.element));
let open = false;
let entering = false;

const heard = {
  open({ focus, page = "", alone = false }) {
    Object.assign(site, { alone, page });
    open = true;
    entering = focus;
    told = "";
    if (site.view) go(chat.unread ? "chat" : site.view, focus);
    else update();
  },
  close() {
    open = entering = false;
    told = "";
    chat.show(false);
  },
};
let told = "";

/* Answers come first, but for somebody who is talking with us; of one who was here before that is known in a moment. */
function first() {
  if (!site.answers) go("chat", entering);
  else if (!chat.returning || chat.connected !== null) go(chat.following ? "chat" : "search", entering);
}

function go(view, focus = true) {
  site.view = main.dataset.view = view;
  sections.forEach((each) => each.shown?.());
  chat.show(open && view === "chat");
  if (focus) enter();
}

/* With a finger, a keyboard that covers half of the screen comes only when it is asked for. */
function enter() {
  const typing = matchMedia("(pointer: fine)").matches;
  if (site.view === "chat" && typing && !chat.over) writing.focus();
  else if (site.view === "article" || (site.view === "search" && typing)) finding.focus();
  else top.title.focus();
}

function close() {
  around.tell({ desk: "close" });
}

function update() {
  if (open && !site.view) first();
  sections.forEach((each) => each.update());
  const state = { desk: "state", unread: chat.unread, following: chat.following };
  if (JSON.stringify(state) !== told) around.tell(state);
  told = JSON.stringify(state);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !site.alone) close();
});
update();
around.listen((message) => Object.hasOwn(heard, message.desk) && heard[message.desk](message));
chat.start();
