"""A whole client without a thread, a loop or a socket: its clock is moved by the test.

The server is a small model on the other end of a connection that needs no time.
"""

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Any

import msgspec

from frontdesk import Backoff
from frontdesk.actions import Action
from frontdesk.clients.rtm.base import RTMDriver
from frontdesk.clients.rtm.carrier import Carrier
from frontdesk.clients.rtm.connection import Line
from frontdesk.codec.decoding import convert, encode
from frontdesk.core.rtm.notices import Notice, Recovered
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.pushes import Push

from ....clients.rtm._server import Chats, Refuse, Silent
from .._play import LOGIN

TRANSIENT = ("internal", "service_unavailable", "too_many_requests", "request_timeout")
"""Types of errors that pass."""
WHOLE_PAUSES = Backoff(first_pause=1.0, longest_pause=8.0)


class Ceiling:
    """A source of chance that always draws the longest pause."""

    def random(self) -> float:
        return 1.0


class Socket:
    """The client's end of a connection."""

    is_open = True

    def __init__(self, line: "PlayedLine", link: Any) -> None:
        self._line, self._link = line, link

    @property
    def server_time(self) -> datetime:
        return self._line.chats.now.replace(microsecond=0)

    def send_message(self, data: bytes) -> bool:
        frame = json.loads(data)
        self._line.requests.append((self._line.time, frame))
        self._line.due.append(lambda: self._line.reply(self._link, frame))
        return True

    def send_ping(self) -> None:
        raise AssertionError("the pings are messages here")

    def abort(self) -> None:
        """Nothing is left to end."""


class NoHandlers:
    registered = ()


class PlayedLine(Line[Any, Any]):
    """Carries a session; ``run`` does what is due now, and ``wait`` lets time pass."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier)
        self.handlers = NoHandlers()
        self.time = 1000.0
        self.alarm = inf
        self.due: deque[Callable[[], None]] = deque()
        self.chats = Chats()
        self.requests: list[tuple[float, dict[str, Any]]] = []
        self.waiting: list[tuple[Any, dict[str, Any]]] = []
        """Requests that the server leaves without a response."""
        self.responses: dict[str, Callable[[dict[str, Any]], Any]] = {
            "login": self._login,
            "ping": lambda _: {},
            "logout": lambda _: {},
            "list_chats": self.chats.list_chats,
            "list_threads": self.chats.list_threads,
            "get_chat": self.chats.get_chat,
        }
        self.error: Exception | None = None

    # What the client's part is.

    def start(self) -> None:
        session = self._new_session(lambda: self.time)
        session.start()
        self.settle()
        self.run()

    def _set_alarm(self, when: float) -> None:
        self.alarm = when

    def _ask(self, refused: object) -> None:
        token: Any = self.carrier.source
        self.due.append(lambda: self.token_given(token))

    def _open(self, link: Any, region: str | None) -> None:
        self.due.append(lambda: self.opened(link, Socket(self, link)))

    def _cut(self, link: Any, *, at_once: bool) -> None:
        self.due.append(lambda: self.closed(link, "cut"))

    def _connected(self) -> None:
        """The test sees it."""

    def _over(self, error: Exception | None) -> None:
        self.error = error

    # What the test's part is.

    def run(self) -> None:
        """Do what is due now."""
        while self.due:
            self.due.popleft()()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        until = self.time + seconds
        while self.alarm <= until:
            self.time = max(self.time, self.alarm)
            self.alarm = self._alarm = inf
            self.live_session().tick()
            self.settle()
            self.run()
        self.time = until

    def cut(self) -> None:
        """End the connection."""
        link = self.link
        assert link is not None
        self.waiting = [(other, frame) for other, frame in self.waiting if other is not link]
        self.closed(link, "cut by the test")

    def push(self, action: str, payload: Any) -> None:
        """Have the server push something."""
        assert self.link is not None
        frame = {"version": "3.6", "action": action, "type": "push", "payload": payload}
        self.received(self.link, json.dumps(frame).encode())
        self.run()

    def reply(self, link: Any, frame: dict[str, Any]) -> None:
        """Respond to a request, as far as the server does."""
        response = {
            "request_id": frame["request_id"],
            "action": frame["action"],
            "type": "response",
            "success": True,
        }
        try:
            payload = self.responses[frame["action"]](frame.get("payload", {}))
        except Silent:
            self.waiting.append((link, frame))
            return
        except Refuse as refusal:
            payload, response["success"] = {"error": refusal.error}, False
        self.received(link, json.dumps({**response, "payload": payload}).encode())

    def respond(self, count: int = 1) -> None:
        """Respond now to the oldest requests that wait."""
        for _ in range(count):
            self.reply(*self.waiting.pop(0))
        self.run()

    def times(self, action: str) -> list[float]:
        """When requests of a method were sent, since the beginning of the test."""
        return [at - 1000.0 for at, frame in self.requests if frame["action"] == action]

    def _login(self, payload: dict[str, Any]) -> dict[str, Any]:
        threads = self.chats.threads
        active = [chat_id for chat_id in threads if threads[chat_id][-1]["active"]]
        return {**LOGIN, "chats_summary": [self.chats.summary(chat_id) for chat_id in active]}


class PlayedRTM(RTMDriver[PlayedLine]):
    """A client on such a line; ``got`` is what a subscriber of these kinds is given."""

    def __init__(self, *kinds: type[Any], **options: Any) -> None:
        options.setdefault("backoff", WHOLE_PAUSES)
        super().__init__(
            "dal:x", base_url="http://played.test", organization_id="o", retry=None, **options
        )
        line = self._line
        settings = msgspec.structs.replace(self._settings, clock=lambda: line.time, rng=Ceiling())
        self._settings = settings
        line.carrier = msgspec.structs.replace(line.carrier, settings=settings)
        del self._keeper  # nothing is open that could be left open
        self._kinds = kinds
        self.taken: list[Push | Notice] = []

    @staticmethod
    def _new_line(carrier: Carrier) -> PlayedLine:
        return PlayedLine(carrier)

    @property
    def line(self) -> PlayedLine:
        return self._line

    def start(self) -> "PlayedRTM":
        """Log in, and subscribe."""
        self.line.start()
        box = self.line.hub.subscribe(self._kinds or (Push, Notice), 100_000, self._take)
        self._box = box
        return self

    def _take(self) -> None:
        box = self._box
        while (item := box.take()) is not None:
            self.taken.append(item)

    def got(self, *kinds: type[Any]) -> list[Any]:
        """What has come of these kinds."""
        return [item for item in self.taken if isinstance(item, kinds)]

    @property
    def texts(self) -> list[str]:
        """What the events say that have come."""
        return [item.event.text for item in self.taken if hasattr(item, "event")]

    def ask(self, action: Action[Any], *, lane: object = None) -> RTMCall:
        """Begin a call."""
        line = self.line
        action = line.recovering.customers.outgoing(action)
        call = RTMCall(
            action=action,
            spec=action.spec,
            payload=encode(action),
            started=line.time,
            timeout=20.0,
            deadline=line.time + 20.0,
            retry=self._settings.retry,
            meter=self._settings.meter,
            lane=lane,
        )
        line.live_session().submit(call)
        line.settle()
        line.run()
        return call

    def subscribe(self, action: Action[Any], payload: Any) -> None:
        """Take note of a subscription of customers, as the drivers do."""
        self.line.recovering.customers.done(action, convert(payload, action.spec.returns))

    def recover(self) -> list[tuple[Recovered | None, Exception | None]]:
        """Read back by hand; the list gets the outcome when there is one."""
        outcome: list[tuple[Recovered | None, Exception | None]] = []
        self.line._ask_to_recover(lambda recovered, error: outcome.append((recovered, error)))
        self.line.run()
        return outcome


def away(line: PlayedLine, *said: str, chat_id: str = "A") -> None:
    """Cut the connection, and let the customer write before the client is back."""
    line.cut()
    for text in said:
        line.chats.say(chat_id, text)


def say(line: PlayedLine, chat_id: str, text: str) -> None:
    """The customer writes, and the connection brings it."""
    line.push("incoming_event", line.chats.say(chat_id, text))


def started(*kinds: type[Any], chats: str = "A", **options: Any) -> PlayedRTM:
    """A client that is logged in, whose agent is in these chats."""
    rtm = PlayedRTM(*kinds, **options)
    for chat_id in chats:
        rtm.line.chats.open(chat_id)
    rtm.start()
    for chat_id in chats:
        say(rtm.line, chat_id, f"{chat_id} live")
    rtm.taken.clear()
    return rtm
