// Points LiveChat's customer-sdk at a sandbox of frontdesk. Load it before the SDK.
//
// In a page:  <script src="http://localhost:8080/customer-sdk.js"></script>
// In Node:    FRONTDESK_SANDBOX=http://localhost:8080 node --require ./customer-sdk.js app.js
//
// The SDK has no option for the host, so what it opens is redirected: WebSocket, XMLHttpRequest,
// fetch and Image. Addresses of other hosts stay as they are.
(function (scope) {
  "use strict";
  const script = scope.document && scope.document.currentScript;
  const named = scope.process && scope.process.env && scope.process.env.FRONTDESK_SANDBOX;
  const base = script ? new URL(script.src).origin : String(named || "").replace(/\/+$/, "");
  if (!base) {
    throw new Error("set FRONTDESK_SANDBOX to the address of the sandbox, as http://localhost:8080");
  }
  const livechat = /^(https|wss):\/\/(api|accounts|queue)[a-z0-9-]*(\.[a-z0-9-]+)*\.livechat(inc)?\.com(\/|$)/;

  function redirect(address) {
    const text = String(address);
    const match = livechat.exec(text);
    if (!match) return address;
    const path = text.slice(text.indexOf("/", match[1].length + 3));
    if (match[2] === "queue") return "data:,"; // telemetry, which a sandbox has no use for
    const origin = match[1] === "wss" ? base.replace(/^http/, "ws") : base;
    return match[2] === "accounts" ? `${origin}/accounts${path}` : origin + path;
  }

  const Socket = scope.WebSocket;
  if (Socket) {
    scope.WebSocket = class extends Socket {
      constructor(address, ...rest) {
        super(redirect(address), ...rest);
      }
    };
  }
  if (scope.XMLHttpRequest) {
    const open = scope.XMLHttpRequest.prototype.open;
    scope.XMLHttpRequest.prototype.open = function (verb, address, ...rest) {
      return open.call(this, verb, redirect(address), ...rest);
    };
  }
  if (scope.fetch) {
    const fetch = scope.fetch;
    scope.fetch = (request, ...rest) =>
      fetch(typeof request === "string" || request instanceof URL ? redirect(request) : request, ...rest);
  }
  const Picture = scope.Image;
  if (Picture) {
    scope.Image = class extends Picture {
      set src(address) {
        super.src = redirect(address);
      }
      get src() {
        return super.src;
      }
    };
  } else {
    scope.Image = class {}; // the SDK sends its telemetry as an image, which Node has not
  }
})(globalThis);
