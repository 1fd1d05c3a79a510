"""Records, and what happens to them, as the customer of a chat may see it.

Customers see the conversation, and nothing that agents have for themselves: no events and users for
agents only, no deleted events, no tags, summaries, visits and tickets, no properties without read
access for customers. The id of an agent is an e-mail address, which customers do not get: they see
32 hex digits in its place, always the same ones, as the samples of LiveChat's docs have them.

Source: https://platform.text.com/docs/messaging/customer-chat-api/data-structures
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from frontdesk.models import (
    Access,
    Agent,
    Chat,
    Customer,
    LastEvent,
    Properties,
    RichMessageElement,
    RichMessageEvent,
    Thread,
    TransferTarget,
    TypingIndicator,
)
from frontdesk.models.customer_chat.chats import CustomerChatSummary
from frontdesk.pushes import IncomingChat
from frontdesk.pushes.base import DeletedNames
from frontdesk.sandbox.store.records import ChatRecord, ChatUser, EventRow, ThreadRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.chats import events, views
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.world import World

__all__ = [
    "CustomerViewer",
    "count_events",
    "find_event",
    "show_agent",
    "show_chat",
    "show_chat_summary",
    "show_customer",
    "show_event",
    "show_incoming",
    "show_push",
    "show_thread",
    "show_user",
    "show_users",
    "shown_id",
]

ABSENT: Any = UNSET
"""Leaves out a field that the model, made for clients, has always."""

_NO_CLIENT: Final = ""


class CustomerViewer:
    """The customer of a chat, who looks at it.

    Args:
        world: Where the chat is.
        chat: The chat.
        client_id: The application that the customer uses: properties that are not published are
            seen through their own alone. Defaults to the one of the customer's connections, if all
            of them are of one application.
    """

    __slots__ = ("_client_id", "_hidden_ids", "chat", "world")

    def __init__(self, world: World, chat: ChatRecord, client_id: str | None = None) -> None:
        self.world: World = world
        self.chat: ChatRecord = chat
        self._client_id = client_id
        self._hidden_ids: frozenset[str] | None = None

    @property
    def client_id(self) -> str:
        """The application that the customer uses; empty if that is not one alone."""
        if self._client_id is None:
            client_ids = {
                session.customer.client_id
                for session in self.world.customer_sessions.values()
                if session.customer.id == self.chat.customer_id
            }
            self._client_id = client_ids.pop() if len(client_ids) == 1 else _NO_CLIENT
        return self._client_id

    @property
    def hidden_ids(self) -> frozenset[str]:
        """The agents who are in the chat for agents only."""
        if self._hidden_ids is None:
            self._hidden_ids = frozenset(
                user.id for user in self.chat.users if user.visibility == "agents"
            )
        return self._hidden_ids

    def id(self, user_id: str | None) -> str | None:
        """Return what the customer sees of somebody's id; ``None`` of agents who are hidden."""
        if user_id is None or user_id in self.hidden_ids:
            return None
        return shown_id(self.world, user_id)

    def ids(self, user_ids: list[str] | None) -> list[str] | None:
        """Return what the customer sees of some users' ids."""
        if user_ids is None:
            return None
        return [shown for user_id in user_ids if (shown := self.id(user_id)) is not None]

    def readable(self, values: Properties | None, location: Any) -> Properties | None:
        """Return what the customer may read of some properties; ``None`` if that is nothing."""
        if not values:
            return None
        world = self.world
        shown = properties.readable(world, values, location, "customer", _NO_CLIENT)
        # The client id matters for properties that are not published; hardly any values are such.
        if shown == values or not world.store.company.properties:
            return shown
        return properties.readable(world, values, location, "customer", self.client_id)

    def readable_names(self, names: DeletedNames, location: Any) -> DeletedNames | None:
        """Return which properties of some names the customer may read."""
        values = {namespace: dict.fromkeys(listed) for namespace, listed in names.items()}
        shown = self.readable(values, location)
        if shown is None:
            return None
        return {namespace: list(listed) for namespace, listed in shown.items()}


def shown_id(world: World, user_id: str) -> str:
    """Return what customers see of a user's id: it itself, or 32 hex digits for an e-mail."""
    if "@" not in user_id:
        return user_id
    return _digits(world.store.company.license.organization_id, user_id)


@lru_cache(maxsize=4096)
def _digits(organization_id: str, agent_id: str) -> str:
    key = organization_id.encode()[:64]
    return blake2b(agent_id.encode(), key=key, digest_size=16).hexdigest()


def show_agent(world: World, user: ChatUser) -> Agent:
    """Return an agent or a bot of a chat."""
    agent = world.store.company.agents.get(user.id)
    shown = shown_id(world, user.id)
    return Agent(
        id=shown,
        name=agent.name if agent else shown,
        present=user.present,
        events_seen_up_to=user.seen_up_to,
        avatar=(agent.avatar or None) if agent else None,
        job_title=(agent.job_title or None) if agent else None,
    )


def show_customer(profile: Customer, user: ChatUser | None = None) -> Customer:
    """Return what customers see of themselves: not what agents know of their visit and shopping.

    ``user`` is what they are in a chat.
    """
    return Customer(
        id=profile.id,
        name=profile.name,
        email=profile.email,
        email_verified=profile.email_verified,
        avatar=profile.avatar,
        phone_number=profile.phone_number,
        session_fields=profile.session_fields,
        present=None if user is None else user.present,
        events_seen_up_to=None if user is None else user.seen_up_to,
        omnichannel=profile.omnichannel,
        address=profile.address,
    )


def show_user(viewer: CustomerViewer, user: ChatUser) -> Agent | Customer | None:
    """Return a user of a chat; ``None`` for an agent who is there for agents only."""
    if user.type == "agent":
        return None if user.visibility == "agents" else show_agent(viewer.world, user)
    record = viewer.world.store.customers.read(user.id)
    if record is None or user.id != viewer.chat.customer_id:
        return Customer(id=user.id, present=user.present)
    return show_customer(record.profile, user)


def show_users(viewer: CustomerViewer) -> list[Any]:
    """Return the users of a chat whom its customer sees, the customer first."""
    users = sorted(viewer.chat.users, key=lambda user: user.type != "customer")
    return [shown for user in users if (shown := show_user(viewer, user)) is not None]


def show_event(viewer: CustomerViewer, event: Any) -> Any:
    """Return an event; ``None`` for one that is deleted, or for agents only."""
    # Whatever does not say that it is for all, is not.
    if event.visibility != "all" or event.deleted:
        return None
    changes: dict[str, Any] = {"visibility": ABSENT}
    author_id = event.author_id
    if author_id is not None:
        changes["author_id"] = shown_id(viewer.world, author_id)
    if event.properties:
        changes["properties"] = viewer.readable(event.properties, "event")
    if isinstance(event, RichMessageEvent):
        # LiveChat's customer-sdk fails without a list, which the docs call optional.
        changes["elements"] = [_show_element(viewer, element) for element in event.elements or ()]
    return replace(event, **changes)


def _show_element(viewer: CustomerViewer, element: RichMessageElement) -> RichMessageElement:
    if not element.buttons:
        return element
    buttons = [replace(button, user_ids=viewer.ids(button.user_ids)) for button in element.buttons]
    return replace(element, buttons=buttons)


def _show_rows(viewer: CustomerViewer, rows: list[EventRow]) -> Iterator[Any]:
    for row in rows:
        if not row.deleted:
            shown = show_event(viewer, events.decode(row))
            if shown is not None:
                yield shown


def find_event(world: World, thread: ThreadRecord, event_id: str) -> EventRow:
    """Return the event of an id in a thread, if the customer of its chat sees it.

    Raises:
        NotFound: There is none: deleted, for agents only, restricted, or none at all.
    """
    row = events.find(world, thread, event_id)
    hidden = row.deleted or events.decode(row).visibility != "all"
    if hidden or views.restriction(world, thread) is not None:
        raise events.not_found(thread, event_id)
    return row


def count_events(viewer: CustomerViewer, thread: ThreadRecord) -> int:
    """Return how many events of a thread the customer sees."""
    if views.restriction(viewer.world, thread) is not None:
        return 0
    rows = viewer.world.store.events.of_thread(thread.num)
    return sum(1 for _ in _show_rows(viewer, rows))


def show_thread(
    viewer: CustomerViewer, thread: ThreadRecord, *, with_events: bool = True
) -> Thread:
    """Return a thread; the events of one that is restricted are kept back without a word."""
    world = viewer.world
    shown_events: Any = ABSENT
    if with_events:
        restricted = views.restriction(world, thread) is not None
        rows = [] if restricted else world.store.events.of_thread(thread.num)
        shown_events = list(_show_rows(viewer, rows))
    queue = (
        views.show_queue_place(world, thread.num, thread.group_ids) if thread.queued_at else None
    )
    return Thread(
        id=thread.id,
        active=thread.active,
        created_at=thread.created_at,
        user_ids=viewer.ids(thread.user_ids),
        events=shown_events,
        properties=viewer.readable(thread.properties, "thread"),
        access=Access(group_ids=thread.group_ids),
        queue=queue,
        previous_thread_id=thread.previous_id,
        next_thread_id=thread.next_id,
    )


def show_chat(viewer: CustomerViewer, thread: ThreadRecord | None) -> Chat:
    """Return a chat with one of its threads, or without any."""
    chat = viewer.chat
    return Chat(
        id=chat.id,
        users=show_users(viewer),
        thread=ABSENT if thread is None else show_thread(viewer, thread),
        properties=viewer.readable(chat.properties, "chat"),
        access=Access(group_ids=chat.group_ids),
    )


def show_chat_summary(viewer: CustomerViewer) -> CustomerChatSummary:
    """Return a chat without its threads, with the last event of each type that is to be seen."""
    chat = viewer.chat
    last = chat.last_thread
    return CustomerChatSummary(
        id=chat.id,
        users=show_users(viewer),
        active=chat.active,
        last_thread_id=None if last is None else last.id,
        last_thread_created_at=None if last is None else last.created_at,
        last_event_per_type=_last_events(viewer) or None,
        properties=viewer.readable(chat.properties, "chat"),
        access=Access(group_ids=chat.group_ids),
    )


def _last_events(viewer: CustomerViewer) -> dict[str, LastEvent]:
    last_events: dict[str, LastEvent] = {}
    hidden: set[str] = set()
    for kind, (num, n) in viewer.chat.last_events.items():
        thread = viewer.world.store.threads.read_at(num)
        row = viewer.world.store.events.get(num, n)
        if thread is None or row is None:
            continue
        last_event = _last_event(viewer, thread, [row])
        if last_event is None:
            hidden.add(kind)
        else:
            last_events[kind] = last_event
    if hidden:
        last_events.update(_earlier_events(viewer, hidden))
    return last_events


def _earlier_events(viewer: CustomerViewer, kinds: set[str]) -> dict[str, LastEvent]:
    """Return the last event that is to be seen of each type, whose very last is not."""
    store = viewer.world.store
    last_events: dict[str, LastEvent] = {}
    for thread in reversed(store.threads.of_chat(viewer.chat.num)):
        rows = store.events.of_thread(thread.num)
        for kind in kinds - last_events.keys():
            of_kind = [row for row in reversed(rows) if row.type == kind]
            last_event = _last_event(viewer, thread, of_kind)
            if last_event is not None:
                last_events[kind] = last_event
        if len(last_events) == len(kinds):
            break
    return last_events


def _last_event(
    viewer: CustomerViewer, thread: ThreadRecord, rows: list[EventRow]
) -> LastEvent | None:
    if views.restriction(viewer.world, thread) is not None:
        return None
    event = next(_show_rows(viewer, rows), None)
    if event is None:
        return None
    return LastEvent(thread_id=thread.id, thread_created_at=thread.created_at, event=event)


def show_incoming(
    world: World, chat: ChatRecord, thread: ThreadRecord | None, requester_id: str | None
) -> IncomingChat | None:
    """Return ``incoming_chat`` as the customer gets it; ``None`` if no customer is connected.

    It is made when it happens: what is pushed later may have changed the chat by then.
    """
    if not world.customer_sessions or chat.customer_id is None:
        return None
    viewer = CustomerViewer(world, chat)
    return IncomingChat(chat=show_chat(viewer, thread), requester_id=viewer.id(requester_id))


def show_push(world: World, effect: Effect) -> Any:
    """Return the payload of a push as the customer of its chat gets it.

    Args:
        world: Where it happened.
        effect: What happened; its ``to_customer`` is true.

    Returns:
        The payload; ``None`` if the customer is not to learn of it.
    """
    if effect.customer_payload is not None:
        return effect.customer_payload
    if effect.push == "groups_status_updated":
        return effect.payload
    if effect.push == "incoming_multicast":
        author_id = effect.payload.author_id
        return replace(effect.payload, author_id=author_id and shown_id(world, author_id))
    show = _SHOWN.get(effect.push or "")
    if show is None:
        return None
    chat = None if effect.chat_id is None else world.store.chats.read(effect.chat_id)
    return None if chat is None else show(CustomerViewer(world, chat), effect.payload)


def _show_incoming_event(viewer: CustomerViewer, payload: Any) -> Any:
    event = show_event(viewer, payload.event)
    return None if event is None else replace(payload, event=event)


def _show_ids(*names: str, by: str | None = None) -> Callable[[CustomerViewer, Any], Any]:
    """Return what shows the ids of users.

    Args:
        names: The fields; nothing is left of a push about somebody who is hidden.
        by: The field with who caused it, which is left out of somebody who is hidden.
    """

    def show(viewer: CustomerViewer, payload: Any) -> Any:
        changes: dict[str, Any] = {name: viewer.id(getattr(payload, name)) for name in names}
        if None in changes.values():
            return None
        if by is not None:
            changes[by] = viewer.id(getattr(payload, by))
        return replace(payload, **changes)

    return show


def _show_target(viewer: CustomerViewer, target: TransferTarget) -> TransferTarget:
    return replace(target, agent_ids=viewer.ids(target.agent_ids))


def _show_transferred(viewer: CustomerViewer, payload: Any) -> Any:
    return replace(
        payload,
        requester_id=viewer.id(payload.requester_id),
        transferred_to=_show_target(viewer, payload.transferred_to),
    )


def _show_added(viewer: CustomerViewer, payload: Any) -> Any:
    added = payload.user
    user = viewer.chat.user(added.id)
    if isinstance(added, Agent):
        if added.visibility == "agents" or user is None:
            return None
        # As it was when it happened: who was added may have gone again.
        at_that_time = replace(user, present=added.present, seen_up_to=added.events_seen_up_to)
        shown: Any = show_agent(viewer.world, at_that_time)
    elif added.id == viewer.chat.customer_id:
        shown = show_customer(added, user)
    else:
        return None
    return replace(payload, user=shown, requester_id=viewer.id(payload.requester_id))


def _show_typing(viewer: CustomerViewer, payload: Any) -> Any:
    typing: TypingIndicator = payload.typing_indicator
    if typing.visibility == "agents":
        return None
    author_id = viewer.id(typing.author_id)
    if author_id is None:
        return None
    shown = replace(typing, author_id=author_id, visibility=None, recipients="all")
    return replace(payload, typing_indicator=shown)


def _show_properties(location: str) -> Callable[[CustomerViewer, Any], Any]:
    def show(viewer: CustomerViewer, payload: Any) -> Any:
        shown = viewer.readable(payload.properties, location)
        return None if shown is None else replace(payload, properties=shown)

    return show


def _show_names(location: str) -> Callable[[CustomerViewer, Any], Any]:
    def show(viewer: CustomerViewer, payload: Any) -> Any:
        shown = viewer.readable_names(payload.properties, location)
        return None if shown is None else replace(payload, properties=shown)

    return show


_SHOWN: Final[Mapping[str, Callable[[CustomerViewer, Any], Any]]] = {
    "chat_deactivated": _show_ids(by="user_id"),
    "chat_properties_deleted": _show_names("chat"),
    "chat_properties_updated": _show_properties("chat"),
    "chat_transferred": _show_transferred,
    "event_deleted": _show_ids(),
    "event_properties_deleted": _show_names("event"),
    "event_properties_updated": _show_properties("event"),
    "event_updated": _show_incoming_event,
    "events_marked_as_seen": _show_ids("user_id"),
    "incoming_event": _show_incoming_event,
    "incoming_rich_message_postback": _show_ids("user_id"),
    "incoming_thinking_indicator": _show_ids("author_id"),
    "incoming_typing_indicator": _show_typing,
    "thread_properties_deleted": _show_names("thread"),
    "thread_properties_updated": _show_properties("thread"),
    "user_added_to_chat": _show_added,
    "user_removed_from_chat": _show_ids("user_id", by="requester_id"),
}
"""How each push of a chat that agents and customers share looks to customers."""
