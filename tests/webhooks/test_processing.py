"""What handlers raise costs nobody else anything, and may have them called again."""

import asyncio
import logging
from pathlib import Path

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.webhooks import HandlerRetry, IncomingEvent, Journal, Receiver, Webhook

from ._bodies import SECRET, message
from ._faulty_disk import crash
from .test_receiver import receiver_that_notes, run


class OddError(BaseException):
    pass


ERRORS: list[BaseException] = [
    ValueError("no"),
    OddError("odd"),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    StopIteration(),
    BaseExceptionGroup("two", [OddError(), ValueError()]),
]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_nothing_that_a_handler_raises_wedges_its_chat(
    error: BaseException, is_async: bool, tmp_path: Path
) -> None:
    async def test() -> None:
        reported: list[Exception] = []
        receiver = Receiver(
            SECRET, journal=tmp_path, on_error=lambda webhook, error: reported.append(error)
        )
        texts: list[str] = []

        def note(webhook: Webhook[IncomingEvent]) -> None:
            texts.append(webhook.payload.event.text)
            if len(texts) == 1:
                raise error

        async def note_async(webhook: Webhook[IncomingEvent]) -> None:
            note(webhook)

        receiver.on(IncomingEvent)(note_async if is_async else note)
        others: list[str] = []
        receiver.on(IncomingEvent)(lambda webhook: others.append(webhook.payload.event.text))
        for n in range(4):
            assert (await receiver.handle(message(n, text=str(n)))).status == 200
        assert await receiver.close() == 0
        assert texts == others == ["0", "1", "2", "3"]
        assert (receiver.counts.handled, receiver.counts.failed) == (3, 1)
        (raised,) = reported
        assert error in (raised, raised.__cause__, getattr(raised.__cause__, "__cause__", None))
        assert list(tmp_path.iterdir()) == []

    run(test)


@pytest.mark.parametrize("error", [ValueError("x"), OddError("x"), SystemExit(1)], ids=repr)
def test_an_error_hook_that_fails_wedges_nothing(
    error: BaseException, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def on_error(webhook: object, raised: Exception) -> None:
        raise error

    async def test() -> None:
        receiver = Receiver(SECRET, on_error=on_error, journal=tmp_path)
        calls: list[object] = []

        @receiver.on()
        def fail(webhook: object) -> None:
            calls.append(webhook)
            raise LookupError("a bug")

        for n in range(3):
            await receiver.handle(message(n))
        assert await receiver.close() == 0
        assert len(calls) == 3
        assert list(tmp_path.iterdir()) == []

    run(test)
    assert caplog.text.count("LookupError: a bug") >= 3


def test_a_failed_handler_is_called_again_in_the_order_of_its_chat() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, retry=HandlerRetry(attempts=3, first_pause=0.01))
        log: list[str] = []
        others: list[str] = []

        @receiver.on(IncomingEvent)
        async def sometimes(webhook: Webhook[IncomingEvent]) -> None:
            text = webhook.payload.event.text
            log.append(text)
            if text == "A1" and log.count(text) < 3:
                raise ValueError

        receiver.on(IncomingEvent)(lambda webhook: others.append(webhook.payload.event.text))
        for text in ("A1", "A2", "B1", "A3", "B2"):
            await receiver.handle(message(text, chat=text[0], text=text))
        assert await receiver.close() == 0
        assert [text for text in log if text[0] == "A"] == ["A1", "A1", "A1", "A2", "A3"]
        # The other chat did not wait for the pauses.
        assert log.index("B2") < len(log) - 3
        # A handler that had succeeded was not called again.
        assert sorted(others) == ["A1", "A2", "A3", "B1", "B2"]
        counts = receiver.counts
        assert (counts.handled, counts.failed, counts.retried) == (5, 0, 2)

    run(test)


def test_a_handler_that_keeps_failing_is_given_up_and_reported_once(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    reported: list[str] = []

    async def test() -> None:
        receiver = Receiver(
            SECRET,
            retry=HandlerRetry(attempts=3, first_pause=0),
            on_error=lambda webhook, error: reported.append(f"{webhook.payload.chat_id} {error}"),
            journal=tmp_path,
        )
        calls: list[str] = []

        @receiver.on(IncomingEvent)
        async def fail(webhook: Webhook[IncomingEvent]) -> None:
            calls.append(webhook.payload.event.text)
            raise ValueError("private")

        for text in ("1", "2"):
            await receiver.handle(message(text, text=text))
        assert await receiver.close() == 0
        assert calls == ["1"] * 3 + ["2"] * 3
        assert (receiver.counts.failed, receiver.counts.retried) == (2, 4)
        assert list(tmp_path.iterdir()) == []

    run(test)
    assert reported == ["QW12ER34TY private"] * 2
    assert caplog.text.count("called again in") == 4
    assert "private" not in caplog.text


def test_by_default_a_failed_handler_is_not_called_again() -> None:
    async def test() -> None:
        receiver, _ = receiver_that_notes()
        calls: list[object] = []

        @receiver.on()
        def fail(webhook: object) -> None:
            calls.append(webhook)
            raise ValueError

        await receiver.handle(message())
        await receiver.close()
        assert len(calls) == 1
        assert receiver.counts.retried == 0

    run(test)


def test_pauses_grow_up_to_a_limit() -> None:
    retry = HandlerRetry(attempts=6, first_pause=1, longest_pause=5)
    assert [retry.pause_after(n) for n in range(1, 7)] == [1, 2, 4, 5, 5, None]
    assert HandlerRetry(attempts=1).pause_after(1) is None
    assert HandlerRetry(attempts=10**6).pause_after(10**5) == 60
    for bad in ({"attempts": 0}, {"first_pause": -1}, {"longest_pause": -0.1}):
        with pytest.raises(InvalidArgument):
            HandlerRetry(**bad)


def test_what_waits_to_be_called_again_survives_a_kill(tmp_path: Path) -> None:
    async def test() -> None:
        journal = Journal(tmp_path)
        receiver = Receiver(
            SECRET, retry=HandlerRetry(first_pause=3600, longest_pause=3600), journal=journal
        )
        failed = asyncio.Event()

        @receiver.on()
        async def fail(webhook: object) -> None:
            failed.set()
            raise ValueError

        await receiver.handle(message(1, text="1"))
        await receiver.handle(message(2, text="2"))
        await failed.wait()
        crash(journal)
        await receiver.close(0)
        again, texts = receiver_that_notes(journal=tmp_path)
        await again.start()
        await again.close()
        assert texts == ["1", "2"]

    run(test)


def test_close_counts_what_waits_to_be_called_again(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, retry=HandlerRetry(first_pause=3600, longest_pause=3600))

        @receiver.on()
        async def fail(webhook: object) -> None:
            raise ValueError

        await receiver.handle(message(1))
        assert await receiver.close(0.01) == 1

    run(test)
    assert "1 accepted webhooks were not finished" in caplog.text


def test_a_stuck_handler_ends_the_wait_when_nothing_else_gets_done() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, stall_timeout=0.2)
        loop = asyncio.get_running_loop()
        done: list[str] = []

        @receiver.on(IncomingEvent)
        async def work(webhook: Webhook[IncomingEvent]) -> None:
            text = webhook.payload.event.text
            if text == "stuck":
                await asyncio.Event().wait()
            await asyncio.sleep(0.05)
            done.append(text)

        await receiver.handle(message(0, chat="STUCK", text="stuck"))
        # Together they take longer than the time, and each of them less.
        for n in range(12):
            await receiver.handle(message(n, text=str(n)))
        start = loop.time()
        assert await receiver.close() == 1
        assert done == [str(n) for n in range(12)]
        assert loop.time() - start < 10

    run(test)


def test_the_time_of_close_is_kept_though_handlers_finish() -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, stall_timeout=0.05)

        @receiver.on()
        async def work(webhook: object) -> None:
            await asyncio.sleep(0.02)

        for n in range(500):
            await receiver.handle(message(n))
        left = await receiver.close(0.3)
        assert 100 < left < 500

    run(test)


def test_a_sync_handler_that_was_given_up_is_not_called_later(tmp_path: Path) -> None:
    """It waits in the journal, and would be handled twice."""

    async def test() -> None:
        import threading

        release = threading.Event()
        calls: list[str] = []
        receiver = Receiver(SECRET, threads=1, journal=tmp_path)

        @receiver.on(IncomingEvent)
        def work(webhook: Webhook[IncomingEvent]) -> None:
            calls.append(webhook.payload.event.text)
            release.wait(30)

        for n in range(3):
            await receiver.handle(message(n, chat=f"C{n}", text=str(n)))
        while not calls:
            await asyncio.sleep(0)
        assert await receiver.close(0.01) == 3
        release.set()
        again, texts = receiver_that_notes(journal=tmp_path)
        await again.start()
        await again.close()
        # The one that had begun cannot be stopped; the others were not called.
        assert calls == ["0"]
        assert sorted(texts) == ["0", "1", "2"]

    run(test)


def test_threads_are_there_again_after_a_stuck_handler() -> None:
    async def test() -> None:
        import threading

        release = threading.Event()
        receiver = Receiver(SECRET, threads=1)
        calls: list[str] = []

        @receiver.on(IncomingEvent)
        def work(webhook: Webhook[IncomingEvent]) -> None:
            calls.append(webhook.payload.event.text)
            if webhook.payload.event.text == "stuck":
                release.wait(30)

        await receiver.handle(message(0, text="stuck"))
        while not calls:
            await asyncio.sleep(0)
        assert await receiver.close(0.01) == 1
        await receiver.start()
        for n in range(3):
            await receiver.handle(message(n + 1, chat=f"C{n}", text=str(n)))
        assert await receiver.close() == 0
        assert sorted(calls) == ["0", "1", "2", "stuck"]
        release.set()

    run(test)


def test_the_receiver_goes_on_in_another_event_loop() -> None:
    receiver = Receiver(SECRET)
    texts: list[str] = []

    @receiver.on(IncomingEvent)
    async def note(webhook: Webhook[IncomingEvent]) -> None:
        await asyncio.sleep(0)
        texts.append(webhook.payload.event.text)

    async def accept(n: int, *, close: bool) -> None:
        assert (await receiver.handle(message(n, text=str(n)))).status == 200
        if close:
            assert await receiver.close() == 0

    asyncio.run(accept(1, close=False))  # the loop ends before the webhook is handled
    asyncio.run(accept(2, close=True))
    assert texts == ["1", "2"]


def test_a_retry_is_logged_without_what_customers_say(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def test() -> None:
        receiver = Receiver(SECRET, retry=HandlerRetry(attempts=2, first_pause=0))
        receiver.on()(lambda webhook: {}[webhook.payload.event.text])
        await receiver.handle(message(text="private words"))
        await receiver.close()

    run(test)
    warning = next(record for record in caplog.records if "called again" in record.getMessage())
    assert "private words" not in warning.getMessage()
    assert "KeyError" in warning.getMessage()
