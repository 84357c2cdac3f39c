/* The way to be called: a button where that is offered, and the form, which comes when it is wanted. */

import { el, put } from "./dom.js";

export function callback({ chat, words, site, go }) {
  const { callbacks: wanted, version } = document.documentElement.dataset;
  const button = el("button", { type: "button", className: "wide", on: { click: open } }, words.say("call-me"));
  const problem = el("p", { className: "problem", role: "alert" });
  const place = el("div");
  const element = el("section", { className: "callback", hidden: true }, button, problem, place);
  let form = null;

  const ask = async (path, body) => (await chat.ask(path, body)).json();

  async function open() {
    button.disabled = true;
    try {
      const [part, offered] = await Promise.all([import(`/static/callback.js?${version}`), ask("callback-form", { language: words.tag })]);
      form = part.form({ el, put, offered, site, back, ask: (wish) => ask("callback", wish) });
      place.replaceChildren(form.element);
      put(problem, "");
      go("callback");
      form.focus();
    } catch {
      put(problem, words.say("failed"));
    }
    button.disabled = false;
  }

  function back() {
    form = null;
    place.replaceChildren();
    go("chat", false);
    (element.hidden ? document.body : button).focus();
  }

  function update() {
    const offered = wanted === "always" || (wanted === "away" && !chat.glance.attended);
    button.hidden = Boolean(form);
    element.hidden = !form && !(offered && chat.connected && !chat.over);
  }

  return { element, update, shown: update };
}
