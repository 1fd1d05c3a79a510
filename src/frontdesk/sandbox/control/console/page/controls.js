// The controls: time, faults, snapshots, connections, beginning anew.

import { control, restore, snapshot } from "./api.js";
import { $, h, openDialog, toast } from "./dom.js";

const FAULTS = {
  internal: "fails with internal",
  too_many_requests: "fails with too_many_requests",
  service_unavailable: "fails with service_unavailable",
  latency: "late by some seconds",
  slow_body: "dripped over some seconds",
  truncated_body: "cut in half",
  reset_before: "connection reset, nothing done",
  reset_after: "connection reset, work done",
  wrong_region: "refused: wrong region",
  expired_token: "refused: token expired",
};
const COMMON = ["send_event", "start_chat", "get_chat", "list_chats", "transfer_chat", "set_routing_status", "customer.send_event", "customer.start_chat"];

async function attempt(work, done) {
  try {
    const result = await work();
    if (done) toast(done);
    return result;
  } catch (error) {
    toast(error.message, true);
    return null;
  }
}

/** Move the clock forward by seconds. */
export function advance(seconds) {
  return attempt(() => control("POST", "clock", { advance: seconds }), `The clock moved by ${seconds} s`);
}

export class Controls {
  constructor(app) {
    this.app = app;
    this.snapshots = [];
    this.build();
  }

  build() {
    const seconds = h("input", { name: "seconds", type: "number", min: "1", step: "any", value: "300", required: true, "aria-label": "Seconds" });
    const clock = h("form", { class: "line" }, h("label", {}, h("span", {}, "Seconds"), seconds), h("button", {}, "Move the clock"));
    clock.addEventListener("submit", (event) => {
      event.preventDefault();
      advance(Number(seconds.value));
    });
    this.faultList = h("ul", { class: "plain" });
    this.snapshotList = h("ul", { class: "plain" });
    this.about = h("p", { class: "muted" });
    const file = h("input", { type: "file", class: "unseen", tabindex: "-1", "aria-hidden": "true", onchange: async () => {
      const [chosen] = file.files;
      file.value = "";
      if (chosen) await attempt(async () => restore(await chosen.arrayBuffer()), `Restored ${chosen.name}`);
    } });
    $("controls").replaceChildren(
      h("h3", {}, "Time"), clock,
      h("h3", {}, "Faults"), this.faultForm(), this.faultList,
      h("h3", {}, "Snapshots"),
      h("div", { class: "line" }, h("button", { type: "button", id: "take-snapshot", onclick: () => this.take() }, "Take a snapshot"),
        h("button", { type: "button", class: "quiet", onclick: () => file.click() }, "Restore a file"), file),
      this.snapshotList,
      h("h3", {}, "Connections"),
      h("div", { class: "line" },
        h("button", { type: "button", onclick: () => attempt(() => control("POST", "rtm/cut", {}), "All RTM connections were reset") }, "Cut all RTM connections"),
        h("button", { type: "button", class: "quiet", onclick: () => attempt(() => control("DELETE", "deliveries"), "Waiting webhooks were forgotten") }, "Forget waiting webhooks")),
      h("h3", {}, "World"), this.about,
      h("div", { class: "line" }, h("button", { type: "button", class: "danger", onclick: () => this.reset() }, "Begin anew")),
    );
  }

  faultForm() {
    const kind = h("select", { name: "kind" }, Object.entries(FAULTS).map(([value, label]) => h("option", { value }, label)));
    const method = h("input", { name: "method", list: "methods", placeholder: "send_event", autocomplete: "off", spellcheck: "false" });
    const rate = h("input", { name: "rate", type: "number", min: "1", max: "100", value: "100" });
    const times = h("input", { name: "times", type: "number", min: "1", placeholder: "no end" });
    const seconds = h("input", { name: "seconds", type: "number", min: "0.1", max: "3600", step: "any", value: "3" });
    const timed = h("label", { hidden: true }, h("span", {}, "Seconds"), seconds);
    kind.addEventListener("change", () => { timed.hidden = !["latency", "slow_body"].includes(kind.value); });
    const form = h("form", { class: "fields", id: "fault-form" },
      h("label", {}, h("span", {}, "What"), kind), h("label", {}, h("span", {}, "Method; empty for all"), method),
      h("label", {}, h("span", {}, "Share of calls, %"), rate), h("label", {}, h("span", {}, "Times"), times), timed,
      h("datalist", { id: "methods" }, COMMON.map((value) => h("option", { value }))),
      h("button", {}, "Switch on"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fault = { kind: kind.value, rate: Number(rate.value) / 100 };
      if (method.value.trim()) fault.methods = method.value.split(",").map((name) => name.trim()).filter(Boolean);
      if (times.value) fault.times = Number(times.value);
      if (!timed.hidden) fault.seconds = Number(seconds.value);
      attempt(() => control("POST", "faults", fault), "The fault is on");
    });
    return form;
  }

  show(state) {
    this.about.textContent = `Seed ${state.seed}, random seed ${state.random_seed}; clock ${state.running ? "running" : "standing still"}; ${state.active_chats} active chats`;
    const { faults } = state;
    const shown = JSON.stringify(faults);
    if (shown === this.faultsShown) return;
    this.faultsShown = shown;
    const focused = this.faultList.contains(document.activeElement);
    this.faultList.replaceChildren(...(faults.length ? [
      ...faults.map((fault) => h("li", { class: "agent" }, h("div", { class: "grow" }, h("strong", {}, fault.kind),
        h("p", { class: "muted" }, `${fault.methods.join(", ") || "every method"}, ${Math.round(fault.rate * 100)} %${fault.times ? `, ${fault.times} times` : ""}${fault.seconds ? `, ${fault.seconds} s` : ""}`)))),
      h("li", {}, h("button", { type: "button", id: "clear-faults", onclick: () => attempt(() => control("DELETE", "faults"), "All faults are off") }, "Switch all off"))] : [h("li", { class: "muted" }, "None is on.")]));
    if (focused) ($("clear-faults") ?? $("fault-form").elements.kind).focus();
    const pill = $("faulty");
    pill.hidden = faults.length === 0;
    pill.textContent = faults.length === 1 ? "1 fault on" : `${faults.length} faults on`;
  }

  async take() {
    const bytes = await attempt(() => snapshot());
    if (!bytes) return;
    this.snapshots.push({ bytes, at: this.app.now(), number: this.snapshots.length + 1 });
    toast("Snapshot taken; it is kept as long as this page is open");
    this.drawSnapshots();
  }

  drawSnapshots() {
    this.snapshotList.replaceChildren(...this.snapshots.map((kept) => h("li", { class: "agent" },
      h("div", { class: "grow" }, h("strong", {}, `Snapshot ${kept.number}`), h("p", { class: "muted" }, `${kept.at.slice(0, 19).replace("T", " ")}, ${(kept.bytes.byteLength / 2 ** 20).toFixed(1)} MB`)),
      h("button", { type: "button", onclick: () => attempt(() => restore(kept.bytes), `Back at snapshot ${kept.number}`) }, "Restore"),
      h("button", { type: "button", class: "quiet", onclick: () => this.save(kept) }, "Save"))));
  }

  save(kept) {
    const url = URL.createObjectURL(new Blob([kept.bytes]));
    h("a", { href: url, download: `sandbox-${kept.number}.snapshot` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  reset() {
    const seed = h("select", { name: "seed" }, ["", "demo", "quiet", "empty"].map((value) => h("option", { value }, value || `as it is (${this.app.state?.seed})`)));
    const form = openDialog("Begin anew", [h("p", {}, "All chats, customers and settings of this sandbox are lost. A snapshot keeps them."), h("label", {}, h("span", {}, "Seed"), seed)],
      [h("button", { class: "danger", value: "ok" }, "Begin anew")]);
    form.addEventListener("submit", () => attempt(() => control("POST", "reset", seed.value ? { seed: seed.value } : {}), "The sandbox began anew"));
  }
}
