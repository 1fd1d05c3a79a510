"""Webhooks that wait, in the database."""

import pytest

from frontdesk.sandbox.store import SandboxStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


def test_they_outlive_the_process_in_the_order_of_their_numbers(path):
    store = SandboxStore(path)
    for number in (10, 2, 9):
        store.deliveries.add(number, b"%d" % number)
    store.deliveries.add(9, b"nine")
    store.deliveries.remove([2, 77])
    store.db.commit()
    store.close()
    store = SandboxStore(path)
    assert store.deliveries.lasting
    assert store.deliveries.all() == [b"nine", b"10"]
    store.deliveries.clear()
    assert store.deliveries.all() == []
    store.close()


def test_in_memory_nothing_lasts():
    store = SandboxStore()
    assert not store.deliveries.lasting
    store.close()
