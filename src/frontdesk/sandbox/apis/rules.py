"""The rules that the sandbox follows, and what each of them rests on.

A rule is ``documented`` if LiveChat's docs state it, ``seen`` if somebody saw the service, or
software of LiveChat, behave like that, and ``assumed`` if the docs are silent and it seemed likely.
"""

from typing import Final, Literal

from msgspec import Struct

__all__ = [
    "ACCOUNTS_SDK",
    "AUTHORIZATION",
    "CHANGELOG",
    "CONFIGURATION_API",
    "CUSTOMER_API",
    "CUSTOMER_AUTHORIZATION",
    "CUSTOMER_SDK",
    "CUSTOMER_STRUCTURES",
    "DEFAULT_PROPERTIES",
    "ERRORS",
    "GO_SDK",
    "PROPERTIES",
    "PUSHES",
    "PYTHON_SDK",
    "RTM",
    "SCOPES",
    "SYSTEM_MESSAGES",
    "WEBHOOKS",
    "Basis",
    "Rule",
    "assumed",
    "documented",
    "seen",
]

Basis = Literal["documented", "seen", "assumed"]

_DOCS: Final = "https://platform.text.com/docs"
_AGENT: Final = f"{_DOCS}/messaging/agent-chat-api"
AUTHORIZATION: Final = f"[authorization]({_DOCS}/authorization/agent-authorization)"
CHANGELOG: Final = f"[changelog]({_AGENT}/changelog)"
CONFIGURATION_API: Final = f"[Configuration API]({_DOCS}/management/configuration-api)"
CUSTOMER_API: Final = f"[Customer Chat API]({_DOCS}/messaging/customer-chat-api)"
CUSTOMER_AUTHORIZATION: Final = (
    f"[customer authorization]({_DOCS}/authorization/customer-authorization)"
)
CUSTOMER_SDK: Final = "LiveChat's customer SDK"
CUSTOMER_STRUCTURES: Final = (
    f"[data structures]({_DOCS}/messaging/customer-chat-api/data-structures)"
)
DEFAULT_PROPERTIES: Final = f"[default properties]({_DOCS}/messaging/references/default-properties)"
PROPERTIES: Final = f"[properties]({_DOCS}/guides/console-guides/properties)"
PUSHES: Final = f"[pushes]({_AGENT}/rtm-pushes)"
RTM: Final = f"[RTM reference]({_AGENT}/rtm-reference)"
SCOPES: Final = f"[scopes]({_DOCS}/authorization/scopes)"
SYSTEM_MESSAGES: Final = f"[data structures]({_AGENT}/data-structures)"
WEBHOOKS: Final = f"[webhooks]({_DOCS}/management/webhooks)"
ERRORS: Final = f"[errors]({_AGENT}#errors)"
ACCOUNTS_SDK: Final = "LiveChat's accounts SDK"
GO_SDK: Final = "docs of LiveChat's SDK for Go"
PYTHON_SDK: Final = "LiveChat's SDK for Python"


class Rule(Struct, frozen=True):
    """Something that the sandbox does.

    ``source`` says where it stands, or who saw it; empty for the page of the method, and for what
    was assumed.
    """

    text: str
    basis: Basis
    source: str = ""


def documented(text: str, source: str = "") -> Rule:
    """Return a rule that LiveChat's docs state: on the page of the method, or at a source."""
    return Rule(text, "documented", source)


def seen(text: str, source: str) -> Rule:
    """Return a rule that somebody saw at work."""
    return Rule(text, "seen", source)


def assumed(text: str) -> Rule:
    """Return a rule on which the docs are silent."""
    return Rule(text, "assumed")
