"""Differences that are put into what the real service would say."""

from collections.abc import Callable
from typing import Any

import msgspec

from frontdesk.parity.observing import Observations
from frontdesk.recordings.recorder import PATH
from frontdesk.transport import Reply, Request, Transport

Change = Callable[[Any], Any]
"""Takes a parsed payload and returns it with a difference."""


def at(path: str, change: Change) -> Change:
    """Change what is at a path such as ``thread.events.0.text``; ``-1`` is the last item."""
    *steps, last = path.split(".")

    def changed(content: Any) -> Any:
        place = content
        for step in steps:
            place = place[_step(step)]
        name = _step(last)
        if isinstance(place, dict) and change is drop:
            del place[name]
        else:
            place[name] = change(place.get(name) if isinstance(place, dict) else place[name])
        return content

    return changed


def _step(step: str) -> Any:
    return int(step) if step.lstrip("-").isdigit() else step


def drop(value: Any) -> Any:
    raise NotImplementedError


def put(value: Any) -> Change:
    return lambda _: value


def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


def shorter(items: list[Any]) -> list[Any]:
    return items[:-1]


def longer(items: list[Any]) -> list[Any]:
    return [*items, items[-1]]


class Mutated:
    """A service: another transport whose responses to a method are changed."""

    def __init__(
        self, transport: Transport, method: str, change: Change, status: int | None = None
    ) -> None:
        self._transport = transport
        self._method, self._change, self._status = method, change, status

    def send(self, request: Request) -> Reply:
        reply = self._transport.send(request)
        match = PATH.search(request.url)
        if match is None or match[3] != self._method:
            return reply
        if self._status is not None:
            return Reply(self._status, reply.headers, reply.body)
        try:
            content = self._change(msgspec.json.decode(reply.body))
        except (KeyError, IndexError, TypeError):
            return reply  # this call of several has nothing to change
        return Reply(reply.status, reply.headers, msgspec.json.encode(content))

    def close(self) -> None:
        self._transport.close()


class MutatedFrames:
    """What sees the frames of a service: changes its pushes before others see them.

    ``change`` gets an action and a payload and returns the list of pushes to see in its place.
    """

    def __init__(
        self, seen: Observations, change: Callable[[str, Any], list[tuple[str, Any]]]
    ) -> None:
        self._seen = seen
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._seen, name)

    def frame(self, connection: int | None, data: bytes, *, is_client: bool) -> None:
        frame = msgspec.json.decode(data)
        if is_client or frame.get("type") != "push":
            self._seen.frame(connection, data, is_client=is_client)
            return
        for action, payload in self._change(frame["action"], frame["payload"]):
            changed = msgspec.json.encode({**frame, "action": action, "payload": payload})
            self._seen.frame(connection, changed, is_client=False)
