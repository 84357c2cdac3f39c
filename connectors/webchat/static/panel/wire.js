/* The desk over HTTP: single requests, and one stream that begins again by itself. */

const REQUEST_SECONDS = 20;
const FILE_SECONDS = 150;
const SILENCE_SECONDS = 40;

/** The desk said no; `wait` is how many seconds it asks for before another try. */
export class Refusal extends Error {
  constructor(status, { code = "failed", message = "", field = "" } = {}, wait = 0) {
    super(message || code);
    this.field = field;
    this.status = status;
    this.code = code;
    this.wait = wait;
  }

  /** Another try would not help. */
  get final() {
    return this.status < 500 && ![401, 408, 425, 429].includes(this.status);
  }
}

/** POST JSON, or a file as it is; the response once its head is here. Raises Refusal, or what fetch raises without a connection. */
export async function post(path, body, { token, headers = {}, signal } = {}) {
  const known = token ? { Authorization: `Bearer ${token}` } : {};
  const file = body instanceof Blob;
  return answered(path, {
    method: "POST",
    headers: { "Content-Type": file ? "application/octet-stream" : "application/json", ...known, ...headers },
    body: file ? body : JSON.stringify(body),
    signal: signal ?? AbortSignal.timeout((file ? FILE_SECONDS : REQUEST_SECONDS) * 1000),
  });
}

/** GET a file. Raises as `post` does. */
export async function file(path, token) {
  const signal = AbortSignal.timeout(FILE_SECONDS * 1000);
  return (await answered(path, { headers: { Authorization: `Bearer ${token}` }, signal })).blob();
}

async function answered(path, request) {
  const response = await fetch(path, { credentials: "omit", cache: "no-store", ...request });
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  throw new Refusal(response.status, told, Number(response.headers.get("Retry-After")) || 0);
}

/** Pauses that grow from 0.5 to 15 seconds, with jitter, and end early when somebody wakes them. */
export class Patience {
  #tries = 0;
  #end = () => {};

  reset() {
    this.#tries = 0;
  }

  wake() {
    this.#tries = 0;
    this.#end();
  }

  async pause(seconds = 0) {
    const grown = Math.min(15, 0.5 * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000 * Math.max(seconds, grown));
      this.#end = () => (clearTimeout(timer), resolve());
    });
  }
}

/** Events for as long as it is wanted (`text/event-stream` of the HTML standard, read from a POST). */
export class Stream {
  #open;
  #heard;
  #state;
  #wanted = false;
  #running = false;
  #at = 0;
  #abort = null;
  #patience = new Patience();

  /** `open(signal)` asks for it; `heard(name, data)` gets each event; `state(connected)` whether there is one. */
  constructor(open, heard, state) {
    this.#open = open;
    this.#heard = heard;
    this.#state = state;
  }

  start() {
    this.#wanted = true;
    if (!this.#running) this.#run();
    this.#patience.wake();
  }

  stop() {
    this.#wanted = false;
    this.#abort?.abort();
    this.#patience.wake();
  }

  /** Now, not at the end of a pause; one that was silent for long, or is said to be dead, begins anew. */
  hurry(dead = false) {
    if (dead || Date.now() - this.#at > SILENCE_SECONDS * 500) this.#abort?.abort();
    this.#patience.wake();
  }

  async #run() {
    this.#running = true;
    while (this.#wanted) {
      let wait = 0;
      this.#abort = new AbortController();
      const watch = this.#watching(this.#abort);
      try {
        const response = await this.#open(this.#abort.signal);
        watch.heard();
        this.#patience.reset();
        this.#state(true);
        await this.#read(response.body.getReader(), watch);
      } catch (error) {
        wait = error.wait ?? 0;
      }
      watch.end();
      this.#abort = null;
      this.#state(false);
      if (this.#wanted) await this.#patience.pause(wait);
    }
    this.#running = false;
  }

  #watching(abort) {
    let timer = 0;
    const heard = () => {
      this.#at = Date.now();
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), SILENCE_SECONDS * 1000);
    };
    heard();
    return { heard, end: () => clearTimeout(timer) };
  }

  async #read(reader, watch) {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watch.heard();
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) this.#event(block);
    }
  }

  #event(block) {
    let name = "message";
    const data = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) name = line.slice(7);
      else if (line.startsWith("data: ")) data.push(line.slice(6));
    }
    if (data.length) this.#heard(name, JSON.parse(data.join("\n")));
  }
}
