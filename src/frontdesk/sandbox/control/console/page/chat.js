// A chat window: what a customer has on a website.

import { upload } from "./api.js";
import { CustomerConnection } from "./connection.js";
import { h, inline, toast, written } from "./dom.js";
import { eventElement } from "./events.js";
import { formElement } from "./forms.js";

const SNEAK_PEEK = 400;
const TYPING = 6000;

export class ChatWindow {
  constructor(app, id, name, on) {
    this.app = app;
    this.id = id;
    this.name = name;
    this.on = on;
    this.chatId = null;
    this.threadId = null;
    this.active = false;
    this.groupId = 0;
    this.users = new Map();
    this.events = new Map();
    this.prechat = null;
    this.asked = false;
    this.waitingSince = null;
    this.build();
    this.connection = new CustomerConnection(id, app.state.organization_id, {
      open: (login) => this.opened(login),
      push: (action, payload) => this.pushed(action, payload),
      closed: (reason, forGood, gone) => {
        this.status(`Not connected: ${reason}${forGood ? "." : "; trying again."}`, "bad");
        if (gone) this.missing();
      },
    });
  }

  build() {
    const action = (label, title, act) => h("button", { type: "button", class: "quiet", title, "aria-label": title, onclick: act }, label);
    this.statusLine = h("p", { class: "state muted", role: "status" }, "Connecting");
    this.log = h("ol", { class: "log", role: "log", "aria-label": `Chat of ${this.name}`, tabindex: "0" });
    this.aside = h("div", { class: "aside" });
    this.typing = h("p", { class: "typing muted", "aria-live": "polite" });
    this.input = h("textarea", { rows: "1", placeholder: "Write as the customer", "aria-label": `Message of ${this.name}`, name: "message" });
    this.picker = h("input", { type: "file", class: "unseen", tabindex: "-1", "aria-hidden": "true", onchange: () => this.sendFiles() });
    this.good = action("Good", "Rate the chat good", () => this.rate(1));
    this.bad = action("Bad", "Rate the chat bad", () => this.rate(0));
    this.end = action("End", "End the chat as the customer", () => this.leave());
    this.composer = h("form", { class: "composer" }, this.input, this.picker,
      h("button", { type: "button", class: "quiet", "aria-label": "Send a file", title: "Send a file", onclick: () => this.picker.click() }, "File"),
      h("button", { class: "primary" }, "Send"));
    this.element = h("div", { class: "window", role: "tabpanel", id: `window-${this.id}`, "aria-labelledby": `tab-${this.id}`, hidden: true },
      h("div", { class: "bar" }, this.statusLine, h("span", { class: "grow" }), this.good, this.bad, this.end,
        h("button", { type: "button", class: "quiet", "aria-label": `Close the window of ${this.name}`, title: "Close the window; the customer leaves the website", onclick: () => this.on.close() }, "✕")),
      this.log, this.aside, this.typing, this.composer);
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendText();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.sendText();
      }
    });
    this.input.addEventListener("input", () => this.peek());
    this.state();
  }

  state() {
    this.good.hidden = this.bad.hidden = !this.threadId;
    this.end.hidden = !this.active;
  }

  status(text, level = "") {
    this.statusLine.textContent = this.statusLine.title = text;
    this.statusLine.dataset.level = level;
  }

  /** Whether the customer has waited for a response for longer than so many milliseconds. */
  waits(milliseconds) {
    return this.active && this.waitingSince !== null && Date.parse(this.app.now()) - Date.parse(this.waitingSince) > milliseconds;
  }

  /** The customer is not in this world: somebody of the same name can be made. */
  missing() {
    this.active = this.asked = false;
    this.waitingSince = this.threadId = this.prechat = null;
    this.state();
    const card = h("div", { class: "greeting missing" },
      h("p", {}, `${inline(this.name)} is not in this sandbox any more: it began anew, or is another one. Going back to a snapshot with ${inline(this.name)} in it connects this window again.`),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "quiet", onclick: () => this.on.close() }, "Close"),
        h("button", { type: "button", class: "primary", onclick: () => this.on.again() }, "Make a new one")));
    this.aside.replaceChildren(card);
  }

  shown(focus) {
    this.log.scrollTop = this.log.scrollHeight;
    if (focus && matchMedia("(min-width: 821px)").matches) this.input.focus();
    this.seen();
  }

  async opened(login) {
    this.status("On the website");
    this.groupId = login.__priv_dynamic_config?.customer_groups?.monitoring?.id ?? 0;
    this.aside.replaceChildren();
    if (login.greeting) this.greeting(login.greeting);
    const chat = login.chats?.at(-1);
    try {
      if (chat) this.load(await this.connection.call("get_chat", { chat_id: chat.chat_id }));
      else {
        this.chatId = this.threadId = null;
        this.active = false;
        this.empty();
      }
      if (!this.active && !this.asked) await this.askBefore();
    } catch (error) {
      this.trouble(error);
    }
  }

  load(chat) {
    this.empty();
    this.take(chat);
  }

  empty() {
    this.log.replaceChildren();
    this.events.clear();
    this.waitingSince = null;
    this.state();
  }

  take(chat) {
    this.chatId = chat.id;
    const thread = chat.thread ?? chat.threads?.at(-1);
    for (const user of chat.users ?? []) this.users.set(user.id, user);
    if (thread) {
      this.threadId = thread.id;
      this.active = thread.active;
      for (const event of thread.events ?? []) this.show(event);
      this.queue(thread.queue);
    }
    this.state();
    this.on.changed();
  }

  queue(queue) {
    if (!this.active) this.status("The chat has ended; write to begin again");
    else if (queue) this.status(`In the queue at place ${queue.position}, about ${Math.ceil(queue.wait_time / 60)} min`);
    else {
      const agents = [...this.users.values()].filter((user) => user.type === "agent" && user.present !== false);
      this.status(agents.length ? `With ${agents.map((agent) => inline(agent.name)).join(", ")}` : "Nobody is in the chat yet");
    }
  }

  show(event) {
    const own = event.author_id === this.id;
    const element = eventElement(event, {
      own,
      author: own ? this.name : this.users.get(event.author_id)?.name ?? "Agent",
      actions: { onPress: (of, button) => this.press(of, button), onForm: (of) => this.form(of) },
    });
    const before = this.events.get(event.id);
    if (!before && own) this.waitingSince ??= event.created_at;
    else if (!before && event.type !== "system_message") this.waitingSince = null;
    const focused = before ? [...before.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    const atEnd = this.log.scrollTop + this.log.clientHeight >= this.log.scrollHeight - 40;
    if (before) before.replaceWith(element);
    else this.log.append(element);
    if (focused >= 0) element.querySelectorAll("button")[focused]?.focus();
    if (event.id) this.events.set(event.id, element);
    if (atEnd || own) this.log.scrollTop = this.log.scrollHeight;
    while (this.log.childElementCount > 500) this.log.firstElementChild.remove();
  }

  pushed(action, payload) {
    switch (action) {
      case "incoming_chat": this.take(payload.chat); break;
      case "incoming_event":
        if (payload.chat_id !== this.chatId) return;
        this.typing.textContent = "";
        this.show(payload.event);
        if (payload.event.author_id !== this.id) {
          this.on.unread();
          if (!this.element.hidden) this.seen();
        }
        break;
      case "event_updated": this.show(payload.event); break;
      case "event_deleted": this.events.get(payload.event_id)?.remove(); break;
      case "user_added_to_chat": this.users.set(payload.user.id, { ...payload.user, present: true }); this.queue(null); break;
      case "user_removed_from_chat": this.users.delete(payload.user_id); this.queue(null); break;
      case "chat_deactivated": this.ended(); break;
      case "queue_position_updated": this.queue(payload.queue); break;
      case "incoming_typing_indicator": this.types(payload.typing_indicator?.is_typing ? `${inline(this.users.get(payload.typing_indicator.author_id)?.name ?? "The agent")} is typing` : ""); break;
      case "incoming_thinking_indicator": this.types(payload.title || "Thinking"); break;
      case "incoming_greeting": this.greeting(payload); this.on.unread(); break;
      case "greeting_canceled": this.aside.querySelector(".greeting")?.remove(); break;
      case "incoming_multicast": toast(`Multicast to ${inline(this.name)}`); break;
      default: break;
    }
    this.on.changed();
  }

  types(text) {
    clearTimeout(this.typer);
    this.typing.replaceChildren(written(text));
    if (text) this.typer = setTimeout(() => { this.typing.textContent = ""; }, TYPING);
  }

  async call(action, payload) {
    try {
      return await this.connection.call(action, payload);
    } catch (error) {
      this.trouble(error);
      return null;
    }
  }

  trouble(error) {
    toast(`${inline(this.name)}: ${error.type ? `${error.type}: ` : ""}${error.message}`, true);
  }

  async sendText() {
    const text = this.input.value;
    if (!text.trim()) return;
    this.input.value = "";
    if (!(await this.send({ type: "message", text }))) this.input.value ||= text;
  }

  /** Send an event; it begins the chat if there is none. */
  async send(event) {
    clearTimeout(this.peeker);
    if (this.active) return this.call("send_event", { chat_id: this.chatId, event });
    const events = this.prechat ? [this.prechat, event] : [event];
    this.aside.querySelector(".survey")?.remove();
    // Group 0 is everybody, which a chat is for anyway.
    const group = this.chosenGroup ?? this.groupId;
    const access = group ? { access: { group_ids: [group] } } : {};
    const chat = { ...access, thread: { events } };
    const begun = this.chatId ? await this.call("resume_chat", { chat: { ...chat, id: this.chatId }, active: true })
      : await this.call("start_chat", { chat, active: true });
    if (begun) this.prechat = null;
    return begun;
  }

  async sendFiles() {
    const [file] = this.picker.files;
    this.picker.value = "";
    if (!file) return;
    try {
      const url = await upload(this.connection.token, this.app.state.organization_id, file);
      await this.send({ type: "file", url });
    } catch (error) {
      this.trouble(error);
    }
  }

  peek() {
    if (!this.active) return;
    clearTimeout(this.peeker);
    this.peeker = setTimeout(() => this.connection.call("send_sneak_peek", { chat_id: this.chatId, sneak_peek_text: this.input.value }).catch(() => {}), SNEAK_PEEK);
  }

  seen() {
    if (!this.active || !this.chatId || document.hidden || !this.app.isShown("customers")) return;
    clearTimeout(this.seer);
    this.seer = setTimeout(() => this.connection.call("mark_events_as_seen", { chat_id: this.chatId, seen_up_to: this.app.now() }).catch(() => {}), 300);
  }

  async press(event, button) {
    if (!button.postback_id) {
      toast(button.value ? `This button leads to ${inline(button.value, 300)}` : "This button has no postback");
      return;
    }
    const sent = await this.call("send_rich_message_postback", {
      chat_id: this.chatId, thread_id: this.threadId, event_id: event.id, postback: { id: button.postback_id, toggled: true },
    });
    if (sent) toast(button.type === "url" && button.value ? `Pressed; it leads to ${inline(button.value, 300)}` : `Pressed ${inline(button.text || button.postback_id)}`);
  }

  form(event) {
    return formElement({ id: event.form_id, fields: event.fields }, "Form", (filled) => {
      this.input.focus();
      this.send(filled);
    });
  }

  async askBefore() {
    const { enabled, form } = await this.connection.call("get_form", { group_id: this.groupId, type: "prechat" });
    if (!enabled || !form) return;
    const done = () => {
      this.asked = true;
      this.input.focus();
    };
    this.aside.append(formElement(form, "Before the chat", (filled) => {
      this.prechat = filled;
      const chooser = filled.fields.find((field) => field.type === "group_chooser");
      this.chosenGroup = chooser?.answer?.group_id ?? undefined;
      toast("Sent with the first message");
      done();
    }, done));
  }

  async ended() {
    const focused = document.activeElement === this.end;
    this.active = false;
    this.waitingSince = null;
    this.state();
    if (focused) this.input.focus();
    this.queue(null);
    try {
      const { enabled, form } = await this.connection.call("get_form", { group_id: this.groupId, type: "postchat" });
      if (enabled && form) {
        this.aside.append(formElement(form, "After the chat", (filled) => {
          this.input.focus();
          this.call("send_event", { chat_id: this.chatId, event: filled, attach_to_last_thread: true });
        }, () => this.input.focus()));
      }
    } catch { /* the survey is no must */ }
  }

  async rate(score) {
    const rated = await this.call("update_thread_properties", { chat_id: this.chatId, thread_id: this.threadId, properties: { rating: { score } } });
    if (rated) toast(score ? "Rated good" : "Rated bad");
  }

  leave() {
    return this.call("deactivate_chat", { id: this.chatId });
  }

  greeting(greeting) {
    this.aside.querySelector(".greeting")?.remove();
    const ids = { greeting_id: greeting.id, unique_id: greeting.unique_id };
    const close = (action, payload) => {
      card.remove();
      this.input.focus();
      this.call(action, payload);
    };
    const card = h("div", { class: "greeting" },
      h("p", { class: "author" }, written(greeting.agent?.name ?? "Greeting")),
      h("ol", { class: "log" }, eventElement(greeting.event ?? { type: "message", text: "" }, {
        own: false, author: "Greeting",
        actions: { onPress: (_, button) => this.call("send_greeting_button_clicked", { greeting_unique_id: greeting.unique_id, button_id: button.postback_id }) },
      })),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "quiet", onclick: () => close("cancel_greeting", { unique_id: greeting.unique_id }) }, "Dismiss"),
        h("button", { type: "button", onclick: () => close("accept_greeting", ids) }, "Accept")));
    this.aside.prepend(card);
  }
}
