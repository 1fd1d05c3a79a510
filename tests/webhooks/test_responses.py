"""What a receiver responds, and what it logs."""

import asyncio
import logging
from pathlib import Path

import pytest

from frontdesk.webhooks import (
    Counts,
    IncomingEvent,
    Journal,
    MemorySeen,
    Receiver,
)

from ._bodies import SECRET, body, message, sample, tag
from ._faulty_disk import FaultyDisk, error
from .test_receiver import chunks_of, receiver_that_notes, response_to, run


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
    response = response_to(data, content_type=content_type, max_body=800)
    assert (response.status, response.text) == (status, f"{text}\n")
    assert response.body == f"{text}\n".encode()
    refused = f"refused a webhook: {status}, {text}"
    lines = [(record.name, record.getMessage()) for record in caplog.records]
    assert lines == ([] if status == 200 else [("frontdesk.webhooks", refused)])


@pytest.mark.parametrize("ending", [b',"action":"x","n":01}', b',"action":"x","n":\xff}'])
def test_what_is_no_json_behind_a_duplicate_key(ending: bytes) -> None:
    response = response_to(message()[:-1] + ending)
    assert response.status == 400
    assert response.text.startswith("not valid JSON: JSON is malformed: invalid")


def test_a_key_that_comes_twice_is_named_up_to_100_characters() -> None:
    key = "k" * 99 + "xyz"
    inner = f',"{key}":1,"{key}":2,"\\u0061":1}}'.encode()
    assert response_to(message()[:-1] + inner).text == f"the key '{key[:100]}' comes twice\n"


@pytest.mark.parametrize(
    "name", ["secret_key", "action", "payload", "webhook_id", "organization_id"]
)
def test_each_key_of_the_envelope_may_come_once(name: str) -> None:
    doubled = message()[:-1] + f',"{name}":"{SECRET}"}}'.encode()
    assert response_to(doubled).text == f"the key {name!r} comes twice\n"


def test_long_numbers_are_no_error_where_keys_are_counted() -> None:
    numbers = b',"a":{"action":1},"n":' + b"9" * 5000 + b',"f":1.' + b"9" * 5000 + b"}"
    assert response_to(message()[:-1] + numbers).status == 200


def test_a_long_secret_is_compared_whatever_is_in_it() -> None:
    lone = message()[:-1].replace(SECRET.encode(), b"\\ud800") + b"}"
    assert response_to(lone).status in (400, 401)


def test_bodies_that_come_slowly_or_in_part() -> None:
    async def test() -> None:
        receiver, _ = receiver_that_notes(body_timeout=0.01, max_body=5)
        json = {"content_type": "application/json"}
        slow = await receiver.receive(chunks_of(b"{", stuck=True), **json)
        assert (slow.status, slow.text) == (408, "the body came too slowly\n")
        long = await receiver.receive(chunks_of(b"123", b"456"), **json, length=5)
        assert (long.status, long.text) == (413, "the body has more than 5 bytes\n")
        just = await receiver.receive(chunks_of(b"{  ", b" }"), **json, length=5)
        assert just.status == 401  # it is an object, and has no secret
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
    assert response_to(data, max_body=len(data)).status == 200
    assert response_to(data, max_body=len(data) - 1).status == 413


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
