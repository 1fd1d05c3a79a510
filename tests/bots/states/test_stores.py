"""What every store of states promises, over each of them."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.memory import MemoryStateStore
from frontdesk.bots.states.nats import NatsStateStore
from frontdesk.bots.states.redis import RedisStateStore
from frontdesk.bots.states.sqlite import SQLiteStateStore
from frontdesk.errors import InvalidArgument, StateConflict, StateStoreError
from frontdesk.transport.nats import NatsConnection, nats_settings

from ...nats_server import PASSWORD as NATS_PASSWORD
from ...nats_server import NatsServer
from ...redis_server import PASSWORD as REDIS_PASSWORD
from ...redis_server import RedisServer
from ._places import PATIENCE, Place, in_children, sqlite_place

KEYS = [
    "organization/chat/PJ0MRSHTDG",
    "",
    "a.b",
    "a/b",
    "a b",
    "*",
    ">",
    "a.*.>",
    ".",
    "=41",
    "A",
    "ü/日本/😀",
    "k\r\nPUB x 1",
    "a\0b",
    "'; DROP TABLE states; --",
    "{x}",
]


def test_what_is_saved_is_there_for_all(place: Place) -> None:
    async def test() -> None:
        first, second = await place.store(), await place.store()
        assert await first.load("k") is None
        revision = await first.save("k", b"one", 0)
        assert revision > 0
        assert await second.load("k") == StoredState(b"one", revision)
        later = await second.save("k", b"two", revision)
        assert later != revision
        assert await first.load("k") == StoredState(b"two", later)
        assert await first.load("other") is None

    place.run(test)


def test_only_the_state_that_was_loaded_is_replaced(place: Place) -> None:
    async def test() -> None:
        first, second = await place.store(), await place.store()
        revision = await first.save("k", b"one", 0)
        for wrong in (0, revision + 1, revision + 10**6):
            with pytest.raises(StateConflict, match="the state of k"):
                await second.save("k", b"no", wrong)
        later = await second.save("k", b"two", revision)
        with pytest.raises(StateConflict):
            await first.save("k", b"no", revision)
        assert await first.load("k") == StoredState(b"two", later)

    place.run(test)


def test_a_state_that_was_deleted_and_made_anew_is_another(place: Place) -> None:
    async def test() -> None:
        store = await place.store()
        revision = await store.save("k", b"one", 0)
        await store.delete("k")
        await store.delete("k")
        assert await store.load("k") is None
        with pytest.raises(StateConflict):
            await store.save("k", b"no", revision)
        assert await store.save("k", b"anew", 0) != revision
        with pytest.raises(StateConflict):
            await store.save("k", b"no", revision)

    place.run(test)


def test_any_text_may_be_a_key(place: Place) -> None:
    async def test() -> None:
        store = await place.store()
        revisions = {key: await store.save(key, key.encode(), 0) for key in KEYS}
        for key in KEYS:
            assert await store.load(key) == StoredState(key.encode(), revisions[key])
        await store.delete("a.*.>")
        await store.delete("*")
        assert await store.load("A") is not None
        assert await store.load("a.b") is not None
        assert await store.load("*") is None

    place.run(test)


def test_any_bytes_are_kept_up_to_a_million(place: Place) -> None:
    async def test() -> None:
        store = await place.store()
        for number, data in enumerate([b"", bytes(range(256)), b"\xff" * 1_000_000]):
            revision = await store.save(f"k{number}", data, 0)
            assert await store.load(f"k{number}") == StoredState(data, revision)
        with pytest.raises(InvalidArgument, match="1000001 bytes"):
            await store.save("large", b"x" * 1_000_001, 0)
        assert await store.load("large") is None

    place.run(test)


def test_many_at_once_are_kept_apart(place: Place) -> None:
    async def test() -> None:
        store = await place.store()

        async def count(key: str) -> None:
            stored, revision = b"0", 0
            for number in range(5):
                revision = await store.save(key, str(number).encode(), revision)
                stored = await store.load(key)
                assert stored == StoredState(str(number).encode(), revision)

        await asyncio.gather(*(count(f"k{number}") for number in range(50)))

    place.run(test)


async def increment(store: Any, key: str, times: int) -> None:
    """Add to a number that others add to as well."""
    for _ in range(times):
        while True:
            stored = await store.load(key)
            number, revision = (0, 0) if stored is None else (int(stored.data), stored.revision)
            try:
                await store.save(key, str(number + 1).encode(), revision)
            except StateConflict:
                continue
            break


def test_one_of_many_tasks_wins(place: Place) -> None:
    async def test() -> None:
        stores = [await place.store() for _ in range(4)]
        await asyncio.gather(*(increment(store, "k", 10) for store in stores))
        assert (await stores[0].load("k")).data == b"40"

    place.run(test)


def test_one_of_many_processes_wins(shared_place: Place) -> None:
    async def work(number: int) -> None:
        store = shared_place.make()
        await store.start()
        await increment(store, "k", 25)
        await store.close()

    in_children(4, work)

    async def test() -> None:
        assert (await (await shared_place.store()).load("k")).data == b"100"

    shared_place.run(test)


def test_a_store_can_be_closed_and_started_again(place: Place) -> None:
    async def test() -> None:
        store = await place.store()
        revision = await store.save("k", b"one", 0)
        await store.close()
        await store.close()
        await store.start()
        await store.start()
        assert await store.load("k") == StoredState(b"one", revision)

    place.run(test)


def test_a_store_that_is_not_started_says_so(shared_place: Place) -> None:
    async def test() -> None:
        store = shared_place.make()
        for doing in (store.load("k"), store.save("k", b"", 0), store.delete("k")):
            with pytest.raises(StateStoreError, match="not started"):
                await doing
        await store.close()

    shared_place.run(test)


def test_a_server_that_is_gone_is_told_and_gone_on_with_when_it_is_back(
    mortal_place: Place,
) -> None:
    async def test() -> None:
        store = await mortal_place.store()
        revision = await store.save("k", b"one", 0)
        mortal_place.server.kill()
        for doing in (store.load("k"), store.save("k", b"two", revision), store.delete("k")):
            with pytest.raises(StateStoreError) as caught:
                await doing
            assert not isinstance(caught.value, StateConflict)
        mortal_place.server.start()
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(StateStoreError):
                    stored = await store.load("k")
                    break
                await asyncio.sleep(0.05)
        assert stored == StoredState(b"one", revision)
        await store.save("k", b"two", revision)

    mortal_place.run(test)


@pytest.mark.parametrize("kind", ["redis", "nats"])
def test_an_address_where_nobody_is_is_told_without_its_password(kind: str) -> None:
    url = f"{kind}://:pass-of-nobody-1@127.0.0.1:9"

    async def test() -> None:
        store: Any = RedisStateStore(url) if kind == "redis" else NatsStateStore(url)
        with pytest.raises(StateStoreError) as caught:
            await store.start()
        texts = map(repr, (store, caught.value, caught.value.__cause__, caught.value.__context__))
        assert "pass-of-nobody-1" not in "".join(texts)
        await store.close()

    asyncio.run(test())


@pytest.mark.parametrize("kind", ["redis", "nats"])
def test_a_wrong_password_is_told_without_it(
    kind: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    server: RedisServer | NatsServer = request.getfixturevalue(f"{kind}_server")
    password = REDIS_PASSWORD if kind == "redis" else NATS_PASSWORD
    url = server.url.replace(password, "wrong-pass-77")

    async def test() -> None:
        store: Any = RedisStateStore(url) if kind == "redis" else NatsStateStore(url)
        with pytest.raises(StateStoreError) as caught:
            await store.start()
        texts = [*map(repr, (store, caught.value, caught.value.__cause__)), caplog.text]
        assert "wrong-pass-77" not in "".join(texts)
        await store.close()

    asyncio.run(test())


@pytest.mark.parametrize("redis", ["http://x", "127.0.0.1", 7, None])
def test_what_is_no_redis_is_refused(redis: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        RedisStateStore(redis)
    assert caught.value.field == "redis"


def test_a_client_of_ones_own_is_used_and_left_open(redis_server: RedisServer) -> None:
    from redis.asyncio import Redis

    async def test() -> None:
        client = Redis.from_url(redis_server.url)
        store = RedisStateStore(client, prefix="own:")
        await store.start()
        await store.save("k", b"one", 0)
        await store.close()
        with pytest.raises(StateStoreError, match="not started"):
            await store.load("k")
        assert await client.hget("own:k", "data") == b"one"  # type: ignore[misc]
        await client.aclose()

    asyncio.run(test())


def test_something_else_in_redis_is_not_taken_for_a_state(redis_server: RedisServer) -> None:
    from redis import Redis

    with Redis.from_url(redis_server.url) as client:
        client.set("foreign:text", "x")
        client.hset("foreign:hash", mapping={"data": "x"})

    async def test() -> None:
        store = RedisStateStore(redis_server.url, prefix="foreign:")
        await store.start()
        for key in ("text", "hash"):
            with pytest.raises(StateStoreError):
                await store.load(key)
        with pytest.raises(StateStoreError):
            await store.save("text", b"", 0)
        await store.close()

    asyncio.run(test())


async def make_bucket(server: NatsServer, bucket: str, **settings: Any) -> None:
    connection = NatsConnection(nats_settings(server.url, None, "the test"), "test")
    await connection.connect()
    config = {
        "name": f"KV_{bucket}-0", "subjects": [f"$KV.{bucket}-0.>"], "retention": "limits",
        "storage": "file", "discard": "new", "max_msgs_per_subject": 1, "num_replicas": 1,
        "metadata": {"frontdesk-states": "1", "frontdesk-buckets": "8"}, **settings,
    }  # fmt: skip
    await connection.call(f"STREAM.CREATE.KV_{bucket}-0", config)
    await connection.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metadata": {}}, "is not one of a bot's states"),
        ({"metadata": {"frontdesk-states": "9"}}, "another version"),
        ({"discard": "old"}, "discard 'old'"),
        ({"storage": "memory"}, "storage 'memory'"),
        ({"max_age": 10**12}, "max_age"),
        ({"max_msgs": 10}, "max_msgs"),
    ],
)
def test_a_bucket_that_would_lose_states_is_refused(
    nats_server: NatsServer, tmp_path: Path, settings: Any, message: str
) -> None:
    bucket = f"b{abs(hash(tmp_path)) % 10**9}"

    async def test() -> None:
        await make_bucket(nats_server, bucket, **settings)
        store = NatsStateStore(nats_server.url, name=bucket)
        with pytest.raises(StateStoreError, match=message):
            await store.start()

    asyncio.run(test())


def test_a_state_that_was_deleted_with_other_tools_can_be_saved_again(
    nats_server: NatsServer,
) -> None:
    async def test() -> None:
        store = NatsStateStore(nats_server.url, name="tools", buckets=1)
        await store.start()
        await store.save("k", b"one", 0)
        connection = NatsConnection(nats_settings(nats_server.url, None, "the test"), "test")
        await connection.connect()
        await connection.request("$KV.tools-0.k", b"", {"KV-Operation": "DEL"})
        await connection.close()
        assert await store.load("k") is None
        revision = await store.save("k", b"two", 0)
        assert await store.load("k") == StoredState(b"two", revision)
        await store.close()

    asyncio.run(test())


@pytest.mark.parametrize("name", ["", "a.b", "a b", "ä", 7])
def test_what_is_no_name_of_buckets_is_refused(name: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        NatsStateStore(name=name)
    assert caught.value.field == "name"


@pytest.mark.parametrize("buckets", [0, 65, True, "8"])
def test_what_is_no_number_of_buckets_is_refused(buckets: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        NatsStateStore(buckets=buckets)
    assert caught.value.field == "buckets"


def test_the_number_of_buckets_is_fixed(nats_server: NatsServer) -> None:
    async def test() -> None:
        store = NatsStateStore(nats_server.url, name="spread", buckets=2)
        await store.start()
        await store.close()
        for buckets in (1, 3):
            other = NatsStateStore(nats_server.url, name="spread", buckets=buckets)
            with pytest.raises(StateStoreError, match="buckets=2"):
                await other.start()

    asyncio.run(test())


@pytest.mark.parametrize("path", ["", ":memory:", "file:x?mode=memory", "a\0b", 7, None])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        SQLiteStateStore(path)
    assert caught.value.field == "path"


def foreign(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.mark.parametrize("kind", ["text", "program", "version", "folder"])
def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.sqlite"
    match kind:
        case "text":
            path.write_text("no database, but a long text " * 100)
        case "program":
            foreign(path, "CREATE TABLE customers (name TEXT)")
        case "version":
            foreign(path, "PRAGMA application_id = 1178878547", "PRAGMA user_version = 9")
        case _:
            path.mkdir()
    before = path.read_bytes() if path.is_file() else b""

    async def test() -> None:
        store = SQLiteStateStore(path)
        with pytest.raises(StateStoreError, match=r"x\.sqlite"):
            await store.start()
        await store.close()

    asyncio.run(test())
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    place = sqlite_place(tmp_path)

    async def fill() -> None:
        store = await place.store()
        for number in range(50):
            await store.save(f"k{number}", b"x" * 5000, 0)

    place.run(fill)
    path = tmp_path / "deep" / "states.sqlite"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)

    async def test() -> None:
        store = await place.store()
        with pytest.raises(StateStoreError):
            await store.load("k1")
        with pytest.raises(StateStoreError):
            await store.save("k1", b"", 0)

    place.run(test)


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    place = sqlite_place(tmp_path)

    async def test() -> None:
        store = await place.store()
        await store.save("k", b"what a customer said", 0)
        for path in (tmp_path / "deep").iterdir():
            assert path.stat().st_mode & 0o077 == 0

    place.run(test)


def test_a_write_that_cannot_begin_harms_no_other(tmp_path: Path) -> None:
    place = sqlite_place(tmp_path)

    async def test() -> None:
        from frontdesk.bots.states import sqlite

        store = await place.store()
        revision = await store.save("k", b"one", 0)
        store._database.execute("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(tmp_path / "deep" / "states.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateStoreError, match="locked"):
            await store.save("k", b"two", revision)
        assert await store.load("k") == StoredState(b"one", revision)
        other.execute("ROLLBACK")
        other.close()
        await store.save("k", b"two", revision)
        assert sqlite.BUSY > 1

    place.run(test)


def test_one_wait_for_the_disk_is_for_all_that_came_meanwhile(tmp_path: Path) -> None:
    place = sqlite_place(tmp_path)

    async def test() -> None:
        store = await place.store()
        statements: list[str] = []
        store._database.set_trace_callback(statements.append)
        await asyncio.gather(*(store.save(f"k{number}", b"x", 0) for number in range(100)))
        assert statements.count("COMMIT") <= 3

    place.run(test)


def test_whoever_gives_up_waiting_harms_no_other(tmp_path: Path) -> None:
    place = sqlite_place(tmp_path)

    async def test() -> None:
        store = await place.store()
        tasks = [asyncio.ensure_future(store.save(f"k{n}", b"x", 0)) for n in range(10)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, int) for result in results].count(True) == 9

    place.run(test)


DAY = 86_400.0


@pytest.mark.parametrize("keep_for", [0, -1, 3599, float("nan"), float("inf"), True, "90", 1e12])
@pytest.mark.parametrize("make", [SQLiteStateStore, RedisStateStore, NatsStateStore])
def test_what_is_no_time_to_keep_states_for_is_refused(make: Any, keep_for: Any) -> None:
    address = "x.sqlite" if make is SQLiteStateStore else f"{make.__name__[:-10].lower()}://x"
    with pytest.raises(InvalidArgument) as caught:
        make(address, keep_for=keep_for)
    assert caught.value.field == "keep_for"


def test_a_million_chats_in_memory_are_a_hundred_thousand_states() -> None:
    async def test() -> None:
        store = MemoryStateStore()
        revision = await store.save("dear", b"0", 0)
        for number in range(1_000_000):
            if not number % 99_999:
                revision = await store.save("dear", b"1", revision)
            await store.save(f"k{number}", b"", 0)
        assert len(store) == 100_000
        assert await store.load("dear") == StoredState(b"1", revision)
        assert await store.load("k899999") is None
        with pytest.raises(StateConflict):
            await store.save("k0", b"", 1)

    asyncio.run(test())


def test_a_million_chats_in_a_file_are_those_of_the_last_days(tmp_path: Path) -> None:
    path = tmp_path / "states.sqlite"
    rows = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999) "

    async def test() -> None:
        now = 1e9
        store = SQLiteStateStore(path, keep_for=30 * DAY)
        store._clock = lambda: now
        await store.start()
        dear = await store.save("dear", b"0", 0)
        most = 0
        for period in range(20):
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute(
                    rows + f"INSERT INTO states (key, data) SELECT 'k{period}-' || i, x'7b' FROM n"
                )
                database.commit()
                most = max(most, database.execute("SELECT count(*) FROM states").fetchone()[0])
            # A bot saves something every few hours; 1000 states at most are forgotten each time.
            for _ in range(60):
                now += DAY / 4
                dear = await store.save("dear", b"1", dear)
        assert most <= 4 * 50_000
        assert await store.load("dear") == StoredState(b"1", dear)
        assert await store.load("k0-0") is None
        assert await store.load("k19-0") is not None
        assert (await store._do(_count_marks, is_write=False))[0] <= 66
        await store.close()

    asyncio.run(test())


def _count_marks(cursor: sqlite3.Cursor) -> Any:
    return cursor.execute("SELECT count(*) FROM marks").fetchone()


def test_a_state_in_a_file_is_kept_for_the_time_after_it_was_saved_last(tmp_path: Path) -> None:
    async def test() -> None:
        now = 1e9

        async def open_store(keep_for: float | None) -> Any:
            store = SQLiteStateStore(tmp_path / "states.sqlite", keep_for=keep_for)
            store._clock = lambda: now
            await store.start()
            return store

        store = await open_store(10 * DAY)
        old, dear = await store.save("old", b"1", 0), await store.save("dear", b"1", 0)
        await store.close()  # marks are in the file
        now += 9 * DAY
        store = await open_store(10 * DAY)
        await store.save("dear", b"2", dear)
        assert await store.load("old") is not None
        now += 1.2 * DAY
        await store.save("other", b"", 0)
        assert await store.load("old") is None
        with pytest.raises(StateConflict):
            await store.save("old", b"2", old)
        assert await store.load("dear") is not None
        await store.close()
        store = await open_store(None)
        now += 1000 * DAY
        await store.save("another", b"", 0)
        assert await store.load("dear") is not None
        await store.close()

    asyncio.run(test())


def test_a_file_of_version_0_1_is_cleaned_from_its_first_use_on(tmp_path: Path) -> None:
    async def test() -> None:
        path, now = tmp_path / "states.sqlite", 1e9
        store = SQLiteStateStore(path)
        await store.start()
        await store.save("old", b"1", 0)
        await store.close()
        foreign(path, "DROP TABLE marks")
        store = SQLiteStateStore(path)
        store._clock = lambda: now
        await store.start()
        await store.save("k1", b"", 0)
        now += 89 * DAY
        await store.save("k2", b"", 0)
        assert await store.load("old") is not None
        now += 2 * DAY
        await store.save("k3", b"", 0)
        assert await store.load("old") is None
        assert await store.load("k2") is not None
        await store.close()

    asyncio.run(test())


@pytest.mark.parametrize(("keep_for", "least"), [(90 * DAY, 89 * DAY), (None, None)])
def test_redis_forgets_a_state_by_itself(
    redis_server: RedisServer, keep_for: float | None, least: float | None
) -> None:
    from redis import Redis

    async def test() -> None:
        first = RedisStateStore(redis_server.url, prefix="kept:", keep_for=2 * DAY)
        await first.start()
        await first.delete("k")
        revision = await first.save("k", b"1", 0)
        await first.close()
        store = RedisStateStore(redis_server.url, prefix="kept:", keep_for=keep_for)
        await store.start()
        await store.save("k", b"2", revision)
        await store.close()

    asyncio.run(test())
    with Redis.from_url(redis_server.url) as client:
        left = client.ttl("kept:k")
    if least is None:
        assert left == -1, "it never expires"
    else:
        assert least < left <= 90 * DAY


def test_buckets_on_nats_forget_states_by_themselves(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        await make_bucket(nats_server, "kept", max_age=round(2 * DAY) * 10**9)
        store = NatsStateStore(nats_server.url, name="kept", keep_for=2 * DAY)
        await store.start()
        await store.close()
        with pytest.raises(StateStoreError, match=r"keep_for=172800.*--max-age=7776000s"):
            await NatsStateStore(nats_server.url, name="kept").start()
        # As version 0.1 has made them.
        await make_bucket(nats_server, "endless")
        store = NatsStateStore(nats_server.url, name="endless")
        await store.start()
        await store.close()
        assert "KV_endless-0 --max-age=7776000s" in caplog.text
        assert "KV_endless-1" not in caplog.text, "that was made now"
        caplog.clear()
        store = NatsStateStore(nats_server.url, name="forever", keep_for=None)
        await store.start()
        await store.close()
        assert caplog.text == ""

    asyncio.run(test())
