"""Whatever comes in and whatever happens: nothing escapes, no call hangs, memory is bounded."""

import json
import random
import tracemalloc
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from frontdesk.actions import GetCustomer, ListChats, SendEvent
from frontdesk.auth import BearerToken
from frontdesk.core.retry import Retry
from frontdesk.core.rtm.reasons import VERDICTS
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import AskToken, Cut, Ended, Open, Ready
from frontdesk.core.rtm.subscriptions import Hub
from frontdesk.errors import ClientClosed, ConnectError, ConnectionClosed
from frontdesk.models import Message

from ...documented import own_samples
from ._play import LOGIN, TOKEN, Play

PAYLOADS = {path.name.split(".")[0]: json.loads(path.read_text()) for path in own_samples("pushes")}
ACTIONS = [
    SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi")),
    GetCustomer(id="b7eff798"),
    ListChats(),
]
ODD = [
    b"", b"{", b"[]", b"null", b'"text"', b"17", b"1e999", b"\xff\xfe\x00", b"[" * 30_000,
    b'{"type":"push","action":"incoming_event","payload":' + b"[" * 30_000,
    b'{"type":"response","payload":{"a":' * 2000, "\u0000é".encode(), b'{"type":"response"}',
    b'{"type":"push"}', b'{"type":"push","action":"agent_disconnected"}',
    b'{"type":"response","request_id":"1","success":"yes"}', b" " * 10_000,
]  # fmt: skip
FREQUENT_REASONS = ["internal_error", "connection_timeout", "role_permissions_changed", "brand_new"]


class Storm:
    """Random frames and events into one session; the server is whoever sends the frames."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.play = Play(retry=Retry(attempts=2, first_pause=0.5), timeout=20.0)
        self.hub = Hub(self.play.session._log)
        self.hub.recovery = Recovery(memory=500, hold=200)
        self.box = self.hub.subscribe((), 100, lambda: None)
        self.calls: list[RTMCall] = []
        self.responded = Counter[str]()
        self.pending: list[dict[str, Any]] = []
        self.play.session.start()

    def frame(self) -> bytes:
        rng = self.rng
        kind = rng.random()
        if kind < 0.35 and self.pending:
            data = self.response(self.pending.pop(rng.randrange(len(self.pending))))
        elif kind < 0.75:
            name = rng.choice(list(PAYLOADS))
            payload = PAYLOADS[name]
            if name == "agent_disconnected":
                payload = {"reason": rng.choice(FREQUENT_REASONS)}
            frame = {"type": "push", "version": "3.6", "action": name, "payload": payload}
            if rng.random() < 0.1:
                frame["request_id"] = str(rng.randrange(50))
            data = json.dumps(frame).encode()
        elif kind < 0.85:
            return rng.choice(ODD)
        elif kind < 0.9:
            return rng.randbytes(rng.randrange(200))
        else:
            data = self.response({"request_id": str(rng.randrange(10**6)), "action": "x"})
        return self.mutated(data) if rng.random() < 0.3 else data

    def response(self, request: dict[str, Any]) -> bytes:
        responses: dict[str, Any] = {
            "login": LOGIN,
            "send_event": {"event_id": "1"},
            "get_customer": {"id": "b7eff798", "type": "customer"},
            "list_chats": {"chats_summary": [], "found_chats": 0},
        }
        frame = {
            "type": "response",
            "request_id": request["request_id"],
            "action": request["action"],
            "success": True,
            "payload": responses.get(request["action"], {}),
        }
        if self.rng.random() < 0.2:
            frame["success"] = False
            kinds = ["internal", "too_many_requests", "validation", "authentication", "new", 17]
            frame["payload"] = {"error": {"type": self.rng.choice(kinds), "message": "m"}}
        return json.dumps(frame).encode()

    def mutated(self, data: bytes) -> bytes:
        rng, out = self.rng, bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(out) or 1)
            match rng.randrange(4):
                case 0:
                    out[at : at + 1] = rng.randbytes(1)
                case 1:
                    del out[at : at + rng.randrange(1, 30)]
                case 2:
                    out[at:at] = rng.choice([b"{", b"}", b'"', b"null", b"[", b",", b"\x00"])
                case _:
                    del out[rng.randrange(len(out) or 1) :]
        return bytes(out)

    def step(self) -> None:
        play, session, rng = self.play, self.play.session, self.rng
        if session.state is State.CLOSED:
            self.restart()
            return
        happening = rng.random()
        if happening < 0.8:
            frame = session.receive(self.frame())
            if frame is not None:
                self.hub.publish(frame)
        elif happening < 0.9:
            try:
                self.calls.append(play.call(rng.choice(ACTIONS), timeout=rng.uniform(1, 30)))
            except (ClientClosed, ConnectionClosed):
                assert session.state in (State.LEAVING, State.CLOSED, State.IDLE)
        elif happening < 0.95:
            play.now += rng.expovariate(0.5)
            session.tick()
        elif happening < 0.96:
            session.closed("storm")
        elif happening < 0.962:
            session.close()
        elif self.calls:
            session.abandon(rng.choice(self.calls))
        self.carry_out()

    def carry_out(self) -> None:
        session = self.play.session
        for step in self.play.steps():
            if isinstance(step, dict):
                self.pending.append(step)
                del self.pending[:-100]
            elif isinstance(step, AskToken):
                session.token_given(BearerToken(f"dal:{self.rng.random()}"))
            elif isinstance(step, Open):
                self.pending.clear()
                if self.rng.random() < 0.8:
                    session.opened()
                else:
                    session.open_failed(ConnectError("storm"))
        self.play.seen.clear()
        self.play.frames.clear()
        while self.box.take() is not None:
            pass
        self.calls = [call for call in self.calls if not call.done][-1000:]
        if session.steps:
            self.carry_out()

    def restart(self) -> None:
        assert all(call.done for call in self.calls)
        fresh = Play(retry=self.play.retry, timeout=20.0)
        fresh.now = self.play.now
        self.play = fresh
        self.hub.recovery = Recovery(memory=500, hold=200)
        fresh.session.start()
        self.carry_out()

    def settle(self) -> None:
        """The server falls silent: every call must end by itself."""
        self.carry_out()
        for _ in range(400):
            self.play.now += 1.0
            if self.play.session.wakeup <= self.play.now:
                self.play.session.tick()
            self.play.steps()
        assert [call for call in self.calls if not call.done] == []


@pytest.mark.parametrize("seed", range(4))
def test_storm(seed: int, caplog: pytest.LogCaptureFixture):
    caplog.set_level("CRITICAL")
    storm = Storm(seed)
    for _ in range(2500):
        storm.step()
    storm.settle()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_storm_of_a_million_frames(caplog: pytest.LogCaptureFixture):
    caplog.set_level("CRITICAL")
    storm = Storm(17)
    for _ in range(100_000):
        storm.step()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(1_200_000):
        storm.step()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    storm.settle()
    assert grown < 2_000_000


class CountingCall(RTMCall, eq=False):
    """Counts how often it is told to be over."""

    finished: int = 0

    def finish(self) -> None:
        self.finished += 1


class Machine(RuleBasedStateMachine):
    """A server that mostly behaves, an unreliable network, an impatient user."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play(retry=Retry(attempts=3, first_pause=1.0), timeout=20.0)
        self.calls: list[CountingCall] = []
        self.unanswered: dict[str, tuple[float, dict[str, Any]]] = {}
        self.tokens = 0

    @initialize()
    def begin(self) -> None:
        self.play.session.start()
        self.look()

    def look(self) -> None:
        """See what the session asks for, as a driver does."""
        session = self.play.session
        for step in self.play.steps():
            if isinstance(step, dict):
                if step["action"] == "ping":
                    self.play.response(step)
                else:
                    self.unanswered[step["request_id"]] = (self.play.now, step)
            elif isinstance(step, AskToken):
                self.tokens += 1
                session.token_given(BearerToken(f"dal:{self.tokens}"))
            elif isinstance(step, (Open, Cut, Ended)):
                self.unanswered.clear()
            elif isinstance(step, Ready):
                assert session.state is State.READY
        if session.steps:
            self.look()

    @property
    def state(self) -> State:
        return self.play.session.state

    @precondition(lambda self: self.state is State.OPENING)
    @rule(works=st.booleans())
    def connect(self, works: bool) -> None:
        if works:
            self.play.session.opened()
        else:
            self.play.session.open_failed(ConnectError("no"))
        self.look()

    @rule(action=st.sampled_from(ACTIONS), timeout=st.floats(1, 40), lane=st.integers(0, 2))
    def call(self, action: Any, timeout: float, lane: int) -> None:
        call = CountingCall(
            action, action.spec, b"{}", self.play.now, timeout, self.play.now + timeout,
            self.play.retry, self.play.meter, lane,
        )  # fmt: skip
        try:
            self.play.session.submit(call)
        except (ClientClosed, ConnectionClosed):
            assert self.state in (State.LEAVING, State.CLOSED)
        else:
            self.calls.append(call)
        self.look()

    @precondition(lambda self: self.unanswered)
    @rule(data=st.data(), how=st.sampled_from(["well", "well", "well", "not done", "fault", "odd"]))
    def response(self, data: st.DataObject, how: str) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.unanswered)))
        _, request = self.unanswered.pop(request_id)
        responses = {
            "login": LOGIN,
            "send_event": {"event_id": "1"},
            "get_customer": {"id": "b7eff798", "type": "customer"},
            "list_chats": {"chats_summary": [], "found_chats": 0},
        }
        match how:
            case "well":
                self.play.response(request, responses.get(request["action"], {}))
            case "not done":
                self.play.refuse(request, "too_many_requests")
            case "fault":
                self.play.refuse(request, "internal")
            case _:
                self.play.response(request, [17])
        self.look()

    @rule(seconds=st.floats(0.1, 20))
    def time_passes(self, seconds: float) -> None:
        until = self.play.now + seconds
        while self.play.session.wakeup <= until:
            self.play.now = max(self.play.now, self.play.session.wakeup)
            self.play.session.tick()
            self.look()
        self.play.now = until

    @precondition(lambda self: self.state in (State.LOGIN, State.READY))
    @rule()
    def network_fails(self) -> None:
        self.unanswered.clear()
        self.play.session.closed("gone")
        self.look()

    @precondition(lambda self: self.state is State.READY)
    @rule(reason=st.sampled_from(sorted(VERDICTS)), region=st.sampled_from([None, "fra"]))
    def server_dismisses(self, reason: str, region: str | None) -> None:
        self.play.dismiss(reason, **({"region": region} if region else {}))
        self.look()

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def user_gives_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls))
        if not call.done:
            self.play.session.abandon(call)
            self.calls.remove(call)

    @rule()
    def user_closes(self) -> None:
        self.play.session.close()
        self.look()

    @invariant()
    def at_most_ten_on_the_wire(self) -> None:
        recent = [at for at, _ in self.unanswered.values() if at > self.play.now - 15]
        assert len(recent) <= 10

    @invariant()
    def calls_end_once(self) -> None:
        assert all(call.finished == call.done for call in self.calls)

    @invariant()
    def calls_end_in_time(self) -> None:
        assert all(call.done or call.deadline >= self.play.now for call in self.calls)

    @invariant()
    def nothing_is_left_undone(self) -> None:
        assert not self.play.session.steps

    def teardown(self) -> None:
        self.unanswered.clear()
        for _ in range(20):
            self.time_passes(20)
        assert all(call.done for call in self.calls)
        assert all(call.finished == 1 for call in self.calls)


Machine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestMachine = Machine.TestCase


def test_token_is_in_no_picture_of_the_session():
    play = Play()
    play.start()
    play.steps()
    assert "login" in repr(play.session._window._pending)
    for thing in (play.session.__dict__, play.session._window.__dict__, TOKEN):
        assert "dal:first" not in repr(thing)
