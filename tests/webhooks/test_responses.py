"""The words of a receiver: what it responds, logs and refuses, and what it does by default."""

import asyncio
import inspect
import logging
import math
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.webhooks import (
    Counts,
    HandlerRetry,
    IncomingEvent,
    Journal,
    MemorySeen,
    Receiver,
    Webhook,
)

from ..signals import ctrl_c
from ._bodies import SECRET, body, message, sample, tag
from ._faulty_disk import FaultyDisk, error
from ._journals import pending
from .test_receiver import answer_to, chunks_of, receiver_that_notes, run


@pytest.mark.parametrize(
    ("data", "content_type", "status", "text"),
    [
        (message(), "application/json", 200, "ok"),
        (message(), "text/plain", 415, "the content type must be application/json"),
        (message(text="x" * 900), "application/json", 413, "the body has more than 800 bytes"),
        (message(secret="x"), "application/json", 401, "wrong or missing secret_key"),
        (b"{", "application/json", 400, "not valid JSON: Input data was truncated"),
        (
            message()[:-1] + b',"action":"x"}',
            "application/json",
            400,
            "the key 'action' comes twice",
        ),
    ],
)
def test_the_text_of_a_response_is_that_of_the_log(
    data: bytes, content_type: str, status: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = answer_to(data, content_type=content_type, max_body=800)
    assert (response.status, response.text) == (status, f"{text}\n")
    assert response.body == f"{text}\n".encode()
    refused = f"refused a webhook: {status}, {text}"
    lines = [(record.name, record.getMessage()) for record in caplog.records]
    assert lines == ([] if status == 200 else [("frontdesk.webhooks", refused)])


@pytest.mark.parametrize("ending", [b',"action":"x","n":01}', b',"action":"x","n":\xff}'])
def test_what_is_no_json_behind_a_repeated_key(ending: bytes) -> None:
    response = answer_to(message()[:-1] + ending)
    assert response.status == 400
    assert response.text.startswith("not valid JSON: JSON is malformed: invalid")


def test_a_key_that_comes_twice_is_named_up_to_100_characters() -> None:
    key = "k" * 99 + "xyz"
    inner = f',"{key}":1,"{key}":2,"\\u0061":1}}'.encode()
    assert answer_to(message()[:-1] + inner).text == f"the key '{key[:100]}' comes twice\n"


@pytest.mark.parametrize(
    "name", ["secret_key", "action", "payload", "webhook_id", "organization_id"]
)
def test_each_key_of_the_envelope_may_come_once(name: str) -> None:
    doubled = message()[:-1] + f',"{name}":"{SECRET}"}}'.encode()
    assert answer_to(doubled).text == f"the key {name!r} comes twice\n"


def test_long_numbers_are_no_error_where_keys_are_counted() -> None:
    numbers = b',"a":{"action":1},"n":' + b"9" * 5000 + b',"f":1.' + b"9" * 5000 + b"}"
    assert answer_to(message()[:-1] + numbers).status == 200


def test_a_long_secret_is_compared_whatever_is_in_it() -> None:
    lone = message()[:-1].replace(SECRET.encode(), b"\\ud800") + b"}"
    assert answer_to(lone).status in (400, 401)


def test_bodies_that_come_slowly_or_in_part() -> None:
    async def test() -> None:
        receiver, _ = receiver_that_notes(body_timeout=0.01, max_body=5)
        json = {"content_type": "application/json"}
        slow = await receiver.receive(chunks_of(b"{", stuck=True), **json)
        assert (slow.status, slow.text) == (408, "the body came too slowly\n")
        long = await receiver.receive(chunks_of(b"123", b"456"), **json, length=5)
        assert (long.status, long.text) == (413, "the body has more than 5 bytes\n")
        just = await receiver.receive(chunks_of(b"123", b"45"), **json, length=5)
        assert just.status == 401  # it is JSON, and has no secret
        part = receiver.refuse_part()
        assert (part.status, part.text) == (400, "the body is shorter than its Content-Length\n")
        method = receiver.refuse_method()
        assert (method.status, method.text) == (405, "webhooks are sent with POST\n")
        assert receiver.counts.refused == 5
        await receiver.close()

    run(test)


class Stream:
    """A request's body that notes how much is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sizes: list[int] = []

    def read(self, size: int, /) -> bytes:
        self.sizes.append(size)
        return self.data[:size]


def test_a_body_that_is_read_at_once() -> None:
    receiver, texts = receiver_that_notes(max_body=1000)
    data = message(text="hi")
    json = "application/json"
    stream = Stream(data + b"of the next request")
    response = receiver.receive_sync(stream, content_type=json, length=len(data))
    assert response.status == 200
    assert stream.sizes == [len(data)]
    unknown = receiver.receive_sync(stream, content_type=json, length=None)
    assert (unknown.status, unknown.text) == (411, "the request must have a Content-Length\n")
    long = receiver.receive_sync(stream, content_type=json, length=1001)
    assert (long.status, stream.sizes) == (413, [len(data)])
    assert receiver.receive_sync(Stream(b"{" * 1000), content_type=json, length=1000).status == 400
    assert receiver.receive_sync(stream, content_type="text/plain", length=9).status == 415
    assert receiver.close_sync() == 0
    assert texts == ["hi"]


def test_limits_count_to_the_last_byte() -> None:
    data = message()
    assert answer_to(data, max_body=len(data)).status == 200
    assert answer_to(data, max_body=len(data) - 1).status == 413


def test_a_full_or_closing_receiver_says_so() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, capacity=1, stall_timeout=0.01)

        @receiver.on()
        async def wait(webhook: object) -> None:
            await asyncio.Event().wait()

        assert repr(receiver) == "<Receiver 0 payload types, 0 waiting>"
        receiver.on(IncomingEvent)(wait)
        assert (await receiver.handle(message(1))).status == 200
        assert repr(receiver) == "<Receiver 1 payload types, 1 waiting>"
        full = await receiver.handle(message(2))
        assert (full.status, full.text) == (503, "too many webhooks are waiting\n")
        assert full.headers["retry-after"] == "5"
        assert await receiver.close() == 1
        closed = await receiver.handle(message(3))
        assert (closed.status, closed.text) == (503, "shutting down\n")

    run(test)


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_not_finished_is_logged_with_its_fate(
    kept: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=tmp_path if kept else None)

        @receiver.on()
        async def wait(webhook: object) -> None:
            await asyncio.Event().wait()

        await receiver.handle(message(1))
        assert await receiver.close(0) == 1

    run(test)
    fate = "wait in the journal" if kept else "are lost"
    assert caplog.messages == [f"1 accepted webhooks were not finished and {fate}"]


@pytest.mark.parametrize("shared", [True, False])
def test_a_journal_that_cannot_be_written_says_why(shared: bool, tmp_path: Path) -> None:
    class Shared(MemorySeen):
        pass

    async def test() -> None:
        disk = FaultyDisk(tmp_path)
        seen = Shared() if shared else None
        receiver, _ = receiver_that_notes(
            journal=Journal(tmp_path, disk=disk, sync=True), seen=seen
        )
        await receiver.start()
        for operation in ("create", "sync"):
            disk.failing = {operation: error()}
            response = await receiver.handle(message(operation))  # type: ignore[arg-type]
            text = "the journal cannot be written: No space left on device\n"
            assert (response.status, response.text) == (503, text)
        disk.failing = {}
        await receiver.close()

    run(test)


def test_closing_while_the_disk_is_at_work_asks_for_another_attempt(tmp_path: Path) -> None:
    async def test() -> None:
        journal = Journal(tmp_path, sync=True)
        receiver, _ = receiver_that_notes(journal=journal)
        await receiver.start()
        request = asyncio.create_task(receiver.handle(message()))
        await asyncio.sleep(0)
        journal.close()
        response = await request
        text = "the journal cannot be written: the journal was closed\n"
        assert (response.status, response.text) == (503, text)
        receiver._journal = None
        await receiver.close()

    run(test)


def test_webhooks_without_a_handler_are_not_kept_nor_handled(tmp_path: Path) -> None:
    class Shared(MemorySeen):
        pass

    async def test() -> None:
        for seen in (None, Shared()):
            receiver = Receiver(SECRET, journal=Journal(tmp_path, sync=True), seen=seen)
            for _ in range(2):
                assert (await receiver.handle(tag())).status == 200
            assert receiver.counts == Counts(accepted=1, repeated=1)
            assert await receiver.close() == 0
            assert list(tmp_path.iterdir()) == []
            # There is nothing to do, so that it may be accepted while the receiver ends.
            assert (await receiver.handle(tag(name="later"))).status == 200

    run(test)


def test_unknown_and_repeated_webhooks_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def test() -> None:
        receiver = Receiver(SECRET)
        for name in ("thread_pinned", "a" * 150):
            for _ in range(2):
                await receiver.handle(body({**sample("thread_tagged"), "action": name}))
        await receiver.close()

    run(test)
    expected: list[str] = []
    for shown in ("thread_pinned", "a" * 99 + "…"):
        unknown = f"received an unknown webhook {shown!r}"
        expected += [unknown, unknown, f"repeated delivery of a webhook {shown!r}"]
    assert caplog.messages == expected


def test_a_handler_that_failed_is_logged_with_its_chat(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        receiver.on()(lambda webhook: 1 // 0)
        await receiver.handle(message(chat="C"))
        await receiver.handle(body(sample("agent_created")))
        await receiver.close()

    run(test)
    assert sorted(caplog.messages) == [
        "a handler failed on `agent_created` of chat -",
        "a handler failed on `incoming_event` of chat C",
    ]
    assert all(record.exc_info for record in caplog.records)


def test_a_retry_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, retry=HandlerRetry(attempts=2, first_pause=0.001))
        receiver.on()(lambda webhook: 1 // 0)
        await receiver.handle(message())
        await receiver.close()
        assert receiver.counts == Counts(accepted=1, failed=1, retried=1)

    run(test)
    text = "a handler failed on `incoming_event` and is called again in 0.001 s: ZeroDivisionError"
    assert caplog.messages[0] == text
    assert {record.name for record in caplog.records} == {"frontdesk.webhooks"}


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (asyncio.CancelledError(), "the handler was cancelled"),
        (SystemExit(3), "the handler called `sys.exit`"),
        (GeneratorExit("odd"), "the handler raised GeneratorExit: odd"),
    ],
    ids=["cancelled", "exit", "other"],
)
def test_what_is_no_ordinary_error_becomes_one(raised: BaseException, text: str) -> None:
    async def test() -> None:
        reported: list[Exception] = []
        receiver = Receiver(SECRET, on_error=lambda webhook, error: reported.append(error))

        @receiver.on()
        async def fail(webhook: object) -> None:
            raise raised

        await receiver.handle(message())
        await receiver.close()
        (one,) = reported
        assert type(one) is RuntimeError
        assert str(one) == text
        assert one.__cause__ is raised

    run(test)


def test_handlers_run_in_threads_with_names() -> None:
    receiver = Receiver(SECRET)
    names: dict[str, str] = {}

    @receiver.on()
    async def on_the_loop(webhook: object) -> None:
        names["async"] = threading.current_thread().name

    @receiver.on()
    def in_a_thread(webhook: object) -> None:
        names["sync"] = threading.current_thread().name

    assert receiver.handle_sync(message()).status == 200
    assert receiver.close_sync() == 0
    assert names == {"async": "frontdesk-webhooks-loop", "sync": "frontdesk-webhooks"}


def test_a_sync_handler_may_return_something_to_await() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        done: list[str] = []

        async def later() -> None:
            done.append("awaited")

        receiver.on()(lambda webhook: later())
        await receiver.handle(message())
        await receiver.close()
        assert done == ["awaited"]

    run(test)


def test_several_handlers_of_every_webhook_are_called() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        called: list[int] = []
        for number in range(3):
            receiver.on()(lambda webhook, number=number: called.append(number))
        await receiver.handle(message())
        await receiver.close()
        assert called == [0, 1, 2]

    run(test)


def test_ctrl_c_in_an_error_hook_reaches_the_loop() -> None:
    def interrupt(webhook: object, error: Exception) -> None:
        signal.raise_signal(signal.SIGINT)

    loop = asyncio.new_event_loop()
    receiver = Receiver(SECRET, on_error=interrupt)
    receiver.on()(lambda webhook: 1 // 0)

    async def accept() -> None:
        await receiver.handle(message())
        await asyncio.sleep(3600)

    main = loop.create_task(accept())
    with ctrl_c(), pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(main)
    assert loop.run_until_complete(receiver.close()) == 0
    main.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(main)
    loop.close()


def test_a_start_that_ends_with_its_loop_is_no_noise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Slow:
        async def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
            asked.set()
            await asyncio.Event().wait()
            return None

    asked = asyncio.Event()
    left = Journal(tmp_path)
    left.add(b"0" * 16 + message())
    left.close()
    receiver, _ = receiver_that_notes(journal=tmp_path, seen=Slow())

    async def begin() -> None:
        starting = asyncio.create_task(receiver.start())
        await asked.wait()
        starting.cancel()

    run(begin)
    assert caplog.messages == []
    assert receiver._journal is not None
    receiver._journal.close()


@pytest.mark.parametrize("kept", [True, False])
def test_what_a_child_does_after_a_fork_leaves_the_work_to_its_parent(
    kept: bool, tmp_path: Path
) -> None:
    journal = Journal(tmp_path) if kept else None
    receiver = Receiver(SECRET, journal=journal)
    texts: list[str] = []

    @receiver.on(IncomingEvent)
    async def work(webhook: Webhook[IncomingEvent]) -> None:
        if webhook.payload.event.text == "of the parent":
            await asyncio.Event().wait()
        texts.append(webhook.payload.event.text)

    async def parent() -> None:
        assert (await receiver.handle(message(1, text="of the parent"))).status == 200

    async def child() -> None:
        assert (await receiver.handle(message(2, text="of the child"))).status == 200
        assert len(list(tmp_path.iterdir())) == 2 * kept
        assert await receiver.close() == 0

    run(parent)  # the loop ends before the webhook is handled
    files = [segment.file for segment in journal._segments.values()] if journal else []
    receiver.renew_in_child()
    run(child)
    assert texts == ["of the child"]
    for file in files:
        file.close()
    assert len(pending(tmp_path)) == kept


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_over(tmp_path: Path) -> None:
    receiver, _ = receiver_that_notes(journal=tmp_path)
    assert receiver.handle_sync(message()).status == 200
    pid = os.fork()
    if pid == 0:
        fresh = receiver._background is None and not receiver._started
        os._exit(0 if fresh and not receiver._executor.unfinished else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert receiver.handle_sync(message(2)).status == 200
    assert receiver.close_sync() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_handler_that_blocks_the_loop_is_waited_for_so_long() -> None:
    release = threading.Event()
    receiver = Receiver(SECRET, body_timeout=0.05)

    @receiver.on()
    async def block(webhook: object) -> None:
        release.wait(20)

    assert receiver.handle_sync(message(1), content_type="text/plain").status == 415
    first = receiver.handle_sync(message(1))
    second = receiver.handle_sync(message(2))
    release.set()
    assert first.status == 200
    assert (second.status, second.text) == (503, "a handler blocks the event loop\n")
    assert receiver.close_sync() == 0


def blocked(monkeypatch: pytest.MonkeyPatch) -> tuple[Receiver, threading.Event]:
    """A receiver whose loop is blocked by a handler until the event is set."""
    monkeypatch.setattr("frontdesk.webhooks._receiver._GRACE", 0.05)
    receiver = Receiver(SECRET, stall_timeout=0.01)
    begun, release = threading.Event(), threading.Event()

    @receiver.on()
    async def block(webhook: object) -> None:
        begun.set()
        release.wait(20)

    assert receiver.handle_sync(message()).status == 200
    assert begun.wait(20)
    return receiver, release


def test_a_blocked_loop_does_not_keep_the_interpreter_from_ending(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, release = blocked(monkeypatch)
    background = receiver._background
    assert background is not None
    receiver._close_at_exit()
    assert caplog.messages == ["a handler blocks the event loop; accepted webhooks are left"]
    release.set()
    background.run(receiver.close())
    background.stop()
    receiver._close_at_exit()
    assert receiver.close_sync() == 0


def test_the_end_of_the_interpreter_waits_while_handlers_finish(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, texts = receiver_that_notes(stall_timeout=None)
    assert receiver.handle_sync(message(text="last")).status == 200
    background = receiver._background
    assert background is not None
    receiver._close_at_exit()
    assert texts == ["last"]
    assert not background._thread.is_alive()
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"secret": ""}, "`secret` must be a text that is not empty, or several"),
        ({"max_body": 0}, "`max_body` must be greater than 0"),
        ({"stall_timeout": 0.0}, "`stall_timeout` must be greater than 0"),
        ({"body_timeout": -1.0}, "`body_timeout` must be greater than 0"),
        ({"stall_timeout": math.nan}, "`stall_timeout` must be greater than 0"),
        ({"stall_timeout": "5"}, "`stall_timeout` must be a number, not '5'"),
        ({"threads": 1.5}, "`threads` must be a whole number, not 1.5"),
        ({"capacity": True}, "`capacity` must be a whole number, not True"),
        ({"window": None}, "`window` must be a whole number, not None"),
        ({"retry": 3}, "`retry` must be a HandlerRetry, not 3"),
        ({"journal": 5}, "`journal` must be a directory or a Journal, not 5"),
        ({"journal": b"x"}, "`journal` must be a directory or a Journal, not b'x'"),
        ({"strict": "yes"}, "`strict` must be true or false, not 'yes'"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Receiver(**{"secret": SECRET, **arguments})
    assert str(caught.value) == text


def test_the_smallest_limits_are_allowed() -> None:
    smallest = dict.fromkeys(["max_body", "concurrency", "capacity", "threads", "window"], 1)
    Receiver(SECRET, **smallest, stall_timeout=None)  # type: ignore[arg-type]


def test_a_wrong_payload_is_named() -> None:
    with pytest.raises(InvalidArgument) as caught:
        Receiver(SECRET).on(int)
    text = "`payloads` must be payloads of frontdesk.webhooks, not <class 'int'>"
    assert str(caught.value) == text


def test_an_unusable_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidArgument) as caught:
        Receiver(SECRET, journal=tmp_path / "file")
    assert str(caught.value) == "`journal` must be a directory to write in: File exists"


def defaults(function: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def test_the_defaults_are_those_that_people_tuned_their_servers_for() -> None:
    assert defaults(Receiver) == {
        "max_body": 1024 * 1024,
        "body_timeout": 10.0,
        "concurrency": 100,
        "capacity": 10_000,
        "threads": 32,
        "seen": None,
        "window": 300,
        "journal": None,
        "retry": None,
        "on_error": None,
        "stall_timeout": 10.0,
        "strict": False,
        "on_damage": None,
    }
    assert defaults(Journal) == {"limit": 4 * 1024 * 1024, "sync": False, "disk": None}
    assert defaults(MemorySeen)["limit"] == 100_000
    assert [HandlerRetry().pause_after(attempt) for attempt in (1, 2, 3)] == [1.0, 2.0, None]
    assert HandlerRetry(attempts=100).pause_after(50) == 60.0
    assert repr(Receiver(SECRET).counts) == (
        "Counts(accepted=0, repeated=0, refused=0, handled=0, failed=0, retried=0)"
    )


def test_pauses_begin_with_the_first() -> None:
    retry = HandlerRetry(attempts=3, first_pause=0.5)
    assert [retry.pause_after(n) for n in (1, 2, 3)] == [0.5, 1.0, None]
    patient = HandlerRetry(attempts=100, first_pause=1e-18, longest_pause=10.0)
    assert patient.pause_after(99) == 1e-18 * 2.0**60
