"""A receiver that is killed again and again handles what one that is left alone handles."""

import http.client
import socket
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest

from frontdesk.models import WebhookFilters
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from .. import forked
from ._killed_receiver import SECRET

CHATS = 25
LIMIT = 1500


class Victim:
    """The receiver's process."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.notes = folder / "notes"
        self.notes.touch()
        self._folder = folder
        self._read = 0
        self._count = 0
        self.start()

    def start(self) -> None:
        program = Path(__file__).with_name("_killed_receiver.py")
        self.process = forked.Popen(
            [
                sys.executable,
                str(program),
                str(self.port),
                str(self._folder / "journal"),
                str(self.notes),
            ]
        )
        while not self._responses():
            assert self.process.poll() is None
            threading.Event().wait(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def handled(self) -> int:
        """How many notes there are so far."""
        with self.notes.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        self._read += len(new)
        self._count += new.count(b"\n")
        return self._count

    def _responses(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 405
        except OSError:
            return False
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("webhooks", "kills"),
    [
        pytest.param(1500, 3, id="bounded"),
        pytest.param(50_000, 10, id="soak", marks=[pytest.mark.soak, pytest.mark.timeout(3000)]),
    ],
)
def test_nothing_is_lost_or_doubled_or_out_of_order(
    tmp_path: Path, webhooks: int, kills: int
) -> None:
    with Sandbox("demo") as sandbox:
        folders = [tmp_path / "victim", tmp_path / "control"]
        for folder in folders:
            folder.mkdir()
        victim, control = (Victim(folder) for folder in folders)
        for one in (victim, control):
            sandbox.configuration_client().register_webhook(
                action="incoming_event",
                url=f"http://127.0.0.1:{one.port}/",
                secret_key=SECRET,
                owner_client_id=CLIENT_ID,
                type="license",
                filters=WebhookFilters(author_type="customer"),
            )
        customers = [sandbox.customer(f"Customer {n}") for n in range(CHATS)]
        for customer in customers:
            customer.start_chat()
        said: dict[str, list[int]] = {customer.chat_id or "": [] for customer in customers}

        def talk() -> None:
            for n in range(webhooks):
                customer = customers[n % CHATS]
                customer.say(str(n))
                said[customer.chat_id or ""].append(n)

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            for kill in range(1, kills + 1):
                wait_for(lambda kill=kill: victim.handled() >= webhooks * kill // (kills + 1))
                victim.kill()
                victim.start()
                sandbox.advance(6)
            talking.join(LIMIT)
            wait_for(lambda: done(sandbox), lambda: sandbox.advance(6))
            wait_for(lambda: quiet(victim) and quiet(control))
        finally:
            talking.join(LIMIT)
            victim.kill()
            control.kill()
        given_up = {
            one.webhook["payload"]["event"]["text"] for one in sandbox.webhooks.dead_letters()
        }
        assert sandbox.webhooks.counts.dead == len(given_up)
    lost = {int(text) for text in given_up}
    check(control.notes, said, set(), kills=0)
    check(victim.notes, said, lost, kills=kills)
    assert handled_by(victim.notes) == handled_by(control.notes) - lost


def wait_for(ready, nudge=lambda: None) -> None:
    deadline = time.monotonic() + LIMIT
    while not ready():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
        nudge()


def done(sandbox: Sandbox) -> bool:
    return sandbox.webhooks.counts.waiting == 0


def quiet(victim: Victim) -> bool:
    before = victim.handled()
    threading.Event().wait(0.5)
    return victim.handled() == before


def handled_by(notes: Path) -> set[int]:
    return {int(line.split(" ")[2]) for line in notes.read_text().splitlines()}


def check(notes: Path, said: dict[str, list[int]], given_up: set[int], *, kills: int) -> None:
    lives: dict[str, list[int]] = defaultdict(list)
    first: dict[str, list[int]] = {chat_id: [] for chat_id in said}
    known: set[int] = set()
    orders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in notes.read_text().splitlines():
        life, chat_id, text = line.split(" ")
        lives[life].append(int(text))
        orders[life, chat_id].append(int(text))
        if int(text) not in known:
            known.add(int(text))
            first[chat_id].append(int(text))
    for life, texts in lives.items():
        assert len(texts) == len(set(texts)), f"life {life} handled a webhook twice"
    for texts in orders.values():
        assert texts == sorted(texts)
    for chat_id, texts in said.items():
        assert first[chat_id] == [text for text in texts if text not in given_up]
    # Handled twice is what was being handled when the process was killed: one webhook of a chat.
    handled = [text for texts in lives.values() for text in texts]
    twice = {text for text in handled if handled.count(text) > 1} if kills else set()
    assert len(handled) - len(known) <= kills * CHATS
    in_the_middle = {texts[-1] for texts in orders.values()}
    assert twice <= in_the_middle
