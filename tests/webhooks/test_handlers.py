"""How handlers are called, and what becomes of their errors."""

import asyncio
import signal
import threading

import pytest

from frontdesk.webhooks import (
    Counts,
    HandlerRetry,
    Receiver,
)

from ..signals import ctrl_c
from ._bodies import SECRET, body, message, sample
from .test_receiver import run


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


def test_an_error_hook_that_fails_is_logged_beside_the_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, on_error=lambda webhook, error: 1 // 0)
        receiver.on()(lambda webhook: {}["key"])
        await receiver.handle(message())
        await receiver.close()

    run(test)
    hook, handler = caplog.records
    assert hook.getMessage() == "`on_error` failed"
    assert hook.exc_info is not None
    assert hook.exc_info[0] is ZeroDivisionError
    assert handler.getMessage().startswith("a handler failed on `incoming_event`")


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
