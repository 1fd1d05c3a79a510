"""What the store keeps: one Struct per kind of record.

Records of chats, threads and customers are mutable and private to the unit of work that read them,
which saves those that changed.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from frontdesk.models import (
    AISummary,
    AutoAccessConditions,
    CompanyDetails,
    Customer,
    CustomerVisit,
    Greeting,
    ProductSource,
    RegisteredFilters,
    WorkScheduler,
)
from frontdesk.models.customer_chat.widget import FormTemplate

__all__ = [
    "AgentRecord",
    "AutoAccessRecord",
    "BanRecord",
    "BotTemplateRecord",
    "CannedResponseRecord",
    "ChannelRecord",
    "ChatRecord",
    "ChatUser",
    "ClientType",
    "CodeRecord",
    "ConsentRecord",
    "CustomerRecord",
    "EventRow",
    "FileRecord",
    "GroupRecord",
    "LastThread",
    "LicenseRecord",
    "LoginRecord",
    "OAuthClientRecord",
    "OrganizationRecord",
    "Priority",
    "Properties",
    "PropertyRecord",
    "QueueRow",
    "RefreshTokenRecord",
    "RoutingStatus",
    "TagRecord",
    "ThreadRecord",
    "TimerRow",
    "TokenRecord",
    "WebhookRecord",
]

Properties = dict[str, dict[str, Any]]
RoutingStatus = Literal["accepting_chats", "not_accepting_chats", "offline"]
Priority = Literal["first", "normal", "last", "supervisor"]
Visibility = Literal["all", "agents"]
ClientType = Literal["public", "server_side"]


def _everybody() -> list[int]:
    return [0]


class AutoAccessRecord(Struct, kw_only=True, frozen=True):
    """A rule of auto access: the groups that have the chats of customers whom it fits."""

    id: str
    group_ids: list[int]
    conditions: AutoAccessConditions
    description: str = ""


class ChannelRecord(Struct):
    """Where chats come from, and when the first of them came; as ``models.Channel``."""

    type: Literal["code", "direct_link", "integration"]
    subtype: str
    first_activity_at: datetime


class BotTemplateRecord(Struct, kw_only=True):
    """What bots are made from where an app is installed; these have its ``id`` and ``secret``.

    ``default_group_priority`` is None when none was given.
    """

    id: str
    secret: str
    owner_client_id: str
    name: str
    avatar: str = ""
    max_chats: int
    default_group_priority: Priority | None = None
    job_title: str = ""

    def __repr__(self) -> str:
        return f"BotTemplateRecord(id={self.id!r}, name={self.name!r})"


class BanRecord(Struct, kw_only=True, frozen=True):
    """A ban of a customer, of an IP address, or of both.

    ``ip`` of a customer alone is where the customer was; ``bans_ip`` is true if others who come
    from there are banned as well. ``thread_id`` is the thread that the ban closed.
    """

    agent_id: str
    created_at: datetime
    expires_at: datetime
    customer_id: str | None = None
    ip: str | None = None
    bans_ip: bool = False
    thread_id: str | None = None


class LicenseRecord(Struct, kw_only=True):
    """The license and the values of its properties.

    ``webhooks_off`` are the client ids whose license webhooks are disabled. ``auto_accesses`` are
    in the order in which they are asked. ``source`` is where the license came from, ``company`` who
    has it. ``allowed_domains`` may embed the chat widget. ``bot_templates`` are those of all client
    ids, by id. ``last_group_id`` and ``last_greeting_id`` are the highest ids that a group and a
    greeting ever had: none is used again. ``bans`` are in the order in which they were made.
    """

    id: str
    organization_id: str
    plan: str
    created_at: datetime
    expires_at: datetime
    in_trial: bool = False
    region: str = "dal"
    properties: Properties = {}
    webhooks_off: list[str] = []
    auto_accesses: list[AutoAccessRecord] = []
    source: ProductSource = field(default_factory=ProductSource)
    company: CompanyDetails = field(default_factory=CompanyDetails)
    channels: list[ChannelRecord] = []
    allowed_domains: list[str] = []
    bot_templates: dict[str, BotTemplateRecord] = {}
    last_group_id: int = 0
    last_greeting_id: int = 0
    bans: list[BanRecord] = []


class AgentRecord(Struct, kw_only=True):
    """An agent, or a bot (``bot`` true).

    ``status`` is the routing status now, ``default_status`` the one a new session starts with,
    ``last_status`` the one that the last session ended with. ``auto_away`` is true while the agent
    accepts no chats only because all connections are away.
    ``role`` is what the API reports: owner, viceowner, administrator or normal. ``number`` counts
    agents in the order they were made. ``last_logout`` is when the agent last went offline;
    ``unsuspension_requested_at`` when a suspended one last asked to be let in again.

    Of a bot: ``default_group_priority`` is the priority in groups for which none is given, None for
    none; ``groups_given`` is false as long as its groups are not named but follow from that, and
    ``everybodys_given`` as long as the group of everybody is not among those that are named.
    ``made_with_pat`` says that it was made with a personal access token.
    """

    id: str
    name: str
    account_id: str = ""
    bot: bool = False
    role: str = "normal"
    avatar: str = ""
    groups: dict[int, Priority] = {}
    status: RoutingStatus = "offline"
    default_status: RoutingStatus = "accepting_chats"
    last_status: RoutingStatus = "accepting_chats"
    auto_away: bool = False
    max_chats: int | None = None
    awaiting_approval: bool = False
    suspended: bool = False
    owner_client_id: str = ""
    bot_type: str = "chatbot"
    secret: str = ""
    number: int = 0
    followed_customers: list[str] = []
    job_title: str = ""
    work_scheduler: WorkScheduler | None = None
    default_group_priority: Priority | None = None
    groups_given: bool = True
    everybodys_given: bool = False
    made_with_pat: bool = False
    mobile: str = ""
    notifications: list[str] = []
    email_subscriptions: list[str] = []
    last_logout: datetime | None = None
    unsuspension_requested_at: datetime | None = None

    def __repr__(self) -> str:
        kind = "bot" if self.bot else self.role
        return f"AgentRecord(id={self.id!r}, name={self.name!r}, {kind}, {self.status})"


class GroupRecord(Struct, kw_only=True):
    """A group of agents; group 0 holds everybody.

    ``translations`` is language -> key -> phrase of the chat widget. ``greetings`` are in the order
    of their ids; they go with the group, as its properties do. ``forms`` are those of the chat
    widget by type, ``None`` for one that is switched off; the group has plain ones of the others.
    """

    id: int
    name: str
    language_code: str = "en"
    properties: Properties = {}
    translations: dict[str, dict[str, str]] = {}
    greetings: list[Greeting] = []
    forms: dict[str, FormTemplate | None] = {}


class TagRecord(Struct, kw_only=True):
    """A tag and the groups that may use it."""

    name: str
    group_ids: list[int]
    created_at: datetime
    author_id: str = ""


class CannedResponseRecord(Struct, kw_only=True):
    """A text that agents keep ready.

    ``author_id`` changed it last. A private one is ``owner_id``'s, who need not be the author: an
    administrator who mends somebody's text does not take it away.
    """

    id: int
    text: str
    tags: list[str]
    group_id: int
    is_private: bool
    owner_id: str
    author_id: str
    created_at: datetime
    updated_at: datetime


class TokenRecord(Struct, kw_only=True):
    """A token: ``id`` is what the client sends (for a PAT ``account_id:token``).

    Of one that the accounts server gave: ``grant_id`` is the log-in that it comes from,
    ``refresh_id`` the refresh token that it makes a pair with, and ``number`` counts up among the
    tokens of its client and account. ``account_id`` and ``organization_id`` are empty for tokens
    of the license's own organization that came another way.
    """

    id: str
    kind: Literal["bearer", "pat", "bot"]
    user_id: str
    client_id: str
    scopes: list[str]
    region: str = "dal"
    expires_at: datetime | None = None
    name: str = ""
    account_id: str = ""
    organization_id: str = ""
    grant_id: str = ""
    refresh_id: str = ""
    number: int = 0

    def __repr__(self) -> str:
        return f"TokenRecord(kind={self.kind!r}, user_id={self.user_id!r}, name={self.name!r})"


class OAuthClientRecord(Struct, kw_only=True):
    """An application that accounts log in to.

    ``type``: a ``public`` one runs where its users see everything, and has no secret.
    ``accounts_sdk_challenge``: the challenges of LiveChat's own accounts SDK are accepted too.
    """

    id: str
    name: str
    type: ClientType
    secret: str = ""
    redirect_uris: list[str] = []
    scopes: list[str] = []
    access_token_seconds: int
    accounts_sdk_challenge: bool = False

    def __repr__(self) -> str:
        return f"OAuthClientRecord(id={self.id!r}, name={self.name!r}, type={self.type!r})"


class OrganizationRecord(Struct, kw_only=True, frozen=True):
    """An organization besides the license's own; ``accounts`` is agent id -> account id."""

    id: str
    name: str
    accounts: dict[str, str]


class CodeRecord(Struct, kw_only=True):
    """An authorization code, whose ``id`` it is; kept for a while after it is ``used``.

    ``code_challenge`` is empty if there was none.
    """

    id: str
    client_id: str
    user_id: str
    account_id: str
    organization_id: str
    redirect_uri: str
    scopes: list[str]
    expires_at: datetime
    grant_id: str
    code_challenge: str = ""
    code_challenge_method: str = ""
    used: bool = False

    def __repr__(self) -> str:
        return f"CodeRecord(client_id={self.client_id!r}, user_id={self.user_id!r})"


class RefreshTokenRecord(Struct, kw_only=True):
    """A refresh token, whose ``id`` it is.

    ``access_id`` is the access token that it makes a pair with. A ``rotated`` one has been replaced
    by another; it is kept to notice when somebody uses it again.
    """

    id: str
    client_id: str
    user_id: str
    account_id: str
    organization_id: str
    scopes: list[str]
    grant_id: str
    access_id: str
    number: int
    rotated: bool = False

    def __repr__(self) -> str:
        return f"RefreshTokenRecord(client_id={self.client_id!r}, user_id={self.user_id!r})"


class ConsentRecord(Struct, kw_only=True):
    """What the accounts server knows of a client and an account; ``id`` is made of both ids.

    ``redirected_at`` are the latest redirects back to the client, in microseconds since 1970.
    ``scopes`` are those that the account agreed to.
    """

    id: str
    scopes: list[str] = []
    redirected_at: list[int] = []


class LoginRecord(Struct, kw_only=True, frozen=True):
    """A browser that has logged in; ``id`` is in its cookie."""

    id: str
    user_id: str
    organization_id: str
    number: int

    def __repr__(self) -> str:
        return f"LoginRecord(user_id={self.user_id!r})"


class WebhookRecord(Struct, kw_only=True):
    """A registered webhook; ``filters`` as the API takes them.

    ``version`` is the one it was registered with, which its payloads follow. ``organization_id`` is
    empty for the license's own organization.
    """

    id: str
    action: str
    url: str
    secret_key: str
    owner_client_id: str
    type: Literal["license", "bot"]
    description: str | None = None
    filters: RegisteredFilters | None = None
    additional_data: list[str] = []
    version: tuple[int, int] = (3, 6)
    organization_id: str = ""

    def __repr__(self) -> str:
        return f"WebhookRecord(id={self.id!r}, action={self.action!r}, url={self.url!r})"


class PropertyRecord(Struct, kw_only=True):
    """The definition of a property.

    ``access`` is location -> role (``agent``, ``customer``) -> ``read`` and ``write``.
    ``public_access`` is what of it other client ids have once it is ``public``; ``None`` is all.
    """

    namespace: str
    name: str
    type: Literal["int", "bool", "string", "tokenized_string"]
    access: dict[str, dict[str, list[str]]]
    owner_client_id: str = ""
    public: bool = False
    public_access: list[str] | None = None
    domain: list[Any] | None = None
    range_from: float | None = None
    range_to: float | None = None
    default_value: Any = None
    description: str = ""


class ShownGreeting(Struct):
    """A greeting that is shown to a customer: which one, and which showing of it.

    ``agent_id`` is who says it. ``first_time`` is false if the customer has seen it before.
    """

    greeting_id: int
    unique_id: str
    accepted: bool = False
    shown_at: datetime | None = None
    agent_id: str = ""
    first_time: bool = True


class WelcomeRecord(Struct):
    """The welcome message that a customer got last, before a chat: ``agent_id`` says ``text``."""

    id: str
    group_id: int
    agent_id: str
    text: str
    created_at: datetime


class EmailRequest(Struct):
    """A request for the verification of an e-mail address; ``callback_uri`` wants to hear of it."""

    callback_uri: str
    requested_at: datetime
    email: str = ""


class CustomerRecord(Struct, kw_only=True):
    """A customer: the profile as the API shows it, and what only the sandbox knows.

    ``group_ids`` are the groups whose agents see the customer on the website; ``auto_access`` those
    for the customer's next chat, ``None`` for everybody: those of the rule of auto access that fits
    the page (``rule_groups``), or ``chosen_group``, which the website named at the log-in.
    ``connected`` is true while the visit is one of RTM connections, and ends with the last of them.
    ``greetings_seen`` are the greetings that were ever shown, ``greetings_of_visit`` those of this
    visit, and ``visit_pages`` is how many pages it has.
    ``visit_number`` counts visits; ``banned_until`` is when the last of the customer's bans ends.
    """

    profile: Customer
    online: bool = False
    group_ids: list[int] = field(default_factory=_everybody)
    auto_access: list[int] | None = None
    rule_groups: list[int] | None = None
    chosen_group: int | None = None
    connected: bool = False
    banned_until: datetime | None = None
    left_at: datetime | None = None
    visit_number: int = 0
    greeting: ShownGreeting | None = None
    greetings_seen: list[int] = []
    greetings_of_visit: list[int] = []
    visit_pages: int = 0
    welcome: WelcomeRecord | None = None
    email_requests: list[EmailRequest] = []

    @property
    def id(self) -> str:
        """The customer's id."""
        return self.profile.id


class ChatUser(Struct, array_like=True, gc=False):
    """A user of a chat, now (``present``) or before."""

    id: str
    type: Literal["agent", "customer"]
    present: bool = True
    visibility: Visibility = "all"
    seen_up_to: datetime | None = None

    def see(self, up_to: datetime) -> None:
        """Move up to where the user has seen the chat, which never goes back."""
        if self.seen_up_to is None or up_to > self.seen_up_to:
            self.seen_up_to = up_to


class LastThread(Struct, array_like=True, gc=False):
    """What a chat needs to know of its last thread without reading it.

    ``events`` is the number of the last event; ``last_event_at`` is when somebody last wrote
    (system messages do not count), ``unanswered_since`` since when a customer waits for a response.
    ``unreplied``: the customer wrote, and no agent or bot has responded in the thread yet; ``None``
    as long as the customer has not written. ``handed_over_by`` are bots that gave the chat away.
    """

    num: int
    id: str
    active: bool
    created_at: datetime
    events: int = 0
    last_event_at: datetime | None = None
    unanswered_since: datetime | None = None
    idle: bool = False
    queued: bool = False
    unreplied: bool | None = None
    handed_over_by: tuple[str, ...] = ()


class ChatRecord(Struct, array_like=True):
    """A chat. ``last_events`` is event type -> ``threads.num`` and ``events.n`` of its last one."""

    num: int
    id: str
    created_at: datetime
    customer_id: str | None
    group_ids: list[int]
    users: list[ChatUser]
    last_thread: LastThread | None = None
    properties: Properties = {}
    followers: list[str] = []
    last_events: dict[str, tuple[int, int]] = {}
    continuous: bool = False
    agent_wrote_at: datetime | None = None
    customer_wrote_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether the last thread is open."""
        return self.last_thread is not None and self.last_thread.active

    def user(self, user_id: str) -> ChatUser | None:
        """Return the user of that id, present or not."""
        for user in self.users:
            if user.id == user_id:
                return user
        return None

    def present_user(self, user_id: str) -> ChatUser | None:
        """Return the user of that id, if in the chat now."""
        for user in self.users:
            if user.id == user_id and user.present:
                return user
        return None

    def present_agents(self) -> list[ChatUser]:
        """Return the agents and bots in the chat now."""
        return [user for user in self.users if user.present and user.type == "agent"]


class ThreadRecord(Struct, array_like=True):
    """A thread; ``previous_id`` and ``next_id`` are its neighbours in the chat.

    ``sales`` and ``goals`` are ids of the sales trackers and goals that were met in it.
    """

    num: int
    id: str
    chat: int
    chat_id: str
    created_at: datetime
    active: bool
    group_ids: list[int]
    user_ids: list[str]
    properties: Properties = {}
    tags: list[str] = []
    previous_id: str | None = None
    next_id: str | None = None
    closed_at: datetime | None = None
    queued_at: datetime | None = None
    queues_duration: int | None = None
    summary: AISummary | None = None
    customer_visit: CustomerVisit | None = None
    restricted_access: str | None = None
    sales: list[int] = []
    goals: list[int] = []


class EventRow(Struct, array_like=True, gc=False):
    """An event: ``data`` is its JSON as the API sends it."""

    thread: int
    n: int
    type: str
    author_id: str | None
    created_at: int
    deleted: bool
    data: bytes


class QueueRow(Struct, array_like=True, gc=False):
    """A queued chat: lower ranks are served first, then the longest wait."""

    thread: int
    group_id: int
    chat: int
    rank: int
    queued_at: int

    @property
    def order(self) -> tuple[int, int, int]:
        """What rows are served by."""
        return self.rank, self.queued_at, self.thread


class TimerRow(Struct, array_like=True, gc=False):
    """Something to do at a time; there is one timer for each kind and subject."""

    id: int
    due: int
    kind: str
    subject: str
    data: bytes | None = None


class FileRecord(Struct, kw_only=True):
    """An uploaded file; ``expires_at`` is None once an event uses it."""

    id: str
    name: str
    content_type: str
    size: int
    url: str
    uploaded_by: str
    expires_at: datetime | None = None
    width: int | None = None
    height: int | None = None
