"""The console while the sandbox becomes another one, and with many customers and two readers."""

import json
from collections.abc import Iterator

import pytest
from tools import site_check

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.options import ServerOptions
from frontdesk.sandbox.serve.server import Server

from ._console import Console, Receiver, register

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to use the console as a person does"
)


@pytest.fixture
def second(console: Console) -> Iterator[Console]:
    """The console of the same sandbox in another browser."""
    path = site_check.chromium()
    assert path is not None
    with site_check.browser(path) as tab:
        other = Console(tab, console.sandbox)
        other.open()
        yield other


def take_snapshot(console: Console) -> None:
    console.click("#tab-controls")
    console.click("#take-snapshot")
    console.until_text("Snapshot 1", "#controls")


def test_a_window_lives_on_when_its_customer_is_there_again(console: Console) -> None:
    console.ask("Hello")
    take_snapshot(console)
    console.write("After the snapshot")
    console.until_text("After the snapshot", ".window .log")
    console.sandbox.reset()
    console.until_text("Ann is not in this sandbox any more", ".window .missing")
    console.click("#controls li button")
    console.until_text("With ", ".window .state")
    console.until("!document.querySelector('.window .missing')")
    log = console.see("document.querySelector('.window .log').innerText")
    assert "Hello" in log
    assert "After the snapshot" not in log
    console.write("Hello again")
    console.until_text("Hello again", ".window .log")


def test_who_was_banned_is_there_again_in_a_world_of_before(console: Console) -> None:
    console.be_customer("Ann")
    take_snapshot(console)
    customer = console.see("document.querySelector('#tabs [role=tab]').id").removeprefix("tab-")
    console.sandbox.client().ban_customer(id=customer, ban={"days": 1})
    console.until_text("banned", ".window .state")
    console.click("#controls li button")
    console.until_text("On the website", ".window .state")


def test_a_snapshot_of_before_the_chat_has_no_chat(console: Console) -> None:
    console.be_customer("Ann")
    take_snapshot(console)
    console.write("Hello")
    console.until_text("With ", ".window .state")
    console.click("#controls li button")
    console.until("document.querySelector('.window .log').childElementCount === 0")
    console.until_text("On the website", ".window .state")
    # What is written begins a chat, and does not go to one that is not there.
    console.write("Hello anew")
    console.until_text("With ", ".window .state")
    console.until_text("Hello anew", ".window .log")


def test_a_customer_who_is_gone_is_made_again_in_the_same_place(console: Console) -> None:
    console.be_customer("Ann")
    console.sandbox.reset("quiet")
    console.click(".window .missing .primary")
    console.until_text("On the website", ".window:not([hidden]) .state")
    assert console.see("[...document.querySelectorAll('#tabs [role=tab]')].length") == 1
    assert console.see("document.querySelector('#tabs [role=tab]').innerText") == "Ann"
    console.click(".window:not([hidden]) .survey .quiet")
    console.write("Hello")
    console.until_text("Hello", ".window:not([hidden]) .log")


def test_another_sandbox_at_the_same_address_is_not_mistaken_for_the_one_before(
    chromium: site_check.Browser,
) -> None:
    with Receiver(500) as program:
        with Sandbox("quiet") as sandbox:
            server = Server(sandbox.backend)
            server.start()
            try:
                console = Console(chromium, sandbox, server.url)
                console.open()
                register(sandbox, f"{program.url}/hook", "incoming_chat")
                console.be_customer("Ann")
                console.write("Hello")
                console.until_text("Webhook #1 incoming_chat", "#why .bad")
                console.click("#tab-chats")
                console.click("#chats .chat")
                console.until_text("Hello", "#chats .log")
            finally:
                server.stop()
            console.until_text("does not respond", "#notice")
        with Sandbox("quiet", random_seed=7) as other:
            server = Server(other.backend, ServerOptions(port=int(server.url.rpartition(":")[2])))
            server.start()
            try:
                console.until_text("Ann is not in this sandbox any more", ".window .missing")
                # A transcript of a chat that is not there says nothing any more.
                console.until_text("0 active", "#chats")
                console.click("#tab-why")
                console.until_text("No webhook is registered", "#why .bad")
                assert "Webhook #1" not in console.see("document.getElementById('why').innerText")
                # What was before is still listed, and opens as what it was.
                console.click(".row.webhook:has(.tag.bad)")
                console.until_text("The receiver failed with 500", "#detail")
                console.see("sessionStorage.clear()")
                chromium.open("about:blank")
            finally:
                server.stop()


def test_two_consoles_see_the_same(console: Console, second: Console) -> None:
    console.ask("From the first")
    second.click("#new-customer")
    customer = console.see("document.querySelector('#tabs [role=tab]').id").removeprefix("tab-")
    second.fill("#dialog [name=existing]", customer)
    second.click("#dialog .primary")
    second.until_text("From the first", ".window .log")
    second.write("From the second")
    console.until_text("From the second", ".window .log")
    take_snapshot(second)
    # Whoever takes a world away takes it away from both.
    console.sandbox.reset()
    for each in (console, second):
        each.until_text("Ann is not in this sandbox any more", ".window .missing")
    second.click("#controls li button")
    for each in (console, second):
        each.until_text("From the second", ".window .log")
        each.until_text("With ", ".window .state")
    for number, each in enumerate((console, second)):
        each.write(f"Back {number}")
    for each in (console, second):
        each.until_text("Back 0", ".window .log")
        each.until_text("Back 1", ".window .log")


def test_a_hundred_customers_have_a_window_each(console: Console) -> None:
    sandbox = console.sandbox
    customers = [
        {"id": sandbox.customer(f"Customer {number}").id, "name": f"Customer {number}"}
        for number in range(100)
    ]
    organization = sandbox.backend.world.store.company.license.organization_id
    remembered = [{**each, "organization": organization} for each in customers]
    kept = json.dumps(json.dumps(remembered))
    console.see(f"sessionStorage.setItem('frontdesk-console-customers', {kept})")
    console.open()
    console.until(
        "document.querySelectorAll('.window').length === 100 && [...document.querySelectorAll("
        "'.window .state')].every(one => one.textContent === 'On the website')"
    )
    selected = "document.querySelector('#tabs [aria-selected=true]').innerText"
    shown = "document.querySelectorAll('.window:not([hidden])').length"
    # The keyboard goes to the ends of the tabs.
    console.focus("#tabs [aria-selected=true]")
    for key, name in (("Home", "Customer 0"), ("End", "Customer 99"), ("ArrowRight", "Customer 0")):
        console.press(key)
        assert console.see(selected) == name
        assert console.see(shown) == 1
    console.click(".window:not([hidden]) .survey .quiet")
    console.write("Hello")
    console.until_text("Hello", ".window:not([hidden]) .log")
    # The list of customers leads to windows that are open.
    console.click("#new-customer")
    console.fill("#dialog [name=existing]", customers[42]["id"])
    console.click("#dialog .primary")
    console.until(f"{selected} === 'Customer 42'")
    assert console.see("document.querySelectorAll('.window').length") == 100
    assert console.see(site_check.TOO_WIDE % 1280) == []
