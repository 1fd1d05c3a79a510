"""Texts that somebody hostile writes are texts in the console, wherever they can be written."""

import ast
import json
import shlex
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tools import site_check

from frontdesk.models.customer_chat.widget import FormTemplate
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ._console import CARD, Console, Receiver, register

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to use the console as a person does"
)

WATCH = """(() => {
    window.ran = [];
    window.pwned = (name) => window.ran.push(name);
    window.addEventListener('securitypolicyviolation', (event) =>
        window.ran.push(event.violatedDirective + ' ' + event.blockedURI));
    for (const kind of ['error', 'unhandledrejection'])
        window.addEventListener(kind, (event) =>
            window.ran.push(kind + ' ' + (event.message ?? event.reason?.stack)));
})()"""
HOSTILE = [
    "<script>pwned('script')</script>",
    "<img src=x onerror=pwned('img')>",
    "<img src={url}/image>",
    "\"><svg/onload=pwned('svg')><iframe src={url}/frame></iframe>",
    "'`;pwned('quote');//${{pwned('template')}}{{{{constructor.constructor('pwned()')()}}}}",
    "javascript:pwned('url')",
    "\u202e\u2066gnp.exe\u0000\U0001f600" + "\u0336" * 50,
    "</style><link rel=stylesheet href={url}/style><meta http-equiv=refresh content=0;url={url}>",
    "x" * 5000,
]


@pytest.fixture
def elsewhere(console: Console) -> Iterator[Receiver]:
    """Where hostile texts lead, and nobody may be led to."""
    with Receiver() as elsewhere:
        console.see(WATCH)
        yield elsewhere


def written(elsewhere: Receiver) -> list[str]:
    """What is written everywhere."""
    return [text.replace("{url}", elsewhere.url) for text in HOSTILE]


def hostile_card(text: str, elsewhere: Receiver) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(json.dumps(CARD))
    element = card["elements"][0]
    element |= {
        "subtitle": text[:400],
        "title": text[:100],
        "image": {"url": f"{elsewhere.url}/picture.png", "name": text[:60]},
    }
    element["buttons"][0] |= {
        "type": "url",
        "value": "javascript:pwned('button')",
        "text": text[:60],
    }
    return card


def open_each(console: Console) -> None:
    """Open everything that has happened."""
    console.see(
        """(async () => {
            const list = document.getElementById('list');
            list.focus();
            const key = (name) => list.dispatchEvent(
                new KeyboardEvent('keydown', {key: name, bubbles: true}));
            key('Home');
            key('Enter');
            const count = Number(document.querySelector('.row').ariaSetSize);
            for (let n = 0; n < count; n += 1) key('ArrowDown');
            await new Promise((done) => requestAnimationFrame(() => done(1)));
        })()"""
    )


def check_unharmed(console: Console, elsewhere: Receiver) -> None:
    """Nothing has run, led away, or is wider than the screen."""
    assert console.see("window.ran") == []
    assert console.see("document.title") == "frontdesk sandbox console"
    assert console.see("location.pathname") == "/__sandbox__/console"
    origins = console.see(
        "[...new Set(performance.getEntriesByType('resource')"
        ".map(each => new URL(each.name).origin))]"
    )
    assert origins == [console.url]
    for width in sorted(site_check.WIDTHS, reverse=True):
        console.tab.resize(width)
        assert console.see(site_check.TOO_WIDE % width) == []
    assert [each for each in elsewhere.heard if isinstance(each, str)] == []


def test_nothing_that_customers_write_is_anything_but_text(
    console: Console, elsewhere: Receiver
) -> None:
    sandbox = console.sandbox
    # The happenings of other tests need not be opened again.
    console.click("#clear")
    hostile = written(elsewhere)
    register(sandbox, f"{elsewhere.url}/<img/src=x/onerror=pwned('hook')>")
    with Receiver() as program:
        register(sandbox, f"{program.url}/{'a' * 200}")
        client = sandbox.client()
        for number, text in enumerate(hostile):
            customer = sandbox.customer(text.replace("\x00", "")[:200] or "nobody")
            customer.visit(f"{elsewhere.url}/page?{number}", title=text)
            customer.say(text)
            chat_id = customer.chat_id
            assert chat_id is not None
            customer.type(text)
            users = client.get_chat(chat_id=chat_id).users
            if "smith@example.com" not in [user.id for user in users]:
                client.add_user_to_chat(
                    chat_id=chat_id,
                    user_id="smith@example.com",
                    user_type="agent",
                    visibility="all",
                    ignore_requester_presence=True,
                )
            client.send_event(chat_id=chat_id, event=hostile_card(text, elsewhere))
        # Each of them in a window of its own, as a customer, and as agents see it.
        console.click("#tab-chats")
        for name in ("Ann", "</option><img src=x onerror=pwned('name')>"):
            console.be_customer(name)
            for text in hostile[:6]:
                console.write(text)
                console.until_text(text[:200], ".window:not([hidden]) .log")
        card = hostile_card(hostile[0], elsewhere)
        client.send_event(chat_id=console.chat_id, event=card)
        console.click(".window:not([hidden]) .postback")
        console.click(f"#chats [data-chat='{console.chat_id}']")
        console.until("document.querySelector('#chats .card')")
        open_each(console)
        console.click("#tab-why")
        console.until_text("Webhook #", "#why")
        check_unharmed(console, elsewhere)


def test_nothing_that_agents_bots_and_programs_write_is_anything_but_text(
    console: Console, elsewhere: Receiver
) -> None:
    sandbox = console.sandbox
    hostile = written(elsewhere)
    client = sandbox.client()
    with sandbox.configuration_client() as configuration:
        for number, text in enumerate(hostile):
            name = text.replace("\x00", "")[:90]
            configuration.create_agent(id=f"agent{number}@example.com", name=name)
            configuration.create_bot(name=name, owner_client_id=CLIENT_ID)
            configuration.create_group(name=name, agent_priorities={"smith@example.com": "normal"})
            configuration.create_tag(name=f"{number}{name}"[:60], group_ids=[0])
    # The form before the chat: its labels and options.
    options = [
        {"id": str(number), "label": text[:200], "group_id": 0}
        for number, text in enumerate(hostile)
    ]
    fields = [
        {"id": f"{kind}{number}", "type": kind, "label": text[:200], "required": False}
        | ({"options": options} if kind in {"radio", "select", "checkbox"} else {})
        for number, (kind, text) in enumerate(
            zip(
                ("name", "textarea", "radio", "select", "checkbox", "header", "question"),
                hostile,
                strict=False,
            )
        )
    ]
    sandbox.set_form("prechat", msgspec.convert({"id": "form", "fields": fields}, FormTemplate))
    console.be_customer("Ann", skip_form=False)
    console.click(".survey .choice input")
    console.click(".survey .primary")
    console.write("Hello")
    console.until("document.querySelector('.window .filled')")
    chat_id = console.chat_id
    for text in hostile:
        content = text.replace("\x00", "")
        uploaded = client.upload_file(
            b"<script>pwned('file')</script>", name=f"{content[:80]}.html"
        )
        for event in (
            {"type": "file", "url": uploaded.url},
            {"type": "custom", "content": {content[:100]: [content]}},
            {"type": "message", "text": content, "visibility": "agents"},
        ):
            client.send_event(chat_id=chat_id, event=event)
    thread = client.get_chat(chat_id=chat_id).thread
    assert thread is not None
    for number, text in enumerate(hostile):
        tag = f"{number}{text.replace(chr(0), '')[:90]}"[:60]
        client.tag_thread(chat_id=chat_id, thread_id=thread.id, tag=tag)
    # Programs call what is no method, with what is no JSON, nested more deeply than can be walked.
    for path, body in (
        ("customer/action/$(touch%20pwned)", b"{}"),
        ("agent/action/%3Cimg%20src=x%20onerror=pwned('method')%3E", b"{}"),
        ("agent/action/send_event", b"\xff\x1b[201~\r\x9b;rm -rf ~"),
        ("agent/action/send_event", b'{"a":' + b"[" * 7000 + b"]" * 7000 + b"}"),
    ):
        call = urllib.request.Request(
            f"{console.url}/v3.6/{path}",
            body,
            {"Authorization": sandbox.tokens["owner"], "Content-Type": "application/json"},
        )
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(call, timeout=20)
    for tab in ("agents", "chats", "controls", "why"):
        console.click(f"#tab-{tab}")
        if tab == "chats":
            console.click(f"#chats [data-chat='{chat_id}']")
            console.until("document.querySelectorAll('#chats .internal').length >= 9")
    console.click("#new-customer")
    console.until("document.getElementById('dialog').open")
    console.press("Escape")
    open_each(console)
    check_unharmed(console, elsewhere)


def test_what_is_copied_is_no_command_of_somebody_else(console: Console) -> None:
    console.see("Object.defineProperty(navigator, 'clipboard', {value: null})")
    chat_id = console.sandbox.client().start_chat().chat_id
    text = "\x9b201~ \u202e;id $(id) `id` '; id; '\x1b]0;x\x07"
    console.sandbox.client().send_event(chat_id=chat_id, event={"type": "message", "text": text})
    console.fill("#filter", "send_event")
    console.until_text("1 of ", "#count")
    console.see(site_check.SETTLED)
    console.click(".row.call")
    for button in ("copy-curl", "copy-python"):
        console.click(f"#{button}")
        console.until("document.querySelector('#dialog textarea')")
        copied = console.see("document.querySelector('#dialog textarea').value")
        assert [each for each in copied if each != "\n" and not each.isprintable()] == []
        if button == "copy-curl":
            body = shlex.split(copied.replace("\\\n", ""))[-1]
            assert json.loads(body)["event"]["text"] == text
        else:
            assert ast.parse(copied)
        console.press("Escape")
