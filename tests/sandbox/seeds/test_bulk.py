"""The seed of very many threads."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from frontdesk.actions import ListArchives, ListChats, ListThreads
from frontdesk.codec.decoding import convert, decode, encode
from frontdesk.models import ArchivesFilters, ArchivesPage, ChatsFilters
from frontdesk.sandbox import apis
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.sandbox.world import Clock, Requester
from frontdesk.sandbox.world.actor import CUSTOMER_CLIENT_ID
from frontdesk.spec.scopes import covers

from .._desk import as_received

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
THREADS = 1500
OWNER = Requester(
    id="smith@example.com",
    role="owner",
    scopes=covers("chats--all:ro"),
    client_id="0805e283233042b37f460ed8fbf22160",
)


def bulk(threads=THREADS, random_seed=0, path=None):
    clock = Clock(NOW, running=False)
    return new_world(f"bulk:{threads}", random_seed=random_seed, clock=clock, path=path)


@pytest.fixture(scope="module")
def world():
    world = bulk()
    yield world
    world.store.close()


def call(world, action):
    try:
        return as_received(action, apis.call(world, OWNER, action))
    finally:
        world.commit()


def walk(world, **arguments):
    page = call(world, ListArchives(limit=100, **arguments))
    while True:
        yield from page.chats
        if page.next_page_id is None:
            return
        page = call(world, ListArchives(page_id=page.next_page_id))


def test_as_many_threads_as_asked_in_the_order_of_time(world):
    chats = list(walk(world, sort_order="asc"))
    created = [chat.thread.created_at for chat in chats]
    assert len({chat.thread.id for chat in chats}) == THREADS
    assert created == sorted(created)
    assert created[-1] < NOW
    assert (created[-1] - created[0]).days > 600
    for chat in chats:
        timestamps = [event.created_at for event in chat.thread.events]
        assert chat.thread.created_at <= timestamps[0]
        assert timestamps == sorted(timestamps)
        assert timestamps[-1] < NOW


def test_threads_of_a_chat_know_each_other(world):
    chats = list(walk(world, sort_order="asc"))
    by_chat = {}
    for chat in chats:
        by_chat.setdefault(chat.id, []).append(chat.thread)
    assert max(map(len, by_chat.values())) >= 3
    for chat_id, threads in by_chat.items():
        ids = [None, *(thread.id for thread in threads), None]
        assert [thread.previous_thread_id for thread in threads] == ids[:-2]
        assert [thread.next_thread_id for thread in threads] == ids[2:]
        listed = call(world, ListThreads(chat_id=chat_id, sort_order="asc", limit=100))
        assert [thread.id for thread in listed.threads] == ids[1:-1]


def test_summaries_name_the_last_thread_and_its_last_events(world):
    page = call(world, ListChats(limit=100))
    assert page.found_chats == world.store.chats.count()
    for summary in page.chats_summary:
        thread = call(world, ListThreads(chat_id=summary.id, limit=1)).threads[0]
        assert summary.last_thread_summary.id == thread.id
        newest = {event.type: event.id for event in thread.events}
        last = {kind: one.event.id for kind, one in summary.last_event_per_type.items()}
        assert last == {**last, **newest}


def test_the_same_number_gives_the_same_history(world):
    again, other = bulk(), bulk(random_seed=1)
    page, same, another = (
        encode(call(one, ListArchives(limit=100))) for one in (world, again, other)
    )
    without_ids = [{**decode(data, dict), "next_page_id": None} for data in (page, same, another)]
    assert without_ids[0] == without_ids[1]
    assert without_ids[0] != without_ids[2]
    again.store.close()
    other.store.close()


def test_clients_decode_every_thread(world):
    page = call(world, ListArchives(limit=100))
    assert decode(encode(page), ArchivesPage) == page


def test_several_event_types_languages_and_countries(world):
    chats = list(walk(world))
    types = {event.type for chat in chats for event in chat.thread.events}
    assert types == {
        "message", "file", "form", "filled_form", "rich_message", "custom", "system_message",
        "system",
    }  # fmt: skip
    said = " ".join(
        event.text for chat in chats for event in chat.thread.events if event.type == "message"
    )
    for text in ("order", "Bestellung", "pedido", "zamówienie", "commande", "注文"):
        assert text in said
    countries = {chat.thread.customer_visit.geolocation.country_code for chat in chats}
    assert len(countries) >= 8


@pytest.mark.parametrize(
    "filters",
    [
        {"query": "refund"},
        {"query": "返金"},
        {"from": "2025-06-01T00:00:00Z", "to": "2025-09-01T00:00:00Z"},
        {"group_ids": [1]},
        {"group_ids": [3]},
        {"properties": {"test": {"string_property": {"values": ["gold"]}}}},
        {"properties": {"test": {"tokenized_string_property": {"values": ["invoice"]}}}},
        {"properties": {"rating": {"score": {"exists": True}}}},
        {"agents": {"exists": False}},
        {"agents": {"values": ["jones@example.com"]}},
        {"tags": {"values": ["support"]}},
        {"tags": {"exists": False}},
        {"sales": {"exists": True}},
        {"goals": {"values": [2]}},
        {"customer_countries": {"values": ["PL", "JP"]}},
        {"forms": [{"type": "pre_chat", "values": ["returns"]}]},
        {"forms": [{"type": "post_chat", "exists": True}]},
        {"event_types": {"values": ["system"]}},
        {"event_types": {"values": ["file", "filled_form"], "require_every_value": True}},
        {"greetings": {"values": [3]}},
        {"agent_response": {"first": True, "agents": {"values": ["jones@example.com"]}}},
        {"agent_response": {"exists": False}},
        {"agent_types": {"any_values": ["chatbot"]}},
        {"agent_types": {"any_values": ["ai_agent"]}},
    ],
    ids=lambda filters: next(iter(filters)),
)
def test_every_filter_has_something_to_find(world, filters):
    found = call(world, ListArchives(filters=convert(filters, ArchivesFilters))).found_chats
    assert 0 < found < THREADS


def test_customers_write_while_the_office_is_open_and_bots_respond_otherwise(world):
    bot_ids = {agent.id for agent in world.store.company.agents.values() if agent.bot}
    opened = by_bot_when_closed = closed = weekend = 0
    for chat in walk(world):
        start = chat.thread.created_at
        authors = {event.author_id for event in chat.thread.events if event.type == "message"}
        weekend += start.weekday() >= 5
        if start.weekday() < 5 and 9 <= start.hour < 17:
            opened += 1
        else:
            closed += 1
            by_bot_when_closed += bool(authors & bot_ids)
    assert 0.7 < opened / THREADS < 0.9
    assert 0 < weekend / THREADS < 0.2
    assert by_bot_when_closed / closed > 0.8


def test_threads_of_a_line_to_many_and_of_seconds_to_days(world):
    threads = [chat.thread for chat in walk(world)]
    lines = [sum(event.type == "message" for event in thread.events) for thread in threads]
    assert min(lines) == 1
    assert max(lines) > 20
    durations = [(t.events[-1].created_at - t.events[0].created_at).days for t in threads]
    assert min(durations) == 0
    assert max(durations) >= 1


def test_nobody_is_satisfied_without_a_response(world):
    agents = set(world.store.company.agents)
    unanswered = 0
    for chat in walk(world):
        thread = chat.thread
        authors = {event.author_id for event in thread.events if event.type == "message"}
        if not authors & agents:
            unanswered += 1
            assert thread.properties.get("rating", {}).get("score") != 1
    assert unanswered > 0


def test_phone_numbers_are_international(world):
    numbers = [record.profile.phone_number for record in world.store.customers.page(limit=1000)]
    numbers = [number for number in numbers if number]
    assert numbers
    assert all(re.fullmatch(r"\+[1-9]\d{6,14}", number) for number in numbers)


def test_chat_properties_are_there_for_list_chats(world):
    filters = convert(
        {"properties": {"test": {"string_property": {"values": ["gold"]}}}}, ChatsFilters
    )
    found = call(world, ListChats(filters=filters)).found_chats
    assert 0 < found < world.store.chats.count()


def test_the_index_is_what_indexing_the_records_gives(tmp_path):
    world = bulk(200, path=tmp_path / "bulk.db")
    store = world.store
    before = contents(store)
    for num in range(1, store.threads.next_num()):
        store.threads.touch(num)
    call(world, ListArchives())
    assert contents(store) == before
    store.close()


def contents(store):
    return {
        table: store.db.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("terms", "postings", "archived", "term_timestamps")
    }


def test_nobody_has_active_chats(world):
    assert set(world.store.chats.loads().values()) <= {0}
    found = call(world, ListChats(filters=ChatsFilters(active=True))).found_chats
    assert found == 0


def test_bulk_after_bulk_goes_on_in_time(tmp_path):
    from frontdesk.sandbox.seeds.bulk import seed_bulk

    world = bulk(50, path=tmp_path / "bulk.db")
    seed_bulk(world, 50)
    chats = list(walk(world, sort_order="asc"))
    created = [chat.thread.created_at for chat in chats]
    assert len(chats) == 100
    assert created == sorted(created)
    world.store.close()


def test_events_say_which_application_sent_them():
    world = new_world("bulk:30")
    clients = {
        msgspec.json.decode(data).get("properties", {}).get("source", {}).get("client_id")
        for (data,) in world.store.db.rows("SELECT data FROM events WHERE author_id IS NOT NULL")
    }
    world.store.close()
    assert clients == {CUSTOMER_CLIENT_ID, CLIENT_ID}
