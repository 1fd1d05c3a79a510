"""What methods of the Configuration API return."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from frontdesk.models.base import Model, Properties, Result, in_utc
from frontdesk.redaction import register

__all__ = [
    "AllowedDomains",
    "BatchError",
    "BatchItem",
    "BatchOfAgents",
    "BatchOfBots",
    "BatchOfChanges",
    "BotSecret",
    "BotTemplate",
    "CannedResponse",
    "Channel",
    "CompanyDetails",
    "CreatedAgent",
    "CreatedAgentItem",
    "CreatedAutoAccess",
    "CreatedBot",
    "CreatedBotItem",
    "CreatedCannedResponse",
    "CreatedGroup",
    "CustomerBan",
    "GroupProperties",
    "IssuedBotToken",
    "PlanLimitExcess",
    "ProductSource",
    "PropertyDefinition",
    "PropertyRange",
    "Translations",
]


class CreatedAgent(Result, kw_only=True):
    """The agent is made; ``id`` is the e-mail address."""

    id: str


class CreatedGroup(Result, kw_only=True):
    """The group is made."""

    id: int


class CreatedAutoAccess(Result, kw_only=True):
    """The access rule is made."""

    id: str


class BotSecret(Result, kw_only=True):
    """A new secret of a bot or bot template, with which ``issue_bot_token`` gives tokens.

    It is returned once and shown by no ``repr``.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"secret"})
    secret: str

    def __post_init__(self) -> None:
        # From now on no text of this library shows it.
        register(self.secret)


class CreatedBot(BotSecret, kw_only=True):
    """The bot or bot template is made, with its ``id`` and ``secret``."""

    id: str


class IssuedBotToken(Result, kw_only=True):
    """A bearer token of a bot, valid for 24 hours. It cannot be revoked; no ``repr`` shows it."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"token"})
    token: str

    def __post_init__(self) -> None:
        register(self.token)


class BotTemplate(Model, kw_only=True):
    """What bots are made from where an app is installed; these have its ``id``."""

    id: str
    name: str
    avatar: str | None = None
    max_chats_count: int | None = None
    default_group_priority: str | None = None
    job_title: str | None = None
    avatar_path: str | None = None
    """``avatar`` in some responses; read as ``avatar``."""

    def __post_init__(self) -> None:
        self.avatar, self.avatar_path = self.avatar or self.avatar_path, None


class CustomerBan(Model, kw_only=True):
    """A ban that is in force; ``agent_id`` banned. By ``ip`` alone, there is no customer."""

    agent_id: str
    created_at: datetime
    expires_at: datetime
    ip: str | None = None
    customer_id: str | None = None
    thread_id: str | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)
        self.expires_at = in_utc(self.expires_at)


class PropertyRange(Model, kw_only=True):
    """The numbers allowed, both ends included."""

    from_: int | None = msgspec.field(default=None, name="from")
    to: int | None = None


class PropertyDefinition(Model, kw_only=True):
    """A registered property: its type, and who may read and write it where.

    ``type`` is ``int``, ``string``, ``bool`` or ``tokenized_string``. ``access`` maps locations
    (``chat``, ``thread``, ``event``, ``license``, ``group``) to users (``agent``, ``customer``) to
    ``read`` and ``write``. ``public_access`` is what other client ids may do with a published one.
    """

    type: str
    access: dict[str, dict[str, list[str]]]
    description: str = ""
    domain: list[Any] | None = None
    range: PropertyRange | None = None
    default_value: Any = None
    public_access: list[str] | None = None


class GroupProperties(Model, kw_only=True):
    """The properties of one group."""

    id: int
    properties: Properties


class Channel(Model, kw_only=True):
    """Where chats come from.

    ``channel_type`` is ``code`` (a web site), ``direct_link`` or ``integration``, whose client id
    is ``channel_subtype``.
    """

    channel_type: str
    channel_subtype: str | None = None
    first_activity_timestamp: datetime | None = None

    def __post_init__(self) -> None:
        self.first_activity_timestamp = in_utc(self.first_activity_timestamp)


class PlanLimitExcess(Model, kw_only=True):
    """By how much a limit of the plan would be exceeded.

    ``id`` is an agent's for ``groups_per_agent``, a group's for the queues and
    ``group_chooser_groups``, and missing for what counts the whole license.
    """

    resource: str
    limit_balance: int
    id: str | None = None


class ProductSource(Result, kw_only=True):
    """Where the license came from."""

    source_id: str = ""
    source_type: str = ""
    source_url: str = ""


class CompanyDetails(Result, kw_only=True):
    """The company that has the license."""

    audience: str | None = None
    chat_purpose: str | None = None
    city: str | None = None
    company: str | None = None
    company_size: str | None = None
    country: str | None = None
    invoice_email: str | None = None
    invoice_name: str | None = None
    nip: str | None = None
    postal_code: str | None = None
    state: str | None = None
    street: str | None = None
    phone: str | None = None
    province: str | None = None
    url: str | None = None
    industry: str | None = None


class AllowedDomains(Result, kw_only=True):
    """The domains that may embed the chat widget."""

    domains: list[str]


class CannedResponse(Model, kw_only=True):
    """A text that agents keep ready; ``author_id`` changed it last."""

    id: int
    text: str
    tags: list[str]
    group_id: int
    is_private: bool = False
    author_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)
        self.updated_at = in_utc(self.updated_at)


class CreatedCannedResponse(Result, kw_only=True):
    """The canned response is made."""

    id: int


class Translations(Result, kw_only=True):
    """The phrases of the chat widget that are not the default ones."""

    phrases: dict[str, str]


class BatchError(Model, kw_only=True):
    """Why one request of a batch failed."""

    type: str
    message: str = ""
    data: Any = None


class BatchItem(Model, kw_only=True):
    """What became of one request of a batch: done, unless there is an ``error``."""

    error: BatchError | None = None


class CreatedAgentItem(BatchItem, kw_only=True):
    """As ``CreatedAgent``, or an ``error``."""

    id: str | None = None


class CreatedBotItem(BatchItem, kw_only=True):
    """As ``CreatedBot``, or an ``error``."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"secret"})
    id: str | None = None
    secret: str | None = None

    def __post_init__(self) -> None:
        if self.secret is not None:
            register(self.secret)


class BatchOfChanges(Result, kw_only=True):
    """What became of each request, in their order."""

    responses: list[BatchItem]


class BatchOfAgents(Result, kw_only=True):
    """What became of each request to make an agent, in their order."""

    responses: list[CreatedAgentItem]


class BatchOfBots(Result, kw_only=True):
    """What became of each request to make a bot, in their order."""

    responses: list[CreatedBotItem]
