"""Greetings: shown to customers on the website, accepted, refused, and answered with a chat.

A greeting is one showing, named by a ``unique_id``, of a greeting that the license has configured.
A newer one takes the place of the one before. The counters of the customer's statistics follow, and
agents who watch the customer get ``customer_statistics_updated``.

Source: https://platform.text.com/docs/messaging/customer-chat-api#accept-greeting
"""

from frontdesk.errors import GreetingNotFound
from frontdesk.sandbox.store.records import CustomerRecord, ShownGreeting, ThreadRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.bans import refuse_banned
from frontdesk.sandbox.world.world import World

__all__ = ["accept", "cancel", "note_chat", "show"]


def show(world: World, record: CustomerRecord, greeting_id: int) -> str:
    """Show a greeting to a customer, and return the unique id of this showing.

    Raises:
        CustomerBanned: The customer is banned.
    """
    refuse_banned(world, record)
    record.greeting = ShownGreeting(greeting_id, world.ids.short())
    customers.count(world, record, greetings_shown_count=1)
    return record.greeting.unique_id


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
    record.greeting = None
    # A chat that starts from it counts as seen, even if nobody said so before.
    seen = {} if greeting.accepted else {"greetings_accepted_count": 1}
    customers.count(world, record, greetings_converted_count=1, **seen)
    ids = {"greeting_id": greeting.greeting_id, "greeting_unique_id": greeting.unique_id}
    properties.merge(thread.properties, {"lc2": ids})


def _shown(record: CustomerRecord, unique_id: str) -> ShownGreeting:
    greeting = record.greeting
    if greeting is None or greeting.unique_id != unique_id:
        raise GreetingNotFound(f"`unique_id`: the greeting `{unique_id}` is not shown")
    return greeting
