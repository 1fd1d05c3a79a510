"""What happens to active chats when nobody does anything; see ``chats.deadlines``."""

from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.records import ChatRecord, TimerRow
from frontdesk.sandbox.world.chats import closing, deadlines, system_messages, threads
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.routing import reassignment
from frontdesk.sandbox.world.world import World

__all__ = ["check"]


def check(world: World, timer: TimerRow) -> None:
    """Do what is due in the chat that a timer is about."""
    chat = world.store.chats.get(timer.subject)
    if chat is None or not chat.active:
        return
    now = world.clock.peek()
    due = deadlines.of_chat(world, chat)
    if _passed(due.archive, now):
        minutes = deadlines.archive_minutes(world, chat)
        closing.close(world, chat, "routing.archived_inactive", duration=str(minutes))
        return
    if _passed(due.customer_gone, now):
        customer = name_of(world, chat.customer_id or "")
        closing.close(world, chat, "archived_customer_disconnected", customer=customer)
        return
    if _passed(due.transfer, now):
        _transfer(world, chat, now)
    if _passed(due.idle, now):
        _mark_idle(world, chat)
    deadlines.set_timer(world, chat)


def _passed(deadline: int | None, now: int) -> bool:
    return deadline is not None and deadline <= now


def _transfer(world: World, chat: ChatRecord, now: int) -> None:
    assert chat.last_thread is not None
    minutes = deadlines.license_minutes(world, "transfer_chat_after_min")
    reassignment.replace_silent(world, chat, minutes)
    chat.last_thread.unanswered_since = from_micros(now)


def _mark_idle(world: World, chat: ChatRecord) -> None:
    assert chat.last_thread is not None
    minutes = deadlines.license_minutes(world, "chat_inactive_after_min")
    system_messages.write(world, chat, "routing.idle", visibility="agents", duration=str(minutes))
    threads.set_thread_routing(world, chat, idle=True)
    chat.last_thread.idle = True
