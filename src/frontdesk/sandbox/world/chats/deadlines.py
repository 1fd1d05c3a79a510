"""When something is due in an active chat in which nobody does anything.

Each active chat has one timer. Events do not move it: when it is due, ``routing.inactivity`` looks
how long the chat has really been quiet, does what is due, and sets the timer to the next deadline.
So writing into a chat costs nothing more.

The minutes are license properties: ``chats.chat_inactive_after_min`` (idle),
``chats.archive_chat_after_min``, ``chats.archive_offline_chat_after_min`` (archives continuous
chats), ``chats.transfer_chat_after_min`` (the agent does not respond); 0 and less is never. When a
chat ends whose customer left the site is not documented; see ``CUSTOMER_GONE_MINUTES``.

Source: https://platform.text.com/docs/messaging/references/default-properties
"""

from msgspec import Struct

from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.world import World

__all__ = [
    "CUSTOMER_GONE_MINUTES",
    "TIMER_KIND",
    "Deadlines",
    "archive_minutes",
    "license_minutes",
    "of_chat",
    "set_timer",
    "set_timer_for_response",
]

TIMER_KIND = "inactivity"
"""The kind of the timer."""
CUSTOMER_GONE_MINUTES = 10
"""How long after the customer left the site a chat ends that is not continuous."""
_MINUTE = 60_000_000


class Deadlines(Struct, frozen=True):
    """When what is due, in microseconds since 1970; ``None`` is never."""

    idle: int | None
    archive: int | None
    customer_gone: int | None
    transfer: int | None

    def next(self) -> int | None:
        """Return the first of them."""
        deadlines = (self.idle, self.archive, self.customer_gone, self.transfer)
        return min((due for due in deadlines if due is not None), default=None)


def set_timer(world: World, chat: ChatRecord) -> None:
    """Set the timer of an active chat to its next deadline."""
    due = of_chat(world, chat).next()
    if due is not None:
        world.store.timers.set(TIMER_KIND, chat.id, due)


def set_timer_for_response(world: World, chat: ChatRecord) -> None:
    """Begin to wait for a response to the customer, if slow agents lose their chats."""
    if license_minutes(world, "transfer_chat_after_min") > 0:
        set_timer(world, chat)


def license_minutes(world: World, name: str) -> int:
    """Return one of the license properties of the namespace ``chats``."""
    return int(properties.license_value(world, "chats", name, 0))


def archive_minutes(world: World, chat: ChatRecord) -> int:
    """Return how long a chat may be quiet before it is archived."""
    name = "archive_offline_chat_after_min" if chat.continuous else "archive_chat_after_min"
    return license_minutes(world, name)


def of_chat(world: World, chat: ChatRecord) -> Deadlines:
    """Return the deadlines of an active chat."""
    last = chat.last_thread
    assert last is not None
    quiet_since = to_micros(last.last_event_at or last.created_at)
    waiting = None if last.unanswered_since is None else to_micros(last.unanswered_since)
    return Deadlines(
        idle=None
        if last.idle
        else _after(quiet_since, license_minutes(world, "chat_inactive_after_min")),
        archive=_after(quiet_since, archive_minutes(world, chat)),
        customer_gone=_after(_left_since(world, chat, quiet_since), CUSTOMER_GONE_MINUTES),
        transfer=_after(waiting, license_minutes(world, "transfer_chat_after_min")),
    )


def _after(since: int | None, minutes: int) -> int | None:
    return None if since is None or minutes <= 0 else since + minutes * _MINUTE


def _left_since(world: World, chat: ChatRecord, quiet_since: int) -> int | None:
    """Return since when the customer of a chat that is not continuous has been gone."""
    if chat.continuous or chat.customer_id is None:
        return None
    customer = world.store.customers.read(chat.customer_id)
    if customer is None or customer.online or customer.left_at is None:
        return None
    return max(to_micros(customer.left_at), quiet_since)
