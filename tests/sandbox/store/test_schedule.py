"""The queue: who is served next, and in which place the others are."""

import pytest

from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.store.records import QueueRow


@pytest.fixture
def queue():
    store = SandboxStore()
    yield store.queue
    store.close()


def row(thread, group_id=0, rank=1, queued_at=0):
    return QueueRow(thread=thread, group_id=group_id, chat=thread, rank=rank, queued_at=queued_at)


def test_rank_goes_before_time_and_time_before_number(queue):
    rows = [row(3), row(1, queued_at=5), row(2, queued_at=5), row(9, rank=0, queued_at=50)]
    queue.add(rows)
    assert [queue.position(each) for each in rows] == [2, 3, 4, 1]
    assert queue.first({0}, set()) == rows[3]
    assert queue.first({0}, {9}) == rows[0]
    assert queue.first({0}, {9, 3, 1, 2}) is None


def test_a_chat_waits_in_each_of_its_groups_and_counts_once(queue):
    queue.add([row(1, group_id=1), row(1, group_id=2)])
    assert queue.count() == 1
    assert queue.get(1, 2) == row(1, group_id=2)
    assert queue.first({1, 2}, {1}) is None
    queue.remove(1)
    assert (queue.count(), queue.get(1, 1)) == (0, None)


def test_the_first_of_several_groups_is_served(queue):
    queue.add([row(1, group_id=1, queued_at=7), row(2, group_id=2, queued_at=3)])
    assert queue.first({1, 2}, set()) == row(2, group_id=2, queued_at=3)
    assert queue.first({1}, set()) == row(1, group_id=1, queued_at=7)
    assert queue.first({3}, set()) is None
