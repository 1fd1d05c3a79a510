"""One declaration per method of the Agent Chat API, grouped as LiveChat's docs group them.

``ACTIONS`` maps each wire name to its declaration; ``ACTIONS[name].spec`` holds what the docs say
of the method. ``CONFIGURATION_ACTIONS`` does the same for the Configuration API, and
``CUSTOMER_ACTIONS`` for the Customer Chat API, whose declarations are in
``frontdesk.actions.customer``.
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from importlib import import_module
from typing import TYPE_CHECKING, Any

from frontdesk.actions.agent.chat_access import ListAgentsForTransfer, TransferChat
from frontdesk.actions.agent.chat_users import AddUserToChat, RemoveUserFromChat
from frontdesk.actions.agent.chats import (
    DeactivateChat,
    FollowChat,
    GetChat,
    ListArchives,
    ListChats,
    ListThreads,
    ResumeChat,
    StartChat,
    UnfollowChat,
)
from frontdesk.actions.agent.customers import (
    BanCustomer,
    CreateCustomer,
    FollowCustomer,
    GetCustomer,
    ListCustomers,
    SubscribeCustomers,
    UnfollowCustomer,
    UnsubscribeCustomers,
    UpdateCustomer,
)
from frontdesk.actions.agent.events import (
    MarkEventsAsSeen,
    SendEvent,
    SendEventPreview,
    SendRichMessagePostback,
    UploadFile,
)
from frontdesk.actions.agent.indicators import SendThinkingIndicator, SendTypingIndicator
from frontdesk.actions.agent.multicast import Multicast
from frontdesk.actions.agent.older import ChangePushNotifications, GetLicenseInfo
from frontdesk.actions.agent.properties import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.actions.agent.session import Login, Logout, SetAwayStatus, UpdateSession
from frontdesk.actions.agent.status import ListRoutingStatuses, SetRoutingStatus
from frontdesk.actions.agent.thread_summaries import RequestThreadSummary
from frontdesk.actions.agent.thread_tags import TagThread, UntagThread
from frontdesk.actions.agent.thread_transcripts import GetThreadTranscript
from frontdesk.spec.actions import ACTIONS, Action, ExtraScopes, Paging, Scopes, Spec

if TYPE_CHECKING:
    from frontdesk.actions.configuration import CONFIGURATION_ACTIONS
    from frontdesk.actions.configuration.agents import (
        ApproveAgent,
        CreateAgent,
        DeleteAgent,
        GetAgent,
        ListAgents,
        RequestAgentUnsuspension,
        SuspendAgent,
        UnsuspendAgent,
        UpdateAgent,
    )
    from frontdesk.actions.configuration.auto_access import (
        AddAutoAccess,
        DeleteAutoAccess,
        ListAutoAccesses,
        UpdateAutoAccess,
    )
    from frontdesk.actions.configuration.batch import (
        BatchApproveAgents,
        BatchCreateAgents,
        BatchCreateBots,
        BatchDeleteAgents,
        BatchDeleteBots,
        BatchSuspendAgents,
        BatchUnsuspendAgents,
        BatchUpdateAgents,
        BatchUpdateBots,
        BatchUpdateTranslations,
    )
    from frontdesk.actions.configuration.bot_templates import (
        CreateBotTemplate,
        DeleteBotTemplate,
        ListBotTemplates,
        ResetBotTemplateSecret,
        UpdateBotTemplate,
    )
    from frontdesk.actions.configuration.bots import (
        CreateBot,
        DeleteBot,
        GetBot,
        IssueBotToken,
        ListBots,
        ResetBotSecret,
        UpdateBot,
    )
    from frontdesk.actions.configuration.canned_responses import (
        CreateCannedResponse,
        DeleteCannedResponse,
        ListCannedResponses,
        UpdateCannedResponse,
    )
    from frontdesk.actions.configuration.company import (
        CheckProductLimitsForPlan,
        GetCompanyDetails,
        GetProductSource,
        ListChannels,
        ReactivateEmail,
        UpdateCompanyDetails,
    )
    from frontdesk.actions.configuration.customer_bans import (
        BanCustomerOrIp,
        ListCustomerBans,
        UnbanCustomer,
    )
    from frontdesk.actions.configuration.greetings import (
        CreateGreeting,
        DeleteGreeting,
        GetGreeting,
        ListGreetings,
        UpdateGreeting,
    )
    from frontdesk.actions.configuration.groups import (
        CreateGroup,
        DeleteGroup,
        GetGroup,
        ListGroups,
        UpdateGroup,
    )
    from frontdesk.actions.configuration.properties import (
        DeleteGroupProperties,
        DeleteLicenseProperties,
        ListGroupsProperties,
        ListLicenseProperties,
        ListProperties,
        PublishProperty,
        RegisterProperty,
        UnregisterProperty,
        UpdateGroupProperties,
        UpdateLicenseProperties,
    )
    from frontdesk.actions.configuration.tags import CreateTag, DeleteTag, ListTags, UpdateTag
    from frontdesk.actions.configuration.webhooks import (
        DisableLicenseWebhooks,
        EnableLicenseWebhooks,
        GetLicenseWebhooksState,
        ListWebhookNames,
        ListWebhooks,
        RegisterWebhook,
        UnregisterWebhook,
    )
    from frontdesk.actions.configuration.widget import (
        AddAllowedDomain,
        DeleteAllowedDomain,
        ListAllowedDomains,
        ListTranslations,
        UpdateTranslations,
    )
    from frontdesk.actions.customer import CUSTOMER_ACTIONS

__all__ = [
    "ACTIONS",
    "CONFIGURATION_ACTIONS",
    "CUSTOMER_ACTIONS",
    "Action",
    "AddAllowedDomain",
    "AddAutoAccess",
    "AddUserToChat",
    "ApproveAgent",
    "BanCustomer",
    "BanCustomerOrIp",
    "BatchApproveAgents",
    "BatchCreateAgents",
    "BatchCreateBots",
    "BatchDeleteAgents",
    "BatchDeleteBots",
    "BatchSuspendAgents",
    "BatchUnsuspendAgents",
    "BatchUpdateAgents",
    "BatchUpdateBots",
    "BatchUpdateTranslations",
    "ChangePushNotifications",
    "CheckProductLimitsForPlan",
    "CreateAgent",
    "CreateBot",
    "CreateBotTemplate",
    "CreateCannedResponse",
    "CreateCustomer",
    "CreateGreeting",
    "CreateGroup",
    "CreateTag",
    "DeactivateChat",
    "DeleteAgent",
    "DeleteAllowedDomain",
    "DeleteAutoAccess",
    "DeleteBot",
    "DeleteBotTemplate",
    "DeleteCannedResponse",
    "DeleteChatProperties",
    "DeleteEventProperties",
    "DeleteGreeting",
    "DeleteGroup",
    "DeleteGroupProperties",
    "DeleteLicenseProperties",
    "DeleteTag",
    "DeleteThreadProperties",
    "DisableLicenseWebhooks",
    "EnableLicenseWebhooks",
    "ExtraScopes",
    "FollowChat",
    "FollowCustomer",
    "GetAgent",
    "GetBot",
    "GetChat",
    "GetCompanyDetails",
    "GetCustomer",
    "GetGreeting",
    "GetGroup",
    "GetLicenseInfo",
    "GetLicenseWebhooksState",
    "GetProductSource",
    "GetThreadTranscript",
    "IssueBotToken",
    "ListAgents",
    "ListAgentsForTransfer",
    "ListAllowedDomains",
    "ListArchives",
    "ListAutoAccesses",
    "ListBotTemplates",
    "ListBots",
    "ListCannedResponses",
    "ListChannels",
    "ListChats",
    "ListCustomerBans",
    "ListCustomers",
    "ListGreetings",
    "ListGroups",
    "ListGroupsProperties",
    "ListLicenseProperties",
    "ListProperties",
    "ListRoutingStatuses",
    "ListTags",
    "ListThreads",
    "ListTranslations",
    "ListWebhookNames",
    "ListWebhooks",
    "Login",
    "Logout",
    "MarkEventsAsSeen",
    "Multicast",
    "Paging",
    "PublishProperty",
    "ReactivateEmail",
    "RegisterProperty",
    "RegisterWebhook",
    "RemoveUserFromChat",
    "RequestAgentUnsuspension",
    "RequestThreadSummary",
    "ResetBotSecret",
    "ResetBotTemplateSecret",
    "ResumeChat",
    "Scopes",
    "SendEvent",
    "SendEventPreview",
    "SendRichMessagePostback",
    "SendThinkingIndicator",
    "SendTypingIndicator",
    "SetAwayStatus",
    "SetRoutingStatus",
    "Spec",
    "StartChat",
    "SubscribeCustomers",
    "SuspendAgent",
    "TagThread",
    "TransferChat",
    "UnbanCustomer",
    "UnfollowChat",
    "UnfollowCustomer",
    "UnregisterProperty",
    "UnregisterWebhook",
    "UnsubscribeCustomers",
    "UnsuspendAgent",
    "UntagThread",
    "UpdateAgent",
    "UpdateAutoAccess",
    "UpdateBot",
    "UpdateBotTemplate",
    "UpdateCannedResponse",
    "UpdateChatProperties",
    "UpdateCompanyDetails",
    "UpdateCustomer",
    "UpdateEventProperties",
    "UpdateGreeting",
    "UpdateGroup",
    "UpdateGroupProperties",
    "UpdateLicenseProperties",
    "UpdateSession",
    "UpdateTag",
    "UpdateThreadProperties",
    "UpdateTranslations",
    "UploadFile",
]

_LATER = (
    (
        "frontdesk.actions.configuration",
        "frontdesk.actions.configuration.agents",
        "frontdesk.actions.configuration.auto_access",
        "frontdesk.actions.configuration.batch",
        "frontdesk.actions.configuration.bot_templates",
        "frontdesk.actions.configuration.bots",
        "frontdesk.actions.configuration.canned_responses",
        "frontdesk.actions.configuration.company",
        "frontdesk.actions.configuration.customer_bans",
        "frontdesk.actions.configuration.greetings",
        "frontdesk.actions.configuration.groups",
        "frontdesk.actions.configuration.properties",
        "frontdesk.actions.configuration.tags",
        "frontdesk.actions.configuration.webhooks",
        "frontdesk.actions.configuration.widget",
    ),
    ("frontdesk.actions.customer",),
)
"""Groups of modules, each loaded when one of its names is first asked for."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        for group in _LATER:
            for module in group:
                loaded = import_module(module)
                # A package may have names of its own that are something else here.
                for each in loaded.__all__:
                    if each in __all__:
                        globals().setdefault(each, getattr(loaded, each))
            if name in globals():
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
