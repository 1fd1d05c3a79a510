"""A session on a clock that the test moves, with the server played by the test."""

import json
import random
from typing import Any

from frontdesk.actions import Action
from frontdesk.auth import BearerToken, Token
from frontdesk.codec.damage import DamageReports
from frontdesk.codec.decoding import encode
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.session import Session, State
from frontdesk.core.rtm.settings import (
    AskToken,
    Backoff,
    Cut,
    Ended,
    Open,
    Ping,
    Ready,
    SessionContext,
    SessionSettings,
)

LOGIN = {
    "license": {"id": "104130623", "organization_id": "org-1"},
    "my_profile": {
        "id": "smith@example.com",
        "type": "agent",
        "name": "Agent Smith",
        "email": "smith@example.com",
    },
    "chats_summary": [],
}
TOKEN = BearerToken("dal:first")


class Play:
    """``step`` looks at what the session asks for; ``response`` speaks for the server."""

    def __init__(
        self,
        *,
        retry: Retry | None = None,
        budget: int | None = None,
        region: str | None = None,
        again: bool = False,
        reports: DamageReports | None = None,
        **settings: Any,
    ):
        self.now = 1000.0
        self.meter = Meter(budget)
        self.retry = retry or Retry(attempts=1)
        side = settings.pop("side", None)
        settings.setdefault("backoff", Backoff(first_pause=1.0, longest_pause=8.0))
        self.session = Session(
            SessionSettings(**settings),
            SessionContext(
                clock=lambda: self.now,
                rng=random.Random(1),
                retry=self.retry,
                meter=self.meter,
                reports=reports,
                side=side,
            ),
            region=region,
            again=again,
        )
        self.seen: list[Any] = []
        self.frames: list[dict[str, Any]] = []
        self.times: list[float] = []
        """When each of the frames was asked for."""

    def steps(self) -> list[Any]:
        """Everything asked for since the last look; frames are decoded."""
        fresh: list[Any] = []
        while self.session.steps:
            step = self.session.steps.popleft()
            if isinstance(step, bytes):
                step = json.loads(step)
                self.frames.append(step)
                self.times.append(self.now)
            fresh.append(step)
        self.seen += fresh
        return fresh

    def step(self, kind: type[Any] = dict) -> Any:
        """The one step of this kind asked for since the last look."""
        fresh = self.steps()
        [wanted] = [step for step in fresh if isinstance(step, kind)]
        return wanted

    def wait(self, seconds: float, *, pong: bool = True) -> list[Any]:
        """Let time pass; tick whenever the session wants it, and response its pings."""
        until = self.now + seconds
        steps: list[Any] = []
        while self.session.wakeup <= until:
            self.now = max(self.now, self.session.wakeup)
            self.session.tick()
            fresh = self.steps()
            steps += fresh
            if pong and any(isinstance(s, dict) and s["action"] == "ping" for s in fresh):
                self.receive(request_id="ping", action="ping", type="response", success=True)
            if pong and Ping() in fresh:
                self.session.heard()
        self.now = until
        return steps

    def receive(self, **frame: Any) -> Any:
        return self.session.receive(json.dumps(frame).encode())

    def response(self, request: dict[str, Any], payload: Any = None, **more: Any) -> None:
        """Response a request well."""
        frame = {
            "request_id": request["request_id"],
            "action": request["action"],
            "type": "response",
            "success": True,
            "payload": {} if payload is None else payload,
        }
        self.receive(**{**frame, **more})

    def refuse(self, request: dict[str, Any], type: str, message: str = "", data: Any = None):
        error = {"type": type, "message": message}
        if data is not None:
            error["data"] = data
        self.response(request, {"error": error}, success=False)

    def dismiss(self, reason: str, **data: Any) -> None:
        payload: dict[str, Any] = {"reason": reason}
        if data:
            payload["data"] = data
        self.receive(version="3.6", action="agent_disconnected", type="push", payload=payload)

    def start(self, token: Token = TOKEN, ends_in: float | None = None) -> dict[str, Any]:
        """Go on to the log-in, and return its frame."""
        self.session.start()
        self.step(AskToken)
        return self.give(token, ends_in)

    def give(self, token: Token, ends_in: float | None = None) -> dict[str, Any]:
        self.session.token_given(token, ends_in)
        return self.open()

    def open(self) -> dict[str, Any]:
        self.step(Open)
        self.session.opened()
        login = self.step()
        assert login["action"] == "login"
        return login

    def ready(self, **options: Any) -> "Play":
        """Log in."""
        self.response(self.start(**options), LOGIN)
        assert self.session.state is State.READY
        self.steps()
        return self

    def back(self) -> Ready:
        """Log in again after a loss."""
        self.wait(60)
        assert self.session.state is State.OPENING
        self.session.opened()
        self.response(self.step(), LOGIN)
        return self.step(Ready)

    def call(self, action: Action[Any], timeout: float = 20.0, **more: Any) -> RTMCall:
        call = RTMCall(
            action=action,
            spec=action.spec,
            payload=encode(action),
            started=self.now,
            timeout=timeout,
            deadline=self.now + timeout,
            retry=more.pop("retry", self.retry),
            meter=self.meter,
            **more,
        )
        self.session.submit(call)
        return call

    @property
    def ended(self) -> Exception | None:
        """The error that ended the session; fails if it has not ended, or more than once."""
        self.steps()
        [end] = [step for step in self.seen if isinstance(step, Ended)]
        return end.error

    def cuts(self) -> list[Cut]:
        return [step for step in self.seen if isinstance(step, Cut)]
