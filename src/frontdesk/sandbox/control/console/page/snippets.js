// A call as a program would make it: with a placeholder for every secret.

import { address } from "./api.js";

const BY_GET = new Set(["list_license_properties", "list_group_properties", "get_dynamic_configuration", "get_configuration", "get_localization"]);
const OVER_RTM = new Set(["login", "logout", "ping"]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function parsed(text) {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return null;
  }
}

function literal(value, indent) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return plain(value);
  const inner = `${indent}    `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value) ? value.map((item) => literal(item, inner))
    : Object.entries(value).map(([key, item]) => `${plain(key)}: ${literal(item, inner)}`);
  const line = `${open}${parts.join(", ")}${close}`;
  if (line.length + indent.length < 88 && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** JSON on one line, without a character that a terminal would obey or that turns texts around. */
const plain = (value) => JSON.stringify(value).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

function method(item) {
  return item.action.replace(/^customer\./, "");
}

/** The call with frontdesk; empty for what is no call of a method, or is nested too deeply to be written down. */
export function toPython(item) {
  try {
    return python(item);
  } catch {
    return "";
  }
}

function python(item) {
  if (item.kind !== "call" || item.api === "accounts" || OVER_RTM.has(method(item))) return "";
  const fields = parsed(item.request);
  if (fields === null || Array.isArray(fields) || !NAME.test(method(item))) return "";
  const names = { agent: "AgentClient", configuration: "ConfigurationClient", customer: "CustomerClient" };
  const name = names[item.api];
  const extra = item.api === "customer" ? ', organization_id=os.environ["FRONTDESK_ORGANIZATION_ID"]' : "";
  const parts = Object.entries(fields).map(([key, value]) => `    ${key}=${literal(value, "    ")},\n`);
  const call = Object.keys(fields).every((key) => NAME.test(key)) ? `(${parts.length ? `\n${parts.join("")}` : ""})` : `(**${literal(fields, "")})`;
  const variable = item.api === "customer" ? "FRONTDESK_CUSTOMER_TOKEN" : "FRONTDESK_TOKEN";
  return `import os\n\nfrom frontdesk import ${name}\n\nwith ${name}(os.environ["${variable}"]${extra}, base_url="${address}") as client:\n    print(client.${method(item)}${call.replaceAll("\n", "\n    ")})\n`;
}

/** The call, or the webhook, with curl; empty as above. */
export function toCurl(item) {
  try {
    return curl(item);
  } catch {
    return "";
  }
}

function curl(item) {
  if (item.kind === "webhook") {
    const body = parsed(item.body);
    if (body === null) return "";
    // A callback is no webhook: nobody has registered a secret for it.
    const sent = item.webhook_id ? { ...body, secret_key: "SECRET_KEY" } : body;
    return `curl -sS ${quoted(item.url)} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(plain(sent))}\n`;
  }
  if (item.kind !== "call" || item.api === "accounts" || OVER_RTM.has(method(item)) || !NAME.test(method(item))) return "";
  const fields = parsed(item.request);
  if (fields === null) return "";
  const customer = item.api === "customer";
  const path = `${address}/v${item.version}/${item.api}/action/${method(item)}`;
  if (customer && BY_GET.has(method(item))) return `curl -sS "${path}?organization_id=$FRONTDESK_ORGANIZATION_ID"\n`;
  const url = customer ? `"${path}?organization_id=$FRONTDESK_ORGANIZATION_ID"` : quoted(path);
  const token = customer ? "$FRONTDESK_CUSTOMER_TOKEN" : "$FRONTDESK_TOKEN";
  return `curl -sS ${url} \\\n  -H "Authorization: ${token}" \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(plain(fields))}\n`;
}
