/* The panel: sections in a column, each with an element and an `update` that shows how things stand. */

import { Chat } from "./chat.js";
import { composer } from "./composer.js";
import { farewell } from "./farewell.js";
import { header } from "./header.js";
import { log } from "./log.js";
import { page } from "./page.js";
import { person } from "./person.js";
import { choose, language, times } from "./words.js";

const root = document.documentElement;
const { key, name, languages, origins } = root.dataset;
const around = page(origins.split(" "));
const spoken = navigator.languages?.length ? navigator.languages : [navigator.language ?? "en"];
const words = await language(choose(spoken, languages.split(" ")));
root.lang = words.tag;
root.dir = words.dir;

const chat = new Chat(key, spoken[0], update);
const site = { key, name, alone: false };
const parts = { chat, words, site, times: times(spoken), close, edit: (text) => writing.write(text), write: () => writing.focus() };

const top = header(parts);
const writing = composer(parts);
/* What comes before a person is asked, such as answers, takes its place between `top` and the log. */
const sections = [top, log(parts), person(parts), farewell(parts), writing];
document.getElementById("desk").append(...sections.map((each) => each.element));

const heard = {
  open({ focus, alone = false }) {
    site.alone = alone;
    sections.forEach((each) => each.shown?.());
    told = "";
    chat.show(true);
    if (focus) enter();
  },
  close() {
    told = "";
    chat.show(false);
  },
};
let told = "";

/* With a finger, a keyboard that covers half of the screen comes only when it is asked for. */
function enter() {
  if (matchMedia("(pointer: fine)").matches && !chat.over) writing.focus();
  else top.title.focus();
}

function close() {
  around.tell({ desk: "close" });
}

function update() {
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
