"""A server that speaks LiveChat's Agent Chat API, for development and tests."""

from frontdesk.extras import importing_extra

with importing_extra("sandbox", "frontdesk.sandbox"):
    from frontdesk.sandbox.calls.faults import Fault, FaultKind
    from frontdesk.sandbox.calls.rate_limits import RateLimit
    from frontdesk.sandbox.calls.recording import RecordedCall
    from frontdesk.sandbox.calls.rtm_limits import RTMLimits
    from frontdesk.sandbox.control.accounts.accounts import (
        RegisteredClient,
        SandboxAccounts,
        SandboxOrganization,
    )
    from frontdesk.sandbox.control.customers import SandboxCustomer
    from frontdesk.sandbox.control.rtm import RTMConnection, SandboxRTM
    from frontdesk.sandbox.sandbox import Sandbox
    from frontdesk.sandbox.webhooks.delivery import Attempt, Delivery

__all__ = [
    "Attempt",
    "Delivery",
    "Fault",
    "FaultKind",
    "RTMConnection",
    "RTMLimits",
    "RateLimit",
    "RecordedCall",
    "RegisteredClient",
    "Sandbox",
    "SandboxAccounts",
    "SandboxCustomer",
    "SandboxOrganization",
    "SandboxRTM",
]
