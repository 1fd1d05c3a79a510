"""How threads end."""

from frontdesk.pushes import ChatDeactivated
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import summaries, system_messages, threads
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.routing import queueing, router
from frontdesk.sandbox.world.world import World

__all__ = ["close"]


def close(
    world: World,
    chat: ChatRecord,
    system_message: str,
    *,
    user_id: str | None = None,
    requester: Requester | None = None,
    **variables: str,
) -> None:
    """Close the active thread of a chat, with a system message as its last event.

    Args:
        system_message: its type, such as ``manual_archived_agent``.
        user_id: the agent or customer who closed it; None for the router.
        requester: whose call it was, if anybody's.
        variables: of the system message.

    The place that gets free is given to a queued chat.
    """
    last = chat.thread
    assert last is not None
    assert last.active
    system_messages.tell(world, chat, system_message, requester=requester, **variables)
    queueing.remove(world, chat)
    thread = threads.last(world, chat)
    values = thread.properties.get("routing", {})
    if "transcript_email" in values and chat.customer_id is not None:
        customer = name_of(world, chat.customer_id)
        email: str = values["transcript_email"]
        system_messages.tell(world, chat, "transcript_sent", customer=customer, email=email)
    unpinned = requester is not None or not values.get("unassigned")
    if unpinned:
        threads.set_routing(world, chat, thread={"pinned": False}, in_chat={"pinned": False})
    last.active = False
    thread.active = False
    thread.closed_at = world.clock.now()
    world.store.timers.cancel("inactivity", chat.id)
    world.tell(
        ChatDeactivated(chat_id=chat.id, thread_id=last.id, user_id=user_id),
        recipients.members_and_groups(chat),
        chat_id=chat.id,
        to_customer=True,
        requester=requester,
    )
    if properties.license_value(world, "chats", "auto_summary_enabled", default=False):
        summaries.ask(world, thread, requested_by=user_id or "")
    router.serve(world)
