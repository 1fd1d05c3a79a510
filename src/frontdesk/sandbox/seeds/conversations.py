"""Who takes part in a made-up thread, and what is said in it."""

from collections import defaultdict
from datetime import datetime
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.models import (
    Customer,
    CustomEvent,
    FileEvent,
    FilledFormEvent,
    FormEvent,
    MessageEvent,
    RichMessageEvent,
    SystemEvent,
    SystemMessageEvent,
)
from frontdesk.models.events.form import Answer, FilledFormField, FormField, FormOption
from frontdesk.models.events.rich_message import RichMessageButton, RichMessageElement
from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.sandbox.seeds.opening_hours import next_opening
from frontdesk.sandbox.seeds.phrasebook import MODELS, Conversation, Outcome, phrasebook
from frontdesk.sandbox.store import from_micros, to_micros
from frontdesk.sandbox.store.records import EventRow, Properties
from frontdesk.sandbox.world.actor import CUSTOMER_CLIENT_ID
from frontdesk.sandbox.world.chats.system_messages import TEMPLATES, fill_in
from frontdesk.sandbox.world.world import World

__all__ = ["Cast", "Setting", "ThreadScript", "happens"]

_encode = msgspec.json.Encoder().encode
_TOPICS = (("delivery", "Delivery"), ("returns", "Returns"), ("account", "Account"))
_RATES = (("5", "Very satisfied"), ("3", "Somewhat satisfied"), ("1", "Not satisfied"))
_HOUR = 3_600_000_000
_MOST_CONVERSATIONS = 24
_MOST_DAYS = 14
"""With how much, and after how long, a customer who writes for days comes back at the most."""
_FILES = (
    ("photo.jpg", "image/jpeg", 1280, 960),
    ("invoice.pdf", "application/pdf", None, None),
    ("screenshot.png", "image/png", 1440, 900),
)


def happens(rng: Random, percent: float) -> bool:
    """Return whether something happens that does so in some of a hundred cases."""
    return rng.random() * 100 < percent


class Cast:
    """The agents, bots, groups and tags of a company, ready to be chosen from."""

    client_id = CLIENT_ID

    def __init__(self, world: World) -> None:
        company = world.store.company
        self.files_url: str = f"{world.files_url}{company.license.id}/"
        self.names: dict[str, str] = {agent.id: agent.name for agent in company.agents.values()}
        self.chatbots: list[str] = [
            agent.id
            for agent in company.agents.values()
            if agent.bot and agent.bot_type != "ai_agent"
        ]
        self.assistants: list[str] = [
            agent.id for agent in company.agents.values() if agent.bot_type == "ai_agent"
        ]
        people = [agent for agent in company.agents.values() if not agent.bot]
        self._groups = [group_id for group_id in company.groups if group_id != 0]
        self._german = [
            group.id for group in company.groups.values() if group.language_code == "de"
        ]
        self._people: dict[int, list[str]] = {0: [agent.id for agent in people]}
        for group_id in self._groups:
            members = [agent.id for agent in people if group_id in agent.groups]
            self._people[group_id] = members or self._people[0]
        self._tags: defaultdict[int, list[str]] = defaultdict(list)
        for tag in company.tags.values():
            for group_id in (0, *self._groups) if 0 in tag.group_ids else tag.group_ids:
                self._tags[group_id].append(tag.name)

    def groups(self, rng: Random, language: str) -> list[int]:
        """Return the groups of a chat."""
        if language == "de" and self._german and happens(rng, 70):
            return self._german[:1]
        if not self._groups or happens(rng, 40):
            return [0]
        if len(self._groups) > 1 and happens(rng, 10):
            return sorted(rng.sample(self._groups, 2))
        return [rng.choice(self._groups)]

    def agent(self, rng: Random, group_ids: list[int]) -> str:
        """Return an agent of the groups."""
        return rng.choice(self._people[group_ids[0]])

    def tags(self, rng: Random, group_ids: list[int]) -> list[str]:
        """No tag, one or two that the groups may use."""
        names = self._tags[group_ids[0]]
        if not names or happens(rng, 55):
            return []
        return rng.sample(names, 2 if len(names) > 1 and happens(rng, 18) else 1)


class Setting(Struct, frozen=True, kw_only=True):
    """Where, when and between whom a thread happens; ``start`` is in microseconds since 1970."""

    num: int
    thread_id: str
    start: int
    language: str
    city: str
    customer: Customer
    group_ids: list[int]
    agent_id: str | None
    takes_days: bool = False


class ThreadScript:
    """One thread's events, and what follows from them for the thread.

    After ``play``: ``rows`` are the events, ``at`` is when the thread was closed.
    """

    def __init__(self, rng: Random, cast: Cast, setting: Setting) -> None:
        customer = setting.customer
        self._rng = rng
        self._cast = cast
        self._num = setting.num
        self._thread_id = setting.thread_id
        book = phrasebook(setting.language)
        self._comments = book.comments
        self._customer = customer
        self._group_ids = setting.group_ids
        self._takes_days = setting.takes_days
        self.agent_id: str | None = setting.agent_id
        self._by_bot = setting.agent_id in cast.chatbots
        talks = book.with_bots if self._by_bot else book.with_people
        number = 1 + int(rng.random() * _MOST_CONVERSATIONS) if setting.takes_days else 1
        self._conversations: list[Conversation] = rng.sample(talks, min(number, len(talks)))
        self._outcome: Outcome = (
            "unanswered" if setting.agent_id is None else self._conversations[0].outcome
        )
        self.at: int = setting.start
        self.rows: list[EventRow] = []
        self.last_events: dict[str, tuple[int, int]] = {}
        self.user_ids: list[str] = [customer.id]
        self.agent_wrote_at: datetime | None = None
        self.customer_wrote_at: datetime | None = None
        self.tags: list[str] = cast.tags(rng, setting.group_ids)
        self.sales: list[int] = []
        self.goals: list[int] = []
        self.properties: Properties = {}
        self._name = customer.name or "Customer"
        self._details = {
            "agent": cast.names.get(setting.agent_id or "", ""),
            "order": f"FD{setting.num % 10_000_000:07}",
            "model": rng.choice(MODELS),
            "city": setting.city,
        }
        self.summary: str = f"• Customer asks about {self._details['model']}."

    def play(self) -> None:
        """Let everybody say what they have to say."""
        if happens(self._rng, 50):
            self._pre_chat_form()
        if self.agent_id is None:
            self._wait_in_vain()
            return
        if happens(self._rng, 25):
            self._greet(self.agent_id)
        if not self._by_bot and happens(self._rng, 25):
            self._bot()
        last_return = self.at + _MOST_DAYS * 24 * _HOUR
        for number, conversation in enumerate(self._conversations):
            if self.at > last_return:
                break
            if number:
                self.at += int((1 + self._rng.random() * 6) * _HOUR)
            self._outcome = conversation.outcome
            self._converse(self.agent_id, conversation)
        self._extras(self.agent_id)
        self._end(self.agent_id)

    def _add(self, kind: Any, author_id: str | None, seconds: float, **fields: Any) -> None:
        self.at += int(seconds * 1_000_000) + len(self.rows)
        n = len(self.rows) + 1
        at = from_micros(self.at)
        fields.setdefault("visibility", "all")
        if author_id is not None:
            by_customer = author_id == self._customer.id
            client_id = CUSTOMER_CLIENT_ID if by_customer else self._cast.client_id
            source = {"source": {"client_id": client_id}}
            fields["properties"] = {**(fields.get("properties") or {}), **source}
        event = kind(id=f"{self._thread_id}_{n}", created_at=at, author_id=author_id, **fields)
        self.last_events[event.type] = (self._num, n)
        deleted = fields.get("deleted") is True
        self.rows.append(
            EventRow(self._num, n, event.type, author_id, self.at, deleted, _encode(event))
        )
        if author_id is None:
            return
        if author_id == self._customer.id:
            self.customer_wrote_at = at
            return
        self.agent_wrote_at = at
        if author_id not in self.user_ids:
            self.user_ids.append(author_id)

    def _say(self, author_id: str, words: str, **fields: Any) -> None:
        seconds = 4 + len(words) * 0.12 * self._rng.random()
        self._add(MessageEvent, author_id, seconds, text=words, **fields)

    def _write(self, kind: str, **variables: str) -> None:
        self._add(
            SystemMessageEvent,
            None,
            2,
            system_message_type=kind,
            text=fill_in(TEMPLATES[kind], variables),
            text_vars=variables,
        )

    def _pre_chat_form(self) -> None:
        topic, label = self._rng.choice(_TOPICS)
        customer = self._customer
        fields = [
            FilledFormField(type="name", id="0", label="Name:", answer=customer.name or ""),
            FilledFormField(type="email", id="1", label="E-mail:", answer=customer.email or ""),
            FilledFormField(
                type="radio", id="2", label="Topic:", answer=Answer(id=topic, label=label)
            ),
        ]
        self._add(
            FilledFormEvent,
            customer.id,
            1,
            form_id="form_pre_chat" if happens(self._rng, 80) else None,
            form_type="prechat",
            fields=fields,
            properties={"lc2": {"form_type": "prechat"}},
        )

    def _post_chat_form(self) -> None:
        rate, label = _RATES[0] if self._outcome == "solved" else _RATES[2]
        comment = self._rng.choice(self._comments[self._outcome]).format_map(self._details)
        fields = [
            FilledFormField(
                type="radio", id="0", label="Rating:", answer=Answer(id=rate, label=label)
            ),
            FilledFormField(type="textarea", id="1", label="Comment:", answer=comment),
        ]
        self._add(
            FilledFormEvent,
            self._customer.id,
            20,
            form_id="form_post_chat",
            form_type="postchat",
            fields=fields,
            properties={"lc2": {"form_type": "postchat"}},
        )

    def _greet(self, agent_id: str) -> None:
        greeting = 1 + int(self._rng.random() * 6)
        self.properties["lc2"] = {"greeting_id": greeting}
        self._say(
            agent_id,
            "Welcome! Can we help you?",
            properties={"lc2": {"greeting_id": greeting, "greeting_unique_id": self._thread_id}},
        )

    def _bot(self) -> None:
        """A bot responds before somebody of the team does."""
        bots = self._cast.chatbots if happens(self._rng, 70) else self._cast.assistants
        if not bots:
            return
        bot_id = self._rng.choice(bots)
        self._add(
            RichMessageEvent,
            bot_id,
            1,
            template_id="quick_replies",
            elements=[
                RichMessageElement(
                    title="What is it about?",
                    buttons=[
                        RichMessageButton(
                            type="message", text=label, value=label, postback_id=topic, user_ids=[]
                        )
                        for topic, label in _TOPICS
                    ],
                )
            ],
        )
        if bot_id in self._cast.assistants:
            details = {"agentId": bot_id, "skillId": "order_status", "skillName": "Order status"}
            self._add(
                SystemEvent,
                None,
                1,
                source="ai_agents",
                subtype="custom_skill_completed",
                version=1,
                details=_encode(details).decode(),
            )
        self._write(
            "chat_transferred",
            initiator=self._cast.names[bot_id],
            targets=self._cast.names[self.agent_id or bot_id],
        )

    def _converse(self, agent_id: str, conversation: Conversation) -> None:
        rng = self._rng
        for kind, template in conversation.lines:
            if kind == "f":
                self._file()
                continue
            if kind == "r":
                self._card(agent_id)
                continue
            if self._takes_days and kind != "c":
                self._wait_for_office()
            fields: dict[str, Any] = {}
            if happens(rng, 0.4):
                fields["deleted"] = True
            if kind == "n":
                fields["visibility"] = "agents"
            author_id = self._customer.id if kind == "c" else agent_id
            self._say(author_id, template.format_map(self._details), **fields)
        if not self._by_bot and self._outcome != "unanswered" and happens(rng, 10):
            other = self._cast.agent(rng, self._group_ids)
            if other != agent_id:
                self._write("agent_joined", agent=self._cast.names[other])
                self._say(other, "I'll take over the rest of it.", visibility="agents")

    def _wait_for_office(self) -> None:
        now = from_micros(self.at)
        opening = next_opening(now)
        if opening > now:
            self.at = to_micros(opening) + int(self._rng.random() * _HOUR / 2)

    def _extras(self, agent_id: str) -> None:
        if self._outcome == "unanswered":
            return
        if happens(self._rng, 8):
            self._file()
        if happens(self._rng, 6):
            self._card(agent_id)
        if happens(self._rng, 6):
            self._say(agent_id, "Checked with the warehouse, all clear.", visibility="agents")
        if happens(self._rng, 3):
            content = {"kind": "product_viewed", "product": self._details["model"]}
            self._add(CustomEvent, self._customer.id, 5, content=content)
        if happens(self._rng, 3):
            options = [FormOption(id=rate, label=label) for rate, label in _RATES]
            field = FormField(type="radio", id="0", label="How did we do?", options=options)
            self._add(
                FormEvent,
                agent_id,
                5,
                form_id="form_ask",
                form_type="ask_for_email",
                fields=[field],
            )
        if happens(self._rng, 5):
            self.goals = [1 + int(self._rng.random() * 4)]
        if happens(self._rng, 4):
            self.sales = [1 + int(self._rng.random() * 3)]
            self.properties["ecommerce"] = {"has_sale": True}

    def _file(self) -> None:
        name, content_type, width, height = self._rng.choice(_FILES)
        self._add(
            FileEvent,
            self._customer.id,
            15,
            name=name,
            url=f"{self._cast.files_url}{self._num:032x}/{name}",
            content_type=content_type,
            size=20_000 + self._num % 500_000,
            width=width,
            height=height,
        )

    def _card(self, agent_id: str) -> None:
        product = self._details["model"]
        button = RichMessageButton(
            type="url", text="Open", value="https://shop.example.com/", postback_id="open",
            user_ids=[], target="new",
        )  # fmt: skip
        card = RichMessageElement(title=product, subtitle="Back in stock", buttons=[button])
        self._add(RichMessageEvent, agent_id, 8, template_id="cards", elements=[card])

    def _wait_in_vain(self) -> None:
        """Nobody responds."""
        question = self._conversations[0].lines[0]
        self._say(self._customer.id, question.text.format_map(self._details))
        self.at += 1_800_000_000
        self._write("routing.archived_inactive", duration="30")

    def _end(self, agent_id: str) -> None:
        if happens(self._rng, 15):
            score = int(self._outcome == "solved")
            self.properties["rating"] = {"score": score}
            self._write("rating.chat_rated", customer=self._name, score=("bad", "good")[score])
        if self._outcome == "unanswered":
            self.at += _HOUR // 2
            self._write("routing.archived_inactive", duration="30")
        elif happens(self._rng, 60):
            self._write("manual_archived_agent", agent=self._cast.names[agent_id])
        elif happens(self._rng, 50):
            self._write("manual_archived_customer", customer=self._name)
        else:
            self.at += _HOUR // 2
            self._write("routing.archived_inactive", duration="30")
        if happens(self._rng, 12):
            self._post_chat_form()
