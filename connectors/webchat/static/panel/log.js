/* What was said, in order, and below it what is still on its way. */

import { el, icon, linked, put } from "./dom.js";

const TOGETHER = 5 * 60_000;
const NEAR = 60;

/** The section; `update` shows what is new. `edit(text)` gets what was refused and taken back. */
export function log(parts) {
  const { chat, words, times, site, edit } = parts;
  const said = el("div", { className: "said", role: "log", "aria-label": words.say("conversation") });
  const welcome = el("p", { className: "welcome" }, words.say("welcome"));
  const unsent = el("div", { className: "unsent", "aria-live": "off" });
  const typing = el("p", { className: "typing", hidden: true });
  const element = el("div", { className: "log", tabIndex: 0 }, welcome, said, unsent, typing);
  const newer = el("button", { type: "button", className: "newer", hidden: true, on: { click: bottom } }, words.say("newer"), icon("M12 5v14M6 13l6 6 6-6"));
  const marks = [];
  let life = chat.life;
  let count = 0;
  let waiting = "";

  function bottom() {
    element.scrollTop = element.scrollHeight;
  }

  function grown() {
    if (newer.hidden) bottom();
  }

  function line(each, before) {
    const name = each.name || site.name;
    const more = before && before.mine === each.mine && before.name === each.name && each.at - before.at < TOGETHER;
    const who = el("p", { className: each.mine || more ? "who unseen" : "who", dir: "auto" }, each.mine ? words.say("you") : name);
    const mark = el("span", { className: "mark" });
    if (each.mine) marks.push({ seq: each.seq, mark });
    const time = el("time", { dateTime: new Date(each.at).toISOString() }, times.hour(each.at));
    return el(
      "div",
      { className: `line ${each.mine ? "mine" : "ours"}${more ? " more" : ""}` },
      who,
      each.text ? el("p", { className: "text", dir: "auto" }, ...linked(each.text)) : null,
      ...(parts.carried?.(each, grown) ?? []),
      el("p", { className: "when" }, time, mark),
    );
  }

  function append() {
    if (life !== chat.life) {
      life = chat.life;
      count = marks.length = 0;
      said.replaceChildren();
    }
    const many = chat.lines.length - count > 1;
    if (many) said.setAttribute("aria-busy", "true");
    for (; count < chat.lines.length; count++) {
      const [each, before] = [chat.lines[count], chat.lines[count - 1]];
      const new_day = !before || !times.same(before.at, each.at);
      if (new_day) said.append(el("p", { className: "day" }, el("span", {}, times.day(each.at))));
      said.append(line(each, new_day ? null : before));
    }
    if (many) said.removeAttribute("aria-busy");
  }

  /** Only the last one says how far it got: all before it got there first. */
  function mark() {
    const { seen } = chat.glance;
    marks.forEach((each, i) => put(each.mark, i < marks.length - 1 ? "" : words.say(each.seq <= seen ? "seen" : "sent")));
  }

  function pending(each) {
    const refused = each.state === "refused";
    const mend = each.file ? () => chat.uploads.drop(each.id) : () => edit(chat.take(each.id));
    const take = el("button", { type: "button", className: "link", on: { click: mend } }, words.say(each.file ? "remove" : "edit"));
    const why = each.file && refused ? words.why(each.code) : words.say(each.state);
    return el(
      "div",
      { className: `line mine ${each.state}` },
      el("p", { className: "text", dir: "auto" }, ...linked(each.text)),
      el("p", { className: "when" }, el("span", { className: "mark" }, why.replace("{mb}", site.files.mb)), refused ? take : null),
    );
  }

  function update() {
    const low = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    const before = count;
    put(welcome, words.say(chat.anew ? "anew" : "welcome"));
    append();
    mark();
    const items = chat.unsent;
    const now = items.map((each) => each.id + each.state).join();
    const wrote = now !== waiting && items.at(-1)?.state === "sending";
    if (now !== waiting) unsent.replaceChildren(...items.map(pending));
    waiting = now;
    typing.hidden = !chat.glance.typing || chat.glance.state === "ended";
    put(typing, !typing.hidden ? words.say("typing", { name: chat.glance.rep || site.name }) : "");
    if (low || wrote || before === 0) bottom();
    else if (count > before) newer.hidden = false;
  }

  element.addEventListener("scroll", () => {
    if (element.scrollHeight - element.scrollTop - element.clientHeight < NEAR) newer.hidden = true;
  });
  new ResizeObserver(grown).observe(element);
  return { element: el("section", { className: "conversation" }, element, newer), update, shown: bottom };
}
