"""Results, pushes and webhooks, made in 3.6, as the other versions have them."""

from typing import Any, Final

import msgspec

from frontdesk.codec.plain import is_array, is_object
from frontdesk.sandbox.versions.customers import newer_for_customers, older_for_customers
from frontdesk.sandbox.versions.older import older_content
from frontdesk.spec.actions import Version

__all__ = ["CURRENT", "converted"]

CURRENT: Final[Version] = (3, 6)
"""The version that the handlers speak."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def converted(
    version: Version, data: bytes, push: str | None = None, api: str = "agent"
) -> bytes | None:
    """Turn the JSON of a result, a push or a webhook in 3.6 into that of a version.

    Up to 3.5 a customer's ``visit`` is ``last_visit``, and what came with 3.6 is not there (see
    ``older``). In 3.7 chat summaries are chat infos: ``chats_summary`` is ``chats_info``,
    and ``last_event_per_type``, whose entries hold only ``event`` and are those of the last thread,
    stands inside ``last_thread_info``, once ``last_thread_summary``. What differs for customers is
    in ``customers``.

    Args:
        version: The version.
        data: The JSON.
        push: The name of the push or webhook; defaults to None, for the result of a method.
        api: Whose it is: ``customer`` for customers; all others are like ``agent``.

    Returns:
        The JSON; None for a push or webhook of which the version has nothing.
    """
    if version == CURRENT:
        return data
    plain = _decode(data)
    if version > CURRENT:
        return _encode(newer_for_customers(plain) if api == "customer" else _with_chat_infos(plain))
    older = (older_for_customers if api == "customer" else older_content)(push, plain)
    return None if older is None else _encode(older)


def _with_chat_infos(value: Any) -> Any:
    if not is_object(value) or not is_array(value.get("chats_summary")):
        return value
    infos = [_chat_info(summary) for summary in value["chats_summary"]]
    renamed = {"chats_summary": "chats_info"}
    return {
        renamed.get(name, name): infos if name in renamed else item for name, item in value.items()
    }


def _chat_info(summary: dict[str, Any]) -> dict[str, Any]:
    info = dict(summary)
    thread = info.pop("last_thread_summary", None)
    last_events: dict[str, Any] = info.pop("last_event_per_type", None) or {}
    if thread is not None:
        info["last_thread_info"] = thread
        of_thread = {
            name: {"event": last["event"]}
            for name, last in last_events.items()
            if last.get("thread_id") == thread.get("id")
        }
        if of_thread:
            thread["last_event_per_type"] = of_thread
    return info
