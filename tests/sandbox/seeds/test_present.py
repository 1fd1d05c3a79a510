"""The present of the demo company, as clients see it."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.models import ChatsFilters
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.seeds.present import SLOT, began
from frontdesk.sandbox.world import Clock

NOW = datetime(2026, 3, 2, 9, 33, 20, tzinfo=UTC)
SMITH = "smith@example.com"
JONES = "jones@example.com"
MUELLER = "mueller@example.com"


class Present:
    """The active chats by the names of their customers."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.client = sandbox.client()
        self.chats = {}
        summaries = self.client.list_chats(filters=ChatsFilters(active=True)).chats_summary
        for summary in summaries:
            chat = self.client.get_chat(chat_id=summary.id)
            self.chats[self.customer(chat).name] = chat

    @staticmethod
    def customer(chat):
        return next(user for user in chat.users if user.type == "customer")

    @staticmethod
    def agents(chat, visibility="all"):
        return [
            user.id
            for user in chat.users
            if user.type == "agent" and user.present and user.visibility == visibility
        ]

    @staticmethod
    def responded(chat):
        return any(
            event.type == "message" and "@" in event.author_id for event in chat.thread.events
        )

    def queued(self):
        chats = [chat for chat in self.chats.values() if chat.thread.queue]
        return sorted(chats, key=lambda chat: chat.thread.queue.position)


@pytest.fixture
def present():
    with Sandbox(start=NOW, running=False) as sandbox:
        yield Present(sandbox)


def test_nine_chats_are_active(present):
    assert len(present.chats) == 9
    for chat in present.chats.values():
        assert chat.thread.active
        assert present.customer(chat).present
        begun = chat.thread.created_at
        assert NOW - timedelta(minutes=30) < begun <= NOW


def test_two_wait_in_the_queue(present):
    queued = present.queued()
    assert [present.customer(chat).name for chat in queued] == ["Sabine Krüger", "Tobias Schäfer"]
    assert [chat.thread.queue.position for chat in queued] == [1, 2]
    for chat in queued:
        assert present.agents(chat) == []
        assert chat.thread.queue.wait_time > 0
        assert chat.thread.queue.queued_at < NOW


def test_one_is_unassigned_and_not_queued(present):
    unassigned = [
        chat
        for chat in present.chats.values()
        if chat.thread.properties["routing"]["unassigned"] and not chat.thread.queue
    ]
    assert [present.customer(chat).name for chat in unassigned] == ["Mateo Ibáñez"]
    assert present.agents(unassigned[0]) == []


def test_one_has_an_agent_who_has_not_responded(present):
    unanswered = [
        chat
        for chat in present.chats.values()
        if present.agents(chat) and not present.responded(chat)
    ]
    assert [present.customer(chat).name for chat in unanswered] == ["Stefanie Huber"]
    assert present.agents(unanswered[0]) == [MUELLER]
    assert unanswered[0].thread.properties["routing"]["unreplied"] is True


def test_one_is_supervised(present):
    supervised = [
        chat for chat in present.chats.values() if present.agents(chat, visibility="agents")
    ]
    assert [present.customer(chat).name for chat in supervised] == ["Aoife Byrne"]
    assert present.agents(supervised[0], visibility="agents") == [SMITH]
    assert len(present.agents(supervised[0])) == 1


def test_one_began_with_a_greeting(present):
    greeted = [chat for chat in present.chats.values() if "lc2" in chat.thread.properties]
    assert len(greeted) == 2
    assert all(chat.thread.properties["lc2"]["greeting_id"] > 0 for chat in greeted)


def test_the_owner_and_an_agent_have_a_chat_each(present):
    """So that the next chats are shared out as without a present."""
    with_smith = [chat for chat in present.chats.values() if SMITH in present.agents(chat)]
    with_jones = [chat for chat in present.chats.values() if JONES in present.agents(chat)]
    assert len(with_smith) == len(with_jones) == 1


def test_customers_online_have_session_fields(present):
    online = [
        present.client.get_customer(id=record.id)
        for record in present.sandbox.backend.world.store.customers.online()
    ]
    assert len(online) == 9 + 4
    for customer in online:
        assert len(customer.session_fields) >= 2
        assert all(len(field) == 1 for field in customer.session_fields)
        assert customer.visit.ended_at is None
        assert customer.visit.last_pages


def test_the_first_of_the_queue_is_served_when_there_is_a_place(present):
    first, second = present.queued()
    mine = next(chat for chat in present.chats.values() if present.agents(chat) == [MUELLER])
    present.client.deactivate_chat(id=mine.id, ignore_requester_presence=True)
    assert present.agents(present.client.get_chat(chat_id=first.id)) == [MUELLER]
    assert present.client.get_chat(chat_id=second.id).thread.queue.position == 1


def test_it_lasts_for_minutes_and_ends_by_the_rules(present):
    present.sandbox.advance(timedelta(minutes=5))
    active = ChatsFilters(active=True)
    assert present.client.list_chats(filters=active).found_chats == 9
    present.sandbox.advance(timedelta(minutes=40))
    assert present.client.list_chats(filters=active).found_chats == 0


def test_next_to_nothing_else_is_different_without_it():
    with Sandbox("quiet", start=NOW, running=False) as quiet:
        client = quiet.client()
        assert client.list_chats(filters=ChatsFilters(active=True)).found_chats == 0
        archived = client.list_archives().found_chats
    with Sandbox("demo", start=NOW, running=False) as demo:
        assert demo.client().list_archives().found_chats == archived


@pytest.mark.parametrize("seconds", [0, 1, 299])
def test_times_are_rounded_down(seconds):
    slot = datetime(2026, 3, 2, 23, 55, tzinfo=UTC)
    assert began(slot + timedelta(seconds=seconds)) == slot
    assert began(slot + SLOT) == slot + SLOT


def test_worlds_of_the_same_minutes_are_the_same():
    images = []
    for seconds in (0, 200):
        clock = Clock(NOW.replace(minute=30, second=0) + timedelta(seconds=seconds), running=False)
        world = new_world("demo", clock=clock)
        images.append([(row.created_at, row.data) for row in events_of(world)])
        world.store.close()
    assert images[0] == images[1]


def events_of(world):
    last = world.store.threads.next_num()
    return [row for num in range(1, last) for row in world.store.events.of_thread(num)]
