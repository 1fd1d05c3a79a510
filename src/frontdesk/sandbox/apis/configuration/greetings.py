"""The Configuration API: greetings."""

from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontdesk.actions import (
    CreateGreeting,
    DeleteGreeting,
    GetGreeting,
    ListGreetings,
    UpdateGreeting,
)
from frontdesk.errors import GroupNotFound, LimitReached, ValidationError
from frontdesk.models import CreatedGreeting, Greeting
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented, seen
from frontdesk.sandbox.store.paging import Cursor, PageIds, Place
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.people import greetings
from frontdesk.sandbox.world.world import World

__all__ = [
    "create_greeting",
    "delete_greeting",
    "get_greeting",
    "list_greetings",
    "update_greeting",
]

ANNOUNCEMENTS: Final = 10
"""Greetings of the type `announcement` that a license may have."""

_NOT_FOUND: Final = assumed("`not_found` is the error for a greeting that is not there.")
_ANNOUNCEMENTS: Final = seen(
    f"At most {ANNOUNCEMENTS} greetings are announcements.", "docs of the API of version 2"
)
_UNLIKE_DOCS: Final = assumed(
    "`template_id` may be `text`, and an element needs no `image`, as in the samples."
)


@handles(
    CreateGreeting,
    rules=(
        documented("At most 10 rules, each with what its type needs."),
        _ANNOUNCEMENTS,
        _UNLIKE_DOCS,
        assumed("A button without `button_id` gets one."),
        assumed("`group_not_found` and `limit_reached` are the errors; nothing is pushed."),
        assumed(
            "Customers who are connected see it when its rules hold, once a visit; `or` and `and` "
            "join a rule to those before it. Others see it with the control, while it is active."
        ),
    ),
)
def create_greeting(world: World, _: Requester, action: CreateGreeting) -> CreatedGreeting:
    """Make a greeting."""
    if action.group not in world.store.company.groups:
        raise GroupNotFound(f"`group`: there is no group {action.group}")
    if action.type == "announcement":
        _check_announcements(world)
    content = {**msgspec.to_builtins(action), "id": greetings.new_id(world)}
    greeting = _with_button_ids(world, msgspec.convert(content, Greeting))
    greetings.save(world, greeting)
    return CreatedGreeting(id=greeting.id)


@handles(
    GetGreeting,
    rules=(documented("`active_from` and `active_until` are there if they are set."), _NOT_FOUND),
)
def get_greeting(world: World, _: Requester, action: GetGreeting) -> dict[str, Any]:
    """Read a greeting."""
    return _shown(greetings.find(world, action.id))


@handles(
    ListGreetings,
    rules=(
        documented("100 a page by default and at most; `page_id` leads on and never back."),
        documented("`groups` defaults to those that the requester has access to."),
        assumed("Owners and administrators have access to all groups, others to their own and 0."),
        assumed("In the order of their ids; `found_greetings` counts all pages."),
        assumed("A group that is not there, or not accessible, has no greetings."),
        assumed("`page_id` with `groups` or `limit` is `validation`."),
    ),
)
def list_greetings(world: World, requester: Requester, action: ListGreetings) -> dict[str, Any]:
    """List greetings."""
    now = world.clock.peek()
    ids = PageIds(world.store.company.license.organization_id)
    after = 0
    if action.page_id is not UNSET:
        cursor = ids.read(action.page_id, action.spec.name, now)
        action = msgspec.json.decode(cursor.request, type=ListGreetings)
        after = cursor.place.num
    assert action.spec.page is not None
    limit = action.spec.page.default if action.limit is UNSET else action.limit
    listed = sorted(
        (
            greeting
            for greeting in greetings.every(world)
            if (action.groups is UNSET or greeting.group in action.groups)
            and _has_access(world, requester, greeting.group)
        ),
        key=lambda greeting: greeting.id,
    )
    rest = [greeting for greeting in listed if greeting.id > after]
    page: dict[str, Any] = {
        "greetings": [_shown(greeting) for greeting in rest[:limit]],
        "found_greetings": len(listed),
    }
    if len(rest) > limit:
        place = Place(rest[limit - 1].id)
        request = msgspec.json.encode(action)
        page["next_page_id"] = ids.write(Cursor(action.spec.name, now, request, place))
    return page


@handles(
    UpdateGreeting,
    rules=(
        documented("What is not given stays; the group cannot be changed."),
        documented("A button keeps the `button_id` that is sent."),
        assumed("`rules`, `properties` and `rich_message` replace what was there as a whole."),
        _ANNOUNCEMENTS,
        _UNLIKE_DOCS,
        _NOT_FOUND,
        assumed("`validation` is the error for an end before the beginning, one of them kept too."),
    ),
)
def update_greeting(world: World, _: Requester, action: UpdateGreeting) -> None:
    """Change a greeting."""
    before = greetings.find(world, action.id)
    content = {**msgspec.to_builtins(before), **msgspec.to_builtins(action)}
    greeting = _with_button_ids(world, msgspec.convert(content, Greeting))
    begin, end = greeting.active_from, greeting.active_until
    if begin is not None and end is not None and end < begin:
        raise ValidationError("`active_until` must not be before `active_from`")
    if greeting.type == "announcement" != before.type:
        _check_announcements(world)
    greetings.save(world, greeting)


@handles(
    DeleteGreeting,
    rules=(
        _NOT_FOUND,
        assumed("Customers who see it now may still accept it, and begin a chat with it."),
        assumed("Its id is not used again; nothing is pushed."),
    ),
)
def delete_greeting(world: World, _: Requester, action: DeleteGreeting) -> None:
    """Delete a greeting."""
    greetings.remove(world, greetings.find(world, action.id))


def _check_announcements(world: World) -> None:
    if sum(other.type == "announcement" for other in greetings.every(world)) >= ANNOUNCEMENTS:
        raise LimitReached(f"`type`: the license allows {ANNOUNCEMENTS} announcements")


def _with_button_ids(world: World, greeting: Greeting) -> Greeting:
    elements = greeting.rich_message.elements if greeting.rich_message else None
    for element in elements or ():
        for button in element.buttons or ():
            if not button.button_id:
                button.button_id = world.ids.uuid4()
    return greeting


def _has_access(world: World, requester: Requester, group_id: int) -> bool:
    return requester.role != "normal" or access.shares_group(world, requester, (group_id,))


def _shown(greeting: Greeting) -> dict[str, Any]:
    """Return a greeting as the API shows it, with its rules even if there are none."""
    return {"rules": [], **msgspec.to_builtins(greeting)}
