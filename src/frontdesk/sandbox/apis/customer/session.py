"""The RTM session of a customer."""

from frontdesk.actions.customer import Login
from frontdesk.errors import AuthorizationError
from frontdesk.models.customer_chat.session import CustomerLoginResponse
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import CUSTOMER_API, assumed, documented, seen
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.people import customer_sessions
from frontdesk.sandbox.world.world import World

__all__ = ["login"]

CUSTOMER_SDK = "LiveChat's customer-sdk 4.0.2"


@handles(
    Login,
    rules=(
        documented("`users_limit_reached` is the error beyond the limit of online customers."),
        assumed(
            "That limit is `limits.monitored_customers` of the license; further connections of one "
            "customer do not count."
        ),
        seen(
            "`customer.statistics`, `chats` and the group of the customer in "
            "`__priv_dynamic_config` are always there; `online_groups_ids` only if a group is "
            "online.",
            CUSTOMER_SDK,
        ),
        seen(
            "`pushes` may name pushes that are gone, or that there are not yet: they do not come.",
            CUSTOMER_SDK,
        ),
        assumed("`customer_banned` and `group_not_found` are the errors for what they say."),
        assumed(
            "The customer is on the website until the last connection ends: agents get "
            "`incoming_customer` and `customer_left`. `customer_page` is a page view."
        ),
        documented("The user agent of the visit is that of the browser.", CUSTOMER_API),
        assumed("The visit's IP address is where the connection comes from."),
        assumed(
            "What `customer` says is kept as by `update_customer`; what is known already "
            "changes nothing."
        ),
        assumed(
            "`group_id` is the group of the customer and of the next chat, until a rule of auto "
            "access names another for a page that the customer opens later."
        ),
        assumed(
            "A client that sends `customer_side_storage` gets it again with the number of visits "
            "as `customer_visits`, in `customer_side_storage_updated`, when that is another."
        ),
        assumed(
            "`greeting` is one that is shown still; a greeting whose rules hold now comes after "
            "the response. The paths in `__priv_dynamic_config` are those of `get_configuration` "
            "and `get_localization`."
        ),
        assumed(
            "A chat has unread events if somebody else wrote in its last thread after what the "
            "customer has seen; what is for agents alone does not count."
        ),
    ),
)
def login(world: World, customer: CustomerActor, action: Login) -> CustomerLoginResponse:
    """Log in the connection of a customer: the customer is whose the token is."""
    if customer.connection_id is None:
        raise AuthorizationError("`login` is for RTM connections")
    return customer_sessions.log_in(world, customer, action)
