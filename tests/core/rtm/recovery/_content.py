"""What a push tells, and what of it may differ when it was read back."""

import copy
from collections import defaultdict
from typing import Any

import msgspec

from frontdesk.core.rtm.recovery.views import RECOVERABLE
from frontdesk.pushes import IncomingChat, Push

AS_NOW = {
    "chat.properties": "the API shows properties as they are now",
    "chat.access": "the API shows the groups of a chat as they are now",
    "chat.thread.properties": "the API shows properties as they are now",
    "chat.thread.access": "the API shows the groups of a thread as they are now",
    "chat.thread.queue": "the API shows the place in the queue as it is now",
    "chat.thread.queues_duration": "the API shows the time in the queue as it is now",
    "chat.thread.next_thread_id": "it was not there yet when the chat came",
    "chat.thread.summary": "made when the thread ends",
    "chat.thread.user_ids": "of a chat that was transferred: those who came later are among them",
    "user.events_seen_up_to": "the API shows it as it is now",
    "user.agent_last_event_created_at": "the API shows it as it is now",
    "user.customer_last_event_created_at": "the API shows it as it is now",
    "user.statistics": "the API counts up to now",
    "user.visit": "the API shows the newest visit",
    "user.online": "the API shows whether the customer is there now",
    "user.state": "the API shows what the customer does now",
    "users who are not present": "those who came and left later are among them",
}
"""What of a push that was read back is as it is now, and not as it was, and why."""

MAY_BE_NONE = {
    ("ChatDeactivated", "user_id"): "the message of the end names the customer, or nobody",
    ("IncomingChat", "requester_id"): "a thread does not tell who began it; its first event may",
    ("IncomingChat", "transferred_from.group_ids"): "the groups it had before it was moved",
    ("IncomingChat", "transferred_from.agent_ids"): "who served it, unless the agent was there",
    ("UserAddedToChat", "requester_id"): "messages name agents by names, which may be shared",
    ("UserRemovedFromChat", "requester_id"): "as for UserAddedToChat",
}
"""What is ``None`` if the API does not tell, in chats that are named; and why."""


def content(push: Push) -> dict[str, Any]:
    """All that a push tells, without what is as it is now (``AS_NOW``)."""
    fields: dict[str, Any] = msgspec.to_builtins(push)
    for ours in ("frontdesk.version", "frontdesk.request_id", "frontdesk.recovered"):
        fields.pop(ours, None)
    if "chat" in fields:
        chat = fields["chat"]
        for name in ("properties", "access"):
            chat.pop(name, None)
        chat["users"] = sorted(
            (_user(user) for user in chat["users"] if user.get("present") is not False),
            key=lambda user: user["id"],
        )
        for name in AS_NOW:
            if name != "chat.thread.user_ids" or "transferred_from" in fields:
                chat.get("thread", {}).pop(name.removeprefix("chat.thread."), None)
    if "user" in fields:
        fields["user"] = _user(fields["user"])
    return {"kind": type(push).__name__, **fields}


def _user(user: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in user.items() if f"user.{name}" not in AS_NOW}


def by_chat(pushes: list[Push]) -> dict[str, list[dict[str, Any]]]:
    chats: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for push in pushes:
        if isinstance(push, RECOVERABLE):
            chat_id = push.chat.id if isinstance(push, IncomingChat) else push.chat_id
            chats[chat_id].append(content(push))
    return chats


def agrees(got: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether a push is the same, but for what may be ``None``."""
    right = copy.deepcopy(right)
    for kind, path in MAY_BE_NONE:
        *outer, name = path.split(".")
        inner, other = got, right
        for part in outer:
            inner, other = inner.get(part) or {}, other.get(part) or {}
        if kind == got["kind"] and inner.get(name) is None:
            other.pop(name, None)
    return got == right


def is_part(part: list[Any], whole: list[Any]) -> bool:
    """Whether a list is what is left of another when some are taken out."""
    rest = iter(whole)
    return all(any(agrees(item, one) for one in rest) for item in part)
