// Why a bot does not respond: what the sandbox knows, in the order in which one would look.

import { h, inline, timeOf, written } from "./dom.js";

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
  if (/not allowed|this sandbox sends|sandbox itself/i.test(text)) return `Nothing was sent: ${inline(text, 300)}`;
  if (/refus|connect call failed/i.test(text)) return `Nothing listens at ${host(url)}: start your receiver, or compare the port with the URL of the registration.`;
  if (/no response within|timed? ?out/i.test(text)) return "The receiver took more than 10 s: acknowledge first, and work afterwards.";
  if (/resolve|name or service|getaddrinfo/i.test(text)) return `There is no host of the name ${host(url)}.`;
  if (/certificate|ssl|tls/i.test(text)) return `The receiver's certificate is not trusted: ${inline(text, 200)}`;
  return `The receiver ended the connection (${inline(text, 200) || "no reason"}): look into the log of your program.`;
}

/** Whether nothing of the same chat and URL is still to be sent before a webhook. */
export function isNext(delivery, deliveries) {
  return !deliveries.some((other) => other.state === "waiting" && other.number < delivery.number
    && other.url === delivery.url && other.chat_id === delivery.chat_id && other.owner_client_id === delivery.owner_client_id);
}

/** What has become of a webhook, in a sentence or two; `isNext` if none has to be sent before it. */
export function explainDelivery(delivery, isNext) {
  const last = delivery.attempts.at(-1);
  if (!last) {
    return isNext ? "It was sent, and the receiver has not responded yet; after 10 s that counts as failed."
      : "It is queued, and sent as soon as those before it of the same chat and URL allow.";
  }
  const reason = explainAttempt(last, delivery.url);
  if (delivery.state === "delivered") return delivery.attempts.length > 1 ? `Received at attempt ${delivery.attempts.length}.` : reason;
  if (delivery.state === "dead") return `Given up after ${delivery.attempts.length === 1 ? "1 attempt" : `${delivery.attempts.length} attempts`}. ${reason}`;
  return `${reason} The next attempt is due at ${timeOf(delivery.next_attempt_at, false)}; moving the clock makes it due now.`;
}

/**
 * One thing that was found. `more` may have a `command` to copy, a `tab` of the desk where to go on,
 * and `item`, the happening that shows it.
 */
const finding = (level, text, more = {}) => ({ level, text, ...more });

/**
 * What stands between a customer's message and a response, most harmful first.
 *
 * `items` are the happenings of the present world, `now` is the time on its clock. `chat` is an
 * active one; `chatId` is there for one that the sandbox has not told of yet, or that has ended.
 */
export function diagnose({ state, deliveries, items, chat, chatId, names, now }) {
  if (!state) return [];
  // Other chats have webhooks of their own, those of the demo's among them.
  const seen = [...deliveries.values()].filter((delivery) => !chatId || delivery.body.includes(`"${chatId}"`));
  const silence = silenceOf(state, seen, items, chat, chatId, names, now);
  return [
    ...registrationsOf(state, chat),
    ...attemptsOf(state, seen, chat, now),
    ...silence.found,
    ...callsOf(items, names),
    ...faultsOf(state),
    ...clockOf(state),
    ...botsOf(state, items, chat, names, silence.replied),
  ].sort((one, other) => RANK[one.level] - RANK[other.level]);
}

const RANK = { bad: 0, warn: 1, info: 2, good: 3 };

function registrationsOf(state, chat) {
  const { webhooks, agents } = state;
  const connected = agents.some((agent) => agent.connections > 0);
  if (webhooks.length === 0) {
    return [connected ? finding("info", "No webhook is registered; a program is connected over RTM.")
      : finding("bad", "No webhook is registered, and nobody is connected over RTM: no program hears of anything.", { command: registering(agents) })];
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
      found.push(finding("bad", `The license webhooks of client id ${client} are switched off.`,
        { command: `frontdesk call enable_license_webhooks --owner-client-id ${client} --base-url ${location.origin}` }));
    }
    const awake = agents.some((agent) => agent.bot && agent.owner_client_id === client && agent.status !== "offline");
    if (own.some((webhook) => webhook.type === "bot") && !awake) {
      found.push(finding("bad", `Webhooks of type bot are sent while a bot of client id ${client} is not offline, and none is.`, { tab: "agents" }));
    }
  }
  for (const webhook of webhooks) found.push(...filtersOf(webhook, state, chat));
  return found;
}

/** The commands that register what a bot needs; the token comes from the environment. */
function registering(agents) {
  const client = agents.find((agent) => agent.bot && agent.owner_client_id)?.owner_client_id ?? "CLIENT_ID";
  return `# a bot of frontdesk registers itself:\nfrontdesk bot run bot.py --base-url ${location.origin}\n`
    + "# any other receiver, with FRONTDESK_TOKEN set:\nfor action in incoming_chat incoming_event; do frontdesk webhooks register $action http://127.0.0.1:5000/webhooks "
    + `--type license --secret-key SECRET --owner-client-id ${client} --base-url ${location.origin}; done`;
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

function attemptsOf(state, deliveries, chat, now) {
  const ofUrl = new Map();
  for (const delivery of deliveries) {
    if (!ofUrl.has(delivery.url)) ofUrl.set(delivery.url, []);
    ofUrl.get(delivery.url).push(delivery);
  }
  const found = [];
  for (const [url, all] of [...ofUrl].slice(-8)) {
    // The one that was tried last tells more than those that wait behind it, unless a later one is on its way.
    const tried = all.filter((delivery) => delivery.attempts.length > 0)
      .reduce((one, other) => (one && one.attempts.at(-1).at > other.attempts.at(-1).at ? one : other), null);
    const sent = all.find((delivery) => delivery.state === "waiting" && !delivery.attempts.length && isNext(delivery, all));
    const last = sent && tried?.state !== "waiting" ? sent : tried ?? all.at(-1);
    const level = last.state === "delivered" ? "good" : last.attempts.length ? "bad" : isOlder(last.at, now, SLOW) ? "warn" : "info";
    const count = (state) => all.filter((delivery) => delivery.state === state && delivery !== last).length;
    const waiting = count("waiting");
    const dead = count("dead");
    found.push(finding(level, `Webhook #${last.number} ${last.action} to ${inline(url, 200)}: ${explainDelivery(last, last === sent)}`
      + `${waiting ? ` ${waiting} more to this address ${waiting === 1 ? "waits" : "wait"}.` : ""}${dead ? ` ${dead} before it ${dead === 1 ? "was" : "were"} given up.` : ""}`, { item: last }));
  }
  if (state.webhooks.length && ofUrl.size === 0) {
    found.push(finding("info", chat ? `No webhook was sent about chat ${chat.id} yet.` : "No webhook was sent yet. Write as a customer."));
  }
  return found;
}

const isOlder = (at, now, milliseconds) => Date.parse(now) - Date.parse(at) > milliseconds;
/** Milliseconds after which a receiver, or a program, is slow enough to be spoken of. */
const SLOW = 2000;
const SILENT = 8000;
/** Webhooks among which that of the customer is looked for: the latest, so that a busy sandbox does not slow the page. */
const MOST_LOOKED_AT = 200;

/** What the console itself calls, as the owner, when somebody clicks, and what keeps a connection alive. */
const OWN = new Set(["get_chat", "set_routing_status"]);
const KEEPING = new Set(["login", "logout", "ping"]);

/** What the customer did last, as far as a program has got it: by a webhook, else over RTM. */
function heardOf(state, deliveries, items, chat, chatId) {
  const customers = new Set(chat ? [chat.customer_id] : items.filter((item) => item.author_type === "customer").map((item) => item.actor_id));
  const delivery = deliveries.slice(-MOST_LOOKED_AT).findLast((each) => each.state === "delivered" && isOfCustomer(each, customers));
  if (delivery) {
    const { at } = delivery.attempts.at(-1);
    return { at, item: delivery, text: `Webhook #${delivery.number} ${delivery.action} was received with 200 at ${timeOf(at, false)}` };
  }
  if (state.webhooks.length || !state.agents.some((agent) => agent.connections)) return null;
  const push = items.findLast((item) => item.kind === "push" && (item.action === "incoming_event" || item.action === "incoming_chat")
    && item.author_type === "customer" && (!chatId || item.chat_id === chatId));
  return push && { at: push.at, item: push, text: `The push ${push.action} went out over RTM at ${timeOf(push.at, false)}` };
}

/** What the program has called since it heard of the customer, and whether it has replied. */
function silenceOf(state, deliveries, items, chat, chatId, names, now) {
  const heard = heardOf(state, deliveries, items, chat, chatId);
  // Calls are as old as the list is kept: of those before it nobody can say whether there were any.
  if (!heard || !items.length || items[0].at > heard.at) return { found: [], replied: false };
  const { at, text: received } = heard;
  const bots = new Set(state.agents.filter((agent) => agent.bot).map((agent) => agent.id));
  const calls = items.filter((item) => item.kind === "call" && item.at >= at && (item.api === "agent" || item.api === "configuration")
    && !KEEPING.has(item.action) && (bots.has(item.requester_id) || !OWN.has(item.action)));
  const level = isOlder(at, now, SILENT) ? "bad" : "warn";
  const wasThere = chat?.agents.length && !chat.agents.some((id) => bots.has(id))
    && items.some((item) => item.kind === "call" && bots.has(item.requester_id) && !item.error && item.request.includes(`"${chat.id}"`));
  if (!calls.length && wasThere) {
    return { replied: true, found: [finding("info", `${received}, and no program has called the API since: the bot has left chat ${chat.id} to ${chat.agents.map(names).join(", ")}.`, { item: heard.item })] };
  }
  if (!calls.length) {
    return { replied: false, found: [finding(level, `${received}, and no program has called the API since. Its handler has raised an error (see the log or the terminal of your program), `
      + `still works or waits for something, or it calls another address than ${location.origin}.`, { item: heard.item })] };
  }
  const about = chat ? calls.filter((item) => !item.request || item.request.includes(`"${chat.id}"`)) : calls;
  const item = about.at(-1) ?? calls.at(-1);
  const who = names(item.requester_id) || "a program";
  if (!about.length) return { replied: false, found: [finding(level, `${received}. Since then ${who} called ${item.action}, and nobody called anything about chat ${chat.id}: look at the chat_id that your program uses.`, { item })] };
  const sent = about.filter((each) => each.action === "send_event" && !each.error);
  if (sent.length && sent.every((each) => parsed(each.request)?.event?.visibility === "agents")) {
    return { replied: false, found: [finding("bad", `${names(sent.at(-1).requester_id)} replied with visibility "agents": the customer does not see that. Leave visibility out, or set it to "all".`, { item: sent.at(-1) })] };
  }
  if (sent.length) return { replied: true, found: [finding("good", `${received}, and ${names(sent.at(-1).requester_id)} replied at ${timeOf(sent.at(-1).at, false)}.`, { item: sent.at(-1) })] };
  return { replied: false, found: [finding("info", `${received}. Since then ${who} called ${item.action} last, and nothing was sent to the customer.`, { item })] };
}

/** Whether a webhook reports what a customer did: a bot need not respond to anything else. */
function isOfCustomer(delivery, customers) {
  if (!["incoming_chat", "incoming_event", "incoming_rich_message_postback"].includes(delivery.action)) return false;
  const payload = parsed(delivery.body)?.payload ?? {};
  const author = payload.event?.author_id ?? payload.requester_id ?? payload.user_id;
  return author === undefined ? delivery.action === "incoming_chat" : customers.has(author);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The bots that matter: the one in the chat, else those that have called anything, else all. */
function concerned(state, items, chat) {
  const bots = state.agents.filter((agent) => agent.bot);
  const present = bots.filter((bot) => chat?.agents.includes(bot.id));
  if (present.length) return present;
  const callers = new Set(items.filter((item) => item.kind === "call").map((item) => item.requester_id));
  const active = bots.filter((bot) => callers.has(bot.id));
  return active.length ? active : bots;
}

function botsOf(state, items, chat, names, replied) {
  const found = [];
  const bots = concerned(state, items, chat);
  if (bots.length === 0) found.push(finding("info", "There is no bot: a program can still respond with the token of an agent.", { command: "frontdesk bot create NAME" }));
  for (const bot of bots) {
    const name = names(bot.id);
    const present = chat?.agents.includes(bot.id);
    if (bot.suspended) found.push(finding("bad", `${name} is suspended or awaits approval.`, { tab: "agents" }));
    else if (present) found.push(finding("good", `${name} (bot) is in chat ${chat.id}.`));
    else if (bot.status !== "accepting_chats") {
      found.push(finding(replied ? "info" : "warn", `${name} (bot) is ${bot.status.replaceAll("_", " ")}: no chat is given to it, and it gets into those alone that it joins.`, { tab: "agents" }));
    } else if (bot.max_chats !== null && bot.chats >= bot.max_chats) {
      found.push(finding(replied ? "info" : "warn", `${name} (bot) has ${bot.chats} chats, the most that are given to it.`, { tab: "agents" }));
    }
    if (!chat || present) continue;
    const shares = chat.group_ids.some((id) => bot.groups.includes(id)) || (chat.group_ids.includes(0) && bot.groups.length === 0);
    if (!shares) found.push(finding(replied ? "info" : "warn", `Chat ${chat.id} is in ${groupNames(state, chat.group_ids)}, and ${name} (bot) is in ${groupNames(state, bot.groups) || "no group"}.`, { tab: "agents" }));
    else if (chat.agents.length) found.push(finding("info", `Chat ${chat.id} was given to ${chat.agents.map(names).join(", ")}, not to ${name} (bot).`, { tab: "chats" }));
  }
  if (chat?.queue) found.push(finding("warn", `Chat ${chat.id} waits in the queue at place ${chat.queue}: nobody in ${groupNames(state, chat.group_ids)} can take it now.`, { tab: "agents" }));
  else if (chat && chat.agents.length === 0) found.push(finding("info", `Nobody is in chat ${chat.id} but the customer.`));
  return found;
}

function groupNames(state, ids) {
  return ids.map((id) => `group ${id} (${inline(state.groups.find((group) => group.id === id)?.name ?? "deleted")})`).join(", ");
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
      message = inline(JSON.parse(item.response).error.message, 300);
    } catch { /* not kept */ }
    const who = item.requester_id ? names(item.requester_id) : item.error === "authentication" ? "somebody without a valid token" : "a program";
    found.push(finding("bad", `The last ${inline(item.action)} of ${who} failed: ${item.error}${message ? `, ${message}` : ""}${item.fault ? " (a fault that is switched on)" : ""}.`, { item }));
    if (found.length === 4) break;
  }
  return found;
}

function faultsOf(state) {
  return state.faults.map((fault) => finding("warn", `A fault is switched on: ${fault.kind} for ${fault.methods.length ? fault.methods.join(", ") : "every method"}.`, { tab: "controls" }));
}

function clockOf(state) {
  return state.running ? [] : [finding("info", "The sandbox's clock stands still: retries, timeouts and what is due later wait until it is moved.", { tab: "controls" })];
}

const TABS = { agents: "Agents", chats: "Chats", controls: "Controls" };

/** Draw the findings; `on` has tab(name), item(happening) and copy(command). */
export function drawWhy(panel, findings, chat, on) {
  const words = { bad: "Problem", warn: "Check", info: "Note", good: "Fine" };
  const button = (key, label, act) => h("button", { type: "button", data: { key }, onclick: act }, label);
  const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.key ?? "" : null;
  panel.replaceChildren(
    h("p", { class: "lead" }, "Why does my bot not respond? ", h("span", { class: "muted" }, chat ? `Seen for chat ${chat.id}.` : "Be a customer and write, to see it for a chat.")),
    h("ul", { class: "findings" }, findings.map(({ level, text, command, tab, item }, place) => h("li", { class: level },
      h("span", { class: "tag" }, words[level]), h("div", {}, written(text), command && h("code", {}, command),
        (command || tab || item) && h("div", { class: "ways" },
          item && button(`item-${place}`, `Show the ${item.kind}`, () => on.item(item)),
          tab && button(`tab-${place}`, `Go to ${TABS[tab]}`, () => on.tab(tab)),
          command && button(`copy-${place}`, "Copy", () => on.copy(command))))))),
  );
  // What is redrawn beneath the focus must not lose it.
  if (focused !== null && focused) (panel.querySelector(`[data-key="${CSS.escape(focused)}"]`) ?? panel).focus();
}
