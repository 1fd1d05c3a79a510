"""A small company whose archive the tests fill thread by thread."""

from datetime import UTC, datetime
from typing import Any

from frontdesk.actions import ListArchives, ListChats, ListThreads, ResumeChat, StartChat
from frontdesk.models import (
    Access,
    Answer,
    ArchivesFilters,
    ChatsFilters,
    FilledForm,
    FilledFormField,
    Geolocation,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    ThreadsFilters,
)
from frontdesk.sandbox import apis
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.store.records import AgentRecord, GroupRecord, PropertyRecord, TagRecord
from frontdesk.sandbox.world import Clock, Requester
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.people import customers
from frontdesk.spec.scopes import covers

from ._desk import as_received

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLIENT = "0805e283233042b37f460ed8fbf22160"
SMITH = "smith@example.com"
JONES = "jones@example.com"
KHAN = "khan@example.com"
BOT = "b" * 32
ASSISTANT = "a" * 32


def requester(agent_id: str, level: str, role: Any = "normal", client_id: str = CLIENT):
    return Requester(
        id=agent_id,
        role=role,
        bot=len(agent_id) == 32,
        scopes=covers(f"chats--{level}:rw") | covers("customers:rw"),
        client_id=client_id,
    )


class Archive:
    """The world, and short ways to fill and to search it.

    Smith owns the license, Jones is in group 1 and Khan in group 2; there is a bot of either kind.
    """

    def __init__(self) -> None:
        self.world = new_world("empty", clock=Clock(START, running=False))
        self.owner = requester(SMITH, "all", "owner")
        self.smith = requester(SMITH, "access", "owner")
        self.jones = requester(JONES, "access")
        self.khan = requester(KHAN, "access")
        self.bot = requester(BOT, "access")
        self.assistant = requester(ASSISTANT, "access")
        self.do(self._company)

    @staticmethod
    def _company(world) -> None:
        company = world.store.company
        for group_id in (1, 2):
            company.save_group(GroupRecord(id=group_id, name=f"Group {group_id}"))
        company.save_agent(AgentRecord(id=JONES, name="Jones", groups={1: "normal"}))
        company.save_agent(AgentRecord(id=KHAN, name="Khan", groups={2: "normal"}))
        company.save_agent(AgentRecord(id=BOT, name="Bot", bot=True, groups={0: "normal"}))
        company.save_agent(
            AgentRecord(
                id=ASSISTANT, name="AI", bot=True, bot_type="ai_agent", groups={0: "normal"}
            )
        )
        for name in ("vip", "refund", "Refund", "spam"):
            company.save_tag(
                TagRecord(name=name, group_ids=[0, 1, 2], created_at=world.clock.now())
            )
        everywhere = {place: {"agent": ["read", "write"]} for place in ("chat", "thread")}
        for name, access, public in (
            ("secret", everywhere, False),
            ("in_chats_only", {"chat": {"agent": ["read", "write"]}}, True),
        ):
            company.save_property(
                PropertyRecord(
                    namespace=CLIENT,
                    name=name,
                    type="string",
                    access=access,
                    owner_client_id=CLIENT,
                    public=public,
                )
            )

    def do(self, work, *args: Any, **kwargs: Any):
        """Run a piece of work inside the world."""
        try:
            return self.world.unit(lambda: work(self.world, *args, **kwargs))
        finally:
            self.world.commit()

    def call(self, action, by=None):
        try:
            return as_received(action, apis.call(self.world, by or self.owner, action))
        finally:
            self.world.commit()

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        self.world.advance(days * 86400 + seconds)
        self.world.commit()

    def customer(self, name="Ann", email=None, country=None) -> str:
        customer_id = self.do(
            customers.create, customers.CustomerDetails(name=name, email=email)
        ).id
        if country is not None:
            self.do(
                lambda world: customers.visit(
                    world,
                    customers.find(world, customer_id),
                    customers.PageView(
                        url="https://shop.example/",
                        title="Shop",
                        geolocation=Geolocation(country=country, country_code=country),
                    ),
                )
            )
        return customer_id

    def start(
        self,
        *said: Any,
        by=None,
        groups=(0,),
        tags=(),
        customer=None,
        agents=(),
        chat=None,
        thread=None,
        active=False,
    ):
        """Start a chat whose thread is archived at once; texts become messages of ``by``."""
        users = [InitialUser(id=agent, type="agent") for agent in agents]
        if customer is not None:
            users.append(InitialUser(id=customer, type="customer"))
        return self.call(
            StartChat(
                chat=InitialChat(
                    access=Access(group_ids=list(groups)),
                    users=users,
                    properties=chat or {},
                    thread=InitialThread(
                        events=_events(said), properties=thread or {}, tags=list(tags)
                    ),
                ),
                active=active,
                continuous=True,
            ),
            by,
        )

    def add(self, *said: Any, **kwargs: Any) -> str:
        """Archive a thread of a new chat; its id."""
        return self.start(*said, **kwargs).thread_id

    def resume(
        self, chat_id: str, *said: Any, by=None, groups=(0,), agents=(), active=False
    ) -> str:
        """Archive one more thread of a chat; its id."""
        chat = InitialChat(
            id=chat_id,
            access=Access(group_ids=list(groups)),
            users=[InitialUser(id=agent, type="agent") for agent in agents],
            thread=InitialThread(events=_events(said)),
        )
        return self.call(ResumeChat(chat=chat, active=active, continuous=True), by).thread_id

    def archives(self, by=None, **arguments: Any):
        return self.call(ListArchives(**arguments), by)

    def found(self, by=None, **filters: Any) -> set[str]:
        """Ids of the threads that filters leave."""
        page = self.archives(by, filters=ArchivesFilters(**filters), limit=100)
        ids = [chat.thread.id for chat in page.chats]
        assert page.found_chats == len(ids) == len(set(ids))
        return set(ids)

    def found_ids(self, thread_ids: list[str]) -> list[str]:
        """Ids of the threads listed for ids, as listed."""
        page = self.archives(filters=ArchivesFilters(thread_ids=thread_ids))
        assert page.next_page_id is page.previous_page_id is None
        return [chat.thread.id for chat in page.chats]

    def filled(self, *answers: tuple[str, str], **kwargs: Any) -> str:
        """Archive a thread in which forms were filled in, each an answer and the form's type."""
        thread = self.add(*(self.form(answer) for answer, _ in answers), **kwargs)
        for number, (_, form_type) in enumerate(answers, start=1):
            self.set_form_type(thread, number, form_type)
        return thread

    @staticmethod
    def form(answer: str) -> FilledForm:
        field = FilledFormField(
            type="radio", id="0", label="?", answer=Answer(id=answer, label=f"Label {answer}")
        )
        return FilledForm(form_id="survey", fields=[field])

    def set_form_type(self, thread_id: str, number: int, form_type: str) -> None:
        def change(world) -> None:
            thread = world.store.threads.get(thread_id)
            row = events.find(world, thread, f"{thread_id}_{number}")
            event = events.decode(row)
            event.form_type = form_type
            events.save(world, row, event)

        self.do(change)

    def greeted(self, greeting_id: int, **kwargs: Any) -> str:
        """Archive a thread that began with a greeting; its id."""
        thread = self.add(**kwargs)
        self.change_thread(thread, properties={"lc2": {"greeting_id": greeting_id}})
        return thread

    def greeted_in_chat(self, greeting_id: int, **kwargs: Any) -> str:
        """Archive a thread with a greeting among its events; its id."""
        thread_id = self.add("Can I help you?", **kwargs)

        def change(world) -> None:
            row = events.find(world, world.store.threads.get(thread_id), f"{thread_id}_1")
            event = events.decode(row)
            event.properties = {"lc2": {"greeting_id": greeting_id}}
            events.save(world, row, event)

        self.do(change)
        return thread_id

    def chats(self, by=None, **filters: Any) -> list[str]:
        """Ids of the chats that filters leave, as listed."""
        page = self.call(ListChats(filters=ChatsFilters(**filters), limit=100), by)
        assert page.found_chats == len(page.chats_summary)
        return [chat.id for chat in page.chats_summary]

    def threads(self, chat_id: str, by=None, **arguments: Any) -> list[str]:
        return [
            thread.id for thread in self.call(ListThreads(chat_id=chat_id, **arguments), by).threads
        ]

    def thread_filters(self, from_=None, to=None):
        given = {"from_": from_, "to": to}
        return ThreadsFilters(**{name: value for name, value in given.items() if value})

    def now(self) -> datetime:
        return self.world.clock.now()

    def change_thread(self, thread_id: str, **fields: Any) -> None:
        """Set what only the server sets."""

        def change(world) -> None:
            thread = world.store.threads.get(thread_id)
            for name, value in fields.items():
                setattr(thread, name, value)

        self.do(change)


def _events(said) -> list[Any]:
    return [Message(text=one) if isinstance(one, str) else one for one in said]
