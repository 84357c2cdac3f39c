/* Answers first: what is likely needed on this page, what is found while it is typed, and one step from each to a person. */

import { built } from "./article.js";
import { dress, el, put } from "./dom.js";
import { memory } from "./memory.js";
import { post } from "./wire.js";

const STYLE = ""; // the desk fills it in
const TYPED = 150;
const SETTLED = 1_200;
const AGAIN = 3_000;
const SHOWN = 5;

dress(STYLE);

/** The section; `go(view)` shows another one, `offer(text)` gives the composer its first words. */
export function answers({ chat, words, site, go, offer, callable, call }) {
  const search = el("input", { type: "search", maxLength: 200, dir: "auto", autocomplete: "off", enterKeyHint: "search", placeholder: words.say("search"), "aria-label": words.say("search"), "aria-controls": "found", on: { input: typed } });
  const said = el("p", { className: "found", role: "status" });
  const list = el("ul", { id: "found" });
  const all = el("a", { className: "all", href: "/help", target: "_blank", rel: "noopener" }, words.say("all"));
  const finding = el("div", {}, el("form", { role: "search", on: { submit } }, el("p", { className: "welcome" }, words.say("help-title")), search), said, list, all);

  const title = el("h2", { tabIndex: -1, dir: "auto" });
  const text = el("div", { className: "article" });
  const [yes, no] = [true, false].map((solved) => el("button", { type: "button", on: { click: () => judge(solved) } }, words.say(solved ? "help-yes" : "help-no")));
  const question = el("div", { className: "judge", role: "group", "aria-labelledby": "solved" }, el("p", { id: "solved" }, words.say("help-solved")), yes, no);
  const thanks = el("p", { className: "judge", role: "status", tabIndex: -1 });
  const reading = el("article", { hidden: true }, title, text, question, thanks);

  const problem = el("p", { className: "problem", role: "alert" });
  const onward = el("button", { type: "button", className: "strong wide", on: { click: toPerson } });
  const calling = el("button", { type: "button", className: "wide", on: { click: toCall } }, words.say("call-me"));
  const scroll = el("div", { className: "scroll" }, finding, reading);
  const element = el("section", { className: "answers" }, scroll, el("div", { className: "onward" }, problem, onward, calling));

  let asked = { text: "", id: 0 };
  let article = null;
  let came = null;
  let shown = null;
  let turn = 0;
  let later = 0;

  /* Who asks is told only of what stands in a trail, where visitors agreed to one. */
  const known = memory(`desk:${site.key}`);
  const ask = async (path, body) => {
    const token = (body.settled || body.slug) && known.get("");
    return (await post(`/${site.key}/${path}`, { language: site.language, page: site.page, ...body }, { token })).json();
  };

  function typed() {
    turn += 1;
    clearTimeout(later);
    later = setTimeout(find, search.value.trim() ? TYPED : 0);
  }

  function submit(event) {
    event.preventDefault();
    find(true);
  }

  /** What is found for what stands there now; answers that come too late are nobody's. */
  async function find(settled = false) {
    const mine = ++turn;
    clearTimeout(later);
    const wanted = search.value.trim();
    try {
      const found = wanted && settled ? await settle() : await ask("find", { text: wanted });
      if (mine !== turn) return;
      show(found.articles, wanted);
      put(problem, "");
      if (wanted && !settled) later = setTimeout(find, SETTLED, true);
    } catch (error) {
      if (mine !== turn) return;
      fail(error);
      later = setTimeout(find, Math.max(AGAIN, 1000 * (error.wait ?? 0)), settled);
    }
  }

  /** What was typed is what they ask: from now on it has a number. */
  async function settle() {
    const wanted = search.value.trim();
    if (asked.text === wanted && asked.found) return asked.found;
    const found = await ask("find", { text: wanted, settled: true, ask: asked.id });
    asked = { text: wanted, id: found.ask, found };
    return found;
  }

  function show(hits, wanted) {
    const found = hits.slice(0, SHOWN);
    all.href = wanted ? `/help?${new URLSearchParams({ q: wanted })}` : "/help";
    const now = JSON.stringify(found);
    if (now !== shown) list.replaceChildren(...found.map(entry));
    shown = now;
    put(said, wanted ? (found.length ? words.say("found", { n: found.length }) : words.say("help-nothing")) : found.length ? words.say("likely") : "");
  }

  function entry({ slug, title, excerpt }) {
    const open = (event) => ((came = event.currentTarget), read(slug));
    return el("li", {}, el("button", { type: "button", on: { click: open } }, el("span", { className: "title", dir: "auto" }, title), el("span", { className: "excerpt", dir: "auto" }, excerpt)));
  }

  async function read(slug, part = "") {
    const mine = ++turn;
    clearTimeout(later);
    try {
      if (search.value.trim()) await settle();
      const told = await ask("read", { slug, ask: asked.id });
      if (mine !== turn) return;
      asked.id = told.ask;
      article = { slug, ask: told.ask };
      put(title, told.title);
      text.lang = told.language;
      text.replaceChildren(...built(told.text, (other, where) => (other ? read(other, where) : lead(where))));
      question.hidden = false;
      put(thanks, "");
      put(problem, "");
      go("article");
      scroll.scrollTop = 0;
      if (part) lead(part);
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  function lead(part) {
    const found = [...text.querySelectorAll("[id]")].find((each) => each.id === part);
    found?.scrollIntoView();
    found?.focus();
  }

  function fail(error) {
    put(problem, words.say(error.status === 429 ? "too-fast" : "failed"));
  }

  async function judge(solved) {
    try {
      await post(`/${site.key}/judge`, { ...article, solved });
    } catch (error) {
      return fail(error);
    }
    question.hidden = true;
    put(problem, "");
    put(thanks, words.say(solved ? "help-thanks" : "unsolved"));
    (solved ? thanks : onward).focus();
  }

  function toPerson() {
    const wanted = search.value.trim();
    if (!chat.going) {
      if (chat.over) chat.renew();
      tell(wanted);
      offer(wanted);
    }
    go("chat");
  }

  async function toCall() {
    const wanted = search.value.trim();
    calling.disabled = true;
    try {
      await call(calling, wanted);
      put(problem, "");
      tell(wanted);
    } catch (error) {
      fail(error);
    }
    calling.disabled = false;
  }

  /** They went on to a person with what they asked, if they asked anything. */
  async function tell(wanted) {
    try {
      if (wanted) await settle();
      if (asked.id) await post(`/${site.key}/person`, { ask: asked.id });
    } catch {
      /* counted less, that is all */
    }
  }

  let page = null;

  return {
    element,
    update() {
      put(onward, chat.going ? words.say(chat.unread ? "newer" : "to-chat") : words.find("bubble").open);
      calling.hidden = !callable();
    },
    shown() {
      finding.hidden = site.view !== "search";
      reading.hidden = !finding.hidden;
      if (site.view === "search" && page !== site.page && !search.value.trim()) {
        page = site.page;
        find();
      }
    },
    focus() {
      if (site.view === "article") title.focus();
      else if (came?.isConnected) came.focus(), (came = null);
      else search.focus();
    },
  };
}
