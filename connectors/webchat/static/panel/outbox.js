/* What is written and not yet known to have arrived. Each message lies in the storage under a name of its own,
   so that two tabs never overwrite each other's; it goes out again and again under one id until it is answered. */

import { alone, uuid } from "./memory.js";
import { Patience } from "./wire.js";

const PREFIX = ":unsent:";

export class Outbox {
  #memory;
  #lock;
  #send;
  #changed;
  #owner;
  #sent = new Map();
  #busy = false;
  #count = 0;
  #patience = new Patience();

  /** `send(item)` raises until it is taken in, with `final` where it never will be; `owner()` is who writes. */
  constructor(memory, lock, send, changed, owner) {
    this.#memory = memory;
    this.#lock = lock;
    this.#send = send;
    this.#changed = changed;
    this.#owner = owner;
  }

  /** Drop what somebody wrote who was signed in and is no more; what was written before one signs in is theirs. */
  keep() {
    for (const { id, of } of this.#stored()) if (of && of !== this.#owner()) this.#memory.remove(PREFIX + id);
  }

  /** In no order; `state` is `sending`, `sent` or `refused`. */
  items() {
    const stored = this.#stored();
    const ids = new Set(stored.map((each) => each.id));
    const sent = [...this.#sent.values()].filter((each) => !ids.has(each.id)).map((each) => ({ ...each, state: "sent" }));
    return [...stored, ...sent];
  }

  /* In the order in which they were written. */
  #stored() {
    const found = [];
    for (const name of this.#memory.names()) {
      if (!name.startsWith(PREFIX)) continue;
      try {
        const item = JSON.parse(this.#memory.get(name));
        if (typeof item?.text === "string") found.push({ ...item, id: name.slice(PREFIX.length), state: item.refused ? "refused" : "sending" });
      } catch {
        this.#memory.remove(name);
      }
    }
    return found.sort((a, b) => a.at - b.at || a.n - b.n);
  }

  add(text) {
    const id = uuid();
    this.#memory.set(PREFIX + id, JSON.stringify({ text, at: Date.now(), n: ++this.#count, of: this.#owner() }));
    this.#changed();
    this.flush();
  }

  /** Take back what was refused; its text. */
  take(id) {
    const item = this.#stored().find((each) => each.id === id);
    this.#memory.remove(PREFIX + id);
    this.#changed();
    return item?.text ?? "";
  }

  /** It stands in the conversation. */
  arrived(id) {
    if (!id) return;
    this.#memory.remove(PREFIX + id);
    this.#sent.delete(id);
  }

  /** Send what waits, now. */
  async flush() {
    this.#patience.wake();
    if (this.#busy) return;
    this.#busy = true;
    for (let item; (item = this.#next()); ) {
      try {
        await alone(this.#lock, () => this.#deliver(item.id));
        this.#patience.reset();
      } catch (error) {
        if (error.final) this.#refuse(item);
        else await this.#patience.pause(error.wait);
      }
    }
    this.#busy = false;
  }

  #next() {
    return this.#stored().find((each) => each.state === "sending");
  }

  /** Unless another tab did meanwhile. */
  async #deliver(id) {
    const item = this.#stored().find((each) => each.id === id);
    if (!item) return;
    await this.#send(item);
    if (this.#memory.get(PREFIX + id) !== null) this.#sent.set(id, item);
    this.#memory.remove(PREFIX + id);
    this.#changed();
  }

  #refuse({ id, text, at, n, of }) {
    this.#memory.set(PREFIX + id, JSON.stringify({ text, at, n, of, refused: true }));
    this.#changed();
  }
}
