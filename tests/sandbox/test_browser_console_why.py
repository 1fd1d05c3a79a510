"""Why a bot does not respond, found out with the console alone: one kind of fault a test."""

from collections.abc import Iterator

import pytest
from tools import site_check

from frontdesk import AgentClient, AgentRTM
from frontdesk.errors import NotFound
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID, ORGANIZATION_ID

from ..loopback import silence
from ._console import Console, Receiver, register

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to use the console as a person does"
)
FIRST = "#why .findings li:first-child"


@pytest.fixture
def program(console: Console) -> Iterator[Receiver]:
    """A program that receives webhooks, and does nothing by itself."""
    with Receiver() as program:
        register(console.sandbox, f"{program.url}/hook", "incoming_chat", "incoming_event")
        yield program


@pytest.fixture
def bot(console: Console) -> Iterator[AgentClient]:
    """The Helper Bot, as its program calls the API."""
    with console.sandbox.client(console.sandbox.tokens["bot"]) as client:
        yield client


def join(console: Console) -> str:
    """Have the Helper Bot in the customer's chat; returns the chat's id."""
    client = console.sandbox.client()
    with console.sandbox.configuration_client() as configuration:
        (bot,) = [each for each in configuration.list_bots() if each.name == "Helper Bot"]
    client.add_user_to_chat(
        chat_id=console.chat_id,
        user_id=bot.id,
        user_type="agent",
        visibility="all",
        ignore_requester_presence=True,
    )
    return console.chat_id


@pytest.mark.usefixtures("program")
def test_a_program_that_does_nothing_is_named_first_and_at_last_as_the_problem(
    console: Console,
) -> None:
    # A handler that has raised, and one that never ends, look the same from outside.
    console.ask()
    console.until_text("and no program has called the API since", FIRST)
    console.until_text("Its handler has raised an error", FIRST)
    console.click("[data-advance='60']")
    console.until_text("and no program has called the API since", f"{FIRST}.bad")
    # What shows it is one click away.
    console.click(f"{FIRST} .ways button")
    console.until_text("Is anybody there?", "#detail")
    assert console.see("document.activeElement.id") == "detail"


def test_a_receiver_that_does_not_respond_is_not_called_queued(console: Console) -> None:
    with Receiver() as program:
        program.default = silence()
        register(console.sandbox, f"{program.url}/hook", "incoming_chat", "incoming_event")
        console.ask()
        console.write("Hello?")
        console.until_text("It was sent, and the receiver has not responded yet", "#why")
        console.until_text("1 more to this address waits", "#why")
        console.click("[data-advance='5']")
        console.until_text("the receiver has not responded yet", f"{FIRST}.warn")


def test_a_program_that_does_nothing_over_rtm_is_named_too(console: Console) -> None:
    sandbox = console.sandbox
    with AgentRTM(sandbox.tokens["owner"], organization_id=ORGANIZATION_ID, base_url=sandbox.url):
        console.until_text("a program is connected over RTM", "#why")
        console.ask()
        console.until_text("went out over RTM", FIRST)
        console.until_text("and no program has called the API since", FIRST)
        console.sandbox.client().send_event(
            chat_id=console.chat_id, event={"type": "message", "text": "Hello Ann"}
        )
        console.until_text("and Agent Smith replied at", "#why .good")


@pytest.mark.usefixtures("program")
def test_a_reply_of_the_bot_is_seen_and_other_bots_are_not_spoken_of(
    console: Console, bot: AgentClient
) -> None:
    with console.sandbox.configuration_client() as client:
        client.create_bot(name="Bystander", owner_client_id=CLIENT_ID)
    console.ask()
    bot.send_event(chat_id=join(console), event={"type": "message", "text": "At your service"})
    console.until_text("and Helper Bot replied at", "#why .good")
    why = console.see("document.getElementById('why').innerText")
    assert "Bystander" not in why
    assert "Problem" not in why
    # An empty list does not make the bot silent.
    console.click("#clear")
    console.until("!document.getElementById('rows').innerText.includes('start_chat')")
    console.click("[data-advance='60']")
    console.until_text("and Helper Bot replied at", "#why .good")


@pytest.mark.usefixtures("program")
def test_a_chat_that_the_bot_has_left_to_somebody_is_no_problem(
    console: Console, bot: AgentClient
) -> None:
    console.ask()
    chat_id = join(console)
    bot.send_event(chat_id=chat_id, event={"type": "message", "text": "I fetch somebody"})
    console.until_text("and Helper Bot replied at", "#why .good")
    (helper,) = [user for user in bot.get_chat(chat_id=chat_id).users if user.name == "Helper Bot"]
    bot.remove_user_from_chat(chat_id=chat_id, user_id=helper.id, user_type="agent")
    console.write("Thank you")
    console.until_text("the bot has left chat", "#why .info")
    console.click("[data-advance='60']")
    console.until_text("the bot has left chat", "#why .info")
    assert "Problem" not in console.see("document.getElementById('why').innerText")


@pytest.mark.usefixtures("program")
def test_a_reply_that_only_agents_see_is_found(console: Console, bot: AgentClient) -> None:
    console.ask()
    bot.send_event(
        chat_id=join(console), event={"type": "message", "text": "Hi", "visibility": "agents"}
    )
    console.until_text('Helper Bot replied with visibility "agents"', f"{FIRST}.bad")


@pytest.mark.usefixtures("program")
def test_a_reply_to_another_chat_is_found(console: Console, bot: AgentClient) -> None:
    console.ask()
    with pytest.raises(NotFound):
        bot.send_event(chat_id="PWJ8Y4THAV", event={"type": "message", "text": "Hi"})
    console.until_text("The last send_event of Helper Bot failed: not_found", f"{FIRST}.bad")
    console.until_text("nobody called anything about chat", "#why")


@pytest.mark.usefixtures("program")
def test_what_was_wrong_in_another_world_is_not_spoken_of(
    console: Console, bot: AgentClient
) -> None:
    console.ask()
    with pytest.raises(NotFound):
        bot.send_event(chat_id="PWJ8Y4THAV", event={"type": "message", "text": "Hi"})
    console.until_text("The last send_event of Helper Bot failed", "#why")
    console.sandbox.reset()
    console.until_text("No webhook is registered", f"{FIRST}.bad")
    why = console.see("document.getElementById('why').innerText")
    assert "send_event" not in why
    assert "Webhook #" not in why


def test_ways_out_of_a_problem_are_one_press_away(console: Console) -> None:
    console.see("Object.defineProperty(navigator, 'clipboard', {value: null})")
    console.until_text("No webhook is registered", FIRST)
    console.click(f"{FIRST} .ways button")
    console.until("document.querySelector('#dialog textarea')")
    command = console.see("document.querySelector('#dialog textarea').value")
    assert f"frontdesk bot run bot.py --base-url {console.url}" in command
    assert "dal:sandbox" not in command
    console.press("Escape")
    console.until_text("Helper Bot (bot) is not accepting chats", "#why .warn")
    console.click("#why .warn .ways button")
    console.until("document.activeElement.id === 'tab-agents'")
    assert console.see("document.getElementById('agents').checkVisibility()")


def test_on_a_phone_whoever_waits_is_led_to_why(console: Console) -> None:
    console.open(390)
    # The navigation has it, with the number of problems.
    console.until(
        "/^Why.1 problem$/.test(document.querySelector('nav [data-panel=why]').textContent)"
    )
    console.ask()
    console.until_text("No response yet. Why? (1 problem)", "#ask-why")
    assert console.see(site_check.TOO_WIDE % 390) == []
    console.click("#ask-why")
    console.until("document.activeElement.id === 'tab-why'")
    console.until_text("No webhook is registered", "#why")
    current = "document.querySelector('nav [aria-current]').dataset.panel"
    assert console.see(current) == "why"
    console.click("nav [data-panel=desk]")
    assert console.see(current) == "desk"
    assert console.see("document.getElementById('agents').checkVisibility()")
    console.click("nav [data-panel=why]")
    assert console.see("document.getElementById('why').checkVisibility()")


def test_where_why_is_seen_nothing_points_to_it(console: Console) -> None:
    console.ask()
    console.click("[data-advance='60']")
    console.until_text("Why? (1)", "#tab-why")
    assert console.see("document.getElementById('ask-why').hidden")
    console.click("#tab-agents")
    console.until("!document.getElementById('ask-why').hidden")
    # And nothing does once somebody has responded.
    console.sandbox.client().send_event(
        chat_id=console.chat_id, event={"type": "message", "text": "Hello Ann"}
    )
    console.until("document.getElementById('ask-why').hidden")


def test_a_clock_that_stands_still_is_spoken_of(chromium: site_check.Browser) -> None:
    with Sandbox("quiet", served=True, running=False) as sandbox:
        console = Console(chromium, sandbox)
        console.open()
        console.until_text("The sandbox's clock stands still", "#why .info")
        chromium.open("about:blank")
