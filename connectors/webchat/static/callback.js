/* The form by which somebody asks to be called; loaded when they want it. */

/** `offered`: what can be asked for now, and the words; `reason`: what they asked before; `ask(wish)` answers what is
    promised; `back()` leaves it. */
export function form({ el, put, offered, site, reason: asked, ask, back }) {
  const locale = site.language;
  const { form: now, words } = offered;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const today = (at) => date.format(at) === date.format(Date.now());
  const time = (at) => (today(at) ? clock.format(at) : `${date.format(at)}, ${clock.format(at)}`);

  const number = el("input", { id: "call-number", type: "tel", required: true, autocomplete: "tel", maxLength: 60, dir: "ltr", "aria-describedby": "call-problem" });
  const country = el("select", { id: "call-country", autocomplete: "tel-country-code" }, ...countries());
  const reason = el("input", { id: "call-reason", maxLength: 500, dir: "auto", value: asked });
  const when = el("select", { id: "call-when", "aria-describedby": "call-place" }, new Option(say("soon", { time: time(now.at) }), "soon"), ...slots());
  const place = el("p", { id: "call-place", className: "quiet" });
  const problem = el("p", { id: "call-problem", className: "problem", role: "alert" });
  const send = el("button", { className: "strong" }, say("ask"));
  const leave = el("button", { type: "button", on: { click: back } }, say("back"));
  const dress = el("link", { rel: "stylesheet", href: "/static/callback.css" });
  const asking = el("form", { noValidate: true, on: { submit } }, el("h2", {}, say("title")), ...labelled("country", country), ...labelled("number", number), problem, ...labelled("reason", reason), ...labelled("when", when), place, send, leave);
  const said = el("div", { role: "status", tabIndex: -1 });
  const element = el("div", {}, dress, said, asking);
  when.addEventListener("change", placed);
  placed();
  now.mine.forEach(promised);

  function labelled(key, field) {
    return [el("label", { for: field.id }, say(key)), field];
  }

  function countries() {
    const names = new Intl.DisplayNames([locale], { type: "region", fallback: "code" });
    return now.countries
      .map(([code, calling]) => [names.of(code), code, calling])
      .sort((one, other) => one[0].localeCompare(other[0], locale))
      .map(([name, code, calling]) => new Option(`${name} (+${calling})`, code, false, code === now.country));
  }

  function slots() {
    const days = new Map();
    for (const slot of now.slots) {
      const day = date.format(slot.start);
      if (!days.has(day)) days.set(day, el("optgroup", { label: day }));
      days.get(day).append(new Option(`${clock.format(slot.start)}–${clock.format(slot.end)}`, slot.start));
    }
    return days.values();
  }

  function placed() {
    put(place, when.value === "soon" && now.place > 1 ? say("place", { n: now.place }) : "");
  }

  function wrong(error) {
    const key = error.status === 429 ? "slow" : Object.hasOwn(words, error.code) ? error.code : "failed";
    const ours = key.startsWith("number");
    put(problem, say(key));
    number.setAttribute("aria-invalid", String(ours));
    (key === "slot-taken" ? when : ours ? number : send).focus();
  }

  async function submit(event) {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    try {
      const wish = { number: number.value, country: country.value, reason: reason.value, at: when.value === "soon" ? null : Number(when.value), zone };
      promised(await ask(wish));
      asking.hidden = true;
      said.append(el("button", { type: "button", on: { click: back } }, say("back")));
      said.focus();
    } catch (error) {
      wrong(error);
    } finally {
      send.disabled = false;
    }
  }

  function promised(told) {
    const sentence = told.state === "calling" ? "calling" : told.until === null ? "promised-soon" : "promised";
    const href = `/${site.key}/callback/${told.token}?${new URLSearchParams({ zone })}`;
    const link = el("a", { href, target: "_blank", rel: "noopener" }, say("change"));
    said.append(el("p", { className: "promised" }, say(sentence, { number: told.number, time: time(told.at) })), el("p", {}, link));
  }

  return { element, focus: () => number.focus() };
}
