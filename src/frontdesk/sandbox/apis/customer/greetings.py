"""Greetings and welcome messages, and who would respond to a chat."""

from typing import Final

from msgspec import UNSET, UnsetType

from frontdesk.actions.customer import (
    AcceptGreeting,
    CancelGreeting,
    GetPredictedAgent,
    RequestWelcomeMessage,
    SendGreetingButtonClicked,
)
from frontdesk.errors import ValidationError
from frontdesk.models.customer_chat.greetings import Prediction, WelcomeMessage
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import CUSTOMER_API, assumed, documented
from frontdesk.sandbox.store.records import CustomerRecord
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.people import customers, greetings, website, welcome_messages
from frontdesk.sandbox.world.routing import predictions
from frontdesk.sandbox.world.staff import groups
from frontdesk.sandbox.world.world import World

__all__ = [
    "accept_greeting",
    "cancel_greeting",
    "get_predicted_agent",
    "request_welcome_message",
    "send_greeting_button_clicked",
]

_NOT_SHOWN: Final = assumed(
    "`greeting_not_found` is the error for a greeting that the customer does not see now."
)
_LOGGED_IN: Final = (
    documented("The customer is logged in over RTM, for a call over Web too."),
    assumed("The error for one who is not is `validation`."),
)
_UNAVAILABLE: Final = (
    documented(
        "`group_offline` and `group_unavailable` are the errors for groups in which nobody would "
        "get the chat.",
        CUSTOMER_API,
    ),
    assumed(
        "`group_unavailable`: agents pick chats themselves, or all are busy and no chat may wait. "
        "If one may, `queue` is true, and the agent is whoever would be asked first."
    ),
    assumed("The error for an unknown group is `group_not_found`; the default is the customer's."),
)


@handles(
    AcceptGreeting,
    rules=(
        documented("The greeting counts as seen, and the customer gets `greeting_accepted`."),
        assumed("The second time changes nothing, and nothing is pushed."),
        _NOT_SHOWN,
    ),
)
def accept_greeting(world: World, customer: CustomerActor, action: AcceptGreeting) -> None:
    """See a greeting."""
    record = _record(world, customer)
    greetings.accept(world, record, action.unique_id, action.greeting_id)


@handles(
    CancelGreeting,
    rules=(
        documented("The customer gets `greeting_canceled`, as when a newer greeting is shown."),
        _NOT_SHOWN,
    ),
)
def cancel_greeting(world: World, customer: CustomerActor, action: CancelGreeting) -> None:
    """Close a greeting."""
    greetings.close(world, _record(world, customer), action.unique_id)


@handles(
    SendGreetingButtonClicked,
    rules=(
        documented("Nothing is pushed."),
        assumed("`button_id` is the button's `button_id` or `postback_id`; `validation` is the "
                "error for another."),
        _NOT_SHOWN,
    ),
)  # fmt: skip
def send_greeting_button_clicked(
    world: World, customer: CustomerActor, action: SendGreetingButtonClicked
) -> None:
    """Press a button of a greeting."""
    record = _record(world, customer)
    greetings.press_button(world, record, action.greeting_unique_id, action.button_id)


@handles(GetPredictedAgent, rules=(*_LOGGED_IN, *_UNAVAILABLE))
def get_predicted_agent(
    world: World, customer: CustomerActor, action: GetPredictedAgent
) -> Prediction:
    """Say who would get the chat."""
    record = _logged_in(world, customer)
    agent, must_wait = predictions.predict(world, _group(world, record, action.group_id))
    return Prediction(agent=predictions.show_predicted(world, agent), queue=must_wait)


@handles(
    RequestWelcomeMessage,
    rules=(
        documented("The message comes as `incoming_welcome_message` with the same `id`."),
        *_LOGGED_IN,
        *_UNAVAILABLE,
        assumed(
            "The text is the phrase `Welcome_title` of the group; all connections of the customer "
            "get it."
        ),
        assumed(
            "`id` has the message come again that the customer got last; `not_found` is the error "
            "for any other."
        ),
    ),
)
def request_welcome_message(
    world: World, customer: CustomerActor, action: RequestWelcomeMessage
) -> WelcomeMessage:
    """Have the customer welcomed."""
    record = _logged_in(world, customer)
    group_id = _group(world, record, action.group_id)
    message_id = None if action.id is UNSET else action.id
    return welcome_messages.request(world, record, group_id, message_id, customer)


def _record(world: World, customer: CustomerActor) -> CustomerRecord:
    record = customers.find(world, customer.id)
    refuse_banned(world, record)
    return record


def _logged_in(world: World, customer: CustomerActor) -> CustomerRecord:
    record = _record(world, customer)
    if not customers.sessions_of(world, record.id):
        raise ValidationError("the customer is not logged in over RTM")
    return record


def _group(world: World, record: CustomerRecord, group_id: int | UnsetType) -> int:
    if group_id is UNSET:
        return website.group_of(world, record)
    return groups.find(world, group_id, "group_id").id
