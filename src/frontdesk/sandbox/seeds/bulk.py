"""Very many archived threads, for load tests and exports.

``seed_bulk`` makes a history that looks like a shop's: customers of eleven countries come back now
and then, write in their language, fill in forms, are greeted, served by people and bots, tagged,
transferred and rated. What is made depends only on the world's random numbers and its clock's day.
"""

import gc
from bisect import bisect
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate
from random import Random

from msgspec import Struct

from frontdesk.models import (
    AISummary,
    Customer,
    CustomerStatistics,
    CustomerVisit,
    Geolocation,
    Page,
    Visit,
)
from frontdesk.sandbox.seeds.conversations import Cast, Setting, ThreadScript, happens
from frontdesk.sandbox.seeds.names import COUNTRIES, NAMES, Country
from frontdesk.sandbox.seeds.opening_hours import draw_hour, draws_day, is_open
from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.archive.tokenizer import ascii_of
from frontdesk.sandbox.store.bulk import BulkWriter, last_created_at
from frontdesk.sandbox.store.records import (
    AgentRecord,
    ChannelRecord,
    ChatRecord,
    ChatUser,
    CustomerRecord,
    LastThread,
    Properties,
    ThreadRecord,
)
from frontdesk.sandbox.world.properties import is_tokenized
from frontdesk.sandbox.world.world import World

__all__ = ["seed_bulk"]

YEARS = 2
BATCH = 15_000
"""Threads a transaction."""

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_WEEK = 7 * _DAY
_EPOCH_WEEKDAY = 3
"""The first day of 1970 was a Thursday."""
_BURST_SHARE = 0.08
"""How many of all threads are part of a burst."""
_BURST_THREADS = 12
_SHARES = list(accumulate(country.share for country in COUNTRIES))
_NEW_CUSTOMERS = 0.4
_LONG_PERCENT = 1.5
"""How many of a hundred threads of continuous chats take days."""
_LONG_DAYS = 21
"""After how many days such a thread is over for sure."""
_USER_AGENTS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
_REFERRERS = ("https://www.google.com/", "https://shop.example.com/", "https://news.example.org/")
_PAGES = ("products", "delivery", "returns", "account", "checkout", "stores")


class _ChatPlan(Struct):
    """One customer's chat: who is in it, and which threads it will have."""

    num: int
    id: str
    customer: CustomerRecord
    country: Country
    city: int
    group_ids: list[int]
    agent_id: str | None
    continuous: bool
    threads: list[int] = []
    record: ChatRecord | None = None
    free_at: int = 0


def seed_bulk(world: World, threads: int) -> None:
    """Add closed threads to a company, all of them in the past and in the order of time.

    They fill the two years up to the clock's day, or the time since the last thread if there is
    one. Commits as it goes.
    """
    # Nothing of what is made here is garbage, but looking for it takes a quarter of the time.
    paused = gc.isenabled()
    gc.disable()
    try:
        _History(world, threads).write()
    finally:
        if paused:
            gc.enable()


class _History:
    def __init__(self, world: World, threads: int) -> None:
        self._world = world
        self._rng = world.rng
        self._first = world.store.threads.next_num()
        self._starts = _starts(world, threads)
        self._ids = [world.ids.short() for _ in range(threads)]
        self._add_assistant()
        self._add_channel()
        self._cast = Cast(world)
        self._long: set[int] = set()
        self._over_by = world.clock.peek() // _DAY * _DAY - _LONG_DAYS * _DAY
        self._plans: list[_ChatPlan] = []
        self._chat_of = deque(self._plan(position) for position in range(threads))
        self._plans.clear()

    def _add_assistant(self) -> None:
        """Make sure that there is a bot which is an AI agent."""
        company = self._world.store.company
        if not any(agent.bot_type == "ai_agent" for agent in company.agents.values()):
            company.save_agent(
                AgentRecord(
                    id=self._world.ids.hex32(),
                    name="AI Agent",
                    bot=True,
                    bot_type="ai_agent",
                    groups={0: "last"},
                )
            )

    def _add_channel(self) -> None:
        """Note that all of them come from a web site."""
        company = self._world.store.company
        if not company.license.channels:
            first = ChannelRecord("code", "", from_micros(self._starts[0]))
            company.license.channels.append(first)
            company.save_license(company.license)

    def _plan(self, position: int) -> _ChatPlan:
        """Choose whose thread it is: a new customer's or that of one who returns."""
        start = self._starts[position]
        plan = None
        if self._plans and self._rng.random() > _NEW_CUSTOMERS:
            plan = self._plans[int(self._rng.random() * len(self._plans))]
            if plan.free_at > start:
                plan = None
        if plan is None:
            plan = self._new_plan(start)
            self._plans.append(plan)
        plan.threads.append(position)
        plan.free_at = start + 2 * _HOUR
        if plan.continuous and start < self._over_by and happens(self._rng, _LONG_PERCENT):
            self._long.add(position)
            plan.free_at = start + _LONG_DAYS * _DAY
        return plan

    def _new_plan(self, start: int) -> _ChatPlan:
        rng = self._rng
        country = COUNTRIES[bisect(_SHARES, rng.random() * _SHARES[-1])]
        city = int(rng.random() * len(country.cities))
        group_ids = self._cast.groups(rng, country.language)
        return _ChatPlan(
            num=self._world.store.chats.next_num() + len(self._plans),
            id=self._world.ids.short(),
            customer=self._customer(country, start),
            country=country,
            city=city,
            group_ids=group_ids,
            agent_id=None if happens(rng, 4) else self._cast.agent(rng, group_ids),
            continuous=happens(rng, 30),
        )

    def _customer(self, country: Country, start: int) -> CustomerRecord:
        rng = self._rng
        names = NAMES[country.language]
        first, last = rng.choice(names.first), rng.choice(names.last)
        local = ascii_of(f"{first}.{last}")
        number = len(self._plans)
        has_email, has_name = happens(rng, 80), happens(rng, 90)
        ending = {"US": "com", "GB": "co.uk"}.get(country.code, country.code.lower())
        return CustomerRecord(
            profile=Customer(
                id=self._world.ids.uuid4(),
                name=f"{first} {last}" if has_name else None,
                email=f"{local or 'customer'}.{number}@example.{ending}" if has_email else None,
                email_verified=False if has_email else None,
                phone_number=f"+1555{number % 10_000_000:07}" if happens(rng, 10) else None,
                avatar=f"https://cdn.livechat-files.com/api/file/avatars/bulk-{number}.png"
                if happens(rng, 30)
                else None,
                created_at=from_micros(start - _MINUTE),
            )
        )

    def write(self) -> None:
        """Write everything."""
        world = self._world
        writer = BulkWriter(world.store, partial(is_tokenized, world))
        for position in range(len(self._chat_of)):
            self._write_thread(writer, position, self._chat_of.popleft())
            if writer.waiting >= BATCH:
                writer.flush()
        writer.flush()

    def _write_thread(self, writer: BulkWriter, position: int, plan: _ChatPlan) -> None:
        start, num = self._starts[position], self._first + position
        chat = plan.record
        if chat is None:
            chat = plan.record = self._chat(plan, start)
        index = plan.threads.index(position)
        is_last = index == len(plan.threads) - 1
        setting = Setting(
            num=num,
            thread_id=self._ids[position],
            start=start,
            language=plan.country.language,
            city=plan.country.cities[plan.city][0],
            customer=plan.customer.profile,
            group_ids=plan.group_ids,
            agent_id=self._agent_of(plan, position),
            takes_days=position in self._long,
        )
        script = ThreadScript(self._rng, self._cast, setting)
        script.play()
        thread = self._thread(plan, script, position, index)
        self._remember(chat, script, thread)
        writer.thread(thread, script.rows, chat, plan.customer)
        if is_last:
            self._finish(plan, chat, script)
            writer.chat(chat, plan.customer)

    def _agent_of(self, plan: _ChatPlan, position: int) -> str | None:
        """Return who serves a thread: the agent of its chat, or a bot when the office is closed."""
        if plan.agent_id is None or position in self._long:
            return plan.agent_id
        if is_open(from_micros(self._starts[position])):
            return plan.agent_id
        return self._rng.choice(self._cast.chatbots)

    def _chat(self, plan: _ChatPlan, start: int) -> ChatRecord:
        users = [ChatUser(id=plan.customer.id, type="customer", present=plan.continuous)]
        if plan.agent_id is not None:
            users.append(ChatUser(id=plan.agent_id, type="agent"))
        source = {"client_id": self._cast.client_id, "customer_client_id": self._cast.client_id}
        properties: Properties = {
            "source": source,
            "routing": {"continuous": plan.continuous, "pinned": False},
        }
        if happens(self._rng, 20):
            properties["test"] = self._test_properties()
        return ChatRecord(
            num=plan.num,
            id=plan.id,
            created_at=from_micros(start),
            customer_id=plan.customer.id,
            group_ids=plan.group_ids,
            users=users,
            properties=properties,
            continuous=plan.continuous,
        )

    def _test_properties(self) -> dict[str, str | int | bool]:
        rng = self._rng
        return {
            "string_property": rng.choice(("bronze", "silver", "gold", "platinum", "none")),
            "int_property": int(rng.random() * 1000),
            "bool_property": happens(rng, 50),
            "tokenized_string_property": rng.choice(
                ("prefers to be called", "writes about delivery", "asked for an invoice by mail")
            ),
        }

    def _thread(
        self, plan: _ChatPlan, script: ThreadScript, position: int, index: int
    ) -> ThreadRecord:
        rng = self._rng
        before = plan.threads[index - 1] if index else None
        after = plan.threads[index + 1] if index + 1 < len(plan.threads) else None
        closed = from_micros(script.at)
        summarized = happens(rng, 10)
        return ThreadRecord(
            num=self._first + position,
            id=self._ids[position],
            chat=plan.num,
            chat_id=plan.id,
            created_at=from_micros(self._starts[position]),
            active=False,
            group_ids=plan.group_ids,
            user_ids=script.user_ids,
            properties=self._thread_properties(plan, script),
            tags=script.tags,
            previous_id=None if before is None else self._ids[before],
            next_id=None if after is None else self._ids[after],
            closed_at=closed,
            queues_duration=int(rng.random() * 600) if happens(rng, 15) else None,
            summary=AISummary(status="ok", text=script.summary, updated_at=closed)
            if summarized
            else None,
            customer_visit=_visit_of(rng, plan),
            sales=script.sales,
            goals=script.goals,
        )

    def _thread_properties(self, plan: _ChatPlan, script: ThreadScript) -> Properties:
        rng = self._rng
        properties: Properties = {
            "routing": {
                "continuous": plan.continuous,
                "idle": False,
                "unassigned": script.agent_id is None,
                "unreplied": script.agent_wrote_at is None,
                "start_url": f"https://shop.example.com/{rng.choice(_PAGES)}",
            },
            "source": {"client_id": self._cast.client_id},
        }
        for namespace, values in script.properties.items():
            properties.setdefault(namespace, {}).update(values)
        if happens(rng, 20):
            properties["test"] = {**self._test_properties()}
        return properties

    @staticmethod
    def _remember(chat: ChatRecord, script: ThreadScript, thread: ThreadRecord) -> None:
        """Keep in the chat what it knows of its last thread."""
        last = script.rows[-1].created_at
        chat.last_thread = LastThread(
            num=thread.num,
            id=thread.id,
            active=False,
            created_at=thread.created_at,
            events=len(script.rows),
            last_event_at=from_micros(last),
        )
        chat.last_events |= script.last_events
        chat.agent_wrote_at = script.agent_wrote_at or chat.agent_wrote_at
        chat.customer_wrote_at = script.customer_wrote_at or chat.customer_wrote_at
        user_ids = {user.id for user in chat.users}
        chat.users += [
            ChatUser(id=agent_id, type="agent", present=False)
            for agent_id in script.user_ids
            if agent_id not in user_ids
        ]

    def _finish(self, plan: _ChatPlan, chat: ChatRecord, script: ThreadScript) -> None:
        """Bring the users and the customer's profile to their last state."""
        seen = from_micros(script.at)
        for user in chat.users:
            user.seen_up_to = seen
        profile = plan.customer.profile
        visits = len(plan.threads) + int(self._rng.random() * 4)
        plan.customer.visit_number = visits
        profile.statistics = CustomerStatistics(
            chats_count=1, threads_count=len(plan.threads), visits_count=visits
        )
        profile.agent_last_event_created_at = chat.agent_wrote_at
        profile.customer_last_event_created_at = chat.customer_wrote_at
        started = chat.last_thread.created_at if chat.last_thread else seen
        where = _visit_of(self._rng, plan)
        profile.visit = Visit(
            id=visits,
            started_at=started - timedelta(minutes=3),
            ended_at=seen,
            referrer=self._rng.choice(_REFERRERS),
            ip=where.ip,
            user_agent=where.user_agent,
            geolocation=where.geolocation,
            last_pages=_pages(self._rng, started),
        )


def _starts(world: World, threads: int) -> list[int]:
    """Return when the threads begin: more by day than by night, more lately than long ago."""
    rng = world.rng
    today = world.clock.peek() // _DAY * _DAY
    last = last_created_at(world.store)
    if last is not None and last + threads >= today:
        return [last + 1 + number for number in range(threads)]
    first = today - YEARS * 365 * _DAY if last is None else last + 1
    span = today - first
    bursts = [_start(rng, first, span, today) for _ in range(_bursts(threads))]
    starts = sorted(
        rng.choice(bursts) + int(rng.random() * _HOUR / 2)
        if bursts and rng.random() < _BURST_SHARE
        else _start(rng, first, span, today)
        for _ in range(threads)
    )
    latest = first - 1
    for position, start in enumerate(starts):
        latest = starts[position] = max(start, latest + 1)
    return starts


def _bursts(threads: int) -> int:
    return int(threads * _BURST_SHARE / _BURST_THREADS)


def _start(rng: Random, first: int, span: int, today: int) -> int:
    while True:
        day = (first + int(span * rng.random() ** 0.7)) // _DAY
        weekday = (day + _EPOCH_WEEKDAY) % 7
        if span < _WEEK or draws_day(rng, weekday):
            break
    start = day * _DAY + draw_hour(rng, weekday) * _HOUR + int(rng.random() * _HOUR)
    # The last ones are over before the day of the clock begins.
    return min(max(start, first), today - 2 * _HOUR) if span > 2 * _HOUR else start


def _visit_of(rng: Random, plan: _ChatPlan) -> CustomerVisit:
    country = plan.country
    city, region, latitude, longitude = country.cities[plan.city]
    return CustomerVisit(
        ip=f"198.51.100.{plan.num % 254 + 1}",
        user_agent=rng.choice(_USER_AGENTS),
        geolocation=Geolocation(
            latitude=str(latitude),
            longitude=str(longitude),
            country=country.name,
            country_code=country.code,
            region=region,
            city=city,
            timezone=country.timezone,
        ),
    )


def _pages(rng: Random, started: datetime) -> list[Page]:
    chosen: Sequence[str] = rng.sample(_PAGES, 2)
    return [
        Page(
            opened_at=started - timedelta(minutes=2 - number),
            url=f"https://shop.example.com/{page}",
            title=page.capitalize(),
        )
        for number, page in enumerate(chosen)
    ]
