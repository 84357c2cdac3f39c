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
const spoken = navigator.languages?.length ? navigator.languages : [navigator.language ?? "en"];
const words = await language(choose(spoken, languages.split(" ")));
root.lang = words.tag;
root.dir = words.dir;

const chat = new Chat(key, spoken[0], update);
const site = { key, name, alone: false };
const around = { chat, words, site, times: times(spoken), close, edit: (text) => writing.write(text), write: () => writing.focus() };

const top = header(around);
const writing = composer(around);
/* What comes before a person is asked, such as answers, takes its place between `top` and the log. */
const sections = [top, log(around), person(around), farewell(around), writing];
document.getElementById("desk").append(...sections.map((each) => each.element));

const tell = page(origins.split(" "), (message) => heard[message.desk]?.(message));
const heard = {
  open({ focus, alone = false }) {
    site.alone = alone;
    sections.forEach((each) => each.shown?.());
    chat.show(true);
    if (focus) enter();
  },
  close: () => chat.show(false),
};
let told = "";

/* With a finger, a keyboard that covers half of the screen comes only when it is asked for. */
function enter() {
  if (matchMedia("(pointer: fine)").matches && !chat.over) writing.focus();
  else top.title.focus();
}

function close() {
  tell({ desk: "close" });
}

function update() {
  sections.forEach((each) => each.update());
  const state = { desk: "state", unread: chat.unread, following: chat.following };
  if (JSON.stringify(state) !== told) tell(state);
  told = JSON.stringify(state);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !site.alone) close();
});
update();
chat.start();
