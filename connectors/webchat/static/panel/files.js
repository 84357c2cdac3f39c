/* Files: those on their way to us, and those that stand in the conversation. */

import { el, icon, put } from "./dom.js";
import { uuid } from "./memory.js";
import { Patience } from "./wire.js";

const SHOWN_AT_MOST = 8_000_000;

/** What is on its way, for as long as this page is open; one at a time, under one id until it is answered. */
export class Uploads {
  /** `state` is `sending` or `refused`, with `code`. */
  items = [];
  #send;
  #changed;
  #busy = false;
  #patience = new Patience();

  /** `send(item)` raises until it is taken in, with `final` and a `code` where it never will be. */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
  }

  /** `code`: why it is not even tried. */
  add(file, code = "") {
    this.items = [...this.items, { id: uuid(), at: Date.now(), n: 0, file, text: file.name, code, state: code ? "refused" : "sending" }];
    this.#changed();
    this.flush();
  }

  drop(id) {
    this.items = this.items.filter((each) => each.id !== id);
    this.#changed();
  }

  async flush() {
    this.#patience.wake();
    if (this.#busy) return;
    this.#busy = true;
    for (let item; (item = this.items.find((each) => each.state === "sending")); ) {
      try {
        await this.#send(item);
        this.#patience.reset();
        this.drop(item.id);
      } catch (error) {
        if (!error.final) await this.#patience.pause(error.wait);
        else Object.assign(item, { state: "refused", code: error.code }), this.#changed();
      }
    }
    this.#busy = false;
  }
}

/** How large a file is, as people write it there. */
function size(bytes, locale) {
  const [unit, value] = bytes < 100_000 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

/** Files of a line, to be saved; pictures are shown once they come into sight, and `grown` is called. */
export function carried({ files, seq }, grown, { chat, words, site }) {
  return files.map((file, number) => {
    const problem = el("span", { className: "problem", role: "alert" });
    const about = el("span", { className: "about" }, el("bdi", {}, file.name), el("span", { className: "size" }, size(file.size, site.language)));
    const button = el("button", { type: "button", className: "file", title: words.say("save-file"), on: { click: save } }, icon("M12 4v11M7 11l5 5 5-5M5 20h14"), about);
    let blob = null;

    async function get() {
      blob ??= await chat.file(seq, number);
      return URL.createObjectURL(blob);
    }

    async function save() {
      try {
        const href = await get();
        el("a", { href, download: file.name }).click();
        setTimeout(() => URL.revokeObjectURL(href), 60_000);
        put(problem, "");
      } catch {
        put(problem, words.say("failed"));
      }
    }

    async function show() {
      const src = await get();
      if (blob.type.startsWith("image/")) button.prepend(el("img", { src, alt: "", on: { load: () => (URL.revokeObjectURL(src), grown()) } }));
    }

    if (file.picture && file.size <= SHOWN_AT_MOST) {
      new IntersectionObserver((seen, watch) => {
        if (!seen.some((each) => each.isIntersecting)) return;
        watch.disconnect();
        show().catch(() => {});
      }).observe(button);
    }
    return el("div", {}, button, problem);
  });
}

/** The button that chooses files, and what is pasted into `text` or dropped on the panel. */
export function attaching({ chat, words, site }, text, dropped) {
  const { endings, mb } = site.files;
  const add = (files) => [...files].forEach((file) => chat.uploads.add(file, file.size > mb * 1e6 ? "file-large" : ""));
  const input = el("input", { type: "file", multiple: true, hidden: true, accept: endings.join(), on: { change: () => (add(input.files), (input.value = "")) } });
  const button = el("button", { type: "button", hidden: !endings.length, "aria-label": words.say("attach"), title: words.say("attach"), on: { click: () => input.click() } }, icon("M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 5 5l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.5L14 8"), input);
  const taken = (event, data) => {
    if (!endings.length || !data?.files.length) return;
    event.preventDefault();
    add(data.files);
  };
  text.addEventListener("paste", (event) => taken(event, event.clipboardData));
  dropped.addEventListener("dragover", (event) => endings.length && event.dataTransfer.types.includes("Files") && event.preventDefault());
  dropped.addEventListener("drop", (event) => site.view === "chat" && taken(event, event.dataTransfer));
  return button;
}
