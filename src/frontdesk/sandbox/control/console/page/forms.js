// Forms to fill in, and forms that were filled in.

import { h, written } from "./dom.js";

const TEXTS = new Set(["name", "email", "question", "textarea", "subject"]);
const CHOICES = new Set(["radio", "select", "group_chooser"]);

function options(field, place) {
  const kind = field.type === "checkbox" ? "checkbox" : "radio";
  return h("fieldset", {}, h("legend", {}, written(field.label)), (field.options ?? []).map((option) =>
    h("label", { class: "choice" }, h("input", { type: kind, name: `field-${place}`, value: String(option.id), checked: Boolean(option.checked) }), written(option.label))));
}

function input(field, place) {
  const required = Boolean(field.required);
  if (field.type === "header") return h("p", { class: "lead" }, written(field.label));
  if (TEXTS.has(field.type)) {
    const name = `field-${place}`;
    const box = field.type === "textarea" ? h("textarea", { name, required, rows: "2" })
      : h("input", { name, required, type: field.type === "email" ? "email" : "text", autocomplete: "off" });
    return h("label", {}, h("span", {}, written(field.label), required && " *"), box);
  }
  if (field.type === "select" || field.type === "group_chooser") {
    return h("label", {}, h("span", {}, written(field.label)), h("select", { name: `field-${place}`, required },
      h("option", { value: "" }, "–"), (field.options ?? []).map((option) => h("option", { value: String(option.id) }, String(option.label)))));
  }
  if (field.type === "radio" || field.type === "checkbox") return options(field, place);
  return null;
}

function answered(field, values) {
  const base = { type: field.type, id: String(field.id), label: field.label };
  const choice = (id) => {
    const option = (field.options ?? []).find((each) => String(each.id) === id);
    const answer = { id, label: option?.label ?? "" };
    return option?.group_id === undefined ? answer : { ...answer, group_id: option.group_id };
  };
  if (TEXTS.has(field.type)) return { ...base, answer: String(values[0] ?? "") };
  if (CHOICES.has(field.type)) return values[0] ? { ...base, answer: choice(values[0]) } : null;
  if (field.type === "checkbox") return { ...base, answers: values.filter(Boolean).map(choice) };
  return null;
}

/** A form; `onSend` gets the event `filled_form`, `onSkip` is for forms that need not be filled in. */
export function formElement(form, title, onSend, onSkip) {
  const element = h("form", { class: "survey", "aria-label": title }, form.fields.map(input),
    h("div", { class: "actions" }, onSkip && h("button", { type: "button", class: "quiet", onclick: () => { element.remove(); onSkip(); } }, "Skip"),
      h("button", { class: "primary" }, "Send")));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(element);
    const fields = form.fields.map((field, place) => field.id === undefined ? null : answered(field, data.getAll(`field-${place}`))).filter(Boolean);
    element.remove();
    onSend({ type: "filled_form", form_id: String(form.id), fields });
  });
  return element;
}

/** What somebody filled in. */
export function filledForm(fields) {
  return h("dl", { class: "filled" }, (fields ?? []).filter((field) => field.type !== "header").flatMap((field) => {
    const answers = field.answers ? field.answers.map((answer) => answer.label).join(", ") : typeof field.answer === "object" ? field.answer?.label : field.answer;
    return [h("dt", {}, written(field.label)), h("dd", {}, written(answers || "–"))];
  }));
}
