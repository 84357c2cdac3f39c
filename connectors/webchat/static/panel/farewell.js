/* After the end: what the visitor thinks of it, and the way to begin anew. */

import { el, icon, put } from "./dom.js";

const MAILS = "mail" in document.documentElement.dataset;
const STAR = "M12 3l2.8 5.8 6.2.9-4.5 4.4 1.1 6.3-5.6-3-5.6 3 1.1-6.3L3 9.7l6.2-.9z";

export function farewell({ chat, words, write, update: changed }) {
  const names = words.find("ratings");
  const chosen = el("p", { className: "chosen", "aria-hidden": "true" });
  const stars = names.map((name, i) => star(name, i + 1));
  const comment = el("textarea", { id: "comment", rows: 2, maxLength: 2_000, dir: "auto" });
  const problem = el("p", { className: "problem", role: "alert" });
  const send = el("button", { className: "strong" }, words.say("rate-send"));
  const more = el("div", { hidden: true }, el("label", { for: "comment" }, words.say("comment")), comment, problem, send);
  const form = el("form", { on: { submit } }, el("fieldset", {}, el("legend", {}, words.say("rate")), el("div", { className: "stars" }, ...stars)), chosen, more);
  const thanks = el("p", { className: "thanks", role: "status" });
  const email = el("input", { id: "copy-to", type: "email", autocomplete: "email", maxLength: 254, dir: "ltr" });
  const told = el("p", { className: "problem", role: "status" });
  const copy = el(
    "form",
    { className: "copy", noValidate: true, hidden: !MAILS, on: { submit: copied } },
    el("label", { for: "copy-to" }, words.say("copy")),
    email,
    told,
    el("button", {}, words.say("send")),
  );
  const anew = el("button", { type: "button", className: "wide", on: { click: again } }, words.say("new"));
  const element = el("section", { className: "farewell", hidden: true }, form, thanks, copy, anew);
  let rating = 0;

  function star(name, value) {
    const input = el("input", { type: "radio", name: "rating", value, className: "unseen", "aria-label": name, on: { change: () => choose(value) } });
    return el("label", { title: name }, input, icon(STAR));
  }

  function choose(value) {
    rating = value;
    stars.forEach((each, i) => each.classList.toggle("lit", i < value));
    put(chosen, names[value - 1] ?? "");
    more.hidden = !value;
    element.scrollIntoView({ block: "end" });
  }

  async function submit(event) {
    event.preventDefault();
    if (!rating) return;
    try {
      await chat.ask("rating", { rating, comment: comment.value });
      chat.glance = { ...chat.glance, rating };
      changed();
    } catch {
      return put(problem, words.say("failed"));
    }
    anew.focus();
  }

  async function copied(event) {
    event.preventDefault();
    const to = email.value.trim();
    try {
      await chat.ask("transcript", { email: to, zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", language: words.tag });
      chat.visitor = { ...chat.visitor, email: to };
      put(told, words.say("copy-sent"));
    } catch (error) {
      put(told, words.say({ "bad-address": error.code, "sent-before": "copy-sent" }[error.code] ?? "failed"));
    }
  }

  function again() {
    form.reset();
    choose(0);
    chat.renew();
    write();
  }

  function update() {
    if (element.hidden) email.value ||= chat.visitor.email;
    const rated = chat.glance.rating !== null;
    element.hidden = !chat.over;
    form.hidden = rated;
    put(problem, "");
    put(thanks, rated && chat.over ? words.say("thanks") : "");
  }

  return { element, update };
}
