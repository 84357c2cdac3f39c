/* An article: elements of a short list, made of the pieces that the desk sends. */

import { el } from "./dom.js";

const PLAIN = "p ul ol li blockquote pre code em strong s table thead tbody tr th td br hr".split(" ");

/** Elements and texts. `led(slug, part)` is called for a link to another article, or to a part of this one. */
export function built(pieces, led) {
  return pieces.map((each) => (typeof each === "string" ? each : piece(each, led)));
}

function piece([tag, given, ...inside], led) {
  const children = built(inside, led);
  if (tag === "a") return link(given.href, children, led);
  if (tag === "img") return picture(given);
  const level = /^h([2-6])$/.exec(tag)?.[1];
  const made = el(level ? `h${Math.max(3, level)}` : PLAIN.includes(tag) ? tag : "span", {}, ...children);
  if (given.id?.startsWith("h-")) Object.assign(made, { id: given.id, tabIndex: -1 });
  if (given.start) made.start = given.start;
  if (["right", "center"].includes(given.class)) made.className = given.class;
  return made;
}

function link(href, children, led) {
  const url = new URL(href, location.href);
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return el("span", {}, ...children);
  const made = el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, ...children);
  const own = url.origin === location.origin && /^\/help\/(.+)/.exec(url.pathname);
  if (!own && !href.startsWith("#")) return made;
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    led(own ? decodeURIComponent(own[1]) : "", decodeURIComponent(url.hash.slice(1)));
  });
  return made;
}

/* From elsewhere no picture is fetched before somebody wants to see it. */
function picture({ src, alt }) {
  const url = new URL(src, location.href);
  if (url.origin !== location.origin) return link(url.href, [alt || url.hostname], () => {});
  return el("img", { src: url.href, alt: alt ?? "", loading: "lazy" });
}
