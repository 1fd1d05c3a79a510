"""LiveChat's own customer-sdk, unchanged, in Node and in a real browser."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tools import site_check

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.backend import CUSTOMER_SDK

from ..loopback import Got, Loopback, Responder, chosen, html, reply
from ._rtm_line import SMITH, customer_token, new_customer

HERE = Path(__file__).parent / "customer_sdk"
ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / ".node" / "node_modules"
SDK_PATH = "/customer-sdk-of-livechat.js"
SCRIPTS = {
    "/conversation.js": HERE / "conversation.js",
    SDK_PATH: PACKAGES / "@livechat/customer-sdk/dist/customer-sdk.js",
}
PATIENCE = 30

pytestmark = pytest.mark.skipif(
    not PACKAGES.exists(), reason="needs LiveChat's customer-sdk: `make customer-sdk` gets it"
)
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
needs_chromium = pytest.mark.skipif(site_check.chromium() is None, reason="needs Chromium")


def answer(sandbox: Sandbox, chat_id: str) -> None:
    """Write to the customer as whoever has the chat, and something that agents alone may see."""
    with sandbox.client("owner") as client:
        client.send_event(chat_id=chat_id, event={"type": "message", "text": "Hello, Ann"})
        client.send_event(
            chat_id=chat_id, event={"type": "message", "text": "secret", "visibility": "agents"}
        )


def check(steps: list[tuple[str, Any]]) -> None:
    """Fail unless the conversation went as it does with LiveChat."""
    of = dict(steps)
    assert [name for name, _ in steps].count("heard connected") == 1
    assert of["list_chats"]["totalChats"] == 0
    assert of["start_chat"]["thread"]["events"][0]["text"] == "Hello"
    assert of["send_event"]["text"] == "More"
    assert of["replied"]["authorId"] != SMITH
    texts = [event.get("text") for event in of["get_chat"]["thread"]["events"]]
    assert texts[:3] == ["Hello", "More", "Hello, Ann"]
    assert of["history"]["value"]["threads"]
    assert of["get_customer"]["name"] == "Ann"
    assert of["get_customer"]["sessionFields"] == {"plan": "gold"}
    assert of["predicted"]["agent"]["name"]
    assert of["statuses"]["0"] == "online"
    assert of["form"]["enabled"]
    assert of["resume_chat"]["thread"]["id"] != of["start_chat"]["thread"]["id"]
    assert of["refused"] == {"code": "NOT_FOUND"}
    assert "secret" not in json.dumps(steps)
    assert SMITH not in json.dumps(steps)


@needs_node
def test_in_node(served: Sandbox, tmp_path: Path) -> None:
    script = tmp_path / "customer-sdk.js"
    script.write_bytes(served.backend.respond("GET", CUSTOMER_SDK, {}).body)
    customer_id = new_customer(served)
    customer = {
        "organizationId": served.organization_id,
        "clientId": "c",
        "accessToken": customer_token(served, customer_id),
        "entityId": customer_id,
    }
    environment = {
        **os.environ,
        "FRONTDESK_SANDBOX": served.url,
        "NODE_PACKAGES": str(PACKAGES),
        "CUSTOMER": json.dumps(customer),
    }
    command = ["node", "--experimental-websocket", "--require", str(script), str(HERE / "node.js")]
    steps: list[tuple[str, Any]] = []
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        stop = threading.Timer(PATIENCE, process.kill)
        stop.start()
        assert process.stdout is not None
        for line in process.stdout:
            name, content = json.loads(line)
            steps.append((name, content))
            if name == "waiting":
                answer(served, content["chatId"])
        assert process.stderr is not None
        problems = process.stderr.read()
        assert process.wait() == 0, problems
        stop.cancel()
    check(steps)


class Website(Loopback):
    """A page of another origin than the sandbox, which has LiveChat's SDK and talks to it."""

    def __init__(self) -> None:
        super().__init__()
        self.page = ""
        self.default = chosen(self._choose)

    def _choose(self, got: Got) -> Responder:
        script = SCRIPTS.get(got.target)
        if script is None:
            return html(self.page)
        return reply(script.read_bytes(), headers={"Content-Type": "text/javascript"})


@pytest.fixture
def website() -> Iterator[Website]:
    with Website() as website:
        yield website


PAGE = """<!doctype html><title>shop</title>
<script src="{sandbox}{script}"></script>
<script src="/customer-sdk-of-livechat.js"></script>
<script src="/conversation.js"></script>
<script>
  window.steps = [];
  const file = new File(["words"], "words.txt", {{ type: "text/plain" }});
  const config = {{ organizationId: {organization}, clientId: {client}, file }};
  converse(CustomerSDK, config, (name, content) => steps.push([name, content ?? null]))
    .then(() => steps.push(["done", null]), (error) => steps.push(["failed", String(error)]));
</script>"""


@needs_chromium
def test_in_a_browser(website: Website) -> None:
    path = site_check.chromium()
    assert path is not None
    with Sandbox("demo", served=True, allow_origins=[website.site]) as sandbox:
        client = sandbox.accounts.register_client(f"{website.site}/")
        # The same name for both: their cookies are of one site then, which browsers want.
        url = sandbox.url.replace("127.0.0.1", "localhost")
        website.page = PAGE.format(
            sandbox=url,
            script=CUSTOMER_SDK,
            organization=json.dumps(sandbox.organization_id),
            client=json.dumps(client.client_id),
        )
        with site_check.browser(path) as tab:
            tab.open(website.site)
            steps = conversation(tab, sandbox)
            customers = [step for name, step in steps if name == "heard customer_id"]
            check(steps)
            assert dict(steps)["file"]["url"]
            # A second visit: the cookies tell who it is, as the page has forgotten its token.
            tab.evaluate("localStorage.clear()")
            tab.open(website.site)
            again = steps_until(tab, "heard connected")
            assert [step for name, step in again if name == "heard customer_id"] == customers


@needs_chromium
def test_the_chat_window_of_the_guide(website: Website) -> None:
    path = site_check.chromium()
    assert path is not None
    guide = (ROOT / "docs" / "guide" / "chat-window.md").read_text()
    page = guide.split("```html\n")[1].split("```")[0]
    with Sandbox("quiet", served=True, allow_origins=[website.site]) as sandbox:
        client = sandbox.accounts.register_client(f"{website.site}/")
        filled_in = {
            "http://localhost:8080": sandbox.url.replace("127.0.0.1", "localhost"),
            "/node_modules/@livechat/customer-sdk/dist/customer-sdk.min.js": SDK_PATH,
            "ORGANIZATION_ID": sandbox.organization_id,
            "CLIENT_ID": client.client_id,
        }
        for name, value in filled_in.items():
            assert name in page
            page = page.replace(name, value)
        website.page = page
        with site_check.browser(path) as tab:
            tab.open(website.site)
            settled(lambda: sandbox.calls("customer.list_chats"))
            write(tab, "<b>Hello</b>")
            shown(tab, ["<b>Hello</b>"])
            with sandbox.client() as agent:
                (chat,) = agent.list_chats(filters={"active": True}).chats_summary
                agent.send_event(chat_id=chat.id, event={"type": "message", "text": "Hi"})
                shown(tab, ["<b>Hello</b>", "Hi"])
                write(tab, "Bye")
                shown(tab, ["<b>Hello</b>", "Hi", "Bye"])
                tab.open(website.site)
                shown(tab, ["<b>Hello</b>", "Hi", "Bye"])
                agent.deactivate_chat(id=chat.id, ignore_requester_presence=True)
                shown(tab, ["Bye", "Agent Smith archived the chat"])
                write(tab, "One more thing")
                shown(tab, ["Bye", "Agent Smith archived the chat", "One more thing"])
                (resumed,) = agent.list_chats(filters={"active": True}).chats_summary
                assert resumed.id == chat.id
                (customer_id,) = agent.get_chat(chat_id=chat.id).customers
                agent.ban_customer(id=customer_id, ban={"days": 1})
                settled(lambda: "banned" in tab.evaluate("document.body.innerText"))
                write(tab, "Let me in")
                settled(lambda: "Not sent: " in tab.evaluate("document.body.innerText"))
                assert tab.evaluate("document.getElementById('write').elements.text.value")


def write(tab: site_check.Browser, text: str) -> None:
    tab.evaluate(
        f"""(() => {{ const form = document.getElementById("write");
        form.elements.text.value = {json.dumps(text)}; form.requestSubmit(); }})()"""
    )


def settled(condition: Callable[[], Any]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def shown(tab: site_check.Browser, messages: list[str]) -> None:
    """Wait until the window shows these messages and no more; notes of the server are left out."""
    lines = "[...document.querySelectorAll('#chat li')].map((line) => line.textContent)"
    settled(lambda: [line for line in tab.evaluate(lines) if line in messages] == messages)


def conversation(tab: site_check.Browser, sandbox: Sandbox) -> list[tuple[str, Any]]:
    waiting = dict(steps_until(tab, "waiting"))["waiting"]
    answer(sandbox, waiting["chatId"])
    return steps_until(tab, "done")


def steps_until(tab: site_check.Browser, name: str) -> list[tuple[str, Any]]:
    steps: list[tuple[str, Any]] = []

    def came() -> bool:
        steps[:] = [(step, content) for step, content in tab.evaluate("window.steps")]
        return {name, "failed"} & {step for step, _ in steps} != set()

    settled(came)
    assert name in dict(steps), steps
    return steps
