"""Webhooks that wait: over a restart, on a disk that takes nothing, and within their bounds."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from frontdesk.errors import InternalError
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.webhooks import delivery_queue
from frontdesk.sandbox.world.people import customer_actions, customers
from frontdesk.sandbox.world.people.customers import CustomerDetails

from ... import forked
from ...webhooks._target import Target, settled
from ...webhooks.conftest import OWNER
from ..serve.test_disk import Served, mend, protect


def register(sandbox, url, action="incoming_event"):
    sandbox.configuration_client().register_webhook(
        action=action, url=url, secret_key="k", owner_client_id=OWNER, type="license"
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


def said(sandbox, *texts, name="Ann"):
    ann = sandbox.customer(name)
    if ann.chat_id is None:
        ann.start_chat()
    for text in texts:
        ann.say(text)


def got(target):
    return [webhook["payload"]["event"]["text"] for webhook in target.got]


def test_what_waits_is_sent_after_a_restart_in_order(path, target: Target):
    target.respond = lambda webhook: 503
    with Sandbox("empty", db=path, running=False) as sandbox:
        register(sandbox, target.url)
        said(sandbox, "1", "2", "3")
        settled(sandbox)
        before = sandbox.webhooks.all("waiting")
        assert len(before) == 3
    target.got.clear()
    target.respond = lambda webhook: 200
    with Sandbox("empty", db=path, running=False) as sandbox:
        settled(sandbox)
        assert got(target) == []
        sandbox.advance(5)
        settled(sandbox)
        assert got(target) == ["1", "2", "3"]
        after = sandbox.webhooks.all("delivered")
        assert [one.number for one in after] == [one.number for one in before]
        assert [one.created_at for one in after] == [one.created_at for one in before]
        said(sandbox, "4")
        settled(sandbox)
        assert [one.number for one in sandbox.webhooks.all()] == [1, 2, 3, 4]
    target.got.clear()
    with Sandbox("empty", db=path) as sandbox:
        settled(sandbox)
        assert not sandbox.webhooks.all()
    assert not target.got


def test_what_happens_before_it_is_known_where_a_sandbox_is_served_is_sent_then(
    path, target: Target
):
    backend = Backend(seed="empty", path=path)
    try:
        backend.world.targets.serve_at("127.0.0.1", 1, local=True)
        with Sandbox("empty") as other:
            register(other, target.url)
            (hook,) = other.backend.world.store.company.webhooks.values()
        backend.work(lambda world: world.store.company.save_webhook(hook))
        ann = backend.work(lambda world: customers.create(world, CustomerDetails(name="Ann"))).id
        # The first one comes with the chat, and causes no webhook of its own.
        for text in ("0", "1", "2", "3"):
            backend.work(lambda world, text=text: customer_actions.say(world, ann, text))
        assert not target.got
        backend.webhooks.resume()
        backend.webhooks.settle(10)
        assert got(target) == ["1", "2", "3"]
    finally:
        backend.close()


def test_what_waits_is_sent_although_its_registration_is_gone(path, target: Target):
    target.respond = lambda webhook: 503
    with Sandbox("empty", db=path, running=False) as sandbox:
        register(sandbox, target.url)
        said(sandbox, "1")
        settled(sandbox)
        client = sandbox.configuration_client()
        (hook,) = client.list_webhooks(owner_client_id=OWNER)
        client.unregister_webhook(id=hook.id, owner_client_id=OWNER)
    target.got.clear()
    target.respond = lambda webhook: 200
    with Sandbox("empty", db=path) as sandbox:
        sandbox.advance(5)
        settled(sandbox)
    assert got(target) == ["1"]


@pytest.mark.parametrize("served", [True, False])
def test_attempts_are_counted_over_a_restart(path, target: Target, served):
    """However often a sandbox is opened, a webhook has four of them, each at its time."""
    target.respond = lambda webhook: 503
    seconds = [0, 5, 20, 50]
    for number in range(1, 5):
        with Sandbox("empty", db=path, running=False, served=served) as sandbox:
            if number == 1:
                register(sandbox, target.url)
                said(sandbox, "1")
            else:
                settled(sandbox)
                assert len(target.got) == number - 1
                sandbox.advance(seconds[number - 1] - seconds[number - 2])
            settled(sandbox)
            (delivery,) = sandbox.webhooks.all()
            assert [attempt.status for attempt in delivery.attempts] == [503] * number
            assert delivery.state == ("waiting" if number < 4 else "dead")
    with Sandbox("empty", db=path, running=False) as sandbox:
        sandbox.advance(60)
        settled(sandbox)
        assert [len(letter.attempts) for letter in sandbox.webhooks.dead_letters()] == [4]
    assert len(target.got) == 4


def test_attempts_that_were_due_while_nobody_ran_are_made_at_once(path, target: Target):
    target.respond = lambda webhook: 503
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    with Sandbox("empty", db=path, start=start, running=False) as sandbox:
        register(sandbox, target.url)
        said(sandbox, "1")
        settled(sandbox)
    later = start + timedelta(seconds=30)
    with Sandbox("empty", db=path, start=later, running=False) as sandbox:
        settled(sandbox)
        (delivery,) = sandbox.webhooks.all("waiting")
        assert len(delivery.attempts) == 3


def given_up(sandbox, *texts):
    """Have messages said whose webhooks become dead letters, one after the other."""
    for text in texts:
        said(sandbox, text)
        settled(sandbox)
        sandbox.advance(60)
        settled(sandbox)


def letters(sandbox):
    return [one.webhook["payload"]["event"]["text"] for one in sandbox.webhooks.dead_letters()]


def test_dead_letters_outlive_a_restart_and_are_not_sent_again(path, target: Target):
    target.respond = lambda webhook: 503
    with Sandbox("empty", db=path, running=False) as sandbox:
        register(sandbox, target.url)
        given_up(sandbox, "1", "2")
        before = sandbox.webhooks.dead_letters()
        assert [len(one.attempts) for one in before] == [4, 4]
    target.got.clear()
    target.respond = lambda webhook: 200
    with Sandbox("empty", db=path, running=False) as sandbox:
        settled(sandbox)
        assert sandbox.webhooks.dead_letters() == before
        counts = sandbox.webhooks.counts
        assert (counts.waiting, counts.delivered, counts.retries, counts.dead) == (0, 0, 0, 2)
        said(sandbox, "3")
        settled(sandbox)
        assert [one.number for one in sandbox.webhooks.all()] == [1, 2, 3]
    assert got(target) == ["3"]


def test_a_file_keeps_the_latest_dead_letters_only(path, target: Target, monkeypatch):
    target.respond = lambda webhook: 503
    monkeypatch.setattr(delivery_queue, "KEPT", 2)
    with Sandbox("empty", db=path, running=False) as sandbox:
        register(sandbox, target.url)
        given_up(sandbox, *"1234")
        assert letters(sandbox) == ["3", "4"]
    monkeypatch.undo()
    with Sandbox("empty", db=path, running=False) as sandbox:
        assert letters(sandbox) == ["3", "4"]
    monkeypatch.setattr(delivery_queue, "KEPT", 1)
    with Sandbox("empty", db=path, running=False) as sandbox:
        assert letters(sandbox) == ["4"]
    monkeypatch.undo()
    with Sandbox("empty", db=path, running=False) as sandbox:
        assert letters(sandbox) == ["4"]


def test_a_dead_letter_that_a_full_disk_did_not_take_is_kept_when_there_is_room(
    path, target: Target
):
    target.respond = lambda webhook: 503
    with Sandbox("empty", db=path, served=True) as sandbox:
        register(sandbox, target.url)
        chat_id = sandbox.client().start_chat(continuous=True).chat_id
        sandbox.client().send_event(chat_id=chat_id, event={"type": "message", "text": "1"})
        settled(sandbox)
        with sandbox.backend.lock:
            protect(sandbox)
            clock = sandbox.backend.world.clock
            clock.move_to(clock.after(60))
        settled(sandbox)
        assert letters(sandbox) == ["1"]
        sandbox.client().list_chats()
        mend(sandbox)
    target.got.clear()
    with Sandbox("empty", db=path, running=False) as sandbox:
        settled(sandbox)
        assert letters(sandbox) == ["1"]
    assert not target.got


def test_forgotten_ones_do_not_come_back(path, target: Target):
    target.respond = lambda webhook: 503
    with Sandbox("empty", db=path, running=False) as sandbox:
        register(sandbox, target.url)
        given_up(sandbox, "dead")
        said(sandbox, "forgotten")
        sandbox.webhooks.clear()
    with Sandbox("empty", db=path, running=False) as sandbox:
        assert not sandbox.webhooks.all()
        said(sandbox, "reset")
        sandbox.reset()
    with Sandbox("empty", db=path, running=False) as sandbox:
        assert not sandbox.webhooks.all()
        register(sandbox, target.url)
        said(sandbox, "restored")
        sandbox.restore(sandbox.snapshot())
    with Sandbox("empty", db=path) as sandbox:
        assert not sandbox.webhooks.all()


KILLED = """
import sys
from frontdesk.sandbox import Sandbox

sandbox = Sandbox("empty", db=sys.argv[1], running=False)
sandbox.configuration_client().register_webhook(
    action="incoming_event", url=sys.argv[2], secret_key="k", owner_client_id="c", type="license"
)
ann = sandbox.customer("Ann")
ann.start_chat()
for number in range(20):
    ann.say(str(number))
print("said", flush=True)
sys.stdin.read()
"""


def test_what_waits_survives_a_kill(path, target: Target):
    target.respond = lambda webhook: 503
    process = forked.Popen(
        [sys.executable, "-c", KILLED, str(path), target.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "said\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    target.got.clear()
    target.respond = lambda webhook: 200
    with Sandbox("empty", db=path) as sandbox:
        sandbox.advance(5)
        settled(sandbox)
    assert got(target) == [str(number) for number in range(20)]


def test_a_call_that_is_not_kept_causes_no_webhook(path, target: Target):
    with Sandbox("empty", db=path, served=True) as sandbox:
        register(sandbox, target.url)
        client = sandbox.client(retry=None)
        chat_id = client.start_chat(continuous=True).chat_id
        protect(sandbox)
        with pytest.raises(InternalError):
            client.send_event(chat_id=chat_id, event={"type": "message", "text": "lost"})
        mend(sandbox)
        client.send_event(chat_id=chat_id, event={"type": "message", "text": "kept"})
        settled(sandbox)
        assert got(target) == ["kept"]


def test_what_was_delivered_on_a_full_disk_is_not_forgotten(path, target: Target):
    """Its row stays until the disk takes its removal: then, and not earlier, it is gone."""
    with Sandbox("empty", db=path, served=True) as sandbox:
        register(sandbox, target.url)
        chat_id = sandbox.client().start_chat(continuous=True).chat_id
        target.respond = lambda webhook: protect(sandbox) or 200
        sandbox.client().send_event(chat_id=chat_id, event={"type": "message", "text": "1"})
        settled(sandbox)
        sandbox.client().list_chats()
        mend(sandbox)
        target.respond = lambda webhook: 200
    target.got.clear()
    with Sandbox("empty", db=path) as sandbox:
        settled(sandbox)
    assert not target.got


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(delivery_queue, "MOST_WAITING", 100_000)
    monkeypatch.setattr(delivery_queue, "KEPT_BYTES", 50_000)


@pytest.mark.parametrize("file", [True, False])
def test_what_is_too_much_to_wait_becomes_dead_letters(path, small, caplog, file):
    with Sandbox("empty", db=path if file else None, running=False) as sandbox:
        register(sandbox, "http://127.0.0.1:1/")
        said(sandbox, *["x" * 8000] * 40)
        waiting, dead = sandbox.webhooks.all("waiting"), sandbox.webhooks.dead_letters()
        counts = sandbox.webhooks.counts
        assert (counts.waiting, counts.dead) == (len(waiting), 40 - len(waiting))
        assert 0 < sum(one.cost for one in waiting) <= 100_000
        assert 0 < sum(one.cost for one in dead) <= 50_000
        assert "wait already" in dead[-1].attempts[0].error
        warnings = [r.getMessage() for r in caplog.records if "wait already" in r.getMessage()]
        assert len(warnings) == 1
    with Sandbox("empty", db=path if file else None, running=False) as sandbox:
        assert len(sandbox.webhooks.all("waiting")) == (len(waiting) if file else 0)
        assert sandbox.webhooks.dead_letters() == (dead if file else [])


def test_there_is_room_again_when_some_are_delivered(small, target: Target):
    target.respond = lambda webhook: 503
    with Sandbox("empty", running=False) as sandbox:
        register(sandbox, target.url)
        said(sandbox, *["x" * 8000] * 20)
        settled(sandbox)
        sandbox.advance(60)
        settled(sandbox)
        sandbox.advance(60)
        settled(sandbox)
        target.respond = lambda webhook: 200
        while sandbox.webhooks.counts.waiting:
            sandbox.advance(60)
            settled(sandbox)
        said(sandbox, "again")
        settled(sandbox)
        assert got(target)[-1] == "again"
        assert sandbox.webhooks.all()[-1].state == "delivered"


def test_the_effects_of_one_commit_count_together(small):
    with Sandbox("empty", running=False) as sandbox:
        register(sandbox, "http://127.0.0.1:1/")
        ann = sandbox.customer("Ann")
        ann.start_chat()
        with sandbox.backend.lock:
            commit, sandbox.backend.world.commit = sandbox.backend.world.commit, lambda: None
            for _ in range(40):
                ann.say("x" * 8000)
            sandbox.backend.world.commit = commit
            commit()
        assert sum(one.cost for one in sandbox.webhooks.all("waiting")) <= 100_000


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_dead_receiver_takes_no_memory_without_end():
    """A hundred thousand messages to three addresses where nobody is."""
    with Sandbox("empty", running=False) as sandbox:
        for number in range(3):
            register(sandbox, f"http://127.0.0.1:1/{number}")
        ann = sandbox.customer("Ann")
        ann.start_chat()
        before = resident()
        for _ in range(30_000):
            ann.say("x" * 8000)
        # The messages themselves are in memory too.
        assert resident() - before < 30_000 * 10_000 + 400 * 2**20


def resident():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@pytest.mark.soak
def test_waiting_ones_outlive_a_served_sandbox_again_and_again(path, target: Target):
    target.respond = lambda webhook: 503
    for round_ in range(5):
        served = Served(path)
        try:
            if not round_:
                served.post(
                    "/v3.6/configuration/action/register_webhook",
                    action="incoming_event",
                    url=target.url,
                    secret_key="k",
                    owner_client_id="c",
                    type="license",
                )
            _, chat = served.call("start_chat", continuous=True)
            for number in range(20):
                assert served.say(chat["chat_id"], f"{round_}-{number}")[0] == 200
            if round_ % 2:
                assert served.stop()[0] == 0
        finally:
            served.process.kill()
            served.process.communicate()
    target.got.clear()
    target.respond = lambda webhook: 200
    with Sandbox("empty", db=path) as sandbox:
        sandbox.advance(60)
        settled(sandbox)
    assert sorted(got(target)) == sorted(f"{r}-{n}" for r in range(5) for n in range(20))


Register = Callable[..., str]


def test_settling_ends_with_its_timeout(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    """A receiver that holds an attempt keeps nobody longer than was asked for."""
    released = threading.Event()
    target.respond = lambda webhook: released.wait(30) and 200
    register("incoming_event")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    with pytest.raises(TimeoutError):
        sandbox.webhooks.settle(0.05)
    released.set()
    sandbox.webhooks.settle()
    assert sandbox.webhooks.counts.delivered == 1


def test_calls_do_not_wait_for_deliveries(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    release = threading.Event()
    target.respond = lambda webhook: 200 if release.wait(10) else 500
    ann = sandbox.customer("Ann")
    ann.start_chat()
    began = time.monotonic()
    for n in range(20):
        ann.say(str(n))
    assert time.monotonic() - began < 5
    assert sandbox.webhooks.counts.waiting == 20
    release.set()
    settled(sandbox)
    assert [one["payload"]["event"]["text"] for one in target.got] == list(map(str, range(20)))


def test_resetting_forgets_webhooks(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("incoming_event")
    target.respond = lambda webhook: 500
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    sandbox.reset()
    assert sandbox.webhooks.all() == []
    sandbox.customer("Ann").say("not told")
    settled(sandbox)
    assert len(target.got) == 1
