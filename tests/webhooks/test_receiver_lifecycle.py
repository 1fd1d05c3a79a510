"""A receiver that starts and ends with its process, and one in a forked child."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from frontdesk.webhooks import (
    IncomingEvent,
    Journal,
    Receiver,
    Webhook,
)
from frontdesk.webhooks.receiver import _renew_receivers

from ._bodies import SECRET, message
from ._journals import pending
from .test_receiver import receiver_that_notes, run


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
    _renew_receivers()
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
    monkeypatch.setattr("frontdesk.webhooks.receiver._GRACE", 0.05)
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


def test_the_end_of_the_interpreter_has_patience_by_default() -> None:
    receiver, texts = receiver_that_notes()
    assert receiver.handle_sync(message(text="last")).status == 200
    receiver._close_at_exit()
    assert texts == ["last"]


def test_closing_in_limited_time_leaves_a_stuck_handler_behind() -> None:
    receiver = Receiver(SECRET, stall_timeout=None)
    begun, release = threading.Event(), threading.Event()

    @receiver.on()
    def stuck(webhook: object) -> None:
        begun.set()
        release.wait(20)

    assert receiver.handle_sync(message()).status == 200
    assert begun.wait(20)
    assert receiver.close_sync(0.01) == 1
    release.set()


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


def test_a_closed_receiver_of_a_sync_framework_goes_on_after_a_start() -> None:
    receiver, handled = receiver_that_notes()
    assert receiver.handle_sync(message("1")).status == 200
    assert receiver.close_sync() == 0
    assert receiver.handle_sync(message("2")).status == 503
    receiver.start_sync()
    assert receiver.handle_sync(message("2")).status == 200
    assert receiver.close_sync() == 0
    assert len(handled) == 2


@pytest.mark.parametrize("timeout", [None, 0.05])
def test_a_handler_can_close_its_receiver(timeout: float | None, tmp_path: Path) -> None:
    receiver = Receiver(SECRET, journal=tmp_path)
    steps: list[str] = []

    @receiver.on(IncomingEvent)
    async def work(webhook: Webhook[IncomingEvent]) -> None:
        steps.append(webhook.payload.event.text or "")
        steps.append(f"{await receiver.close(timeout)} left")

    async def main() -> int:
        await receiver.handle(message(1))
        async with asyncio.timeout(10):
            while len(steps) < 2:
                await asyncio.sleep(0)
            return await receiver.close()

    assert asyncio.run(main()) == 0
    assert len(steps) == 2
    assert steps[1] == "1 left"
    assert pending(tmp_path) == []


def test_each_close_keeps_its_own_time() -> None:
    receiver = Receiver(SECRET)

    @receiver.on(IncomingEvent)
    async def work(webhook: Webhook[IncomingEvent]) -> None:
        await asyncio.Event().wait()

    async def main() -> tuple[int, int]:
        await receiver.handle(message(1))
        patient = asyncio.create_task(receiver.close())
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            return await receiver.close(0.01), await patient

    assert asyncio.run(main()) == (1, 0)
