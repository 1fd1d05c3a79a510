// Events of a chat as elements, for customers and for those who look at what agents see.

import { h, timeOf, written } from "./dom.js";
import { filledForm } from "./forms.js";

/** Whether an address is a file of this sandbox: others are shown, and never opened. */
function isOwn(url) {
  try {
    const parsed = new URL(url);
    return (parsed.protocol === "http:" || parsed.protocol === "https:") && parsed.origin === location.origin && parsed.pathname.startsWith("/files/");
  } catch {
    return false;
  }
}

function file(event) {
  const size = event.size ? ` (${(event.size / 1024).toFixed(1)} KB)` : "";
  const name = written(event.name || event.url || "file");
  return h("div", { class: "file" },
    isOwn(event.url) ? h("a", { href: event.url, download: "", rel: "noreferrer" }, name) : name, h("span", { class: "muted" }, `${event.content_type ?? ""}${size}`));
}

function element(item, event, onPress) {
  const buttons = (item.buttons ?? []).map((button) => h("button", {
    type: "button", class: "postback", disabled: !onPress, title: button.type === "url" ? String(button.value) : undefined,
    onclick: () => onPress?.(event, button),
  }, written(button.text || button.postback_id)));
  return h("div", { class: "card" },
    item.image?.url && h("p", { class: "picture" }, "Picture: ", written(item.image.name || item.image.url)),
    item.title && h("strong", {}, written(item.title)),
    item.subtitle && h("p", {}, written(item.subtitle)),
    buttons.length > 0 && h("div", { class: "postbacks" }, buttons));
}

function content(event, actions) {
  try {
    return known(event, actions);
  } catch {
    // Programs send what they like: one odd event must not take the others with it.
    return h("code", { class: "text" }, written(`${event.type}, which cannot be shown`));
  }
}

function known(event, actions) {
  switch (event.type) {
    case "message": return h("div", { class: "text" }, written(event.text));
    case "file": return file(event);
    case "rich_message": return h("div", { class: `rich ${event.template_id === "quick_replies" ? "quick" : ""}` },
      (event.elements ?? []).map((item) => element(item, event, actions.onPress)));
    case "form": return actions.onForm ? actions.onForm(event) : filledForm(event.fields);
    case "filled_form": return filledForm(event.fields);
    case "system_message": return h("div", { class: "text" }, written(event.text || event.system_message_type));
    case "custom": return h("code", { class: "text" }, written(JSON.stringify(event.content)));
    default: return h("code", { class: "text" }, written(event.type));
  }
}

/** An event; `actions`: `onPress(event, button)`, `onForm(event)`. */
export function eventElement(event, { own, author, actions = {} }) {
  const system = event.type === "system_message" || event.type === "system";
  const hidden = event.visibility === "agents";
  return h("li", { class: `event ${system ? "system" : own ? "own" : "theirs"}${hidden ? " internal" : ""}`, data: { id: event.id ?? "" } },
    !system && h("p", { class: "author" }, written(author), " ", h("time", {}, timeOf(event.created_at, false)), hidden && " · for agents only"),
    content(event, actions));
}
