"""Results and pushes of the Customer Chat API, made in 3.6, as its other versions have them.

Source: https://platform.text.com/docs/messaging/customer-chat-api/changelog
"""

from typing import Any, Final

from frontdesk.codec.plain import is_array, is_object
from frontdesk.sandbox.versions.older import OWN, older_content, without_new_fields

__all__ = ["newer_for_customers", "older_for_customers"]


def newer_for_customers(content: Any) -> Any:
    """Return the JSON of 3.6 as 3.7 has it.

    ``chats_summary`` is ``chats_info``, ``last_thread_id`` and ``last_thread_created_at`` are
    inside ``last_thread_info``, and so is ``last_event_per_type``, whose entries hold only
    ``event``. Rich messages have ``visibility`` and ``elements`` always.
    """
    newer = _newer(content)
    if not is_object(newer) or not is_array(newer.get("chats_summary")):
        return newer
    infos = [_chat_info(summary) for summary in newer["chats_summary"]]
    renamed: Final = {"chats_summary": "chats_info"}
    return {
        renamed.get(name, name): infos if name in renamed else value
        for name, value in newer.items()
    }


def _chat_info(summary: dict[str, Any]) -> dict[str, Any]:
    info = dict(summary)
    thread_id = info.pop("last_thread_id", None)
    created_at = info.pop("last_thread_created_at", None)
    last_events: dict[str, Any] | None = info.pop("last_event_per_type", None)
    if thread_id is None:
        return info
    thread: dict[str, Any] = {"id": thread_id, "created_at": created_at}
    if last_events:
        thread["last_event_per_type"] = {
            kind: {"event": last["event"]} for kind, last in last_events.items()
        }
    return {**info, "last_thread_info": thread}


def _newer(value: Any) -> Any:
    if is_array(value):
        return [_newer(item) for item in value]
    if not is_object(value):
        return value
    newer = {name: item if name in OWN else _newer(item) for name, item in value.items()}
    if newer.get("type") == "rich_message" and "template_id" in newer:
        newer.setdefault("elements", [])
        newer["visibility"] = "all"
    return newer


def older_for_customers(push: str | None, content: Any) -> Any:
    """Return the JSON of 3.6 as 3.4 and 3.5 have it; None for a push of which they have nothing.

    What came with 3.6 is not there, the configuration of the chat window stands at the top, and a
    page that is opened does not tell the groups.
    """
    if push == "customer_updated":
        without_new_fields(content)
    older = older_content(push, content)
    if push is not None or not is_object(older):
        return older
    livechat = older.get("livechat")
    if "livechat_active" in older and is_object(livechat):
        older.pop("livechat")
        older.update(livechat)
    if older.keys() == {"groups"}:
        return {}
    return older
