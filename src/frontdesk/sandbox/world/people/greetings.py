"""Greetings: those of the groups, shown to customers on the website, accepted, and refused.

What a customer sees is a showing, named by a ``unique_id``, of a greeting that a group has.
A newer one takes the place of the one before. The counters of the customer's statistics follow, and
agents who watch the customer get ``customer_statistics_updated``.

Source: https://platform.text.com/docs/messaging/customer-chat-api#accept-greeting
"""

from collections.abc import Iterator

from msgspec.structs import replace

from frontdesk.errors import GreetingNotFound, NotFound, ValidationError
from frontdesk.models import Greeting
from frontdesk.sandbox.store.records import CustomerRecord, ShownGreeting, ThreadRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.staff import statuses
from frontdesk.sandbox.world.world import World

__all__ = ["accept", "cancel", "every", "find", "new_id", "note_chat", "remove", "save", "show"]


def every(world: World) -> Iterator[Greeting]:
    """Yield the greetings of all groups."""
    for group in world.store.company.groups.values():
        yield from group.greetings


def find(world: World, greeting_id: int, field: str = "id") -> Greeting:
    """Return the greeting of an id, to look at.

    Raises:
        NotFound: There is none; the message names the field of the request.
    """
    for greeting in every(world):
        if greeting.id == greeting_id:
            return greeting
    raise NotFound(f"`{field}`: there is no greeting {greeting_id}")


def new_id(world: World) -> int:
    """Return an id that no greeting ever had."""
    record = world.store.company.license
    record = replace(record, last_greeting_id=record.last_greeting_id + 1)
    world.store.company.save_license(record)
    return record.last_greeting_id


def save(world: World, greeting: Greeting) -> None:
    """Keep a greeting in its group, in the place of the one of its id."""
    _save(world, greeting, [greeting])


def remove(world: World, greeting: Greeting) -> None:
    """Forget a greeting; customers who see it now go on seeing it."""
    _save(world, greeting, [])


def _save(world: World, greeting: Greeting, instead: list[Greeting]) -> None:
    group = world.store.company.groups[greeting.group]
    others = [other for other in group.greetings if other.id != greeting.id]
    kept = sorted(others + instead, key=lambda kept: kept.id)
    world.store.company.save_group(replace(group, greetings=kept))


def show(world: World, record: CustomerRecord, greeting_id: int) -> str:
    """Show a greeting to a customer, and return the unique id of this showing.

    The rules of the greeting are not asked: whoever shows it by hand means it.

    Raises:
        CustomerBanned: The customer is banned.
        NotFound: There is no such greeting.
        ValidationError: It is off, by itself or for the license, it is not its time, or its group
            is offline and hides its greetings then.
    """
    refuse_banned(world, record)
    _check_on(world, find(world, greeting_id, "greeting_id"))
    record.greeting = ShownGreeting(greeting_id, world.ids.short())
    customers.count(world, record, greetings_shown_count=1)
    return record.greeting.unique_id


def _check_on(world: World, greeting: Greeting) -> None:
    """Refuse a greeting that no customer would see now."""
    now = world.clock.now()
    begin, end = greeting.active_from, greeting.active_until
    name = f"`greeting_id`: the greeting {greeting.id}"
    if not properties.license_value(world, "smart_actions", "greeting.enabled", default=True):
        raise ValidationError("`smart_actions.greeting.enabled` is off: no greeting is shown")
    if not greeting.active:
        raise ValidationError(f"{name} is not active")
    if begin is not None and now < begin:
        raise ValidationError(f"{name} begins to be shown at {begin.isoformat()}")
    if end is not None and now >= end:
        raise ValidationError(f"{name} is no longer shown since {end.isoformat()}")
    values = world.store.company.groups[greeting.group].properties.get("smart_actions", {})
    online = statuses.group_status(world, greeting.group) == "accepting_chats"
    if values.get("greeting.hide_when_offline") and not online:
        raise ValidationError(
            f"{name} is hidden: nobody of the group {greeting.group} accepts chats"
        )


def accept(world: World, record: CustomerRecord, unique_id: str) -> None:
    """Note that the customer has seen the greeting; the second time changes nothing.

    Raises:
        GreetingNotFound: It is not the one that is shown.
    """
    greeting = _shown(record, unique_id)
    if not greeting.accepted:
        greeting.accepted = True
        customers.count(world, record, greetings_accepted_count=1)


def cancel(record: CustomerRecord, unique_id: str) -> None:
    """Close the greeting; a chat that starts later does not come from it.

    Raises:
        GreetingNotFound: It is not the one that is shown.
    """
    _shown(record, unique_id)
    record.greeting = None


def note_chat(world: World, record: CustomerRecord, thread: ThreadRecord) -> None:
    """Note in a new thread of the customer that it began with the greeting that is shown."""
    greeting = record.greeting
    if greeting is None:
        return
    ids = {"greeting_id": greeting.greeting_id, "greeting_unique_id": greeting.unique_id}
    named = thread.properties.get("lc2", {})
    # Whoever starts the chat may say that it comes from another greeting.
    if any(named.get(name, value) != value for name, value in ids.items()):
        return
    record.greeting = None
    # A chat that starts from it counts as seen, even if nobody said so before.
    seen = {} if greeting.accepted else {"greetings_accepted_count": 1}
    customers.count(world, record, greetings_converted_count=1, **seen)
    properties.merge(thread.properties, {"lc2": ids})


def _shown(record: CustomerRecord, unique_id: str) -> ShownGreeting:
    greeting = record.greeting
    if greeting is None or greeting.unique_id != unique_id:
        raise GreetingNotFound(f"`unique_id`: the greeting `{unique_id}` is not shown")
    return greeting
