"""Log in a customer, and find out which groups are online."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models.customer_chat.session import (
    CustomerApplication,
    CustomerLoginResponse,
    CustomerPage,
    NewCustomerDetails,
)
from frontdesk.models.customer_chat.widget import GroupStatuses
from frontdesk.spec.actions import Action, DiscreetAction, Spec
from frontdesk.spec.checks import GroupId, Id, given
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = ["ListGroupStatuses", "Login"]


class Login(DiscreetAction[CustomerLoginResponse], frozen=True, kw_only=True):
    """Log in an RTM connection of the customer, once, within 30 seconds of opening it.

    The customer is online from then on, until the last of its connections ends.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"token"})
    spec: ClassVar[Spec] = Spec(
        name="login",
        api="customer",
        errors=(
            "AuthenticationError",
            "UsersLimitReached",
            "CustomerBanned",
            "GroupNotFound",
            "LicenseExpired",
            "WrongProductVersion",
        ),
        group="status",
        returns=CustomerLoginResponse,
        transports=("rtm",),
    )
    token: Annotated[Id, Meta(description="Customer token with its scheme: `Bearer dal:…`.")]
    customer: Annotated[
        MaybeFrom[NewCustomerDetails, NewCustomerDetails | Dict],
        Meta(description="Name, e-mail address, avatar, session fields and address, to be stored."),
    ] = NOT_SENT
    customer_page: Annotated[
        MaybeFrom[CustomerPage, CustomerPage | Dict],
        Meta(description="The page that the customer has opened."),
    ] = NOT_SENT
    customer_side_storage: Annotated[
        MaybeFrom[dict[str, str], Mapping[str, str]],
        Meta(description="What `customer_side_storage_updated` brought last; `{}` at first."),
    ] = NOT_SENT
    is_mobile: Annotated[
        Maybe[bool], Meta(description="Whether the customer has a mobile device.")
    ] = NOT_SENT
    group_id: Annotated[Maybe[GroupId], Meta(description="The group to belong to.")] = NOT_SENT
    referrer: Annotated[
        Maybe[str], Meta(description="Where the customer came from, an address.")
    ] = NOT_SENT
    application: Annotated[
        MaybeFrom[CustomerApplication, CustomerApplication | Dict],
        Meta(description="Name, version and channel of the application."),
    ] = NOT_SENT
    pushes: Annotated[
        MaybeFrom[dict[str, list[str]], Mapping[str, Sequence[str]]],
        Meta(
            description="Version (without v) -> names of the pushes to send, or `all`; defaults "
            "to all of the connection's version."
        ),
    ] = NOT_SENT
    tab_id: Annotated[
        Maybe[Id],
        Meta(description="Tells the tabs of one customer apart; not in the docs of the API."),
    ] = NOT_SENT


class ListGroupStatuses(Action[GroupStatuses], frozen=True, kw_only=True):
    """List the statuses of groups; those that do not exist are not in the response."""

    spec: ClassVar[Spec] = Spec(
        name="list_group_statuses",
        api="customer",
        group="status",
        returns=GroupStatuses,
        repeatable=True,
    )
    all: Annotated[
        Maybe[bool], Meta(description="True: all groups; this or `group_ids` is needed.")
    ] = NOT_SENT
    group_ids: Annotated[
        MaybeFrom[list[GroupId], Sequence[int]],
        Meta(description="Only these groups; this or `all` is needed."),
    ] = NOT_SENT

    def _rules(self) -> None:
        if not given(all=self.all, group_ids=self.group_ids):
            raise InvalidArgument("all", "is required, or `group_ids`")
