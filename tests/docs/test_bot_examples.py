"""The example bots: in a conversation, on RTM, and on NATS with two workers."""

import importlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.nats_server import NatsServer

from frontdesk.bots.testing import BotChat
from frontdesk.sandbox import Sandbox, SandboxCustomer
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID

from .. import forked
from .test_echo_bots import free_port

EXAMPLES = Path(__file__).parents[2] / "examples" / "bots"
SECRET = "open-sesame"
LONGEST = 60.0


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(EXAMPLES) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_echo_bot(example: Any) -> None:
    with BotChat(example("echo").bot) as chat:
        assert chat.say("hello") == ["Echo: hello"]


def test_an_order_in_steps(example: Any) -> None:
    with BotChat(example("order_bot").bot) as chat:
        assert chat.say("hi") == [
            "Which pizza would you like?",
            "Please choose a size above, or write 'person'.",
        ]
        assert chat.press("large") == ["Where to?"]
        assert chat.say("x") == ["Please write the street and the number."]
        assert chat.say("Main Street 5") == ["One large pizza to Main Street 5. Thank you!"]
        assert chat.state.is_placed
        assert chat.say("when?") == [
            "Your order is on its way. Write 'person' to talk to somebody."
        ]


def test_an_order_outlives_the_process(example: Any) -> None:
    """The question was asked by one process, and the customer replies to another."""
    module = example("order_bot")
    with Sandbox("quiet") as sandbox:
        with BotChat(module.bot, sandbox=sandbox, store=module.bot.store) as chat:
            chat.say("hi")
            chat.press("small")
        del sys.modules["order_bot"]
        again = example("order_bot")
        assert again is not module
        with BotChat(again.bot, sandbox=sandbox, store=again.bot.store) as chat:
            assert chat.say("Main Street 5") == ["One small pizza to Main Street 5. Thank you!"]


def test_a_person_gets_the_order(example: Any) -> None:
    with BotChat(example("order_bot").bot) as chat:
        chat.say("hi")
        chat.press("small")
        chat.say("Main Street 5")
        assert chat.say("a person, please") == []
        assert chat.say("hello?") == []


def replies(customer: SandboxCustomer, count: int) -> list[str]:
    """What the bot said, once it has said that much."""
    texts: list[str] = []
    pause = threading.Event()
    for _ in range(int(LONGEST / 0.02)):
        texts = [
            event.text
            for event in customer.transcript()
            if event.type == "message" and event.author_id == BOT_ID
        ]
        if len(texts) >= count:
            return texts
        pause.wait(0.02)
    raise AssertionError(f"the bot said only {texts}")


@contextmanager
def program(words: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Run a program until the block ends; it has said that it is ready."""
    with forked.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        env=environment,
        cwd=EXAMPLES,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            if "uvicorn" not in words:
                assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def environment(served: Sandbox, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if "FRONTDESK" not in name}
    return {
        **own,
        "FRONTDESK_BASE_URL": served.url,
        "FRONTDESK_BOT_TOKEN": served.tokens["bot"],
        "FRONTDESK_BOT_ID": BOT_ID,
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }


def test_the_echo_bot_on_rtm(served: Sandbox) -> None:
    variables = environment(
        served,
        FRONTDESK_TOKEN=served.tokens["owner"],
        FRONTDESK_ORGANIZATION_ID=served.organization_id,
    )
    with program(["rtm_bot.py"], variables):
        ann = served.customer("Ann")
        ann.say("hello")
        assert replies(ann, 1) == ["Echo: hello"]


def test_two_workers_on_nats_and_one_is_killed(served: Sandbox, tmp_path: Path) -> None:
    nats = NatsServer(tmp_path / "nats").start()
    port = free_port()
    variables = environment(served, NATS_URL=nats.url, FRONTDESK_WEBHOOK_SECRET=SECRET)
    client = served.configuration_client()
    with ExitStack() as stack:
        stack.callback(nats.kill)
        workers = [stack.enter_context(program(["nats_workers.py"], variables)) for _ in range(2)]
        served_by = ["-m", "uvicorn", "nats_workers:app", "--port", str(port)]
        stack.enter_context(program([*served_by, "--log-level", "warning"], variables))
        for action in ("incoming_chat", "incoming_event"):
            client.register_webhook(
                action=action,
                url=f"http://127.0.0.1:{port}/",
                secret_key=SECRET,
                owner_client_id=CLIENT_ID,
                type="license",
            )
        customers = [served.customer(f"customer {number}") for number in range(4)]
        for number in range(3):
            for customer in customers:
                customer.say(f"message {number}")
            if number == 1:
                workers[0].send_signal(signal.SIGKILL)
        expected = [f"{number + 1}: message {number}" for number in range(3)]
        for customer in customers:
            assert replies(customer, 3) == expected
        workers[1].send_signal(signal.SIGTERM)
        assert workers[1].wait(LONGEST) == 0
