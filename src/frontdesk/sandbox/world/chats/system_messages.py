"""Messages that the server itself writes into threads.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#system-messages
"""

import re

from frontdesk.models import SystemMessageEvent
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = ["TEMPLATES", "customer_updated", "fill_in", "write"]

TEMPLATES = {
    "agent_added": "%initiator% added %agent% to the chat",
    "agent_joined": "%agent% joined the chat",
    "agent_left": "%agent% left the chat",
    "agent_removed": "%initiator% removed %agent% from the chat",
    "archived_customer_disconnected": "%customer% left the chat",
    "chat_transferred": "%initiator% transferred the chat to %targets%",
    "customer_added": "%initiator% added %customer% to the chat",
    "customer_banned": (
        "Chat archived because customer was banned by %agent% for %duration% day(s)"
    ),
    "manual_archived_agent": "%agent% archived the chat",
    "manual_archived_customer": "%customer% archived the chat",
    "rating.chat_commented": "%customer% left the following comment: %comment%",
    "rating.chat_rated": "%customer% rated the chat as %score%",
    "rating.chat_rating_canceled": "%customer% canceled the chat rating",
    "routing.archived_deleted": ("The chat was closed because %agent% account had been deleted"),
    "routing.archived_disconnected": (
        "The chat was closed because %agent% had lost internet connection"
    ),
    "routing.archived_inactive": "Chat archived due to %duration% minutes of inactivity",
    "routing.archived_offline": "Chat archived due to no available agents",
    "routing.archived_other": "The chat was closed",
    "routing.archived_remotely_signed_out": (
        "The chat was closed because %agent% had been remotely signed out"
    ),
    "routing.archived_signed_out": "The chat was closed because %agent% had signed out",
    "routing.assigned_deleted": (
        "Chat assigned to %agent_added% because %agent_removed% account had been deleted"
    ),
    "routing.assigned_disconnected": (
        "Chat assigned to %agent_added% because %agent_removed% had lost internet connection"
    ),
    "routing.assigned_inactive": (
        "Chat assigned to %agent_added% because %agent_removed% hasn't replied in "
        "%duration% minutes"
    ),
    "routing.assigned_other": "Chat assigned to %agent_added%",
    "routing.assigned_remotely_signed_out": (
        "Chat assigned to %agent_added% because %agent_removed% had been remotely signed out"
    ),
    "routing.assigned_signed_out": (
        "Chat assigned to %agent_added% because %agent_removed% had signed out"
    ),
    "routing.idle": "Chat is idle due to %duration% minutes of inactivity",
    "routing.unassigned_deleted": ("Customer was queued because %agent% account has been deleted"),
    "routing.unassigned_disconnected": (
        "Customer was queued because %agent% had lost internet connection"
    ),
    "routing.unassigned_other": "Chat is unassigned",
    "routing.unassigned_remotely_signed_out": (
        "Customer was queued because %agent% had been remotely signed out"
    ),
    "routing.unassigned_signed_out": "Customer was queued because %agent% had signed out",
    "system_archived": "Chat archived",
    "transcript_requested": "%customer% requested the chat transcript to be sent to %email%",
    "transcript_sent": "%customer% sent the chat transcript to %email%",
}

_VARIABLE = re.compile(r"%(\w+)%")


def fill_in(template: str, variables: dict[str, str]) -> str:
    """Return a template with its variables filled in."""
    return _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), template)


def write(
    world: World,
    chat: ChatRecord,
    message_type: str,
    *,
    template: str | None = None,
    visibility: str = "all",
    actor: Actor | None = None,
    **variables: str,
) -> None:
    """Write a system message into the last thread of a chat.

    ``visibility`` ``agents`` hides it from the customer; ``actor`` is who caused it.
    """
    assert chat.last_thread is not None
    event = SystemMessageEvent(
        id=events.next_id(chat.last_thread),
        created_at=world.clock.now(),
        visibility=visibility,
        system_message_type=message_type,
        text=fill_in(template or TEMPLATES[message_type], variables),
        text_vars=variables or None,
    )
    events.append(world, chat, event, actor=actor)


def customer_updated(
    world: World,
    chat: ChatRecord,
    *,
    name: str | None,
    email: str | None,
    initiator: str | None,
    actor: Actor | None = None,
) -> None:
    """Write to the agents that the customer's name, e-mail address, or both were changed.

    ``initiator`` names the agent who did it, None for an integration.
    """
    changed = [
        f"{label} to %{variable}%"
        for label, variable, value in (("name", "customer_name", name), ("email", "email", email))
        if value is not None
    ]
    variables = {
        key: value
        for key, value in (("initiator", initiator), ("customer_name", name), ("email", email))
        if value is not None
    }
    what = " and ".join(changed)
    if initiator is None:
        what = what.replace(" to %", " has been changed to %", 1) if len(changed) == 1 else what
        template = (
            f"Customer's {what}"
            if len(changed) == 1
            else "Customer's name and email have been changed to %customer_name% and %email%"
        )
    else:
        template = f"%initiator% has changed customer's {what}"
    write(
        world,
        chat,
        "customer_updated",
        template=template,
        visibility="agents",
        actor=actor,
        **variables,
    )
