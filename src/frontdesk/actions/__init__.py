"""One declaration per method of the Agent Chat API, grouped as LiveChat's docs group them.

``ACTIONS`` maps each wire name to its declaration; ``ACTIONS[name].spec`` holds what the docs say
of the method. ``CONFIGURATION_ACTIONS`` does the same for the Configuration API.
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from frontdesk.actions._base import ACTIONS, CONFIGURATION_ACTIONS, Action, Page, Scopes, Spec
from frontdesk.actions.chat_access import TransferChat
from frontdesk.actions.chat_users import AddUserToChat, RemoveUserFromChat
from frontdesk.actions.chats import (
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
from frontdesk.actions.configuration import (
    DisableLicenseWebhooks,
    EnableLicenseWebhooks,
    GetLicenseWebhooksState,
    ListWebhookNames,
    ListWebhooks,
    RegisterWebhook,
    UnregisterWebhook,
)
from frontdesk.actions.customers import (
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
from frontdesk.actions.events import (
    SendEvent,
    SendEventPreview,
    SendRichMessagePostback,
    UploadFile,
)
from frontdesk.actions.other import (
    ListAgentsForTransfer,
    MarkEventsAsSeen,
    Multicast,
    RequestThreadSummary,
    SendThinkingIndicator,
    SendTypingIndicator,
)
from frontdesk.actions.properties import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.actions.session import Login, Logout, SetAwayStatus, UpdateSession
from frontdesk.actions.status import ListRoutingStatuses, SetRoutingStatus
from frontdesk.actions.thread_tags import TagThread, UntagThread

__all__ = [
    "ACTIONS",
    "CONFIGURATION_ACTIONS",
    "Action",
    "AddUserToChat",
    "BanCustomer",
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
    "GetLicenseWebhooksState",
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
    "Page",
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
