"""What a customer gets to know with the log-in.

Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-reference#login
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import NODEFAULT, field

from frontdesk.models.base import Model, Result
from frontdesk.models.customer_chat.greetings import ShownGreeting
from frontdesk.models.requests import Application
from frontdesk.models.users.customer import Address
from frontdesk.models.users.user import Customer
from frontdesk.spec.checks import Checked, Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "CustomerApplication",
    "CustomerGroups",
    "CustomerLoginResponse",
    "CustomerPage",
    "LoginChat",
    "LoginConfiguration",
    "MonitoringGroup",
    "NewCustomerDetails",
]


class LoginChat(Model, kw_only=True):
    """A chat of the customer. ``has_active_thread`` is not documented for single chats."""

    chat_id: str
    has_unread_events: bool | None = None
    has_active_thread: bool | None = None


class MonitoringGroup(Model, kw_only=True):
    """The group that a customer belongs to."""

    id: int
    static_config_url: str | None = None
    language_config_url: str | None = None


class CustomerGroups(Model, kw_only=True):
    """The groups of a customer; ``chats`` are those of the chats, by id of group."""

    monitoring: MonitoringGroup | None = None
    chats: dict[str, Any] | None = None


class LoginConfiguration(Model, kw_only=True):
    """Private to LiveChat, but what its own clients read of the log-in.

    ``online_groups_ids`` is missing when all groups are offline.
    """

    online_groups_ids: list[int] | None = None
    customer_groups: CustomerGroups | None = None
    organization_id: str | None = None
    static_config_version: str | None = None
    customer_data: dict[str, Any] | None = None


def _no_chats() -> list[LoginChat]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


class CustomerLoginResponse(Result, kw_only=True):
    """The connection is logged in: the customer with ``statistics``, and the chats.

    ``greeting`` is one that was shown and not responded to yet.
    """

    customer: Customer
    has_active_thread: bool = field(default_factory=bool)
    chats: list[LoginChat] = field(default_factory=_no_chats)
    greeting: ShownGreeting | None = None
    dynamic_config: LoginConfiguration | None = field(name="__priv_dynamic_config", default=None)

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take a customer without an id: the session stands, whatever is said of it."""
        return Customer(id="") if name == "customer" else NODEFAULT


class NewCustomerDetails(Checked, frozen=True, kw_only=True):
    """What a customer tells of itself with the log-in."""

    name: Maybe[str] = NOT_SENT
    email: Maybe[str] = NOT_SENT
    avatar: Maybe[str] = NOT_SENT
    session_fields: MaybeFrom[list[dict[str, str]], Sequence[Mapping[str, str]]] = NOT_SENT
    address: MaybeFrom[Address, Address | Dict] = NOT_SENT


class CustomerPage(Checked, frozen=True, kw_only=True):
    """The page that a customer has opened."""

    url: Id
    title: Maybe[str] = NOT_SENT


class CustomerApplication(Application, frozen=True, kw_only=True):
    """The application that logs in; the values of ``channel_type`` are not documented."""

    channel_type: Maybe[str] = NOT_SENT
