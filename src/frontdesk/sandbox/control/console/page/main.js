// The console: what the stream reports goes to its parts, and keys go where they belong.

import { forgetToken } from "./api.js";
import { Controls, advance } from "./controls.js";
import { Customers } from "./customers.js";
import { Desk } from "./desk.js";
import { $, copy, h, inline, openDialog, say, tabs, timeOf } from "./dom.js";
import { Happenings } from "./happenings.js";
import { Stream } from "./stream.js";
import { diagnose, drawWhy } from "./why.js";

const KEYS = [["n", "new customer"], ["/", "filter what happens"], ["p", "pause the list"], ["g", "newest"], ["1 2 3", "customers, what happens, desk"], ["w", "why does my bot not respond"], ["← → Home End", "in tabs: another one"], ["Esc", "close what is open"], ["↑ ↓ Enter", "in the list: choose and open"]];

class App {
  constructor() {
    this.state = null;
    this.names = new Map();
    this.clock = null;
    this.whyTimer = 0;
    this.happenings = new Happenings((id) => this.name(id));
    this.customers = new Customers(this);
    this.desk = new Desk(this);
    this.controls = new Controls(this);
    this.selectDesk = tabs(document.querySelector("#desk .tabs"), (tab) => {
      for (const panel of document.querySelectorAll("#desk .scroll")) panel.hidden = panel.id !== tab.getAttribute("aria-controls");
      if (tab.id !== "tab-why") this.deskTab = tab;
      this.navigation();
      if (this.state) this.desk.show(this.state);
      this.refreshWhy();
    });
    this.deskTab = $("tab-agents");
    for (const button of document.querySelectorAll("[data-advance]")) button.addEventListener("click", () => advance(Number(button.dataset.advance)));
    for (const button of document.querySelectorAll("nav [data-panel]")) button.addEventListener("click", () => this.go(button.dataset.panel));
    $("ask-why").addEventListener("click", () => this.askWhy());
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.panel("happenings");
      $("list").focus();
    });
    $("help").addEventListener("click", () => this.help());
    addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.tick(), 250);
    this.panel("customers");
    this.stream = new Stream({
      happenings: (items) => this.happened(items),
      lost: (count) => { this.happenings.lost += count; },
      state: (state) => this.changed(state),
      clock: (now) => { this.clock = { now: Date.parse(now), read: performance.now() }; this.refreshWhy(); },
      connected: (missed) => this.connected(missed),
      away: (since) => this.away(since),
    });
  }

  name(id) {
    return id ? inline(this.names.get(id) ?? id) || id : "";
  }

  /** Remember what somebody is called. */
  learn(id, name) {
    if (this.names.get(id) === name) return;
    this.names.set(id, name);
    this.happenings.redraw();
  }

  /** The time on the sandbox's clock, as the API writes it. */
  now() {
    if (!this.clock) return new Date().toISOString();
    const passed = this.state?.running === false ? 0 : performance.now() - this.clock.read;
    return new Date(this.clock.now + passed).toISOString();
  }

  tick() {
    if (!this.clock || this.stream.away !== null) return;
    const now = this.now();
    $("clock").textContent = timeOf(now, false);
    $("clock").dateTime = now;
    $("clock").title = `The sandbox's clock: ${now.slice(0, 19).replace("T", " ")} UTC`;
  }

  happened(items) {
    this.happenings.add(items);
    for (const item of items) {
      if (item.kind === "push") this.desk.push(item);
      if (item.kind === "world") {
        forgetToken();
        this.notice("The sandbox began anew, or went back to a snapshot.");
        this.otherWorld();
      }
    }
    if (!this.isShown("happenings")) this.mark("happenings");
    this.refreshWhy();
  }

  /** Another world: what was open may not be in it, and who was gone may be there again. */
  otherWorld() {
    this.desk.close();
    this.customers.reconnect();
  }

  changed(state) {
    const first = this.state === null;
    this.state = state;
    if (this.names.size > 5000) this.names.clear();
    for (const agent of state.agents) this.learn(agent.id, agent.name);
    for (const chat of state.chats) if (chat.customer) this.learn(chat.customer_id, chat.customer);
    this.desk.show(state);
    this.controls.show(state);
    this.refreshWhy();
    if (first) this.customers.restore(state.organization_id);
  }

  refreshWhy() {
    if (this.whyTimer) return;
    this.whyTimer = setTimeout(() => {
      this.whyTimer = 0;
      this.why();
    }, $("why").hidden ? 800 : 300);
  }

  why() {
    if (!this.state) return;
    const id = this.customers.current?.chatId ?? this.desk.openChat?.id;
    const chat = this.state.chats.find((each) => each.id === id) ?? null;
    const { deliveries } = this.happenings;
    const findings = diagnose({ state: this.state, deliveries, items: this.happenings.ofThisWorld(), chat, chatId: id, names: (one) => this.name(one), now: this.now() });
    const problems = findings.filter((finding) => finding.level === "bad").length;
    this.pointToWhy(problems);
    const text = JSON.stringify([findings.map(({ item, ...said }) => [said, item?.n]), id]);
    if (text === this.whyText) return;
    this.whyText = text;
    drawWhy($("why"), findings, chat, {
      copy: (command) => copy(command, "the command"),
      tab: (name) => { this.panel("desk"); this.selectDesk($(`tab-${name}`), true); },
      item: (item) => { this.panel("happenings"); this.happenings.show(item); },
    });
    $("tab-why").textContent = problems ? `Why? (${problems})` : "Why?";
    const badge = document.querySelector('nav [data-panel="why"] .badge');
    badge.hidden = !problems;
    badge.replaceChildren(String(problems), h("span", { class: "unseen" }, problems === 1 ? " problem" : " problems"));
  }

  /** Whoever waits for a response, and does not see why none comes, is told where to look. */
  pointToWhy(problems) {
    const waits = this.customers.current?.waits(problems ? 1000 : 5000);
    const pointer = $("ask-why");
    pointer.hidden = !waits || $("why").checkVisibility({ visibilityProperty: true });
    const text = `No response yet. Why?${problems ? ` (${problems} ${problems === 1 ? "problem" : "problems"})` : ""}`;
    if (pointer.textContent !== text) pointer.textContent = text;
  }

  askWhy() {
    this.panel("desk");
    this.selectDesk($("tab-why"), true);
  }

  connected(missed) {
    const pill = $("connection");
    pill.dataset.state = "on";
    pill.textContent = "Live";
    if (missed.lost) this.happenings.lost += missed.lost;
    if (!missed.first) {
      if (missed.happenings === null) {
        // Other numbers than before: nothing of what is shown may be taken for newer.
        // The calls of before come once more where the sandbox still has them.
        if (missed.restarted) {
          this.happenings.renumber();
          this.otherWorld();
        }
        else this.happenings.empty();
        this.happenings.lost = 0;
      }
      forgetToken();
      this.customers.reconnect();
      const seconds = missed.away === null ? 0 : Math.max(1, Math.round((Date.now() - missed.away) / 1000));
      this.notice(missedText(missed, seconds));
    }
    this.happenings.counts();
  }

  away(since) {
    const pill = $("connection");
    pill.dataset.state = "off";
    pill.textContent = "Sandbox away";
    this.notice(`The sandbox does not respond since ${new Date(since).toLocaleTimeString()}. This page connects again as soon as it is back.`, true);
  }

  notice(text, stays = false) {
    const notice = $("notice");
    clearTimeout(this.noticeTimer);
    notice.replaceChildren(h("span", {}, text), h("button", { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => { notice.hidden = true; } }, "✕"));
    notice.hidden = false;
    if (!stays) this.noticeTimer = setTimeout(() => { notice.hidden = !notice.contains(document.activeElement); }, 15000);
  }

  panel(name) {
    document.body.dataset.panel = name;
    this.navigation();
    this.happenings.list.refresh();
    this.refreshWhy();
  }

  /** Go where a button of the navigation leads: the first part of the desk has one of its own. */
  go(name) {
    this.panel(name === "why" ? "desk" : name);
    if (name === "why") this.selectDesk($("tab-why"));
    if (name === "desk" && !$("why").hidden) this.selectDesk(this.deskTab);
  }

  navigation() {
    const { panel } = document.body.dataset;
    const shown = panel === "desk" && !$("why").hidden ? "why" : panel;
    for (const button of document.querySelectorAll("nav [data-panel]")) {
      const current = button.dataset.panel === shown;
      button.toggleAttribute("aria-current", current);
      if (!current) continue;
      button.setAttribute("aria-current", "true");
      const dot = button.querySelector(".dot");
      if (dot) dot.hidden = true;
    }
  }

  isShown(name) {
    return matchMedia("(min-width: 821px)").matches || document.body.dataset.panel === name;
  }

  mark(name) {
    if (!this.isShown(name)) document.querySelector(`nav [data-panel="${name}"] .dot`).hidden = false;
  }

  help() {
    openDialog("Keys", [h("dl", { class: "keys" }, KEYS.flatMap(([key, what]) => [h("dt", {}, key.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, what)]))]);
  }

  key(event) {
    if (event.key === "Escape") {
      if ($("dialog").open) return;
      if (this.happenings.close() || this.desk.close()) event.preventDefault();
      return;
    }
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox"
      // A dialog that was just closed may still have the focus.
      && event.target.checkVisibility();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog").open) return;
    const go = (panel, title) => {
      this.panel(panel);
      $(title).focus();
    };
    const keys = {
      n: () => this.customers.ask(),
      "/": () => { this.panel("happenings"); $("filter").focus(); },
      p: () => this.happenings.pause(),
      g: () => $("newest").click(),
      1: () => go("customers", "customers-title"),
      2: () => { this.panel("happenings"); $("list").focus(); },
      3: () => go("desk", "desk-title"),
      w: () => this.askWhy(),
      "?": () => this.help(),
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  }
}

function missedText(missed, seconds) {
  const away = seconds ? `The sandbox was away for ${seconds} s and is back. ` : "The sandbox is back. ";
  const calls = `${missed.calls} ${missed.calls === 1 ? "call" : "calls"}`;
  if (missed.restarted) return `${away}It was started again: ${missed.calls ? `${calls} came since then, which ${missed.calls === 1 ? "is" : "are"} listed` : "no call has come since then"}.`;
  if (missed.happenings === null) return `${away}It made no list of what happened meanwhile; ${calls} came.`;
  if (missed.lost) return `${away}${missed.happenings} things happened meanwhile; the first ${missed.lost} of them are not kept.`;
  return `${away}${missed.happenings ? `${missed.happenings} things happened meanwhile, which are listed` : "Nothing was missed"}.`;
}

new App();
say("Console ready");
