"""Starting and resuming chats: what was asked for is checked, then a thread begins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from frontdesk.errors import GroupsOffline, NotFound, ValidationError
from frontdesk.models import (
    CustomerVisit,
    FilledForm,
    InitialChat,
    InitialThread,
    MessageEvent,
    NewEvent,
    SystemMessage,
)
from frontdesk.models.chats.chat import MAX_AGENTS
from frontdesk.pushes import IncomingChat
from frontdesk.sandbox.store.records import (
    ChatRecord,
    ChatUser,
    LastThread,
    ThreadRecord,
    WelcomeRecord,
)
from frontdesk.sandbox.world import access, properties, recipients
from frontdesk.sandbox.world.actor import Actor, CustomerActor, Requester, requester_id
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import customer_views, deadlines, events, tags, views
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.routing import channels
from frontdesk.sandbox.world.world import World

__all__ = [
    "CheckedStart",
    "StartRequest",
    "check_groups",
    "check_start",
    "new_chat",
    "push_incoming",
    "refuse_second_chat",
    "require_online_group",
    "start_thread",
]


class StartRequest(Struct, kw_only=True, frozen=True):
    """What a chat is to be started or resumed with, as it was asked for.

    ``chat`` is what a request says of the chat. ``customer_id`` is the customer that the chat has
    already, ``group_ids`` the groups that count without ``chat.access``. ``continuous`` is ``None``
    to leave the mode as it is. ``welcome`` is what the customer has read before, and the chat is to
    begin with.
    """

    chat: InitialChat | UnsetType = UNSET
    active: bool = True
    continuous: bool | None = None
    customer_id: str | None = None
    group_ids: Sequence[int] = (0,)
    welcome: WelcomeRecord | None = None


class CheckedStart(Struct, kw_only=True):
    """What a new thread begins with, checked."""

    actor: Actor
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
    welcome: WelcomeRecord | None = None


def check_start(world: World, actor: Actor, request: StartRequest) -> CheckedStart:
    """Check what a chat is to be started or resumed with.

    Raises:
        NotFound: There is no such user.
        ValidationError: A group, tag or property does not exist or does not fit, there are too many
            agents, the chat has another customer, or the customer has an active chat already.
        CustomerBanned: The customer is banned.
        AuthorizationError: A property may not be written.
    """
    chat = InitialChat() if request.chat is UNSET else request.chat
    users = [] if chat.users is UNSET else chat.users
    thread = InitialThread() if chat.thread is UNSET else chat.thread
    first_events = [] if thread.events is UNSET else thread.events
    _check_authors(first_events, {actor.id, *(user.id for user in users)})
    customer_ids = [user.id for user in users if user.type == "customer"]
    if isinstance(actor, CustomerActor):
        agent_ids, customer_ids = [], [actor.id]
    else:
        agent_ids = [actor.id]
    agent_ids += [user.id for user in users if user.type == "agent" and user.id not in agent_ids]
    _check_agents(world, agent_ids, actor)
    customer_id = _checked_customer(world, customer_ids, request.customer_id)
    if request.active and customer_id is not None:
        by_customer = isinstance(actor, CustomerActor)
        refuse_second_chat(world, customer_id, "customer_id" if by_customer else "chat.users")
    group_ids = request.group_ids if chat.access is UNSET else chat.access.group_ids
    check_groups(world, group_ids, "chat.access.group_ids")
    chat_properties = {} if chat.properties is UNSET else chat.properties
    thread_properties = {} if thread.properties is UNSET else thread.properties
    properties.check_update(
        world, chat_properties, location="chat", actor=actor, field="chat.properties"
    )
    properties.check_update(
        world, thread_properties, location="thread", actor=actor, field="chat.thread.properties"
    )
    thread_tags = [] if thread.tags is UNSET else thread.tags
    for tag in thread_tags:
        tags.check(world, tag, group_ids, "chat.thread.tags")
    return CheckedStart(
        actor=actor,
        agent_ids=agent_ids,
        customer_id=customer_id,
        group_ids=list(dict.fromkeys(group_ids)),
        chat_properties=chat_properties,
        thread_properties=thread_properties,
        events=first_events,
        tags=list(dict.fromkeys(thread_tags)),
        active=request.active,
        continuous=request.continuous,
        visit=_visit(world, customer_id),
        welcome=request.welcome,
    )


def check_groups(world: World, group_ids: Sequence[int], field: str) -> None:
    """Refuse groups that do not exist."""
    if not group_ids:
        raise ValidationError(f"`{field}` must name at least one group")
    for group_id in group_ids:
        if group_id != 0 and group_id not in world.store.company.groups:
            raise ValidationError(f"`{field}`: there is no group {group_id}")


def refuse_second_chat(world: World, customer_id: str, field: str) -> None:
    """Raise ``ValidationError`` that names the active chat of a customer, if there is one."""
    active = world.store.chats.active_of_customer(customer_id)
    if active:
        raise ValidationError(
            f"`{field}`: the customer `{customer_id}` has an active chat already: `{active[0]}`"
        )


def _check_agents(world: World, agent_ids: list[str], actor: Actor) -> None:
    others = [agent_id for agent_id in agent_ids if agent_id != actor.id]
    if len(others) > MAX_AGENTS - 1:
        raise ValidationError(
            f"`chat.users` must hold at most {MAX_AGENTS - 1} agents besides the requester"
        )
    for agent_id in agent_ids:
        if agent_id not in world.store.company.agents:
            raise NotFound(f"`chat.users`: there is no agent `{agent_id}`")
        access.require_working(world.store.company.agents[agent_id], "chat.users")


def _check_authors(first_events: Sequence[NewEvent], user_ids: set[str]) -> None:
    for position, event in enumerate(first_events):
        author_id = _author_id(event)
        if author_id is not None and author_id not in user_ids:
            raise ValidationError(
                f"`chat.thread.events[{position}].author_id`: `{author_id}` is neither the "
                "requester nor listed in `chat.users`"
            )


def _author_id(event: NewEvent) -> str | None:
    """Return who is said to have written an event; system messages have no author."""
    if isinstance(event, SystemMessage) or event.author_id is UNSET:
        return None
    return event.author_id


def _checked_customer(world: World, customer_ids: list[str], present_id: str | None) -> str | None:
    """Return the customer of the chat: the one it has, or the first one named."""
    if present_id is not None and customer_ids and customer_ids[0] != present_id:
        raise ValidationError("`chat.users`: the chat has another customer already")
    for customer_id in customer_ids or ([present_id] if present_id else []):
        customer = world.store.customers.read(customer_id)
        if customer is None:
            raise NotFound(f"`chat.users`: there is no customer `{customer_id}`")
        refuse_banned(world, customer)
    return customer_ids[0] if customer_ids else present_id


def _visit(world: World, customer_id: str | None) -> CustomerVisit | None:
    customer = world.store.customers.read(customer_id) if customer_id else None
    visit = customer.profile.visit if customer else None
    if visit is None:
        return None
    place = visit.geolocation
    if place is not None and not any(structs.asdict(place).values()):
        place = None
    if not (visit.ip or visit.user_agent or place):
        return None
    return CustomerVisit(ip=visit.ip, user_agent=visit.user_agent, geolocation=place)


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


def new_chat(world: World, start: CheckedStart) -> ChatRecord:
    """Make a chat that has no thread yet."""
    chat = ChatRecord(
        num=world.store.chats.next_num(),
        id=world.ids.short(),
        created_at=world.clock.now(),
        customer_id=start.customer_id,
        group_ids=start.group_ids,
        users=[],
    )
    by_customer = isinstance(start.actor, CustomerActor)
    key = "customer_client_id" if by_customer else "client_id"
    chat.properties = {"source": {key: start.actor.client_id}}
    return chat


def start_thread(world: World, chat: ChatRecord, start: CheckedStart, *, is_new: bool) -> list[str]:
    """Begin a thread in a chat and store both; return the ids of the events it begins with.

    Agents of the thread before who do not come along leave, and nobody follows the chat any more.
    """
    now = world.clock.now()
    # No second look at the clock: a first event is as old as its thread, and recovery relies on it.
    channels.note(world, start.actor, now)
    chat.group_ids = start.group_ids
    chat.followers = []
    _set_users(chat, start)
    if start.continuous is not None:
        chat.continuous = start.continuous
    properties.merge(chat.properties, start.chat_properties)
    properties.merge(chat.properties, {"routing": {"continuous": chat.continuous}})
    thread = _thread(world, chat, start, now)
    chat.last_thread = LastThread(
        num=thread.num, id=thread.id, active=start.active, created_at=now, last_event_at=now
    )
    event_ids = _first_events(world, chat, start)
    if is_new:
        world.store.chats.add(chat)
    world.store.threads.add(thread)
    if chat.last_thread.unreplied is not None:
        properties.merge(thread.properties, {"routing": {"unreplied": chat.last_thread.unreplied}})
    if start.active:
        deadlines.set_timer(world, chat)
    customer = world.store.customers.get(chat.customer_id) if chat.customer_id else None
    if customer is not None:
        customers.introduce(world, customer, _forms_of(start, customer.id), start.actor)
        customers.count(world, customer, threads_count=1, chats_count=int(is_new))
    return event_ids


def _set_users(chat: ChatRecord, start: CheckedStart) -> None:
    for agent in chat.users:
        if agent.type == "agent":
            agent.present = False
    new_users = [ChatUser(id=agent_id, type="agent") for agent_id in start.agent_ids]
    if start.customer_id is not None:
        chat.customer_id = start.customer_id
        new_users.insert(0, ChatUser(id=start.customer_id, type="customer"))
    for new_user in new_users:
        user = chat.user(new_user.id)
        if user is None:
            chat.users.append(new_user)
        else:
            user.present, user.visibility = True, "all"


def _thread(world: World, chat: ChatRecord, start: CheckedStart, now: datetime) -> ThreadRecord:
    thread = ThreadRecord(
        num=world.store.threads.next_num(),
        id=world.ids.short(),
        chat=chat.num,
        chat_id=chat.id,
        created_at=now,
        active=start.active,
        group_ids=start.group_ids,
        user_ids=[user.id for user in chat.users if user.present],
        tags=start.tags,
        closed_at=None if start.active else now,
        customer_visit=start.visit,
    )
    before = None if chat.last_thread is None else world.store.threads.get(chat.last_thread.id)
    if before is not None:
        thread.previous_id = before.id
        before.next_id = thread.id
    thread.properties = {
        "routing": {
            "continuous": chat.continuous,
            "idle": False,
            "unassigned": False,
            "unreplied": False,
        },
        "source": dict(chat.properties.get("source", {})),
    }
    properties.merge(thread.properties, start.thread_properties)
    return thread


def _first_events(world: World, chat: ChatRecord, start: CheckedStart) -> list[str]:
    """Add the events that were sent along, after the welcome; all of them are visible to all.

    They follow the creation of the thread by a microsecond each: nothing comes between.
    """
    assert chat.last_thread is not None
    event_ids: list[str] = []
    seen_up_to = chat.last_thread.last_event_at
    if start.welcome is not None:
        seen_up_to = _add_welcome(world, chat, start.welcome)
    for new in start.events:
        author = _author(start, new)
        stamp = events.Stamp(
            event_id=events.next_id(chat.last_thread),
            at=world.clock.following(),
            visibility="all",
            author_id=author.id,
            # What a customer fills in before anything is said is the form before the chat.
            form_type="prechat" if isinstance(author, CustomerActor) else None,
        )
        event = events.build(world, new, start.actor, stamp)
        events.append(world, chat, event, author=author, push=False)
        event_ids.append(stamp.event_id)
        seen_up_to = stamp.at
    starter = chat.user(start.actor.id)
    if starter is not None and seen_up_to is not None:
        starter.see(seen_up_to)
    return event_ids


def _add_welcome(world: World, chat: ChatRecord, welcome: WelcomeRecord) -> datetime:
    """Add what the customer was welcomed with; return when. It is no response to anything."""
    assert chat.last_thread is not None
    event = MessageEvent(
        id=events.next_id(chat.last_thread),
        created_at=world.clock.following(),
        author_id=welcome.agent_id,
        visibility="all",
        text=welcome.text,
        properties={
            "chats": {"welcome_message_source": "welcome_phrase"},
            "lc2": {"welcome_message": True},
        },
    )
    events.append(world, chat, event, push=False)
    return event.created_at


def _author(start: CheckedStart, new: NewEvent) -> Actor:
    """Return who wrote one of the first events."""
    author_id = _author_id(new) or start.actor.id
    if author_id == start.actor.id:
        return start.actor
    if author_id == start.customer_id:
        return CustomerActor(author_id)
    return Requester(id=author_id)


def _forms_of(start: CheckedStart, customer_id: str) -> list[FilledForm]:
    """Return the forms that the customer has filled in before the chat."""
    return [
        event
        for event in start.events
        if isinstance(event, FilledForm)
        and (_author_id(event) or start.actor.id) == customer_id
        and _form_type(event) in (None, "prechat")
    ]


def _form_type(form: FilledForm) -> Any:
    values: Any = form.properties
    return values.get("lc2", {}).get("form_type") if values else None


def push_incoming(world: World, chat: ChatRecord, start: CheckedStart) -> None:
    """Push to everybody with access that a chat with a new thread is there."""
    if not world.listened or chat.last_thread is None:
        return
    thread = world.store.threads.read(chat.last_thread.id)
    by = requester_id(start.actor)
    world.push(
        IncomingChat(chat=views.show_chat_to_all(world, chat, thread), requester_id=by),
        recipients.agents_with_access(chat),
        chat_id=chat.id,
        to_customer=True,
        customer_payload=customer_views.show_incoming(world, chat, thread, by),
        actor=start.actor,
    )
