import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from frontdesk.concurrency.ordered_executor import (
    _GRACE,
    OrderedExecutor,
    as_exception,
    what_it_did,
)

from ..signals import ctrl_c

Item = tuple[str, int]


def executor(
    work: Callable[[Item], Awaitable[object]], **options: Any
) -> tuple[OrderedExecutor[Item], Callable[..., None]]:
    made = OrderedExecutor(work, **{"concurrency": 4, "capacity": 100, **options})

    def submit(*names: str) -> None:
        for number, key in enumerate(names):
            made.submit(key, (key, number))

    return made, submit


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(limited())


def test_items_of_a_key_run_one_after_another_in_order() -> None:
    async def main() -> None:
        log: list[tuple[str, Item]] = []

        async def work(item: Item) -> None:
            log.append(("begin", item))
            await asyncio.sleep(0)
            log.append(("end", item))

        running, submit = executor(work)
        submit(*"ababacabc")
        assert await running.drain(None) == 0
        for key in "abc":
            steps = [step for step in log if step[1][0] == key]
            numbers = sorted({item[1] for _, item in steps})
            expected = [(step, (key, number)) for number in numbers for step in ("begin", "end")]
            assert steps == expected
        assert running.finished == 9

    run(main)


def test_keys_run_concurrently_up_to_the_limit() -> None:
    async def main() -> None:
        release = asyncio.Event()
        begun: list[Item] = []

        async def work(item: Item) -> None:
            begun.append(item)
            await release.wait()

        running, submit = executor(work, concurrency=3)
        submit(*"abcde")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [key for key, _ in begun] == ["a", "b", "c"]
        release.set()
        assert await running.drain(None) == 0
        assert [key for key, _ in begun] == list("abcde")

    run(main)


def test_a_busy_key_takes_turns_with_the_others() -> None:
    async def main() -> None:
        log: list[str] = []

        async def work(item: Item) -> None:
            log.append(item[0])

        running, submit = executor(work, concurrency=1)
        submit(*"aaabc")
        await running.drain(None)
        assert "".join(log) == "abcaa"

    run(main)


class OddError(BaseException):
    pass


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        OddError("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        asyncio.CancelledError(),
        StopAsyncIteration(),
        BaseExceptionGroup("two", [OddError(), ValueError()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_raised_costs_its_item_alone(error: BaseException) -> None:
    async def main() -> None:
        done: list[Item] = []
        failed: list[tuple[Item, BaseException, int]] = []

        async def work(item: Item) -> None:
            if item == ("a", 0):
                raise error
            done.append(item)

        def on_error(item: Item, error: BaseException, attempt: int) -> None:
            failed.append((item, error, attempt))

        running, submit = executor(work, on_error=on_error, concurrency=1)
        submit(*"aab")
        assert await running.drain(None) == 0
        assert failed == [(("a", 0), error, 1)]
        assert sorted(done) == [("a", 1), ("b", 2)]
        assert running.unfinished == 0

    run(main)


def test_ctrl_c_reaches_a_loop_that_has_no_handler_for_it() -> None:
    done: list[Item] = []

    async def work(item: Item) -> None:
        if item[0] == "a":
            signal.raise_signal(signal.SIGINT)
        done.append(item)

    loop = asyncio.new_event_loop()
    running, submit = executor(work, on_error=lambda *_: None, concurrency=1)

    async def submit_all() -> None:
        submit(*"ab")
        await asyncio.sleep(3600)

    main = loop.create_task(submit_all())
    with ctrl_c(), pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(main)
    assert loop.run_until_complete(running.drain(None)) == 0
    assert done == [("b", 1)]
    main.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(main)
    loop.close()


def test_after_ctrl_c_a_new_worker_goes_on_by_itself() -> None:
    done = asyncio.Event()

    async def work(item: Item) -> None:
        if item[0] == "a":
            signal.raise_signal(signal.SIGINT)
        done.set()

    loop = asyncio.new_event_loop()
    problems: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: problems.append(context))
    _, submit = executor(work, on_error=lambda *_: None, concurrency=1)

    async def submit_all() -> None:
        submit(*"ab")
        await done.wait()

    main = loop.create_task(submit_all())
    with ctrl_c(), pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(main)
    loop.run_until_complete(asyncio.wait_for(main, 20))
    gc.collect()
    loop.close()
    assert problems == []


def test_what_is_submitted_while_a_worker_ends_has_a_new_one() -> None:
    async def main() -> None:
        done: list[Item] = []
        last = asyncio.Event()

        async def work(item: Item) -> None:
            done.append(item)
            if len(done) == 3:
                last.set()

        running, submit = executor(work, concurrency=1)
        for key in "abc":
            submit(key)
            if key != "c":
                assert await running.idle(None)
        await last.wait()

    run(main)


@pytest.mark.parametrize("begun", [False, True])
def test_another_event_loop_goes_on_where_one_ended(begun: bool) -> None:
    done: list[Item] = []
    stuck = begun

    async def work(item: Item) -> None:
        if stuck:
            await asyncio.Event().wait()
        done.append(item)

    running, submit = executor(work, concurrency=1)

    async def first() -> None:
        submit(*"ab")
        for _ in range(3 * begun):
            await asyncio.sleep(0)

    async def second() -> None:
        assert await running.drain(None) == 0

    run(first)
    stuck = False
    run(second)
    assert done == [("a", 0), ("b", 1)]


def test_item_that_ctrl_c_ended_may_run_again() -> None:
    done: list[Item] = []

    async def work(item: Item) -> None:
        done.append(item)
        if len(done) == 1:
            signal.raise_signal(signal.SIGINT)

    loop = asyncio.new_event_loop()
    running, submit = executor(work, on_error=lambda *_: 0.0)

    async def main() -> None:
        submit("a")
        await asyncio.Event().wait()

    task = loop.create_task(main())
    with ctrl_c(), pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(task)
    assert loop.run_until_complete(running.drain(None)) == 0
    assert done == [("a", 0)] * 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()


def test_worker_that_survives_its_cancellation_takes_nothing_more() -> None:
    async def main() -> None:
        begun: list[Item] = []

        async def work(item: Item) -> None:
            begun.append(item)
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

        running, submit = executor(work, concurrency=1)
        submit(*"ab")
        assert await running.drain(0.01) in (1, 2)
        assert begun == [("a", 0)]
        assert running.unfinished == 0

    run(main)


def test_cancelled_work_has_as_long_to_end_as_the_clients_say() -> None:
    assert _GRACE == 1.0


class Fatal(BaseException):
    pass


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (asyncio.CancelledError("x"), "was cancelled"),
        (SystemExit(3), "called `sys.exit`"),
        (KeyboardInterrupt(), "raised KeyboardInterrupt: "),
        (Fatal("gone"), "raised Fatal: gone"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_ordinary_error_becomes_one(error: BaseException, text: str) -> None:
    assert what_it_did(error) == text
    for function, made in (
        ("the handler", as_exception(error)),
        ("`on_damage`", as_exception(error, "`on_damage`")),
    ):
        assert type(made) is RuntimeError
        assert str(made) == f"{function} {text}"
        assert made.__cause__ is error


def test_an_ordinary_error_stays_what_it_is() -> None:
    error = ValueError("wrong")
    assert as_exception(error) is error


def test_a_failed_item_runs_again_before_the_later_ones_of_its_key() -> None:
    async def main() -> None:
        log: list[Item] = []
        attempts: list[int] = []

        async def work(item: Item) -> None:
            log.append(item)
            if item == ("a", 0) and log.count(item) < 3:
                raise ValueError

        def again(item: Item, error: BaseException, attempt: int) -> float:
            attempts.append(attempt)
            return 0.001

        running, submit = executor(work, on_error=again, concurrency=1)
        submit(*"aab")
        assert running.unfinished == 3
        assert await running.drain(None) == 0
        assert attempts == [1, 2]
        assert [number for key, number in log if key == "a"] == [0, 0, 0, 1]
        # The other key did not wait for the pauses.
        assert log.index(("b", 2)) == 1

    run(main)


def test_attempts_are_counted_for_each_item() -> None:
    async def main() -> None:
        attempts: list[tuple[Item, int]] = []

        async def work(item: Item) -> None:
            raise ValueError

        def twice(item: Item, error: BaseException, attempt: int) -> float | None:
            attempts.append((item, attempt))
            return 0 if attempt == 1 else None

        running, submit = executor(work, on_error=twice)
        submit(*"aa")
        await running.drain(None)
        assert attempts == [(("a", 0), 1), (("a", 0), 2), (("a", 1), 1), (("a", 1), 2)]

    run(main)


def test_a_failing_error_hook_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        done: list[Item] = []

        async def work(item: Item) -> None:
            done.append(item)
            raise ValueError

        def on_error(*_: object) -> None:
            raise LookupError("hook")

        running, submit = executor(work, on_error=on_error)
        submit(*"aa")
        assert await running.drain(None) == 0
        assert len(done) == 2

    run(main)
    assert caplog.text.count("LookupError: hook") == 2


def test_errors_are_logged_without_a_hook(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async def work(item: Item) -> None:
            raise OddError("odd")

        running, submit = executor(work)
        submit("a")
        assert await running.drain(None) == 0

    run(main)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("frontdesk", "work failed")
    ]
    assert "OddError: odd" in caplog.text


def test_drain_cancels_the_rest_after_its_timeout_and_the_executor_goes_on() -> None:
    async def main() -> None:
        stuck = asyncio.Event()
        log: list[tuple[str, Item]] = []

        async def work(item: Item) -> None:
            log.append(("begin", item))
            try:
                await stuck.wait()
            finally:
                log.append(("end", item))

        running, submit = executor(work, concurrency=2)
        submit(*"aabc")
        assert await running.drain(0.01) == 4
        assert [step for step, _ in log] == ["begin", "begin", "end", "end"]
        assert running.unfinished == 0
        log.clear()
        stuck.set()
        submit(*"ab")
        assert await running.drain(None) == 0
        assert sorted(item for step, item in log if step == "end") == [("a", 0), ("b", 1)]

    run(main)


def test_drain_waits_for_pauses_and_cancels_them_in_the_end() -> None:
    async def main() -> None:
        runs: list[Item] = []

        async def work(item: Item) -> None:
            runs.append(item)
            raise ValueError

        running, submit = executor(work, on_error=lambda *_: 3600.0)
        submit(*"aa")
        assert await running.drain(0.01) == 2
        assert runs == [("a", 0)]
        assert running.unfinished == 0

    run(main)


def test_work_that_swallows_its_cancellation_is_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("frontdesk.concurrency.ordered_executor._GRACE", 0.01)

    async def main() -> None:
        release = asyncio.Event()
        done: list[Item] = []

        async def work(item: Item) -> None:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue
            done.append(item)

        running, submit = executor(work)
        submit(*"aa")
        await asyncio.sleep(0)
        assert await running.drain(0) == 2
        submit("b")
        release.set()
        assert await running.drain(None) == 0
        await asyncio.sleep(0)
        assert ("b", 0) in done
        assert ("a", 1) not in done
        assert running.unfinished == 0

    run(main)


def test_two_drains_at_a_time_both_return() -> None:
    async def main() -> None:
        release = asyncio.Event()

        async def work(item: Item) -> None:
            await release.wait()

        running, submit = executor(work)
        submit("a")
        drains = [asyncio.create_task(running.drain(None)) for _ in range(2)]
        await asyncio.sleep(0)
        release.set()
        assert await asyncio.gather(*drains) == [0, 0]

    run(main)


def test_it_is_full_at_its_capacity() -> None:
    async def main() -> None:
        release = asyncio.Event()

        async def work(item: Item) -> None:
            await release.wait()

        running, submit = executor(work, capacity=2)
        submit("a")
        assert not running.full
        with running.room():
            assert running.full
        assert not running.full
        submit("b")
        assert running.full
        release.set()
        await running.drain(None)
        assert not running.full

    run(main)


def test_worker_that_was_cancelled_before_it_began_leaves_its_place_to_another() -> None:
    async def main() -> None:
        done: list[Item] = []

        async def work(item: Item) -> None:
            done.append(item)

        running, submit = executor(work, concurrency=1)
        submit("a")
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        submit("b")
        assert await running.drain(10) == 0
        assert done == [("a", 0), ("b", 0)]

    run(main)
