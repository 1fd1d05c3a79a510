"""What customers say of themselves, and where they are."""

from typing import Any, Final

from msgspec import UNSET

from frontdesk.actions.customer import (
    GetCustomer,
    SetCustomerSessionFields,
    UpdateCustomer,
    UpdateCustomerPage,
)
from frontdesk.errors import ValidationError
from frontdesk.models import Customer
from frontdesk.models.customer_chat.widget import GroupAvailability, UpdatedCustomerPage
from frontdesk.sandbox.apis.customer.session import CUSTOMER_SDK
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import CUSTOMER_API, assumed, documented, seen
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.people import customers, website
from frontdesk.sandbox.world.people.own_profile import own_profile
from frontdesk.sandbox.world.routing import availability
from frontdesk.sandbox.world.world import World

__all__ = [
    "get_customer",
    "set_customer_session_fields",
    "update_customer",
    "update_customer_page",
]

CHANGEABLE: Final = (
    "name",
    "email",
    "avatar",
    "phone_number",
    "session_fields",
    "omnichannel",
    "address",
)
_ONE_KEY: Final = assumed("Each item of `session_fields` holds one key; else it is `validation`.")
_REPLACED: Final = assumed("New session fields replace the old ones.")
_LIMIT: Final = (
    documented("At most 100 session fields."),
    assumed("`limit_reached` is the error for more."),
)
_BANNED: Final = assumed("The error for a banned customer is `customer_banned`.")


@handles(
    GetCustomer,
    rules=(
        documented("Fields are there only if they are set."),
        seen("`statistics` are there too, as in the response to the log-in.", CUSTOMER_SDK),
        assumed("What agents know of the visit, carts and tickets is not in it."),
    ),
)
def get_customer(world: World, customer: CustomerActor, _: GetCustomer) -> Customer:
    """Read the customer whose token it is."""
    return own_profile(customers.find(world, customer.id))


@handles(
    UpdateCustomer,
    rules=(
        documented("At least one field is needed."),
        documented(
            "The customer gets `customer_updated`; `customer_session_fields_updated` is sent if "
            "the customer has active chats, once for each.",
        ),
        assumed("Agents get `customer_updated`, and a new name or e-mail address is written "
                "into the active chat."),
        assumed("An empty text or list removes what was set; a new e-mail address is not "
                "verified."),
        _REPLACED,
        _ONE_KEY,
        *_LIMIT,
        assumed("`name`, `email` and `avatar` are taken as they come, a phone number in E.164 form "
                "only (`validation`)."),
        assumed("`name_is_default` is taken, and changes nothing."),
        _BANNED,
    ),
)  # fmt: skip
def update_customer(world: World, customer: CustomerActor, action: UpdateCustomer) -> None:
    """Change the customer's profile."""
    record = customers.find(world, customer.id)
    refuse_banned(world, record)
    changes: dict[str, Any] = {
        name: value for name in CHANGEABLE if (value := getattr(action, name)) is not UNSET
    }
    if not changes:
        return
    if "session_fields" in changes:
        customers.check_session_fields(changes["session_fields"], "session_fields")
    if action.omnichannel is not UNSET:
        changes["omnichannel"] = customers.with_identities(record, action.omnichannel)
    if "email" in changes:
        changes["email_verified"] = customers.still_verified(record, changes["email"])
    customers.update(world, record, changes, customer)
    if "session_fields" in changes:
        website.greet(world, record)


@handles(
    SetCustomerSessionFields,
    rules=(
        documented("They end with the session; their order is kept."),
        *_LIMIT,
        documented(
            "The customer gets `customer_updated`, agents too; "
            "`customer_session_fields_updated` is sent once for each active chat.",
            CUSTOMER_API,
        ),
        _REPLACED,
        _ONE_KEY,
        assumed("The session ends when the customer leaves the website."),
        _BANNED,
    ),
)
def set_customer_session_fields(
    world: World, customer: CustomerActor, action: SetCustomerSessionFields
) -> None:
    """Set the session fields of the customer."""
    record = customers.find(world, customer.id)
    refuse_banned(world, record)
    customers.check_session_fields(action.session_fields, "session_fields")
    customers.update(world, record, {"session_fields": action.session_fields}, customer)
    website.greet(world, record)


@handles(
    UpdateCustomerPage,
    rules=(
        documented("`groups` are there only if the page changed the groups of the customer."),
        assumed("The rules of auto access decide; agents get `customer_page_updated`."),
        assumed("A greeting may follow, whose rules hold on the page."),
        assumed("The customer has to be logged in; else the error is `validation`."),
        _BANNED,
    ),
)
def update_customer_page(
    world: World, customer: CustomerActor, action: UpdateCustomerPage
) -> UpdatedCustomerPage:
    """Open a page."""
    record = customers.find(world, customer.id)
    refuse_banned(world, record)
    if not customers.sessions_of(world, record.id):
        raise ValidationError("the customer is not logged in over RTM")
    before = record.group_ids
    title = "" if action.title is UNSET else action.title
    website.open_page(world, record, customers.PageView(url=action.url, title=title))
    if record.group_ids == before:
        return UpdatedCustomerPage()
    return UpdatedCustomerPage(
        groups=[
            GroupAvailability(id=group_id, status=availability.of_group(world, group_id))
            for group_id in record.group_ids
        ]
    )
