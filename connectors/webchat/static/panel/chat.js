/* One visitor's chat: what was said, what is on its way, how it stands. Knows nothing of what it looks like. */

import { alone, memory } from "./memory.js";
import { Outbox } from "./outbox.js";
import { Stream, file, post } from "./wire.js";

const TYPING_EVERY = 3_000;
const TYPING_STOPS = 4_000;
/** The site shows reps what is typed; the panel says so. */
export const PREVIEW = "preview" in document.documentElement.dataset;
const PREVIEW_EVERY = 1_000;
const PREVIEW_STOPS = 20_000;
const PREVIEW_AT_MOST = 500;
const MARKS_AFTER = 250;

const NOTHING = { state: "none", attended: true, ahead: 0, rep: "", typing: false, delivered: 0, read: 0, seen: 0, rating: null };

/** The name in a token of the shop's. It proves nothing here: it only keeps apart what people wrote in one browser. */
function named(token) {
  try {
    return String(JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub);
  } catch {
    return "";
  }
}

export class Chat {
  lines = [];
  glance = NOTHING;
  visitor = { name: "", email: "", told: {} };
  /** Files on their way, see `Uploads`. */
  uploads = null;
  /** What is asked before the first words: `{name, kind, required…}` each. */
  questions = [];
  /** Whom the page says that this is; "" for nobody, null before it said anything. */
  owner = null;
  /** null until the first try. */
  connected = null;
  /** It is before the visitor's eyes. */
  shown = false;
  /** Why the desk lets us wait, as a word for it; empty while it does not. */
  slowed = "";
  /** What was said before is known there no more. */
  anew = false;
  /** The questions are answered. */
  told = false;
  /** Counts the times that what was said before is no longer ours: another visitor now. */
  life = 0;

  #key;
  #language;
  #customer = null;
  #memory;
  #token;
  #changed;
  #outbox;
  #stream;
  #marked = { delivered: 0, read: 0 };
  #marking = 0;
  #typed = 0;
  #silence = 0;
  #telling = 0;
  #renewed = false;

  /** `changed` is called whenever there is something else to show. */
  constructor(key, language, changed) {
    this.#key = key;
    this.#language = language;
    this.#changed = changed;
    this.#memory = memory(`desk:${key}`);
    this.#token = this.#memory.get("");
    this.#outbox = new Outbox(this.#memory, `desk:${key}:send`, (item) => this.#ask("messages", { id: item.id, text: item.text }), changed, () => this.owner);
    this.#stream = new Stream(
      (signal) => this.#follow(signal),
      (name, data) => this.#hear(name, data),
      (connected) => this.#connect(connected),
    );
  }

  get unsent() {
    return [...this.#outbox.items(), ...(this.uploads?.items ?? [])].sort((a, b) => a.at - b.at || a.n - b.n);
  }

  /** Lines of ours that nobody has had before their eyes yet. */
  get unread() {
    const read = Math.max(this.glance.read, this.#marked.read);
    return this.lines.filter((each) => !each.mine && each.seq > read).length;
  }

  /** This browser was here before. */
  get returning() {
    return Boolean(this.#token) || this.unsent.length > 0;
  }

  /** Begun, and not ended. */
  get going() {
    return ["waiting", "active"].includes(this.glance.state);
  }

  /** There is something to come back to on the next page. */
  get following() {
    return this.unsent.length > 0 || this.going || this.unread > 0;
  }

  /** Ended, and not begun anew. */
  get over() {
    return this.glance.state === "ended" && !this.#renewed && !this.unsent.length;
  }

  /** The questions come first. */
  get asking() {
    if (!this.questions.length || this.told || this.going || this.over || this.connected === null) return false;
    const said = ({ kind, name }) => (kind === "name" || kind === "email" ? this.visitor[kind] : this.visitor.told[name]);
    const required = this.questions.filter((each) => each.required);
    return required.length ? !required.every(said) : !this.questions.some(said);
  }

  // --- life ---------------------------------------------------------------------------------------------

  /** Begin, or go on as another: whom the page vouches for, nobody if it is empty. False if somebody has signed out: then
      nothing of what stands here may be shown any more. */
  vouch(customer) {
    const [before, was] = [this.#customer, this.owner];
    this.#customer = customer;
    this.owner = named(customer);
    this.#outbox.keep();
    if (was && was !== this.owner) return false;
    if (before === null) this.#start();
    else if (before !== customer) this.#visit().catch(() => {});
    this.#changed();
    return true;
  }

  #start() {
    this.#stream.start();
    window.addEventListener("online", () => this.wake(true));
    window.addEventListener("offline", () => this.#stream.hurry(true));
    window.addEventListener("storage", (event) => this.#elsewhere(event));
    window.addEventListener("pagehide", () => this.#stream.stop());
    window.addEventListener("pageshow", (event) => event.persisted && this.#stream.start());
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /** Whatever waits goes on now. */
  wake(dead = false) {
    this.#stream.hurry(dead);
    this.#outbox.flush();
    this.uploads?.flush();
  }

  show(shown) {
    this.shown = shown;
    if (shown) this.#stream.hurry();
    this.#mark();
    this.#changed();
  }

  /** One tab that nobody looks at may go on listening, not each: browsers hold few connections to one address. */
  #seen() {
    if (!document.hidden) {
      this.#stream.start();
      this.wake();
      this.#mark();
    } else if (navigator.locks) {
      const visible = () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
      const listen = (lock) => (lock ? visible() : document.hidden && this.#stream.stop());
      navigator.locks.request(`desk:${this.#key}:listen`, { ifAvailable: true }, listen).catch(() => {});
    }
  }

  /** Another tab became a visitor, or wrote something. */
  #elsewhere(event) {
    if (event.key === `desk:${this.#key}` && event.newValue && event.newValue !== this.#token) {
      this.#token = event.newValue;
      this.#forget();
      this.#stream.hurry(true);
    } else if (event.key?.startsWith(`desk:${this.#key}:`)) {
      this.#outbox.flush();
      this.#changed();
    }
  }

  #forget() {
    this.anew = this.lines.length > 0;
    this.told = false;
    this.lines = [];
    this.life += 1;
    this.glance = NOTHING;
    this.#marked = { delivered: 0, read: 0 };
  }

  // --- asking -------------------------------------------------------------------------------------------

  async #ask(path, body, options = {}) {
    if (!this.#token) await this.#visit();
    const ask = () => post(`/${this.#key}/${path}`, body, { token: this.#token, ...options });
    try {
      return await ask();
    } catch (error) {
      if (error.status === 429) this.#slow(error);
      if (error.status !== 401) throw error;
      await this.#visit(this.#token);
      return ask();
    }
  }

  #slow({ code, wait }) {
    this.slowed = code;
    setTimeout(() => ((this.slowed = ""), this.#changed()), 1000 * wait + 1000);
    this.#changed();
  }

  /** Become known, in one tab for all; `stale` is a secret that is known no more. */
  #visit(stale = null) {
    return alone(`desk:${this.#key}:visit`, async () => {
      this.#token = this.#memory.get("");
      if (this.#token === stale) this.#token = null;
      const response = await post(`/${this.#key}/visit`, { language: this.#language, customer: this.#customer }, { token: this.#token });
      const { token, visitor, lines, glance } = await response.json();
      if (token) {
        this.#forget();
        this.#token = token;
        this.#memory.set("", token);
        if (this.connected) this.#stream.hurry(true);
      }
      this.visitor = visitor;
      this.#glance(glance);
      lines.forEach((line) => this.#line(line));
      this.#changed();
    });
  }

  // --- hearing ------------------------------------------------------------------------------------------

  /** A first visit brings what was said so far at once; after a break the stream does. */
  async #follow(signal) {
    if (!this.lines.length) await this.#visit();
    return this.#ask("events", {}, { signal, headers: { "Last-Event-ID": String(this.#last) } });
  }

  get #last() {
    return this.lines.at(-1)?.seq ?? 0;
  }

  #connect(connected) {
    if (connected) this.#outbox.flush(), this.uploads?.flush();
    if (this.connected !== connected) {
      this.connected = connected;
      this.#changed();
    }
  }

  #hear(name, data) {
    if (name === "line") this.#line(data);
    else if (name === "glance") this.#glance(data);
    this.#changed();
  }

  #line(line) {
    if (line.seq <= this.#last) return;
    this.lines.push(line);
    if (line.mine) this.#outbox.arrived(line.id);
    else this.#mark();
  }

  #glance(glance) {
    if (glance.state !== "ended") this.#renewed = false;
    this.glance = glance;
    this.#marked.delivered = Math.max(this.#marked.delivered, glance.delivered);
    this.#marked.read = Math.max(this.#marked.read, glance.read);
  }

  /** Tell up to where our lines are here, and were seen; a moment later, for all that come at once. */
  #mark() {
    clearTimeout(this.#marking);
    this.#marking = setTimeout(() => {
      const ours = this.lines.filter((each) => !each.mine).at(-1)?.seq ?? 0;
      const read = this.shown && !document.hidden ? ours : this.#marked.read;
      if (ours <= this.#marked.delivered && read <= this.#marked.read) return;
      const before = this.#marked;
      this.#marked = { delivered: Math.max(ours, before.delivered), read: Math.max(read, before.read) };
      this.#changed();
      this.#ask("marks", this.#marked).catch(() => (this.#marked = before));
    }, MARKS_AFTER);
  }

  // --- saying -------------------------------------------------------------------------------------------

  say(text) {
    this.#silent();
    this.#outbox.add(text);
  }

  /** Take back what was refused, to write it otherwise. */
  take(id) {
    return this.#outbox.take(id);
  }

  /** Send a file. Raises Refusal. */
  upload({ id, file }) {
    return this.#ask(`files?${new URLSearchParams({ id, name: file.name })}`, file);
  }

  /** A file of a line, as a Blob. */
  file(seq, number) {
    return file(`/${this.#key}/files/${seq}/${number}`, this.#token);
  }

  /** The visitor is writing: told now and then, and taken back when they stop. Where the panel says that it is seen,
      so is what they write, and stays for as long as they think. */
  typing(text) {
    clearTimeout(this.#silence);
    clearTimeout(this.#telling);
    if (!text.trim()) return this.#silent();
    const wait = this.#typed + (PREVIEW ? PREVIEW_EVERY : TYPING_EVERY) - Date.now();
    if (wait <= 0) this.#tell(text);
    else if (PREVIEW) this.#telling = setTimeout(() => this.#tell(text), wait);
    this.#silence = setTimeout(() => this.#silent(), PREVIEW ? PREVIEW_STOPS : TYPING_STOPS);
  }

  #tell(text) {
    this.#typed = Date.now();
    this.#ask("typing", PREVIEW ? { typing: true, text: text.slice(-PREVIEW_AT_MOST) } : { typing: true }).catch(() => {});
  }

  #silent() {
    clearTimeout(this.#silence);
    clearTimeout(this.#telling);
    if (this.#typed) this.#ask("typing", { typing: false }).catch(() => {});
    this.#typed = 0;
  }

  /** Ask the desk for something else, as this visitor; the response. Raises Refusal. */
  ask(path, body) {
    return this.#ask(path, body);
  }

  /** What is said next begins another chat. */
  renew() {
    this.#renewed = true;
    this.#changed();
  }
}
