"""The past of the demo company: a few hundred archived threads of the last 90 days.

The threads go on side by side on a clock of their own: people of the office on weekdays from 9 to
17 o'clock in UTC, a bot in the evening, by night and at the week end. Some days are busy: many
customers write within half an hour. A few customers talk for days, about one thing after another.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from frontdesk.sandbox.seeds.clientele import BROWSERS, PAGES, Person, clientele
from frontdesk.sandbox.seeds.dialogue import Dialogue, Visitor, visit
from frontdesk.sandbox.seeds.opening_hours import (
    CLOSES,
    OPENS,
    draw_hour,
    draws_day,
    is_open,
    next_opening,
)
from frontdesk.sandbox.seeds.phrasebook import LANGUAGE_CODES, Conversation, phrasebook
from frontdesk.sandbox.seeds.timeline import Timeline
from frontdesk.sandbox.store.records import RoutingStatus
from frontdesk.sandbox.world import Clock, World
from frontdesk.sandbox.world.people import customers

__all__ = ["DAYS", "THREADS", "add_history"]

THREADS: Final = 320
DAYS: Final = 90
_CUSTOMER_DAYS: Final = 240
"""How long ago the first customer came."""
_NO_NEW_CUSTOMERS: Final = 14
"""How many days it is since the last one came."""
_EARLY_CUSTOMERS: Final = 2
_CLOSED_THREADS: Final = 64
"""Threads that begin while the office is closed."""
_BURSTS: Final = 4
_BURST_THREADS: Final = 10
_BURST_MINUTES: Final = 30
_LONG_THREADS: Final = (("en", 100), ("de", 60), ("es", 30), ("fr", 18))
"""Threads of days: their language, and how many lines they have at least."""
_LONG_TAGS: Final = ("support", "refund", "sales", "complaint")


def add_history(world: World) -> None:
    """Let the demo company have chatted: ``THREADS`` threads of the last ``DAYS`` days.

    The past ends an hour before the last midnight, so that it is the same all day.
    """
    clock, now = world.clock, world.clock.now()
    midnight = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
    before: dict[str, RoutingStatus] = {
        agent.id: agent.status for agent in world.store.company.agents.values()
    }
    world.clock = Clock(midnight - timedelta(days=_CUSTOMER_DAYS), running=False)
    try:
        _Past(world, midnight).happen()
    finally:
        for agent in world.store.company.agents.values():
            agent.status = before[agent.id]
        world.clock = clock


class _Past:
    """All that happened: customers who were new, and their threads."""

    def __init__(self, world: World, midnight: datetime) -> None:
        self._world = world
        self._rng = world.rng
        self._first_day = midnight - timedelta(days=DAYS)
        self._visitors: list[Visitor] = []
        self._timeline = Timeline(world)

    def happen(self) -> None:
        self._plan_customers()
        self._plan_threads()
        self._timeline.play()

    def _plan_customers(self) -> None:
        """Have customers come over months, two of each language before the first thread."""
        languages = Counter[str]()
        before = _CUSTOMER_DAYS - DAYS
        for number, person in enumerate(clientele()):
            languages[person.language] += 1
            is_early = languages[person.language] <= _EARLY_CUSTOMERS
            day = self._rng.uniform(-before, -1 if is_early else DAYS - _NO_NEW_CUSTOMERS)
            since = self._first_day + timedelta(days=day)
            self._timeline.add(since, self._arrive(number, person))

    def _arrive(self, number: int, person: Person) -> Iterator[float]:
        """Have somebody look at the website for the first time."""
        details = customers.CustomerDetails(
            name=person.name,
            email=person.email or None,
            phone_number=person.phone or None,
            avatar=f"https://cdn.livechat-files.com/api/file/avatars/customer-{number + 1}.png"
            if number % 3 != 2  # noqa: PLR2004 - two of three have one
            else None,
            group_ids=(0, 1, 2, 3),
        )
        record = customers.create(self._world, details)
        browsers = self._rng.sample(BROWSERS, 2)
        visitor = Visitor(id=record.id, person=person, number=number, browsers=browsers)
        visit(self._world, visitor, PAGES[0])
        yield self._rng.uniform(20, 300)
        customers.leave_site(self._world, customers.find(self._world, record.id))
        self._visitors.append(visitor)

    def _plan_threads(self) -> None:
        books = [phrasebook(language) for language in LANGUAGE_CODES]
        people = _Deck(self._rng, (talk for book in books for talk in book.with_people))
        bots = _Deck(self._rng, (talk for book in books for talk in book.with_bots))
        number = 0
        for language, lines in _LONG_THREADS:
            # Long ago enough to be over in time.
            day = self._first_day + timedelta(days=self._rng.randint(5, DAYS - 25))
            begins = next_opening(day) + timedelta(minutes=20)
            self._timeline.add(begins, self._begin(number, people.take(language, lines)))
            number += 1
        for start in _starts(self._rng, self._first_day, THREADS - number):
            deck = people if is_open(start) else bots
            self._timeline.add(start, self._begin(number, [deck.draw()]))
            number += 1

    def _begin(self, number: int, conversations: Sequence[Conversation]) -> Iterator[float]:
        """Begin a thread with a customer who has none at the time."""
        language = conversations[0].language
        while not (free := self._free(language)):
            yield 60
        yield from Dialogue(self._world, self._rng.choice(free), number, conversations).steps()

    def _free(self, language: str) -> list[Visitor]:
        return [
            visitor
            for visitor in self._visitors
            if visitor.person.language == language and not visitor.busy
        ]


class _Deck:
    """The conversations of people or of bots, each once before any comes again."""

    def __init__(self, rng: Random, conversations: Iterable[Conversation]) -> None:
        self._rng = rng
        self._all = list(conversations)
        self._left: deque[Conversation] = deque()
        self._shuffle()

    def _shuffle(self) -> None:
        self._left.extend(self._rng.sample(self._all, len(self._all)))

    def draw(self) -> Conversation:
        if not self._left:
            self._shuffle()
        return self._left.popleft()

    def take(self, language: str, lines: int) -> list[Conversation]:
        """Take conversations of one customer's, all solved, with so many lines or a few more."""
        taken: list[Conversation] = []
        for talk in tuple(self._left):
            if sum(len(taken_talk.lines) for taken_talk in taken) >= lines:
                break
            fits = talk.language == language and talk.tag in _LONG_TAGS
            if fits and talk.outcome == "solved":
                taken.append(talk)
                self._left.remove(talk)
        return taken


def _starts(rng: Random, first_day: datetime, count: int) -> list[datetime]:
    """Return when threads begin, in the order of time."""
    starts = _bursts(rng, first_day)
    latest = first_day + timedelta(days=DAYS, hours=-3)
    to_come = {True: count - len(starts) - _CLOSED_THREADS, False: _CLOSED_THREADS}
    while any(to_come.values()):
        day = first_day + timedelta(days=rng.randrange(DAYS))
        if not draws_day(rng, day.weekday()):
            continue
        start = day + timedelta(hours=draw_hour(rng, day.weekday()), minutes=rng.uniform(0, 60))
        if start < latest and to_come[is_open(start)]:
            to_come[is_open(start)] -= 1
            starts.append(start)
    return sorted(starts)


def _bursts(rng: Random, first_day: datetime) -> list[datetime]:
    """Return starts of threads that come all at once, such as after a newsletter."""
    weekdays = [
        day
        for day in (first_day + timedelta(days=number) for number in range(DAYS))
        if is_open(day + timedelta(hours=OPENS))
    ]
    return [
        day + timedelta(hours=hour, minutes=rng.uniform(0, _BURST_MINUTES))
        for day in rng.sample(weekdays, _BURSTS)
        for hour in [rng.randint(OPENS, CLOSES - 2)]
        for _ in range(_BURST_THREADS)
    ]
