"""Installations in each kind of store: what is kept, by whom it may be changed, what is damaged."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import errors
from frontdesk.auth import (
    FileTokenStore,
    KeyringTokenStore,
    MemoryTokenStore,
    Record,
    RecordStore,
    RedisTokenStore,
    TokenGrant,
)
from frontdesk.installations import Installation, InstallationStore

ISSUED = datetime(2026, 5, 4, 12, tzinfo=UTC)
ORGANIZATION = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
TOKEN = "fra:installed-token-4be7"
REFRESH = "refresh-installed-55c1"


def a_grant(organization_id: str | None = ORGANIZATION, **fields: Any) -> TokenGrant:
    given: dict[str, Any] = {
        "access_token": TOKEN, "refresh_token": REFRESH, "scopes": ("chats--all:ro",),
        "account_id": "acc-1", "client_id": "the-app", "issued_at": ISSUED, "expires_in": 28_800.0,
        "id": "grant-1", **fields,
    }  # fmt: skip
    return TokenGrant(organization_id=organization_id, **given)


class Rows(RecordStore):
    """A store over a table, as users write one."""

    rows: dict[str, Record]
    leases: dict[str, str]

    def __init__(self) -> None:
        self.rows, self.leases = {}, {}

    def keys(self) -> list[str]:
        return sorted(self.rows)

    def read(self, key: str) -> Record | None:
        return self.rows.get(key)

    def write(self, key: str, record: Record, expected: str | None) -> bool:
        present = self.rows.get(key)
        if (present and present.version) != expected:
            return False
        self.rows[key] = record
        return True

    def remove(self, key: str) -> None:
        self.rows.pop(key, None)

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        return self.leases.setdefault(key, owner) == owner

    def release(self, key: str, owner: str) -> None:
        if self.leases.get(key) == owner:
            del self.leases[key]


class FakeKeyring:
    priority = 1

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture(params=["memory", "file", "keyring", "redis", "own"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Makes stores of installations that keep in the same place."""
    made: list[RecordStore] = []
    keyring = FakeKeyring()

    def make() -> InstallationStore:
        match request.param:
            case "memory" | "own":
                if not made:
                    made.append(MemoryTokenStore() if request.param == "memory" else Rows())
            case "file":
                made.append(FileTokenStore(tmp_path / "tokens"))
            case "keyring":
                made.append(KeyringTokenStore(backend=keyring, lock_folder=tmp_path))
            case _:
                url = request.getfixturevalue("redis_url")
                made.append(RedisTokenStore(url, prefix=f"test:{tmp_path.name}:"))
        return InstallationStore(made[-1])

    yield make
    for store in made:
        if isinstance(store, RedisTokenStore):
            store.close()


def test_what_is_installed_is_there_for_all(stores: Any) -> None:
    first, second = stores(), stores()
    assert first.load(ORGANIZATION) is None
    assert first.organization_ids() == list(second) == []
    installation = first.add(a_grant())
    assert second.load(ORGANIZATION) == installation
    assert installation.region == "fra"
    assert installation.account_id == "acc-1"
    assert installation.scopes == ("chats--all:ro",)
    grant = second.tokens.load(second.token_key(ORGANIZATION))
    assert grant is not None
    assert grant.access_token == TOKEN
    first.add(a_grant("org-2"))
    assert second.organization_ids() == sorted([ORGANIZATION, "org-2"])
    second.remove(ORGANIZATION)
    second.remove(ORGANIZATION)
    assert [each.organization_id for each in first] == ["org-2"]
    assert list(first.tokens.keys()) == ["organization:org-2", "organization:org-2:token"]


def test_two_apps_and_other_tokens_may_share_a_store(stores: Any) -> None:
    one = stores()
    other = InstallationStore(one.tokens, prefix="second app:")
    one.tokens.replace("default", a_grant(), None)
    one.add(a_grant("org-1"))
    other.add(a_grant("org-2"))
    assert one.organization_ids() == ["org-1"]
    assert other.organization_ids() == ["org-2"]


def test_all_changes_are_kept_however_many_make_them(stores: Any) -> None:
    store = stores()
    installation = store.add(a_grant())

    def add(number: int) -> None:
        def added(present: Installation) -> Installation:
            return msgspec.structs.replace(present, webhook_ids=(*present.webhook_ids, str(number)))

        assert stores().change(installation, added) is not None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))
    kept = store.load(ORGANIZATION)
    assert sorted(kept.webhook_ids, key=int) == [str(number) for number in range(20)]


def test_an_installation_is_ended_once(stores: Any) -> None:
    store = stores()
    installation = store.add(a_grant())
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: stores().end(installation, "gone"), range(8)))
    (marked,) = [each for each in ended if each is not None]
    assert marked == store.load(ORGANIZATION)
    assert not marked.is_active
    assert marked.ended_because == "gone"


def test_installing_anew_keeps_the_webhooks_to_unregister_and_ends_the_old_one(stores: Any) -> None:
    store = stores()
    old = store.add(a_grant())
    store.change(old, lambda each: msgspec.structs.replace(each, webhook_ids=("w1",)))
    store.end(old)
    new = store.add(a_grant(id="grant-2", issued_at=ISSUED + timedelta(seconds=1)))
    assert new.is_active
    assert new.webhook_ids == ("w1",)
    assert store.end(old) is None
    assert store.change(old, lambda each: msgspec.structs.replace(each, scopes=())) is None
    assert store.load(ORGANIZATION) == new


def test_the_log_in_that_is_finished_last_counts(stores: Any) -> None:
    store = stores()
    store.add(a_grant(id="first", access_token="dal:first-token"))
    # Whatever the dates of the responses: the server's clock may have been set.
    store.add(a_grant(scopes=("a", "b"), issued_at=ISSUED - timedelta(seconds=9)))
    grant = store.tokens.load(store.token_key(ORGANIZATION))
    assert grant.access_token == TOKEN
    assert store.load(ORGANIZATION).scopes == ("a", "b")


def test_an_installation_that_is_damaged_says_what_to_do() -> None:
    store = InstallationStore(MemoryTokenStore())
    for text in ("", "{}", '{"organization_id": 1}', "\ud800"):
        store.tokens.remove(f"organization:{ORGANIZATION}")
        store.tokens.write(f"organization:{ORGANIZATION}", Record("1", text), None)
        with pytest.raises(errors.TokenStoreDamaged, match="installed again") as caught:
            store.load(ORGANIZATION)
        assert text not in str(caught.value) or not text


@pytest.mark.parametrize("name", ["", "a b", "a:token", "ö", "x" * 129, "a/b", None, 7])
def test_names_that_no_organization_has(name: Any) -> None:
    store = InstallationStore(MemoryTokenStore())
    with pytest.raises(errors.InvalidArgument, match="organization_id"):
        store.load(name)


def test_a_grant_that_does_not_tell_its_organization() -> None:
    store = InstallationStore(MemoryTokenStore())
    with pytest.raises(errors.InvalidArgument, match="organization_id"):
        store.add(a_grant(None))
    assert store.add(a_grant(None), "org-1").organization_id == "org-1"


def test_a_store_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    store = InstallationStore(FileTokenStore(path))
    store.check()
    store.add(a_grant())
    path.chmod(0o644)
    for use in (store.check, store.organization_ids, lambda: store.load(ORGANIZATION)):
        with pytest.raises(errors.TokenStoreExposed, match="chmod 600") as caught:
            use()
        assert REFRESH not in str(caught.value)


def test_no_installation_holds_a_token() -> None:
    store = InstallationStore(MemoryTokenStore())
    installation = store.add(a_grant())
    shown = msgspec.json.encode(installation).decode() + repr(installation) + repr(store)
    assert TOKEN not in shown
    assert REFRESH not in shown
