"""The credentials of customers: kept by kind, found by key, dropped after their end."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.sandbox.store import SandboxStore, to_micros
from frontdesk.sandbox.store.credentials.customers import (
    KEPT_MICROS,
    CustomerCookieRecord,
    CustomerTokenRecord,
    IdentityTransferRecord,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def token(number, customer_id="ann", *, client_id="shop", ends=NOON + HOUR):
    return CustomerTokenRecord(
        id=f"dal:{number}",
        customer_id=customer_id,
        client_id=client_id,
        created_at=NOON + timedelta(seconds=number),
        expires_at=ends,
    )


def cookie(**fields):
    defaults = {"id": "secret//", "secret": "secret", "customer_id": "ann", "client_id": "shop"}
    times = {"created_at": NOON, "expires_at": NOON + HOUR}
    return CustomerCookieRecord(**{**defaults, **times, **fields})


@pytest.fixture
def store():
    store = SandboxStore()
    yield store
    store.close()


@pytest.fixture
def credentials(store):
    return store.customer_credentials


def test_a_record_is_found_by_its_id(credentials):
    credentials.tokens.save(token(1))
    assert credentials.tokens.find("dal:1") == token(1)
    assert credentials.tokens.find("dal:2") is None


def test_kinds_are_apart(credentials):
    credentials.tokens.save(token(1))
    assert credentials.cookies.find("dal:1") is None
    assert credentials.transfers.find("dal:1") is None
    assert (len(credentials.tokens), len(credentials.cookies)) == (1, 0)


def test_the_records_of_a_customer_come_oldest_first(credentials):
    for number in (3, 1, 2):
        credentials.tokens.save(token(number))
    credentials.tokens.save(token(4, "ben"))
    assert [record.id for record in credentials.tokens.of_customer("ann")] == [
        "dal:1",
        "dal:2",
        "dal:3",
    ]


def test_what_ended_is_kept_for_a_while(credentials):
    credentials.tokens.save(token(1))
    end = to_micros(NOON + HOUR)
    credentials.remove_expired(end + KEPT_MICROS - 1)
    assert credentials.tokens.find("dal:1") == token(1)
    credentials.remove_expired(end + KEPT_MICROS)
    assert credentials.tokens.find("dal:1") is None


def test_a_client_loses_its_tokens_and_the_browser_keeps_its_customer(credentials):
    credentials.tokens.save(token(1))
    credentials.tokens.save(token(2, client_id="other"))
    credentials.cookies.save(cookie())
    credentials.remove_client("shop")
    assert credentials.tokens.find("dal:1") is None
    assert credentials.tokens.find("dal:2") == token(2, client_id="other")
    assert credentials.cookies.find("secret//") == cookie()


def test_the_generation_changes_with_each_token_that_may_have_ended(store, credentials):
    credentials.tokens.save(token(1))
    generations = [credentials.generation]
    for change in (
        lambda: credentials.tokens.remove("dal:1"),
        lambda: credentials.remove_client("shop"),
        store.rollback,
    ):
        change()
        generations.append(credentials.generation)
    assert len(set(generations)) == len(generations)


def test_a_new_token_changes_no_generation(credentials):
    before = credentials.generation
    credentials.tokens.save(token(1))
    assert credentials.generation == before


def test_an_undone_unit_of_work_gives_no_token(store, credentials):
    store.begin_unit()
    credentials.tokens.save(token(1))
    store.end_unit(keep=False)
    assert credentials.tokens.find("dal:1") is None


def test_a_snapshot_has_them(store, credentials):
    credentials.tokens.save(token(1))
    image = store.snapshot()
    credentials.tokens.remove("dal:1")
    store.restore(image)
    assert credentials.tokens.find("dal:1") == token(1)


@pytest.mark.parametrize(
    "record",
    [
        token(1),
        cookie(id="dal:1//", secret="dal:1"),
        IdentityTransferRecord(
            id="dal:1",
            customer_id="ann",
            client_id="shop",
            code_challenge="dal:1",
            created_at=NOON,
            expires_at=NOON,
        ),
    ],
    ids=lambda record: type(record).__name__,
)
def test_no_record_shows_its_secret(record):
    assert "dal:1" not in repr(record)
