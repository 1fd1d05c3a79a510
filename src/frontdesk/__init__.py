"""Typed clients for LiveChat's Agent Chat API, and a sandbox that speaks it.

Rendered by ``make render``; not to be edited by hand. Each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from frontdesk import actions as actions
    from frontdesk import auth as auth
    from frontdesk import errors as errors
    from frontdesk import models as models
    from frontdesk import pushes as pushes
    from frontdesk import webhooks as webhooks
    from frontdesk.auth import AsyncOAuth as AsyncOAuth
    from frontdesk.auth import BearerToken as BearerToken
    from frontdesk.auth import BotToken as BotToken
    from frontdesk.auth import CustomerToken as CustomerToken
    from frontdesk.auth import OAuth as OAuth
    from frontdesk.auth import PersonalAccessToken as PersonalAccessToken
    from frontdesk.clients.pages import AsyncPages as AsyncPages
    from frontdesk.clients.pages import Pages as Pages
    from frontdesk.clients.rtm.subscriptions import AsyncSubscription as AsyncSubscription
    from frontdesk.clients.rtm.subscriptions import Subscription as Subscription
    from frontdesk.codec.damage import Damage as Damage
    from frontdesk.codec.decoding import decode as decode
    from frontdesk.codec.decoding import encode as encode
    from frontdesk.codec.decoding import to_dict as to_dict
    from frontdesk.core.call_cycle import Call as Call
    from frontdesk.core.call_cycle import DeprecatedVersionWarning as DeprecatedVersionWarning
    from frontdesk.core.limiter import Limiter as Limiter
    from frontdesk.core.retry import Meter as Meter
    from frontdesk.core.retry import MeterReading as MeterReading
    from frontdesk.core.retry import Retry as Retry
    from frontdesk.core.rtm.notices import ConnectionLost as ConnectionLost
    from frontdesk.core.rtm.notices import PushesLost as PushesLost
    from frontdesk.core.rtm.notices import Reconnected as Reconnected
    from frontdesk.core.rtm.notices import Recovered as Recovered
    from frontdesk.core.rtm.settings import Backoff as Backoff
    from frontdesk.core.rtm.stats import SessionStats as SessionStats
    from frontdesk.errors import API_ERRORS as API_ERRORS
    from frontdesk.errors import AccessDenied as AccessDenied
    from frontdesk.errors import AgentOffline as AgentOffline
    from frontdesk.errors import AlreadyExists as AlreadyExists
    from frontdesk.errors import APIError as APIError
    from frontdesk.errors import AuthenticationError as AuthenticationError
    from frontdesk.errors import AuthorizationError as AuthorizationError
    from frontdesk.errors import BotError as BotError
    from frontdesk.errors import BudgetExceeded as BudgetExceeded
    from frontdesk.errors import CertificateError as CertificateError
    from frontdesk.errors import ChatAlreadyActive as ChatAlreadyActive
    from frontdesk.errors import ChatAnonymized as ChatAnonymized
    from frontdesk.errors import ChatInactive as ChatInactive
    from frontdesk.errors import ClientClosed as ClientClosed
    from frontdesk.errors import ConnectError as ConnectError
    from frontdesk.errors import ConnectionClosed as ConnectionClosed
    from frontdesk.errors import CustomerBanned as CustomerBanned
    from frontdesk.errors import DecodeError as DecodeError
    from frontdesk.errors import Disconnected as Disconnected
    from frontdesk.errors import EntityTooLarge as EntityTooLarge
    from frontdesk.errors import ExportError as ExportError
    from frontdesk.errors import ForeignFile as ForeignFile
    from frontdesk.errors import ForeignQueue as ForeignQueue
    from frontdesk.errors import ForeignTarget as ForeignTarget
    from frontdesk.errors import FrontdeskError as FrontdeskError
    from frontdesk.errors import GreetingNotFound as GreetingNotFound
    from frontdesk.errors import GroupNotFound as GroupNotFound
    from frontdesk.errors import GroupOffline as GroupOffline
    from frontdesk.errors import GroupsOffline as GroupsOffline
    from frontdesk.errors import GroupUnavailable as GroupUnavailable
    from frontdesk.errors import InstallationEnded as InstallationEnded
    from frontdesk.errors import InternalError as InternalError
    from frontdesk.errors import InvalidArgument as InvalidArgument
    from frontdesk.errors import InvalidClient as InvalidClient
    from frontdesk.errors import InvalidGrant as InvalidGrant
    from frontdesk.errors import InvalidOAuthRequest as InvalidOAuthRequest
    from frontdesk.errors import InvalidScope as InvalidScope
    from frontdesk.errors import ItemTooLarge as ItemTooLarge
    from frontdesk.errors import LicenseExpired as LicenseExpired
    from frontdesk.errors import LicenseNotFound as LicenseNotFound
    from frontdesk.errors import LimitReached as LimitReached
    from frontdesk.errors import LoginRequired as LoginRequired
    from frontdesk.errors import MisdirectedRequest as MisdirectedRequest
    from frontdesk.errors import MissingAccess as MissingAccess
    from frontdesk.errors import MissingDependency as MissingDependency
    from frontdesk.errors import MissingToken as MissingToken
    from frontdesk.errors import ModelBudgetExceeded as ModelBudgetExceeded
    from frontdesk.errors import NoEventLoop as NoEventLoop
    from frontdesk.errors import NotAllowed as NotAllowed
    from frontdesk.errors import NotFound as NotFound
    from frontdesk.errors import NotInChat as NotInChat
    from frontdesk.errors import NotInstalled as NotInstalled
    from frontdesk.errors import NotTheAPI as NotTheAPI
    from frontdesk.errors import OAuthError as OAuthError
    from frontdesk.errors import OwnershipTransfer as OwnershipTransfer
    from frontdesk.errors import PendingRequestsLimitReached as PendingRequestsLimitReached
    from frontdesk.errors import PoolTimeout as PoolTimeout
    from frontdesk.errors import QueueError as QueueError
    from frontdesk.errors import QueueFull as QueueFull
    from frontdesk.errors import QueueUnavailable as QueueUnavailable
    from frontdesk.errors import RedirectMismatch as RedirectMismatch
    from frontdesk.errors import RequesterAlreadyOffline as RequesterAlreadyOffline
    from frontdesk.errors import RequesterAwaitingApproval as RequesterAwaitingApproval
    from frontdesk.errors import RequesterSuspended as RequesterSuspended
    from frontdesk.errors import RequestTimeout as RequestTimeout
    from frontdesk.errors import ResponseTooLarge as ResponseTooLarge
    from frontdesk.errors import SeatsLimitExceeded as SeatsLimitExceeded
    from frontdesk.errors import ServerError as ServerError
    from frontdesk.errors import ServiceTimeout as ServiceTimeout
    from frontdesk.errors import ServiceUnavailable as ServiceUnavailable
    from frontdesk.errors import StateConflict as StateConflict
    from frontdesk.errors import StateDamaged as StateDamaged
    from frontdesk.errors import StateMismatch as StateMismatch
    from frontdesk.errors import StateStoreError as StateStoreError
    from frontdesk.errors import StoreError as StoreError
    from frontdesk.errors import StoreInUse as StoreInUse
    from frontdesk.errors import TargetInUse as TargetInUse
    from frontdesk.errors import TemporarilyUnavailable as TemporarilyUnavailable
    from frontdesk.errors import TokenRejected as TokenRejected
    from frontdesk.errors import TokenStoreDamaged as TokenStoreDamaged
    from frontdesk.errors import TokenStoreError as TokenStoreError
    from frontdesk.errors import TokenStoreExposed as TokenStoreExposed
    from frontdesk.errors import TokenStoreUnavailable as TokenStoreUnavailable
    from frontdesk.errors import TooManyRedirects as TooManyRedirects
    from frontdesk.errors import TooManyRequests as TooManyRequests
    from frontdesk.errors import TransferOwnership as TransferOwnership
    from frontdesk.errors import TransportError as TransportError
    from frontdesk.errors import UnauthorizedClient as UnauthorizedClient
    from frontdesk.errors import UnexpectedArgument as UnexpectedArgument
    from frontdesk.errors import UnknownAPIError as UnknownAPIError
    from frontdesk.errors import UnknownHost as UnknownHost
    from frontdesk.errors import UnsupportedVersion as UnsupportedVersion
    from frontdesk.errors import UsersLimitReached as UsersLimitReached
    from frontdesk.errors import ValidationError as ValidationError
    from frontdesk.errors import WrongProductVersion as WrongProductVersion
    from frontdesk.errors import api_error as api_error
    from frontdesk.models import validate_event as validate_event
    from frontdesk.rendered.agent import AgentClient as AgentClient
    from frontdesk.rendered.agent_rtm import AgentRTM as AgentRTM
    from frontdesk.rendered.async_agent import AsyncAgentClient as AsyncAgentClient
    from frontdesk.rendered.async_agent_rtm import AsyncAgentRTM as AsyncAgentRTM
    from frontdesk.rendered.async_configuration import (
        AsyncConfigurationClient as AsyncConfigurationClient,
    )
    from frontdesk.rendered.async_customer import AsyncCustomerClient as AsyncCustomerClient
    from frontdesk.rendered.async_customer_rtm import AsyncCustomerRTM as AsyncCustomerRTM
    from frontdesk.rendered.configuration import ConfigurationClient as ConfigurationClient
    from frontdesk.rendered.customer import CustomerClient as CustomerClient
    from frontdesk.rendered.customer_rtm import CustomerRTM as CustomerRTM
    from frontdesk.version import __version__ as __version__

__all__ = [
    "API_ERRORS",
    "APIError",
    "AccessDenied",
    "AgentClient",
    "AgentOffline",
    "AgentRTM",
    "AlreadyExists",
    "AsyncAgentClient",
    "AsyncAgentRTM",
    "AsyncConfigurationClient",
    "AsyncCustomerClient",
    "AsyncCustomerRTM",
    "AsyncOAuth",
    "AsyncPages",
    "AsyncSubscription",
    "AuthenticationError",
    "AuthorizationError",
    "Backoff",
    "BearerToken",
    "BotError",
    "BotToken",
    "BudgetExceeded",
    "Call",
    "CertificateError",
    "ChatAlreadyActive",
    "ChatAnonymized",
    "ChatInactive",
    "ClientClosed",
    "ConfigurationClient",
    "ConnectError",
    "ConnectionClosed",
    "ConnectionLost",
    "CustomerBanned",
    "CustomerClient",
    "CustomerRTM",
    "CustomerToken",
    "Damage",
    "DecodeError",
    "DeprecatedVersionWarning",
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
    "Limiter",
    "LoginRequired",
    "Meter",
    "MeterReading",
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
    "OAuth",
    "OAuthError",
    "OwnershipTransfer",
    "Pages",
    "PendingRequestsLimitReached",
    "PersonalAccessToken",
    "PoolTimeout",
    "PushesLost",
    "QueueError",
    "QueueFull",
    "QueueUnavailable",
    "Reconnected",
    "Recovered",
    "RedirectMismatch",
    "RequestTimeout",
    "RequesterAlreadyOffline",
    "RequesterAwaitingApproval",
    "RequesterSuspended",
    "ResponseTooLarge",
    "Retry",
    "SeatsLimitExceeded",
    "ServerError",
    "ServiceTimeout",
    "ServiceUnavailable",
    "SessionStats",
    "StateConflict",
    "StateDamaged",
    "StateMismatch",
    "StateStoreError",
    "StoreError",
    "StoreInUse",
    "Subscription",
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
    "__version__",
    "actions",
    "api_error",
    "auth",
    "decode",
    "encode",
    "errors",
    "models",
    "pushes",
    "to_dict",
    "validate_event",
    "webhooks",
]

_MODULES = {
    "APIError": "frontdesk.errors",
    "API_ERRORS": "frontdesk.errors",
    "AccessDenied": "frontdesk.errors",
    "AgentClient": "frontdesk.rendered.agent",
    "AgentOffline": "frontdesk.errors",
    "AgentRTM": "frontdesk.rendered.agent_rtm",
    "AlreadyExists": "frontdesk.errors",
    "AsyncAgentClient": "frontdesk.rendered.async_agent",
    "AsyncAgentRTM": "frontdesk.rendered.async_agent_rtm",
    "AsyncConfigurationClient": "frontdesk.rendered.async_configuration",
    "AsyncCustomerClient": "frontdesk.rendered.async_customer",
    "AsyncCustomerRTM": "frontdesk.rendered.async_customer_rtm",
    "AsyncOAuth": "frontdesk.auth",
    "AsyncPages": "frontdesk.clients.pages",
    "AsyncSubscription": "frontdesk.clients.rtm.subscriptions",
    "AuthenticationError": "frontdesk.errors",
    "AuthorizationError": "frontdesk.errors",
    "Backoff": "frontdesk.core.rtm.settings",
    "BearerToken": "frontdesk.auth",
    "BotError": "frontdesk.errors",
    "BotToken": "frontdesk.auth",
    "BudgetExceeded": "frontdesk.errors",
    "Call": "frontdesk.core.call_cycle",
    "CertificateError": "frontdesk.errors",
    "ChatAlreadyActive": "frontdesk.errors",
    "ChatAnonymized": "frontdesk.errors",
    "ChatInactive": "frontdesk.errors",
    "ClientClosed": "frontdesk.errors",
    "ConfigurationClient": "frontdesk.rendered.configuration",
    "ConnectError": "frontdesk.errors",
    "ConnectionClosed": "frontdesk.errors",
    "ConnectionLost": "frontdesk.core.rtm.notices",
    "CustomerBanned": "frontdesk.errors",
    "CustomerClient": "frontdesk.rendered.customer",
    "CustomerRTM": "frontdesk.rendered.customer_rtm",
    "CustomerToken": "frontdesk.auth",
    "Damage": "frontdesk.codec.damage",
    "DecodeError": "frontdesk.errors",
    "DeprecatedVersionWarning": "frontdesk.core.call_cycle",
    "Disconnected": "frontdesk.errors",
    "EntityTooLarge": "frontdesk.errors",
    "ExportError": "frontdesk.errors",
    "ForeignFile": "frontdesk.errors",
    "ForeignQueue": "frontdesk.errors",
    "ForeignTarget": "frontdesk.errors",
    "FrontdeskError": "frontdesk.errors",
    "GreetingNotFound": "frontdesk.errors",
    "GroupNotFound": "frontdesk.errors",
    "GroupOffline": "frontdesk.errors",
    "GroupUnavailable": "frontdesk.errors",
    "GroupsOffline": "frontdesk.errors",
    "InstallationEnded": "frontdesk.errors",
    "InternalError": "frontdesk.errors",
    "InvalidArgument": "frontdesk.errors",
    "InvalidClient": "frontdesk.errors",
    "InvalidGrant": "frontdesk.errors",
    "InvalidOAuthRequest": "frontdesk.errors",
    "InvalidScope": "frontdesk.errors",
    "ItemTooLarge": "frontdesk.errors",
    "LicenseExpired": "frontdesk.errors",
    "LicenseNotFound": "frontdesk.errors",
    "LimitReached": "frontdesk.errors",
    "Limiter": "frontdesk.core.limiter",
    "LoginRequired": "frontdesk.errors",
    "Meter": "frontdesk.core.retry",
    "MeterReading": "frontdesk.core.retry",
    "MisdirectedRequest": "frontdesk.errors",
    "MissingAccess": "frontdesk.errors",
    "MissingDependency": "frontdesk.errors",
    "MissingToken": "frontdesk.errors",
    "ModelBudgetExceeded": "frontdesk.errors",
    "NoEventLoop": "frontdesk.errors",
    "NotAllowed": "frontdesk.errors",
    "NotFound": "frontdesk.errors",
    "NotInChat": "frontdesk.errors",
    "NotInstalled": "frontdesk.errors",
    "NotTheAPI": "frontdesk.errors",
    "OAuth": "frontdesk.auth",
    "OAuthError": "frontdesk.errors",
    "OwnershipTransfer": "frontdesk.errors",
    "Pages": "frontdesk.clients.pages",
    "PendingRequestsLimitReached": "frontdesk.errors",
    "PersonalAccessToken": "frontdesk.auth",
    "PoolTimeout": "frontdesk.errors",
    "PushesLost": "frontdesk.core.rtm.notices",
    "QueueError": "frontdesk.errors",
    "QueueFull": "frontdesk.errors",
    "QueueUnavailable": "frontdesk.errors",
    "Reconnected": "frontdesk.core.rtm.notices",
    "Recovered": "frontdesk.core.rtm.notices",
    "RedirectMismatch": "frontdesk.errors",
    "RequestTimeout": "frontdesk.errors",
    "RequesterAlreadyOffline": "frontdesk.errors",
    "RequesterAwaitingApproval": "frontdesk.errors",
    "RequesterSuspended": "frontdesk.errors",
    "ResponseTooLarge": "frontdesk.errors",
    "Retry": "frontdesk.core.retry",
    "SeatsLimitExceeded": "frontdesk.errors",
    "ServerError": "frontdesk.errors",
    "ServiceTimeout": "frontdesk.errors",
    "ServiceUnavailable": "frontdesk.errors",
    "SessionStats": "frontdesk.core.rtm.stats",
    "StateConflict": "frontdesk.errors",
    "StateDamaged": "frontdesk.errors",
    "StateMismatch": "frontdesk.errors",
    "StateStoreError": "frontdesk.errors",
    "StoreError": "frontdesk.errors",
    "StoreInUse": "frontdesk.errors",
    "Subscription": "frontdesk.clients.rtm.subscriptions",
    "TargetInUse": "frontdesk.errors",
    "TemporarilyUnavailable": "frontdesk.errors",
    "TokenRejected": "frontdesk.errors",
    "TokenStoreDamaged": "frontdesk.errors",
    "TokenStoreError": "frontdesk.errors",
    "TokenStoreExposed": "frontdesk.errors",
    "TokenStoreUnavailable": "frontdesk.errors",
    "TooManyRedirects": "frontdesk.errors",
    "TooManyRequests": "frontdesk.errors",
    "TransferOwnership": "frontdesk.errors",
    "TransportError": "frontdesk.errors",
    "UnauthorizedClient": "frontdesk.errors",
    "UnexpectedArgument": "frontdesk.errors",
    "UnknownAPIError": "frontdesk.errors",
    "UnknownHost": "frontdesk.errors",
    "UnsupportedVersion": "frontdesk.errors",
    "UsersLimitReached": "frontdesk.errors",
    "ValidationError": "frontdesk.errors",
    "WrongProductVersion": "frontdesk.errors",
    "__version__": "frontdesk.version",
    "actions": "",
    "api_error": "frontdesk.errors",
    "auth": "",
    "decode": "frontdesk.codec.decoding",
    "encode": "frontdesk.codec.decoding",
    "errors": "",
    "models": "",
    "pushes": "",
    "to_dict": "frontdesk.codec.decoding",
    "validate_event": "frontdesk.models",
    "webhooks": "",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'frontdesk' has no attribute {name!r}")
    loaded = import_module(module or f"frontdesk.{name}")
    value = globals()[name] = getattr(loaded, name) if module else loaded
    return value


def __dir__() -> list[str]:
    return __all__
