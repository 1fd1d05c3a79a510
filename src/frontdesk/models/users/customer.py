"""What is known of a customer.

Dates of customers arrive with other offsets than UTC at times; here they are always in UTC.
Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#customer
"""

from datetime import datetime

from msgspec import field

from frontdesk.models.base import Model, in_utc
from frontdesk.spec.checks import Checked, Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "Address",
    "Cart",
    "CartItem",
    "CustomerStatistics",
    "FacebookAccount",
    "FacebookIdentity",
    "FacebookProfile",
    "Geolocation",
    "OmnichannelPush",
    "OmnichannelRequest",
    "OmnichannelResponse",
    "Page",
    "Ticket",
    "TwilioIdentity",
    "TwilioNumber",
    "Visit",
]


class Geolocation(Model, kw_only=True):
    """Where a customer is. Latitude and longitude are texts, ``timezone`` is an IANA name."""

    latitude: str | None = None
    longitude: str | None = None
    country: str | None = None
    country_code: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class Page(Model, kw_only=True):
    """A page that a customer opened."""

    opened_at: datetime | None = None
    url: str | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        self.opened_at = in_utc(self.opened_at)


class Visit(Model, kw_only=True):
    """A customer's visit to the site."""

    id: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    referrer: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    geolocation: Geolocation | None = None
    last_pages: list[Page] | None = None

    def __post_init__(self) -> None:
        self.started_at = in_utc(self.started_at)
        self.ended_at = in_utc(self.ended_at)


class CustomerStatistics(Model, kw_only=True):
    """Counters of a customer; which ones come differs from response to response."""

    chats_count: int | None = None
    threads_count: int | None = None
    visits_count: int | None = None
    page_views_count: int | None = None
    greetings_shown_count: int | None = None
    greetings_accepted_count: int | None = None
    greetings_converted_count: int | None = None
    tickets_count: int | None = None
    tickets_inbox_count: int | None = None
    tickets_archive_count: int | None = None
    tickets_spam_count: int | None = None
    tickets_trash_count: int | None = None
    orders_count: int | None = None
    last_visit_started_at: datetime | None = None

    def __post_init__(self) -> None:
        self.last_visit_started_at = in_utc(self.last_visit_started_at)


class Ticket(Model, kw_only=True):
    """A HelpDesk ticket of a customer."""

    ticket_id: str
    created_at: datetime | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)


class CartItem(Model, kw_only=True):
    """A product in a cart."""

    id: int | None = None
    quantity: int | None = None
    variant_id: int | None = None


def _no_items() -> list[CartItem]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


class Cart(Model, kw_only=True):
    """A shopping cart of a customer. Shops fill in what they know of it."""

    store_uuid: str | None = None
    store_platform: str | None = None
    customer_signed_in: bool | None = None
    subtotal: float | None = None
    total: float | None = None
    subtotal_usd: float | None = None
    total_usd: float | None = None
    currency: str | None = None
    items: list[CartItem] = field(default_factory=_no_items)
    last_updated_at: datetime | None = None

    def __post_init__(self) -> None:
        self.last_updated_at = in_utc(self.last_updated_at)


class Address(Model, kw_only=True):
    """A postal address; ``address`` is the street, ``country`` a name."""

    address: str | None = None
    city: str | None = None
    country: str | None = None
    state: str | None = None
    postal_code: str | None = None


class FacebookProfile(Model, kw_only=True):
    """A customer's profile on Facebook Messenger, as the customer structure holds it."""

    id: str | None = field(name="ID", default=None)
    name: str | None = field(name="Name", default=None)
    first_name: str | None = field(name="FirstName", default=None)
    last_name: str | None = field(name="LastName", default=None)
    profile_pic_url: str | None = field(name="ProfilePicURL", default=None)
    gender: str | None = field(name="Gender", default=None)
    locale: str | None = field(name="Locale", default=None)
    is_verified_user: bool | None = field(name="IsVerifiedUser", default=None)


class TwilioNumber(Model, kw_only=True):
    """A phone number on Twilio."""

    phone_number: str


class OmnichannelResponse(Model, kw_only=True):
    """Identities of a customer in other channels; numbers of Twilio are keyed by themselves."""

    fb_messenger: list[FacebookProfile] | None = None
    twilio: list[dict[str, TwilioNumber | str]] | None = None


class FacebookAccount(Model, kw_only=True):
    """A customer's account on Facebook Messenger, as the push ``customer_updated`` holds it."""

    id: str
    name: str | None = None


class OmnichannelPush(Model, kw_only=True):
    """Identities of a customer in other channels, as the push ``customer_updated`` holds them."""

    fb_messenger: list[FacebookAccount] | None = None
    twilio: list[TwilioNumber] | None = None


class FacebookIdentity(Checked, frozen=True, kw_only=True):
    """A customer's profile on Facebook Messenger, to be set."""

    id: Id
    name: Maybe[str] = NOT_SENT
    first_name: Maybe[str] = NOT_SENT
    last_name: Maybe[str] = NOT_SENT
    profile_pic: Maybe[str] = NOT_SENT
    gender: Maybe[str] = NOT_SENT
    locale: Maybe[str] = NOT_SENT
    is_verified_user: Maybe[bool] = NOT_SENT


class TwilioIdentity(Checked, frozen=True, kw_only=True):
    """A customer's phone number on Twilio, to be set."""

    phone_number: Id


class OmnichannelRequest(Checked, frozen=True, kw_only=True):
    """Identities of a customer in other channels, to be set with ``update_customer``."""

    fbmessenger: MaybeFrom[FacebookIdentity, FacebookIdentity | Dict] = NOT_SENT
    twilio: MaybeFrom[TwilioIdentity, TwilioIdentity | Dict] = NOT_SENT
