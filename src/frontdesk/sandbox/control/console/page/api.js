// Calls of the sandbox: its controls, and the same APIs that every client calls.

const ROOT = location.pathname.replace(/\/__sandbox__\/.*$/, "");

/** What a response says went wrong. */
export class Refused extends Error {
  constructor(status, type, message) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

async function read(response) {
  const text = await response.text();
  let content = null;
  try {
    content = text ? JSON.parse(text) : {};
  } catch { /* not JSON */ }
  if (!response.ok) {
    const error = (content && content.error) || {};
    throw new Refused(response.status, error.type || "error", error.message || `HTTP ${response.status}`);
  }
  return content;
}

async function send(path, options) {
  try {
    return await fetch(ROOT + path, { cache: "no-store", credentials: "omit", redirect: "error", ...options });
  } catch {
    throw new Refused(0, "unreachable", "the sandbox does not respond");
  }
}

async function request(path, options) {
  return read(await send(path, options));
}

/** A control, see /__sandbox__/. */
export function control(verb, name, body) {
  return request(`/__sandbox__/${name}`, { method: verb, body: body === undefined ? undefined : JSON.stringify(body) });
}

/** The bytes of a snapshot. */
export async function snapshot() {
  const response = await send("/__sandbox__/snapshot");
  if (!response.ok) await read(response);
  return response.arrayBuffer();
}

export function restore(bytes) {
  return request("/__sandbox__/restore", { method: "POST", body: bytes });
}

let owner = null;

/** Forget the token: another world may have another one. */
export function forgetToken() {
  owner = null;
}

/** A method of the Agent Chat or Configuration API, called by the owner of the license. */
export async function call(method, body, api = "agent") {
  owner ??= (await control("GET", "tokens")).tokens.owner;
  return request(`/v3.6/${api}/action/${method}`, {
    method: "POST",
    headers: { Authorization: owner, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Send a file as a customer; returns its URL. */
export async function upload(token, organizationId, file) {
  const form = new FormData();
  form.append("file", file);
  const path = `/v3.6/customer/action/upload_file?organization_id=${encodeURIComponent(organizationId)}`;
  return (await request(path, { method: "POST", headers: { Authorization: token }, body: form })).url;
}

export const address = location.origin + ROOT;

export function socketAddress(organizationId) {
  return `${address.replace(/^http/, "ws")}/v3.6/customer/rtm/ws?organization_id=${encodeURIComponent(organizationId)}`;
}
