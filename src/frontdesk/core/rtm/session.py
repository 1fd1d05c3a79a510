"""An RTM session without any input or output of its own.

::

    IDLE
     │ start()
     ▼             token               opened             answered
    TOKEN ───────────────▶ OPENING ───────────▶ LOGIN ───────────────▶ READY ── close() ─▶ LEAVING
     ▲                        │                   │                      │                    │
     │ pause over             │ open_failed()     │ refused, too late    │ closed(), silence, │
     │                        ▼                   ▼                      ▼ server says so     │
     └────────────────────── PAUSE ◀──────── may it connect again? ◀─────┘                    │
                       (0 s for another                   │ no                                │
                        region or token)                  ▼                                   ▼
                                                        CLOSED ◀──────────────────────────────┘

The driver tells what happened (``start``, ``token_given``, ``opened``, ``receive``, ``heard``,
``closed``, ``submit``, ``close``, and ``tick`` when ``wakeup`` has come), and then carries out
``steps``. Whatever comes in, every call ends with an answer or an error by its deadline.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-api
"""

import logging
import random
from collections import deque
from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontdesk.actions import Action, Login, Logout, SetAwayStatus, UpdateSession
from frontdesk.auth import Token, as_token
from frontdesk.core.policy import NOT_DONE, UNKNOWN_OUTCOME, Meter, Retry
from frontdesk.core.rtm.calls import RTMCall
from frontdesk.core.rtm.frames import Frame, decode_frame
from frontdesk.core.rtm.reasons import Verdict, verdict_on
from frontdesk.core.rtm.settings import (
    AskToken,
    Cut,
    Ended,
    Lost,
    Open,
    Ping,
    Ready,
    SessionSettings,
    Step,
)
from frontdesk.core.rtm.window import Window
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    ClientClosed,
    ConnectionClosed,
    DecodeError,
    Disconnected,
    FrontdeskError,
    MisdirectedRequest,
    NotTheAPI,
    TransportError,
)
from frontdesk.models import LoginResponse
from frontdesk.pushes import AgentDisconnected, decode

__all__ = ["Session", "State"]

LOGIN_WINDOW: Final = 30.0
"""Seconds after which the server closes a connection that has not logged in."""
RENEW_AGAIN: Final = 10.0
"""Seconds to the next try when no new token could be had in time."""
OF_THE_LOGIN: Final = frozenset({"incoming_customers"})
"""Pushes that come with every log-in, and prove nothing."""
PING: Final = b'{"request_id":"ping","action":"ping","payload":{}}'

_once: Final = Retry(attempts=1)
_encode: Final = msgspec.json.Encoder().encode


class State(Enum):
    """Where a session stands; see the module's picture."""

    IDLE = "idle"
    TOKEN = "waiting for a token"  # noqa: S105 - a state
    OPENING = "connecting"
    LOGIN = "logging in"
    READY = "ready"
    PAUSE = "waiting to reconnect"
    LEAVING = "logging out"
    CLOSED = "closed"


READY: Final = State.READY
NO_CALLS: Final = (State.IDLE, State.LEAVING, State.CLOSED)
CONNECTED: Final = (State.OPENING, State.LOGIN, State.READY, State.LEAVING)


class Session:
    """One logged-in presence of an agent, over as many connections as it takes.

    ``clock`` gives seconds that never go back.
    """

    def __init__(
        self,
        settings: SessionSettings,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        retry: Retry,
        meter: Meter,
        region: str | None = None,
        again: bool = False,
        logger: logging.Logger | None = None,
    ) -> None:
        """``retry`` governs the first connection, before ``settings.reconnect`` takes over.

        ``again``: this session follows one that the server ended.
        """
        self.settings = settings
        self.state = State.IDLE
        self.steps: deque[Step] = deque()
        self.wakeup = inf
        """When to call ``tick``, in the clock's time."""
        self.region = region
        self._clock = clock
        self._rng = rng
        self._retry = retry
        self._meter = meter
        self._log = logger or logging.getLogger("frontdesk.rtm")

        self._token: Token | None = None
        self._refused: Token | None = None
        self._token_ends = inf
        self._away = settings.login.away
        self._was_ready = False
        self._again = again
        self._tries = 0
        self._hopped = self._renewed = False
        self._failure: Exception | None = None

        self._window = Window(self.steps, clock, rng, self._log)
        self._hung_up = False
        self._due = inf
        self._ready_at = 0.0
        self._heard = False
        self._useful = False
        """This connection has brought something that the user wants."""
        self._ping_at = self._pong_by = self._renew_at = inf

    # ------------------------------------------------------------ calls

    def submit(self, call: RTMCall) -> None:
        """Take a call: send it now, or when its turn comes.

        Raises ``ClientClosed`` or ``ConnectionClosed`` when the session takes no calls.
        """
        if self.state is not READY and self.state in NO_CALLS:
            raise self._refusal()
        self._window.add(call)
        if call.deadline < self.wakeup:  # noqa: PLR1730 - twice as quick, on every call
            self.wakeup = call.deadline

    def abandon(self, call: RTMCall) -> None:
        """Forget a call whose answer nobody waits for any more."""
        call.done = True

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Begin to connect."""
        self._begin()
        self._plan()

    def token_given(self, token: Token, ends_in: float | None = None) -> None:
        """Take the token that was asked for; it ends in that many seconds, if known."""
        renewed = token != self._token
        if self.state is State.TOKEN:
            if token == self._refused:
                self._end(self._failure or AuthenticationError("the token is not accepted"))
                return
            self._refused = None
            self._keep_token(token, ends_in)
            self.state = State.OPENING
            self.steps.append(Open(self.region or token.region))
        elif self.state is State.READY and renewed:
            self._keep_token(token, ends_in)
            self._own_call(UpdateSession(token=token.authorization), self._session_updated)
        elif self.state is State.READY:
            self._renew_at = self._clock() + RENEW_AGAIN
        self._plan()

    def token_failed(self, error: Exception) -> None:
        """Take note that no token could be had."""
        if self.state is State.TOKEN:
            self._lose(error, Verdict.RECONNECT if self._was_ready else Verdict.STOP)
        elif self.state is State.READY:
            self._log.warning("no new token for the session yet: %s", type(error).__name__)
            self._renew_at = self._clock() + RENEW_AGAIN
        self._plan()

    def opened(self) -> None:
        """Log in on the new connection."""
        token, options = self._token, self.settings.login
        assert token is not None, "a connection is opened for a token"
        self.state = State.LOGIN
        login = Login(
            token=token.authorization,
            timezone=options.timezone,
            reconnect=True if self._again else UNSET,
            application=options.application,
            away=self._away,
            customer_monitoring_level=options.customer_monitoring_level,
            pushes=options.pushes,
        )
        self._own_call(login, self._login_answered)
        self._plan()

    def open_failed(self, error: Exception) -> None:
        """Take note that no connection could be opened."""
        self._lose(error, self._verdict(error))

    def closed(self, why: str = "") -> None:
        """Take note that the connection has ended, other than by ``Cut``."""
        text = f"the connection ended ({why})" if why else "the connection ended"
        if self.state is State.LEAVING:
            self._end(None)
        elif self.state in (State.LOGIN, State.READY):
            self._lose(ConnectionClosed(text), Verdict.RECONNECT)

    def close(self) -> None:
        """Leave in good order: take no more calls, await answers, log out, hang up."""
        if self.state is State.READY:
            self._leave()
            if self.settings.logout:
                self._own_call(Logout(), _nothing)
            self._hang_up_when_done()
        elif self.state not in (State.LEAVING, State.CLOSED):
            if self.state in (State.OPENING, State.LOGIN):
                self.steps.append(Cut(at_once=True))
            self._end(None)
        self._plan()

    # ------------------------------------------------------------ what comes in

    def heard(self) -> None:
        """Take note of a sign of life, such as a WebSocket pong."""
        self._heard = True

    def receive(self, data: bytes | str) -> Frame | None:
        """Take a frame; return it if it is a push."""
        self._heard = True
        if self.state is not READY and self.state not in CONNECTED:
            return None
        try:
            frame = decode_frame(data)
        except DecodeError as error:
            self._log.warning("ignored a frame: %s", error)
            return None
        if frame.type == "response":
            self._answered(frame)
            return None
        if frame.type == "push":
            if frame.action == "agent_disconnected":
                self._dismissed(frame)
            elif not self._useful:
                self._useful = frame.action not in OF_THE_LOGIN
            return frame
        self._log.warning("ignored a frame of type %.40r", frame.type)
        return None

    def tick(self) -> None:
        """Do what is due."""
        now = self._clock()
        self._window.tick(now)
        if self.state is State.READY:
            self._keep_alive(now)
        elif self.state is State.PAUSE and now >= self._due:
            self._begin()
        elif self.state is State.LEAVING and now >= self._due:
            self.steps.append(Cut(at_once=True))
            self._end(None)
        elif self.state is State.LEAVING:
            self._hang_up_when_done()
        self._plan()

    # ------------------------------------------------------------ connecting

    def _begin(self) -> None:
        if self._token is None or self._refused is not None:
            self.state = State.TOKEN
            self.steps.append(AskToken(self._refused))
        else:
            self.state = State.OPENING
            self.steps.append(Open(self.region or self._token.region))

    def _keep_token(self, token: Token, ends_in: float | None) -> None:
        self._token = token
        now = self._clock()
        self._token_ends = inf if ends_in is None else now + ends_in
        self._renew_at = max(now, self._token_ends - self.settings.renew_before)

    def _login_answered(self, call: RTMCall) -> None:
        if call.error is not None:
            if self.state is State.LOGIN:
                self._lose(call.error, self._verdict(call.error), cut=True)
            return
        login: LoginResponse = call.answer
        now = self._clock()
        again, self._again, self._was_ready = self._again, True, True
        self.state = State.READY
        self._ready_at = now
        self._useful = False
        self._hopped = self._renewed = False
        self._heard, self._pong_by = True, inf
        self._ping_at = now + self.settings.ping_interval
        self.steps.append(Ready(login, again))
        self._window.open = True
        self._window.pump()
        self._plan()

    def _verdict(self, error: Exception) -> Verdict:
        match error:
            case AuthenticationError():
                return Verdict.RENEW
            case MisdirectedRequest():
                return Verdict.HOP
            case TransportError() | NotTheAPI():
                return Verdict.RECONNECT
            case APIError() if error.type in NOT_DONE | UNKNOWN_OUTCOME:
                return Verdict.RECONNECT
            case _:
                return Verdict.STOP

    def _lose(self, error: Exception, verdict: Verdict, *, cut: bool = False) -> None:
        """Go on after the connection was lost, or stop."""
        if self.state is State.CLOSED:
            return
        if cut:
            self.steps.append(Cut(at_once=not isinstance(error, Disconnected)))
        if self.state is State.LEAVING:
            self._end(None)
            return
        now = self._clock()
        if self.state is State.READY:
            lasted = now - self._ready_at
            if lasted >= self.settings.backoff.stable_after:
                self._tries = 0
            elif self._useful:
                self._tries //= 2
        self._tries += 1
        if not self._may_go_on(error, verdict):
            self._end(error)
            return
        self._failure = error
        at_once = verdict in (Verdict.HOP, Verdict.RENEW) and self._tries == 1
        pause = 0.0 if at_once else self.settings.backoff.pause(self._tries, self._rng)
        self.state = State.PAUSE
        self._window.lose()
        self.steps.append(Lost(error, pause))
        self._due = now + pause
        if at_once:
            self._begin()
        self._plan()

    def _may_go_on(self, error: Exception, verdict: Verdict) -> bool:
        if verdict is Verdict.STOP or (self._was_ready and not self.settings.reconnect):
            return False
        if verdict is Verdict.HOP:
            region = getattr(error, "region", None)
            if not region or self._hopped:
                return False
            self.region, self._hopped = region, True
            return True
        if verdict is Verdict.RENEW:
            if self._renewed:
                return False
            self._refused, self._renewed = self._token, True
            return True
        if self._was_ready or not isinstance(error, FrontdeskError):
            return self._was_ready
        return self._retry.allows(error, attempt=self._tries, repeatable=True)

    def _dismissed(self, frame: Frame) -> None:
        """Go by the server's reason for ending the connection."""
        try:
            push = decode("agent_disconnected", frame.payload)
        except DecodeError:
            push = None
        reason, region = "no reason given", None
        if isinstance(push, AgentDisconnected):
            reason = push.reason
            region = push.data.region if push.data else None
        self._lose(Disconnected(reason, region), verdict_on(reason), cut=True)

    # ------------------------------------------------------------ keeping alive

    def _keep_alive(self, now: float) -> None:
        settings = self.settings
        if now >= self._pong_by:
            if not self._heard:
                silence = f"no sign of life within {settings.ping_timeout:g} s of a ping"
                self._lose(ConnectionClosed(silence), Verdict.RECONNECT, cut=True)
                return
            self._pong_by = inf
        if now >= self._ping_at:
            if self._pong_by == inf:
                self._heard = False
                self._pong_by = now + settings.ping_timeout
            self._ping_at = now + settings.ping_interval
            by_message = settings.ping == "message" and not self._window.full
            self.steps.append(PING if by_message else Ping())
        if now >= self._renew_at:
            self._renew_at = inf
            self.steps.append(AskToken(self._token))

    def _session_updated(self, call: RTMCall) -> None:
        if call.error is not None:
            self._log.warning("the server did not take the new token: %s", call.error)

    # ------------------------------------------------------------ leaving

    def _leave(self) -> None:
        self.state = State.LEAVING
        self._due = self._clock() + self.settings.close_timeout
        self._window.fail_waiting(_closed_before)

    def _hang_up_when_done(self) -> None:
        if self._window.idle and not self._hung_up:
            self._hung_up = True
            self.steps.append(Cut(at_once=False))

    def _end(self, error: Exception | None) -> None:
        self.state = State.CLOSED
        self._failure = error
        self._window.fail_all(self._refusal)
        self._plan()
        self.steps.append(Ended(error))

    def _refusal(self, maybe_sent: bool = False) -> FrontdeskError:
        """Return why the session takes no calls."""
        if self.state is State.IDLE:
            return ClientClosed("the session is not connected; use it in a `with` block")
        if self._failure is None:
            return ClientClosed("the session is closed")
        cause = self._failure
        told = str(cause) if isinstance(cause, FrontdeskError) else type(cause).__name__
        error = ConnectionClosed(f"the session has ended: {told}", maybe_sent=maybe_sent)
        error.__cause__ = self._failure
        return error

    # ------------------------------------------------------------ calls

    def _own_call(self, action: Action[Any], then: Callable[[RTMCall], None]) -> None:
        now, timeout = self._clock(), min(self.settings.timeout, LOGIN_WINDOW)
        self._window.add_own(
            _OwnCall(
                action=action,
                spec=action.spec,
                payload=_encode(action),
                started=now,
                timeout=timeout,
                deadline=now + timeout,
                retry=_once,
                meter=self._meter,
                same_connection=True,
                then=then,
            )
        )

    def _answered(self, frame: Frame) -> None:
        call = self._window.answered(frame)
        if call is not None:
            if call.spec.group == "session":
                self._heed(call.action)
            elif not call.same_connection:
                self._useful = True
        if self.state is not READY:
            if self.state is State.LEAVING:
                self._hang_up_when_done()
        elif self._window.retrying:
            self._plan()

    def _heed(self, action: Action[Any]) -> None:
        """Remember what the user has told the server about the session."""
        match action:
            case UpdateSession():
                token = as_token(action.token)
                if token != self._token:
                    self._keep_token(token, None)
            case SetAwayStatus():
                self._away = action.away
            case Logout(agent_id=agent) if agent is UNSET and self.state is State.READY:
                self._leave()
            case _:
                pass

    def _plan(self) -> None:
        """Work out when to be woken."""
        wakeup = self._window.wakeup
        if self.state is State.READY:
            wakeup = min(wakeup, self._ping_at, self._pong_by, self._renew_at)
        elif self.state in (State.PAUSE, State.LEAVING):
            wakeup = min(wakeup, self._due)
        self.wakeup = wakeup


class _OwnCall(RTMCall, eq=False, kw_only=True):
    """A request of the session itself."""

    then: Callable[[RTMCall], None]

    def finish(self) -> None:
        """Go on with the session."""
        self.then(self)


def _nothing(call: RTMCall) -> None:
    """Whatever the server says to the log-out, the connection is ended next."""


def _closed_before(_maybe_sent: bool) -> ClientClosed:
    return ClientClosed("the session was closed before the call was sent")
