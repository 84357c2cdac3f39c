/* What the desk may know of the page, once the visitor agrees, and the card that asks them something. */

function seeing({ site, script, key, origin, root, labels, make, memory, dress, open, shown, customer }) {
  const STYLE = ""; // the desk fills it in
  const ASK_AFTER = 2_000;
  const MOVED_EVERY = 5_000;
  const SETTLES_IN = 100;
  const { dataset } = script;
  const answered = memory("localStorage", `desk:${key}:seen`);
  const refused = navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true;
  const said = (word) => ({ yes: true, no: false })[word];
  let agreed = refused ? false : (said(dataset.consent) ?? said(answered.get()));
  let [cart, currency = ""] = (dataset.cart || "").trim().split(/\s+/);
  let frame = null;
  let ready = false;
  let card = null;
  let path = "";
  let title = "";
  let moved = 0;

  dress(STYLE);

  const tell = (message) => ready && frame.contentWindow.postMessage(message, origin);
  const basket = () => (Number.isFinite(parseFloat(cart)) ? { cart: parseFloat(cart), currency } : {});

  function page() {
    [path, title] = [location.pathname, document.title];
    const referrer = document.referrer.split(/[?#]/)[0];
    const name = crypto.getRandomValues(new Uint32Array(4)).join("");
    const from = referrer.startsWith(`${location.origin}/`) ? "" : referrer;
    tell({ desk: "page", page: { key: name, url: location.origin + path, title, referrer: from, customer: customer(), ...basket() } });
  }

  /* Pages that change without being loaded anew are pages, too; some have their title a moment later. */
  function look() {
    if (ready && path !== location.pathname) return page();
    if (ready && title !== document.title) tell({ desk: "more", page: { title: (title = document.title) } });
    if (Date.now() - moved < MOVED_EVERY) return;
    moved = Date.now();
    tell({ desk: "moved" });
  }

  function begin() {
    const may = agreed ?? site.trail === "on";
    if (may && !frame) {
      frame = make("iframe", { hidden: true, referrerPolicy: "origin", src: `${origin}/${encodeURIComponent(key)}/trail` });
      frame.onload = () => frame.contentWindow.postMessage({ desk: "hello" }, origin);
      root.append(frame);
    } else if (frame && !may) {
      tell({ desk: "forget" });
      ready = false;
    }
  }

  /* A question that takes nobody's focus; Escape in it says no. */
  function ask(text, yes, no, done) {
    const answer = (word) => (card.remove(), (card = null), done(word));
    const button = (textContent, className, word) => make("button", { type: "button", textContent, className, onclick: () => answer(word) });
    const told = make("p", { id: "told", dir: "auto", role: "status" });
    card = make("section", { className: "card", role: "dialog" });
    card.setAttribute("aria-labelledby", "told");
    card.append(told, button(yes, "strong", true), button(no, "", false));
    card.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), answer(false)));
    root.prepend(card);
    told.textContent = text;
  }

  const heard = {
    ready() {
      if (!ready) (ready = true), page();
    },
    invite({ id, text, yes, no }) {
      const say = (did) => tell({ desk: "invitation", id, did });
      if (shown() || card) return;
      ask(text, yes, no, (word) => say(word ? "accepted" : "refused"));
      say("shown");
    },
    accepted: () => open(),
  };

  window.addEventListener("message", ({ source, origin: from, data }) => {
    if (frame && source === frame.contentWindow && from === origin && data && Object.hasOwn(heard, data.desk)) heard[data.desk](data);
  });
  for (const name of ["pointermove", "pointerdown", "keydown", "scroll", "popstate"]) window.addEventListener(name, look, { passive: true });
  window.navigation?.addEventListener("currententrychange", () => setTimeout(look, SETTLES_IN));
  window.addEventListener("pageshow", (event) => event.persisted && ready && page());

  function consent(yes) {
    if (!refused) agreed = yes === true;
    if (agreed && frame && !ready) frame.onload();
    begin();
  }

  function start() {
    begin();
    if (site.trail !== "ask" || dataset.consent === "shop") return;
    setTimeout(() => {
      if (agreed !== undefined || shown()) return;
      ask(...labels.seen, (word) => {
        answered.set(word ? "yes" : "no");
        consent(word);
      });
    }, ASK_AFTER);
  }

  return {
    start,
    known: () => ready && page(),
    page: {
      consent,
      cart(value, unit = "") {
        [cart, currency] = [value, String(unit)];
        tell({ desk: "more", page: basket() });
      },
    },
  };
}
