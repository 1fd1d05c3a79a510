"""Which deliveries are repeats, and which are webhooks that look like earlier ones."""

import asyncio
import errno
import itertools
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from frontdesk.webhooks import (
    PAYLOADS,
    Journal,
    MemorySeen,
    Receiver,
    ThreadSummarySet,
    ThreadTagged,
    ThreadUntagged,
)

from ._bodies import SECRET, body, message, sample, tag
from ._faulty_disk import FaultyDisk, crash, error
from .test_receiver import receiver_that_notes, run


def test_repeats_are_acknowledged_and_dropped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def test() -> None:
        receiver, texts = receiver_that_notes()
        for _ in range(4):
            assert (await receiver.handle(message(1, text="one"))).status == 200
        await receiver.handle(message(2, text="two"))
        await receiver.close()
        assert texts == ["one", "two"]
        assert receiver.counts.repeated == 3

    run(test)
    assert sum("repeated" in record.getMessage() for record in caplog.records) == 3


def test_the_same_webhook_of_two_registrations_is_no_repeat() -> None:
    async def test() -> None:
        receiver, texts = receiver_that_notes()
        webhook = sample("incoming_event")
        for webhook_id in ("first", "second", "first"):
            await receiver.handle(body({**webhook, "webhook_id": webhook_id}))
        await receiver.close()
        assert len(texts) == 2

    run(test)


def test_a_state_that_comes_back_is_no_repeat() -> None:
    """A tag that is set, taken away and set again makes the same body twice."""

    async def test() -> None:
        receiver = Receiver(SECRET)
        seen: list[str] = []
        receiver.on()(lambda webhook: seen.append(webhook.action))
        for data in (
            tag(),
            tag(),
            tag(name="other"),
            tag(),
            tag("thread_untagged"),
            tag(),
            tag(),
        ):
            await receiver.handle(data)
        await receiver.close()
        assert seen == ["thread_tagged", "thread_tagged", "thread_untagged", "thread_tagged"]

    run(test)


def test_memory_of_repeats_is_bounded_and_ends() -> None:
    now = 0.0
    memory = MemorySeen(limit=10, clock=lambda: now)
    for n in range(100):
        assert memory.swap(bytes([n]), b"v", 60) is None
        assert len(memory) <= 10
    for n in range(95, 100):
        assert memory.swap(bytes([n]), b"w", 60) == b"v"
        assert memory.swap(bytes([n]), b"w", 60) == b"w"
    assert memory.swap(b"\x00", b"v", 60) is None
    now = 60.0
    assert memory.swap(bytes([99]), b"w", 60) is None
    assert memory.swap(bytes([99]), b"", 60) == b"w"
    assert memory.swap(bytes([99]), b"w", 60) == b""


class SharedSeen:
    """A store that several receivers share, as Redis would be."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    async def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        await asyncio.sleep(0)
        before, self.values[key] = self.values.get(key), value
        return before


def test_a_store_that_is_empty_yet_is_used() -> None:
    async def test() -> None:
        seen = MemorySeen(limit=10)
        receiver, _ = receiver_that_notes(seen=seen)
        await receiver.handle(message())
        await receiver.close()
        assert len(seen) == 1

    run(test)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_smallest_memories(limit: int) -> None:
    memory = MemorySeen(limit=limit)
    for n in range(9):
        memory.swap(bytes([n]), b"v", 60)
        assert memory.swap(bytes([n]), b"v", 60) == b"v"
        assert len(memory) <= max(2, limit)


def test_receivers_can_share_what_they_have_seen(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        seen = SharedSeen()
        one, texts = receiver_that_notes(seen=seen)
        two, others = receiver_that_notes(seen=seen)
        await one.handle(message(text="once"))
        await two.handle(message(text="once"))
        await one.close()
        await two.close()
        assert texts + others == ["once"]
        assert one._accepting == two._accepting == set()

    run(test)
    assert caplog.messages == []


def test_what_waits_for_the_store_counts_as_accepted() -> None:
    class Slow(MemorySeen):
        responses = asyncio.Event()

        async def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:  # type: ignore[override]
            await self.responses.wait()
            return super().swap(key, value, seconds)

    async def test() -> None:
        receiver, texts = receiver_that_notes(seen=Slow(), capacity=2)
        calls = [asyncio.create_task(receiver.handle(message(text=str(n)))) for n in range(4)]
        _, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert len(waiting) == 2
        closing = asyncio.create_task(receiver.close(5))
        await asyncio.sleep(0)
        Slow.responses.set()
        assert await closing == 0
        assert sorted(call.result().status for call in calls) == [200, 200, 503, 503]
        assert texts == ["0", "1"]

    run(test)


def test_a_broken_store_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
            raise ConnectionError("the store is away")

    async def test() -> None:
        receiver, texts = receiver_that_notes(seen=Broken())
        assert (await receiver.handle(message(text="kept"))).status == 200
        await receiver.close()
        assert texts == ["kept"]

    run(test)
    assert "the store is away" in caplog.text
    assert caplog.messages == ["the store of seen webhooks failed; repeats are not dropped"]


class SharedStore:
    """A store that awaits something for each key, as one in another process does."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.swaps = 0

    async def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        await asyncio.sleep(0)
        before = self.values.get(key)
        self.values[key] = value
        self.swaps += 1
        await asyncio.sleep(0)
        return before


STORES = [pytest.param(MemorySeen, id="memory"), pytest.param(SharedStore, id="shared")]


def handled(bodies: list[bytes], store: Any, *listened: type[Any]) -> tuple[list[Any], int]:
    """What the handlers of these payloads get (of all if there are none), and the repeats."""

    async def main() -> tuple[list[Any], int]:
        receiver = Receiver(SECRET, seen=store())
        got: list[Any] = []
        receiver.on(*listened)(got.append)
        for data in bodies:
            assert (await receiver.handle(data)).status == 200
        assert await receiver.close(5) == 0
        return got, receiver.counts.repeated

    return asyncio.run(main())


def changed(action: str, **payload: Any) -> bytes:
    webhook = sample(action)
    webhook["payload"] |= payload
    return body(webhook)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("listened", [(ThreadTagged,), (ThreadUntagged,), ()])
def test_a_state_that_comes_back_counts_whoever_listens(
    store: Any, listened: tuple[type[Any], ...]
) -> None:
    tagged, untagged = tag("thread_tagged"), tag("thread_untagged")
    got, repeated = handled([tagged, untagged, tagged, tagged, untagged], store, *listened)
    actions = ["thread_tagged", "thread_untagged", "thread_tagged", "thread_untagged"]
    kinds = {ThreadTagged: "thread_tagged", ThreadUntagged: "thread_untagged"}
    expected = [kinds[kind] for kind in listened] or actions
    assert [webhook.action for webhook in got] == [one for one in actions if one in expected]
    assert repeated == 1


def test_without_any_handler_there_is_nothing_to_do_but_to_remember() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        for data in (tag(), tag(), tag("thread_untagged"), tag()):
            assert (await receiver.handle(data)).status == 200
        assert receiver.counts.accepted == 3
        assert receiver.counts.repeated == 1
        assert await receiver.close() == 0

    run(test)


OWNERS = {"chat": "chat_id", "thread": "thread_id", "event": "event_id"}


def set_properties(owner: str, **properties: Any) -> bytes:
    return changed(f"{owner}_properties_updated", properties={"ns": properties})


def delete_properties(owner: str, *names: str) -> bytes:
    return changed(f"{owner}_properties_deleted", properties={"ns": list(names)})


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("owner", OWNERS)
def test_properties_are_remembered_one_by_one(store: Any, owner: str) -> None:
    a = set_properties(owner, a=1)
    cases = {
        "another value, and another property": [a, set_properties(owner, a=2, b=2), a],
        "another value": [a, set_properties(owner, a=2), a],
        "deleted": [a, delete_properties(owner, "a"), a],
        "deleted together": [a, delete_properties(owner, "b", "a"), a],
        "another type": [a, set_properties(owner, a="1"), a],
        "deleted twice": [delete_properties(owner, "a"), a, delete_properties(owner, "a")],
    }
    for name, bodies in cases.items():
        got, repeated = handled(bodies, store)
        assert (len(got), repeated) == (3, 0), name
    repeats = {
        "at once": [a, a],
        "after another property": [a, set_properties(owner, b=2), a],
        "after another one was deleted": [a, delete_properties(owner, "b"), a],
    }
    for name, bodies in repeats.items():
        got, repeated = handled(bodies, store)
        assert (len(got), repeated) == (len(bodies) - 1, 1), name


@pytest.mark.parametrize("owner", OWNERS)
def test_properties_of_another_owner_or_namespace_are_others(owner: str) -> None:
    a = set_properties(owner, a=1)
    other = json.loads(set_properties(owner, a=2))
    other["payload"][OWNERS[owner]] = "ANOTHER000"
    assert handled([a, body(other), a], MemorySeen)[1] == 1
    other = changed(f"{owner}_properties_updated", properties={"other": {"a": 2}})
    assert handled([a, other, a], MemorySeen)[1] == 1


def test_an_exhaustive_run_of_changes_equals_what_the_state_says() -> None:
    """Whatever is set and deleted: what tells nothing new may be dropped, the rest never is."""
    steps = [
        (set_properties("chat", a=1), {"a": 1}),
        (set_properties("chat", a=2, b=2), {"a": 2, "b": 2}),
        (set_properties("chat", b=1), {"b": 1}),
        (delete_properties("chat", "a"), {"a": None}),
        (delete_properties("chat", "a", "b"), {"a": None, "b": None}),
    ]
    # Each order happens to a chat of its own, and all of them to one receiver.
    orders = {
        "".join(map(str, order)): order for order in itertools.product(range(len(steps)), repeat=4)
    }
    chat_id = json.loads(steps[0][0])["payload"]["chat_id"].encode()
    assert all(data.count(chat_id) == 1 for data, _ in steps)
    bodies = [
        steps[n][0].replace(chat_id, chat.encode()) for chat, order in orders.items() for n in order
    ]
    expected: dict[str, dict[str, Any]] = {chat: {} for chat in orders}
    for chat, order in orders.items():
        for n in order:
            expected[chat] |= steps[n][1]
    states: dict[str, dict[str, Any]] = {chat: {} for chat in orders}
    got, repeated = handled(bodies, MemorySeen)
    for webhook in got:
        properties = webhook.payload.properties["ns"]
        states[webhook.payload.chat_id] |= (
            properties if isinstance(properties, dict) else dict.fromkeys(properties)
        )
    assert states == expected
    assert len(got) + repeated == len(bodies)
    # Of two equal changes in a row the second is a repeat.
    assert repeated >= sum(
        a == b for order in orders.values() for a, b in itertools.pairwise(order)
    )


@pytest.mark.parametrize(
    ("action", "field", "values"),
    [
        ("routing_status_set", "status", ("accepting_chats", "not_accepting_chats")),
        (
            "thread_summary_set",
            "summary",
            ({"status": "ok", "text": "A"}, {"status": "ok", "text": "B"}),
        ),
        ("agent_updated", "name", ("Jo", "Joe")),
    ],
)
def test_values_that_come_back_are_no_repeats(action: str, field: str, values: Any) -> None:
    first, second = sample(action), sample(action)
    first["payload"][field], second["payload"][field] = values
    assert body(first) != body(second)
    bodies = [body(one) for one in (first, second, first)]
    got, repeated = handled(bodies, MemorySeen)
    assert (len(got), repeated) == (3, 0)
    assert type(got[0].payload) is PAYLOADS[action]
    assert handled([*bodies, bodies[0]], MemorySeen)[1] == 1


def test_summaries_are_known() -> None:
    assert PAYLOADS["thread_summary_set"] is ThreadSummarySet


@pytest.mark.parametrize("action", ["thread_pinned", "thread_summary_set"])
def test_what_is_unknown_may_tell_a_state(action: str) -> None:
    def unknown(value: str) -> bytes:
        payload = {"chat_id": "C", "summary": value}
        return body({**sample("thread_tagged"), "action": action, "payload": payload})

    got, repeated = handled([unknown("A"), unknown("B"), unknown("A"), unknown("A")], MemorySeen)
    assert [webhook.payload["summary"] for webhook in got] == ["A", "B", "A"]
    assert repeated == 1


def test_what_a_full_disk_refuses_is_not_remembered(tmp_path: Any) -> None:
    from ._faulty_disk import FaultyDisk, error

    async def test() -> None:
        disk = FaultyDisk(tmp_path / "journal")
        receiver = Receiver(SECRET, journal=Journal(tmp_path / "journal", disk=disk))
        got: list[Any] = []
        receiver.on()(got.append)
        disk.failing["create"] = error()
        for data in (tag(), set_properties("chat", a=1), message(1)):
            assert (await receiver.handle(data)).status == 503
        disk.failing.clear()
        for data in (tag(), set_properties("chat", a=1), message(1)):
            assert (await receiver.handle(data)).status == 200
        await receiver.close()
        assert len(got) == 3
        assert receiver.counts.repeated == 0

    run(test)


@pytest.mark.parametrize("journaled", [False, True])
@pytest.mark.parametrize(
    "data",
    [message(1), tag(), set_properties("chat", a=1, b=2)],
    ids=["event", "tag", "properties"],
)
def test_a_request_that_is_cancelled_is_accepted_whole_or_not_at_all(
    data: bytes, journaled: bool, tmp_path: Any
) -> None:
    """At every step that it can be cancelled at; LiveChat then sends the webhook again."""

    async def test() -> None:
        for steps in range(40):
            folder = tmp_path / str(steps)
            receiver = Receiver(
                SECRET,
                seen=SharedStore(),
                journal=Journal(folder, sync=True) if journaled else None,
            )
            got: list[Any] = []
            receiver.on()(got.append)
            request = asyncio.create_task(receiver.handle(data))
            for _ in range(steps):
                await asyncio.sleep(0)
            request.cancel()
            await asyncio.wait([request])
            assert (await receiver.handle(data)).status == 200
            assert await receiver.close(5) == 0
            assert len(got) == 1, steps
            assert receiver.counts.accepted == 1
            if not request.cancelled() and not journaled:
                break
        if journaled:
            assert list(folder.iterdir()) == []
        else:
            assert steps > 3

    run(test)


def test_a_request_that_is_cancelled_while_the_receiver_starts_does_not_hinder_it(
    tmp_path: Any,
) -> None:
    async def test() -> None:
        left = Journal(tmp_path)
        for n in range(5):
            left.add(b"0" * 16 + message(n, text=str(n)))
        left.close()
        receiver, texts = receiver_that_notes(seen=SharedStore(), journal=tmp_path)
        request = asyncio.create_task(receiver.handle(message(9, text="9")))
        for _ in range(4):
            await asyncio.sleep(0)
        request.cancel()
        await asyncio.wait([request])
        assert request.cancelled()
        await receiver.start()
        await receiver.close()
        assert texts == ["0", "1", "2", "3", "4"]

    run(test)


def test_a_store_that_fails_while_the_receiver_starts_is_logged_once(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
            raise ConnectionError

    async def test() -> None:
        left = Journal(tmp_path)
        for n in range(5):
            left.add(b"0" * 16 + message(n, text=str(n)))
        left.close()
        receiver, texts = receiver_that_notes(seen=Broken(), journal=tmp_path)
        await receiver.start()
        await receiver.close()
        assert texts == ["0", "1", "2", "3", "4"]

    run(test)
    assert caplog.text.count("repeats are not dropped") == 1


def test_what_had_been_handled_before_a_kill_is_known_to_be_a_repeat(tmp_path: Any) -> None:
    async def test() -> None:
        from frontdesk.webhooks.deduplication import digest_of

        left = Journal(tmp_path)
        bodies = [message(n, text=str(n)) for n in range(3)]
        tickets = [left.add(digest_of(data) + data) for data in bodies]
        left.done(tickets[0])
        left.close()
        old = Journal(tmp_path)
        old._clock = lambda: 1.0  # long ago: it has no part in what is remembered
        old.add(digest_of(message(7)) + message(7, text="7"))
        old.close()
        receiver, texts = receiver_that_notes(journal=tmp_path)
        await receiver.start()
        for data in (*bodies, message(7)):
            assert (await receiver.handle(data)).status == 200
        await receiver.close()
        assert texts[:3] == ["7", "1", "2"]
        assert receiver.counts.repeated == 3
        assert len(texts) == 4

    run(test)


@pytest.mark.parametrize("shared", [False, True])
def test_a_repeat_is_acknowledged_once_the_disk_has_what_it_repeats(
    shared: bool, tmp_path: Path
) -> None:
    """LiveChat forgets a webhook with the 200, whichever of its attempts that is for."""

    async def test() -> None:
        disk = FaultyDisk(tmp_path)
        receiver = Receiver(
            SECRET,
            seen=SharedStore() if shared else None,
            journal=Journal(tmp_path, sync=True, disk=disk),
        )
        got: list[Any] = []
        receiver.on()(got.append)
        disk.failing["sync"] = error(errno.EIO)
        for _ in range(3):
            response = await receiver.handle(message(1))
            assert response.status == 503
            assert response.text == "the journal cannot be written: Input/output error\n"
        # One `fsync` is for all that the file has, and what the store knows is on the disk.
        disk.failing.clear()
        assert (await receiver.handle(message(2, "other chat"))).status == 200
        disk.failing["sync"] = error(errno.EIO)
        assert (await receiver.handle(message(1))).status == (503 if shared else 200)
        disk.failing.clear()
        assert (await receiver.handle(message(1))).status == 200
        assert await receiver.close() == 0
        assert len(got) == 2
        assert receiver.counts.accepted == 2

    run(test)


@pytest.mark.parametrize("shared", [False, True])
def test_a_repeat_waits_for_the_disk_that_is_at_work(shared: bool, tmp_path: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(tmp_path)
        receiver = Receiver(
            SECRET,
            seen=SharedStore() if shared else None,
            journal=Journal(tmp_path, sync=True, disk=disk),
        )
        gate, got = asyncio.Event(), list[Any]()

        @receiver.on()
        async def work(webhook: object) -> None:
            got.append(webhook)
            await gate.wait()

        await receiver.start()
        first = asyncio.create_task(receiver.handle(message(1)))
        await asyncio.sleep(0)
        first.cancel()  # the sender gave up
        await asyncio.wait([first])
        assert (await receiver.handle(message(1))).status == 200
        assert disk.synced
        gate.set()
        assert await receiver.close() == 0
        assert len(got) == 1

    run(test)


def test_a_repeat_of_what_a_killed_process_left_waits_for_the_disk(tmp_path: Path) -> None:
    """The system kept it when the process was killed; a machine that crashes would not."""

    async def test() -> None:
        killed = Receiver(SECRET, journal=(left := Journal(tmp_path, sync=True)))
        killed.on()(lambda webhook: None)
        await killed.start()
        request = asyncio.create_task(killed.handle(message(1)))
        await asyncio.sleep(0)
        assert list(tmp_path.iterdir())
        crash(left)
        request.cancel()

        disk = FaultyDisk(tmp_path)
        receiver = Receiver(SECRET, journal=Journal(tmp_path, sync=True, disk=disk))
        gate, got = asyncio.Event(), list[Any]()

        @receiver.on()
        async def work(webhook: object) -> None:
            got.append(webhook)
            await gate.wait()

        await receiver.start()
        disk.failing["sync"] = error(errno.EIO)
        assert (await receiver.handle(message(1))).status == 503
        # What another file cannot keep does not hold up a webhook of its own file.
        disk.failing.clear()
        assert (await receiver.handle(message(1))).status == 200
        assert len(disk.synced) == 1
        assert receiver.counts.repeated == 1
        gate.set()
        assert await receiver.close() == 0
        assert len(got) == 1
        await asyncio.wait([request])

    run(test)


def test_a_repeat_does_not_wait_for_a_disk_that_nothing_waits_for(tmp_path: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(tmp_path)
        disk.failing["sync"] = error(errno.EIO)
        receiver = Receiver(SECRET, journal=Journal(tmp_path, disk=disk))
        receiver.on()(lambda webhook: None)
        for _ in range(2):
            assert (await receiver.handle(message(1))).status == 200
        assert receiver.counts.repeated == 1
        await receiver.close()

    run(test)


@pytest.mark.parametrize("store", STORES)
def test_what_cannot_be_read_makes_no_repeat_of_what_comes_after(store: Any) -> None:
    tagged, other = tag("thread_tagged"), changed("thread_tagged", tag="other")
    unreadable = changed("thread_untagged", tag=None)
    bodies = [tagged, other, unreadable, tagged, other, tagged, other, unreadable]
    got, repeated = handled(bodies, store)
    actions = [webhook.action for webhook in got]
    assert actions == ["thread_tagged"] * 2 + ["thread_untagged"] + ["thread_tagged"] * 2
    assert repeated == 3
    again, repeated = handled([*bodies, changed("thread_untagged", tag=7), tagged], store)
    assert [webhook.action for webhook in again[5:]] == ["thread_untagged", "thread_tagged"]
    assert repeated == 3


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(
    ("action", "damage"),
    [
        ("routing_status_set", {"agent_id": None}),
        ("chat_properties_deleted", {"properties": 5, "chat_id": None}),
        ("user_removed_from_chat", {"user_id": None}),
        ("chat_access_updated", {"id": None}),
    ],
)
def test_an_unreadable_webhook_may_have_changed_any_state(
    store: Any, action: str, damage: dict[str, Any]
) -> None:
    tagged = tag("thread_tagged")
    got, repeated = handled([tagged, changed(action, **damage), tagged, tagged], store)
    assert [type(webhook).__name__ for webhook in got] == ["Webhook", "UnknownWebhook", "Webhook"]
    assert repeated == 1


@pytest.mark.parametrize("store", STORES)
def test_a_new_action_or_a_damaged_event_changes_no_state_of_others(store: Any) -> None:
    for odd in (
        body({**sample("thread_tagged"), "action": "thread_pinned"}),
        changed("event_deleted", event_id=None),
    ):
        got, repeated = handled([tag("thread_tagged"), odd, tag("thread_tagged")], store)
        assert (len(got), repeated) == (2, 1)


def test_an_unreadable_webhook_that_comes_while_the_store_is_asked_is_not_lost() -> None:
    async def main() -> None:
        store = SharedStore()
        tagged, unreadable = tag("thread_tagged"), changed("thread_untagged", tag=None)
        first, second = Receiver(SECRET, seen=store), Receiver(SECRET, seen=store)
        got: list[Any] = []
        for receiver in (first, second):
            receiver.on()(got.append)
        await first.handle(tagged)
        await asyncio.gather(*(first.handle(tagged), second.handle(unreadable)))
        await first.handle(tagged)
        for receiver in (first, second):
            assert await receiver.close(5) == 0
        assert [webhook.action for webhook in got].count("thread_untagged") == 1
        assert got[-1].action == "thread_tagged" or len(got) == 3
        assert [webhook.action for webhook in got].count("thread_tagged") >= 2

    asyncio.run(main())
