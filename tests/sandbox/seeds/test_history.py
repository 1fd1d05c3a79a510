"""The past of the demo company, as the archives show it."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.models import ArchivesFilters
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.history import DAYS, THREADS
from frontdesk.sandbox.seeds.phrasebook import LANGUAGE_CODES, phrasebook

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HUMANS = re.compile(r".+@example\.com")
BOT = "Helper Bot"


class Past:
    """The archives of a quiet company."""

    def __init__(self, random_seed):
        self.sandbox = Sandbox("quiet", random_seed=random_seed, start=NOW, running=False)
        self.client = self.sandbox.client()
        self.chats = list(self.client.iter_archives(sort_order="asc"))
        self.threads = [chat.thread for chat in self.chats]
        self.people = [
            self.client.get_customer(id=customer_id)
            for customer_id in {self.customer_of(chat).id for chat in self.chats}
        ]
        self.bot_id = next(
            user.id for chat in self.chats for user in chat.users if user.name == BOT
        )

    def matching(self, **filters):
        page = self.client.list_archives(filters=ArchivesFilters(**filters))
        return page.found_chats

    def customer_of(self, chat):
        return next(user for user in chat.users if user.type == "customer")


@pytest.fixture(scope="module", params=[0, 7], ids="random seed {}".format)
def past(request):
    past = Past(request.param)
    yield past
    past.sandbox.close()


def is_open(time):
    return time.weekday() < 5 and 9 <= time.hour < 17


def messages(thread):
    return [event for event in thread.events if event.type == "message"]


def seconds(thread):
    return (thread.events[-1].created_at - thread.events[0].created_at).total_seconds()


def test_as_many_threads_as_promised_all_of_the_last_months_and_over(past):
    assert len(past.threads) == THREADS
    assert not any(thread.active for thread in past.threads)
    midnight = NOW.replace(hour=0, minute=0)
    for thread in past.threads:
        assert midnight - timedelta(days=DAYS) <= thread.created_at
        assert thread.events[-1].created_at < midnight


def test_most_customers_write_while_the_office_is_open(past):
    opened = [thread.created_at for thread in past.threads]
    assert 0.7 < sum(map(is_open, opened)) / len(opened) < 0.9
    hours = Counter(time.hour for time in opened if time.weekday() < 5)
    assert hours[10] > hours[12] < hours[15]
    assert sum(hours[hour] for hour in range(6)) < hours[10] / 2


def test_few_customers_write_at_the_week_end(past):
    days = Counter(thread.created_at.weekday() for thread in past.threads)
    assert min(days[day] for day in range(5)) > 1.5 * max(days[5], days[6])
    assert days[5] > 0
    assert days[6] > 0


def test_a_bot_responds_when_the_office_is_closed_and_people_when_it_is_open(past):
    by_bot, by_people = [], []
    for thread in past.threads:
        authors = {message.author_id for message in messages(thread)}
        if past.bot_id in authors:
            by_bot.append(thread)
        if any(HUMANS.fullmatch(author) for author in authors):
            by_people.append(thread)
    closed = [thread for thread in past.threads if not is_open(thread.created_at)]
    assert len(closed) >= 40
    assert sum(thread in by_bot for thread in closed) / len(closed) > 0.8
    assert not any(is_open(thread.created_at) for thread in by_bot)
    of_a_day = [thread for thread in by_people if seconds(thread) < 86_400]
    assert sum(is_open(thread.created_at) for thread in of_a_day) / len(of_a_day) > 0.98


def test_some_half_hours_bring_many_customers_at_once(past):
    opened = [thread.created_at for thread in past.threads]
    in_half_an_hour = [
        sum(time <= other < time + timedelta(minutes=30) for other in opened) for time in opened
    ]
    assert max(in_half_an_hour) >= 8
    assert sorted(in_half_an_hour)[len(opened) // 2] <= 3


def test_threads_go_on_side_by_side(past):
    changes = []
    for thread in past.threads:
        changes += [(thread.events[0].created_at, 1), (thread.events[-1].created_at, -1)]
    open_threads = most = 0
    for _, change in sorted(changes):
        open_threads += change
        most = max(most, open_threads)
    assert most >= 4
    busiest = Counter()
    for thread in past.threads:
        for agent_id in {m.author_id for m in messages(thread) if HUMANS.fullmatch(m.author_id)}:
            busiest[agent_id] += 1
    assert len(busiest) >= 6


def test_threads_have_one_line_to_a_hundred_events(past):
    lengths = [len(messages(thread)) for thread in past.threads]
    assert min(lengths) == 1
    assert max(len(thread.events) for thread in past.threads) >= 100
    assert len(set(lengths)) >= 9


def test_threads_take_seconds_to_days(past):
    durations = sorted(map(seconds, past.threads))
    assert durations[0] < 20
    assert durations[-1] > 2 * 86_400
    assert 60 < durations[len(durations) // 2] < 1800
    assert sum(duration > 86_400 for duration in durations) >= 2


def test_more_than_a_thousand_different_lines_in_several_languages(past):
    lines = {
        re.sub(r"\d+", "0", message.text) for thread in past.threads for message in messages(thread)
    }
    assert len(lines) >= 1000
    for language in LANGUAGE_CODES:
        book = phrasebook(language)
        fixed = [
            line.text
            for talk in (*book.with_people, *book.with_bots)
            for line in talk.lines
            if line.kind in "ca" and "{" not in line.text
        ]
        said = [line for line in fixed if re.sub(r"\d+", "0", line) in lines]
        assert len(said) / len(fixed) > 0.9, language


def test_nobody_praises_a_question_without_a_response(past):
    praise = {line for code in LANGUAGE_CODES for line in phrasebook(code).comments["solved"]}
    unanswered = 0
    for chat in past.chats:
        customer = past.customer_of(chat)
        said = messages(chat.thread)
        after_the_last_response = []
        for message in said:
            mine = message.author_id == customer.id
            after_the_last_response = [*after_the_last_response, message.text] if mine else []
        rating = chat.thread.properties.get("rating", {})
        if any("?" in text for text in after_the_last_response):
            unanswered += 1
            assert rating.get("score") != 1, said
            assert rating.get("comment") not in praise
    assert unanswered >= 5


def test_comments_fit_the_score(past):
    scores = Counter()
    for thread in past.threads:
        rating = thread.properties.get("rating", {})
        if "score" in rating:
            scores[rating["score"]] += 1
        for code in LANGUAGE_CODES:
            comments = phrasebook(code).comments
            if rating.get("comment") in (*comments["unsolved"], *comments["unanswered"]):
                assert rating["score"] == 0
            if rating.get("comment") in comments["solved"]:
                assert rating["score"] == 1
    assert scores[1] > scores[0] > 10


@pytest.mark.parametrize("language", LANGUAGE_CODES)
def test_who_is_satisfied_has_had_a_response_to_the_last_question(language):
    book = phrasebook(language)
    for talk in (*book.with_people, *book.with_bots):
        kinds = [line.kind for line in talk.lines]
        assert kinds[0] == "c"
        assert talk.outcome in book.comments
        if talk.outcome == "solved":
            assert "a" in kinds
            asked = [n for n, (kind, text) in enumerate(talk.lines) if kind == "c" and "?" in text]
            assert not asked or "a" in kinds[asked[-1] + 1 :], talk
        if talk.outcome == "unanswered":
            assert kinds[-1] == "c"
    assert len(book.with_bots) >= 2
    assert all(book.comments.values())


def test_goals_sales_greetings_and_tags_are_found(past):
    for found in (
        past.matching(goals={"exists": True}),
        past.matching(sales={"exists": True}),
        past.matching(greetings={"exists": True}),
        past.matching(properties={"ecommerce": {"has_sale": {"values": [True]}}}),
        past.matching(tags={"values": ["refund"]}),
        past.matching(query="refund"),
        past.matching(query="Bestellung"),
    ):
        assert 0 < found < THREADS
    statistics = [person.statistics for person in past.people]
    shown = sum(one.greetings_shown_count or 0 for one in statistics)
    assert shown > sum(one.greetings_converted_count or 0 for one in statistics) > 0
    greeted = [t for t in past.threads if "greeting_id" in t.properties.get("lc2", {})]
    assert len({t.properties["lc2"]["greeting_id"] for t in greeted}) >= 4
    assert len({t.properties["lc2"]["greeting_unique_id"] for t in greeted}) == len(greeted)


def test_what_the_bot_cannot_solve_becomes_a_ticket(past):
    with_tickets = [customer for customer in past.people if customer.tickets]
    assert len(with_tickets) >= 3
    for customer in with_tickets:
        assert customer.statistics.tickets_count == len(customer.tickets)
        for ticket in customer.tickets:
            assert ticket.ticket_id
            assert ticket.created_at < NOW


def test_customers_are_people(past):
    people = past.people
    assert len(people) >= 40
    phones = [person.phone_number for person in people if person.phone_number]
    assert len(phones) > 0.7 * len(people)
    assert all(re.fullmatch(r"\+[1-9]\d{6,14}", phone) for phone in phones)
    avatars = [person.avatar for person in people if person.avatar]
    assert len(set(avatars)) == len(avatars) > 0.5 * len(people)
    created = sorted(person.created_at for person in people)
    assert created[-1] - created[0] > timedelta(days=120)
    assert len({(time.year, time.month) for time in created}) >= 5
    for person in people:
        where = person.visit.geolocation
        assert -90 <= float(where.latitude) <= 90
        assert -180 <= float(where.longitude) <= 180
        assert where.city
        assert where.timezone
    assert len({person.visit.geolocation.city for person in people}) >= 30
    assert len({person.visit.geolocation.country_code for person in people}) >= 15


def test_customers_browse_with_several_browsers(past):
    browsers = {}
    for chat in past.chats:
        customer = past.customer_of(chat)
        browsers.setdefault(customer.id, set()).add(chat.thread.customer_visit.user_agent)
    assert len(set.union(*browsers.values())) >= 5
    assert sum(len(own) > 1 for own in browsers.values()) > len(browsers) / 2


def test_the_history_has_every_kind_of_event(desk):
    store = desk.world.store
    threads = [
        thread for num in range(1, store.chats.next_num()) for thread in store.threads.of_chat(num)
    ]
    events = [row for thread in threads for row in store.events.of_thread(thread.num)]
    assert {row.type for row in events} == {
        "message",
        "file",
        "filled_form",
        "rich_message",
        "custom",
        "system_message",
    }
    said = b" ".join(row.data for row in events).decode()
    for words in ("Bestellung", "señorita", "Dzień dobry", "mot de passe", "注文", "refund"):
        assert words in said
    assert {tag for thread in threads for tag in thread.tags} >= {"support", "sales", "refund"}
    assert any(thread.summary for thread in threads)
    assert any("rating" in thread.properties for thread in threads)
    assert any(thread.previous_id for thread in threads)


def test_the_history_is_past_and_nothing_waits(desk):
    store = desk.world.store
    assert store.timers.count() == 0
    assert store.queue.count() == 0
    assert set(store.chats.loads().values()) <= {0}
    assert store.customers.online() == []
    last = store.threads.read_at(store.threads.next_num() - 1)
    assert last.closed_at.date() < desk.world.clock.now().date()
