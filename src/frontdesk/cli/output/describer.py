"""What a person wants to see of a push or a webhook, in one line: who, and what."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import UNSET

from frontdesk import pushes
from frontdesk.models import ChatSummary, LoginResponse
from frontdesk.webhooks import RoutingStatusSet as RoutingStatusSetWebhook

__all__ = ["Describer", "content_of"]

REMEMBERED: Final = 10_000
"""Names that are kept; the ones learned first are forgotten first."""
SHORT_ID: Final = 8
UUID_LENGTH: Final = 36


class Describer:
    """Turns payloads of pushes and webhooks into lines, with the names of users met so far."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn(self, login: LoginResponse) -> None:
        """Take the names from a log-in response."""
        self.learn_users((login.my_profile,))
        summaries: list[ChatSummary] = login.chats_summary or login.chats_info or []
        for chat in summaries:
            self.learn_users(chat.users)

    def describe(self, payload: Any) -> str:
        """Return the line; it may hold whatever somebody wrote, line breaks included."""
        self.learn_users(_users_in(payload))
        match payload:
            case pushes.IncomingEvent():
                return self._event(payload.event)
            case pushes.EventUpdated():
                return f"changed: {self._event(payload.event)}"
            case pushes.IncomingChat():
                return self._chat(payload.chat)
            case pushes.UnknownPush():
                return _compact(payload.payload)
            case _:
                phrase = _PHRASES.get(payload.__class__)
                return phrase(payload, self.name) if phrase else self._fields(payload)

    def _event(self, event: Any) -> str:
        author = "system" if event.author_id is None else self.name(event.author_id)
        private = " (agents only)" if getattr(event, "visibility", None) == "agents" else ""
        return f"{author}{private}: {content_of(event)}"

    def _chat(self, chat: Any) -> str:
        people = ", ".join(self.name(user.id) for user in chat.users)
        texts = [
            event for event in (chat.thread.events or () if chat.thread else ()) if _is_text(event)
        ]
        return f"{people}: {texts[-1].text}" if texts else people

    def _fields(self, payload: Any) -> str:
        """All fields that are set, the chat aside, which has a column of its own."""
        names = getattr(payload, "__struct_fields__", ())
        values = ((name, getattr(payload, name)) for name in names if name not in _SHOWN_ELSEWHERE)
        return " ".join(
            f"{name}={self._value(name, value)}"
            for name, value in values
            if value is not None and value is not UNSET
        )

    def _value(self, name: str, value: Any) -> str:
        if name in _USER_IDS and isinstance(value, str):
            return self.name(value)
        return value if isinstance(value, str) else _compact(value)

    def name(self, user_id: str) -> str:
        """Return the name of a user; an agent's id is one, a customer's means nothing."""
        name = self._names.get(user_id)
        if name:
            return name
        if len(user_id) == UUID_LENGTH and user_id.count("-") == 4:  # noqa: PLR2004 - of a UUID
            return f"customer {user_id[:SHORT_ID]}"
        return user_id

    def learn_users(self, users: Iterable[Any]) -> None:
        """Take the names of users."""
        for user in users:
            name = getattr(user, "name", None)
            if isinstance(name, str) and name.strip():
                self._names.pop(user.id, None)
                self._names[user.id] = name
        while len(self._names) > REMEMBERED:
            del self._names[next(iter(self._names))]


_PHRASES: Final[dict[type[Any], Callable[[Any, Callable[[str], str]], str]]] = {
    pushes.ChatDeactivated: lambda push, name: (
        f"closed by {name(push.user_id)}" if push.user_id else "closed"
    ),
    pushes.CustomerPageUpdated: lambda push, name: (
        f"{name(push.customer_id)} opened {push.url} {push.title!r}"
    ),
    pushes.EventsMarkedAsSeen: lambda push, name: (
        f"{name(push.user_id)} saw all up to {push.seen_up_to:%Y-%m-%d %H:%M:%S} UTC"
    ),
    pushes.IncomingRichMessagePostback: lambda push, name: (
        f"{name(push.user_id)} {'pressed' if push.postback.toggled else 'released'} "
        f"{push.postback.id!r}"
    ),
    pushes.IncomingSneakPeek: lambda push, name: (
        f"{name(push.sneak_peek.author_id)} is typing: {push.sneak_peek.text}"
    ),
    pushes.IncomingThinkingIndicator: lambda push, name: (
        f"{name(push.author_id)} is thinking: {push.title or ''}"
    ),
    pushes.IncomingTypingIndicator: lambda push, name: (
        f"{name(push.typing_indicator.author_id)} "
        f"{'is typing' if push.typing_indicator.is_typing else 'stopped typing'}"
    ),
    pushes.RoutingStatusSet: lambda push, name: f"{name(push.agent_id)} is {push.status}",
    RoutingStatusSetWebhook: lambda push, name: f"{name(push.agent_id)} is {push.status}",
    pushes.ThreadTagged: lambda push, _: f"tagged {push.tag!r}",
    pushes.ThreadUntagged: lambda push, _: f"no longer tagged {push.tag!r}",
    pushes.UserAddedToChat: lambda push, name: f"{name(push.user.id)} joined ({push.reason})",
    pushes.UserRemovedFromChat: lambda push, name: f"{name(push.user_id)} left ({push.reason})",
}
"""Payload class -> its line; whatever is not listed shows its fields."""

_SHOWN_ELSEWHERE: Final = frozenset({"chat_id", "version", "request_id", "recovered", "damage"})
_USER_IDS: Final = frozenset({"requester_id", "user_id", "author_id", "customer_id", "agent_id"})


def _users_in(payload: Any) -> Iterable[Any]:
    match payload:
        case pushes.IncomingChat(chat=chat):
            return chat.users
        case pushes.UserAddedToChat(user=user):
            return (user,)
        case pushes.IncomingCustomer(customer=customer):
            return (customer,)
        case pushes.IncomingCustomers(customers=customers):
            return customers
        case pushes.CustomerUpdated() | pushes.AgentUpdated() | pushes.BotUpdated():
            return (payload,)
        case _:
            return ()


def content_of(event: Any) -> str:
    """Return what an event says, whatever its type; it may hold line breaks."""
    if getattr(event, "deleted", None):
        return "[deleted]"
    match getattr(event, "original_type", event.type):
        case "message" | "system_message" if _is_text(event):
            return str(event.text)
        case "file" if hasattr(event, "name"):
            return f"[file] {event.name} {event.url}"
        case "rich_message" if getattr(event, "elements", None):
            first = event.elements[0]
            return f"[{event.template_id}] {first.title or first.subtitle or ''}"
        case "form" if hasattr(event, "fields"):
            return f"[form] {', '.join(field.label for field in event.fields)}"
        case "filled_form" if hasattr(event, "fields"):
            return f"[filled_form] {', '.join(map(_filled, event.fields))}"
        case "custom":
            return f"[custom] {_compact(getattr(event, 'content', None))}"
        case kind:
            return f"[{kind or 'event'}]"


def _filled(field: Any) -> str:
    """A field of a filled form with what the customer chose or wrote."""
    chosen = field.answers or ([field.answer] if field.answer is not None else [field.value or ""])
    return f"{field.label} {', '.join(str(getattr(item, 'label', item)) for item in chosen)}"


def _is_text(event: Any) -> bool:
    return bool(getattr(event, "text", None))


def _compact(value: Any) -> str:
    from frontdesk.codec.decoding import encode

    try:
        return json.dumps(json.loads(encode(value)), ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return str(value)
