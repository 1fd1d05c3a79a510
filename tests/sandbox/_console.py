"""The console in Chromium: what a person does with it, and what is seen."""

import json
from typing import Any

from tools import site_check

from frontdesk.models import WebhookAction
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ..loopback import Loopback, reply

SECRET = "the secret of the webhooks"
CARD = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [
        {
            "title": "Parcel 4711",
            "buttons": [
                {
                    "type": "message",
                    "text": "Call me",
                    "value": "call",
                    "postback_id": "call_me",
                    "user_ids": [],
                }
            ],
        }
    ],
}
DEFAULT_ACTIONS: tuple[WebhookAction, ...] = ("incoming_event",)
VIRTUAL_KEYS = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    "End": 35,
    "Home": 36,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}

UNTIL = """new Promise((done, fail) => {
    const end = performance.now() + 20000;
    const look = () => {
        let value;
        try { value = (%s); } catch (error) { value = null; }
        if (value) done(value === true || typeof value === 'object' ? true : value);
        else if (performance.now() > end)
            fail(new Error(%s + ' never came: '
                + document.body.innerText.replace(/\\s+/g, ' ').slice(0, 3000)));
        else setTimeout(look, 20);
    };
    look();
})"""

FILL = """(() => {
    const field = document.querySelector(%s);
    field.focus();
    field.value = %s;
    for (const name of ['input', 'change'])
        field.dispatchEvent(new Event(name, {bubbles: true}));
})()"""


def register(sandbox: Sandbox, url: str, *actions: WebhookAction) -> None:
    """Register a program for webhooks, by default for the messages of chats."""
    with sandbox.configuration_client() as client:
        for action in actions or DEFAULT_ACTIONS:
            client.register_webhook(
                action=action,
                url=url,
                secret_key=SECRET,
                type="license",
                owner_client_id=CLIENT_ID,
            )
        client.enable_license_webhooks(owner_client_id=CLIENT_ID)


class Console:
    """The console of a sandbox in a tab."""

    def __init__(self, tab: site_check.Browser, sandbox: Sandbox, url: str = "") -> None:
        self.tab = tab
        self.sandbox = sandbox
        self.url = url or sandbox.url

    def open(self, width: int = 1280) -> None:
        self.tab.resize(width)
        self.tab.open(f"{self.url}/__sandbox__/console")
        self.until("document.getElementById('connection').textContent === 'Live'")

    def see(self, script: str) -> Any:
        return self.tab.evaluate(script)

    def until(self, script: str) -> Any:
        """Wait until something is so, and return it."""
        return self.tab.evaluate(UNTIL % (script, json.dumps(script)))

    def until_text(self, text: str, selector: str = "body") -> None:
        self.until(
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".some(one => one.innerText.includes({json.dumps(text)}))"
        )

    def click(self, selector: str) -> None:
        """Click at the middle of something as it is seen."""
        place = self.tab.evaluate(
            f"""new Promise((done, fail) => {{
                const end = performance.now() + 20000;
                const look = () => {{
                    const seen = [...document.querySelectorAll({json.dumps(selector)})]
                        .find(one => one.checkVisibility({{visibilityProperty: true}}));
                    if (!seen && performance.now() < end) {{ setTimeout(look, 20); return; }}
                    if (!seen) {{ fail(new Error('nothing to click at ' + document.body.innerText));
                        return; }}
                    seen.scrollIntoView({{block: 'nearest'}});
                    const box = seen.getBoundingClientRect();
                    done([box.x + box.width / 2, box.y + box.height / 2]);
                }};
                look();
            }})"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.tab.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=place[0],
                y=place[1],
                button="left",
                clickCount=1,
            )

    def fill(self, selector: str, text: str) -> None:
        self.until(f"document.querySelector({json.dumps(selector)})")
        self.see(FILL % (json.dumps(selector), json.dumps(text)))

    def focus(self, selector: str) -> None:
        """Put the focus on something, once it is there."""
        self.until(
            f"(one => one && (one.focus(), true))(document.querySelector({json.dumps(selector)}))"
        )

    def press(self, key: str, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            typed = {"text": text} if text and kind == "keyDown" else {}
            self.tab.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key if len(key) > 1 else "",
                windowsVirtualKeyCode=VIRTUAL_KEYS.get(key, 0),
                **typed,
            )

    def be_customer(
        self, name: str = "Ann", *, group: int | None = None, skip_form: bool = True
    ) -> None:
        """Open the chat window of a new customer."""
        self.click("#new-customer")
        self.fill("#dialog [name=name]", name)
        if group is not None:
            self.see(f"document.querySelector('#dialog [name=group]').value = '{group}'")
        self.click("#dialog .primary")
        self.until(
            "document.querySelector('.window:not([hidden]) .state').textContent === "
            "'On the website'"
        )
        if skip_form:
            self.click(".window:not([hidden]) .survey .quiet")

    def write(self, text: str) -> None:
        """Write as the customer whose window is shown."""
        self.fill(".window:not([hidden]) .composer textarea", text)
        self.click(".window:not([hidden]) .composer .primary")

    def ask(self, text: str = "Is anybody there?") -> None:
        """Be a customer who begins a chat, and wait until somebody has it."""
        self.be_customer()
        self.write(text)
        self.until_text("With ", ".window .state")

    @property
    def chat_id(self) -> str:
        """The chat that a customer began last."""
        call = [call for call in self.sandbox.calls() if call.action == "customer.start_chat"][-1]
        return str(call.response["chat_id"])


class Receiver(Loopback):
    """A program that receives webhooks, or what must never come."""

    def __init__(self, status: int = 200) -> None:
        super().__init__()
        self.default = reply(b"", status)

    @property
    def heard(self) -> list[Any]:
        """The webhooks, and the addresses of what came without a body."""
        return [got.json if got.body else got.target for got in self.requests]
