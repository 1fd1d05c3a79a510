"""Goals, forms, previews of links, and the verification of e-mail addresses."""

from typing import Final

from frontdesk.actions.customer import (
    CheckGoals,
    GetForm,
    GetUrlInfo,
    RequestEmailVerification,
)
from frontdesk.errors import ValidationError
from frontdesk.models.customer_chat.widget import RequestedForm, UrlInfo
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.people import customers, email_verification
from frontdesk.sandbox.world.staff import groups
from frontdesk.sandbox.world.widget import links
from frontdesk.sandbox.world.widget.forms import form_of
from frontdesk.sandbox.world.world import World

__all__ = ["check_goals", "get_form", "get_url_info", "request_email_verification"]

_UNKNOWN_GROUP: Final = assumed("The error for an unknown group is `group_not_found`.")


@handles(
    CheckGoals,
    rules=(
        documented("Only for customers who are not logged in over RTM."),
        assumed("`validation` is the error for one who is."),
        assumed("The sandbox has no goals: the request is checked, and nothing follows."),
        assumed("More than 100 session fields are `limit_reached`."),
        _UNKNOWN_GROUP,
    ),
)
def check_goals(world: World, customer: CustomerActor, action: CheckGoals) -> None:
    """Check goals of a customer who is not there."""
    record = customers.find(world, customer.id)
    refuse_banned(world, record)
    groups.find(world, action.group_id, "group_id")
    customers.check_session_fields(action.session_fields, "session_fields")
    if customers.sessions_of(world, record.id):
        raise ValidationError("the customer is logged in over RTM: goals are checked there")


@handles(
    GetForm,
    rules=(
        documented("`form` is there only if the form is enabled."),
        documented("`ticket` over RTM, `prechat` and `postchat` over both."),
        assumed("Over Web, `ticket` works too."),
        assumed("A group without forms of its own has plain ones: name and e-mail address before "
                "the chat, a rating and a comment after it, name, e-mail address, subject and "
                "message in place of it."),
        _UNKNOWN_GROUP,
    ),
)  # fmt: skip
def get_form(world: World, _: CustomerActor, action: GetForm) -> RequestedForm:
    """Return a form of a group."""
    form = form_of(world, groups.find(world, action.group_id, "group_id"), action.type)
    return RequestedForm(enabled=form is not None, form=form)


@handles(
    GetUrlInfo,
    rules=(
        documented("The URL has to be a valid web address."),
        assumed(
            "No page is fetched: the title is the host and the path of the address. Of an image "
            "that was uploaded to the sandbox, name, address and size are in the response; other "
            "addresses have no image."
        ),
        assumed("An address without a scheme is one of `https`."),
    ),
)
def get_url_info(world: World, _: CustomerActor, action: GetUrlInfo) -> UrlInfo:
    """Return what is known of a web address."""
    return links.describe(world, action.url)


@handles(
    RequestEmailVerification,
    rules=(
        documented("The 10 latest requests count, for 7 days after the last of them."),
        documented(
            "Each of them gets one `POST` when the address is confirmed, without retries; at once "
            "where it is verified already. Any status but 200 is a failure."
        ),
        assumed("No e-mail is sent: the control `verify_email` stands for its link."),
        assumed('The body of the callback is `{"email": "..."}`.'),
        assumed(
            "Callbacks go where webhooks may go, and are listed among them (`webhook_id` is "
            "empty); elsewhere nothing is sent, and the callback is a dead letter."
        ),
        assumed("A request is for the address of its time, and is over when there is another one."),
        assumed(
            "`validation` is the error for a customer without an e-mail address, and for a "
            "`callback_uri` that is no web address."
        ),
    ),
)
def request_email_verification(
    world: World, customer: CustomerActor, action: RequestEmailVerification
) -> None:
    """Ask for the verification of the customer's e-mail address."""
    record = customers.find(world, customer.id)
    refuse_banned(world, record)
    address = links.web_address(action.callback_uri, "callback_uri")
    email_verification.request(world, record, address.geturl())
