/* Where visitors write. What stands there outlasts a reload of the page. */

import { PREVIEW } from "./chat.js";
import { el, icon, put } from "./dom.js";
import { memory } from "./memory.js";

const AT_MOST = 8_000;

export function composer(parts) {
  const { chat, words, site } = parts;
  const drafts = memory(`desk:${site.key}:`, "sessionStorage");
  const text = el("textarea", { rows: 1, dir: "auto", placeholder: words.say("write"), "aria-label": words.say("write"), "aria-describedby": "keys length", enterKeyHint: "send" });
  const length = el("p", { id: "length", className: "problem", role: "alert" });
  const send = el("button", { className: "strong", "aria-label": words.say("send"), title: words.say("send") }, icon("M4 12l16-8-6 16-3-6z"));
  const row = el("div", { className: "write" }, text, send);
  const element = el(
    "form",
    { className: "composer", on: { submit } },
    length,
    row,
    el("p", { id: "keys", className: "keys" }, words.say("keys"), PREVIEW ? ` · ${words.say("preview")}` : null),
  );

  let owner = null;

  /** What stood there, unless somebody else wrote it who has signed out since. */
  function recall() {
    owner = chat.owner;
    if (![null, "", owner].includes(drafts.get("of"))) drafts.remove("draft");
    text.value ||= drafts.get("draft") ?? "";
    drafts.set("of", owner);
    fit();
  }

  function over() {
    return Math.max(0, [...text.value.trim()].length - AT_MOST);
  }

  function written() {
    drafts.set("draft", text.value);
    chat.typing(text.value);
    fit();
  }

  function fit() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
    send.disabled = !text.value.trim();
    put(length, over() ? words.say("too-long", { n: over() }) : "");
  }

  function submit(event) {
    event.preventDefault();
    if (!text.value.trim() || over() || chat.asking) return;
    chat.say(text.value.trim());
    text.value = "";
    drafts.remove("draft");
    fit();
    text.focus();
  }

  /* A key that ends what an input method composes is not for us; Safari says so by its number alone. */
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    element.requestSubmit();
  });
  text.addEventListener("input", written);
  return {
    element,
    row,
    text,
    update() {
      if (owner !== chat.owner) recall();
      element.hidden = chat.over || Boolean(chat.asking && parts.asking);
    },
    shown: fit,
    focus: () => text.focus(),
    /** First words for somebody who has written none yet. */
    offer(value) {
      if (text.value.trim()) return;
      text.value = value;
      drafts.set("draft", value);
    },
    write(value) {
      text.value = text.value ? `${value}\n${text.value}` : value;
      written();
      text.focus();
    },
  };
}
