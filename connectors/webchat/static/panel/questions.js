/* What the shop wants to know before the first words. */

import { el, put } from "./dom.js";

const OWN = ["name", "email", "phone"];

export function questions(parts) {
  const { chat, words, write, writing, update: changed } = parts;
  const fields = chat.questions.map(field);
  const problem = el("p", { id: "ask-problem", className: "problem", role: "alert" });
  const form = el("form", { noValidate: true, on: { submit } }, ...fields.flatMap(({ label, control }) => [label, control]), problem, el("button", { className: "strong" }, words.say("begin")));
  const element = el("section", { className: "asking person", hidden: true }, form);

  function field({ name, kind, label, required, choices }, i) {
    const id = `ask-${i}`;
    const common = { id, required, dir: "auto", "aria-describedby": "ask-problem" };
    const control =
      kind === "select"
        ? el("select", common, el("option"), ...choices.map((each) => el("option", {}, each)))
        : el("input", { ...common, type: { email: "email", phone: "tel" }[kind] ?? "text", autocomplete: { name: "name", email: "email", phone: "tel" }[kind] ?? "off", maxLength: 200 });
    const said = called(label, name, kind);
    return { name, control, label: el("label", { for: id }, required ? said : words.say("optional", { label: said })) };
  }

  function called(label, name, kind) {
    const own = typeof label === "string" ? label : (label[words.tag] ?? label[words.tag.split("-")[0]] ?? label.en ?? Object.values(label)[0]);
    return own || (OWN.includes(kind) ? words.say(kind) : name);
  }

  async function submit(event) {
    event.preventDefault();
    try {
      const answers = Object.fromEntries(fields.map(({ name, control }) => [name, control.value.trim()]));
      chat.visitor = await (await chat.ask("told", { answers })).json();
    } catch (error) {
      fields.forEach(({ name, control }) => control.setAttribute("aria-invalid", String(name === error.field)));
      const wrong = fields.find(({ name }) => name === error.field)?.control;
      wrong?.after(problem);
      put(problem, words.why(error.code));
      return wrong?.focus();
    }
    chat.told = true;
    changed();
    write();
  }

  const focus = () => fields[0].control.focus();

  function update() {
    const coming = element.hidden && chat.asking;
    element.hidden = !chat.asking;
    if (coming && writing.element.contains(document.activeElement)) focus();
  }

  return (parts.asking = { element, update, focus });
}
