"""Chats and their threads: starting, resuming, closing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct

from frontdesk.errors import GroupsOffline, NotFound, UsersLimitReached, ValidationError
from frontdesk.models import CustomerVisit, InitialChat, NewEvent
from frontdesk.pushes import IncomingChat
from frontdesk.sandbox.store.records import ChatRecord, LastThread, Member, ThreadRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events, tags, views
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.bans import refuse_banned
from frontdesk.sandbox.world.routing import inactivity
from frontdesk.sandbox.world.world import World

__all__ = [
    "MAX_OTHER_AGENTS",
    "Author",
    "Opening",
    "check_groups",
    "create",
    "new_thread",
    "opening",
    "require_online_group",
    "tell_incoming",
    "watch_answer",
]

MAX_OTHER_AGENTS = 4


class Author(Struct, frozen=True):
    """Whoever starts a thread or writes: an agent, a bot, or the customer."""

    id: str
    customer: bool
    client_id: str
    requester: Requester | None = None

    @classmethod
    def of(cls, requester: Requester) -> "Author":
        """The author behind a call."""
        return cls(requester.id, customer=False, client_id=requester.client_id, requester=requester)

    @property
    def role(self) -> Any:
        """``agent`` or ``customer``."""
        return "customer" if self.customer else "agent"


class Opening(Struct, kw_only=True):
    """What a new thread begins with, checked."""

    author: Author
    agent_ids: list[str]
    customer_id: str | None
    group_ids: list[int]
    chat_properties: Mapping[str, Mapping[str, Any]]
    thread_properties: Mapping[str, Mapping[str, Any]]
    events: Sequence[NewEvent]
    tags: list[str]
    active: bool
    continuous: bool | None
    visit: CustomerVisit | None = None


def opening(
    world: World,
    author: Author,
    chat: InitialChat | Any,
    *,
    active: bool,
    continuous: bool | None,
    customer_id: str | None = None,
    group_ids: Sequence[int] = (0,),
) -> Opening:
    """Check what a chat is to be started or resumed with.

    ``customer_id`` is the customer that the chat has already, ``group_ids`` the groups when
    ``chat.access`` is left out. Raises ``NotFound``,
    ``ValidationError``, ``UsersLimitReached``, ``CustomerBanned``, ``AuthorizationError``.
    """
    asked = InitialChat() if chat is UNSET else chat
    listed = [] if asked.users is UNSET else asked.users
    agent_ids = [] if author.customer else [author.id]
    agent_ids += [one.id for one in listed if one.type == "agent" and one.id not in agent_ids]
    customers = [one.id for one in listed if one.type == "customer"]
    if author.customer:
        customers = [author.id]
    _check_users(world, agent_ids, customers, customer_id, author)
    customer_id = customers[0] if customers else customer_id
    wanted = group_ids if asked.access is UNSET else asked.access.group_ids
    check_groups(world, wanted, "chat.access.group_ids")
    thread = None if asked.thread is UNSET else asked.thread
    chat_properties = {} if asked.properties is UNSET else asked.properties
    thread_properties = {} if thread is None or thread.properties is UNSET else thread.properties
    for values, location in ((chat_properties, "chat"), (thread_properties, "thread")):
        properties.check_update(
            world,
            values,
            location=location,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            role=author.role,
            client_id=author.client_id,
            field="chat.properties" if location == "chat" else "chat.thread.properties",
        )
    tags_asked = [] if thread is None or thread.tags is UNSET else thread.tags
    for tag in tags_asked:
        tags.check(world, tag, wanted, "chat.thread.tags")
    return Opening(
        author=author,
        agent_ids=agent_ids,
        customer_id=customer_id,
        group_ids=list(dict.fromkeys(wanted)),
        chat_properties=chat_properties,
        thread_properties=thread_properties,
        events=[] if thread is None or thread.events is UNSET else thread.events,
        tags=list(dict.fromkeys(tags_asked)),
        active=active,
        continuous=continuous,
        visit=_visit(world, customer_id),
    )


def check_groups(world: World, group_ids: Sequence[int], field: str) -> None:
    """Refuse groups that do not exist."""
    if not group_ids:
        raise ValidationError(f"`{field}` must name at least one group")
    for group_id in group_ids:
        if group_id != 0 and group_id not in world.store.company.groups:
            raise ValidationError(f"`{field}`: there is no group {group_id}")


def _check_users(
    world: World,
    agent_ids: list[str],
    customers: list[str],
    customer_id: str | None,
    author: Author,
) -> None:
    if len(agent_ids) - (not author.customer) > MAX_OTHER_AGENTS:
        raise UsersLimitReached(
            f"`chat.users` must hold at most {MAX_OTHER_AGENTS} agents besides the requester"
        )
    for agent_id in agent_ids:
        if agent_id not in world.store.company.agents:
            raise NotFound(f"`chat.users`: there is no agent `{agent_id}`")
    if customer_id is not None and customers and customers[0] != customer_id:
        raise ValidationError("`chat.users`: the chat has another customer already")
    for one in customers or ([customer_id] if customer_id else []):
        customer = world.store.customers.read(one)
        if customer is None:
            raise NotFound(f"`chat.users`: there is no customer `{one}`")
        refuse_banned(world, customer)


def _visit(world: World, customer_id: str | None) -> CustomerVisit | None:
    customer = world.store.customers.read(customer_id) if customer_id else None
    visit = customer.profile.visit if customer else None
    if visit is None:
        return None
    return CustomerVisit(ip=visit.ip, user_agent=visit.user_agent, geolocation=visit.geolocation)


def require_online_group(
    world: World, group_ids: Sequence[int], field: str = "chat.access.group_ids"
) -> None:
    """Raise ``GroupsOffline`` unless somebody of the groups accepts chats."""
    from_anywhere = 0 in group_ids
    for agent in world.store.company.agents.values():
        if agent.status == "accepting_chats" and (
            from_anywhere or any(group_id in agent.groups for group_id in group_ids)
        ):
            return
    raise GroupsOffline(f"no group of `{field}` is online; send `continuous` true to start anyway")


def create(world: World, start: Opening) -> ChatRecord:
    """Make a chat that has no thread yet."""
    chat = ChatRecord(
        num=world.store.chats.next_num(),
        id=world.ids.short(),
        created_at=world.clock.now(),
        customer_id=start.customer_id,
        group_ids=start.group_ids,
        members=[],
    )
    key = "customer_client_id" if start.author.customer else "client_id"
    chat.properties = {"source": {key: start.author.client_id}}
    return chat


def new_thread(world: World, chat: ChatRecord, start: Opening, *, is_new: bool) -> list[str]:
    """Open a thread in a chat and keep both; the ids of the events it begins with.

    Agents of the thread before who do not come along leave, and nobody follows the chat any more.
    """
    now = world.clock.now()
    chat.group_ids = start.group_ids
    chat.followers = []
    _set_members(chat, start)
    if start.continuous is not None:
        chat.continuous = start.continuous
    properties.merge(chat.properties, start.chat_properties)
    properties.merge(chat.properties, {"routing": {"continuous": chat.continuous}})
    thread = _thread(world, chat, start, now)
    chat.thread = LastThread(
        num=thread.num, id=thread.id, active=start.active, created_at=now, last_event_at=now
    )
    event_ids = _first_events(world, chat, start)
    if is_new:
        world.store.chats.add(chat)
    world.store.threads.add(thread)
    if start.active:
        inactivity.watch(world, chat)
    customer = world.store.customers.get(chat.customer_id) if chat.customer_id else None
    if customer is not None:
        customers.count(world, customer, threads_count=1, chats_count=int(is_new))
    return event_ids


def _set_members(chat: ChatRecord, start: Opening) -> None:
    for member in chat.members:
        if member.type == "agent":
            member.present = False
    wanted = [Member(id=agent_id, type="agent") for agent_id in start.agent_ids]
    if start.customer_id is not None:
        chat.customer_id = start.customer_id
        wanted.insert(0, Member(id=start.customer_id, type="customer"))
    for one in wanted:
        known = chat.member(one.id)
        if known is None:
            chat.members.append(one)
        else:
            known.present, known.visibility = True, "all"


def _thread(world: World, chat: ChatRecord, start: Opening, now: datetime) -> ThreadRecord:
    thread = ThreadRecord(
        num=world.store.threads.next_num(),
        id=world.ids.short(),
        chat=chat.num,
        chat_id=chat.id,
        created_at=now,
        active=start.active,
        group_ids=start.group_ids,
        user_ids=[member.id for member in chat.members if member.present],
        tags=start.tags,
        closed_at=None if start.active else now,
        customer_visit=start.visit,
    )
    before = None if chat.thread is None else world.store.threads.get(chat.thread.id)
    if before is not None:
        thread.previous_id = before.id
        before.next_id = thread.id
    thread.properties = {
        "routing": {"continuous": chat.continuous, "idle": False, "unassigned": False},
        "source": dict(chat.properties.get("source", {})),
    }
    properties.merge(thread.properties, start.thread_properties)
    return thread


def _first_events(world: World, chat: ChatRecord, start: Opening) -> list[str]:
    """Add the events that were sent along; all of them are visible to all.

    They follow the creation of the thread by a microsecond each: nothing comes between.
    """
    assert chat.thread is not None
    event_ids: list[str] = []
    for new in start.events:
        event_id = events.next_id(chat.thread)
        event = events.build(
            world,
            new,
            event_id=event_id,
            at=world.clock.following(),
            author_id=start.author.id,
            author_type=start.author.role,
            client_id=start.author.client_id,
            visibility="all",
        )
        events.append(world, chat, event, author_type=start.author.role, tell=False)
        event_ids.append(event_id)
    author = chat.member(start.author.id)
    if author is not None:
        author.seen_up_to = world.clock.now() if not event_ids else chat.thread.last_event_at
    return event_ids


def tell_incoming(world: World, chat: ChatRecord, start: Opening) -> None:
    """Tell everybody with access that a chat with a new thread is there."""
    if not world.listened or chat.thread is None:
        return
    thread = world.store.threads.get(chat.thread.id)
    requester = start.author.requester
    world.tell(
        IncomingChat(
            chat=views.chat_for_all(world, chat, thread),
            requester_id=requester.id if requester else None,
        ),
        recipients.members_and_groups(chat),
        chat_id=chat.id,
        to_customer=True,
        requester=requester,
    )


def watch_answer(world: World, chat: ChatRecord) -> None:
    """Begin to wait for an answer to the customer, if slow agents lose their chats."""
    if properties.license_value(world, "chats", "transfer_chat_after_min", 0) > 0:
        inactivity.watch(world, chat)
