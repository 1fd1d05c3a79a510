"""The API responded with an error: one class for each type of error that it documents."""

from typing import Any, ClassVar

from frontdesk.errors.base import FrontdeskError, shown
from frontdesk.redaction import redacted, redacted_data

__all__ = [
    "API_ERRORS",
    "APIError",
    "AgentOffline",
    "AlreadyExists",
    "AuthenticationError",
    "AuthorizationError",
    "ChatAlreadyActive",
    "ChatAnonymized",
    "ChatInactive",
    "CustomerBanned",
    "EntityTooLarge",
    "GreetingNotFound",
    "GroupNotFound",
    "GroupOffline",
    "GroupUnavailable",
    "GroupsOffline",
    "InternalError",
    "LicenseExpired",
    "LicenseNotFound",
    "LimitReached",
    "MisdirectedRequest",
    "MissingAccess",
    "NotAllowed",
    "NotFound",
    "OwnershipTransfer",
    "PendingRequestsLimitReached",
    "RequesterAlreadyOffline",
    "RequesterAwaitingApproval",
    "RequesterSuspended",
    "SeatsLimitExceeded",
    "ServiceTimeout",
    "ServiceUnavailable",
    "TooManyRequests",
    "TransferOwnership",
    "UnknownAPIError",
    "UnsupportedVersion",
    "UsersLimitReached",
    "ValidationError",
    "WrongProductVersion",
    "api_error",
]


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
        message, kind = shown(self.message).rstrip("."), shown(self.type)
        text = f"{where}{kind}: {message}" if message else f"{where}{kind}"
        details = [f"HTTP {self.status}"] if self.status else []
        if self.attempts > 1:
            details.append(f"{self.attempts} attempts")
        if self.request_id:
            details.append(f"request id {shown(self.request_id)}")
        if details:
            text += f" ({', '.join(details)})"
        return f"{text}. {self.next_step}" if self.next_step else text


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
    next_step = (
        "Use a token of somebody who may do it; agents need the scopes that the method's "
        "documentation names"
    )


class ChatAlreadyActive(APIError):
    """The customer has an active chat already. Only LiveChat's own clients name this type."""

    error_type = "chat_already_active"
    next_step = "Write to the active chat, which list_chats shows, or deactivate it first"


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
    next_step = "Check the organization, and that the token belongs to a license of LiveChat"


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
    """As many customers are online, or users in the chat, as the license allows."""

    error_type = "users_limit_reached"
    next_step = "Try again later, or remove a user from the chat first"


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
