"""The console in a real browser: from clicking to the webhook."""

import pytest
from tools import site_check

from frontdesk.errors import NotFound
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.options import ServerOptions
from frontdesk.sandbox.serve.server import Server

from ._console import CARD, SECRET, Console, Receiver, register

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to use the console as a person does"
)


def test_from_clicking_to_the_webhook(console: Console) -> None:
    with Receiver() as program:
        register(console.sandbox, f"{program.url}/hook")
        console.be_customer("Ann")
        # What begins a chat is reported with `incoming_chat`.
        console.write("Hello")
        console.until_text("incoming_chat", "#why")
        console.write("Where is my parcel?")
        program.wait_until(lambda: bool(program.requests))
        (webhook,) = program.heard
        assert webhook["payload"]["event"]["text"] == "Where is my parcel?"
        assert webhook["secret_key"] == SECRET
        console.until("document.querySelector('.row.webhook .tag.good')")
        # One opens it: what was sent, and what came of it; the secret is not among it.
        console.click(".row.webhook:has(.tag.good)")
        console.until_text("It was received with 200", "#detail")
        shown = console.see("document.getElementById('detail').innerText")
        assert "Where is my parcel?" in shown
        assert SECRET not in shown
        console.press("Escape")
        assert console.see("document.getElementById('detail').hidden") is True
        console.until_text("received with 200", "#why")


def test_a_customer_does_all_that_customers_do(console: Console) -> None:
    console.be_customer("Ann", skip_form=False)
    console.fill(".survey input[type=email]", "ann@example.com")
    console.click(".survey .primary")
    console.write("Hello")
    console.until("document.querySelectorAll('.window .event.own').length >= 2")
    client = console.sandbox.client()
    chat = client.get_chat(chat_id=console.chat_id)
    assert chat.thread is not None
    assert [event.type for event in chat.thread.events][:2] == ["filled_form", "message"]
    # A bot's buttons can be pressed.
    client.send_event(chat_id=chat.id, event=CARD)
    console.click(".window .postback")
    console.until("document.querySelector('.toast')")
    (pressed,) = [
        call
        for call in console.sandbox.calls()
        if call.action == "customer.send_rich_message_postback"
    ]
    assert pressed.request["postback"] == {"id": "call_me", "toggled": True}
    # What is typed is seen before it is sent.
    console.fill(".window .composer textarea", "I am typ")
    console.until("document.getElementById('rows').innerText.includes('incoming_sneak_peek')")
    # A file, a rating, and the end.
    console.see(
        """(() => {
            const files = new DataTransfer();
            files.items.add(new File(['a receipt'], 'receipt.txt', {type: 'text/plain'}));
            const picker = document.querySelector('.window input[type=file]');
            picker.files = files.files;
            picker.dispatchEvent(new Event('change'));
        })()"""
    )
    console.until("document.querySelector('.window .event.own .file a[download]')")
    console.click(".window [aria-label='Rate the chat good']")
    console.until_text("rated the chat as good", ".window .log")
    console.click(".window [aria-label='End the chat as the customer']")
    console.until_text("The chat has ended", ".window .state")
    thread = client.get_chat(chat_id=chat.id).thread
    assert thread is not None
    assert thread.active is False
    assert thread.properties is not None
    assert thread.properties["rating"]["score"] == 1
    # The survey after it.
    console.click(".window .survey input[type=radio]")
    console.click(".window .survey .primary")
    console.until("document.querySelectorAll('.window .event.own .filled').length === 2")


def test_two_customers_have_a_window_each(console: Console) -> None:
    console.be_customer("Ann")
    console.write("I am Ann")
    console.until_text("I am Ann", ".window .log")
    console.be_customer("Ben")
    console.write("I am Ben")
    console.until_text("I am Ben", ".window:not([hidden]) .log")
    assert "Ann" not in console.see("document.querySelector('.window:not([hidden])').innerText")
    console.click("#tabs [role=tab]:first-child")
    console.until_text("I am Ann", ".window:not([hidden]) .log")
    # They are there again after the page was loaded again.
    console.open()
    console.until("document.querySelectorAll('#tabs [role=tab]').length === 2")
    console.until_text("I am Ben", ".window:not([hidden]) .log")


def test_a_customer_chats_with_the_group_that_was_chosen(console: Console) -> None:
    console.be_customer("Ann", group=2)
    console.write("Hello")
    console.until_text("Hello", ".window .log")
    access = console.sandbox.client().get_chat(chat_id=console.chat_id).access
    assert access is not None
    assert access.group_ids == [2]


def test_the_webhooks_of_a_chat_are_told_from_those_of_others(console: Console) -> None:
    with Receiver() as program:
        register(console.sandbox, f"{program.url}/hook")
        for name, number in (("Ann", 1), ("Ben", 2)):
            console.be_customer(name)
            console.write("Hello")
            console.until_text("With ", ".window:not([hidden]) .state")
            console.write("Is anybody there?")
            console.until_text(f"Webhook #{number} incoming_event", "#why")
        assert "Webhook #1 " not in console.see("document.getElementById('why').innerText")
        console.click("#tabs [role=tab]:first-child")
        console.until_text("Webhook #1 incoming_event", "#why")
        assert "Webhook #2 " not in console.see("document.getElementById('why').innerText")


def test_a_callback_that_goes_nowhere_says_why(console: Console) -> None:
    ann = console.sandbox.customer("Ann", email="ann@example.com")
    console.sandbox.customer_client(ann.id).request_email_verification(
        callback_uri="https://shop.example/verified"
    )
    ann.verify_email()
    console.until("document.querySelector('.row.webhook .tag.bad')")
    console.click(".row.webhook:has(.tag.bad)")
    console.until_text("Given up after 1 attempt. Nothing was sent: `callback_uri`", "#detail")
    # It is no webhook: nobody has a secret to send it again with.
    console.see("Object.defineProperty(navigator, 'clipboard', {value: null})")
    console.click("#copy-curl")
    console.until("document.querySelector('#dialog textarea')")
    command = console.see("document.querySelector('#dialog textarea').value")
    assert '{"email":"ann@example.com"}' in command.replace(" ", "")


def test_the_desk_acts_through_the_api_and_the_controls(console: Console) -> None:
    sandbox = console.sandbox
    console.be_customer("Ann")
    console.write("Hello")
    console.until_text("Hello", ".window .log")
    # An agent is switched off.
    console.click("#tab-agents")
    console.fill("#agents select[aria-label='Status of Agent Smith']", "not_accepting_chats")
    console.until_text("Agent Smith: not accepting", ".toast")
    statuses = {each.agent_id: each.status for each in sandbox.client().list_routing_statuses()}
    assert statuses["smith@example.com"] == "not_accepting_chats"
    # A chat as agents see it, and what comes while one looks.
    console.click("#tab-chats")
    console.click(f"#chats [data-chat='{console.chat_id}']")
    console.until_text("Hello", "#chats .log")
    sandbox.client().send_event(
        chat_id=console.chat_id,
        event={"type": "message", "text": "Among us", "visibility": "agents"},
    )
    console.until_text("Among us", "#chats .log .internal")
    assert "Among us" not in console.see("document.querySelector('.window').innerText")
    # Time, a fault, and back to a snapshot.
    console.click("#tab-controls")
    console.click("#take-snapshot")
    console.until_text("Snapshot 1", "#controls")
    before = sandbox.now
    console.click("[data-advance='3600']")
    console.until_text("The clock moved", ".toast")
    assert (sandbox.now - before).total_seconds() >= 3600
    console.fill("#fault-form [name=method]", "list_chats")
    console.click("#fault-form button")
    console.until("!document.getElementById('faulty').hidden")
    assert sandbox.backend.faults.strike("list_chats") is not None
    console.click("#clear-faults")
    console.until("document.getElementById('faulty').hidden")
    console.write("After the snapshot")
    console.until_text("After the snapshot", ".window .log")
    console.click("#controls li button")
    console.until_text("went back to a snapshot", "#notice")
    assert "After the snapshot" not in str(sandbox.client().get_chat(chat_id=console.chat_id))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "does it compare secret_key"),
        (500, "the reason is in the log of your program"),
        (0, "start your receiver"),
    ],
)
def test_a_stranger_learns_why_the_bot_does_not_respond(
    console: Console, status: int, reason: str
) -> None:
    console.until_text("No webhook is registered", "#why .bad")
    with Receiver(status) as program:
        url = f"{program.url}/hook"
        if not status:
            program.close()
        register(console.sandbox, url)
        console.ask("Hello")
        console.write("Is anybody there?")
        console.until_text(reason, "#why .bad")
        console.until_text("The next attempt is due at", "#why .bad")
        console.until_text("Helper Bot (bot) is not accepting chats", "#why")


def test_the_page_says_when_the_sandbox_is_away_and_what_was_missed(
    chromium: site_check.Browser,
) -> None:
    with Sandbox("quiet") as sandbox:
        server = Server(sandbox.backend)
        server.start()
        try:
            console = Console(chromium, sandbox, server.url)
            console.open()
        finally:
            server.stop()
        console.until_text("does not respond", "#notice")
        assert console.see("document.getElementById('connection').textContent") == "Sandbox away"
        console.click("#tab-controls")
        console.click("#take-snapshot")
        console.until_text("the sandbox does not respond", ".toast.bad")
        sandbox.client().list_chats()
        server = Server(sandbox.backend, ServerOptions(port=int(server.url.rpartition(":")[2])))
        server.start()
        try:
            console.until("document.getElementById('connection').textContent === 'Live'")
            console.until_text("is back. It was started again: 1 call came since then", "#notice")
            console.until("document.getElementById('rows').innerText.includes('list_chats')")
            chromium.open("about:blank")
        finally:
            server.stop()


def test_none_of_many_happenings_is_lost(console: Console) -> None:
    client = console.sandbox.client()
    chat_id = client.list_chats().chats_summary[0].id
    # Once this is shown, all that was before is counted.
    with pytest.raises(NotFound):
        client.get_chat(chat_id="the-last-before")
    console.fill("#filter", "the-last-before")
    console.until_text("1 of", "#count")
    console.fill("#filter", "")
    before = int(console.see("document.getElementById('count').textContent").replace(",", ""))
    for _ in range(700):
        client.list_threads(chat_id=chat_id)
    console.until(
        f"Number(document.getElementById('count').textContent.replace(/,/g, '')) === {before + 700}"
    )
    assert console.see("document.querySelectorAll('.row').length") < 60
    # A filter finds them, and says so.
    console.fill("#filter", "list_threads")
    console.until_text("700 of", "#count")
    console.fill("#filter", "no such thing")
    console.until_text("Nothing fits the filter", "#nothing")
    console.fill("#filter", "")
    # The list stands still while it is paused, and nothing is lost meanwhile.
    console.click("#pause")
    client.list_archives()
    console.until_text("Paused: 1 new", "#newest")
    assert "list_archives" not in console.see("document.getElementById('rows').innerText")
    console.click("#pause")
    console.until_text("list_archives", "#rows")


def test_calls_are_copied_as_python_and_as_curl(console: Console) -> None:
    console.see("Object.defineProperty(navigator, 'clipboard', {value: null})")
    text = 'it\'s "quoted" $(rm -rf) `x` \\ \u00fc'
    chat_id = console.sandbox.client().start_chat().chat_id
    console.sandbox.client().send_event(chat_id=chat_id, event={"type": "message", "text": text})
    console.click(".row.call:has(strong)")
    console.focus("#list")
    console.until_text("send_event", ".row.call")
    console.fill("#filter", "quoted")
    # The call and its push.
    console.until("/^2 of /.test(document.getElementById('count').textContent)")
    console.click(".row.call")
    console.click("#copy-python")
    console.until("document.querySelector('#dialog textarea')")
    program = console.see("document.querySelector('#dialog textarea').value")
    assert "dal:sandbox" not in program
    environment = {"FRONTDESK_TOKEN": console.sandbox.tokens["owner"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRONTDESK_TOKEN", environment["FRONTDESK_TOKEN"])
        exec(compile(program, "copied", "exec"), {})
    sent = [call for call in console.sandbox.calls() if call.action == "send_event"]
    assert [call.request["event"]["text"] for call in sent] == [text, text]
    console.press("Escape")
    console.click("#copy-curl")
    console.until("document.querySelector('#dialog textarea')")
    command = console.see("document.querySelector('#dialog textarea').value")
    assert "$FRONTDESK_TOKEN" in command
    assert "'\\''" in command


@pytest.mark.parametrize("width", sorted(site_check.WIDTHS))
def test_the_keyboard_is_enough_and_all_fits(console: Console, width: int) -> None:
    console.open(width)
    console.press("n", "n")
    console.until("document.getElementById('dialog').open")
    console.press("Escape")
    console.until("!document.getElementById('dialog').open")
    for key, focused in (("2", "list"), ("/", "filter")):
        console.press(key, key)
        console.until(f"document.activeElement.id === '{focused}'")
        assert console.see("document.getElementById('happenings').checkVisibility()")
    console.see("document.activeElement.blur()")
    console.press("w", "w")
    console.until("document.activeElement.id === 'tab-why'")
    for scheme in ("light", "dark"):
        console.tab.darken(scheme)
        for panel in ("customers", "happenings", "desk"):
            console.see(f"document.querySelector('nav [data-panel={panel}]').click()")
            assert console.see(site_check.TOO_WIDE % width) == []
    unnamed = console.see(
        """[...document.querySelectorAll('button, input, select, textarea')].filter(one =>
            !(one.textContent.trim() || one.ariaLabel || one.title
              || one.labels?.[0]?.textContent.trim()
              || one.getAttribute('aria-hidden'))).map(one => one.outerHTML)"""
    )
    assert unnamed == []
    console.tab.darken("light")
