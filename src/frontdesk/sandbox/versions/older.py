"""What versions 3.4 and 3.5 of the API lack: removed from requests, responses, pushes, webhooks.

LiveChat documents each version on pages of its own, and what came when in a changelog. What a
version does with the events that it does not know (``system`` events, and the traces of deleted
ones) is not documented: the sandbox leaves them out.

Source: https://platform.text.com/docs/messaging/agent-chat-api/changelog
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import ValidationError
from frontdesk.spec.actions import Version, dotted

__all__ = ["OWN", "older_content", "older_request", "without_new_fields"]

V3_5: Final[Version] = (3, 5)
V3_6: Final[Version] = (3, 6)

Fields = Mapping[str, Version]
"""Names of fields, with the first version that has them."""

_ARCHIVES_FILTERS: Final[Fields] = {
    "agent_types": V3_6,
    "chat_ids": V3_6,
    "customer_countries": V3_5,
    "customer_email": V3_6,
    "customer_id": V3_6,
}
_CUSTOMER: Final[Fields] = {
    "address": V3_6,
    "carts": V3_6,
    "omnichannel": V3_6,
    "phone_number": V3_6,
    "tickets": V3_6,
}
_THREAD: Final[Fields] = {"customer_visit": V3_6, "summary": V3_6}
_POSTBACK: Final[Fields] = {"button_type": V3_6, "button_value": V3_6, "ecommerce": V3_6}
_ELEMENT: Final[Fields] = {"ecommerce": V3_6}
_UPDATE_CUSTOMER: Final[Fields] = {
    name: _CUSTOMER[name] for name in ("address", "omnichannel", "phone_number")
}
_CHATS_FILTERS: Final[Fields] = {"active": V3_6}
_BOT: Final[Fields] = {"type": V3_6}

OWN: Final = frozenset(("chat_properties", "content", "properties", "text_vars"))
"""Members whose content is the user's own, whatever it looks like."""
_THREADS: Final = frozenset(("last_thread_summary", "thread", "threads"))
_GONE: Final = object()
"""Stands for what a version does not have at all."""
_TEMPLATES: Final = "cards, quick_replies, sticker"


def older_request(version: Version, method: str, request: Any) -> None:
    """Remove from the JSON of a request, in place, what a version does not know.

    Raises ``ValidationError`` for a template of rich messages that the version does not have.
    """
    if version < V3_6 and is_object(request) and method in _REQUESTS:
        _REQUESTS[method](version, request)


def _remove(value: Any, fields: Fields, version: Version) -> None:
    if is_object(value):
        for name in [name for name, since in fields.items() if version < since]:
            value.pop(name, None)


def without_new_fields(customer: Any) -> None:
    """Remove from the JSON of a customer that does not say its type, in place, what 3.6 brought."""
    _remove(customer, _CUSTOMER, V3_5)


def _filters(fields: Fields) -> Callable[[Version, dict[str, Any]], None]:
    def remove(version: Version, request: dict[str, Any]) -> None:
        _remove(request.get("filters"), fields, version)

    return remove


def _postback(version: Version, request: dict[str, Any]) -> None:
    _remove(request.get("postback"), _POSTBACK, version)


def _customer(version: Version, request: dict[str, Any]) -> None:
    _remove(request, _UPDATE_CUSTOMER, version)


def _bot(version: Version, request: dict[str, Any]) -> None:
    _remove(request, _BOT, version)


def _event(version: Version, request: dict[str, Any]) -> None:
    _older_new_event(version, request.get("event"), "event")


def _first_events(version: Version, request: dict[str, Any]) -> None:
    chat = request.get("chat")
    thread = chat.get("thread") if is_object(chat) else None
    events = thread.get("events") if is_object(thread) else None
    for position, event in enumerate(events if is_array(events) else ()):
        _older_new_event(version, event, f"chat.thread.events[{position}]")


def _older_new_event(version: Version, event: Any, field: str) -> None:
    if not is_object(event):
        return
    if event.get("type") == "rich_message" and event.get("template_id") == "ecommerce":
        raise ValidationError(
            f"`{field}.template_id` must be one of {_TEMPLATES} in version {dotted(version)}"
        )
    _remove(event.get("postback"), _POSTBACK, version)
    elements = event.get("elements")
    for element in elements if is_array(elements) else ():
        _remove(element, _ELEMENT, version)


_REQUESTS: Final[Mapping[str, Callable[[Version, dict[str, Any]], None]]] = {
    "create_bot": _bot,
    "list_archives": _filters(_ARCHIVES_FILTERS),
    "list_chats": _filters(_CHATS_FILTERS),
    "resume_chat": _first_events,
    "send_event": _event,
    "send_rich_message_postback": _postback,
    "start_chat": _first_events,
    "update_bot": _bot,
    "update_customer": _customer,
}


def older_content(push: str | None, content: Any) -> Any:
    """Return the JSON of a result, a push or a webhook of 3.6 as 3.4 and 3.5 have it.

    Args:
        push: The name of the push or webhook; None for the result of a method.
        content: Its JSON, taken apart.

    Returns:
        What those versions have of it; None if that is nothing.
    """
    older = _older(content)
    if older is _GONE:
        return None
    if push == "customer_updated" and older.keys() <= {"id", "type"}:
        return None
    if push == "agent_disconnected" and older.get("reason") == "role_permissions_changed":
        # Like the reason that came later, this one tells clients to connect again.
        older["reason"] = "internal_error"
    if push in ("bot_created", "bot_updated"):
        _remove(older, _BOT, V3_5)
        if older.keys() == {"id"}:
            return None
    return older


def _older(value: Any, name: str = "") -> Any:
    if is_array(value):
        items = [_older(item, name) for item in value]
        return [item for item in items if item is not _GONE]
    if not is_object(value):
        return value
    if _is_unknown_event(value):
        return _GONE
    unknown = _unknown_fields(value, name)
    older: dict[str, Any] = {}
    for member, content in value.items():
        if member in unknown:
            continue
        part = content if member in OWN else _older(content, member)
        if part is not _GONE:
            older[member] = part
        elif member == "event":
            # A push or the last event of a type: nothing is left of either without the event.
            return _GONE
    if value.get("type") == "customer" and "visit" in older:
        older["last_visit"] = older.pop("visit")
    if name == "last_event_per_type":
        older.pop("system", None)
    return older


def _is_unknown_event(value: dict[str, Any]) -> bool:
    if value.get("type") == "system" and "subtype" in value:
        return True
    return value.get("deleted") is True and "created_at" in value and "type" in value


def _unknown_fields(value: dict[str, Any], name: str) -> Iterable[str]:
    """Return the names of members that an object of 3.6 has and one of 3.5 has not."""
    if value.get("type") == "customer":
        return _CUSTOMER
    if name in _THREADS or ("user_ids" in value and "created_at" in value):
        return _THREAD
    if name == "postback":
        return _POSTBACK
    return _ELEMENT if name == "elements" else ()
