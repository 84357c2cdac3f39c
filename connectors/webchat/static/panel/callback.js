/* The way to be called: a button where that is offered, and the form, which comes when it is wanted. */

import { el, put } from "./dom.js";

export function callback({ chat, words, site, go, callable }) {
  const { version } = document.documentElement.dataset;
  const button = el("button", { type: "button", className: "wide", on: { click: ask } }, words.say("call-me"));
  const problem = el("p", { className: "problem", role: "alert" });
  const place = el("div");
  const element = el("section", { className: "callback", hidden: true }, button, problem, place);
  let form = null;
  let from = "";
  let came = null;

  const told = async (path, body) => (await chat.ask(path, body)).json();

  /** Show the form; `button` is where they came from, `reason` what they want to talk about. Raises what `chat.ask` does. */
  async function open(button, reason = "") {
    const [part, offered] = await Promise.all([import(`/static/callback.js?${version}`), told("callback-form", { language: words.tag })]);
    form = part.form({ el, put, offered, site, back, reason, ask: (wish) => told("callback", { ...wish, language: words.tag }) });
    place.replaceChildren(form.element);
    [from, came] = [site.view, button];
    go("callback");
    form.focus();
  }

  async function ask() {
    button.disabled = true;
    try {
      await open(button);
      put(problem, "");
    } catch {
      put(problem, words.say("failed"));
    }
    button.disabled = false;
  }

  function back() {
    form = null;
    place.replaceChildren();
    go(from, false);
    (came.checkVisibility() ? came : document.body).focus();
  }

  function update() {
    button.hidden = Boolean(form);
    element.hidden = !form && !(callable() && !chat.over);
  }

  return { element, open, update, shown: update };
}
