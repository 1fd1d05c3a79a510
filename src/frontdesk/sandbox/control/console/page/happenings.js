// What happens: the list, its filter, and the one that is open.

import { $, h, copy, json, say, timeOf, written } from "./dom.js";
import { VirtualList } from "./list.js";
import { toCurl, toPython } from "./snippets.js";
import { explainDelivery, isNext } from "./why.js";

const KEPT = 5000;
const KEPT_CHARACTERS = 24e6;
const HEIGHT = 30;
const GLYPHS = { call: "→", push: "⇉", webhook: "↗", world: "↺" };
const NAMES = { call: "call", push: "push", webhook: "webhook", world: "world" };

/** Whether something went wrong with a happening. */
export function failed(item) {
  if (item.kind === "call") return Boolean(item.error || item.fault);
  if (item.kind === "webhook") return item.state === "dead" || (item.state === "waiting" && item.attempts.length > 0);
  return false;
}

const sizeOf = (item) => (item.request?.length || 0) + (item.response?.length || 0) + (item.payload?.length || 0) + (item.body?.length || 0) + 300;

export class Happenings {
  constructor(names) {
    this.names = names;
    this.items = [];
    this.characters = 0;
    this.shown = [];
    this.total = 0;
    this.lost = 0;
    this.unseen = 0;
    this.paused = false;
    this.query = "";
    this.kinds = new Set(["call", "push", "webhook", "world"]);
    this.onlyFailures = false;
    this.deliveries = new Map();
    this.cleared = -Infinity;
    this.list = new VirtualList($("list"), $("rows"), HEIGHT, (row, item) => this.draw(row, item), (item) => this.open(item));
    this.list.onSelect = (item) => { if (!$("detail").hidden) this.detail(item); };
    this.list.onFollow = () => this.counts();
    this.wire();
  }

  wire() {
    $("filter").addEventListener("input", () => {
      this.query = $("filter").value.trim().toLowerCase();
      this.refilter();
    });
    $("filter").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && $("filter").value) {
        event.stopPropagation();
        $("filter").value = this.query = "";
        this.refilter();
      }
    });
    for (const box of document.querySelectorAll('input[name="kind"]')) {
      box.addEventListener("change", () => {
        this.kinds[box.checked ? "add" : "delete"](box.value);
        this.refilter();
      });
    }
    $("only-failures").addEventListener("change", (event) => {
      this.onlyFailures = event.target.checked;
      this.refilter();
    });
    $("pause").addEventListener("click", () => this.pause());
    $("clear").addEventListener("click", () => this.clear());
    $("newest").addEventListener("click", () => {
      this.unseen = 0;
      this.list.follow();
      this.counts();
    });
  }

  pause(on = !this.paused) {
    this.paused = on;
    $("pause").setAttribute("aria-pressed", String(on));
    $("pause").textContent = on ? "Resume" : "Pause";
    say(on ? "Paused" : "Resumed");
    if (!on) this.refilter();
    this.counts();
  }

  /** Take happenings of the stream, oldest first. */
  add(items) {
    for (const item of items) {
      this.characters += sizeOf(item);
      if (item.kind === "webhook") this.remember(item);
      // Another world counts its webhooks from 1 again.
      else if (item.kind === "world") this.deliveries.clear();
    }
    this.total += items.length;
    this.items.push(...items);
    const oldest = this.evict();
    if (this.paused) {
      this.unseen += items.length;
      this.counts();
      return;
    }
    const fitting = this.isFiltered() ? items.filter((item) => this.fits(item)) : items;
    this.shown.push(...fitting);
    let gone = 0;
    while (gone < this.shown.length && this.shown[gone].n < oldest) gone += 1;
    if (gone) {
      this.shown.splice(0, gone);
      if (!this.list.follows) this.list.box.scrollTop -= gone * HEIGHT;
    }
    if (!this.list.follows) this.unseen += fitting.length;
    else this.unseen = 0;
    this.list.show(this.shown, gone);
    this.counts();
  }

  /** List what comes from now on; what was before still says why a bot does not respond. */
  clear() {
    this.cleared = this.items.at(-1)?.n ?? this.cleared;
    this.close();
    this.refilter();
  }

  /** Forget what comes once more, under other numbers. */
  empty() {
    this.items = [];
    this.characters = 0;
    this.cleared = -Infinity;
    this.close();
    this.refilter();
  }

  /** Keep what was before the sandbox was started again: its numbers would be mistaken for newer ones. */
  renumber() {
    for (const item of this.items) item.n -= 1e9;
    this.cleared -= 1e9;
    this.deliveries.clear();
    this.redraw();
  }

  /** What has happened in the world that is there now. */
  ofThisWorld() {
    return this.items.slice(this.items.findLastIndex((item) => item.kind === "world" || item.n < 0) + 1);
  }

  evict() {
    let gone = Math.max(0, this.items.length - KEPT);
    let characters = this.characters;
    for (let place = 0; place < gone; place += 1) characters -= sizeOf(this.items[place]);
    while (characters > KEPT_CHARACTERS && gone < this.items.length - 1) {
      characters -= sizeOf(this.items[gone]);
      gone += 1;
    }
    this.items.splice(0, gone);
    this.characters = characters;
    return this.items[0]?.n ?? 0;
  }

  remember(item) {
    this.deliveries.delete(item.number);
    this.deliveries.set(item.number, item);
    if (this.deliveries.size > 2000) this.deliveries.delete(this.deliveries.keys().next().value);
  }

  isFiltered() {
    return this.query !== "" || this.onlyFailures || this.kinds.size < 4;
  }

  fits(item) {
    if (item.n <= this.cleared || !this.kinds.has(item.kind) || (this.onlyFailures && !failed(item))) return false;
    if (!this.query) return true;
    const texts = [item.action, item.error, item.fault, item.requester_id, item.chat_id, item.url, item.state, item.actor_id,
      item.request, item.payload, item.response, item.body, this.names(item.requester_id)];
    return texts.some((text) => text && text.toLowerCase().includes(this.query));
  }

  refilter() {
    this.shown = this.items.filter((item) => this.fits(item));
    this.unseen = 0;
    this.list.show(this.shown);
    this.counts();
  }

  /** Draw all rows again: somebody's name has become known. */
  redraw() {
    for (const row of this.list.pool) row.item = null;
    this.list.refresh();
  }

  counts() {
    const shown = this.isFiltered() ? `${this.shown.length} of ` : "";
    $("count").textContent = `${shown}${this.total.toLocaleString("en")}${this.lost ? ` (${this.lost.toLocaleString("en")} not kept)` : ""}`;
    $("count").title = `The latest ${KEPT.toLocaleString("en")} are kept`;
    const nothing = $("nothing");
    nothing.hidden = this.shown.length > 0;
    if (!nothing.hidden) nothing.textContent = this.isFiltered() && this.items.length ? "Nothing fits the filter." : "Nothing has happened yet. Write as a customer, or call the API.";
    const button = $("newest");
    button.hidden = this.paused ? !this.unseen : this.list.follows;
    button.textContent = this.unseen ? `${this.unseen.toLocaleString("en")} new` : "Newest";
    if (this.paused) button.textContent = `Paused: ${this.unseen.toLocaleString("en")} new`;
  }

  draw(row, item) {
    const bad = failed(item);
    row.className = `row ${item.kind}${bad ? " failed" : ""}`;
    row.replaceChildren(
      h("time", {}, timeOf(item.at)),
      h("span", { class: "glyph", "aria-hidden": "true" }, GLYPHS[item.kind]),
      h("span", { class: "unseen" }, `${NAMES[item.kind]} `),
      h("strong", {}, item.kind === "world" ? "The sandbox began anew" : item.action),
      h("span", { class: "who" }, this.who(item)),
      this.outcome(item, bad),
    );
  }

  who(item) {
    if (item.kind === "call") return written(this.names(item.requester_id) || "nobody");
    if (item.kind === "push") return `to ${item.audience === "both" ? "agents and the customer" : item.audience}`;
    if (item.kind === "webhook") return written(item.url);
    return "";
  }

  outcome(item, bad) {
    let text = "";
    if (item.kind === "call") text = item.error || (item.transport === "rtm" ? "rtm" : String(item.status || "ok"));
    if (item.kind === "call" && item.fault) text = `fault ${item.fault}`;
    if (item.kind === "webhook") text = outcomeOf(item);
    if (item.kind === "push" && item.chat_id) text = item.chat_id;
    if (!text) return "";
    return h("span", { class: bad ? "tag bad" : item.kind === "webhook" && item.state === "delivered" ? "tag good" : "tag" }, text);
  }

  /** Show one of them, whatever the list is filtered by. */
  show(item) {
    if (!this.shown.includes(item)) {
      $("filter").value = this.query = "";
      this.onlyFailures = $("only-failures").checked = false;
      for (const box of document.querySelectorAll('input[name="kind"]')) box.checked = Boolean(this.kinds.add(box.value));
      if (item.n <= this.cleared) this.cleared = -Infinity;
      this.refilter();
    }
    this.list.open(item);
    $("detail").focus();
  }

  open(item) {
    this.detail(item);
    if (matchMedia("(max-width: 820px)").matches) $("detail").focus();
  }

  detail(item) {
    const pane = $("detail");
    const facts = h("dl", {}, this.facts(item).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
    const parts = item.kind === "call" ? [["Request", item.request], ["Response", item.response]]
      : item.kind === "push" ? [["Payload", item.payload]] : item.kind === "webhook" ? [["Sent, besides its secret key", item.body]] : [];
    const python = toPython(item);
    const curl = toCurl(item);
    pane.replaceChildren(
      h("div", { class: "bar" },
        h("h3", {}, h("span", { class: "glyph", "aria-hidden": "true" }, GLYPHS[item.kind]), ` ${item.action}`),
        h("span", { class: "grow" }),
        python && h("button", { type: "button", id: "copy-python", onclick: () => copy(python, "as Python") }, "Python"),
        curl && h("button", { type: "button", id: "copy-curl", onclick: () => copy(curl, "as curl") }, "curl"),
        parts.length > 0 && h("button", { type: "button", onclick: () => copy(parts.map(([, text]) => text).filter(Boolean).join("\n"), "the JSON") }, "JSON"),
        h("button", { type: "button", class: "quiet close", "aria-label": "Close", onclick: () => this.close() }, "✕")),
      h("div", { class: "scroll" },
        item.kind === "webhook" && this.explain(item),
        facts, ...parts.map(([title, text]) => h("section", {}, h("h4", {}, title), json(text)))),
    );
    const opens = pane.hidden;
    pane.hidden = false;
    if (opens) this.list.reveal();
  }

  /** What has become of a webhook since; another world has others of the same numbers. */
  latest(item) {
    const known = this.deliveries.get(item.number);
    return known?.body === item.body && known.url === item.url ? known : item;
  }

  explain(item) {
    const known = this.latest(item);
    return h("p", { class: failed(known) ? "why bad" : "why" }, explainDelivery(known, isNext(known, [...this.deliveries.values()])));
  }

  facts(item) {
    const name = this.names(item.requester_id);
    if (item.kind === "call") {
      return [["Call", `#${item.number}, ${item.transport === "rtm" ? "RTM" : "Web"} ${item.version}`],
        ["By", written(item.requester_id ? (name === item.requester_id ? name : `${name} (${item.requester_id})`) : "nobody")],
        ["Outcome", `${item.status ? `${item.status} ` : ""}${item.error || "ok"}${item.fault ? `, because of the fault ${item.fault}` : ""}`], ["At", item.at]];
    }
    if (item.kind === "push") {
      return [["To", item.audience], ["Webhook", item.webhook ? `${item.webhook}, sent to whoever is registered for it` : "has none"],
        item.chat_id && ["Chat", item.chat_id], ["Caused by", written(item.actor_id ? this.names(item.actor_id) : "the router or a timer")], ["At", item.at]].filter(Boolean);
    }
    if (item.kind === "webhook") {
      const known = this.latest(item);
      return [["To", written(known.url)], ["Delivery", `#${known.number}, ${outcomeOf(known)}`], known.chat_id && ["Chat", known.chat_id],
        ...known.attempts.map((attempt, place) => [`Attempt ${place + 1}`, written(`${timeOf(attempt.at)}: ${attempt.status ?? attempt.error}`)]),
        known.next_attempt_at && ["Next attempt", `${timeOf(known.next_attempt_at)} on the sandbox's clock`], ["Client id", known.owner_client_id]].filter(Boolean);
    }
    return [["At", item.at]];
  }

  close() {
    if ($("detail").hidden) return false;
    $("detail").hidden = true;
    this.list.refresh();
    $("list").focus();
    return true;
  }
}

function outcomeOf(item) {
  const last = item.attempts.at(-1);
  if (item.state === "delivered") return "delivered";
  if (item.state === "dead") return "given up";
  if (!last) return "queued";
  return `${last.status ?? "failed"}, retry`;
}
