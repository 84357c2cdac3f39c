/* Elements, made one by one: text is only ever text. */

/** An element with properties (`aria-*`, `role` and `data-*` as attributes), listeners in `on`, and children. */
export function el(name, { on = {}, ...properties } = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
    else element[key] = value;
  }
  for (const [kind, listener] of Object.entries(on)) element.addEventListener(kind, listener);
  element.append(...children.filter((each) => each !== null));
  return element;
}

/** Rules of style that a part of the panel brings along. */
export function dress(rules) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** A drawing of strokes, 24 by 24. */
export function icon(strokes) {
  const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const svg = make("svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(make("path")).setAttribute("d", strokes);
  return svg;
}

/** Change a text only where it differs: what announces changes stays silent otherwise. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const LINK = /\bhttps?:\/\/[^\s<>"“”]+/gi;
const TAIL = /[.,;:!?'’…]+$/;

/** Text in pieces, its http and https addresses as links that show what they lead to. */
export function linked(text) {
  const pieces = [];
  let after = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimmed(match[0]);
    const href = address(shown);
    if (!href) continue;
    pieces.push(text.slice(after, match.index), el("a", { href, target: "_blank", rel: "noopener noreferrer" }, shown));
    after = match.index + shown.length;
  }
  pieces.push(text.slice(after));
  return pieces;
}

/** Without what ends the sentence around it, such as a bracket that was opened before. */
function trimmed(found) {
  for (;;) {
    let shorter = found.replace(TAIL, "");
    for (const [opens, closes] of ["()", "[]", "{}"]) {
      if (shorter.endsWith(closes) && shorter.split(closes).length > shorter.split(opens).length) shorter = shorter.slice(0, -1);
    }
    if (shorter === found) return found;
    found = shorter;
  }
}

function address(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}
