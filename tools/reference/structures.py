"""The pages of models and pushes, by subject."""

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Any, get_args, get_origin

from msgspec import Struct
from tools.reference.fields import cell, prose, structure
from tools.reference.methods import ALL_ACTIONS, anchor_of
from tools.reference.types import linked
from tools.render.annotations import Imports, type_text

from frontdesk import models, pushes
from frontdesk.pushes import CUSTOMER_PUSHES, PUSHES, Push

__all__ = ["model_pages", "push_pages"]

_MODELS = {
    "chats": (
        "Chats and threads",
        "A chat, its threads, who is in it, and who has access.",
        ("chats.chat", "chats.thread", "chats.access", "chats.indicators", "chats.multicast"),
    ),
    "filters": (
        "Filters",
        "Which chats, threads and customers a list has: by dates, tags, groups, properties, text.",
        ("chats.filters", "requests"),
    ),
    "events": (
        "Events",
        "What a thread consists of: messages, files, forms, cards, messages of the system.",
        ("events.event", "events.form", "events.rich_message", "events.postback"),
    ),
    "events-to-send": (
        "Events to send",
        "What `send_event` takes. They are checked when they are built.",
        ("events.new_event",),
    ),
    "system-events": (
        "Details of system events",
        "What a `SystemEvent` is about: orders, carts, summaries, custom skills.",
        ("events.system_event",),
    ),
    "people": (
        "People",
        "Agents, bots and customers, what is known of them, and their statuses.",
        ("users.user", "users.customer", "users.status"),
    ),
    "results": (
        "Results of methods",
        "What a method returns, if it is not one of the things above.",
        ("responses", "base"),
    ),
    "configuration": (
        "Configuration",
        "What the methods and pushes of the Configuration API return and carry.",
        (
            "configuration.objects",
            "configuration.results",
            "configuration.greetings",
            "configuration.webhook_registration",
            "configuration.license",
        ),
    ),
    "configuration-settings": (
        "Configuration to send",
        "What makes and changes agents, access rules, properties. Checked when it is built.",
        ("configuration.agent_settings", "configuration.property_settings"),
    ),
    "customer-chat": (
        "For customers",
        "What only the Customer Chat API has: greetings, forms, the chat window, the log-in.",
        (
            "customer_chat.chats",
            "customer_chat.greetings",
            "customer_chat.session",
            "customer_chat.widget",
        ),
    ),
}
"""Title, purpose and modules of each page of models."""

_ALIASES: dict[str, tuple[str, str]] = {
    "Event": ("events", "Everything that a thread may hold."),
    "NewEvent": ("events-to-send", "Everything that `send_event` takes."),
    "SystemDetails": ("system-events", "What `SystemEvent.details` may be."),
    "User": ("people", "Everybody who may be in a chat."),
    "AgentsForTransfer": ("results", "What `list_agents_for_transfer` returns."),
    "NewProperties": (
        "results",
        "Properties to set: namespace → name → value. Numbers have 32 bits.",
    ),
    "Properties": (
        "results",
        "Properties: namespace → name → value. A namespace is a client id or a reserved word such as `routing`.",
    ),
    "PropertiesFilters": ("filters", "Filters by properties: namespace → name → filter."),
    "PropertyNames": ("results", "Properties to delete: namespace → names."),
    "LoginStatus": ("configuration-settings", "What an agent does right after logging in."),
    "NotificationType": (
        "configuration-settings",
        "What LiveChat's application notifies an agent of.",
    ),
    "Priority": ("configuration-settings", "When an agent of a group gets its chats."),
    "PropertyPermission": ("configuration-settings", "What may be done with a property."),
    "WebhookAction": ("configuration", "What one can be notified of."),
    "MAX_TEXT_BYTES": (
        "events-to-send",
        "How long the text of a message may be, in bytes of UTF-8.",
    ),
    "OLD_WEBHOOK_FILTERS": (
        "configuration",
        "The filters of webhooks that ended with version 3.5.",
    ),
    "WEBHOOK_ADDITIONAL_DATA": ("configuration", "What a webhook can carry besides its payload."),
    "WEBHOOK_FILTERS": ("configuration", "Which filters each webhook may be registered with."),
    "validate_event": ("events-to-send", ""),
}
"""The page of each name that is no structure, and what it stands for."""

_PUSH_GROUPS = {
    "chats": "Chats and threads",
    "events": "Events",
    "chat_users": "Chat users",
    "chat_access": "Chat access",
    "properties": "Properties",
    "thread_tags": "Thread tags",
    "customers": "Customers",
    "status": "Status",
    "configuration": "Configuration",
    "session": "Session",
    "queues": "Queues",
    "other": "Typing, seen, multicast",
}


def model_pages() -> dict[str, str]:
    """Return the text of each page by its path below ``reference/models``."""
    texts = {}
    index = [_MODELS_HEAD]
    for page, (title, purpose, modules) in _MODELS.items():
        names = [name for module in modules for name in _structures(f"frontdesk.models.{module}")]
        parts = [_head(title, purpose), purpose, ""]
        parts += [_alias(name) for name, (home, _) in _ALIASES.items() if home == page]
        parts += [structure("frontdesk.models", name, level=2) for name in names]
        texts[f"{page}.md"] = "\n".join(parts)
        links = ", ".join(f"[`{name}`][frontdesk.models.{name}]" for name in names)
        index.append(f"## [{title}]({page}.md)\n\n{purpose}\n\n{links}\n")
    return {"index.md": "\n".join(index), **texts}


def push_pages() -> dict[str, str]:
    """Return the text of the page of pushes."""
    by_group: dict[str, list[type[Push]]] = {}
    for push in PUSHES.values():
        by_group.setdefault(push.spec.group, []).append(push)
    parts = [_PUSHES_HEAD, _push_table(by_group)]
    parts.append("## All pushes\n")
    parts += [structure("frontdesk.pushes", name) for name in ("Push", "UnknownPush", "PushSpec")]
    for group, members in by_group.items():
        parts.append(f"## {_PUSH_GROUPS.get(group, group.replace('_', ' ').capitalize())}\n")
        parts += [_push_section(push) for push in members]
    own = [push for push in CUSTOMER_PUSHES.values() if push.spec.family == "customer"]
    shared = [push for push in CUSTOMER_PUSHES.values() if push not in own]
    parts.append(_CUSTOMERS_HEAD)
    parts.append(", ".join(linked(push.__name__) for push in shared) + ".\n")
    parts += [_push_section(push) for push in own]
    parts.append("## Parts of pushes\n")
    documented = {push.__name__ for push in (*PUSHES.values(), *own)} | {
        "Push",
        "UnknownPush",
        "PushSpec",
    }
    parts += [
        structure("frontdesk.pushes", name)
        for name in pushes.__all__
        if _is_structure(getattr(pushes, name)) and name not in documented
    ]
    return {"pushes.md": "\n".join(parts)}


_MODELS_HEAD = """\
---
title: Models
description: Every structure of frontdesk.models with its fields and types
---

# Models

Everything that methods, pushes and webhooks carry is a typed structure; import them from `frontdesk.models`.

- What is **received** takes what comes: a field that the API does not send is `None`, one that frontdesk does not know is ignored, and an
  odd value costs [that value alone](../../guide/errors.md#data-that-is-not-what-the-api-promises). Dates are aware and in UTC.
- What is **sent** is checked when it is built; a wrong value raises `InvalidArgument`, which names the field. `None` is not sent, a dict with
  LiveChat's names stands for a structure, and any sequence for a list. A field that was not sent holds `msgspec.UNSET`.
"""

_PUSHES_HEAD = """\
---
title: Pushes
description: Every push of RTM, its fields, its webhook and its scope
---

# Pushes

What the server says over RTM; import them from `frontdesk.pushes`. Those with a webhook come as its payload too. How to subscribe:
[Follow chats live](../guide/rtm.md).

::: frontdesk.pushes.decode
    options:
      heading_level: 2

::: frontdesk.pushes.payload_of
    options:
      heading_level: 2

## The table { #frontdesk.pushes.PUSHES }

`PUSHES` maps the name on the wire to the structure.
"""


_CUSTOMERS_HEAD = """\
## What customers get { #frontdesk.pushes.CUSTOMER_PUSHES }

`CUSTOMER_PUSHES` maps the names on the wire of the Customer Chat API to the structures; `decode(…, api="customer")` makes one of them. Those that are
no different from what agents get are the same classes, less what customers may not see:
"""


def _head(title: str, purpose: str) -> str:
    return f"---\ntitle: {title}\ndescription: {purpose}\n---\n\n# {title}\n"


def _structures(module: str) -> list[str]:
    loaded = import_module(module)
    return [
        name
        for name in loaded.__all__
        if name in models.__all__ and _is_structure(getattr(models, name))
    ]


def _is_structure(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Struct)


def _alias(name: str) -> str:
    value = getattr(models, name)
    heading = f"## {name} {{ #frontdesk.models.{name} data-toc-label='{name}' }}\n"
    imported = f"`from frontdesk.models import {name}`\n"
    if name == "validate_event":
        return "::: frontdesk.models.validate_event\n    options:\n      heading_level: 2\n"
    _, about = _ALIASES[name]
    return f"{heading}\n{imported}\n{about}\n\n{_value(name, value)}\n"


def _value(name: str, value: Any) -> str:
    if name == "WEBHOOK_FILTERS":
        rows = [f"| `{action}` | {_listed(filters)} |" for action, filters in value.items()]
        return "\n".join(["| Webhook | Filters |", "| -- | -- |", *rows])
    if name == "WebhookAction":
        return _listed(value.__args__)
    if isinstance(value, tuple):
        return _listed(value)
    if isinstance(value, int):
        return f"`{value:_}`"
    if hasattr(value, "__args__") and all(_is_structure(arg) for arg in value.__args__):
        if getattr(value, "__origin__", None) is list:
            return linked(f"list[{value.__args__[0].__name__}]")
        return " | ".join(linked(arg.__name__) for arg in value.__args__).replace(" | ", ", ")
    return linked(type_text(_bare(value), Imports()))


def _bare(hint: Any) -> Any:
    """Drop the limits of a type, so that it does not show as the alias that it stands for."""
    args = get_args(hint)
    if get_origin(hint) is Annotated:
        return _bare(args[0])
    if get_origin(hint) in (dict, list):
        return get_origin(hint)[tuple(_bare(arg) for arg in args)]
    return hint


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _push_table(by_group: dict[str, list[type[Push]]]) -> str:
    rows = [
        f"| [`{push.spec.name}`][frontdesk.pushes.{push.__name__}] | `{push.__name__}` | "
        f"{'yes' if push.spec.webhook else 'no'} | {push.spec.family} | "
        f"{cell(prose(push.__doc__).partition(chr(10))[0])} |"
        for members in by_group.values()
        for push in members
    ]
    head = ["| Push | Class | Webhook | Scopes of | What happened |", "| -- | -- | -- | -- | -- |"]
    return "\n".join([*head, *rows]) + "\n"


def _push_section(push: type[Push]) -> str:
    spec = push.spec
    is_own = spec.family == "customer"
    causes = [
        f"[`{action.spec.name}`][{anchor_of(action)}]"
        for action in ALL_ACTIONS
        if spec.name in action.spec.push and (action.spec.api == "customer") == is_own
    ]
    facts = [f"On the wire: `{spec.name}`{', a webhook as well' if spec.webhook else ''}."]
    if causes:
        facts.append(f"Caused by {', '.join(causes)}.")
    if spec.since > (3, 0):
        facts.append(f"Since version {spec.since[0]}.{spec.since[1]}.")
    return structure("frontdesk.pushes", push.__name__) + "\n" + " ".join(facts) + "\n"
