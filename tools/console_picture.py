"""Take the pictures of the sandbox's console for the documentation: light and dark.

``python -m tools.console_picture`` plays a short conversation in a sandbox whose clock stands
still, opens the console in Chromium, and writes ``docs/assets/console-light.webp`` and
``console-dark.webp``. Browsers draw differently from machine to machine: nothing compares them.
"""

import base64
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tools import site_check

from frontdesk.models import Message
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "assets"
START = datetime(2026, 6, 15, 12, tzinfo=UTC)
CARD = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [
        {
            "title": "Parcel 4711",
            "subtitle": "Out for delivery, today before 6 pm",
            "buttons": [
                {
                    "type": "message",
                    "text": text,
                    "value": text,
                    "postback_id": postback_id,
                    "user_ids": [],
                }
                for text, postback_id in (("Leave it next door", "next"), ("Call me", "call"))
            ],
        }
    ],
}


def wait(tab: site_check.Browser, script: str, seconds: float = 20) -> None:
    """Wait until something is true on the page."""
    end = time.monotonic() + seconds
    while not tab.evaluate(f"Boolean({script})"):
        if time.monotonic() > end:
            raise TimeoutError(script)
        tab.evaluate(site_check.SETTLED)


def write(tab: site_check.Browser, text: str) -> None:
    """Write as the customer."""
    tab.evaluate(
        f"""(() => {{
            const field = document.querySelector('.composer textarea');
            field.value = {text!r};
            field.form.requestSubmit();
        }})()"""
    )
    wait(tab, f"document.querySelector('.window .log').innerText.includes({text!r})")


def play(sandbox: Sandbox, tab: site_check.Browser) -> None:
    """Be a customer whose second message reaches no program."""
    with sandbox.configuration_client() as client:
        client.register_webhook(
            action="incoming_event",
            # Nothing listens at the port that is for discarding.
            url="http://127.0.0.1:9/webhooks",
            secret_key="secret",
            type="license",
            owner_client_id=CLIENT_ID,
        )
        client.enable_license_webhooks(owner_client_id=CLIENT_ID)
    tab.evaluate("document.getElementById('new-customer').click()")
    wait(tab, "document.querySelector('#dialog [name=name]')")
    tab.evaluate("document.querySelector('#dialog .primary').click()")
    wait(tab, "document.querySelector('.window .survey')")
    tab.evaluate("document.querySelector('.survey .quiet').click()")
    write(tab, "Where is my parcel?")
    chat_id = sandbox.calls("customer.start_chat")[-1].response["chat_id"]
    agent = sandbox.client()
    agent.send_event(chat_id=chat_id, event=Message("Let me look that up for you."))
    agent.send_event(chat_id=chat_id, event=CARD)
    wait(tab, "document.querySelector('.postback')")
    tab.evaluate("document.querySelector('.postback').click()")
    write(tab, "Thank you, and when does the second one come?")
    wait(tab, "document.querySelector('.row.webhook.failed')")
    wait(tab, "document.querySelector('#why .bad')")
    wait(tab, "!document.querySelector('.toast')")
    tab.evaluate("document.querySelector('.row.webhook.failed').click()")
    tab.evaluate("document.activeElement.blur()")
    tab.evaluate(site_check.SETTLED)


def main() -> int:
    path = site_check.chromium()
    if path is None:
        print("there is no Chromium on this machine")
        return 1
    with (
        Sandbox("demo", served=True, start=START, running=False) as sandbox,
        site_check.browser(path) as tab,
    ):
        tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=1280,
            height=800,
            deviceScaleFactor=1.5,
            mobile=False,
        )
        tab.open(f"{sandbox.url}/__sandbox__/console")
        wait(tab, "document.getElementById('connection').textContent === 'Live'")
        play(sandbox, tab)
        for scheme in ("light", "dark"):
            tab.darken(scheme)
            tab.evaluate(site_check.SETTLED)
            shot = tab.call("Page.captureScreenshot", format="webp", quality=82)
            file = FOLDER / f"console-{scheme}.webp"
            file.write_bytes(base64.b64decode(shot["data"]))
            print(f"wrote: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
