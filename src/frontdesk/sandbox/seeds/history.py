"""The past of the demo company: a few hundred archived threads of the last 90 days.

Customers and agents really talk: everything goes through the same functions as in a running
sandbox, only with a clock of its own, so that the archive has what real chats have.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

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
    Geolocation,
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
from frontdesk.sandbox.seeds.company import ALL_SCOPES, CLIENT_ID
from frontdesk.sandbox.seeds.demo_phrases import (
    BOT_LINES,
    CONVERSATIONS,
    CUSTOMERS,
    PAGES,
    Conversation,
    Person,
)
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import Properties, RoutingStatus
from frontdesk.sandbox.world import Clock, Requester, World
from frontdesk.sandbox.world.actor import covers
from frontdesk.sandbox.world.chats import files, summaries
from frontdesk.sandbox.world.people import customer_actions, customers

__all__ = ["DAYS", "THREADS", "add_history"]

THREADS: Final = 320
DAYS: Final = 90
_USER_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
_PIXEL: Final = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
_SCOPES: Final = frozenset(name for scope in ALL_SCOPES for name in covers(scope))
_GROUP_OF_TAG: Final = {"sales": 2, "lead": 2, "rückruf": 3}


class _Past:
    """Lets customers and agents talk on a clock that runs ahead of each line."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng
        self.people: list[tuple[str, Person]] = []

    def wait(self, least: float, most: float) -> None:
        clock = self.world.clock
        clock.move_to(clock.after(self.rng.uniform(least, most)))

    def customers(self) -> None:
        for person in CUSTOMERS:
            name, email, *_ = person
            self.wait(1, 60)
            record = customers.create(
                self.world,
                customers.CustomerDetails(name=name, email=email, group_ids=(0, 1, 2, 3)),
            )
            self.people.append((record.id, person))

    def visit(self, customer_id: str, person: Person) -> None:
        _, _, _, country, code, region, city, timezone = person
        record = customers.find(self.world, customer_id)
        for url, title in self.rng.sample(PAGES, self.rng.randint(1, 3)):
            view = customers.PageView(
                url=url,
                title=title,
                referrer="https://www.example.net/search",
                ip=f"203.0.113.{self.people.index((customer_id, person)) + 1}",
                user_agent=_USER_AGENT,
                geolocation=Geolocation(
                    country=country, country_code=code, region=region, city=city, timezone=timezone
                ),
            )
            customers.visit(self.world, record, view)
            self.wait(5, 40)

    def agent(self, agent_id: str) -> Requester:
        agent = self.world.store.company.agents[agent_id]
        role: Any = agent.role
        return Requester(id=agent_id, bot=agent.bot, role=role, scopes=_SCOPES, client_id=CLIENT_ID)

    def choose_agent(self, group_id: int, *, bot: bool) -> str:
        """Make one agent of the group the only one who accepts chats."""
        agents = self.world.store.company.agents.values()
        fitting = sorted(
            agent.id
            for agent in agents
            if agent.bot == bot and agent.groups.get(group_id) not in (None, "supervisor")
        )
        chosen = self.rng.choice(fitting)
        for agent in agents:
            agent.status = "accepting_chats" if agent.id == chosen else "offline"
        return chosen

    def thread(self, number: int) -> None:
        """One conversation, from the first line to the archive."""
        customer_id, person = self.rng.choice(self.people)
        fitting = [conversation for conversation in CONVERSATIONS if conversation[0] == person[2]]
        conversation: Conversation = self.rng.choice(fitting)
        with_bot = number % 16 == 5  # noqa: PLR2004 - now and then
        if with_bot:
            conversation = ("en", "support", BOT_LINES)
        _, tag, lines = conversation
        group_id = 1 if with_bot else _GROUP_OF_TAG.get(tag, 3 if person[2] == "de" else 1)
        agent_id = self.choose_agent(group_id, bot=with_bot)
        self.visit(customer_id, person)
        self.talk(number, customer_id, person, agent_id, group_id, lines)
        self.finish(number, customer_id, agent_id, tag)

    def talk(
        self,
        number: int,
        customer_id: str,
        person: Person,
        agent_id: str,
        group_id: int,
        lines: tuple[tuple[str, str], ...],
    ) -> None:
        order = f"#{4000 + number}"
        texts = [(who, text.format(order=order)) for who, text in lines]
        first: list[NewEvent] = [Message(text=texts[0][1])]
        if number % 4 == 0:
            first.insert(0, _form(person))
        greeting: Properties = (
            {"lc2": {"greeting_id": 7, "greeting_unique_id": "welcome"}} if number % 10 == 3 else {}  # noqa: PLR2004
        )
        initial = InitialChat(thread=InitialThread(events=first, properties=greeting))
        chat = customer_actions.open_chat(self.world, customer_id, initial, group_ids=(group_id,))
        agent = self.agent(agent_id)
        for who, text in texts[1:]:
            self.wait(4, 90)
            if who == "c":
                customer_actions.send_event(self.world, customer_id, Message(text=text))
            else:
                self.send(agent, chat.id, Message(text=text))
        if number % 9 == 1:
            self.send_file(customer_id)
        if number % 11 == 2:  # noqa: PLR2004
            self.offer(agent, chat.id, customer_id)
        if number % 23 == 4:  # noqa: PLR2004
            self.send(agent, chat.id, Custom(content={"kind": "order", "number": order}))
        if number % 13 == 6 and not agent.bot:  # noqa: PLR2004
            self.second_agent(agent, chat.id)

    def send(self, agent: Requester, chat_id: str, event: NewEvent) -> str:
        sent: SentEvent = self.do(agent, SendEvent(chat_id=chat_id, event=event))
        return sent.event_id

    def do(self, agent: Requester, action: Any) -> Any:
        return HANDLERS[type(action)].function(self.world, agent, action)

    def send_file(self, customer_id: str) -> None:
        file = files.upload(self.world, name="photo.png", content=_PIXEL, uploaded_by=customer_id)
        customer_actions.send_event(self.world, customer_id, File(url=file.url))

    def offer(self, agent: Requester, chat_id: str, customer_id: str) -> None:
        """Show cards and have the customer press a button."""
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
            title="Desk lamp", subtitle="20 % off today", image=image, buttons=buttons
        )
        event_id = self.send(agent, chat_id, RichMessage(template_id="cards", elements=[element]))
        self.wait(3, 30)
        postback = RichMessagePostback(id="yes", toggled=True)
        customer_actions.press(self.world, customer_id, event_id, postback)

    def second_agent(self, agent: Requester, chat_id: str) -> None:
        other = "smith@example.com" if agent.id != "smith@example.com" else "jones@example.com"
        chat = self.world.store.chats.get(chat_id)
        if chat is None or not {0, 1} & set(chat.group_ids):
            return
        self.do(
            agent,
            AddUserToChat(chat_id=chat_id, user_id=other, user_type="agent", visibility="agents"),
        )
        note = Message(text="Could you have a look at this one?", visibility="agents")
        self.send(agent, chat_id, note)

    def finish(self, number: int, customer_id: str, agent_id: str, tag: str) -> None:
        """Rate, tag and close the chat, and have some of them summarised."""
        chat = customer_actions.last_chat(self.world, customer_id)
        assert chat is not None
        assert chat.thread is not None
        thread_id = chat.thread.id
        agent = self.agent(agent_id)
        self.wait(10, 120)
        if number % 5 == 0:
            good = tag != "complaint"
            comment = None if number % 10 else ("Very helpful!" if good else "Too slow.")
            customer_actions.rate(self.world, customer_id, int(good), comment)
        if number % 3:
            self.do(agent, TagThread(chat_id=chat.id, thread_id=thread_id, tag=tag))
        if number % 6 == 1:
            customer_actions.close_chat(self.world, customer_id)
        else:
            self.do(agent, DeactivateChat(id=chat.id))
        thread = self.world.store.threads.get(thread_id)
        assert thread is not None
        if tag in ("sales", "lead"):
            thread.properties.setdefault("ecommerce", {})["has_sale"] = number % 2 == 0
        if number % 20 == 7:  # noqa: PLR2004
            self.do(agent, RequestThreadSummary(chat_id=chat.id, thread_id=thread_id))
        customers.leave_site(self.world, customers.find(self.world, customer_id))


def _form(person: Person) -> FilledForm:
    return FilledForm(
        form_id="prechat-1",
        properties={"lc2": {"form_type": "prechat"}},
        fields=[
            FilledFormField(type="name", id="1", label="Name:", answer=person[0]),
            FilledFormField(type="email", id="2", label="E-mail:", answer=person[1]),
        ],
    )


def add_history(world: World, *, threads: int = THREADS, days: int = DAYS) -> None:
    """Let the demo company have chatted: ``threads`` threads of the last ``days`` days.

    The past ends with the last midnight, so that it is the same all day.
    """
    clock, now = world.clock, world.clock.now()
    midnight = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
    before: dict[str, RoutingStatus] = {
        agent.id: agent.status for agent in world.store.company.agents.values()
    }
    start = midnight - timedelta(days=days)
    world.clock = Clock(start, running=False)
    try:
        _talk(world, start, threads, (midnight - start) / (threads + 1))
    finally:
        for agent in world.store.company.agents.values():
            agent.status = before[agent.id]
        world.clock = clock
    world.unit(_come_online, world)


def _talk(world: World, start: datetime, threads: int, pause: timedelta) -> None:
    past = _Past(world, world.rng)
    world.unit(past.customers)
    for number in range(threads):
        begins = start + pause * (number + 1) + timedelta(minutes=world.rng.uniform(0, 60))
        world.clock.move_to(to_micros(begins))
        world.unit(past.thread, number)
        world.advance(summaries.SECONDS)


def _come_online(world: World) -> None:
    """A few customers are on the website now."""
    for record in world.store.customers.page(limit=4):
        url, title = PAGES[0]
        view = customers.PageView(url=url, title=title)
        customers.visit(world, customers.find(world, record.id), view)
