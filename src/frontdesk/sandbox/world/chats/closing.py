"""How threads end."""

from frontdesk.pushes import ChatDeactivated
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import Actor, Requester
from frontdesk.sandbox.world.chats import summaries, system_messages, threads
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.world import World

__all__ = ["close"]


def close(
    world: World,
    chat: ChatRecord,
    system_message: str,
    *,
    actor: Actor | None = None,
    **variables: str,
) -> None:
    """Close the active thread of a chat, with a system message as its last event.

    The place that gets free is given to a queued chat.

    Args:
        world: Where it happens.
        chat: The chat; its last thread is active.
        system_message: Type of the system message, such as ``manual_archived_agent``.
        actor: The agent, bot or customer who closes it; ``None`` for the router and timers.
        variables: Of the system message.
    """
    last = chat.last_thread
    assert last is not None
    assert last.active
    system_messages.write(world, chat, system_message, actor=actor, **variables)
    queueing.remove(world, chat)
    thread = threads.last(world, chat)
    values = thread.properties.get("routing", {})
    if "transcript_email" in values and chat.customer_id is not None:
        customer = name_of(world, chat.customer_id)
        email: str = values["transcript_email"]
        system_messages.write(world, chat, "transcript_sent", customer=customer, email=email)
    loses_pin = isinstance(actor, Requester) or not values.get("unassigned")
    if loses_pin:
        threads.set_thread_routing(world, chat, pinned=False)
        threads.set_chat_routing(world, chat, pinned=False)
    last.active = False
    thread.active = False
    thread.closed_at = world.clock.now()
    world.store.timers.cancel("inactivity", chat.id)
    world.push(
        ChatDeactivated(chat_id=chat.id, thread_id=last.id, user_id=actor.id if actor else None),
        recipients.agents_with_access(chat),
        chat_id=chat.id,
        to_customer=True,
        actor=actor,
    )
    if properties.license_value(world, "chats", "auto_summary_enabled", default=False):
        summaries.request(world, thread, requested_by=actor.id if actor else "")
    assignment.serve(world)
