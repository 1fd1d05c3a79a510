"""How often a session comes back: bounded, whatever the server says before it ends it."""

import pytest

from frontdesk.auth import BearerToken
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import AskToken, Backoff, Lost, Open

from ._play import LOGIN, Play

PUSH = {"type": "push", "action": "incoming_event", "payload": {}}


class Fickle:
    """A server that ends each session ``lasts`` seconds after the log-in."""

    def __init__(self, *, how: str, lasts: float, says: bool, backoff: Backoff) -> None:
        self.how, self.lasts, self.says = how, lasts, says
        self.play = Play(backoff=backoff)
        self.logins = self.tokens = 0
        self.pauses: list[float] = []
        self.regions = 0

    def run(self, seconds: float) -> None:
        play = self.play
        until = play.now + seconds
        play.session.start()
        while play.now < until:
            for step in play.steps():
                match step:
                    case AskToken():
                        self.tokens += 1
                        play.session.token_given(BearerToken(f"dal:{self.tokens}"))
                    case Open():
                        play.session.opened()
                    case Lost(retry_in=pause):
                        self.pauses.append(pause)
                    case {"action": "login"}:
                        self.logins += 1
                        play.response(step, LOGIN)
                        self._end_soon(until)
                    case _:
                        pass
            if not play.session.steps:
                play.now = max(play.now, min(until, play.session.wakeup))
                play.session.tick()

    def _end_soon(self, until: float) -> None:
        play = self.play
        if self.says:
            play.receive(**PUSH)
            call = play.call(_read())
            play.response({"request_id": str(call.number), "action": "x"}, {"id": "c", "type": "c"})
        play.now = min(until, play.now + self.lasts)
        match self.how:
            case "cut":
                play.session.closed("reset")
            case "region":
                self.regions += 1
                play.dismiss("misdirected_connection", region=f"r{self.regions}")
            case reason:
                play.dismiss(reason)


def _read():
    from frontdesk.actions import GetCustomer

    return GetCustomer(id="c")


@pytest.mark.parametrize("says", [True, False])
@pytest.mark.parametrize("how", ["cut", "internal_error", "access_token_expired", "region"])
def test_server_that_ends_each_session_at_once_gets_few_log_ins(how: str, says: bool):
    server = Fickle(how=how, lasts=0.005, says=says, backoff=Backoff())
    server.run(5)
    assert 2 <= server.logins <= 15
    assert server.tokens <= server.logins
    server = Fickle(how=how, lasts=0.005, says=says, backoff=Backoff())
    server.run(3600)
    # The pauses are 15 s on average once their ceiling is reached.
    assert 120 <= server.logins <= 480


@pytest.mark.parametrize("says", [True, False])
@pytest.mark.parametrize("lasts", [0, 1, 4.9])
def test_pause_grows_to_its_ceiling_though_each_session_brought_something(says: bool, lasts: float):
    backoff = Backoff(first_pause=1.0, longest_pause=64.0, stable_after=5.0)
    server = Fickle(how="cut", lasts=lasts, says=says, backoff=backoff)
    server.run(3600)
    assert all(p <= c for p, c in zip(server.pauses, [1, 2, 4, 8, 16, 32, 64], strict=False))
    assert max(server.pauses) > 32


@pytest.mark.parametrize("how", ["cut", "access_token_expired"])
def test_session_that_lasted_begins_anew(how: str):
    backoff = Backoff(first_pause=1.0, longest_pause=64.0, stable_after=5.0)
    server = Fickle(how=how, lasts=5, says=False, backoff=backoff)
    server.run(3600)
    assert max(server.pauses) <= 1.0
    assert server.logins <= 3600 / 5 + 1
    assert server.play.session.state is not State.CLOSED
