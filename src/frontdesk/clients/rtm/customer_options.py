"""The arguments of the RTM clients of customers."""

import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from msgspec import UNSET

from frontdesk.clients.rtm.base import Wanted
from frontdesk.codec.damage import OnDamage
from frontdesk.core.call_cycle import Call
from frontdesk.core.limiter import Limiter
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.customer_side import CustomerLogin, CustomerSide
from frontdesk.core.rtm.settings import Backoff
from frontdesk.models.customer_chat.session import (
    CustomerApplication,
    CustomerPage,
    NewCustomerDetails,
)
from frontdesk.spec.fields import Dict

__all__ = ["CustomerLoginOptions", "CustomerRTMOptions", "side_of"]


class CustomerLoginOptions(TypedDict, total=False):
    """What the log-in of a customer says, as the arguments of the method ``login``."""

    customer: NewCustomerDetails | Dict | None
    customer_page: CustomerPage | Dict | None
    customer_side_storage: Mapping[str, str] | None
    is_mobile: bool | None
    group_id: int | None
    referrer: str | None
    application: CustomerApplication | Dict | None
    tab_id: str | None


class CustomerRTMOptions(CustomerLoginOptions, total=False):
    """The options of the RTM clients of customers."""

    organization_id: str | None
    base_url: str | None
    version: str
    region: str | None
    pushes: Wanted | None
    recover: bool
    reconnect: bool
    backoff: Backoff
    timeout: float
    open_timeout: float
    close_timeout: float
    ping: Literal["message", "frame"]
    ping_interval: float
    ping_timeout: float
    max_frame: int
    concurrency: int
    retry: Retry | int | None
    budget: int | Meter | None
    headers: Mapping[str, str] | None
    client_id: str | None
    proxy: str | None
    ssl_context: ssl.SSLContext | None
    limiter: Limiter | bool | None
    on_call: Callable[[Call], object] | None
    strict: bool
    on_damage: OnDamage | None
    logger: logging.Logger | None


LOGIN: Sequence[str] = tuple(CustomerLoginOptions.__annotations__)


def side_of(options: dict[str, Any]) -> CustomerSide:
    """Take what the log-in says out of the options, and return the side of the session.

    Raises:
        InvalidArgument: An argument does not fit.
    """
    login = {name: options.pop(name) for name in LOGIN if name in options}
    return CustomerSide(
        CustomerLogin(**{k: UNSET if value is None else value for k, value in login.items()})
    )
