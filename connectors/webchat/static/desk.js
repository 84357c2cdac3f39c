/* The one line on a page: a bubble, and behind it the panel, which lives on the desk's own origin. */
(() => {
  "use strict";

  const SITE = {}; // the desk fills it in: colour, ink, trail, and labels by language
  const seeing = null; // and this, where the site wants to know of its visitors: seen.js

  const script = document.currentScript || document.querySelector('script[data-site][src*="/desk.js"]');
  const once = Symbol.for("desk");
  if (!script || !script.dataset.site || document[once]) return;
  document[once] = true;

  const origin = new URL(script.src).origin;
  const key = script.dataset.site;
  const small = matchMedia("(max-width: 479px)");

  const STYLE = ""; // and the rules of style: desk.css

  /* Of the open and the closed one; strokes of a 24 by 24 drawing. */
  const ICONS = ["M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12.5h5", "M6 9l6 6 6-6"];

  const labels = (() => {
    const known = SITE.labels || {};
    for (const each of navigator.languages || []) {
      for (const tag of [each, each.split("-")[0]]) if (known[tag]) return { tag, ...known[tag] };
    }
    return { tag: "en", open: "Chat", close: "Close", ...known.en };
  })();

  const memory = (area, name) => ({
    get() {
      try {
        return window[area].getItem(name);
      } catch {
        return null;
      }
    },
    set(value) {
      try {
        window[area].setItem(name, value);
      } catch {
        /* forgotten with the page */
      }
    },
  });
  const tab = memory("sessionStorage", `desk:${key}`);

  const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);

  const host = make("desk-chat", { lang: labels.tag });
  host.style.setProperty("display", "contents", "important");
  host.style.setProperty("--colour", SITE.colour || "#2f5d8a");
  host.style.setProperty("--ink", SITE.ink || "#ffffff");
  const root = host.attachShadow({ mode: "open" });
  const dress = (rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  };
  dress(STYLE);

  const drawn = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const icon = drawn("svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const strokes = icon.appendChild(drawn("path"));

  const bubble = make("button", { type: "button", className: "bubble" });
  const badge = make("span", { className: "badge", hidden: true });
  badge.setAttribute("aria-hidden", "true");
  bubble.append(icon, badge);
  root.append(bubble);

  let box = null;
  let frame = null;
  let shown = false;
  let ready = false;
  let following = false;
  let filling = false;
  let unread = 0;
  let said = "";
  let customer = script.dataset.customer || "";
  const seen = seeing && seeing({ site: SITE, script, key, origin, root, labels, make, memory, dress, open, shown: () => shown, customer: () => customer });

  function show() {
    const label = shown ? labels.close : labels.open;
    bubble.setAttribute("aria-expanded", String(shown));
    bubble.classList.toggle("left", ready && shown);
    bubble.setAttribute("aria-label", unread && !shown ? `${label}, ${said}` : label);
    bubble.title = label;
    strokes.setAttribute("d", ICONS[Number(shown)]);
    badge.hidden = shown || !unread;
    badge.textContent = unread > 9 ? "9+" : String(unread);
    if (box) box.hidden = !shown;
    fit();
  }

  function tell(message) {
    if (ready) frame.contentWindow.postMessage(message, origin);
  }

  /* The panel does not know yet on whose page it is; one that did not load is another origin, and hears nothing. */
  function greet() {
    frame.contentWindow.postMessage({ desk: "hello", customer }, origin);
  }

  function load() {
    if (frame) return;
    box = make("div", { className: "box", hidden: true });
    frame = make("iframe", { title: labels.open, referrerPolicy: "origin", src: `${origin}/${encodeURIComponent(key)}/panel` });
    frame.addEventListener("load", greet);
    box.append(frame);
    root.append(box);
    fit();
  }

  /* What the panel is told of the page: where it is, without what else its address may say. */
  function opening(focus) {
    return { desk: "open", focus, page: location.origin + location.pathname };
  }

  function drop() {
    box?.remove();
    frame = box = null;
    ready = false;
  }

  function open(focus = true) {
    if (shown) return;
    if (!ready) drop();
    load();
    shown = true;
    box.dataset.focus = focus ? "yes" : "";
    tab.set("open");
    show();
    if (focus) frame.focus();
    tell(opening(focus));
  }

  function close() {
    if (!shown) return;
    shown = false;
    tab.set(following ? "following" : "");
    show();
    tell({ desk: "close" });
    bubble.focus();
  }

  /* Where it fills the screen, it stands above a keyboard on it, not behind it, and nobody gets to the page by tab. */
  function fit() {
    const full = shown && ready && small.matches;
    if (full !== filling) document.body.inert = filling = full;
    const view = window.visualViewport;
    if (!box || !view) return;
    box.style.height = small.matches ? `${view.height}px` : "";
    box.style.top = small.matches ? `${view.offsetTop}px` : "";
  }

  const heard = {
    ready: () => {
      ready = true;
      const focus = box.dataset.focus === "yes";
      show();
      if (shown && focus) frame.focus();
      tell(shown ? opening(focus) : { desk: "close" });
    },
    close,
    anew() {
      drop();
      if (shown) (shown = false), open(false);
    },
    state: (message) => {
      unread = Math.max(0, Math.trunc(Number(message.unread)) || 0);
      following = message.following === true;
      said = String(message.said);
      if (!shown) tab.set(following ? "following" : "");
      show();
    },
  };

  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const name = event.data && event.data.desk;
    if (Object.hasOwn(heard, name)) heard[name](event.data);
  });
  window.visualViewport?.addEventListener("resize", fit);
  small.addEventListener("change", fit);
  bubble.addEventListener("click", () => (shown ? close() : open()));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) close();
  });

  function begin() {
    show();
    document.documentElement.append(host);
    seen?.start();
    const was = tab.get();
    if (was === "open") open(false);
    else if (was === "following") load();
  }

  /* For pages whose customer signs in or out without loading anew. */
  function known(token) {
    customer = String(token || "");
    if (ready) greet();
    seen?.known();
  }

  const api = { open: () => open(), close: () => close(), customer: known, consent() {}, cart() {}, ...seen?.page };
  if (!Object.hasOwn(window, "desk")) window.desk = Object.freeze(api);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
  document.dispatchEvent(new Event("desk"));
})();
