"""Which token the session uses, and how often it asks for another; on a clock moved by hand."""

from collections.abc import Callable

import pytest

from frontdesk.actions import UpdateSession
from frontdesk.auth import BearerToken, Token
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import AskToken, Ended, Lost, Open
from frontdesk.core.rtm.tokens import Tokens
from frontdesk.errors import RequestTimeout

from ._play import LOGIN, TOKEN, Play

SECOND, THIRD = BearerToken("dal:second"), BearerToken("dal:third")


def asks(steps: list[object]) -> int:
    return sum(isinstance(step, AskToken) for step in steps)


def login_after_a_loss(play: Play) -> str:
    """Lose the connection, come back, and return the token of the log-in."""
    play.session.closed()
    play.steps()
    play.wait(60)
    assert play.session.state is State.OPENING
    play.session.opened()
    login = play.step()
    play.response(login, LOGIN)
    return login["payload"]["token"]


def renewals(life: float, seconds: float, source: Callable[[int], Token]) -> Play:
    """Let a session run whose tokens live that long; the server takes each."""
    play = Play().ready(ends_in=life)
    until, count = play.now + seconds, 0
    play.session.tick()
    while (at := play.session.wakeup) <= until:
        for step in play.wait(max(0.0, at - play.now)):
            if isinstance(step, AskToken):
                count += 1
                play.session.token_given(source(count), ends_in=life)
        for step in play.steps():
            if isinstance(step, dict) and step["action"] == "update_session":
                play.response(step)
    return play


@pytest.mark.parametrize(
    ("life", "at_most"),
    [(-1, 30), (0, 30), (0.5, 300), (1, 300), (10, 38), (50, 8), (120, 4), (300, 2), (3600, 0)],
)
def test_tokens_are_renewed_at_a_share_of_their_life_with_a_least_pause(life: float, at_most: int):
    play = renewals(life, 300, lambda n: BearerToken(f"dal:{n}"))
    assert play.session.state is State.READY
    updates = [frame for frame in play.frames if frame["action"] == "update_session"]
    pause = 10 if life <= 0 else max(1.0, life * 0.8 if life < 300 else life - 60)
    assert len(updates) in (300 // pause, 300 // pause - 1)
    assert len(updates) <= at_most


def test_source_that_keeps_its_token_is_not_asked_in_a_row():
    play = renewals(30, 300, lambda _: TOKEN)
    assert asks(play.seen) <= 300 / 10
    assert [frame["action"] for frame in play.frames if frame["action"] != "ping"] == ["login"]


def test_source_that_extends_the_life_of_its_token_is_asked_again_before_its_new_end():
    play = Play(renew_before=60).ready(ends_in=600)
    play.wait(541)
    play.session.token_given(TOKEN, ends_in=3600)
    assert asks(play.wait(3539)) == 0
    assert asks(play.wait(2)) == 1


@pytest.mark.parametrize("life", [0.5, 50, 600])
def test_failing_source_is_asked_every_ten_seconds(life: float):
    play = Play().ready(ends_in=life)
    count = 0
    until = play.now + 1000
    while (at := play.session.wakeup) <= until:
        for step in play.wait(max(0.0, at - play.now)):
            if isinstance(step, AskToken):
                count += 1
                play.session.token_failed(LookupError("down"))
    assert 40 <= count <= 100
    assert play.session.state is State.READY


def test_new_token_counts_once_the_server_took_it():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_given(SECOND, ends_in=600)
    update = play.step()
    play.refuse(update, "internal")
    assert login_after_a_loss(play) == "Bearer dal:first"


def test_token_that_the_server_did_not_take_is_offered_again_without_asking():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_given(SECOND, ends_in=6000)
    play.refuse(play.step(), "internal")
    assert [s for s in play.wait(9.9) if not (isinstance(s, dict) and s["action"] == "ping")] == []
    steps = play.wait(0.2)
    [again] = [step for step in steps if isinstance(step, dict)]
    assert again["payload"] == {"token": "Bearer dal:second"}
    assert asks(steps) == 0
    play.response(again)
    assert login_after_a_loss(play) == "Bearer dal:second"


def test_token_that_the_server_refused_is_not_offered_again():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_given(SECOND, ends_in=6000)
    play.refuse(play.step(), "authentication")
    steps = play.wait(11)
    assert AskToken(TOKEN) in steps
    assert not any(isinstance(s, dict) and s["action"] == "update_session" for s in steps)


def test_update_that_the_connection_took_along_is_sent_again_after_the_log_in():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_given(SECOND, ends_in=6000)
    play.steps()
    assert login_after_a_loss(play) == "Bearer dal:first"
    update = play.step()
    assert update["payload"] == {"token": "Bearer dal:second"}
    play.response(update)
    assert login_after_a_loss(play) == "Bearer dal:second"
    assert asks(play.steps()) == 0


def test_token_not_taken_yet_replaces_an_expired_one_without_asking():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_given(SECOND, ends_in=6000)
    play.refuse(play.step(), "internal")
    play.dismiss("access_token_expired")
    assert asks(play.steps()) == 0
    play.session.opened()
    login = play.step()
    assert login["payload"]["token"] == "Bearer dal:second"
    play.response(login, LOGIN)
    assert login_after_a_loss(play) == "Bearer dal:second"


def test_login_refused_with_every_token_there_is_ends_the_session():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_given(SECOND, ends_in=6000)
    play.refuse(play.step(), "internal")
    play.dismiss("access_token_expired")
    play.steps()
    play.session.opened()
    play.refuse(play.step(), "authentication")
    play.wait(5)
    assert asks(play.seen) == 3  # the first one, the renewal, and the one now
    play.session.token_given(THIRD)
    play.step(Open)
    play.session.opened()
    play.refuse(play.step(), "authentication")
    assert play.ended is not None


def test_token_that_comes_while_the_connection_is_down_is_used_after_the_log_in():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.closed()
    play.steps()
    play.session.token_given(SECOND, ends_in=6000)
    play.wait(60)
    play.session.opened()
    play.response(play.step(), LOGIN)
    updates = [step for step in play.steps() if isinstance(step, dict)]
    assert [update["payload"] for update in updates] == [{"token": "Bearer dal:second"}]
    play.response(updates[0])
    assert asks(play.wait(5879)) == 0
    assert asks(play.wait(2)) == 1


def test_expired_token_is_not_sent_again():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.session.token_failed(LookupError("down"))
    play.session.closed()
    play.steps()
    play.now += 100
    play.session.tick()
    assert AskToken(TOKEN) in play.steps()
    assert play.give(SECOND)["payload"]["token"] == "Bearer dal:second"


def test_expired_token_is_sent_if_it_is_all_there_is():
    """The clock of this machine may be wrong."""
    play = Play()
    login = play.start(ends_in=-5)
    play.response(login, LOGIN)
    play.steps()
    play.session.closed()
    play.wait(60)
    assert play.session.state is State.TOKEN
    assert play.give(TOKEN, -5)["payload"]["token"] == "Bearer dal:first"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_newest_of_two_updates_wins_in_whichever_order_the_responses_come(order: tuple[int, int]):
    play = Play().ready(ends_in=600)
    play.session.token_given(SECOND, ends_in=620)
    play.session.token_given(THIRD, ends_in=6000)
    updates = play.steps()
    for number in order:
        play.response(updates[number])
    assert asks(play.wait(5900)) == 0
    assert asks(play.wait(100)) == 1
    play.session.token_failed(LookupError("down"))
    play.session.closed()
    play.steps()
    play.session.tick()
    assert play.session._tokens.in_use == THIRD


@pytest.mark.parametrize("users_first", [True, False])
def test_newest_update_wins_whether_it_is_the_users_or_the_sessions(users_first: bool):
    play = Play().ready(ends_in=600)

    def user() -> None:
        play.call(UpdateSession(token="Bearer dal:users"))

    def session() -> None:
        play.session.token_given(SECOND, ends_in=6000)

    for update in (user, session) if users_first else (session, user):
        update()
    for frame in reversed(play.steps()):
        play.response(frame)
    newest = "Bearer dal:second" if users_first else "Bearer dal:users"
    assert login_after_a_loss(play) == newest


def test_after_a_renewal_no_reconnect_asks_again():
    play = Play().ready()
    play.dismiss("access_token_expired")
    play.steps()
    play.response(play.give(SECOND), LOGIN)
    play.steps()
    for _ in range(5):
        assert login_after_a_loss(play) == "Bearer dal:second"
    assert asks(play.seen) == 2


def test_response_from_before_the_refusal_is_asked_for_again():
    play = Play().ready(ends_in=600)
    play.wait(541)
    play.dismiss("access_token_expired")
    assert asks(play.steps()) == 0  # the source is at work already
    play.session.token_given(TOKEN, ends_in=50)
    assert AskToken(TOKEN) in play.steps()
    assert play.give(SECOND)["payload"]["token"] == "Bearer dal:second"


def test_source_that_returns_nothing_is_not_waited_for_for_ever():
    play = Play(token_timeout=8)
    play.session.start()
    assert play.steps() == [AskToken()]
    assert play.wait(7.9) == []
    play.wait(0.2)
    assert isinstance(play.ended, RequestTimeout)
    assert "token function" in str(play.ended)


def test_source_that_returns_nothing_later_is_asked_again_after_a_pause():
    play = Play(token_timeout=8).ready()
    play.dismiss("access_token_expired")
    play.steps()
    steps = play.wait(8.1)
    assert any(isinstance(step, Lost) for step in steps)
    assert not any(isinstance(step, Ended) for step in steps)
    assert asks(play.wait(8)) == 1
    assert play.give(SECOND)["payload"]["token"] == "Bearer dal:second"


def test_token_that_comes_too_late_is_used_all_the_same():
    play = Play(token_timeout=8).ready()
    play.dismiss("access_token_expired")
    play.wait(8.1)
    play.session.token_given(SECOND)
    play.wait(8)
    assert play.session.state is State.OPENING
    play.session.opened()
    assert play.step()["payload"]["token"] == "Bearer dal:second"


def test_token_after_the_end_changes_nothing():
    play = Play().ready()
    play.session.close()
    play.wait(10)
    play.steps()
    play.session.token_given(SECOND)
    play.session.token_failed(LookupError("late"))
    assert play.session.state is State.CLOSED
    assert play.steps() == []


# The arithmetic of renewals, without a session around it


def tokens_with(life: float | None, renew_before: float = 60.0) -> Tokens:
    """The tokens of a session that logged in at 1000 with a token of that life."""
    tokens = Tokens(renew_before)
    assert tokens.ask() is None
    assert tokens.give(TOKEN, life, 1000.0)
    assert tokens.try_next() == TOKEN
    tokens.took(TOKEN, 1, 1000.0)
    return tokens


@pytest.mark.parametrize(
    ("life", "renewed_after"),
    [
        (3600, 3540), (600, 540), (300, 240), (299, 239.2), (100, 80), (10, 8), (1.25, 1),
        (0.5, 1), (0, 10), (-5, 10), (None, float("inf")),
    ],
)  # fmt: skip
def test_when_a_token_is_renewed(life: float | None, renewed_after: float):
    assert tokens_with(life).renew_at == pytest.approx(1000 + renewed_after)


@pytest.mark.parametrize(
    ("life", "renewed_after"), [(59, 10), (60, 10), (61, 48.8), (600, 540), (None, float("inf"))]
)
def test_when_a_token_that_came_again_is_renewed(life: float | None, renewed_after: float):
    tokens = tokens_with(600)
    assert tokens.ask() == TOKEN
    assert not tokens.give(TOKEN, life, 2000.0)
    assert tokens.renew_at == pytest.approx(2000 + renewed_after)
    assert tokens.next is None


def test_tokens_begin_with_none():
    tokens = Tokens(60.0)
    assert (tokens.renew_at, tokens.asked) == (float("inf"), False)
    assert (tokens.refused, tokens.next, tokens.for_login(0.0)) == (None, None, None)


def test_source_at_work_is_not_asked_again():
    tokens = tokens_with(600)
    assert (tokens.asked, tokens.refused) == (False, None)
    tokens.ask()
    assert (tokens.asked, tokens.renew_at) == (True, float("inf"))
    tokens.give(SECOND, 600, 1541.0)
    assert not tokens.asked
    assert tokens.next == SECOND


def test_next_token_is_offered_while_it_lives():
    tokens = tokens_with(600)
    tokens.ask()
    tokens.give(SECOND, 100, 1541.0)
    assert tokens.offer(1640.9) == SECOND
    assert tokens.renew_at == float("inf")
    assert tokens.offer(1641.0) is None


@pytest.mark.parametrize("refused", [True, False])
def test_token_not_taken_is_kept_unless_it_was_refused(refused: bool):
    tokens = tokens_with(600)
    tokens.ask()
    tokens.give(SECOND, 6000, 1541.0)
    tokens.not_taken(SECOND, 1542.0, refused=refused)
    assert tokens.renew_at == 1552.0
    assert tokens.next == (None if refused else SECOND)
    assert tokens.for_login(1543.0) == TOKEN


def test_refusal_of_an_older_token_leaves_the_next_one():
    tokens = tokens_with(600)
    tokens.ask()
    tokens.give(THIRD, 6000, 1541.0)
    tokens.not_taken(SECOND, 1542.0, refused=True)
    assert tokens.next == THIRD


@pytest.mark.parametrize(("now", "token"), [(1599.9, TOKEN), (1600.0, SECOND), (1650.0, None)])
def test_token_of_a_log_in_is_the_present_one_until_it_ends(now: float, token: Token | None):
    tokens = tokens_with(600)
    tokens.ask()
    tokens.give(SECOND, 100, 1550.0)
    assert tokens.for_login(now) == token
    assert tokens.in_use == (token or TOKEN)


def test_token_that_the_server_took_is_the_present_one():
    tokens = tokens_with(600)
    tokens.ask()
    tokens.give(SECOND, 600, 1500.0)
    tokens.took(SECOND, 2, 1501.0)
    assert tokens.next is None
    assert tokens.in_use == SECOND
    assert tokens.renew_at == 2040.0
    tokens.took(TOKEN, 1, 1502.0)
    assert tokens.in_use == SECOND
    tokens.took(BearerToken("dal:users"), 3, 1503.0)
    assert tokens.in_use.authorization == "Bearer dal:users"
    assert tokens.renew_at == float("inf")


def test_token_taken_of_the_same_request_counts():
    tokens = tokens_with(600)
    tokens.took(SECOND, 1, 1001.0)
    assert tokens.in_use == SECOND


def test_refusal_forgets_the_token_in_use_and_keeps_the_other():
    tokens = tokens_with(600)
    tokens.ask()
    tokens.give(SECOND, 600, 1100.0)
    assert tokens.refuse(1101.0)
    assert tokens.refused == TOKEN
    assert tokens.in_use == SECOND
    assert not tokens.refuse(1102.0)
    assert tokens.refused == SECOND
    assert tokens.next is None
    assert tokens.for_login(1103.0) is None
    assert tokens.ask() == SECOND
    assert tokens.give(THIRD, None, 1104.0)
    assert tokens.try_next() == THIRD
    assert tokens.refused is None


def test_source_that_was_asked_before_the_refusal_may_not_know_of_it():
    tokens = tokens_with(600)
    tokens.ask()
    tokens.refuse(1541.0)
    assert tokens.is_stale(TOKEN)
    assert not tokens.is_stale(SECOND)
    assert tokens.ask() == TOKEN
    assert not tokens.is_stale(TOKEN)
