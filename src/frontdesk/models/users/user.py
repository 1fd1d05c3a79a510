"""Users of chats: a union chosen by ``type``, to be told apart with ``isinstance``."""

from datetime import datetime
from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import NODEFAULT, field

from frontdesk.models.base import Model, Result, in_utc
from frontdesk.models.fallback import MARK, RELEASES, Unknown
from frontdesk.models.users.customer import (
    Address,
    Cart,
    CustomerStatistics,
    OmnichannelResponse,
    Ticket,
    Visit,
)

__all__ = ["Agent", "Customer", "MyProfile", "UnknownCustomer", "UnknownUser", "User"]


class Agent(Model, kw_only=True, tag_field="type", tag="agent"):
    """An agent or a bot.

    ``id`` is the e-mail address of an agent and 32 hex digits for a bot. ``avatar`` may lack the
    scheme. ``present`` tells whether the user is in the chat now.
    Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#agent
    """

    type: ClassVar[Literal["agent"]] = "agent"
    id: str
    name: str
    email: str | None = None
    present: bool | None = None
    events_seen_up_to: datetime | None = None
    avatar: str | None = None
    visibility: str | None = None
    """``all`` or ``agents``: who knows that the agent is in the chat."""
    routing_status: str | None = None
    job_title: str | None = None
    """What customers get to see of the agent's profile; agents do not."""
    is_bot: bool | None = None
    """For customers, in greetings; agents tell a bot by its id."""

    def __post_init__(self) -> None:
        self.events_seen_up_to = in_utc(self.events_seen_up_to)


class MyProfile(Model, kw_only=True, tag_field="type", tag="agent"):
    """The agent that logged in.

    ``permission`` is ``owner``, ``viceowner``, ``administrator`` or ``normal``. ``id``, ``name``
    and ``email`` are empty if the server sent none that can be read.
    """

    type: ClassVar[Literal["agent"]] = "agent"
    id: str
    name: str
    email: str
    present: bool | None = None
    avatar: str | None = None
    permission: str | None = None
    routing_status: str | None = None
    events_seen_up_to: datetime | None = None

    def __post_init__(self) -> None:
        self.events_seen_up_to = in_utc(self.events_seen_up_to)

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an empty text: a session works without it."""
        return "" if name in ("id", "name", "email") else NODEFAULT


class Customer(Result, kw_only=True, tag_field="type", tag="customer"):
    """A customer.

    ``session_fields`` hold one key per item, in order, and expire with the session; ``chat_ids``
    come from ``get_customer`` only. ``visit`` was ``last_visit`` before 3.6 and is filled from it.
    Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#customer
    """

    type: ClassVar[Literal["customer"]] = "customer"
    id: str
    name: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    avatar: str | None = None
    phone_number: str | None = None
    created_at: datetime | None = None
    present: bool | None = None
    events_seen_up_to: datetime | None = None
    agent_last_event_created_at: datetime | None = None
    customer_last_event_created_at: datetime | None = None
    session_fields: list[dict[str, str]] | None = None
    visit: Visit | None = None
    last_visit: Visit | None = None
    statistics: CustomerStatistics | None = None
    carts: list[Cart] | None = None
    omnichannel: OmnichannelResponse | None = None
    address: Address | None = None
    tickets: list[Ticket] | None = None
    followed: bool | None = None
    online: bool | None = None
    group_ids: list[int] | None = None
    state: str | None = None
    chat_ids: list[str] | None = None
    lc2_customer_id: str | None = field(name="__priv_lc2_customer_id", default=None)
    """A private id of older products."""

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)
        self.events_seen_up_to = in_utc(self.events_seen_up_to)
        self.agent_last_event_created_at = in_utc(self.agent_last_event_created_at)
        self.customer_last_event_created_at = in_utc(self.customer_last_event_created_at)
        if self.visit is None:
            self.visit = self.last_visit


class UnknownCustomer(Customer, kw_only=True, tag_field="type", tag=f"{MARK}customer"):
    """A customer without an id that can be read, or no customer at all; ``raw`` is all of it.

    What could be read is in the fields. It stands where nothing but customers may; among the users
    of a chat, an ``UnknownUser`` does.
    """

    id: str = field(default_factory=str)
    raw: Any

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Give back what came."""
        return wrapped["raw"]


RELEASES[f"{MARK}customer"] = UnknownCustomer.release


class UnknownUser(Unknown, kw_only=True, tag_field="type", tag=f"{MARK}unknown"):
    """A user of a new type, or one that lacks what its type promises; ``raw`` is all of it.

    Its ``type`` is ``unknown``; ``original_type`` is the one on the wire.
    """

    dates: ClassVar[tuple[str, ...]] = ("events_seen_up_to",)

    @property
    def name(self) -> str | None:
        """The name of the user, if it tells."""
        return self._text("name")

    @property
    def email(self) -> str | None:
        """The e-mail address of the user, if it tells."""
        return self._text("email")

    @property
    def avatar(self) -> str | None:
        """The avatar of the user, if it tells."""
        return self._text("avatar")

    @property
    def present(self) -> bool:
        """Whether the user is in the chat now."""
        return self._get("present") is True

    @property
    def events_seen_up_to(self) -> datetime | None:
        """Up to when the user has seen the events, if it tells."""
        return self._date("events_seen_up_to")


User: TypeAlias = Agent | Customer | UnknownUser
"""Any user of a chat."""
