/* The panel: sections in a column, each with an element and an `update` that shows how things stand. */

import { Chat } from "./chat.js";
import { composer } from "./composer.js";
import { header } from "./header.js";
import { log } from "./log.js";
import { page } from "./page.js";
import { choose, language, times } from "./words.js";

const root = document.documentElement;
const main = document.getElementById("desk");
const { key, name, languages, origins, version } = root.dataset;
const around = page(origins.split(" "));
const SHARED = {}; // the desk fills it in: what the other parts of the panel use of this one
const part = async (name) => (await import(`/static/${name}.js?${version}`)).default(SHARED);

const spoken = [...navigator.languages, "en"];
const first = "answers" in root.dataset && part("answers").catch(() => null);
const [words, answering] = await Promise.all([language(choose(spoken, languages.split(" ")), version), first]);
root.lang = words.tag;
root.dir = words.dir;

const chat = new Chat(key, spoken[0], update);
/* `view`: "search" and "article" of the answers, "chat", "callback"; none before the panel was opened and it is known what to show. */
const site = { key, name, language: spoken[0], page: "", alone: false, answers: Boolean(answering), files: JSON.parse(root.dataset.files), callbacks: root.dataset.callbacks, view: "" };
chat.questions = JSON.parse(root.dataset.ask);
const parts = {
  chat, words, site, times: times(spoken), close, go, update,
  edit: (text) => writing.write(text), write: () => writing.focus(), offer: (text) => writing.offer(text),
  /** Whether visitors may ask now to be called; and the way there, from a button. */
  callable: () => chat.connected && (site.callbacks === "always" || (site.callbacks === "away" && !chat.glance.attended)),
  call: async (button, reason) => (await further("talk"), parts.calling.open(button, reason)),
};

const top = header(parts);
const finding = answering && answering.answers(parts);
const writing = (parts.writing = composer(parts));
const sections = [top, finding, log(parts), writing].filter(Boolean);
main.append(...sections.map((each) => each.element));
let open = false;
let entering = false;
const more = {};

const heard = {
  hello: ({ customer = "" }) => chat.vouch(customer) || around.tell({ desk: "anew" }),
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

/* What else there is to a chat comes once it is wanted, and is tried for again without a connection. */
function further(name) {
  more[name] ??= part(name).then(
    (found) => {
      const added = [found[name](parts)].flat();
      sections.splice(-1, 0, ...added);
      writing.element.before(...added.map((each) => each.element));
      update();
    },
    () => (more[name] = null),
  );
  return more[name];
}

/* Answers come first, but for somebody who is talking with us; of one who was here before that is known in a moment. */
function begin() {
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
  if (site.view === "chat" && typing && !chat.over) ((chat.asking && parts.asking) || writing).focus();
  else if (site.view === "article" || (site.view === "search" && typing)) finding.focus();
  else top.title.focus();
}

function close() {
  around.tell({ desk: "close" });
}

function update() {
  if (open && !site.view) begin();
  if (site.view === "chat") further("talk");
  if (site.view === "chat" && chat.asking) further("questions");
  if (chat.over) further("farewell");
  sections.forEach((each) => each.update());
  const state = { desk: "state", unread: chat.unread, following: chat.following, said: words.say("unread", { n: chat.unread }) };
  if (JSON.stringify(state) !== told) around.tell(state);
  told = JSON.stringify(state);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !site.alone) close();
});
update();
around.listen((message) => Object.hasOwn(heard, message.desk) && heard[message.desk](message));
