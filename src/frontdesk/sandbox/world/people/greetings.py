"""Greetings: those of the groups, shown to customers on the website, accepted, and refused.

What a customer sees is a showing, named by a ``unique_id``, of a greeting that a group has.
A newer one takes the place of the one before. The counters of the customer's statistics follow, and
agents who watch the customer get ``customer_statistics_updated``.

Source: https://platform.text.com/docs/messaging/customer-chat-api#accept-greeting
"""

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from msgspec import UNSET
from msgspec.structs import asdict, replace

from frontdesk.errors import GreetingNotFound, NotFound, ValidationError
from frontdesk.models import (
    Event,
    Greeting,
    GreetingElement,
    GreetingProperties,
    MessageEvent,
    RichMessageButton,
    RichMessageElement,
    RichMessageEvent,
    RichMessageImage,
)
from frontdesk.models.customer_chat.greetings import ShownGreeting as GreetingView
from frontdesk.pushes.customer_chat import GreetingAccepted, GreetingCanceled, IncomingGreeting
from frontdesk.sandbox.store.records import (
    AgentRecord,
    CustomerRecord,
    ShownGreeting,
    ThreadRecord,
)
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.routing import predictions
from frontdesk.sandbox.world.staff import statuses
from frontdesk.sandbox.world.world import World

__all__ = [
    "accept",
    "cancel",
    "close",
    "display",
    "every",
    "find",
    "new_id",
    "note_chat",
    "obstacle_to",
    "press_button",
    "remove",
    "save",
    "show",
    "view",
]


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
    greeting = find(world, greeting_id, "greeting_id")
    obstacle = obstacle_to(world, greeting)
    if obstacle is not None:
        raise ValidationError(obstacle)
    return display(world, record, greeting)


def display(world: World, record: CustomerRecord, greeting: Greeting) -> str:
    """Show a greeting, whatever speaks against it; it takes the place of the one before."""
    if record.greeting is not None:
        _push_canceled(world, record, record.greeting.unique_id)
    first_time = greeting.id not in record.greetings_seen
    record.greeting = ShownGreeting(
        greeting.id,
        world.ids.short(),
        shown_at=world.clock.now(),
        agent_id=predictions.greeter(world, greeting.group).id,
        first_time=first_time,
    )
    if first_time:
        record.greetings_seen = [*record.greetings_seen, greeting.id]
    if greeting.id not in record.greetings_of_visit:
        record.greetings_of_visit = [*record.greetings_of_visit, greeting.id]
    customers.count(world, record, greetings_shown_count=1)
    if world.customer_sessions:
        shown = view(world, record)
        assert shown is not None
        world.push_to_customers(IncomingGreeting(greeting=shown), (record.id,))
    return record.greeting.unique_id


def obstacle_to(world: World, greeting: Greeting) -> str | None:
    """Return why no customer would see a greeting now; ``None`` if nothing speaks against it."""
    now = world.clock.now()
    begin, end = greeting.active_from, greeting.active_until
    name = f"`greeting_id`: the greeting {greeting.id}"
    if not properties.license_value(world, "smart_actions", "greeting.enabled", default=True):
        return "`smart_actions.greeting.enabled` is off: no greeting is shown"
    if not greeting.active:
        return f"{name} is not active"
    if begin is not None and now < begin:
        return f"{name} begins to be shown at {begin.isoformat()}"
    if end is not None and now >= end:
        return f"{name} is no longer shown since {end.isoformat()}"
    values = world.store.company.groups[greeting.group].properties.get("smart_actions", {})
    online = statuses.group_status(world, greeting.group) == "accepting_chats"
    if values.get("greeting.hide_when_offline") and not online:
        return f"{name} is hidden: nobody of the group {greeting.group} accepts chats"
    return None


def view(
    world: World, record: CustomerRecord, *, with_accepted: bool = False
) -> GreetingView | None:
    """Return the greeting that is shown to a customer, as the customer sees it.

    ``None`` if there is none, or if it was deleted since.
    """
    shown = record.greeting
    greeting = None if shown is None else _kept(world, shown)
    if shown is None or greeting is None:
        return None
    company = world.store.company
    agent = company.agents.get(shown.agent_id) or predictions.greeter(world, greeting.group)
    settings = greeting.properties or GreetingProperties()
    return GreetingView(
        id=greeting.id,
        unique_id=shown.unique_id,
        displayed_first_time=shown.first_time,
        accepted=shown.accepted if with_accepted else None,
        addon=settings.addon,
        subtype="announcement" if greeting.type == "announcement" else None,
        is_exit_intent=settings.is_exit_intent == "true",
        event=_event(world, greeting, shown, agent),
        agent=predictions.show_predicted(world, agent),
    )


def _kept(world: World, shown: ShownGreeting) -> Greeting | None:
    return next((greeting for greeting in every(world) if greeting.id == shown.greeting_id), None)


def _event(world: World, greeting: Greeting, shown: ShownGreeting, agent: AgentRecord) -> Event:
    """Return what a greeting says, as an event of no chat.

    Rich messages of the template ``text``, which LiveChat's samples have, are plain messages.
    """
    settings, rich = greeting.properties or GreetingProperties(), greeting.rich_message
    common: dict[str, Any] = {
        # Of the showing alone, so that the log-in repeats the same event.
        "id": str(uuid5(NAMESPACE_OID, shown.unique_id)),
        "author_id": customer_views.shown_id(world, agent.id),
        "created_at": shown.shown_at or world.clock.now(),
        "visibility": UNSET,
    }
    if rich is not None and rich.template_id not in (None, "text"):
        return RichMessageEvent(
            template_id=rich.template_id,
            elements=[_element(element) for element in rich.elements or ()],
            **common,
        )
    titles = [element.title for element in (rich.elements if rich else None) or ()]
    text = settings.message_text or settings.text or next(filter(None, titles), "")
    return MessageEvent(text=text, **common)


def _element(element: GreetingElement) -> RichMessageElement:
    image, buttons = element.image, element.buttons
    return RichMessageElement(
        title=element.title,
        subtitle=element.subtitle,
        image=None if image is None else RichMessageImage(**asdict(image)),
        buttons=None
        if buttons is None
        else [
            RichMessageButton(
                text=button.text,
                type=button.type,
                value=button.value,
                # Nothing else tells the buttons of a greeting apart for the customer.
                postback_id=button.postback_id or button.button_id or "",
                user_ids=[],
            )
            for button in buttons
        ],
    )


def accept(
    world: World, record: CustomerRecord, unique_id: str, greeting_id: int | None = None
) -> None:
    """Note that the customer has seen the greeting; the second time changes nothing.

    Raises:
        GreetingNotFound: It is not the one that is shown, or not of the greeting that is named.
    """
    greeting = _shown(record, unique_id)
    if greeting_id not in (None, greeting.greeting_id):
        raise GreetingNotFound(f"`greeting_id`: the greeting {greeting_id} is not shown")
    if not greeting.accepted:
        greeting.accepted = True
        customers.count(world, record, greetings_accepted_count=1)
        world.push_to_customers(GreetingAccepted(unique_id=unique_id), (record.id,))


def close(world: World, record: CustomerRecord, unique_id: str) -> None:
    """Close the greeting, on all pages of the customer.

    Raises:
        GreetingNotFound: It is not the one that is shown.
    """
    cancel(record, unique_id)
    _push_canceled(world, record, unique_id)


def cancel(record: CustomerRecord, unique_id: str) -> None:
    """Forget the greeting; a chat that starts later does not come from it.

    Raises:
        GreetingNotFound: It is not the one that is shown.
    """
    _shown(record, unique_id)
    record.greeting = None


def press_button(world: World, record: CustomerRecord, unique_id: str, button_id: str) -> None:
    """Press a button of the greeting that is shown.

    Raises:
        GreetingNotFound: It is not the one that is shown.
        ValidationError: It has no such button.
    """
    shown = _shown(record, unique_id, "greeting_unique_id")
    greeting = _kept(world, shown)
    rich = greeting.rich_message if greeting else None
    for element in (rich.elements if rich else None) or ():
        for button in element.buttons or ():
            if button_id in (button.button_id, button.postback_id):
                return
    raise ValidationError(f"`button_id`: the greeting has no button `{button_id}`")


def _push_canceled(world: World, record: CustomerRecord, unique_id: str) -> None:
    world.push_to_customers(GreetingCanceled(unique_id=unique_id), (record.id,))


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


def _shown(record: CustomerRecord, unique_id: str, field: str = "unique_id") -> ShownGreeting:
    greeting = record.greeting
    if greeting is None or greeting.unique_id != unique_id:
        raise GreetingNotFound(f"`{field}`: the greeting `{unique_id}` is not shown")
    return greeting
