"""Every error that frontdesk raises.

::

    FrontdeskError
    ├── InvalidArgument               an argument breaks a rule of the API; nothing was sent
    │   └── UnexpectedArgument        … because the structure has no such field, or lacks one
    ├── MissingToken                  no token was given and none is in the environment
    ├── MissingDependency             packages are not installed; it says how to get them
    ├── BudgetExceeded                the request budget is spent; nothing was sent
    ├── ClientClosed                  the client was used after it was closed
    ├── NoEventLoop                   an async client was used outside of asyncio
    ├── TransportError                no complete response arrived
    │   ├── ConnectError              no connection: unreachable host, refused, TLS, proxy
    │   │   ├── CertificateError      … because the server's certificate is not trusted
    │   │   └── UnknownHost           … because the host name cannot be resolved
    │   ├── RequestTimeout            no response within ``timeout``
    │   │   └── PoolTimeout           … because all connections were busy; nothing was sent
    │   ├── ResponseTooLarge          the response exceeds ``max_response_bytes``
    │   └── ConnectionClosed          the connection ended before the response did
    │       └── Disconnected          … because the server ended the RTM session
    ├── DecodeError                   a response arrived that is not what the API promises
    │   └── NotTheAPI                 … because something else responded (a proxy's HTML page)
    ├── StoreError                    the database of a sandbox cannot be used
    │   ├── StoreInUse                … because another process has the file open
    │   └── ForeignFile               … because it is not the file of a sandbox of this version
    ├── ExportError                   an export of the archives cannot go on
    │   ├── TargetInUse               … because another run is writing to its target
    │   └── ForeignTarget             … because the target holds something else
    ├── ServerError                   a sandbox cannot be served at its address
    ├── OAuthError                    a log-in, or a call of the accounts server, failed
    │   ├── LoginRequired             there is no token to be had without the user
    │   │   ├── InvalidGrant          … because the code or refresh token is not accepted
    │   │   └── NotInstalled          … because the organization has not installed the app
    │   │       └── InstallationEnded … or its tokens were revoked
    │   ├── InvalidClient             the client id is unknown, or its secret is wrong
    │   ├── UnauthorizedClient        the app may not log in that way
    │   ├── InvalidScope              a scope is unknown, or above the user's role
    │   ├── InvalidOAuthRequest       a parameter is missing or malformed
    │   ├── AccessDenied              the user did not let the app in
    │   ├── StateMismatch             the callback belongs to another log-in
    │   ├── RedirectMismatch          the redirect URI is another's
    │   ├── TooManyRedirects          the user was sent to the app too often
    │   ├── TemporarilyUnavailable    the accounts server takes no more requests at present
    │   └── TokenRejected             the access token is expired or revoked
    ├── TokenStoreError               what keeps the tokens cannot be used
    │   ├── TokenStoreDamaged         … because it holds something else, or half of it
    │   ├── TokenStoreExposed         … because others may read the file
    │   └── TokenStoreUnavailable     … because it does not respond, or is held by another
    ├── BotError                      a bot cannot do its work
    │   ├── NotInChat                 it is no user of the chat any more
    │   ├── QueueError                its queue cannot be used
    │   │   ├── QueueUnavailable      … because nobody stores items at present
    │   │   │   └── QueueFull         … because there is no room
    │   │   ├── ItemTooLarge          … because a webhook exceeds what it takes
    │   │   └── ForeignQueue          … because it is another bot's, or has other settings
    │   ├── ModelBudgetExceeded       a chat has used up what its language model may cost
    │   └── StateStoreError           what keeps the state of chats cannot be used
    │       ├── StateConflict         … because somebody else changed it meanwhile
    │       └── StateDamaged          … because it cannot be read any more
    └── APIError                      the API responded with an error; one class per error type
        ├── AgentOffline ─ WrongProductVersion (the documented types)
        └── UnknownAPIError           a type that this version of frontdesk does not know

An ``APIError`` is chosen by ``error.type`` of the response and never by its HTTP status, because
the API documents types only.

Source: https://platform.text.com/docs/messaging/agent-chat-api#possible-errors
"""

from frontdesk.errors.api import (
    API_ERRORS,
    AgentOffline,
    AlreadyExists,
    APIError,
    AuthenticationError,
    AuthorizationError,
    ChatAlreadyActive,
    ChatAnonymized,
    ChatInactive,
    CustomerBanned,
    EntityTooLarge,
    GreetingNotFound,
    GroupNotFound,
    GroupOffline,
    GroupsOffline,
    GroupUnavailable,
    InternalError,
    LicenseExpired,
    LicenseNotFound,
    LimitReached,
    MisdirectedRequest,
    MissingAccess,
    NotAllowed,
    NotFound,
    OwnershipTransfer,
    PendingRequestsLimitReached,
    RequesterAlreadyOffline,
    RequesterAwaitingApproval,
    RequesterSuspended,
    SeatsLimitExceeded,
    ServiceTimeout,
    ServiceUnavailable,
    TooManyRequests,
    TransferOwnership,
    UnknownAPIError,
    UnsupportedVersion,
    UsersLimitReached,
    ValidationError,
    WrongProductVersion,
    api_error,
)
from frontdesk.errors.base import (
    BudgetExceeded,
    ClientClosed,
    DecodeError,
    ExportError,
    ForeignFile,
    ForeignTarget,
    FrontdeskError,
    InvalidArgument,
    MissingDependency,
    MissingToken,
    NoEventLoop,
    NotTheAPI,
    ServerError,
    StoreError,
    StoreInUse,
    TargetInUse,
    UnexpectedArgument,
)
from frontdesk.errors.bots import (
    BotError,
    ForeignQueue,
    ItemTooLarge,
    ModelBudgetExceeded,
    NotInChat,
    QueueError,
    QueueFull,
    QueueUnavailable,
    StateConflict,
    StateDamaged,
    StateStoreError,
)
from frontdesk.errors.oauth import (
    AccessDenied,
    InstallationEnded,
    InvalidClient,
    InvalidGrant,
    InvalidOAuthRequest,
    InvalidScope,
    LoginRequired,
    NotInstalled,
    OAuthError,
    RedirectMismatch,
    StateMismatch,
    TemporarilyUnavailable,
    TokenRejected,
    TokenStoreDamaged,
    TokenStoreError,
    TokenStoreExposed,
    TokenStoreUnavailable,
    TooManyRedirects,
    UnauthorizedClient,
)
from frontdesk.errors.transport import (
    CertificateError,
    ConnectError,
    ConnectionClosed,
    Disconnected,
    PoolTimeout,
    RequestTimeout,
    ResponseTooLarge,
    TransportError,
    UnknownHost,
)

__all__ = [
    "API_ERRORS",
    "APIError",
    "AccessDenied",
    "AgentOffline",
    "AlreadyExists",
    "AuthenticationError",
    "AuthorizationError",
    "BotError",
    "BudgetExceeded",
    "CertificateError",
    "ChatAlreadyActive",
    "ChatAnonymized",
    "ChatInactive",
    "ClientClosed",
    "ConnectError",
    "ConnectionClosed",
    "CustomerBanned",
    "DecodeError",
    "Disconnected",
    "EntityTooLarge",
    "ExportError",
    "ForeignFile",
    "ForeignQueue",
    "ForeignTarget",
    "FrontdeskError",
    "GreetingNotFound",
    "GroupNotFound",
    "GroupOffline",
    "GroupUnavailable",
    "GroupsOffline",
    "InstallationEnded",
    "InternalError",
    "InvalidArgument",
    "InvalidClient",
    "InvalidGrant",
    "InvalidOAuthRequest",
    "InvalidScope",
    "ItemTooLarge",
    "LicenseExpired",
    "LicenseNotFound",
    "LimitReached",
    "LoginRequired",
    "MisdirectedRequest",
    "MissingAccess",
    "MissingDependency",
    "MissingToken",
    "ModelBudgetExceeded",
    "NoEventLoop",
    "NotAllowed",
    "NotFound",
    "NotInChat",
    "NotInstalled",
    "NotTheAPI",
    "OAuthError",
    "OwnershipTransfer",
    "PendingRequestsLimitReached",
    "PoolTimeout",
    "QueueError",
    "QueueFull",
    "QueueUnavailable",
    "RedirectMismatch",
    "RequestTimeout",
    "RequesterAlreadyOffline",
    "RequesterAwaitingApproval",
    "RequesterSuspended",
    "ResponseTooLarge",
    "SeatsLimitExceeded",
    "ServerError",
    "ServiceTimeout",
    "ServiceUnavailable",
    "StateConflict",
    "StateDamaged",
    "StateMismatch",
    "StateStoreError",
    "StoreError",
    "StoreInUse",
    "TargetInUse",
    "TemporarilyUnavailable",
    "TokenRejected",
    "TokenStoreDamaged",
    "TokenStoreError",
    "TokenStoreExposed",
    "TokenStoreUnavailable",
    "TooManyRedirects",
    "TooManyRequests",
    "TransferOwnership",
    "TransportError",
    "UnauthorizedClient",
    "UnexpectedArgument",
    "UnknownAPIError",
    "UnknownHost",
    "UnsupportedVersion",
    "UsersLimitReached",
    "ValidationError",
    "WrongProductVersion",
    "api_error",
]
