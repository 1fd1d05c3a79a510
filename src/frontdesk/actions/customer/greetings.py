"""Greetings and welcome messages, and who would respond to a chat."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models.customer_chat.greetings import Prediction, WelcomeMessage
from frontdesk.spec.actions import Action, Spec
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = [
    "AcceptGreeting",
    "CancelGreeting",
    "GetPredictedAgent",
    "RequestWelcomeMessage",
    "SendGreetingButtonClicked",
]

UniqueId = Annotated[Id, Meta(description="`unique_id` of the greeting as it was shown.")]


class GetPredictedAgent(Action[Prediction], frozen=True, kw_only=True):
    """Get who would get the chat of the customer, who must be logged in over RTM.

    Versions up to 3.6; 3.7 has `request_welcome_message`.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_predicted_agent",
        api="customer",
        errors=("GroupOffline", "GroupUnavailable"),
        group="other",
        returns=Prediction,
        repeatable=True,
        until=(3, 6),
        replaced_by="`request_welcome_message`",
    )
    group_id: Annotated[
        Maybe[GroupId],
        Meta(description="The group; not documented. Defaults to that of the customer."),
    ] = NOT_SENT


class AcceptGreeting(Action[None], frozen=True, kw_only=True):
    """Say that the customer has seen a greeting; reports count it as seen."""

    spec: ClassVar[Spec] = Spec(
        name="accept_greeting",
        api="customer",
        errors=("GreetingNotFound",),
        group="other",
        repeatable=True,
        push=("greeting_accepted",),
    )
    greeting_id: Annotated[int, Meta(description="`id` of the greeting on the license.")]
    unique_id: UniqueId


class CancelGreeting(Action[None], frozen=True, kw_only=True):
    """Say that the customer has closed a greeting."""

    spec: ClassVar[Spec] = Spec(
        name="cancel_greeting",
        api="customer",
        errors=("GreetingNotFound",),
        group="other",
        push=("greeting_canceled",),
    )
    unique_id: UniqueId


class RequestWelcomeMessage(Action[WelcomeMessage], frozen=True, kw_only=True):
    """Ask for the message that a customer sees before a chat is started.

    The customer must be logged in over RTM, where the message comes as a push of its own.
    """

    spec: ClassVar[Spec] = Spec(
        name="request_welcome_message",
        api="customer",
        errors=("GroupOffline", "GroupUnavailable"),
        group="other",
        returns=WelcomeMessage,
        push=("incoming_welcome_message",),
        since=(3, 6),
    )
    id: Annotated[Maybe[Id], Meta(description="`id` of a welcome message that came before.")] = (
        NOT_SENT
    )
    group_id: Annotated[
        Maybe[GroupId], Meta(description="The group; defaults to that of the customer.")
    ] = NOT_SENT


class SendGreetingButtonClicked(Action[None], frozen=True, kw_only=True):
    """Say that the customer has pressed a button of a greeting."""

    spec: ClassVar[Spec] = Spec(
        name="send_greeting_button_clicked",
        api="customer",
        errors=("GreetingNotFound",),
        group="other",
        since=(3, 6),
    )
    greeting_unique_id: UniqueId
    button_id: Annotated[Id, Meta(description="The button.")]
