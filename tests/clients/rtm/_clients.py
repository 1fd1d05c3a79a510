"""Both clients behind one blocking face, so that each story is told once."""

import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from frontdesk import AgentRTM, AsyncAgentRTM, Backoff

from ...canary import TOKEN

AT_ONCE = Backoff(first_pause=0, longest_pause=0)


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, work: Any, timeout: float = 30.0) -> Any:
        async def waited() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(waited(), self.loop).result(timeout)

    def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        async def called() -> Any:
            result = function(*args, **options)
            return await result if inspect.isawaitable(result) else result

        return self.run(called())

    def stop(self) -> None:
        """End as ``asyncio.run`` does: a stopped loop alone would leave connections open."""
        self.run(_end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # What was aborted is closed in the next turn of the loop.
    await asyncio.sleep(0)


class Blocking:
    """An async object whose methods block."""

    def __init__(self, loop: Loop, inner: Any) -> None:
        self._loop, self.inner = loop, inner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.inner, name)
        if name in ("off", "on_error"):
            return lambda *args: self._loop.call(value, *args)
        if name == "wait_for":
            return lambda *args, **options: self._loop.call(value, *args, **options)
        if name in ("on", "with_options"):
            return lambda *args, **options: self._wrapped(self._loop.call(value, *args, **options))
        if name == "pushes":
            return lambda *args, **options: BlockingSubscription(
                self._loop, self._loop.call(value, *args, **options)
            )
        if inspect.iscoroutinefunction(value):
            return lambda *args, **options: self._loop.call(value, *args, **options)
        return value

    def _wrapped(self, value: Any) -> Any:
        if isinstance(value, AsyncAgentRTM):
            return Blocking(self._loop, value)
        return lambda handler: self._loop.call(value, handler)

    def __call__(self, action: Any) -> Any:
        return self._loop.call(self.inner, action)

    def __repr__(self) -> str:
        return repr(self.inner)


class BlockingSubscription:
    def __init__(self, loop: Loop, inner: Any) -> None:
        self._loop, self.inner = loop, inner

    def get(self, timeout: float = 10.0) -> Any:
        return self._loop.run(self.inner.get(timeout))

    def close(self) -> None:
        self._loop.call(self.inner.close)


class Kit:
    """Makes clients of one kind for one server."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url
        self.loop = Loop() if kind == "async" else None

    def client(self, token: Any = TOKEN, **options: Any) -> Any:
        options.setdefault("organization_id", "org-1")
        options.setdefault("base_url", self.url)
        options.setdefault("backoff", AT_ONCE)
        if self.loop is None:
            return AgentRTM(token, **options)
        return Blocking(self.loop, AsyncAgentRTM(token, **options))

    def handler(self, blocking: Callable[[Any], None]) -> Callable[[Any], Any]:
        """A handler of this kind of client; a blocking one must not block an event loop."""
        if self.loop is None:
            return blocking

        async def handler(push: Any) -> None:
            await asyncio.to_thread(blocking, push)

        return handler

    @contextmanager
    def connected(self, token: Any = TOKEN, **options: Any) -> Iterator[Any]:
        rtm = self.client(token, **options)
        rtm.connect()
        try:
            yield rtm
        finally:
            rtm.close()

    def stop(self) -> None:
        if self.loop is not None:
            self.loop.stop()


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for what the client does by itself."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)


def in_thread(work: Callable[[], Any]) -> "Result":
    """Start work that blocks."""
    return Result(work)


class Result:
    def __init__(self, work: Callable[[], Any]) -> None:
        self._value: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self._value = work()
        except BaseException as error:
            self._error = error

    @property
    def failed(self) -> bool:
        return self._error is not None

    def get(self, timeout: float = 30.0) -> Any:
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the call hangs"
        if self._error is not None:
            raise self._error
        return self._value
