"""What happens to active chats when nobody does anything.

Each active chat has one timer. Events do not move it: when it is due it looks how long the chat
has really been quiet, does what is to be done, and waits for the next moment. So writing into a
chat costs nothing more.

The minutes are license properties: ``chats.chat_inactive_after_min`` (idle),
``chats.archive_chat_after_min``, ``chats.archive_offline_chat_after_min`` (the customer left the
site), ``chats.transfer_chat_after_min`` (the agent does not answer); 0 and less is never.
"""

from msgspec import Struct

from frontdesk.sandbox.store import from_micros, to_micros
from frontdesk.sandbox.store.records import ChatRecord, TimerRow
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.chats import closing, system_messages, threads
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.registry import on_timer
from frontdesk.sandbox.world.routing import reassignment
from frontdesk.sandbox.world.world import World

__all__ = ["KIND", "watch"]

KIND = "inactivity"
_MINUTE = 60_000_000


class _Deadlines(Struct, frozen=True):
    """When what is to be done; None is never."""

    idle: int | None
    archive: int | None
    customer_gone: int | None
    transfer: int | None

    def next(self) -> int | None:
        moments = (self.idle, self.archive, self.customer_gone, self.transfer)
        return min((moment for moment in moments if moment is not None), default=None)


def watch(world: World, chat: ChatRecord) -> None:
    """Set the timer of an active chat to the next moment at which there is something to do."""
    due = _deadlines(world, chat).next()
    if due is not None:
        world.store.timers.set(KIND, chat.id, due)


def _minutes(world: World, name: str) -> int:
    return int(properties.license_value(world, "chats", name, 0))


def _after(since: int | None, minutes: int) -> int | None:
    return None if since is None or minutes <= 0 else since + minutes * _MINUTE


def _deadlines(world: World, chat: ChatRecord) -> _Deadlines:
    last = chat.thread
    assert last is not None
    quiet_since = to_micros(last.last_event_at or last.created_at)
    waiting = None if last.unanswered_since is None else to_micros(last.unanswered_since)
    return _Deadlines(
        idle=None if last.idle else _after(quiet_since, _minutes(world, "chat_inactive_after_min")),
        archive=_after(quiet_since, _minutes(world, "archive_chat_after_min")),
        customer_gone=_after(
            _left_since(world, chat, quiet_since),
            _minutes(world, "archive_offline_chat_after_min"),
        ),
        transfer=_after(waiting, _minutes(world, "transfer_chat_after_min")),
    )


def _left_since(world: World, chat: ChatRecord, quiet_since: int) -> int | None:
    """Since when the customer of a chat that is not continuous has been gone."""
    if chat.continuous or chat.customer_id is None:
        return None
    customer = world.store.customers.read(chat.customer_id)
    if customer is None or customer.online or customer.left_at is None:
        return None
    return max(to_micros(customer.left_at), quiet_since)


@on_timer(KIND)
def _check(world: World, timer: TimerRow) -> None:
    chat = world.store.chats.get(timer.subject)
    if chat is None or not chat.active:
        return
    now = world.clock.peek()
    deadlines = _deadlines(world, chat)
    if _due(deadlines.archive, now):
        minutes = _minutes(world, "archive_chat_after_min")
        closing.close(world, chat, "routing.archived_inactive", duration=str(minutes))
        return
    if _due(deadlines.customer_gone, now):
        customer = name_of(world, chat.customer_id or "")
        closing.close(world, chat, "archived_customer_disconnected", customer=customer)
        return
    if _due(deadlines.transfer, now):
        _transfer(world, chat, now)
    if _due(deadlines.idle, now):
        _mark_idle(world, chat)
    watch(world, chat)


def _due(moment: int | None, now: int) -> bool:
    return moment is not None and moment <= now


def _transfer(world: World, chat: ChatRecord, now: int) -> None:
    assert chat.thread is not None
    reassignment.replace_silent(world, chat, _minutes(world, "transfer_chat_after_min"))
    chat.thread.unanswered_since = from_micros(now)


def _mark_idle(world: World, chat: ChatRecord) -> None:
    assert chat.thread is not None
    minutes = _minutes(world, "chat_inactive_after_min")
    system_messages.tell(world, chat, "routing.idle", visibility="agents", duration=str(minutes))
    threads.set_routing(world, chat, thread={"idle": True})
    chat.thread.idle = True
