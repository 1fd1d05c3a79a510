"""An RTM session without any input or output of its own.

::

    IDLE
     │ start()
     ▼             token               opened             response
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
``steps``. Whatever comes in, every call ends with a result or an error by its deadline.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-api
"""

from collections import deque
from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontdesk.actions import Action, Logout, SetAwayStatus, UpdateSession
from frontdesk.auth import Token, as_token
from frontdesk.codec.damage import DamageReports
from frontdesk.core.retry import NOT_DONE, UNKNOWN_OUTCOME, Retry
from frontdesk.core.rtm.frames import Frame, decode_frame
from frontdesk.core.rtm.reasons import Verdict
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.settings import (
    AskToken,
    Cut,
    Ended,
    Lost,
    Open,
    Ping,
    Ready,
    SessionContext,
    SessionSettings,
    Step,
)
from frontdesk.core.rtm.sides import AGENT
from frontdesk.core.rtm.tokens import ASK_AGAIN, Tokens
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
    RequestTimeout,
    TransportError,
)
from frontdesk.models import LoginResponse
from frontdesk.pushes import UnknownPush
from frontdesk.pushes.reading import read_push
from frontdesk.redaction import excerpt

__all__ = ["Session", "State"]

LOGIN_WINDOW: Final = 30.0
"""Seconds after which the server closes a connection that has not logged in."""
LATE: Final = 1.0
"""Seconds after which a tick is late: this process has slept, and so has whoever reads the pong."""
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

    Args:
        settings: How it behaves.
        context: What it shares with the client's other sessions.
        region: The data centre to connect to; defaults to the token's.
        again: Whether it follows a session that the server ended.
    """

    def __init__(
        self,
        settings: SessionSettings,
        context: SessionContext,
        *,
        region: str | None = None,
        again: bool = False,
    ) -> None:
        self.settings = settings
        self.state: State = State.IDLE
        self.steps: deque[Step] = deque()
        self.wakeup: float = inf
        """When to call ``tick``, in the clock's time."""
        self.region: str | None = region
        self._clock = context.clock
        self._rng = context.rng
        self._retry = context.retry
        self._meter = context.meter
        self._observer, self._address = context.observer, context.address
        self._log = context.logger
        self._reports = context.reports or DamageReports(logger=self._log)
        self._side = context.side or AGENT

        self._tokens = Tokens(settings.renew_before)
        self._away = settings.login.away
        self._was_ready = False
        self._again = again
        self._tries = 0
        self._hopped = self._renewed = False
        self._failure: Exception | None = None

        self._window = Window(self.steps, self._clock, self._rng, self._log)
        self._hung_up = False
        self._due = inf
        self._ready_at = 0.0
        self._heard = False
        self._excused = False
        """The pong has been given more time already."""
        self._ping_at = self._pong_by = inf

    def submit(self, call: RTMCall) -> None:
        """Take a call: send it now, or when its turn comes.

        Raises ``ClientClosed`` or ``ConnectionClosed`` when the session takes no calls.
        """
        if self.state is not READY and self.state in NO_CALLS:
            raise self.refusal()
        if not self._window.add(call):
            self._plan()
        elif call.deadline < self.wakeup:
            self.wakeup = call.deadline

    def abandon(self, call: RTMCall) -> None:
        """Forget a call whose response nobody waits for any more."""
        self._window.abandon(call)

    def start(self) -> None:
        """Begin to connect."""
        self._begin()
        self._plan()

    def token_given(self, token: Token, ends_in: float | None = None) -> None:
        """Take the token that was asked for; it ends in that many seconds, if known."""
        tokens, now = self._tokens, self._clock()
        is_new = tokens.give(token, ends_in, now)
        if self.state is State.TOKEN:
            if token != tokens.refused:
                used = tokens.try_next()
                self.state = State.OPENING
                self.steps.append(Open(self.region or used.region))
            elif tokens.is_stale(token):
                self.steps.append(AskToken(tokens.ask()))
            else:
                self._end(self._failure)
                return
        elif self.state is READY and is_new and self._side.swaps_tokens:
            self._update_session(token)
        self._plan()

    def token_failed(self, error: Exception) -> None:
        """Take note that no token could be had."""
        self._tokens.asked = False
        if self.state is State.TOKEN:
            self._lose(error, Verdict.RECONNECT if self._was_ready else Verdict.STOP)
        elif self.state is not State.CLOSED:
            self._log.warning("no new token for the session yet: %s", type(error).__name__)
            self._tokens.renew_at = self._clock() + ASK_AGAIN
        self._plan()

    def opened(self) -> None:
        """Log in on the new connection."""
        token, options = self._tokens.in_use, self.settings.login
        self.state = State.LOGIN
        login = self._side.login(token, options, again=self._again, away=self._away)
        self._own_call(login, lambda call: self._login_ended(call, token))
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
        """Leave in good order: take no more calls, await responses, log out, hang up."""
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

    def give_up(self) -> None:
        """End at once, since nothing can be sent or received any more."""
        if self.state is not State.CLOSED:
            self._end(None)

    def refusal(self, maybe_sent: bool = False) -> FrontdeskError:
        """Return why the session takes no calls."""
        if self.state is State.IDLE:
            return ClientClosed("the session is not connected; use it in a `with` block")
        if self._failure is None:
            return ClientClosed("the session is closed")
        cause = self._failure
        reason = str(cause) if isinstance(cause, FrontdeskError) else type(cause).__name__
        error = ConnectionClosed(f"the session has ended: {reason}", maybe_sent=maybe_sent)
        error.__cause__ = self._failure
        return error

    def unsent(self, frame: bytes) -> None:
        """Take note that the connection, which is ending, did not take a frame."""
        self._window.unsent(frame)

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
            if frame.action == self._side.dismissal:
                self._dismissed(frame)
            return frame
        self._log.warning("ignored a frame of type %r", excerpt(frame.type or "", 40))
        return None

    def tick(self) -> None:
        """Do what is due."""
        now = self._clock()
        self._window.tick(now)
        if self.state is State.READY:
            self._keep_alive(now)
        elif self.state is State.PAUSE and now >= self._due:
            self._begin()
        elif self.state is State.TOKEN and now >= self._due:
            self._tokens.asked = False
            silence = (
                f"the token function returned nothing within {self.settings.token_timeout:g} s"
            )
            error = RequestTimeout(silence, maybe_sent=False)
            self._lose(error, Verdict.RECONNECT if self._was_ready else Verdict.STOP)
        elif self.state is State.LEAVING and now >= self._due:
            self.steps.append(Cut(at_once=True))
            self._end(None)
        elif self.state is State.LEAVING:
            self._hang_up_when_done()
        self._plan()

    def _begin(self) -> None:
        tokens, now = self._tokens, self._clock()
        token = tokens.for_login(now)
        if token is not None:
            self.state = State.OPENING
            self.steps.append(Open(self.region or token.region))
            return
        self.state = State.TOKEN
        self._due = now + self.settings.token_timeout
        if not tokens.asked:
            self.steps.append(AskToken(tokens.ask()))

    def _login_ended(self, call: RTMCall, token: Token) -> None:
        if call.error is not None:
            if self.state is State.LOGIN:
                self._lose(call.error, self._verdict(call.error), cut=True)
            return
        login: LoginResponse = call.response
        now = self._clock()
        again, self._again, self._was_ready = self._again, True, True
        self.state = READY
        self._ready_at = now
        self._hopped = self._renewed = False
        self._pong_by = inf
        self._ping_at = now + self.settings.ping_interval
        self._tokens.took(token, call.number, now)
        self.steps.append(Ready(login, again))
        if self._tokens.next is not None:
            self._renew(now)
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
        # Only time resets the back-off: a server that drops each connection soon after the log-in
        # may well send something before.
        if self.state is READY and now - self._ready_at >= self.settings.backoff.stable_after:
            self._tries = 0
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
            if self._tokens.refuse(self._clock()):
                return True
            if self._renewed:
                return False
            self._renewed = True
            return True
        if self._was_ready or not isinstance(error, FrontdeskError):
            return self._was_ready
        return self._retry.allows(error, attempt=self._tries, repeatable=True)

    def _dismissed(self, frame: Frame) -> None:
        """Go by the server's reason for ending the connection."""
        try:
            push: Any = read_push(
                frame.action, frame.payload, self._reports, pushes=self._side.pushes
            )
        except DecodeError:
            push = None
        reason, region = "no reason given", None
        if push is not None and not isinstance(push, UnknownPush):
            reason = push.reason
            region = push.data.region if push.data else None
        # A new reason is taken for a passing fault, as a lost connection is.
        verdict = self._side.verdicts.get(reason, Verdict.RECONNECT)
        self._lose(Disconnected(reason, region), verdict, cut=True)

    def _keep_alive(self, now: float) -> None:
        settings = self.settings
        if now >= self._pong_by:
            if self._heard:
                self._pong_by = inf
            elif now - self._pong_by > LATE and not self._excused:
                self._excused = True
                self._pong_by = now + settings.ping_timeout
            else:
                silence = f"no sign of life within {settings.ping_timeout:g} s of a ping"
                self._lose(ConnectionClosed(silence), Verdict.RECONNECT, cut=True)
                return
        if now >= self._ping_at:
            if self._pong_by == inf:
                self._heard = self._excused = False
                self._pong_by = now + settings.ping_timeout
            self._ping_at = now + settings.ping_interval
            if settings.ping == "frame":
                self.steps.append(Ping())
            elif not self._window.pinging(now):
                # A frame is second best: a pong does not prove that the API still responds.
                self.steps.append(PING if self._window.add_ping(now) else Ping())
        if now >= self._tokens.renew_at:
            self._renew(now)

    def _renew(self, now: float) -> None:
        """Offer the next token to the server, or ask for one."""
        if not self._side.swaps_tokens:
            # The server ends the connection when the token ends; the next one logs in anew.
            self._tokens.renew_at = inf
            return
        token = self._tokens.offer(now)
        if token is not None:
            self._update_session(token)
        elif not self._tokens.asked:
            self.steps.append(AskToken(self._tokens.ask()))

    def _update_session(self, token: Token) -> None:
        self._tokens.renew_at = inf
        update = UpdateSession(token=token.authorization)
        self._own_call(update, lambda call: self._session_updated(call, token))

    def _session_updated(self, call: RTMCall, token: Token) -> None:
        if call.error is None:
            self._tokens.took(token, call.number, self._clock())
            return
        self._log.warning("the server did not take the new token: %s", call.error)
        refused = isinstance(call.error, AuthenticationError)
        self._tokens.not_taken(token, self._clock(), refused=refused)
        self._plan()

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
        self._window.fail_all(self.refusal)
        self._plan()
        self.steps.append(Ended(error))

    def _own_call(self, action: Action[Any], then: Callable[[RTMCall], None]) -> None:
        now, timeout = self._clock(), min(self.settings.timeout, LOGIN_WINDOW)
        self._window.add_own(
            _SessionCall(
                action=action,
                spec=action.spec,
                payload=_encode(action),
                started=now,
                timeout=timeout,
                deadline=now + timeout,
                retry=_once,
                meter=self._meter,
                same_connection=True,
                reports=self._reports,
                observer=self._observer,
                address=self._address,
                is_own=True,
                then=then,
            )
        )

    def _answered(self, frame: Frame) -> None:
        call = self._window.responded(frame)
        if call is not None and call.spec.group == "session":
            self._heed(call)
        if self.state is State.LEAVING:
            self._hang_up_when_done()
        if self._window.retrying:
            self._plan()

    def _heed(self, call: RTMCall) -> None:
        """Remember what the user has asked of the server about the session."""
        match call.action:
            case UpdateSession(token=token):
                self._tokens.took(as_token(token), call.number, self._clock())
                self._plan()
            case SetAwayStatus(away=away):
                self._away = away
            case Logout(agent_id=agent) if agent is UNSET and self.state is READY:
                self._leave()
            case _:
                pass

    def _plan(self) -> None:
        """Work out when to be woken."""
        wakeup = self._window.wakeup
        if self.state is READY:
            wakeup = min(wakeup, self._ping_at, self._pong_by, self._tokens.renew_at)
        elif self.state in (State.PAUSE, State.TOKEN, State.LEAVING):
            wakeup = min(wakeup, self._due)
        self.wakeup = wakeup


class _SessionCall(RTMCall, eq=False, kw_only=True):
    """A request of the session itself."""

    then: Callable[[RTMCall], None]

    def finish(self) -> None:
        """Go on with the session."""
        self.then(self)


def _nothing(call: RTMCall) -> None:
    """Whatever the server says to the log-out, the connection is ended next."""


def _closed_before(_maybe_sent: bool) -> ClientClosed:
    return ClientClosed("the session was closed before the call was sent")
