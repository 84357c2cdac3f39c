/* Beside a shop's page, unseen, once the visitor agrees: tells the desk of the page, and the page of invitations.
   In the help centre it tells of its pages, of those who were seen in the shop before, and asks nothing. */

(() => {
  "use strict";
  const { key, origins } = document.documentElement.dataset;
  const name = `desk:${key}`;
  let origin = "";
  let token = "";
  let now = null;
  let lasted = 0;
  let since = 0;
  let moved = 0;
  let timer = 0;
  let order = Promise.resolve();
  let line = null;

  const known = () => {
    try {
      return localStorage.getItem(name) ?? token;
    } catch {
      return token;
    }
  };

  function know(fresh) {
    hangUp();
    token = fresh;
    try {
      localStorage.setItem(name, fresh);
    } catch {
      /* known on this page alone */
    }
  }

  /* What the shop's pages said last, for the help centre, which has no page around it to ask. */
  function agreed(word) {
    try {
      if (word) localStorage.setItem(`${name}:agreed`, word);
      return localStorage.getItem(`${name}:agreed`) === "yes";
    } catch {
      return false;
    }
  }

  const tell = (message) => origin && window.parent.postMessage(message, origin);
  const ask = (path, body, more = {}) =>
    fetch(`/${key}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${known()}` },
      body: JSON.stringify(body),
      credentials: "omit",
      ...more,
    });

  /* The page, and for how long it was before somebody's eyes. */
  function seen() {
    const at = performance.now();
    if (since) lasted += at - since;
    since = document.hidden ? 0 : at;
    return { ...now, lasted, idle: at - moved };
  }

  async function say() {
    const response = await ask("sight", seen());
    if (!response.ok) return Number(response.headers.get("Retry-After")) || 30;
    const told = await response.json();
    if (told.token) know(told.token);
    if (told.invitation) tell({ desk: "invite", ...told.invitation });
    listen();
    return told.again;
  }

  /* So that who is invited by hand sees it at once: one page of the browser holds a line to the desk, while somebody looks
     at it. Without one, the answers to `sight` tell of it. */
  async function listen() {
    if (line || document.hidden || window.parent === window || !navigator.locks) return;
    line = new AbortController();
    const { signal } = line;
    const hear = async () => {
      const response = await ask(`invited?${new URLSearchParams({ language: now.language })}`, {}, { signal });
      const reader = response.ok && response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; reader; ) {
        const { done, value } = await reader.read();
        if (done) return;
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        for (const each of events) if (each.startsWith("data: ")) tell({ desk: "invite", ...JSON.parse(each.slice(6)) });
      }
    };
    await navigator.locks.request(`${name}:line`, { signal }, hear).catch(() => {});
    if (line?.signal === signal) line = null;
  }

  function hangUp() {
    line?.abort();
    line = null;
  }

  /* One after the other; who is not known yet becomes so in one tab for all; of a page that nobody looks at nothing is told. */
  function look() {
    clearTimeout(timer);
    if (!now) return;
    order = order
      .then(() => (navigator.locks ? navigator.locks.request(`${name}:visit`, say) : say()))
      .catch(() => 15)
      .then((again) => {
        clearTimeout(timer);
        if (!document.hidden) timer = setTimeout(look, 1000 * again);
      });
  }

  /* At once, and after us: nothing waits for a page that is going. */
  function leave() {
    if (now && known()) ask("sight", { ...seen(), gone: true }, { keepalive: true }).catch(() => {});
  }

  const heard = {
    hello: () => tell({ desk: "ready" }),
    page({ page }) {
      agreed("yes");
      leave();
      now = { ...page, language: navigator.language };
      lasted = since = 0;
      moved = performance.now();
      look();
    },
    moved: () => (moved = performance.now()),
    more({ page }) {
      Object.assign(now, page);
      look();
    },
    invitation: ({ id, did }) => ask("invitation", { id, did }).then((response) => response.ok && tell({ desk: did }), () => {}),
    forget() {
      agreed("no");
      now = null;
      hangUp();
      if (known()) ask("forget", {}).catch(() => {});
    },
  };

  window.addEventListener("message", (event) => {
    const { data } = event;
    if (window.parent === window || event.source !== window.parent || !origins.split(" ").includes(event.origin)) return;
    origin = event.origin;
    if (data && Object.hasOwn(heard, data.desk)) heard[data.desk](data);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hangUp();
    look();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => event.persisted && look());
  if (window.parent === window && agreed()) {
    const { origin, pathname } = location;
    heard.page({ page: { key: String(performance.timeOrigin), url: origin + pathname, title: document.title, ours: true } });
  }
})();
