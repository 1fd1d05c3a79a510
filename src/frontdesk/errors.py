"""Every error that frontdesk raises.

::

    FrontdeskError
    ├── InvalidArgument               an argument breaks a rule of the API; nothing was sent
    │   └── UnexpectedArgument        … because the structure has no such field, or lacks one
    ├── MissingToken                  no token was given and none is in the environment
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
    ├── ServerError                   a sandbox cannot be served at its address
    └── APIError                      the API responded with an error; one class per error type
        ├── AgentOffline ─ WrongProductVersion (the documented types)
        └── UnknownAPIError           a type that this version of frontdesk does not know

An ``APIError`` is chosen by ``error.type`` of the response and never by its HTTP status, because
the API documents types only.

Source: https://platform.text.com/docs/messaging/agent-chat-api#possible-errors
"""

from typing import Any, ClassVar, Final

from frontdesk.redaction import one_line, redacted, redacted_data

__all__ = [
    "API_ERRORS",
    "APIError",
    "AgentOffline",
    "AlreadyExists",
    "AuthenticationError",
    "AuthorizationError",
    "BudgetExceeded",
    "CertificateError",
    "ChatAnonymized",
    "ChatInactive",
    "ClientClosed",
    "ConnectError",
    "ConnectionClosed",
    "CustomerBanned",
    "DecodeError",
    "Disconnected",
    "EntityTooLarge",
    "ForeignFile",
    "FrontdeskError",
    "GreetingNotFound",
    "GroupNotFound",
    "GroupOffline",
    "GroupUnavailable",
    "GroupsOffline",
    "InternalError",
    "InvalidArgument",
    "LicenseExpired",
    "LicenseNotFound",
    "LimitReached",
    "MisdirectedRequest",
    "MissingAccess",
    "MissingToken",
    "NoEventLoop",
    "NotAllowed",
    "NotFound",
    "NotTheAPI",
    "OwnershipTransfer",
    "PendingRequestsLimitReached",
    "PoolTimeout",
    "RequestTimeout",
    "RequesterAlreadyOffline",
    "RequesterAwaitingApproval",
    "RequesterSuspended",
    "ResponseTooLarge",
    "SeatsLimitExceeded",
    "ServerError",
    "ServiceTimeout",
    "ServiceUnavailable",
    "StoreError",
    "StoreInUse",
    "TooManyRequests",
    "TransferOwnership",
    "TransportError",
    "UnexpectedArgument",
    "UnknownAPIError",
    "UnknownHost",
    "UnsupportedVersion",
    "UsersLimitReached",
    "ValidationError",
    "WrongProductVersion",
    "api_error",
]


LONGEST_SHOWN: Final = 1000
"""Characters of one of the server's texts that a message shows."""


class FrontdeskError(Exception):
    """Base of every error that frontdesk raises.

    Its texts show neither tokens nor passwords, even where a server or a proxy echoes them.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(redacted(part) if isinstance(part, str) else part for part in args))


class InvalidArgument(FrontdeskError, ValueError):
    """An argument breaks a rule of the API, and nothing was sent.

    ``field`` is the dotted path of the argument (``event.text``), ``rule`` the rule it breaks.
    """

    def __init__(self, field: str, rule: str) -> None:
        self.field: str = redacted(field)
        self.rule: str = redacted(rule)
        super().__init__(f"`{field}` {rule}" if field else rule)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.field, self.rule), self.__dict__


class UnexpectedArgument(InvalidArgument, TypeError):
    """A structure was built with an argument that it does not have, or without a required one.

    ``rule`` names the argument that may be meant. Also a ``TypeError``, as for any function.
    """


class MissingToken(FrontdeskError):
    """No token was given, and ``FRONTDESK_TOKEN`` is not set."""


class BudgetExceeded(FrontdeskError):
    """The next request would exceed the client's budget; it was not sent.

    ``limit`` is the budget in requests, ``failure`` the error of the request before, if this one
    was to be its retry; also the ``__cause__``.
    """

    def __init__(self, limit: int, failure: FrontdeskError | None = None) -> None:
        self.limit = limit
        self.failure = failure
        unsent = "the request was not sent"
        if failure is not None:
            unsent = f"what failed was not tried again ({_shown(str(failure)).rstrip('.')})"
        super().__init__(
            f"the budget of {limit} requests is spent; {unsent}. "
            "Raise the client's `budget` to go on"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.limit, self.failure), self.__dict__


class ClientClosed(FrontdeskError):
    """The client was used after ``close()`` or after its ``with`` block.

    Nothing was sent then. Closed while a request of it is under way, an async client raises this
    too; the message says so, and the work may have been done.
    """


class NoEventLoop(FrontdeskError, RuntimeError):
    """An async client was used where no event loop of asyncio runs, such as in trio."""

    maybe_sent = False


class TransportError(FrontdeskError):
    """No complete response arrived.

    ``maybe_sent`` is false when the request certainly did not reach the server, so that a retry
    cannot duplicate anything. ``retryable`` is false when another attempt would fail in the same
    way: a certificate that is not trusted, a host name that does not exist. ``action`` and
    ``attempts`` say which call failed and how many requests were tried.
    """

    maybe_sent: bool = True
    retryable: bool = True
    action: str | None = None
    attempts: int = 0

    def __init__(
        self, message: str, *, maybe_sent: bool | None = None, retryable: bool | None = None
    ) -> None:
        # It may hold what a server or proxy sent instead of HTTP.
        self.message: str = one_line(redacted(message))
        if maybe_sent is not None:
            self.maybe_sent = maybe_sent
        if retryable is not None:
            self.retryable = retryable
        super().__init__(self.message)

    def __str__(self) -> str:
        text = f"{self.action}: {self.message}" if self.action else self.message
        if self.attempts > 1:
            text += f" (tried {self.attempts} times)"
        return text


class ConnectError(TransportError):
    """No connection could be made: the host is unreachable, refuses, or fails the TLS check."""

    maybe_sent = False


class CertificateError(ConnectError):
    """The server's certificate is not trusted; another attempt would fail in the same way."""

    retryable = False


class UnknownHost(ConnectError):
    """The host name cannot be resolved; another attempt would fail in the same way."""

    retryable = False


class RequestTimeout(TransportError):
    """No response arrived within the ``timeout``; the server may still have done the work."""


class PoolTimeout(RequestTimeout):
    """All connections were busy for the whole ``timeout``, and the request was not sent.

    Make fewer calls at once, or raise ``timeout``.
    """

    maybe_sent = False
    retryable = False


class ResponseTooLarge(TransportError):
    """The response exceeds the client's ``max_response_bytes``; the server did the work.

    Ask for less (a smaller ``limit``), or raise ``max_response_bytes``.
    """

    retryable = False


class ConnectionClosed(TransportError):
    """The connection ended before the whole response arrived; the work may have been done."""


class Disconnected(ConnectionClosed):
    """The server ended the RTM session.

    ``reason`` is the server's own (``connection_evicted``, ``access_token_revoked``, …), ``region``
    the data centre that it named, if any.
    """

    def __init__(self, reason: str, region: str | None = None) -> None:
        self.reason: str = redacted(reason)
        self.region = region
        text = f"the server ended the session: {reason}"
        super().__init__(f"{text}; it names region {region}" if region else text)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.region), self.__dict__


class DecodeError(FrontdeskError):
    """A response arrived that is not what the API promises.

    ``path`` is where in the response it differs, ``excerpt`` its first bytes.
    """

    def __init__(self, message: str, *, path: str = "", excerpt: str = "") -> None:
        # It may name the content type, or another header, of whoever responded.
        self.message: str = one_line(redacted(message))
        self.path: str = redacted(path)
        self.excerpt: str = redacted(excerpt)
        shown = self.message
        super().__init__(f"{shown}; it begins with {excerpt!r}" if excerpt else shown)


class NotTheAPI(DecodeError):
    """Something else than the API responded, such as a proxy's HTML page.

    ``status`` is its HTTP status.
    """

    status: int = 0


class StoreError(FrontdeskError):
    """The database of a sandbox cannot be used; the message says why and what to do."""


class StoreInUse(StoreError):
    """Another process has the database file of the sandbox open."""


class ForeignFile(StoreError):
    """The file, or a snapshot, is not the database of a sandbox of this version."""


class ServerError(FrontdeskError):
    """A sandbox cannot be served at its address; the message says why and what to do."""


class APIError(FrontdeskError):
    """The API responded with an error.

    ``type``, ``message`` and ``data`` are the API's own; ``status`` is the HTTP status (0 over
    RTM); ``action`` the method called; ``request_id`` the server's debug id or the RTM request id;
    ``attempts`` how many requests were sent for the call.

    ``str`` is one line with at most 1000 characters of each text; the attributes have them whole.
    """

    error_type: ClassVar[str] = ""
    """The type on the wire that the class stands for."""
    next_step: ClassVar[str] = ""
    """What to do about it; ends the text of the error."""

    def __init__(
        self,
        message: str = "",
        *,
        type: str = "",
        data: Any = None,
        status: int = 0,
        action: str = "",
        request_id: str | None = None,
        attempts: int = 1,
    ) -> None:
        self.type: str = redacted(type) or self.error_type
        self.message: str = redacted(message)
        self.data: Any = redacted_data(data)
        self.status = status
        self.action = action
        self.request_id: str | None = redacted(request_id) if request_id else request_id
        self.attempts = attempts
        super().__init__(message)

    def __str__(self) -> str:
        where = f"{self.action}: " if self.action else ""
        message, kind = _shown(self.message).rstrip("."), _shown(self.type)
        text = f"{where}{kind}: {message}" if message else f"{where}{kind}"
        details = [f"HTTP {self.status}"] if self.status else []
        if self.attempts > 1:
            details.append(f"{self.attempts} attempts")
        if self.request_id:
            details.append(f"request id {_shown(self.request_id)}")
        if details:
            text += f" ({', '.join(details)})"
        return f"{text}. {self.next_step}" if self.next_step else text


def _shown(text: str) -> str:
    """Return what the server wrote as part of a message, which goes into logs and to terminals."""
    text = one_line(text)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


class UnknownAPIError(APIError):
    """An error type that this version of frontdesk does not know; ``type`` tells it."""

    next_step = "See LiveChat's docs for this type; a newer frontdesk may know it"


class AgentOffline(APIError):
    """The agent was offline, and the request was not processed."""

    error_type = "agent_offline"
    next_step = "Choose another agent, or set this one to accepting_chats first"


class AlreadyExists(APIError):
    """Configuration API: the entity exists already."""

    error_type = "already_exists"
    next_step = "Use another name or id, or change the one that is there"


class AuthenticationError(APIError):
    """The access token is invalid or expired."""

    error_type = "authentication"
    next_step = "Get a new token, or pass a token getter so that frontdesk asks for one itself"


class AuthorizationError(APIError):
    """The requester may not do this: a scope of the token or the role of its owner is too low."""

    error_type = "authorization"
    next_step = "Use a token with the scopes that the method's documentation names"


class ChatAnonymized(APIError):
    """The chat has been anonymized."""

    error_type = "chat_anonymized"
    next_step = "Its content is gone for good; leave it out"


class ChatInactive(APIError):
    """The method needs an active thread, and the chat has none."""

    error_type = "chat_inactive"
    next_step = "Call resume_chat first"


class CustomerBanned(APIError):
    """The customer is banned."""

    error_type = "customer_banned"
    next_step = "Wait until the ban ends"


class EntityTooLarge(APIError):
    """The request is too large."""

    error_type = "entity_too_large"
    next_step = "Send less: a file has at most 10 MB"


class GreetingNotFound(APIError):
    """There is no such greeting."""

    error_type = "greeting_not_found"
    next_step = "Check the id of the greeting"


class GroupNotFound(APIError):
    """There is no such group."""

    error_type = "group_not_found"
    next_step = "Check the id of the group"


class GroupOffline(APIError):
    """The group is offline."""

    error_type = "group_offline"
    next_step = "Choose another group, or wait until one of its agents is online"


class GroupUnavailable(APIError):
    """No agent of the group is available."""

    error_type = "group_unavailable"
    next_step = "Choose another group, or wait until one of its agents accepts chats"


class GroupsOffline(APIError):
    """All the groups are offline."""

    error_type = "groups_offline"
    next_step = "Wait until an agent is online, or make the chat `continuous`"


class InternalError(APIError):
    """The server failed; whether the work was done is unknown."""

    error_type = "internal"
    next_step = "Check whether the work was done before you retry"


class LicenseExpired(APIError):
    """The trial or the subscription has ended."""

    error_type = "license_expired"
    next_step = "Renew the subscription of the license"


class LicenseNotFound(APIError):
    """There is no license of that id."""

    error_type = "license_not_found"
    next_step = "Check that the token belongs to a license of LiveChat"


class LimitReached(APIError):
    """The change would exceed a limit of the license."""

    error_type = "limit_reached"
    next_step = "Remove what is not needed any more, or raise the limit of the plan"


class MisdirectedRequest(APIError):
    """The license lives in another data centre; ``region`` tells which."""

    error_type = "misdirected_request"
    next_step = "Set the client's `region` to the one named"

    @property
    def region(self) -> str | None:
        """The region the server named (``dal`` or ``fra``)."""
        if isinstance(self.data, dict):
            region: Any = self.data.get("region")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            return region if isinstance(region, str) else None
        return None


class MissingAccess(APIError):
    """The requester has no access to the resource."""

    error_type = "missing_access"
    next_step = "The chat must share a group with the requester"


class NotAllowed(APIError):
    """The requester is not allowed to do this."""

    error_type = "not_allowed"
    next_step = "Use a token of an account that may do it"


class NotFound(APIError):
    """The resource does not exist, or there is no such method."""

    error_type = "not_found"
    next_step = "Check the ids, and the version if it is the method that is not there"


class OwnershipTransfer(APIError):
    """Configuration API: the ownership cannot be transferred that way."""

    error_type = "ownership_transfer"
    next_step = "Check who owns the license, and that the new owner may"


class PendingRequestsLimitReached(APIError):
    """More than 10 requests were pending on one RTM connection."""

    error_type = "pending_requests_limit_reached"
    next_step = "Wait for responses before you send more"


class ServiceTimeout(APIError):
    """The server gave up on the request after 15 s; whether the work was done is unknown."""

    error_type = "request_timeout"
    next_step = "Check whether the work was done before you retry"


class RequesterAlreadyOffline(APIError):
    """The method is only for agents that are logged in over RTM."""

    error_type = "requester_already_offline"
    next_step = "Log in over RTM first"


class RequesterAwaitingApproval(APIError):
    """The owner has not approved the agent yet."""

    error_type = "requester_awaiting_approval"
    next_step = "The owner of the license has to approve the agent"


class RequesterSuspended(APIError):
    """The owner has suspended the agent."""

    error_type = "requester_suspended"
    next_step = "The owner of the license has to unsuspend the agent"


class SeatsLimitExceeded(APIError):
    """All seats of the license are taken."""

    error_type = "seats_limit_exceeded"
    next_step = "Free a seat, or buy another one"


class ServiceUnavailable(APIError):
    """New requests are refused for a while."""

    error_type = "service_unavailable"
    next_step = "Try again later"


class TooManyRequests(APIError):
    """The rate limit is reached; it lifts by itself after a while."""

    error_type = "too_many_requests"
    next_step = "Send fewer requests, and try again later"


class TransferOwnership(APIError):
    """The ownership request is invalid."""

    error_type = "transfer_ownership"
    next_step = "Check who owns the license, and that the new owner may"


class UnsupportedVersion(APIError):
    """The API version is not supported any more, or not yet."""

    error_type = "unsupported_version"
    next_step = "Set the client's `version` to a supported one"


class UsersLimitReached(APIError):
    """The chat has as many users as it may have."""

    error_type = "users_limit_reached"
    next_step = "Remove a user from the chat first"


class ValidationError(APIError):
    """The request breaks a rule of the API; the message names the field."""

    error_type = "validation"
    next_step = "Correct what the message names"


class WrongProductVersion(APIError):
    """The license is not a LiveChat 3 one."""

    error_type = "wrong_product_version"
    next_step = "Use a token of a license of LiveChat 3 or later"


API_ERRORS: dict[str, type[APIError]] = {
    cls.error_type: cls for cls in APIError.__subclasses__() if cls.error_type
}
"""The class of each known ``error.type``."""


def api_error(
    type: str,
    message: str = "",
    *,
    data: Any = None,
    status: int = 0,
    action: str = "",
    request_id: str | None = None,
    attempts: int = 1,
) -> APIError:
    """Build the error of the class that belongs to ``type`` (``UnknownAPIError`` for a new one)."""
    cls = API_ERRORS.get(type, UnknownAPIError)
    return cls(
        message,
        type=type,
        data=data,
        status=status,
        action=action,
        request_id=request_id,
        attempts=attempts,
    )
