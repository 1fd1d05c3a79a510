"""What keeps tokens: the same behaviour of every backend, and what is particular to each."""

import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import errors
from frontdesk.auth import (
    FileTokenStore,
    KeyringTokenStore,
    MemoryTokenStore,
    RedisTokenStore,
    TokenGrant,
    TokenStore,
)
from frontdesk.concurrency.file_locks import FileLock

BACKENDS = ["memory", "file", "keyring", "redis"]


def a_grant(number: int = 1, *, id: str = "") -> TokenGrant:
    return TokenGrant(
        access_token=f"dal:stored-access-{number}",
        refresh_token=f"stored-refresh-{number}",
        scopes=("chats--all:ro",),
        account_id="a",
        client_id="app",
        issued_at=datetime(2026, 11, 26, 12, tzinfo=UTC),
        expires_in=28_800,
        generation=number,
        id=id or f"id-{number}",
    )


class FakeKeyring:
    """A backend of the library ``keyring`` that keeps everything in memory."""

    priority = 1

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def _open(self) -> None:
        if self.locked:
            raise RuntimeError("the collection is locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.entries[service, username]


@pytest.fixture(params=BACKENDS)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Makes stores that keep in the same place."""
    made: list[Any] = []
    memory = MemoryTokenStore()
    backend = FakeKeyring()

    def make() -> Any:
        match request.param:
            case "memory":
                store: Any = memory
            case "file":
                store = FileTokenStore(tmp_path / "deep" / "tokens")
            case "keyring":
                store = KeyringTokenStore(backend=backend, lock_folder=tmp_path)
            case _:
                url = request.getfixturevalue("redis_url")
                store = RedisTokenStore(url, prefix=f"test:{tmp_path.name}:")
        made.append(store)
        return store

    yield make
    for store in made:
        if isinstance(store, RedisTokenStore):
            store.close()


def test_each_backend_is_a_token_store(stores: Any) -> None:
    assert isinstance(stores(), TokenStore)


def test_what_is_stored_is_there_for_all(stores: Any) -> None:
    first, second = stores(), stores()
    assert first.load("org-1") is None
    assert first.replace("org-1", a_grant(), None) is True
    assert second.load("org-1") == a_grant()
    assert second.load("org-2") is None
    second.replace("org ö/2", a_grant(2), None)
    assert list(first.keys()) == ["org ö/2", "org-1"]
    first.delete("org-1")
    first.delete("org-1")
    assert second.load("org-1") is None
    assert list(second.keys()) == ["org ö/2"]


def test_only_what_is_expected_is_replaced(stores: Any) -> None:
    first, second = stores(), stores()
    assert first.replace("k", a_grant(1), None)
    assert not second.replace("k", a_grant(2), None)
    assert not second.replace("k", a_grant(2), a_grant(1, id="another"))
    assert second.replace("k", a_grant(2), a_grant(1))
    assert not first.replace("k", a_grant(3), a_grant(1))
    assert first.load("k") == a_grant(2)
    first.delete("k")
    assert not first.replace("k", a_grant(3), a_grant(2))
    assert first.load("k") is None


def test_an_earlier_generation_is_refused(stores: Any) -> None:
    store = stores()
    store.replace("k", a_grant(2), None)
    with pytest.raises(errors.InvalidArgument, match="later generation"):
        store.replace("k", a_grant(2), a_grant(2))


def test_one_of_many_replaces(stores: Any) -> None:
    shared = [stores() for _ in range(4)]
    shared[0].replace("k", a_grant(1), None)
    start = threading.Barrier(8)

    def replace(number: int) -> bool:
        start.wait(10)
        done: bool = shared[number % 4].replace("k", a_grant(2, id=f"by-{number}"), a_grant(1))
        return done

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(replace, range(8)))
    assert done.count(True) == 1
    assert shared[0].load("k").id == f"by-{done.index(True)}"


def test_a_lease_has_one_owner(stores: Any) -> None:
    first, second = stores(), stores()
    assert first.acquire("k", "one", 30)
    assert first.acquire("k", "one", 30)
    assert not second.acquire("k", "two", 30)
    assert second.acquire("other key", "two", 30)
    second.release("k", "two")
    assert not second.acquire("k", "two", 30)
    first.release("k", "one")
    first.release("k", "one")
    assert second.acquire("k", "two", 30)
    second.release("k", "two")
    second.release("other key", "two")


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 600, 7, None])
def test_a_key_is_one_line(stores: Any, key: Any) -> None:
    for call in (stores().load, stores().delete):
        with pytest.raises(errors.InvalidArgument) as caught:
            call(key)
        assert caught.value.field == "key"


def test_no_representation_shows_a_token(stores: Any) -> None:
    store = stores()
    store.replace("k", a_grant(), None)
    assert "stored-" not in repr(store) + repr(store.read("k")) + repr(store.load("k"))


# In a file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    FileTokenStore(path).replace("k", a_grant(), None)
    return path


def test_the_file_is_the_users_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.parent.iterdir()) == [path]
    nested = FileTokenStore(path.parent / "a" / "b" / "tokens")
    nested.replace("k", a_grant(), None)
    assert stat.S_IMODE((path.parent / "a").stat().st_mode) & 0o077 in (0, 0o055)
    assert stat.S_IMODE((path.parent / "a" / "b").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o601])
def test_a_file_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    store = FileTokenStore(path)
    for call in (lambda: store.load("k"), lambda: store.replace("k", a_grant(2), a_grant())):
        with pytest.raises(errors.TokenStoreExposed) as caught:
            call()
        assert f"chmod 600 '{path}'" in str(caught.value)
    path.chmod(0o600)
    assert store.load("k") == a_grant()


@pytest.mark.parametrize("mode", [0o777, 0o707, 0o703])
def test_a_folder_that_others_may_write_to_is_refused(path: Path, mode: int) -> None:
    store = FileTokenStore(path)
    path.parent.chmod(mode)
    for call in (
        lambda: store.load("k"),
        store.keys,
        lambda: store.replace("new", a_grant(), None),
        lambda: store.delete("k"),
        lambda: FileTokenStore(path.with_name("none-yet.json")).replace("k", a_grant(), None),
    ):
        with pytest.raises(errors.TokenStoreExposed) as caught:
            call()
        assert f"chmod go-w '{path.parent}'" in str(caught.value)
    path.parent.chmod(0o755)
    assert store.load("k") == a_grant()


def test_a_folder_of_a_group_is_refused_unless_it_is_the_users_own(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import grp
    import pwd

    path.parent.chmod(0o770)
    user = pwd.getpwuid(os.geteuid())
    group_id = path.parent.stat().st_gid
    own = pwd.struct_passwd((user.pw_name, "x", user.pw_uid, group_id, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: own)
    members: list[str] = []
    monkeypatch.setattr(grp, "getgrgid", lambda _: grp.struct_group(("g", "x", group_id, members)))
    assert FileTokenStore(path).load("k") == a_grant()
    members.append("somebody-else")
    with pytest.raises(errors.TokenStoreExposed, match="chmod go-w"):
        FileTokenStore(path).load("k")


def test_a_shared_folder_with_the_sticky_bit_is_taken(path: Path) -> None:
    path.parent.chmod(0o1777)
    assert FileTokenStore(path).load("k") == a_grant()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(path: Path) -> None:
    os.chown(path.parent, 12345, -1)
    with pytest.raises(errors.TokenStoreExposed, match="belongs to another user"):
        FileTokenStore(path).load("k")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(path: Path) -> None:
    os.chown(path, 12345, -1)
    with pytest.raises(errors.TokenStoreExposed, match="belongs to another user"):
        FileTokenStore(path).load("k")


def test_a_file_that_was_cut_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    store = FileTokenStore(path)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(errors.TokenStoreDamaged) as caught:
            store.load("k")
        with pytest.raises(errors.TokenStoreDamaged):
            store.replace("new", a_grant(), None)
        assert path.read_bytes() == whole[:length]
    assert "remove it and log in again" in str(caught.value)
    assert "stored-" not in str(caught.value)
    path.unlink()
    assert store.load("k") is None
    assert store.replace("k", a_grant(), None)


@pytest.mark.parametrize(
    "content",
    [b"{}", b"[]", b"\xff\xfe", b'{"frontdesk_tokens": 2, "records": {}}', b"null",
     b'{"frontdesk_tokens": 1, "records": {"k": 7}}', b"[" * 100_000],
)  # fmt: skip
def test_another_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(errors.TokenStoreDamaged):
        FileTokenStore(path).load("k")


def test_a_record_of_another_version_costs_that_record(path: Path) -> None:
    document = msgspec.json.decode(path.read_bytes())
    document["records"]["odd"] = {"version": "1-x", "text": '{"later": true}'}
    path.write_bytes(msgspec.json.encode(document))
    store = FileTokenStore(path)
    with pytest.raises(errors.TokenStoreDamaged, match="delete it, and log in again"):
        store.load("odd")
    assert store.load("k") == a_grant()
    store.delete("odd")
    assert store.load("odd") is None


def test_a_link_is_followed_and_stays(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    FileTokenStore(link).replace("k", a_grant(2), a_grant())
    assert link.is_symlink()
    assert FileTokenStore(path).load("k") == a_grant(2)


def test_what_a_killed_process_left_is_replaced(path: Path) -> None:
    left = path.with_name("tokens.new")
    left.write_text("half of a tok")
    left.chmod(0o666)
    assert FileTokenStore(path).replace("k", a_grant(2), a_grant())
    assert not left.exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    with pytest.raises(errors.TokenStoreError, match="no plain file"):
        FileTokenStore(tmp_path / "tokens").load("k")


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.TokenStoreUnavailable, match="check its rights"):
        FileTokenStore(tmp_path / "file" / "tokens").replace("k", a_grant(), None)


def test_a_disk_that_is_full_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    store = FileTokenStore(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(errors.TokenStoreUnavailable, match="No space left"):
            store.replace("k", a_grant(2), a_grant())
    assert store.load("k") == a_grant()
    assert sorted(path.parent.iterdir()) == [path]


def test_a_writer_that_hangs_is_explained(path: Path) -> None:
    from frontdesk.auth.stores.leases import FileLeases

    lock = FileLock(path.with_name("tokens.write.lock"))
    assert lock.acquire()
    leases = FileLeases(path, longest_wait=0.02)
    hangs = pytest.raises(errors.TokenStoreUnavailable, match="see whether it hangs")
    with hangs, leases.writing():
        pass
    lock.release()
    with leases.writing():
        pass


def test_an_owner_who_is_gone_keeps_a_lease_for_its_time_only(path: Path) -> None:
    from frontdesk.auth.stores.leases import FileLeases

    seconds = 0.0
    leases = FileLeases(path, clock=lambda: seconds)
    assert leases.acquire("k", "gone", 30)
    seconds = 29.0
    assert not leases.acquire("k", "next", 30)
    seconds = 30.0
    assert leases.acquire("k", "next", 30)
    leases.release("k", "gone")
    assert not leases.acquire("k", "third", 30)
    leases.release("k", "next")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_the_child_of_a_fork_holds_no_lease(path: Path) -> None:
    store = FileTokenStore(path)
    assert store.acquire("k", "parent", 30)
    child = os.fork()
    if child == 0:
        taken = store.acquire("k", "child", 30)
        os._exit(17 if taken else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.release("k", "parent")
    assert FileTokenStore(path).acquire("k", "next", 30)


# In the keyring


def test_a_keyring_that_is_locked_is_explained(tmp_path: Path) -> None:
    backend = FakeKeyring()
    store = KeyringTokenStore("desk", backend=backend, lock_folder=tmp_path)
    store.replace("k", a_grant(), None)
    backend.locked = True
    with pytest.raises(errors.TokenStoreUnavailable, match="unlock it"):
        store.load("k")
    backend.locked = False
    backend.entries["desk", "k"] = "something else"
    with pytest.raises(errors.TokenStoreDamaged, match="delete it there"):
        store.load("k")
    store.delete("k")
    assert store.load("k") is None


def test_a_system_without_a_keyring_is_explained(tmp_path: Path) -> None:
    from keyring.backends.fail import Keyring

    with pytest.raises(errors.TokenStoreUnavailable, match="use FileTokenStore"):
        KeyringTokenStore(backend=Keyring(), lock_folder=tmp_path)


def test_the_locks_of_a_keyring_lie_with_the_users_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    store = KeyringTokenStore(backend=FakeKeyring())
    assert store.acquire("k", "one", 30)
    assert [path.name for path in tmp_path.iterdir()] == ["frontdesk"]
    store.release("k", "one")


# In Redis


@pytest.mark.parametrize("redis", ["http://x", "127.0.0.1", 7, None])
def test_what_is_no_redis_is_refused(redis: Any) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        RedisTokenStore(redis)
    assert caught.value.field == "redis"


def test_a_redis_that_is_away_is_explained_without_its_password() -> None:
    store = RedisTokenStore("redis://:pass-of-redis-1@127.0.0.1:9/0")
    with pytest.raises(errors.TokenStoreUnavailable, match="check its address") as caught:
        store.load("k")
    assert "pass-of-redis-1" not in repr(caught.value) + repr(caught.value.__cause__)
    store.close()


def test_a_wrong_password_is_explained_without_it(redis_url: str) -> None:
    store = RedisTokenStore(redis_url.replace("redis-pass", "wrong-pass"))
    with pytest.raises(errors.TokenStoreUnavailable, match="its account") as caught:
        store.acquire("k", "one", 1)
    assert "wrong-pass" not in str(caught.value)
    store.close()


def test_a_client_of_ones_own_is_used(redis_url: str) -> None:
    from redis import Redis

    for texts in (True, False):
        client = Redis.from_url(redis_url, decode_responses=texts)
        store = RedisTokenStore(client, prefix=f"own-{texts}[*]:")
        assert store.replace("k*", a_grant(), None)
        assert store.load("k*") == a_grant()
        assert store.keys() == ["k*"]
        store.close()


def test_a_lease_in_redis_ends_by_itself(redis_url: str) -> None:
    store = RedisTokenStore(redis_url, prefix="ends:")
    assert store.acquire("k", "killed", 0.05)
    deadline = threading.Event()
    while not store.acquire("k", "next", 30):
        deadline.wait(0.01)
    store.release("k", "next")
    store.close()
