"""What a receiver responds, what it has handled, and what it survives."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from frontdesk.codec.decoding import encode
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import RoutingStatusSet as RoutingStatusPush
from frontdesk.webhooks import (
    ChatDeactivated,
    IncomingEvent,
    Receiver,
    ThreadTagged,
    UnknownWebhook,
    Webhook,
    WebhookResponse,
)

from ._bodies import SECRET, body, message, sample, tag


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(main())


def receiver_that_notes(**options: Any) -> tuple[Receiver, list[str]]:
    receiver = Receiver(**{"secret": SECRET, **options})
    texts: list[str] = []

    @receiver.on(IncomingEvent)
    async def note(webhook: Webhook[IncomingEvent]) -> None:
        texts.append(webhook.payload.event.text)

    return receiver, texts


def response_to(data: bytes, **options: Any) -> WebhookResponse:
    content_type = options.pop("content_type", "application/json")

    async def main() -> WebhookResponse:
        receiver, _ = receiver_that_notes(**options)
        response = await receiver.handle(data, content_type=content_type)
        assert receiver.counts.refused == (response.status != 200)
        assert await receiver.close(5) == 0
        return response

    return asyncio.run(main())


def test_a_webhook_is_acknowledged_and_then_handled() -> None:
    async def test() -> None:
        receiver, texts = receiver_that_notes()
        response = await receiver.handle(message(text="hi"))
        assert response.status == 200
        assert texts == []
        assert await receiver.close() == 0
        assert texts == ["hi"]
        assert receiver.counts.accepted == receiver.counts.handled == 1

    run(test)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"secret_key": "open-sesamf"}, 401),
        ({"secret_key": ""}, 401),
        ({"secret_key": None}, 401),
        ({"secret_key": 7}, 401),
        ({"secret_key": [SECRET]}, 401),
        ({"secret_key": SECRET + "\0"}, 401),
        ({"secret_key": "sésame"}, 401),
        ({}, 200),
    ],
)
def test_the_secret_decides(change: dict[str, Any], status: int) -> None:
    assert response_to(body({**sample("incoming_event"), **change})).status == status


def test_a_missing_secret_is_a_wrong_one() -> None:
    webhook = sample("incoming_event")
    del webhook["secret_key"]
    assert response_to(body(webhook)).status == 401


def test_secrets_can_be_rotated() -> None:
    for secret in ("old", "new"):
        assert response_to(message(secret=secret), secret=["new", "old"]).status == 200
    assert response_to(message(secret="older"), secret=["new", "old"]).status == 401


def test_the_payload_is_not_decoded_before_the_secret_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def decoded(data: bytes, reports: object) -> None:
        raise AssertionError("the payload was decoded")

    monkeypatch.setattr("frontdesk.webhooks.receiver.read_webhook", decoded)
    assert response_to(message(secret="wrong")).status == 401


def test_nothing_of_a_refused_webhook_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert response_to(message(secret="guessed-secret", text="private words")).status == 401
    (record,) = [record for record in caplog.records if record.name == "frontdesk.webhooks"]
    assert "401" in record.getMessage()
    for text in ("guessed-secret", "private words", SECRET, "QW12ER34TY"):
        assert text not in caplog.text


DEEP = b"[" * 50_000 + b"]" * 50_000


def with_payload(payload: bytes) -> bytes:
    return b'{"secret_key":"%s","action":"x","payload":%s}' % (SECRET.encode(), payload)


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (message(), "application/json; charset=utf-8", 200),
        (message(), "Application/JSON", 200),
        (message(), "text/plain", 415),
        (message(), "application/x-www-form-urlencoded", 415),
        (message(), "", 415),
        (message(), None, 415),
        (message(text="x" * 9000), "application/json", 413),
        (b"", "application/json", 400),
        (b"secret_key=open-sesame", "application/json", 400),
        (message()[:-1], "application/json", 400),
        (b"\xff" + message(), "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b" \t\r\n[]", "application/json", 400),
        (b"[" * 8000, "application/json", 400),
        (b"\xef\xbb\xbf[NaN]", "application/json", 400),
        (b"{}", "application/json", 401),
        (b" \t\r\n{}", "application/json", 401),
        (b"\xef\xbb\xbf {}", "application/json", 401),
        (b'{"secret_key":7,', "application/json", 401),
        (b'{"action":' + b"[" * 8000, "application/json", 400),
        (with_payload(b"9" * 5000), "application/json", 200),
        (with_payload(b"1e99999"), "application/json", 200),
        (with_payload(b"123456789012345678901234567890"), "application/json", 200),
        (body({**sample("thread_tagged"), "action": "thread_pinned"}), "application/json", 200),
    ],
)
def test_bad_input_has_a_clear_status_and_one_line_in_the_log(
    data: bytes, content_type: str | None, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    response = response_to(data, content_type=content_type, max_body=8192)
    assert response.status == status
    assert response.text
    lines = [record.getMessage() for record in caplog.records]
    damaged = data in (with_payload(b"9" * 5000), with_payload(b"1e99999"))
    assert len(lines) == (0 if b"incoming_event" in data and status == 200 else 1 + damaged)
    if status != 200:
        assert str(status) in lines[0]


def test_a_body_that_is_nested_too_deeply() -> None:
    assert response_to(with_payload(DEEP)).status == 400


@pytest.mark.parametrize(
    "key", ["secret_key", "action", "payload", "organization_id", "acti\\u006fn"]
)
def test_a_key_that_comes_twice(key: str, caplog: pytest.LogCaptureFixture) -> None:
    doubled = message()[:-1] + f',"{key}":"{SECRET}"}}'.encode()
    assert response_to(doubled).status == 400
    assert "twice" in caplog.text


def test_keys_inside_the_payload_may_repeat_those_of_the_envelope() -> None:
    webhook = sample("incoming_event")
    webhook["payload"]["event"] |= {
        "type": "custom",
        "content": {"action": {"payload": {"secret_key": "\u0001"}}, "payload": 1},
    }
    assert response_to(body(webhook)).status == 200


def chunks_of(*chunks: bytes, stuck: bool = False) -> AsyncIterator[bytes]:
    async def chunks_then_silence() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk
        if stuck:
            await asyncio.Event().wait()

    return chunks_then_silence()


def test_a_body_in_pieces() -> None:
    async def test() -> None:
        receiver, texts = receiver_that_notes()
        data = message(text="in pieces")
        response = await receiver.receive(
            chunks_of(data[:10], b"", data[10:]), content_type="application/json"
        )
        assert response.status == 200
        await receiver.close()
        assert texts == ["in pieces"]

    run(test)


def test_a_slow_body_is_given_up() -> None:
    async def test() -> None:
        receiver, _ = receiver_that_notes(body_timeout=0.02)
        response = await receiver.receive(
            chunks_of(message()[:-1], stuck=True), content_type="application/json"
        )
        assert response.status == 408
        await receiver.close()

    run(test)


def test_an_oversized_body_is_not_read_to_its_end() -> None:
    async def test() -> None:
        receiver, _ = receiver_that_notes(max_body=1000)
        endless = chunks_of(b"x" * 600, b"x" * 600, stuck=True)
        assert (await receiver.receive(endless, content_type="application/json")).status == 413
        unread = chunks_of(stuck=True)
        response = await receiver.receive(unread, content_type="application/json", length=1001)
        assert response.status == 413
        await receiver.close()

    run(test)


def test_order_within_a_chat_and_many_chats_at_once() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, concurrency=3)
        running: dict[str, int] = {}
        most = 0
        order: dict[str, list[str]] = {}

        @receiver.on(IncomingEvent)
        async def note(webhook: Webhook[IncomingEvent]) -> None:
            nonlocal most
            chat = webhook.payload.chat_id
            running[chat] = running.get(chat, 0) + 1
            assert running[chat] == 1
            most = max(most, sum(running.values()))
            for _ in range(int(webhook.payload.event.text) % 5):
                await asyncio.sleep(0)
            order.setdefault(chat, []).append(webhook.payload.event.text)
            running[chat] -= 1

        for n in range(200):
            assert (await receiver.handle(message(n, chat=f"C{n % 7}", text=str(n)))).status == 200
        assert await receiver.close() == 0
        assert most == 3
        assert sum(map(len, order.values())) == 200
        assert all(texts == sorted(texts, key=int) for texts in order.values())

    run(test)


def test_order_holds_between_different_webhooks_of_a_chat() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        actions: list[str] = []

        @receiver.on()
        async def note(webhook: Webhook[Any] | UnknownWebhook) -> None:
            await asyncio.sleep(0)
            actions.append(webhook.action)

        chat = [
            "incoming_chat",
            "chat_access_updated",
            "incoming_event",
            "customer_session_fields_updated",
            "thread_tagged",
            "chat_deactivated",
        ]
        for action in chat:
            await receiver.handle(body(sample(action)))
        await receiver.close()
        assert actions == chat

    run(test)


def test_a_slow_chat_does_not_hold_up_others() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, concurrency=2)
        release = asyncio.Event()
        done: list[str] = []

        @receiver.on(IncomingEvent)
        async def wait(webhook: Webhook[IncomingEvent]) -> None:
            if webhook.payload.chat_id == "SLOW":
                await release.wait()
            done.append(webhook.payload.event.text)

        for n in range(5):
            await receiver.handle(message(n, chat="SLOW", text=f"slow {n}"))
        for n in range(20):
            await receiver.handle(message(n, chat="FAST", text=f"fast {n}"))
        while len(done) < 20:
            await asyncio.sleep(0)
        assert done == [f"fast {n}" for n in range(20)]
        release.set()
        assert await receiver.close() == 0
        assert done[20:] == [f"slow {n}" for n in range(5)]

    run(test)


def test_a_full_receiver_asks_for_a_repeat() -> None:
    async def test() -> None:
        release = asyncio.Event()
        receiver = Receiver(SECRET, capacity=3, concurrency=1)
        done: list[str] = []

        @receiver.on(IncomingEvent)
        async def wait(webhook: Webhook[IncomingEvent]) -> None:
            await release.wait()
            done.append(webhook.payload.event.text)

        responses = [await receiver.handle(message(n, text=str(n))) for n in range(5)]
        assert [response.status for response in responses] == [200, 200, 200, 503, 503]
        assert responses[3].headers["retry-after"]
        release.set()
        while len(done) < 3:
            await asyncio.sleep(0)
        repeats = [await receiver.handle(message(n, text=str(n))) for n in (3, 4)]
        assert [response.status for response in repeats] == [200, 200]
        await receiver.close()
        assert done == ["0", "1", "2", "3", "4"]

    run(test)


def test_sync_handlers_run_in_threads() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, threads=2)
        together = threading.Barrier(2, timeout=5)
        names: set[str] = set()

        @receiver.on(IncomingEvent)
        def note(webhook: Webhook[IncomingEvent]) -> None:
            together.wait()
            names.add(threading.current_thread().name)

        for n in range(4):
            await receiver.handle(message(n, chat=f"C{n}"))
        assert await receiver.close(5) == 0
        assert names == {"frontdesk-webhooks"}
        assert receiver.counts.handled == 4

    run(test)


def test_several_handlers_and_errors(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        called: list[str] = []

        @receiver.on(IncomingEvent, ChatDeactivated)
        async def fails(webhook: Webhook[IncomingEvent | ChatDeactivated]) -> None:
            called.append("fails")
            raise ValueError("a bug in a handler")

        @receiver.on(IncomingEvent)
        def fails_too(webhook: Webhook[IncomingEvent]) -> None:
            called.append("fails too")
            raise KeyError("another")

        @receiver.on(IncomingEvent)
        async def cancels_itself(webhook: Webhook[IncomingEvent]) -> None:
            called.append("cancels itself")
            raise asyncio.CancelledError

        @receiver.on()
        async def works(webhook: object) -> None:
            called.append("works")

        await receiver.handle(message())
        await receiver.handle(message(2))
        assert await receiver.close() == 0
        assert called == ["fails", "fails too", "cancels itself", "works"] * 2
        assert receiver.counts.failed == 6
        assert receiver.counts.handled == 0

    run(test)
    assert caplog.text.count("ValueError: a bug in a handler") == 2
    assert caplog.text.count("KeyError: 'another'") == 2
    assert "incoming_event" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("error", [StopIteration, SystemExit(3)])
@pytest.mark.parametrize("is_async", [True, False])
def test_errors_that_mean_something_to_python_are_reported_like_others(
    error: type[BaseException] | BaseException, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        receiver, texts = receiver_that_notes()

        def fail(_: object) -> None:
            raise error

        async def fail_later(webhook: object) -> None:
            fail(webhook)

        receiver.on(IncomingEvent)(fail_later if is_async else fail)
        await receiver.handle(message("A", text="first"))
        await receiver.handle(message("A", text="second"))
        assert await receiver.close(5) == 0
        assert texts == ["first", "second"]
        assert receiver.counts.failed == 2

    run(test)
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_errors_can_be_reported_elsewhere(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        reported: list[tuple[str, str]] = []

        def report(webhook: Any, error: Exception) -> None:
            reported.append((webhook.action, str(error)))
            if len(reported) > 1:
                raise RuntimeError("the reporter is broken")

        receiver = Receiver(SECRET, on_error=report)

        @receiver.on(ThreadTagged)
        async def fails(webhook: Webhook[ThreadTagged]) -> None:
            raise ValueError(webhook.payload.tag)

        await receiver.handle(tag(name="a"))
        await receiver.handle(tag(name="b"))
        await receiver.close()
        assert reported == [("thread_tagged", "a"), ("thread_tagged", "b")]

    run(test)
    assert "the reporter is broken" in caplog.text
    assert "ValueError: b" in caplog.text
    assert "ValueError: a" not in caplog.text


def test_a_payload_that_does_not_fit_is_not_called_an_unknown_webhook(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response_to(body({**sample("incoming_event"), "payload": 3}))
    (record,) = caplog.records
    assert "incoming_event: `$.payload` is not what the API promises" in record.getMessage()
    assert "unknown" not in record.getMessage()


def test_unknown_webhooks_have_handlers_too() -> None:
    async def test() -> None:
        receiver, texts = receiver_that_notes()
        unknown: list[str] = []

        @receiver.on(UnknownWebhook)
        async def note(webhook: UnknownWebhook) -> None:
            unknown.append(webhook.action)

        await receiver.handle(body({**sample("thread_tagged"), "action": "thread_pinned"}))
        await receiver.handle(message())
        await receiver.close()
        assert unknown == ["thread_pinned"]
        assert texts == ["hello"]

    run(test)


def test_closing_finishes_what_was_accepted() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, concurrency=2)
        release = asyncio.Event()
        done: list[str] = []

        @receiver.on(IncomingEvent)
        async def wait(webhook: Webhook[IncomingEvent]) -> None:
            await release.wait()
            done.append(webhook.payload.event.text)

        for n in range(6):
            await receiver.handle(message(n, chat=f"C{n % 3}", text=str(n)))
        closing = asyncio.create_task(receiver.close())
        await asyncio.sleep(0)
        assert (await receiver.handle(message(9))).status == 503
        release.set()
        assert await closing == 0
        assert sorted(done) == ["0", "1", "2", "3", "4", "5"]

    run(test)


def test_closing_in_limited_time_tells_what_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, concurrency=1)

        @receiver.on(IncomingEvent)
        async def hang(webhook: Webhook[IncomingEvent]) -> None:
            await asyncio.Event().wait()

        for n in range(3):
            await receiver.handle(message(n))
        assert await receiver.close(0.01) == 3

    run(test)
    assert "3 accepted webhooks were not finished" in caplog.text


def test_a_closed_receiver_can_be_started_again() -> None:
    async def test() -> None:
        receiver, texts = receiver_that_notes()
        await receiver.handle(message(1, text="one"))
        await receiver.close()
        assert (await receiver.handle(message(2, text="two"))).status == 503
        await receiver.start()
        assert (await receiver.handle(message(2, text="two"))).status == 200
        await receiver.close()
        assert texts == ["one", "two"]

    run(test)


def test_sync_callers_get_a_thread_in_the_background() -> None:
    receiver, texts = receiver_that_notes()
    assert receiver.handle_sync(message(1, text="one")).status == 200
    assert receiver.handle_sync(message(2, text="two")).status == 200
    assert receiver.handle_sync(b"{}").status == 401
    assert receiver.close_sync() == 0
    assert texts == ["one", "two"]
    assert receiver.close_sync() == 0


@pytest.mark.parametrize("secret", ["", [], [""], ["one", ""], None, 7, [7]])
def test_a_receiver_needs_a_secret(secret: Any) -> None:
    with pytest.raises(InvalidArgument, match="secret"):
        Receiver(secret)


@pytest.mark.parametrize(
    "option", ["max_body", "body_timeout", "concurrency", "capacity", "threads", "window"]
)
def test_limits_must_make_sense(option: str) -> None:
    with pytest.raises(InvalidArgument, match=option):
        Receiver(SECRET, **{option: 0})


def test_only_payloads_of_webhooks_can_be_asked_for() -> None:
    receiver = Receiver(SECRET)
    for wrong in (int, RoutingStatusPush, "incoming_event"):
        with pytest.raises(InvalidArgument):
            receiver.on(wrong)  # type: ignore[call-overload]


def test_the_secret_is_not_in_the_repr() -> None:
    receiver, _ = receiver_that_notes()
    assert SECRET not in repr(receiver)


def test_handlers_get_webhooks_without_the_secret() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET)
        got: list[bytes] = []

        @receiver.on()
        async def keep(webhook: object) -> None:
            got.append(encode(webhook))

        await receiver.handle(message())
        await receiver.handle(body({**sample("incoming_event"), "action": "brand_new"}))
        await receiver.close()
        assert len(got) == 2
        assert not any(SECRET.encode() in data for data in got)

    run(test)
