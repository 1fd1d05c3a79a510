"""Tokens that renew themselves: when, how often, and what becomes of those who wait."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from frontdesk import AgentClient, AsyncAgentClient, errors
from frontdesk.auth import AsyncOAuth, BearerToken, MemoryTokenStore, OAuth, Token, TokenGrant
from frontdesk.auth.keeper import GrantKeeper
from frontdesk.auth.renewal import RenewedToken, margin_of
from frontdesk.core.http_messages import Reply, Request

from ._accounts import ONLY_FAKE, Desk

MANY = 1000


class Times:
    """A clock that the test moves, and the time of day that goes with it."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.jumped = timedelta(0)
        """By how much somebody has set the clock of the day."""

    def clock(self) -> float:
        return 1000.0 + self.passed

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.passed) + self.jumped


@pytest.fixture
def times() -> Times:
    return Times()


def timed(source: Any, times: Times) -> Any:
    """Let a token source go by the clock of the test."""
    source._clock = times.clock
    source._keeper._clock = times.clock
    source._keeper._now = times.now
    return source


def stored(store: MemoryTokenStore, key: str = "default") -> TokenGrant:
    grant = store.load(key)
    assert grant is not None
    return grant


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
    with pytest.raises(errors.InvalidArgument, match="another client id"):
        desk.token(source, BearerToken(stored(store).access_token))


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
    one = timed(oauth.token_source(store), times)
    before = accounts.refreshes
    for _ in range(5):
        token = desk.token(one)
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


# Once for all who wait


class Gate:
    """A transport that lets a refresh go on when the test says so."""

    def __init__(self, accounts: Any) -> None:
        self.inner = accounts.transport("sync")
        self.arrived = threading.Event()
        self.open = threading.Event()

    def send(self, request: Request) -> Reply:
        self.arrived.set()
        assert self.open.wait(10)
        reply: Reply = self.inner.send(request)
        return reply

    def close(self) -> None:
        self.inner.close()


class AsyncGate:
    def __init__(self, accounts: Any) -> None:
        self.inner = accounts.transport("async")
        self.arrived = asyncio.Event()
        self.open = asyncio.Event()

    async def send(self, request: Request) -> Reply:
        self.arrived.set()
        await self.open.wait()
        reply: Reply = await self.inner.send(request)
        return reply

    async def close(self) -> None:
        await self.inner.close()


def public_app(accounts: Any, transport: Any) -> Any:
    """The app without a secret, in a program of the transport's kind."""
    is_async = asyncio.iscoroutinefunction(transport.send)
    return (AsyncOAuth if is_async else OAuth)(
        "app-public", accounts_url=accounts.url, transport=transport
    )


def ended(accounts: Any) -> TokenGrant:
    """A grant whose access token is over."""
    pair = accounts.issue(accounts.apps["app-public"])
    return TokenGrant(
        access_token=pair.access, refresh_token=pair.refresh, client_id="app-public", id="ended",
        issued_at=datetime.now(UTC) - timedelta(hours=9), expires_in=28_800,
    )  # fmt: skip


def in_turn(source: RenewedToken) -> None:
    """Wait until the renewal is under way."""
    while source._flight is None:
        time.sleep(0.001)


def test_a_thousand_tasks_share_one_refresh(accounts: Any) -> None:
    async def main() -> set[Token]:
        gate = AsyncGate(accounts)
        oauth = public_app(accounts, gate)
        source = oauth.token_source(ended(accounts))
        tasks = [asyncio.create_task(source.token_async()) for _ in range(MANY)]
        await gate.arrived.wait()
        gate.open.set()
        return set(await asyncio.gather(*tasks))

    assert len(asyncio.run(main())) == 1
    assert accounts.refreshes == 1


def test_a_thousand_tasks_share_one_refresh_of_a_sync_source(accounts: Any) -> None:
    gate = Gate(accounts)

    async def main() -> set[Token]:
        source = public_app(accounts, gate).token_source(ended(accounts))
        tasks = [asyncio.create_task(source.token_async()) for _ in range(MANY)]
        await asyncio.to_thread(gate.arrived.wait, 10)
        gate.open.set()
        return set(await asyncio.gather(*tasks))

    assert len(asyncio.run(main())) == 1
    assert accounts.refreshes == 1


def test_threads_and_loops_share_one_refresh(accounts: Any) -> None:
    gate = Gate(accounts)
    source = public_app(accounts, gate).token_source(ended(accounts))

    async def tasks() -> list[Token]:
        return await asyncio.gather(*(source.token_async() for _ in range(20)))

    with ThreadPoolExecutor(40) as pool:
        jobs: list[Any] = [pool.submit(source.token) for _ in range(30)]
        jobs += [pool.submit(asyncio.run, tasks()) for _ in range(5)]
        assert gate.arrived.wait(10)
        gate.open.set()
        tokens: set[Token] = set()
        for job in jobs:
            result = job.result(20)
            tokens |= set(result) if isinstance(result, list) else {result}
    assert len(tokens) == 1
    assert accounts.refreshes == 1


def test_a_failure_reaches_all_who_wait_each_with_an_error_of_its_own(
    accounts: Any,
) -> None:
    accounts.script = [Reply(403, {}, b'{"error": "invalid_grant"}')]

    async def main() -> list[Any]:
        gate = AsyncGate(accounts)
        source = public_app(accounts, gate).token_source(ended(accounts))
        tasks = [asyncio.create_task(source.token_async()) for _ in range(100)]
        await gate.arrived.wait()
        gate.open.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    failures = asyncio.run(main())
    assert {type(failure) for failure in failures} == {errors.InvalidGrant}
    assert len({id(failure) for failure in failures}) == 100
    assert accounts.script == []


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_whoever_is_cancelled_leaves_the_others_their_token(accounts: Any, kind: str) -> None:
    async def main() -> Token:
        if kind == "async":
            gate: Any = AsyncGate(accounts)
            source: Any = public_app(accounts, gate).token_source(ended(accounts))
        else:
            gate = Gate(accounts)
            source = public_app(accounts, gate).token_source(ended(accounts))
        first = asyncio.create_task(source.token_async())
        if kind == "async":
            await gate.arrived.wait()
        else:
            await asyncio.to_thread(gate.arrived.wait, 10)
        second = asyncio.create_task(source.token_async())
        third = asyncio.create_task(source.token_async())
        await asyncio.sleep(0)
        first.cancel()
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        gate.open.set()
        token: Token = await third
        return token

    token = asyncio.run(main())
    assert accounts.accepts(token.authorization)
    assert accounts.refreshes == 1


def test_the_end_of_a_loop_leaves_the_others_their_token(accounts: Any) -> None:
    """The task that renews ends with its loop; one that waits in another loop takes over."""
    way = accounts.transport("async")
    stuck, waiting = threading.Event(), threading.Event()

    class Stuck:
        async def send(self, request: Request) -> Reply:
            if not stuck.is_set():
                stuck.set()
                await asyncio.get_running_loop().create_future()
            reply: Reply = await way.send(request)
            return reply

    source = public_app(accounts, Stuck()).token_source(ended(accounts))

    async def ends_soon() -> None:
        task = asyncio.create_task(source.token_async())
        await asyncio.to_thread(waiting.wait, 10)
        task.cancel()

    async def waits() -> Token:
        task = asyncio.create_task(source.token_async())
        await asyncio.sleep(0.01)
        waiting.set()
        return await task

    with ThreadPoolExecutor(2) as pool:
        ending = pool.submit(asyncio.run, ends_soon())
        assert stuck.wait(10)
        token = pool.submit(asyncio.run, waits()).result(10)
        ending.result(10)
    assert accounts.accepts(token.authorization)
    assert accounts.refreshes == 1


def test_a_source_of_async_oauth_refuses_sync_clients(accounts: Any) -> None:
    source = public_app(accounts, accounts.transport("async")).token_source(ended(accounts))
    with pytest.raises(errors.InvalidArgument, match="make it with OAuth"):
        AgentClient(source, base_url="http://127.0.0.1:9").list_chats()


def test_two_sources_of_one_store_refresh_once(desk: Desk, accounts: Any) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    desk.log_in(oauth, store=store)
    sources = [oauth.token_source(store) for _ in range(3)]
    refused = desk.token(sources[0])
    assert len({desk.token(source, refused) for source in sources}) == 1
    assert accounts.refreshes == 1


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


def test_a_grant_that_comes_late_does_not_replace_a_later_one(desk: Desk) -> None:
    store = MemoryTokenStore()
    oauth = desk.oauth()
    early = msgspec.structs.replace(
        desk.log_in(oauth), issued_at=datetime.now(UTC) - timedelta(hours=1)
    )
    late = desk.log_in(oauth, store=store)
    keeper: GrantKeeper = oauth.token_source(store)._keeper
    from frontdesk.auth.steps import carry_out

    kept = carry_out(keeper.put(early), desk.accounts.transport("sync"))
    assert kept.access_token == late.access_token
    assert stored(store).access_token == late.access_token


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


# Clients


class Api:
    """An API that takes the tokens of the accounts server."""

    def __init__(self, accounts: Any) -> None:
        self.accounts = accounts
        self.tokens: list[str] = []

    def send(self, request: Request) -> Reply:
        authorization = request.headers["Authorization"]
        self.tokens.append(authorization)
        if self.accounts.accepts(authorization):
            return Reply(200, {"content-type": "application/json"}, b'{"chats_summary": []}')
        return Reply(401, {}, b'{"error": {"type": "authentication", "message": "no"}}')

    def close(self) -> None:
        pass


class AsyncApi(Api):
    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().send(request)

    async def close(self) -> None:  # type: ignore[override]
        pass


def client_of(desk: Desk, source: Any) -> tuple[Any, Api]:
    if desk.kind == "async":
        api: Api = AsyncApi(desk.accounts)
        return AsyncAgentClient(source, transport=api), api  # type: ignore[arg-type]
    api = Api(desk.accounts)
    return AgentClient(source, transport=api), api


def test_clients_renew_what_a_server_refuses(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    client, api = client_of(desk, oauth.token_source(desk.log_in(oauth)))
    desk.run(client.list_chats())
    accounts.end_access_tokens()
    desk.run(client.list_chats())
    desk.run(client.list_chats())
    assert accounts.refreshes == 1
    assert len(api.tokens) == 4
    assert len(set(api.tokens)) == 2


def test_clients_renew_before_a_token_ends(desk: Desk, accounts: Any, times: Times) -> None:
    oauth = desk.oauth()
    source = timed(oauth.token_source(desk.log_in(oauth)), times)
    client, api = client_of(desk, source)
    client._settings = msgspec.structs.replace(client._settings, clock=times.clock)
    desk.run(client.list_chats())
    times.passed = 28_600
    desk.run(client.list_chats())
    assert accounts.refreshes == 1
    assert len(set(api.tokens)) == 2
    assert len(api.tokens) == 2  # nothing was refused


def test_many_clients_share_a_source(accounts: Any) -> None:
    source = public_app(accounts, accounts.transport("sync")).token_source(ended(accounts))
    sync_client = AgentClient(source, transport=Api(accounts))

    async def tasks() -> None:
        clients = [AsyncAgentClient(source, transport=AsyncApi(accounts)) for _ in range(10)]  # type: ignore[arg-type]
        await asyncio.gather(*(client.list_chats() for client in clients for _ in range(20)))

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(sync_client.list_chats) for _ in range(50)]
        asyncio.run(tasks())
        for job in jobs:
            job.result(10)
    assert accounts.refreshes == 1


def test_a_log_in_that_is_needed_reaches_the_caller(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    grant = desk.log_in(oauth)
    client, api = client_of(desk, oauth.token_source(grant))
    desk.run(oauth.revoke(grant))
    with pytest.raises(errors.LoginRequired, match="Log in again"):
        desk.run(client.list_chats())
    assert len(api.tokens) == 1
