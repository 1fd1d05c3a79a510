"""Ids in the shapes of the API."""

import re
from random import Random
from uuid import UUID

import pytest

from frontdesk.sandbox.world.ids import Ids

DRAWS = 300


@pytest.fixture
def ids():
    return Ids(Random(1))


def test_chat_and_thread_ids(ids):
    assert all(re.fullmatch("[0-9A-Z]{10}", ids.short()) for _ in range(DRAWS))


def test_no_two_numbers_have_the_same_id(ids):
    """Each is written with all of the 36 digits."""
    rng = Random(1)
    numbers = [rng.randrange(36**9, 36**10) for _ in range(DRAWS)]
    drawn = [ids.short() for _ in range(DRAWS)]
    assert [int(text, 36) for text in drawn] == numbers
    assert len(set("".join(drawn))) == 36


def test_customer_ids(ids):
    for _ in range(DRAWS):
        text = ids.uuid4()
        assert str(UUID(text)) == text
        assert UUID(text).version == 4
        assert UUID(text).variant == "specified in RFC 4122"


def test_other_ids(ids):
    assert all(re.fullmatch("[0-9a-f]{32}", ids.hex32()) for _ in range(DRAWS))


def test_the_same_random_numbers_give_the_same_ids(ids):
    first = [ids.short(), ids.uuid4(), ids.hex32()]
    ids.use(Random(1))
    assert [ids.short(), ids.uuid4(), ids.hex32()] == first
    assert [ids.short(), ids.uuid4(), ids.hex32()] != first
