/* Whose panel it is, how things stand, and the two ways out: closing it, and ending the chat. */

import { el, icon, put } from "./dom.js";

const LONGEST = 60;

export function header({ chat, words, site, close, go }) {
  const back = el("button", { type: "button", className: "back", hidden: true, "aria-label": words.say("back"), title: words.say("back"), on: { click: () => go("search") } }, icon("M15 5l-7 7 7 7"));
  const title = el("h1", { tabIndex: -1, dir: "auto" }, site.name);
  const status = el("p", { className: "status", role: "status" });
  const end = el("button", { type: "button", className: "end", hidden: true, "aria-expanded": "false", on: { click: () => ask(sure.hidden) } }, words.say("end"));
  const shut = el("button", { type: "button", className: "shut", "aria-label": words.find("bubble").close, on: { click: close } }, icon("M6 6l12 12M18 6L6 18"));
  const no = el("button", { type: "button", on: { click: () => ask(false) } }, words.say("no"));
  const yes = el("button", { type: "button", className: "strong", on: { click: leave } }, words.say("yes"));
  const problem = el("p", { className: "problem", role: "alert" });
  const sure = el("div", { className: "sure", role: "group", hidden: true, "aria-label": words.say("end") }, el("p", {}, words.say("end-sure")), problem, yes, no);

  function ask(asked) {
    sure.hidden = !asked;
    end.setAttribute("aria-expanded", String(asked));
    put(problem, "");
    (asked ? yes : end).focus();
  }

  async function leave() {
    try {
      await chat.ask("end", {});
    } catch {
      put(problem, words.say("failed"));
    }
  }

  function standing() {
    const { state, attended, ahead, rep, minutes } = chat.glance;
    if (chat.slowed) return words.why(chat.slowed, "too-fast");
    if (!chat.connected) return words.say(chat.connected === null ? "connecting" : "offline");
    if (state === "ended") return words.say("ended");
    if (state === "active" && rep) return words.say("with", { name: rep });
    if (!attended) return words.say("nobody");
    if (state === "waiting") return `${ahead ? words.say("ahead", { n: ahead }) : words.say("next")} · ${expected()}`;
    return minutes ? `${words.say("here")} · ${expected()}` : words.say("here");
  }

  /** Nobody is told what nobody knows. */
  function expected() {
    const { minutes } = chat.glance;
    if (!minutes) return words.say("wait-unknown");
    return minutes > LONGEST ? words.say("wait-long") : words.say("wait", { n: minutes });
  }

  function update() {
    put(status, standing());
    status.classList.toggle("away", !chat.connected || !chat.glance.attended);
    end.hidden = !chat.going || site.view !== "chat";
    sure.hidden ||= end.hidden;
    shut.hidden = site.alone;
    back.hidden = !site.answers || !["chat", "article"].includes(site.view);
  }

  const element = el("header", {}, el("div", { className: "bar" }, back, el("div", { className: "about" }, title, status), end, shut), sure);
  return { element, update, title };
}
