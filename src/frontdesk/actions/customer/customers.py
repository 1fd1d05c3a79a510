"""What a customer says of itself, and of where it is."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from msgspec import UNSET, Meta

from frontdesk.actions.agent.customers import check_phone_number
from frontdesk.errors import InvalidArgument
from frontdesk.models import Address, Customer, OmnichannelRequest
from frontdesk.models.customer_chat.widget import UpdatedCustomerPage
from frontdesk.spec.actions import Action, Spec
from frontdesk.spec.checks import Id, given
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = ["GetCustomer", "SetCustomerSessionFields", "UpdateCustomer", "UpdateCustomerPage"]

MAX_SESSION_FIELDS: Final = 100
"""Keys that the session fields of a customer may have."""

SessionFields = Annotated[list[dict[str, str]], Meta(max_length=MAX_SESSION_FIELDS)]


def check_session_fields(fields: Any) -> None:
    """Refuse more keys than there may be; an item may hold several."""
    if fields is not UNSET and sum(map(len, fields)) > MAX_SESSION_FIELDS:
        raise InvalidArgument("session_fields", f"must hold at most {MAX_SESSION_FIELDS} keys")


class UpdateCustomer(Action[None], frozen=True, kw_only=True):
    """Change data of the customer; at least one argument is needed."""

    spec: ClassVar[Spec] = Spec(
        name="update_customer",
        api="customer",
        errors=("ValidationError",),
        group="customers",
        repeatable=True,
        push=("customer_updated",),
        webhook=("customer_session_fields_updated",),
    )
    name: Annotated[Maybe[str], Meta(description="New name.")] = NOT_SENT
    email: Annotated[Maybe[str], Meta(description="New e-mail address.")] = NOT_SENT
    avatar: Annotated[Maybe[str], Meta(description="URL of the new avatar.")] = NOT_SENT
    session_fields: Annotated[
        MaybeFrom[list[dict[str, str]], Sequence[Mapping[str, str]]],
        Meta(description="New session fields, each item one key and its value; the order is kept."),
    ] = NOT_SENT
    omnichannel: Annotated[
        MaybeFrom[OmnichannelRequest, OmnichannelRequest | Dict],
        Meta(description="Identities on Facebook Messenger and Twilio; since 3.6."),
    ] = NOT_SENT
    address: Annotated[
        MaybeFrom[Address, Address | Dict], Meta(description="New address; since 3.6.")
    ] = NOT_SENT
    name_is_default: Annotated[
        Maybe[bool],
        Meta(description="Whether a program made the name up; only official clients have it."),
    ] = NOT_SENT
    phone_number: Annotated[
        Maybe[str],
        Meta(
            description="New phone number in E.164 form, or an empty text to remove it; only "
            "official clients have it."
        ),
    ] = NOT_SENT

    def _rules(self) -> None:
        check_phone_number(self.phone_number)
        check_session_fields(self.session_fields)
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        if not given(**values):
            raise InvalidArgument("", f"give at least one of {', '.join(sorted(values))}")


class UpdateCustomerPage(Action[UpdatedCustomerPage], frozen=True, kw_only=True):
    """Say which page the customer has opened; the groups of the customer may depend on it."""

    spec: ClassVar[Spec] = Spec(
        name="update_customer_page",
        api="customer",
        group="customers",
        returns=UpdatedCustomerPage,
        transports=("rtm",),
        repeatable=True,
    )
    url: Annotated[Id, Meta(description="Address of the page.")]
    title: Annotated[Maybe[str], Meta(description="Title of the page.")] = NOT_SENT


class SetCustomerSessionFields(Action[None], frozen=True, kw_only=True):
    """Set the session fields of the customer; they end with the session."""

    spec: ClassVar[Spec] = Spec(
        name="set_customer_session_fields",
        api="customer",
        errors=("LimitReached",),
        group="customers",
        repeatable=True,
        push=("customer_updated",),
        webhook=("customer_session_fields_updated",),
    )
    session_fields: Annotated[
        From[SessionFields, Sequence[Mapping[str, str]]],
        Meta(
            description="Each item one key and its value; the order is kept, and there are at "
            f"most {MAX_SESSION_FIELDS} keys."
        ),
    ]

    def _rules(self) -> None:
        check_session_fields(self.session_fields)


class GetCustomer(Action[Customer], frozen=True, kw_only=True):
    """Get the customer whose token the client has."""

    spec: ClassVar[Spec] = Spec(
        name="get_customer",
        api="customer",
        group="customers",
        returns=Customer,
        repeatable=True,
    )
