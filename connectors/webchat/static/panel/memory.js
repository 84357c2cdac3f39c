/* What outlasts a reload, in the browser's storage; or in this page alone where that is denied or full. */

/** Values by name, all under `prefix`. `area`: `localStorage`, which all tabs share, or `sessionStorage`. */
export function memory(prefix, area = "localStorage") {
  const own = new Map();
  let storage = null;
  try {
    storage = window[area];
  } catch {
    /* denied */
  }
  const attempt = (act) => {
    try {
      return storage && act();
    } catch {
      return null;
    }
  };
  return {
    get: (name) => own.get(name) ?? attempt(() => storage.getItem(prefix + name)),
    set(name, value) {
      own.set(name, value);
      if (attempt(() => (storage.setItem(prefix + name, value), true))) own.delete(name);
    },
    remove(name) {
      own.delete(name);
      attempt(() => storage.removeItem(prefix + name));
    },
    names() {
      const stored = attempt(() => Object.keys(storage)) ?? [];
      return [...new Set([...own.keys(), ...stored.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length))])];
    },
  };
}

/** Do something while no other tab does it, where the browser can tell. */
export async function alone(name, act) {
  let begun = false;
  const once = () => ((begun = true), act());
  try {
    if (navigator.locks) return await navigator.locks.request(name, once);
  } catch (error) {
    if (begun) throw error;
  }
  return once();
}

/** 128 random bits as a UUID (RFC 9562, version 4); `crypto.randomUUID` is not there on pages without TLS. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((each, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + each.toString(16).padStart(2, "0")).join("");
}
