// The desk: agents and bots, queues, chats as agents see them.

import { call } from "./api.js";
import { $, h, inline, toast, written } from "./dom.js";
import { eventElement } from "./events.js";

const STATUSES = { accepting_chats: "Accepting chats", not_accepting_chats: "Not accepting", offline: "Offline" };

export class Desk {
  constructor(app) {
    this.app = app;
    this.openChat = null;
    this.members = "";
  }

  /** Draw what is seen of the desk; the rest is drawn when it is chosen. */
  show(state) {
    if (!$("agents").hidden) this.agents(state);
    if ($("chats").hidden) return;
    if (this.openChat) this.transcriptHead(state);
    else this.chats(state);
  }

  agents(state) {
    const panel = $("agents");
    // The sandbox has them in the order of their last change: here each stays where it is.
    const everybody = [...state.agents].sort((one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id));
    const members = JSON.stringify(everybody.map((agent) => [agent.id, agent.bot]));
    if (members !== this.members) {
      this.members = members;
      const list = (agents) => h("ul", { class: "plain" }, agents.map((agent) => this.agentRow(agent)));
      const bots = everybody.filter((agent) => agent.bot);
      this.groups = h("ul", { class: "plain" });
      panel.replaceChildren(
        h("h3", {}, "Agents"), list(everybody.filter((agent) => !agent.bot)),
        h("h3", {}, "Bots"), bots.length ? list(bots) : h("p", { class: "muted" }, "None. Make one with frontdesk bot create."),
        h("h3", {}, "Groups and queues"), this.groups);
    }
    // Rows are changed and not replaced: a control may have the focus, or be open.
    for (const agent of state.agents) this.changeRow(panel.querySelector(`[data-agent="${CSS.escape(agent.id)}"]`), agent);
    this.groups.replaceChildren(...state.groups.map((group) => {
      const waiting = state.chats.filter((chat) => chat.queue && chat.group_ids.includes(group.id));
      const accepting = state.agents.filter((agent) => agent.status === "accepting_chats" && (group.id === 0 || agent.groups.includes(group.id))).length;
      return h("li", { class: "agent" }, h("span", { class: "light", data: { status: accepting ? "accepting_chats" : "offline" }, "aria-hidden": "true" }),
        h("div", { class: "grow" }, h("strong", {}, written(inline(group.name))), h("span", { class: "tag" }, String(group.id)),
          h("p", { class: "muted" }, `${accepting} accepting, ${waiting.length} waiting`)));
    }));
  }

  agentRow(agent) {
    return h("li", { class: "agent", data: { agent: agent.id } },
      h("span", { class: "light", "aria-hidden": "true" }), h("div", {}),
      h("select", { onchange: (event) => this.setStatus(agent.id, event.target.value) },
        Object.entries(STATUSES).map(([value, label]) => h("option", { value }, label))));
  }

  changeRow(row, agent) {
    const [light, about, select] = row.children;
    light.dataset.status = agent.status;
    const most = agent.max_chats === null ? "" : ` of ${agent.max_chats}`;
    about.replaceWith(h("div", { class: "grow" },
      h("strong", {}, written(inline(agent.name))), agent.bot && h("span", { class: "tag" }, "bot"), agent.suspended && h("span", { class: "tag bad" }, "suspended"),
      h("p", { class: "muted" }, `${agent.chats}${most} ${agent.chats === 1 && !most ? "chat" : "chats"}, groups ${agent.groups.join(", ") || "none"}${agent.connections ? ", connected" : ""}`)));
    select.setAttribute("aria-label", `Status of ${inline(agent.name)}`);
    // What somebody has just chosen, and the sandbox does not know yet, stays.
    if (select.dataset.status !== agent.status) select.value = select.dataset.status = agent.status;
  }

  async setStatus(id, status) {
    const name = this.app.name(id);
    try {
      await call("set_routing_status", { agent_id: id, status });
      toast(`${name}: ${STATUSES[status].toLowerCase()}`);
    } catch (error) {
      toast(`${name}: ${error.message}`, true);
      const select = $("agents").querySelector(`[data-agent="${CSS.escape(id)}"] select`);
      if (select) select.value = select.dataset.status;
    }
  }

  chats(state) {
    const panel = $("chats");
    const focused = document.activeElement?.dataset?.chat;
    panel.replaceChildren(
      h("p", { class: "muted" }, state.active_chats > state.chats.length ? `The newest ${state.chats.length} of ${state.active_chats} active chats` : `${state.active_chats} active`),
      h("ul", { class: "plain" }, state.chats.map((chat) => h("li", {}, h("button", { type: "button", class: "chat", data: { chat: chat.id }, onclick: () => this.open(chat.id) },
        h("strong", {}, written(chat.customer ?? "nobody")), h("span", { class: "muted" }, chat.id),
        chat.queue ? h("span", { class: "tag bad" }, `queue ${chat.queue}`) : h("span", { class: "tag" }, written(chat.agents.map((id) => this.app.name(id)).join(", ") || "nobody")),
        h("span", { class: "muted" }, `group ${chat.group_ids.join(", ")}`))))));
    if (focused) panel.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
  }

  async open(chatId) {
    let chat;
    try {
      chat = await call("get_chat", { chat_id: chatId });
    } catch (error) {
      toast(`${chatId}: ${error.message}`, true);
      return;
    }
    this.openChat = chat;
    this.users = new Map(chat.users.map((user) => [user.id, user]));
    this.log = h("ol", { class: "log", "aria-label": `Transcript of ${chatId}` });
    this.head = h("p", { class: "muted" });
    this.peek = h("p", { class: "typing muted" });
    $("chats").replaceChildren(
      h("div", { class: "bar" }, h("button", { type: "button", class: "quiet", id: "all-chats", onclick: () => this.close() }, "← All chats"), h("strong", {}, chatId)),
      this.head, this.log, this.peek);
    for (const event of chat.thread?.events ?? []) this.event(event);
    this.transcriptHead(this.app.state);
    $("all-chats").focus();
  }

  close() {
    if (!this.openChat) return false;
    const { id } = this.openChat;
    this.openChat = null;
    this.chats(this.app.state);
    $("chats").querySelector(`[data-chat="${CSS.escape(id)}"]`)?.focus();
    return true;
  }

  transcriptHead(state) {
    const chat = state.chats.find((each) => each.id === this.openChat.id);
    const agents = chat?.agents.map((id) => this.app.name(id)).join(", ");
    this.head.textContent = chat ? `${chat.queue ? `In the queue at place ${chat.queue}` : `With ${agents || "nobody"}`}, group ${chat.group_ids.join(", ")}` : "The chat has ended";
  }

  event(event) {
    const author = this.users.get(event.author_id)?.name ?? this.app.name(event.author_id) ?? "";
    const element = eventElement(event, { own: this.users.get(event.author_id)?.type === "agent", author });
    const before = event.id && this.log.querySelector(`[data-id="${CSS.escape(event.id)}"]`);
    if (before) before.replaceWith(element);
    else this.log.append(element);
  }

  /** What the stream reports: an open transcript goes on. */
  push(item) {
    if (!this.openChat || item.chat_id !== this.openChat.id || !item.payload) return;
    const payload = JSON.parse(item.payload);
    if (item.action === "incoming_event" || item.action === "event_updated") {
      this.peek.textContent = "";
      this.event(payload.event);
    } else if (item.action === "incoming_chat") {
      for (const event of payload.chat?.thread?.events ?? []) this.event(event);
    } else if (item.action === "incoming_sneak_peek") {
      this.peek.replaceChildren(payload.sneak_peek?.text ? "Types: " : "", written(payload.sneak_peek?.text ?? ""));
    } else if (item.action === "event_deleted") {
      this.log.querySelector(`[data-id="${CSS.escape(payload.event_id)}"]`)?.classList.add("deleted");
    } else if (item.action === "user_added_to_chat") this.users.set(payload.user.id, payload.user);
  }
}
