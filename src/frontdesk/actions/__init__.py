"""One declaration per method of the Agent Chat API, grouped as LiveChat's docs group them.

``ACTIONS`` maps each wire name to its declaration; ``ACTIONS[name].spec`` holds what the docs say
of the method. ``CONFIGURATION_ACTIONS`` does the same for the Configuration API.
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

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
from frontdesk.actions.configuration.webhooks import (
    DisableLicenseWebhooks,
    EnableLicenseWebhooks,
    GetLicenseWebhooksState,
    ListWebhookNames,
    ListWebhooks,
    RegisterWebhook,
    UnregisterWebhook,
)
from frontdesk.spec.actions import ACTIONS, CONFIGURATION_ACTIONS, Action, Paging, Scopes, Spec

__all__ = [
    "ACTIONS",
    "CONFIGURATION_ACTIONS",
    "Action",
    "AddUserToChat",
    "BanCustomer",
    "ChangePushNotifications",
    "CreateCustomer",
    "DeactivateChat",
    "DeleteChatProperties",
    "DeleteEventProperties",
    "DeleteThreadProperties",
    "DisableLicenseWebhooks",
    "EnableLicenseWebhooks",
    "FollowChat",
    "FollowCustomer",
    "GetChat",
    "GetCustomer",
    "GetLicenseInfo",
    "GetLicenseWebhooksState",
    "GetThreadTranscript",
    "ListAgentsForTransfer",
    "ListArchives",
    "ListChats",
    "ListCustomers",
    "ListRoutingStatuses",
    "ListThreads",
    "ListWebhookNames",
    "ListWebhooks",
    "Login",
    "Logout",
    "MarkEventsAsSeen",
    "Multicast",
    "Paging",
    "RegisterWebhook",
    "RemoveUserFromChat",
    "RequestThreadSummary",
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
    "TagThread",
    "TransferChat",
    "UnfollowChat",
    "UnfollowCustomer",
    "UnregisterWebhook",
    "UnsubscribeCustomers",
    "UntagThread",
    "UpdateChatProperties",
    "UpdateCustomer",
    "UpdateEventProperties",
    "UpdateSession",
    "UpdateThreadProperties",
    "UploadFile",
]
