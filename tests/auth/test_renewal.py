"""Tokens that renew themselves: when, by which clock, and what the store has to do with it."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from frontdesk import errors
from frontdesk.auth import BearerToken, MemoryTokenStore, Token, TokenGrant
from frontdesk.auth.renewal import margin_of
from frontdesk.core.http_messages import Reply

from ._accounts import ONLY_FAKE, Desk
from ._sources import Times, stored, timed


def test_a_token_is_renewed_before_it_ends(desk: Desk, accounts: Any, times: Times) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = timed(oauth.token_source(store, renew_before=300), times)
    first = desk.token(source)
    assert first.renew_at == pytest.approx(times.clock() + 28_800 - 300, abs=2)
    times.passed = 28_480
    assert desk.token(source) == first
    times.passed = 28_520
    second = desk.token(source)
    assert second != first
    assert accounts.refreshes == 1
    assert stored(store).access_token == second.authorization.removeprefix("Bearer ")
    assert stored(store).generation == 2


def test_the_margin_is_a_fifth_of_a_short_life() -> None:
    assert margin_of(28_800, 300) == 300
    assert margin_of(100, 300) == 20


def test_a_refused_token_is_renewed_at_once(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    source = oauth.token_source(desk.log_in(oauth))
    first = desk.token(source)
    second = desk.token(source, first)
    assert second != first
    # Whoever was refused the old one later gets the new one, without another request.
    assert desk.token(source, first) == second
    assert accounts.refreshes == 1


def test_the_region_and_the_end_are_those_of_the_grant(desk: Desk) -> None:
    oauth = desk.oauth()
    token = desk.token(oauth.token_source(desk.log_in(oauth)))
    assert token.region == "dal"
    assert abs(token.expires_at - datetime.now(UTC) - timedelta(hours=8)) < timedelta(minutes=1)


def test_without_a_grant_the_user_has_to_log_in(desk: Desk) -> None:
    source = desk.oauth().token_source(MemoryTokenStore(), key="org-1")
    with pytest.raises(errors.LoginRequired, match="no token is stored under 'org-1'") as caught:
        desk.token(source)
    assert "Log in again" in str(caught.value)


def test_the_grant_of_another_app_is_not_renewed(desk: Desk) -> None:
    store = MemoryTokenStore()
    desk.log_in(desk.oauth("app-secret"), store=store)
    source = desk.oauth("app-public").token_source(store)
    for refused in (None, BearerToken(stored(store).access_token)):
        with pytest.raises(errors.InvalidArgument, match="another client id"):
            desk.token(source, refused)


def test_a_refused_refresh_is_not_asked_for_again(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    store = MemoryTokenStore()
    grant = desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    token = desk.token(source)
    desk.run(oauth.revoke(grant))
    for _ in range(2):
        with pytest.raises(errors.LoginRequired) as caught:
            desk.token(source, token)
    assert type(caught.value) is errors.InvalidGrant
    accounts.script = [errors.ConnectError("not to be reached")]
    with pytest.raises(errors.LoginRequired):
        desk.token(source, token)
    assert len(accounts.script) == 1
    accounts.script = []
    desk.log_in(oauth, store=store)
    assert desk.token(source, token) != token


def test_a_grant_without_a_refresh_token_ends(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    grant = msgspec.structs.replace(desk.log_in(oauth), refresh_token=None)
    source = oauth.token_source(grant)
    with pytest.raises(errors.LoginRequired, match="without a refresh token"):
        desk.token(source, desk.token(source))


# What fails while the token is still good


@pytest.mark.parametrize(
    "failure",
    [errors.RequestTimeout("slow"), Reply(500, {}, b'{"error": "server_error"}'),
     Reply(403, {}, b'{"error": "invalid_grant"}'), Reply(502, {}, b"<html>")],
)  # fmt: skip
def test_a_token_that_cannot_be_renewed_is_used_to_its_end(
    desk: Desk, accounts: Any, times: Times, failure: Any, caplog: Any
) -> None:
    oauth = desk.oauth(retry=1)
    source = timed(oauth.token_source(desk.log_in(oauth)), times)
    first = desk.token(source)
    times.passed = 28_600
    accounts.script = [failure]
    with caplog.at_level(logging.WARNING, "frontdesk"):
        assert desk.token(source) == first
    assert "could not be renewed" in caplog.text
    assert desk.token(source) == first  # nothing is sent for a while
    assert accounts.script == []
    if not (isinstance(failure, Reply) and b"invalid_grant" in failure.body):
        times.passed += 11
        assert desk.token(source) != first


def test_after_the_end_the_failure_is_raised(desk: Desk, accounts: Any, times: Times) -> None:
    oauth = desk.oauth(retry=1)
    source = timed(oauth.token_source(desk.log_in(oauth)), times)
    desk.token(source)
    times.passed = 28_801
    accounts.script = [errors.RequestTimeout("slow")]
    with pytest.raises(errors.RequestTimeout):
        desk.token(source)
    assert desk.token(source)


# Clocks


@pytest.mark.parametrize("hours", [-30, -9, 9, 30])
def test_a_wrong_clock_costs_one_refresh_at_most(
    desk: Desk, accounts: Any, times: Times, hours: int
) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    times.jumped = timedelta(hours=hours)
    for _ in range(3):
        token = desk.token(timed(oauth.token_source(store), times))
        assert accounts.accepts(token.authorization)
    last = timed(oauth.token_source(store), times)
    before = accounts.refreshes
    for _ in range(5):
        token = desk.token(last)
        assert accounts.accepts(token.authorization)
    assert accounts.refreshes <= before + 1
    # An RTM session asks for the next one when this clock says so.
    assert timedelta(hours=7) < token.expires_at - times.now() <= timedelta(hours=8, minutes=1)


def test_setting_the_clock_changes_nothing(desk: Desk, accounts: Any, times: Times) -> None:
    oauth = desk.oauth()
    source = timed(oauth.token_source(desk.log_in(oauth)), times)
    first = desk.token(source)
    times.jumped = timedelta(days=365)
    source._present = None
    assert desk.token(source) == first
    assert accounts.refreshes == 0


@ONLY_FAKE
def test_the_time_of_the_server_counts_for_what_it_issued(
    desk: Desk, accounts: Any, times: Times
) -> None:
    accounts.ahead = timedelta(days=3)
    oauth = desk.oauth()
    store = MemoryTokenStore()
    desk.log_in(oauth, store=store)
    assert stored(store).issued_at > datetime.now(UTC) + timedelta(days=2)
    source = timed(oauth.token_source(store), times)
    desk.token(source)
    times.passed = 28_801
    desk.token(source)
    assert accounts.refreshes == 1


@ONLY_FAKE
def test_a_life_of_no_length_does_not_spin(desk: Desk, accounts: Any) -> None:
    accounts.life = 0
    oauth = desk.oauth()
    source = oauth.token_source(desk.log_in(oauth))
    token = desk.token(source)
    assert isinstance(token, Token)


# The store


class Failing(MemoryTokenStore):
    """A store that fails, or is changed by others, at a given call."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: dict[str, Exception] = {}
        self.interference: Any = None
        self.order: list[str] = []

    def _do(self, name: str) -> None:
        self.order.append(name)
        if name in self.fails:
            raise self.fails.pop(name)

    def replace(self, key: str, grant: TokenGrant, expected: TokenGrant | None) -> bool:
        self._do("replace")
        if self.interference is not None:
            interference, self.interference = self.interference, None
            interference()
        return super().replace(key, grant, expected)

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        taken = super().acquire(key, owner, seconds)
        self._do("acquire")
        return taken

    def release(self, key: str, owner: str) -> None:
        super().release(key, owner)
        self._do("release")


def test_a_token_is_stored_before_anybody_has_it(desk: Desk, accounts: Any) -> None:
    store = Failing()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    first = desk.token(source)
    store.order.clear()
    store.fails["replace"] = errors.TokenStoreUnavailable("the disk is full")
    with pytest.raises(errors.TokenStoreUnavailable):
        desk.token(source, first)
    assert store.order == ["acquire", "replace", "release"]
    # The refresh token is spent, and what came for it is not lost.
    second = desk.token(source, first)
    assert accounts.refreshes == 1
    assert stored(store).access_token == second.authorization.removeprefix("Bearer ")


@pytest.mark.parametrize("step", ["acquire", "release"])
def test_the_lease_is_free_after_a_failure(desk: Desk, accounts: Any, step: str) -> None:
    store = Failing()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    first = desk.token(source)
    store.fails[step] = errors.TokenStoreUnavailable("gone")
    if step == "acquire":
        with pytest.raises(errors.TokenStoreUnavailable):
            desk.token(source, first)
    assert desk.token(source, first) != first
    assert store.acquire("default", "another", 1) is True


def test_a_log_in_in_the_middle_of_a_refresh_wins(desk: Desk, accounts: Any) -> None:
    store = Failing()
    oauth = desk.oauth("app-secret")
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    first = desk.token(source)
    other = Desk("sync", accounts)
    store.interference = lambda: other.log_in(other.oauth("app-secret"), store=store)
    token = desk.token(source, first)
    assert stored(store).access_token == token.authorization.removeprefix("Bearer ")
    assert stored(store).generation == 2
    assert accounts.calls[-1] == "authorization_code"
    other.close()


def test_a_log_out_in_the_middle_of_a_refresh_wins(desk: Desk, accounts: Any) -> None:
    store = Failing()
    oauth = desk.oauth("app-secret")
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    first = desk.token(source)
    store.interference = lambda: store.delete("default")
    with pytest.raises(errors.LoginRequired):
        desk.token(source, first)
    assert store.load("default") is None


def test_a_refresher_that_was_overtaken_takes_what_was_stored(desk: Desk, accounts: Any) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    first = desk.token(source)
    faster = Desk("sync", accounts)

    def overtake() -> None:
        grant = stored(store)
        store.replace("default", faster.oauth().refresh(grant), grant)

    accounts.script = [overtake]
    token = desk.token(source, first)
    assert token.authorization == f"Bearer {stored(store).access_token}"
    assert accounts.refreshes == 1
    faster.close()


def test_while_another_renews_the_present_token_serves(
    desk: Desk, accounts: Any, times: Times
) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = timed(oauth.token_source(store), times)
    first = desk.token(source)
    times.passed = 28_600
    assert store.acquire("default", "another process", 60)
    assert desk.token(source) == first
    store.release("default", "another process")
    times.passed += 2
    assert desk.token(source) != first


def test_a_lease_that_never_ends_is_not_waited_for_for_ever(desk: Desk, accounts: Any) -> None:
    class Taken(MemoryTokenStore):
        def acquire(self, key: str, owner: str, seconds: float) -> bool:
            return False

    store = Taken()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    first = desk.token(source)
    source._keeper._lease_seconds = 0.02
    with pytest.raises(errors.TokenStoreUnavailable, match="others have been renewing"):
        desk.token(source, first)


def test_a_log_in_replaces_what_a_clock_that_was_ahead_has_left(desk: Desk) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    first = desk.log_in(oauth)
    later = msgspec.structs.replace(first, issued_at=datetime.now(UTC) + timedelta(days=3))
    store.replace("default", later, None)
    last = desk.log_in(oauth, store=store)
    assert stored(store) == last
    assert last.generation == 2


def test_what_is_neither_a_grant_nor_a_store_is_refused(desk: Desk) -> None:
    for source in ("tokens.json", None, 7):
        with pytest.raises(errors.InvalidArgument) as caught:
            desk.oauth().token_source(source)
        assert caught.value.field == "source"


def test_logging_out_revokes_and_forgets(desk: Desk, accounts: Any) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    source = oauth.token_source(store)
    token = desk.token(source)
    assert desk.run(source.revoke()) is True
    assert not accounts.accepts(token.authorization)
    assert store.load("default") is None
    assert desk.run(source.revoke()) is False
    with pytest.raises(errors.LoginRequired):
        desk.token(source)
