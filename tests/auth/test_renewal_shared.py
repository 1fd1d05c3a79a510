"""One renewal for all tasks, threads, loops and clients that wait for a token."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from frontdesk import AgentClient, AsyncAgentClient, errors
from frontdesk.auth import MemoryTokenStore, Token
from frontdesk.auth.stores.base import put_grant
from frontdesk.core.http_messages import Reply, Request

from ._accounts import ONLY_FAKE, Desk
from ._sources import Times, ended, public_app, stored, timed

MANY = 1000


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


@ONLY_FAKE
@pytest.mark.parametrize("kind", ["async", "sync"])
def test_whoever_is_cancelled_at_once_leaves_the_others_their_token(
    accounts: Any, kind: str
) -> None:
    async def main(source: Any) -> Token:
        first = asyncio.create_task(source.token_async())
        second = asyncio.create_task(source.token_async())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        token: Token = await second
        return token

    for _ in range(100):
        source = public_app(accounts, accounts.transport(kind)).token_source(ended(accounts))
        assert accounts.accepts(asyncio.run(main(source)).authorization)
    assert accounts.refreshes == 100


@ONLY_FAKE
@pytest.mark.parametrize("step", ["acquire", "replace", "release"])
def test_a_loop_that_ends_lets_the_store_finish(accounts: Any, step: str) -> None:
    """Whoever stops the program while the store works loses neither the token nor the lease."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(MemoryTokenStore):
        pass

    work = getattr(MemoryTokenStore, step)

    def slow(self: Slow, *arguments: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        return work(self, *arguments)

    setattr(Slow, step, slow)
    store = Slow()
    MemoryTokenStore.replace(store, "default", ended(accounts), None)

    async def main() -> None:
        source = public_app(accounts, accounts.transport("async")).token_source(store)
        task = asyncio.create_task(source.token_async())
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        threading.Timer(0.02, go_on.set).start()

    asyncio.run(main())
    assert store.acquire("default", "the next one", 60)
    grant = store.load("default")
    assert grant is not None
    assert grant.generation == (1 if step == "acquire" else 2)
    assert accounts.refreshes == (0 if step == "acquire" else 1)


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


class Watched(MemoryTokenStore):
    """A store that tells when somebody has to wait for a lease."""

    def __init__(self) -> None:
        super().__init__()
        self.somebody_waits = threading.Event()

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        taken = super().acquire(key, owner, seconds)
        if not taken:
            self.somebody_waits.set()
        return taken


@ONLY_FAKE
def test_a_log_out_waits_for_a_renewal_and_leaves_no_token_alive(accounts: Any) -> None:
    store = Watched()
    store.replace("default", ended(accounts), None)
    oauth = public_app(accounts, accounts.transport("sync"))
    with ThreadPoolExecutor(1) as pool:
        log_outs = []

        def log_out(_: str) -> None:
            log_outs.append(pool.submit(oauth.token_source(store).revoke))
            store.somebody_waits.wait(5)

        accounts.before_response = log_out
        token = oauth.token_source(store).token()
        assert log_outs[0].result(10) is True
    assert store.load("default") is None
    assert not accounts.accepts(token.authorization)


@ONLY_FAKE
def test_a_log_in_during_a_log_out_stays(accounts: Any) -> None:
    store = MemoryTokenStore()
    store.replace("default", ended(accounts), None)
    later = msgspec.structs.replace(ended(accounts), id="later")
    way = accounts.transport("sync")

    class Slow:
        def send(self, request: Request) -> Reply:
            put_grant(store, "default", later)
            reply: Reply = way.send(request)
            return reply

        def close(self) -> None:
            way.close()

    assert public_app(accounts, Slow()).token_source(store).revoke() is True
    assert stored(store).id == "later"
