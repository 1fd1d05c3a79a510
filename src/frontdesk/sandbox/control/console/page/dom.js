// Making elements. Texts become text nodes and nothing else: customers write what they like.

/** An element with properties and children; texts are never HTML. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

const MOST_TEXT = 20000;

/** A text as somebody wrote it: in a direction of its own, and no longer than can be shown. */
export function written(text) {
  const whole = String(text ?? "");
  const shown = whole.length > MOST_TEXT ? `${whole.slice(0, MOST_TEXT)}… (${whole.length} characters)` : whole;
  return h("bdi", { class: "written", dir: "auto" }, shown);
}

/** A text for the middle of a sentence: on one line, of bounded length, and unable to turn the rest around. */
export function inline(text, most = 80) {
  const plain = [...String(text ?? "").replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, " ").trim()];
  return plain.length > most ? `${plain.slice(0, most).join("")}…` : plain.join("");
}

/** The time of day of a timestamp, with milliseconds. */
export function timeOf(timestamp, milliseconds = true) {
  const text = String(timestamp);
  return text.length >= 19 ? text.slice(11, milliseconds ? 23 : 19).padEnd(milliseconds ? 23 - 11 : 8, "0").replace(/Z.*$/, "") : text;
}

/** Say something to those who listen to a screen reader. */
export function say(text) {
  $("said").textContent = text;
}

/** Show a short notice at the bottom for some seconds. */
export function toast(text, bad = false) {
  const shown = h("div", { class: bad ? "toast bad" : "toast", role: bad ? "alert" : undefined }, text);
  if (!bad) say(text);
  document.body.append(shown);
  setTimeout(() => shown.remove(), bad ? 8000 : 3000);
}

/** Copy a text; without a clipboard it can be selected by hand. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}`);
  } catch {
    openDialog(`Copy ${what}`, [h("textarea", { rows: "10", readonly: true, onfocus: (event) => event.target.select() }, text)]);
  }
}

/** Show a dialog with a title; resolves when it is closed. Esc closes it. */
export function openDialog(title, content, buttons = []) {
  const dialog = $("dialog");
  if (dialog.open) dialog.close();
  const form = h("form", { method: "dialog" },
    h("h2", { id: "dialog-title" }, title), ...content,
    h("div", { class: "actions" }, h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, buttons.length ? "Cancel" : "Close"), ...buttons));
  dialog.replaceChildren(form);
  dialog.showModal();
  return form;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** A text of JSON, laid out and coloured; what is no JSON is shown as it is. */
export function json(text) {
  const pre = h("pre", { class: "json", tabindex: "0" });
  if (!text) {
    pre.append(h("span", { class: "muted" }, "nothing, or more than 16 KB, which is not kept"));
    return pre;
  }
  let laidOut = text;
  try {
    laidOut = JSON.stringify(JSON.parse(text), null, 2);
  } catch { /* as it is */ }
  let at = 0;
  for (const match of laidOut.matchAll(TOKEN)) {
    pre.append(laidOut.slice(at, match.index));
    const kind = match[1] ? (match[2] ? "key" : "text") : match[3] ? "number" : "word";
    pre.append(h("span", { class: kind }, match[1] || match[3] || match[4]), match[2] || "");
    at = match.index + match[0].length;
  }
  pre.append(laidOut.slice(at));
  return pre;
}

/** Select one of some tabs, by click and by the arrow keys; `onSelect` gets the tab, and whether by a key. */
export function tabs(list, onSelect) {
  const all = () => [...list.querySelectorAll('[role="tab"]')];
  const select = (tab, focus, byKey = false) => {
    for (const other of all()) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    if (focus) tab.focus();
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    onSelect(tab, byKey);
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) select(tab, true);
  });
  list.addEventListener("keydown", (event) => {
    const tab = event.target.closest('[role="tab"]');
    const there = all();
    const at = there.indexOf(tab);
    const to = { ArrowRight: (at + 1) % there.length, ArrowLeft: (at - 1 + there.length) % there.length, Home: 0, End: there.length - 1 }[event.key];
    if (to === undefined || !tab) return;
    event.preventDefault();
    select(there[to], true, true);
  });
  return select;
}
