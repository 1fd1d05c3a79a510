"""A server that speaks LiveChat's Agent Chat API, for development and tests."""

from frontdesk.sandbox.customers_api import SandboxCustomer
from frontdesk.sandbox.deliveries import Attempt, Delivery
from frontdesk.sandbox.faults import Fault, FaultKind
from frontdesk.sandbox.limits import RateLimit
from frontdesk.sandbox.recorded import RecordedCall
from frontdesk.sandbox.rtm.control import RTMConnection, SandboxRTM
from frontdesk.sandbox.rtm.settings import RTMLimits
from frontdesk.sandbox.sandbox import Sandbox

__all__ = [
    "Attempt",
    "Delivery",
    "Fault",
    "FaultKind",
    "RTMConnection",
    "RTMLimits",
    "RateLimit",
    "RecordedCall",
    "Sandbox",
    "SandboxCustomer",
    "SandboxRTM",
]
