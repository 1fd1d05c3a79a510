// Why a bot does not respond: what the sandbox knows, in the order in which one would look.

import { h, timeOf, written } from "./dom.js";

const host = (url) => {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
};

/** What an attempt to deliver a webhook tells, and what to do. */
export function explainAttempt(attempt, url) {
  const { status, error } = attempt;
  if (status === 200) return "It was received with 200.";
  if (status === 401 || status === 403) return `The receiver refused it with ${status}: does it compare secret_key with the one that the webhook was registered with?`;
  if (status === 404 || status === 405) return `The receiver at ${host(url)} has nothing at this path (${status}): compare the URL of the registration with the route of your program.`;
  if (status >= 500) return `The receiver failed with ${status}: the reason is in the log of your program.`;
  if (status >= 300 && status < 400) return `The receiver redirects (${status}), and webhooks do not follow: register the final URL.`;
  if (status) return `The receiver responded with ${status}, and only 200 counts as received.`;
  const text = String(error ?? "");
  if (/refus|connect call failed/i.test(text)) return `Nothing listens at ${host(url)}: start your receiver, or compare the port with the URL of the registration.`;
  if (/no response within|timed? ?out/i.test(text)) return "The receiver took more than 10 s: acknowledge first, and work afterwards.";
  if (/resolve|name or service|getaddrinfo/i.test(text)) return `There is no host of the name ${host(url)}.`;
  if (/certificate|ssl|tls/i.test(text)) return `The receiver's certificate is not trusted: ${text}`;
  return `The receiver ended the connection (${text || "no reason"}): look into the log of your program.`;
}

/** What has become of a webhook, in a sentence or two. */
export function explainDelivery(delivery) {
  const last = delivery.attempts.at(-1);
  if (!last) return "It is queued, and sent as soon as those before it of the same chat and URL allow.";
  const reason = explainAttempt(last, delivery.url);
  if (delivery.state === "delivered") return delivery.attempts.length > 1 ? `Received at attempt ${delivery.attempts.length}.` : reason;
  if (delivery.state === "dead") return `Given up after ${delivery.attempts.length} attempts. ${reason}`;
  return `${reason} The next attempt is due at ${timeOf(delivery.next_attempt_at, false)}; moving the clock makes it due now.`;
}

const finding = (level, text, hint = "") => ({ level, text, hint });

/** What stands between a customer's message and a response, most harmful first. */
export function diagnose({ state, deliveries, items, chat, names }) {
  if (!state) return [];
  const bots = state.agents.filter((agent) => agent.bot);
  // Other chats have webhooks of their own, those of the demo's among them.
  const seen = [...deliveries.values()].filter((delivery) => !chat || !delivery.body || delivery.body.includes(`"${chat.id}"`));
  return [
    ...registrationsOf(state, chat),
    ...attemptsOf(state, seen, chat),
    ...botsOf(state, bots, chat, names),
    ...silenceOf(seen, items, names),
    ...callsOf(items, names),
    ...faultsOf(state),
  ].sort((one, other) => RANK[one.level] - RANK[other.level]);
}

const RANK = { bad: 0, warn: 1, info: 2, good: 3 };

function registrationsOf(state, chat) {
  const { webhooks, agents } = state;
  const connected = agents.some((agent) => agent.connections > 0);
  if (webhooks.length === 0) {
    return [connected ? finding("info", "No webhook is registered; a program is connected over RTM.")
      : finding("bad", "No webhook is registered, and nobody is connected over RTM: no program hears of anything.", registering(agents))];
  }
  const found = [];
  if (!webhooks.some((webhook) => webhook.action === "incoming_event")) {
    found.push(finding("warn", `No webhook is registered for incoming_event: messages are not reported. Registered: ${[...new Set(webhooks.map((webhook) => webhook.action))].join(", ")}.`));
  } else if (!webhooks.some((webhook) => webhook.action === "incoming_chat")) {
    found.push(finding("warn", "No webhook is registered for incoming_chat: the message that begins a chat comes with it, and not with incoming_event."));
  }
  for (const client of new Set(webhooks.map((webhook) => webhook.owner_client_id))) {
    const own = webhooks.filter((webhook) => webhook.owner_client_id === client);
    if (own.some((webhook) => webhook.type === "license") && state.webhooks_off.includes(client)) {
      found.push(finding("bad", `The license webhooks of client id ${client} are switched off.`, `frontdesk call enable_license_webhooks --owner-client-id ${client}`));
    }
    const awake = agents.some((agent) => agent.bot && agent.owner_client_id === client && agent.status !== "offline");
    if (own.some((webhook) => webhook.type === "bot") && !awake) {
      found.push(finding("bad", `Webhooks of type bot are sent while a bot of client id ${client} is not offline, and none is.`, "Set the bot's status under Agents."));
    }
  }
  for (const webhook of webhooks) found.push(...filtersOf(webhook, state, chat));
  return found;
}

/** The commands that register what a bot needs; the token comes from the environment. */
function registering(agents) {
  const client = agents.find((agent) => agent.bot && agent.owner_client_id)?.owner_client_id ?? "CLIENT_ID";
  const options = `http://127.0.0.1:5000/webhooks --type license --secret-key SECRET --owner-client-id ${client} --base-url ${location.origin}`;
  return `FRONTDESK_TOKEN=… frontdesk webhooks register incoming_chat ${options}, and the same with incoming_event`;
}

function filtersOf(webhook, state, chat) {
  const filters = webhook.filters ?? {};
  const found = [];
  if (filters.author_type === "agent") found.push(finding("warn", `The webhook ${webhook.action} asks for events of agents only (author_type): messages of customers are not reported.`));
  const presence = filters.chat_presence;
  if (chat && presence?.my_bots) {
    const own = state.agents.filter((agent) => agent.bot && agent.owner_client_id === webhook.owner_client_id).map((agent) => agent.id);
    if (!chat.agents.some((id) => own.includes(id))) found.push(finding("warn", `The webhook ${webhook.action} asks for chats with one of your bots in it (chat_presence.my_bots), and none is in chat ${chat.id}.`));
  }
  const wanted = presence?.user_ids?.values;
  if (chat && wanted && !chat.agents.concat(chat.customer_id).some((id) => wanted.includes(id))) {
    found.push(finding("warn", `The webhook ${webhook.action} asks for chats with ${wanted.join(", ")} in it, and chat ${chat.id} has none of them.`));
  }
  if (filters.only_my_chats) found.push(finding("info", `The webhook ${webhook.action} asks for chats that its client id started (only_my_chats): those of customers are not among them.`));
  return found;
}

function attemptsOf(state, deliveries, chat) {
  const ofUrl = new Map();
  for (const delivery of deliveries) {
    if (!ofUrl.has(delivery.url)) ofUrl.set(delivery.url, []);
    ofUrl.get(delivery.url).push(delivery);
  }
  const found = [];
  for (const [url, all] of [...ofUrl].slice(-8)) {
    // The one that was tried last tells more than those that wait behind it.
    const tried = all.filter((delivery) => delivery.attempts.length > 0);
    const last = tried.reduce((one, other) => (one && one.attempts.at(-1).at > other.attempts.at(-1).at ? one : other), null) ?? all.at(-1);
    const level = last.state === "delivered" ? "good" : last.attempts.length ? "bad" : "info";
    const behind = all.filter((delivery) => delivery.state === "waiting" && delivery !== last).length;
    found.push(finding(level, `Webhook #${last.number} ${last.action} to ${url}: ${explainDelivery(last)}${behind ? ` ${behind} more to this address ${behind === 1 ? "waits" : "wait"}.` : ""}`));
  }
  if (state.webhooks.length && ofUrl.size === 0) {
    found.push(finding("info", chat ? `No webhook was sent about chat ${chat.id} yet.` : "No webhook was sent yet. Write as a customer."));
  }
  return found;
}

/** What the console itself calls when somebody clicks. */
const OWN = new Set(["get_chat", "set_routing_status"]);

/** Whether a program that got the last webhook has called anything since. */
function silenceOf(deliveries, items, names) {
  const last = deliveries.filter((delivery) => delivery.state === "delivered" && delivery.action.startsWith("incoming_")).at(-1);
  if (!last || (last.action === "incoming_event" && !isByCustomer(items, last))) return [];
  const call = items.findLast((item) => item.kind === "call" && (item.api === "agent" || item.api === "configuration") && !OWN.has(item.action) && item.at > last.attempts.at(-1).at);
  if (!call) return [finding("warn", `Webhook #${last.number} ${last.action} was received with 200, and no program has called the API since: look into the handler of your program.`)];
  return [finding("info", `Since webhook #${last.number} ${last.action} was received, ${names(call.requester_id) || "somebody"} called ${call.action} last.`)];
}

function isByCustomer(items, delivery) {
  const id = parsed(delivery.body)?.payload?.event?.id;
  return items.some((item) => item.kind === "push" && item.action === "incoming_event" && item.author_type === "customer" && item.payload.includes(`"${id}"`));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function botsOf(state, bots, chat, names) {
  const found = [];
  if (bots.length === 0) found.push(finding("info", "There is no bot: a program can still respond with the token of an agent.", "frontdesk bot create NAME"));
  for (const bot of bots) {
    if (bot.suspended) found.push(finding("bad", `${bot.name} is suspended or awaits approval.`));
    else if (bot.status !== "accepting_chats") {
      found.push(finding("warn", `${bot.name} (bot) is ${bot.status.replaceAll("_", " ")}: no chat is given to it.`, "Set its status under Agents."));
    }
    if (!chat) continue;
    const shares = chat.group_ids.some((id) => bot.groups.includes(id)) || (chat.group_ids.includes(0) && bot.groups.length === 0);
    if (chat.agents.includes(bot.id)) found.push(finding("good", `${bot.name} (bot) is in chat ${chat.id}.`));
    else if (!shares) found.push(finding("warn", `Chat ${chat.id} is in ${groupNames(state, chat.group_ids)}, and ${bot.name} (bot) is in ${groupNames(state, bot.groups) || "no group"}.`));
    else if (chat.agents.length) found.push(finding("info", `Chat ${chat.id} was given to ${chat.agents.map(names).join(", ")}, not to ${bot.name} (bot).`));
  }
  if (chat?.queue) found.push(finding("warn", `Chat ${chat.id} waits in the queue at place ${chat.queue}: nobody in ${groupNames(state, chat.group_ids)} can take it now.`));
  else if (chat && chat.agents.length === 0) found.push(finding("info", `Nobody is in chat ${chat.id} but the customer.`));
  return found;
}

function groupNames(state, ids) {
  return ids.map((id) => `group ${id} (${state.groups.find((group) => group.id === id)?.name ?? "deleted"})`).join(", ");
}

function callsOf(items, names) {
  const found = [];
  const seen = new Set();
  for (let place = items.length - 1; place >= 0 && place > items.length - 400; place -= 1) {
    const item = items[place];
    if (item.kind !== "call" || item.api === "customer" || seen.has(`${item.action} ${item.requester_id}`)) continue;
    seen.add(`${item.action} ${item.requester_id}`);
    if (!item.error) continue;
    let message = "";
    try {
      message = JSON.parse(item.response).error.message;
    } catch { /* not kept */ }
    const who = item.requester_id ? names(item.requester_id) : "somebody without a valid token";
    found.push(finding("bad", `The last ${item.action} of ${who} failed: ${item.error}${message ? `, ${message}` : ""}${item.fault ? " (a fault that is switched on)" : ""}.`));
    if (found.length === 4) break;
  }
  return found;
}

function faultsOf(state) {
  return state.faults.map((fault) => finding("warn", `A fault is switched on: ${fault.kind} for ${fault.methods.length ? fault.methods.join(", ") : "every method"}.`, "Switch it off under Controls."));
}

/** Draw the findings. */
export function drawWhy(panel, findings, chat) {
  const words = { bad: "Problem", warn: "Check", info: "Note", good: "Fine" };
  panel.replaceChildren(
    h("p", { class: "lead" }, "Why does my bot not respond? ", h("span", { class: "muted" }, chat ? `Seen for chat ${chat.id}.` : "Be a customer and write, to see it for a chat.")),
    h("ul", { class: "findings" }, findings.map(({ level, text, hint }) => h("li", { class: level },
      h("span", { class: "tag" }, words[level]), h("div", {}, written(text), hint && h("code", {}, hint))))),
  );
}
