// Customers: a tab and a chat window each.

import { control } from "./api.js";
import { ChatWindow } from "./chat.js";
import { $, h, inline, openDialog, tabs, toast, written } from "./dom.js";

const MOST_KNOWN = 1000;
const REMEMBERED = "frontdesk-console-customers";

export class Customers {
  constructor(app) {
    this.app = app;
    this.windows = [];
    this.current = null;
    this.select = tabs($("tabs"), (tab, byKey) => this.show(this.windows.find((window) => window.tab === tab), !byKey));
    $("new-customer").addEventListener("click", () => this.ask());
  }

  /** Open the windows of before the page was loaded again. */
  restore(organizationId) {
    let remembered = [];
    try {
      remembered = JSON.parse(sessionStorage.getItem(REMEMBERED) ?? "[]");
    } catch { /* nothing to restore */ }
    for (const { id, name, organization } of remembered) {
      if (organization === organizationId && typeof id === "string") this.open(id, String(name), false);
    }
  }

  remember() {
    const list = this.windows.map(({ id, name }) => ({ id, name, organization: this.app.state?.organization_id }));
    try {
      sessionStorage.setItem(REMEMBERED, JSON.stringify(list));
    } catch { /* the page works without */ }
  }

  async ask() {
    const { state } = this.app;
    if (!state) return;
    const others = await this.known();
    const open = new Set(this.windows.map((window) => window.id));
    const name = h("input", { name: "name", value: this.freeName(), autocomplete: "off", required: true, maxlength: "200" });
    const group = h("select", { name: "group" }, h("option", { value: "" }, "by the rules of the website"),
      state.groups.map((each) => h("option", { value: String(each.id) }, `${each.id}: ${inline(each.name)}`)));
    const existing = h("select", { name: "existing" }, h("option", { value: "" }, "a new one"),
      others.map((each) => h("option", { value: each.id }, `${inline(each.name || each.email || each.id)}${open.has(each.id) ? " (open)" : ""}`)));
    const details = h("div", {}, h("label", {}, h("span", {}, "Name"), name), h("label", {}, h("span", {}, "Group"), group));
    existing.addEventListener("change", () => {
      details.hidden = existing.value !== "";
      name.disabled = existing.value !== "";
    });
    const form = openDialog("Be a customer", [h("label", {}, h("span", {}, "Who"), existing), details],
      [h("button", { class: "primary", value: "ok" }, "Open the chat window")]);
    form.addEventListener("submit", () => {
      if (existing.value) {
        const chosen = others.find((each) => each.id === existing.value);
        this.open(chosen.id, chosen.name || chosen.email || "Customer");
      } else this.make(name.value.trim(), group.value);
    });
    name.select();
  }

  /** The customers of the sandbox by name, at most so many as one can choose from. */
  async known() {
    const found = [];
    try {
      for (let more = true; more && found.length < MOST_KNOWN;) {
        const after = found.length ? `?after=${encodeURIComponent(found.at(-1).id)}` : "";
        const { customers } = await control("GET", `customers${after}`);
        found.push(...customers);
        more = customers.length > 0;
      }
    } catch { /* a new one can be made all the same */ }
    const named = (one) => one.name || one.email || one.id;
    return found.sort((one, other) => named(one).localeCompare(named(other), undefined, { numeric: true }));
  }

  freeName() {
    const names = ["Ann", "Ben", "Chloe", "Dan", "Eve", "Finn", "Gita", "Hugo"];
    const taken = new Set(this.windows.map((window) => window.name));
    return names.find((name) => !taken.has(name)) ?? `Customer ${this.windows.length + 1}`;
  }

  /** Make a customer and open a window, in the place of one whose customer is gone. */
  async make(name, group, gone = null) {
    try {
      const body = { name };
      if (group !== "") body.group_ids = [Number(group)];
      const { customer } = await control("POST", "customers", body);
      // Another world may give the new one the same id.
      if (gone) this.close(gone, false);
      this.open(customer.id, name);
    } catch (error) {
      toast(`No customer was made: ${error.message}`, true);
    }
  }

  open(id, name, focus = true) {
    const there = this.windows.find((window) => window.id === id);
    if (there) {
      this.select(there.tab, false, !focus);
      if (focus) this.app.panel("customers");
      return;
    }
    this.app.learn(id, name);
    const window = new ChatWindow(this.app, id, name, {
      unread: () => this.unread(window),
      close: () => this.close(window),
      again: () => this.make(name, "", window),
      changed: () => this.app.refreshWhy(),
    });
    window.tab = h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `window-${id}`, "aria-selected": "false", title: inline(name) },
      written(inline(name)), h("span", { class: "dot", hidden: true }, h("span", { class: "unseen" }, " something new")));
    $("tabs").append(window.tab);
    $("windows").append(window.element);
    this.windows.push(window);
    $("no-customer").hidden = true;
    this.remember();
    this.select(window.tab, false, !focus);
    if (focus) this.app.panel("customers");
  }

  show(window, focus) {
    if (!window) return;
    this.current = window;
    for (const other of this.windows) other.element.hidden = other !== window;
    window.tab.querySelector(".dot").hidden = true;
    window.shown(focus);
    this.app.refreshWhy();
  }

  unread(window) {
    if (window === this.current && this.app.isShown("customers")) return;
    window.tab.querySelector(".dot").hidden = window === this.current;
    this.app.mark("customers");
  }

  close(window, moves = true) {
    window.connection.close();
    window.tab.remove();
    window.element.remove();
    this.windows = this.windows.filter((other) => other !== window);
    $("no-customer").hidden = this.windows.length > 0;
    this.remember();
    if (!moves) return;
    this.current = null;
    if (this.windows.length) this.select(this.windows.at(-1).tab, true);
    else $("new-customer").focus();
    this.app.refreshWhy();
  }

  /** The sandbox is back: connect without waiting. */
  reconnect() {
    for (const window of this.windows) window.connection.reopen();
  }
}
