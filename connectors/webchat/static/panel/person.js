/* Where to answer when nobody is here. */

import { el, put } from "./dom.js";

export function person({ chat, words, update: changed }) {
  const name = el("input", { id: "name", name: "name", autocomplete: "name", maxLength: 120, dir: "auto" });
  const email = el("input", { id: "email", name: "email", type: "email", required: true, autocomplete: "email", maxLength: 254, "aria-describedby": "email-problem" });
  const problem = el("p", { id: "email-problem", className: "problem", role: "alert" });
  const form = el(
    "form",
    { noValidate: true, on: { submit } },
    el("p", {}, words.say("leave")),
    el("label", { for: "name" }, words.say("name")),
    name,
    el("label", { for: "email" }, words.say("email")),
    email,
    problem,
    el("button", { className: "strong" }, words.say("save")),
  );
  const known = el("p", { className: "known", role: "status", dir: "auto" });
  const change = el("button", { type: "button", className: "link", on: { click: again } }, words.say("change"));
  const thanks = el("div", { className: "thanks" }, known, change);
  const element = el("section", { className: "person", hidden: true }, form, thanks);
  let changing = false;

  function again() {
    changing = true;
    name.value = chat.visitor.name;
    email.value = chat.visitor.email;
    update();
    email.focus();
  }

  function wrong(key) {
    put(problem, key ? words.say(key) : "");
    email.setAttribute("aria-invalid", String(key === "bad-address"));
    if (key) email.focus();
  }

  async function submit(event) {
    event.preventDefault();
    if (!email.value.trim() || !email.checkValidity()) return wrong("bad-address");
    try {
      chat.visitor = await (await chat.ask("me", { name: name.value, email: email.value.trim() })).json();
    } catch (error) {
      return wrong(error.code === "bad-address" ? "bad-address" : "failed");
    }
    wrong("");
    changing = false;
    changed();
    change.focus();
  }

  function update() {
    const { state, attended } = chat.glance;
    element.hidden = attended || state === "ended" || !chat.connected || chat.asking;
    form.hidden = Boolean(chat.visitor.email) && !changing;
    thanks.hidden = !form.hidden;
    put(known, form.hidden ? words.say("answer-to", { email: chat.visitor.email }) : "");
  }

  return { element, update };
}
