"""The Configuration API: bans of customers."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models import CustomerBan
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id, given
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = ["BanCustomerOrIp", "ListCustomerBans", "UnbanCustomer"]


class ListCustomerBans(Action[list[CustomerBan]], frozen=True, kw_only=True):
    """List the bans that are in force, the newest first; all at once."""

    spec: ClassVar[Spec] = Spec(
        name="list_customer_bans",
        api="configuration",
        group="customer_bans",
        returns=list[CustomerBan],
        scopes=any_of("banlist_read"),
        transports=("web",),
        repeatable=True,
        since=(3, 6),
    )


class UnbanCustomer(Action[None], frozen=True, kw_only=True):
    """End the bans of an IP address or of a customer: one of the two."""

    spec: ClassVar[Spec] = Spec(
        name="unban_customer",
        errors=("NotFound", "ValidationError"),
        api="configuration",
        group="customer_bans",
        scopes=any_of("banlist_write"),
        transports=("web",),
        repeatable=True,
        since=(3, 6),
    )
    ip: Annotated[Maybe[Id], Meta(description="The banned address.")] = NOT_SENT
    customer_id: Annotated[Maybe[Id], Meta(description="The banned customer.")] = NOT_SENT

    def _rules(self) -> None:
        names = given(ip=self.ip, customer_id=self.customer_id)
        if len(names) != 1:
            raise InvalidArgument("ip", "either this or `customer_id` must be given")


class BanCustomerOrIp(Action[None], frozen=True, kw_only=True):
    """Ban a customer, an IP address, or both; `ban_customer` of the Agent Chat API takes days.

    The address must not match the license property `monitoring.ip_mask`.
    """

    spec: ClassVar[Spec] = Spec(
        name="ban_customer",
        errors=("LimitReached", "NotFound", "ValidationError"),
        api="configuration",
        group="customer_bans",
        scopes=any_of("banlist_write"),
        transports=("web",),
        since=(3, 7),
    )
    seconds: Annotated[int, Meta(ge=1, description="How long, in seconds.")]
    ip: Annotated[Maybe[Id], Meta(description="The address to ban.")] = NOT_SENT
    customer_id: Annotated[Maybe[Id], Meta(description="The customer to ban.")] = NOT_SENT

    def _rules(self) -> None:
        if not given(ip=self.ip, customer_id=self.customer_id):
            raise InvalidArgument("customer_id", "this or `ip` must be given")
