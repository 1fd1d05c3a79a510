"""How one thread of the demo company goes, step by step.

Customers and agents really talk: each step goes through the same functions as in a running sandbox.
A dialogue is a generator that yields how many seconds pass until its next step, so that many of
them can go on side by side.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, cast

from msgspec import Struct

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    RequestThreadSummary,
    SendEvent,
    TagThread,
)
from frontdesk.models import (
    Custom,
    File,
    FilledForm,
    FilledFormField,
    InitialChat,
    InitialThread,
    Message,
    NewEvent,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessageImage,
    RichMessagePostback,
    SentEvent,
)
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.seeds.clientele import PAGES, REFERRERS, Person
from frontdesk.sandbox.seeds.company import ALL_SCOPES, CLIENT_ID
from frontdesk.sandbox.seeds.opening_hours import next_opening
from frontdesk.sandbox.seeds.phrasebook import MODELS, Conversation, Outcome, ScriptLine, phrasebook
from frontdesk.sandbox.store.records import (
    AgentRecord,
    ChatRecord,
    ThreadRecord,
    TimerRow,
)
from frontdesk.sandbox.world import Requester, World
from frontdesk.sandbox.world.chats import closing, summaries, threads, uploaded_files
from frontdesk.sandbox.world.people import customer_actions, customers, greetings, tickets
from frontdesk.spec.scopes import covers

__all__ = ["Dialogue", "Visitor", "act", "requester", "take_in", "visit"]

_PIXEL: Final = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
_SCOPES: Final = frozenset(name for scope in ALL_SCOPES for name in covers(scope))
_GROUP_OF_TAG: Final = {"sales": 2, "lead": 2, "rückruf": 3, "positive feedback": 0}
_NIGHT_ENDS: Final = 7
_NIGHT_BEGINS: Final = 22
_HOUR: Final = 3600
_INACTIVE_MINUTES: Final = 30


class Visitor(Struct):
    """A customer of the company; ``busy`` while there is a thread that is not over."""

    id: str
    person: Person
    number: int
    browsers: Sequence[str]
    busy: bool = False


def requester(world: World, agent_id: str) -> Requester:
    """Return an agent or bot who may do everything."""
    agent = world.store.company.agents[agent_id]
    return Requester(
        id=agent_id, bot=agent.bot, role=cast("Any", agent.role), scopes=_SCOPES,
        client_id=CLIENT_ID,
    )  # fmt: skip


def act(world: World, agent: Requester, action: Any) -> Any:
    """Have an agent or bot call a method."""
    return HANDLERS[type(action)].function(world, agent, action)


def visit(world: World, visitor: Visitor, page: tuple[str, str]) -> None:
    """Have a customer open a page of the website."""
    rng, (url, title) = world.rng, page
    view = customers.PageView(
        url=url,
        title=title,
        referrer=rng.choice(REFERRERS),
        ip=f"203.0.113.{visitor.number + 1}",
        user_agent=rng.choice(visitor.browsers),
        geolocation=visitor.person.geolocation,
    )
    customers.visit(world, customers.find(world, visitor.id), view)


def take_in(world: World, agent_ids: Sequence[str]) -> None:
    """Have these agents, and nobody else, accept chats: the next chats go to them."""
    for agent in world.store.company.agents.values():
        agent.status = "accepting_chats" if agent.id in agent_ids else "offline"


class Dialogue:
    """One thread, from the visit of the website to the archive.

    Args:
        world: Where it happens.
        visitor: The customer.
        number: Which of all threads it is; numbers decide what else happens in it.
        conversations: What is talked about: several, one after the other, take days.
    """

    def __init__(
        self, world: World, visitor: Visitor, number: int, conversations: Sequence[Conversation]
    ) -> None:
        self._world = world
        self._rng = world.rng
        self._visitor = visitor
        self._number = number
        self._conversations = conversations
        self._first = conversations[0]
        self._outcome: Outcome = conversations[-1].outcome
        self._takes_days = len(conversations) > 1
        self._group_id = self._choose_group()
        self._agent = self._choose_agent()
        self._values = {
            "order": f"#{4000 + number}",
            "model": MODELS[number % len(MODELS)],
            "city": visitor.person.city,
            "agent": self._agent.name,
        }
        self._chat_id = ""

    def _choose_group(self) -> int:
        if self._first.by_bot:
            return 1
        group_id = _GROUP_OF_TAG.get(self._first.tag)
        if group_id is not None:
            return group_id
        return 3 if self._first.language == "de" else 1

    def _choose_agent(self) -> AgentRecord:
        """Choose somebody of the group, the one with the fewest chats first."""
        loads = self._world.store.chats.loads()
        members = [
            agent
            for agent in self._world.store.company.agents.values()
            if agent.bot == self._first.by_bot
            and agent.groups.get(self._group_id) not in (None, "supervisor")
        ]
        least = min(loads.get(agent.id, 0) for agent in members)
        return self._rng.choice([agent for agent in members if loads.get(agent.id, 0) == least])

    def steps(self) -> Iterator[float]:
        """Do it all; yields the seconds until the next step."""
        self._visitor.busy = True
        for page in self._rng.sample(PAGES, self._rng.randint(1, 3)):
            visit(self._world, self._visitor, page)
            yield self._rng.uniform(5, 40)
        self._greet()
        yield self._rng.uniform(2, 20)
        opening, *lines = self._first.lines
        self._open(opening)
        yield from self._talk(lines)
        for conversation in self._conversations[1:]:
            yield from self._pause()
            yield from self._talk(conversation.lines)
        yield from self._extras()
        yield from self._finish()
        self._visitor.busy = False

    def _open(self, opening: ScriptLine) -> None:
        events: list[NewEvent] = [Message(text=self._filled(opening))]
        if self._number % 4 == 0:
            events.insert(0, _form(self._visitor.person))
        thread = InitialThread(events=events)
        take_in(self._world, [self._agent.id])
        chat = customer_actions.open_chat(
            self._world,
            self._visitor.id,
            InitialChat(thread=thread),
            group_ids=(self._group_id,),
            continuous=self._takes_days,
        )
        self._chat_id = chat.id

    def _greet(self) -> None:
        """Show a greeting now and then: one customer begins the chat with it, another closes it."""
        begins, closes = self._number % 10 == 3, self._number % 10 == 6  # noqa: PLR2004 - a tenth
        if begins or closes:
            record = customers.find(self._world, self._visitor.id)
            unique_id = greetings.show(self._world, record, 1 + self._number % 7)
            if closes:
                greetings.cancel(record, unique_id)

    def _talk(self, lines: Sequence[ScriptLine]) -> Iterator[float]:
        for line in lines:
            yield self._delay(line)
            if line.kind in "anr":
                yield self._until_open()
                self._do_as_agent(line)
            else:
                yield self._until_morning()
                self._do_as_customer(line)

    def _delay(self, line: ScriptLine) -> float:
        """Return how long somebody takes for a line: to read, to look it up, and to write."""
        writing = 2 + len(line.text) * 0.12
        if self._agent.bot and line.kind == "a":
            return self._rng.uniform(0.5, 2)
        if self._first.tag == "spam":
            return self._rng.uniform(2, 6)
        slowness = 1.1 if self._takes_days else 0.0
        return writing + min(self._rng.lognormvariate(3.6 + slowness, 0.9), 1200)

    def _until_open(self) -> float:
        """Return how long a thread of days waits for the office to open."""
        now = self._now()
        opening = next_opening(now)
        if not self._takes_days or opening == now:
            return 0
        return (opening - now).total_seconds() + self._rng.uniform(60, 1500)

    def _until_morning(self) -> float:
        """Return how long customers sleep in a thread of days."""
        hour = self._now().hour
        if not self._takes_days or _NIGHT_ENDS <= hour < _NIGHT_BEGINS:
            return 0
        return (_NIGHT_ENDS - hour) % 24 * _HOUR + self._rng.uniform(0, 2 * _HOUR)

    def _pause(self) -> Iterator[float]:
        """Wait for the next matter of a customer who has several."""
        yield self._rng.uniform(1, 7) * _HOUR
        yield self._until_morning()

    def _now(self) -> datetime:
        return self._world.clock.now()

    def _filled(self, line: ScriptLine) -> str:
        return line.text.format_map(self._values)

    @property
    def _requester(self) -> Requester:
        return requester(self._world, self._agent.id)

    def _send(self, event: NewEvent) -> str:
        action = SendEvent(chat_id=self._chat_id, event=event)
        sent: SentEvent = act(self._world, self._requester, action)
        return sent.event_id

    def _do_as_agent(self, line: ScriptLine) -> None:
        if line.kind == "r":
            self._show_card()
        elif line.kind == "n":
            self._send(Message(text=self._filled(line), visibility="agents"))
        else:
            self._send(Message(text=self._filled(line)))

    def _do_as_customer(self, line: ScriptLine) -> None:
        world, customer_id = self._world, self._visitor.id
        event: NewEvent = Message(text=self._filled(line))
        if line.kind == "f":
            file = uploaded_files.upload(
                world, name=line.text, content=_PIXEL, uploaded_by=customer_id
            )
            event = File(url=file.url)
        customer_actions.send_event(world, customer_id, event)

    def _show_card(self) -> None:
        """Show a product, and have the customer press a button."""
        buttons = [
            RichMessageButton(text="Yes, please", postback_id="yes", type="message", value="Yes"),
            RichMessageButton(
                text="Details",
                postback_id="details",
                type="url",
                value="https://shop.example.com/pricing",
            ),
        ]
        image = RichMessageImage(url="https://cdn.livechat-files.com/lamp.png", name="lamp.png")
        element = RichMessageElement(
            title=f"{self._values['model']}",
            subtitle="20 % off today",
            image=image,
            buttons=buttons,
        )
        event_id = self._send(RichMessage(template_id="cards", elements=[element]))
        postback = RichMessagePostback(id="yes", toggled=True)
        customer_actions.press(self._world, self._visitor.id, event_id, postback)

    def _extras(self) -> Iterator[float]:
        """What happens besides the talk: an order looked up, a colleague asked."""
        number = self._number
        if self._outcome == "unanswered":
            return
        if number % 23 == 4:  # noqa: PLR2004 - now and then
            yield self._rng.uniform(3, 30)
            self._send(Custom(content={"kind": "order", "number": self._values["order"]}))
        if number % 13 == 6 and not self._agent.bot:  # noqa: PLR2004
            yield self._rng.uniform(10, 60)
            self._ask_colleague()

    def _ask_colleague(self) -> None:
        smith, jones = "smith@example.com", "jones@example.com"
        colleague = smith if self._agent.id != smith else jones
        if self._group_id not in (0, 1):
            return
        invitation = AddUserToChat(
            chat_id=self._chat_id, user_id=colleague, user_type="agent", visibility="agents"
        )
        act(self._world, self._requester, invitation)
        self._send(Message(text="Could you have a look at this one?", visibility="agents"))

    def _finish(self) -> Iterator[float]:
        """Rate, tag and close the chat, and have some of them summarised."""
        yield self._rng.uniform(*self._patience())
        chat, thread = self._records()
        self._rate()
        if self._number % 3 and self._outcome != "unanswered":
            tagging = TagThread(chat_id=chat.id, thread_id=thread.id, tag=self._first.tag)
            act(self._world, self._requester, tagging)
        yield from self._close()
        chat, thread = self._records()
        self._note_success(thread)
        if self._number % 20 == 7:  # noqa: PLR2004
            asked = RequestThreadSummary(chat_id=chat.id, thread_id=thread.id)
            act(self._world, self._requester, asked)
            yield summaries.SECONDS
            self._summarise(thread.id)
        yield self._rng.uniform(1, 120)
        customers.leave_site(self._world, customers.find(self._world, self._visitor.id))

    def _patience(self) -> tuple[float, float]:
        """Return how many seconds at least, and at most, pass between the last line and the end."""
        if self._outcome == "unanswered":
            return 600, 1500
        return (3, 8) if self._first.tag == "spam" else (20, 300)

    def _records(self) -> tuple[ChatRecord, ThreadRecord]:
        chat = self._world.store.chats.get(self._chat_id)
        assert chat is not None
        return chat, threads.last(self._world, chat)

    def _rate(self) -> None:
        """Have some customers rate: as it went, and never well what nobody responded to."""
        if self._number % 5 not in (0, 3):
            return
        comments = phrasebook(self._first.language).comments[self._outcome]
        good = self._outcome == "solved"
        comment = None
        # Nobody blames a bot for being slow, which is what many comments are about.
        if self._number % 2 and (good or not self._agent.bot):
            comment = self._rng.choice(comments).format_map(self._values)
        customer_actions.rate(self._world, self._visitor.id, int(good), comment)

    def _close(self) -> Iterator[float]:
        chat, _ = self._records()
        if self._outcome == "unanswered" or self._number % 5 == 1:
            yield _INACTIVE_MINUTES * 60
            chat, _ = self._records()
            minutes = str(_INACTIVE_MINUTES)
            closing.close(self._world, chat, "routing.archived_inactive", duration=minutes)
        elif self._number % 6 == 1:
            customer_actions.close_chat(self._world, self._visitor.id)
        else:
            act(self._world, self._requester, DeactivateChat(id=chat.id))

    def _note_success(self, thread: ThreadRecord) -> None:
        """Note sales, goals, and the ticket that is left of what a bot could not solve."""
        number = self._number
        if self._first.tag in ("sales", "lead"):
            sold = self._outcome == "solved" and number % 2 == 0
            thread.properties.setdefault("ecommerce", {})["has_sale"] = sold
            if sold:
                thread.sales = [1 + number % 3]
        if self._outcome == "solved" and number % 8 == 2:  # noqa: PLR2004
            thread.goals = [1 + number % 4]
        if self._outcome == "unsolved" and self._agent.bot:
            self._leave_ticket()

    def _leave_ticket(self) -> None:
        take_in(self._world, [])
        tickets.leave(self._world, customers.find(self._world, self._visitor.id))

    def _summarise(self, thread_id: str) -> None:
        """Write the summary that a timer would write: timers rest while the past is made."""
        timers = self._world.store.timers
        timers.cancel("summary", thread_id)
        due = self._world.clock.peek()
        summaries.summarise(self._world, TimerRow(0, due, "summary", thread_id))


def _form(person: Person) -> FilledForm:
    return FilledForm(
        form_id="prechat-1",
        properties={"lc2": {"form_type": "prechat"}},
        fields=[
            FilledFormField(type="name", id="1", label="Name:", answer=person.name),
            FilledFormField(type="email", id="2", label="E-mail:", answer=person.email),
        ],
    )
