"""One declaration per method of the Customer Chat API, grouped as LiveChat's docs group them.

Many have the name of a method of agents, such as ``SendEvent``: import the package, as in
``from frontdesk.actions import customer``, and write ``customer.SendEvent``. ``CUSTOMER_ACTIONS``
maps each wire name to its declaration.
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from frontdesk.actions.customer.chats import (
    DeactivateChat,
    GetChat,
    ListChats,
    ListThreads,
    ResumeChat,
    StartChat,
)
from frontdesk.actions.customer.configuration import (
    GetConfiguration,
    GetDynamicConfiguration,
    GetLocalization,
)
from frontdesk.actions.customer.customers import (
    GetCustomer,
    SetCustomerSessionFields,
    UpdateCustomer,
    UpdateCustomerPage,
)
from frontdesk.actions.customer.events import (
    DeleteEvent,
    MarkEventsAsSeen,
    SendEvent,
    SendRichMessagePostback,
    SendSneakPeek,
    UploadFile,
)
from frontdesk.actions.customer.greetings import (
    AcceptGreeting,
    CancelGreeting,
    GetPredictedAgent,
    RequestWelcomeMessage,
    SendGreetingButtonClicked,
)
from frontdesk.actions.customer.other import (
    CheckGoals,
    GetForm,
    GetUrlInfo,
    RequestEmailVerification,
)
from frontdesk.actions.customer.properties import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    ListGroupProperties,
    ListLicenseProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.actions.customer.status import ListGroupStatuses, Login
from frontdesk.spec.actions import CUSTOMER_ACTIONS

__all__ = [
    "CUSTOMER_ACTIONS",
    "AcceptGreeting",
    "CancelGreeting",
    "CheckGoals",
    "DeactivateChat",
    "DeleteChatProperties",
    "DeleteEvent",
    "DeleteEventProperties",
    "DeleteThreadProperties",
    "GetChat",
    "GetConfiguration",
    "GetCustomer",
    "GetDynamicConfiguration",
    "GetForm",
    "GetLocalization",
    "GetPredictedAgent",
    "GetUrlInfo",
    "ListChats",
    "ListGroupProperties",
    "ListGroupStatuses",
    "ListLicenseProperties",
    "ListThreads",
    "Login",
    "MarkEventsAsSeen",
    "RequestEmailVerification",
    "RequestWelcomeMessage",
    "ResumeChat",
    "SendEvent",
    "SendGreetingButtonClicked",
    "SendRichMessagePostback",
    "SendSneakPeek",
    "SetCustomerSessionFields",
    "StartChat",
    "UpdateChatProperties",
    "UpdateCustomer",
    "UpdateCustomerPage",
    "UpdateEventProperties",
    "UpdateThreadProperties",
    "UploadFile",
]
