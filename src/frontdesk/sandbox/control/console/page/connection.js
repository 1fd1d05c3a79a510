// A customer's connection: the Customer Chat API over RTM, as every chat window uses it.

import { Refused, control, socketAddress } from "./api.js";

const PING = 15000;
const FINAL = new Set(["customer_banned", "license_expired", "license_not_found", "unsupported_version", "too_many_connections"]);

export class CustomerConnection {
  /** `on` has: open(login), push(action, payload), closed(reason, forGood). */
  constructor(customerId, organizationId, on) {
    this.customerId = customerId;
    this.organizationId = organizationId;
    this.on = on;
    this.number = 0;
    this.waiting = new Map();
    this.closed = this.ended = this.gone = false;
    this.token = "";
    this.wait = 500;
    this.page = { url: "https://www.example.com/", title: "Example" };
    this.open();
  }

  async open() {
    clearTimeout(this.timer);
    if (this.ended || this.socket?.readyState === WebSocket.OPEN || this.opening) return;
    this.opening = true;
    try {
      this.token = (await control("POST", "tokens/customer", { customer_id: this.customerId })).token;
    } catch (error) {
      this.opening = false;
      if (this.again) {
        // What was said is of the world before.
        this.again = false;
        this.open();
        return;
      }
      this.gone = error.type === "not_found" || error.status === 400;
      this.lost(this.gone ? "this customer is not in the sandbox any more" : error.message, error.status >= 400 && error.status < 500);
      return;
    }
    this.opening = false;
    if (this.ended) return;
    const socket = new WebSocket(socketAddress(this.organizationId));
    this.socket = socket;
    socket.onopen = async () => {
      try {
        const login = await this.call("login", { token: this.token, customer_page: this.page, application: { name: "frontdesk_console" } });
        this.wait = 500;
        this.pinger = setInterval(() => this.call("ping", {}).catch(() => {}), PING);
        this.on.open(login);
      } catch (error) {
        socket.close();
        if (error.type === "customer_banned") this.lost("the customer is banned", true);
      }
    };
    socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.socket === socket) this.lost(this.reason || "the connection ended", FINAL.has(this.reason));
    };
  }

  /** Connect without waiting; in another world a customer may be there again, or not be banned. */
  reopen() {
    if (this.closed) return;
    this.ended = this.gone = false;
    this.wait = 500;
    this.again = this.opening;
    this.open();
  }

  lost(reason, forGood) {
    clearInterval(this.pinger);
    clearTimeout(this.timer);
    for (const { reject } of this.waiting.values()) reject(new Refused(0, "connection", "the connection ended"));
    this.waiting.clear();
    if (this.ended) return;
    this.ended = forGood;
    this.reason = "";
    this.on.closed(reason, forGood, this.gone);
    if (!forGood) {
      this.timer = setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(this.wait * 2, 5000);
    }
  }

  receive(frame) {
    if (frame.type === "response") {
      const waiting = this.waiting.get(frame.request_id);
      this.waiting.delete(frame.request_id);
      if (!waiting) return;
      if (frame.success) waiting.resolve(frame.payload ?? {});
      else waiting.reject(new Refused(400, frame.payload?.error?.type, frame.payload?.error?.message));
      return;
    }
    if (frame.action === "customer_disconnected") this.reason = frame.payload?.reason ?? "";
    this.on.push(frame.action, frame.payload ?? {});
  }

  /** Call a method; rejects with what the API says. */
  call(action, payload) {
    return new Promise((resolve, reject) => {
      if (this.socket?.readyState !== WebSocket.OPEN) {
        reject(new Refused(0, "connection", "the chat window is not connected"));
        return;
      }
      this.number += 1;
      const id = String(this.number);
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ request_id: id, action, payload }));
    });
  }

  close() {
    this.closed = this.ended = true;
    clearInterval(this.pinger);
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
