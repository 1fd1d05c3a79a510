"""Attempts to deliver a webhook: what is success, when the next ones come, and the order."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk.sandbox import Sandbox

from ...webhooks._target import Target, settled

Register = Callable[..., str]


def test_failures_are_repeated_within_a_minute(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    target.respond = lambda webhook: 500 if len(target.got) < 3 else 200
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    assert len(target.got) == 1
    sandbox.advance(6)
    settled(sandbox)
    assert len(target.got) == 2
    sandbox.advance(20)
    settled(sandbox)
    assert len(target.got) == 3
    assert len({json.dumps(webhook) for webhook in target.got}) == 1
    (delivery,) = sandbox.webhooks.all("delivered")
    assert [attempt.status for attempt in delivery.attempts] == [500, 500, 200]
    counts = sandbox.webhooks.counts
    assert (counts.delivered, counts.retries, counts.dead, counts.waiting) == (1, 2, 0, 0)


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 404, 500, 503, None])
def test_only_200_is_success(
    sandbox: Sandbox, target: Target, register: Register, status: int | None
) -> None:
    register("incoming_event")
    target.respond = lambda webhook: status
    target.headers = {"location": target.url + "/elsewhere"}
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    sandbox.advance(60)
    settled(sandbox)
    assert target.paths == ["/webhooks"] * 4
    (dead,) = sandbox.webhooks.dead_letters()
    assert len(dead.attempts) == 4
    assert {attempt.status for attempt in dead.attempts} == {status}
    assert all(bool(attempt.error) == (status is None) for attempt in dead.attempts)
    assert sandbox.webhooks.counts.dead == 1


def test_nobody_listens(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("incoming_event")
    target.close()
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (waiting,) = sandbox.webhooks.all("waiting")
    assert "no connection" in (waiting.attempts[0].error or "")


def test_an_attempt_has_ten_seconds_of_the_sandbox(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    came, release = threading.Event(), threading.Event()

    def hang(webhook: Any) -> int:
        came.set()
        release.wait(10)
        return 200

    target.respond = hang
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    assert came.wait(10)
    sandbox.advance(11)
    deadline = time.monotonic() + 10
    while not sandbox.webhooks.all()[0].attempts and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert sandbox.webhooks.all()[0].attempts[0].error == "no response within 10 s"
    release.set()


def test_order_is_kept_within_a_chat_and_others_go_on(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in ("incoming_event", "thread_tagged", "thread_untagged"):
        register(action)
    ann, bob = sandbox.customer("Ann"), sandbox.customer("Bob")
    ann.start_chat()
    bob.start_chat()
    settled(sandbox)
    target.got.clear()
    target.respond = lambda webhook: 500 if webhook["payload"]["chat_id"] == ann.chat_id else 200
    for customer in (ann, bob):
        customer.say("one")
        where = {"chat_id": customer.chat_id or "", "thread_id": customer.thread_id or ""}
        sandbox.client().tag_thread(**where, tag="support")
        sandbox.client().untag_thread(**where, tag="support")
    settled(sandbox)
    of_bob = [one for one in target.got if one["payload"]["chat_id"] == bob.chat_id]
    of_ann = [one for one in target.got if one["payload"]["chat_id"] == ann.chat_id]
    in_order = ["incoming_event", "thread_tagged", "thread_untagged"]
    assert [one["action"] for one in of_bob] == in_order
    assert [one["action"] for one in of_ann] == ["incoming_event"]
    target.respond = lambda webhook: 200
    sandbox.advance(6)
    settled(sandbox)
    of_ann = [one for one in target.got if one["payload"]["chat_id"] == ann.chat_id]
    assert [one["action"] for one in of_ann] == ["incoming_event", *in_order]


def test_a_host_gets_so_many_at_once(
    sandbox: Sandbox, target: Target, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.sandbox.webhooks.courier.AT_ONCE", 2)
    register("incoming_chat")
    lock, two, three, release = threading.Lock(), *(threading.Event() for _ in range(3))
    there: list[int] = []

    def wait(webhook: Any) -> int:
        with lock:
            there.append(1)
            (three if len(there) > 2 else two if len(there) == 2 else threading.Event()).set()
        release.wait(10)
        return 200

    target.respond = wait
    for name in ("Ann", "Bob", "Cid", "Dan", "Eve"):
        sandbox.customer(name).start_chat()
    assert two.wait(10)
    # The others would come at once.
    assert not three.wait(0.3)
    release.set()
    settled(sandbox)
    assert len(target.got) == 5


def test_a_receiver_that_fails_holds_up_no_other(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    """Order is kept per chat, URL and client id; a host may have many receivers."""
    other = target.url.replace("/webhooks", "/other")
    register("incoming_event", url=target.url)
    register("incoming_event", url=other)
    register("incoming_event", url=target.url, owner_client_id="another client")
    register("incoming_event", url=target.url.replace("127.0.0.1", "localhost"))
    target.respond = lambda webhook: 500 if target.paths[-1] == "/webhooks" else 200
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("one")
    ann.say("two")
    settled(sandbox)
    assert sorted(target.paths) == ["/other"] * 2 + ["/webhooks"] * 3
    assert {one["payload"]["event"]["text"] for one in target.got} == {"one", "two"}
