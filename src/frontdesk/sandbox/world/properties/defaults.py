"""The properties that exist on every license and cannot be added or removed.

Source: https://platform.text.com/docs/messaging/references/default-properties
"""

from typing import Any, Literal

from frontdesk.sandbox.store.records import Properties, PropertyRecord

__all__ = ["DEFAULTS", "initial_license_properties"]

Type = Literal["int", "bool", "string", "tokenized_string"]
_RIGHTS = {"r": ["read"], "w": ["write"], "rw": ["read", "write"]}
_LOCATIONS = ("license", "group", "chat", "thread", "event")

DEFAULTS: dict[tuple[str, str], PropertyRecord] = {}
"""Each default property by namespace and name."""


def _define(
    namespace: str,
    name: str,
    type: Type,
    agent: str = "",
    customer: str = "",
    domain: list[Any] | None = None,
    least: float | None = None,
) -> None:
    """Add a property; ``agent`` and ``customer`` are like ``"chat:rw thread:r"``.

    ``least`` is the lowest number that it may be.
    """
    access: dict[str, dict[str, list[str]]] = {}
    for role, grants in (("agent", agent), ("customer", customer)):
        for grant in grants.split():
            location, _, rights = grant.partition(":")
            for place in _LOCATIONS if location == "all" else (location,):
                access.setdefault(place, {})[role] = _RIGHTS[rights]
    DEFAULTS[namespace, name] = PropertyRecord(
        namespace=namespace,
        name=name,
        type=type,
        access=access,
        public=True,
        domain=domain,
        range_from=least,
    )


for _name in (
    "queue.routing_priority",
    "agent_timeout_inactivity_form_min",
    "manual_routing.override",
    "queue.reopen_threshold.override",
    "queue.enabled.override",
):
    _define("chats", _name, "int", "group:rw")
for _name in (
    "chat_inactive_after_min",
    "archive_chat_after_min",
    "archive_offline_chat_after_min",
    "customer_timeout_after_min",
    "transfer_chat_after_min",
    "max_agent_active_chats",
    "queue.reopen_threshold",
):
    # Minutes, seconds and chats: a negative one would let nobody take a chat, or close all of them.
    _define("chats", _name, "int", "license:rw", least=0)
for _name in ("manual_routing", "queue.enabled", "prefer_recent_agent", "auto_summary_enabled"):
    _define("chats", _name, "bool", "license:rw")
# Named where customers get their tokens, and in no list of properties; the namespace is assumed.
_define("chats", "chat_between_groups", "bool", "license:rw")
_define("chats", "queue.limit", "int", "license:r")
_define("chats", "formatting", "string", "event:rw", "event:rw", ["commonmark"])
_define("chats", "resolved", "bool", "thread:r")
_define(
    "chats",
    "welcome_message_source",
    "string",
    "event:r",
    "event:r",
    ["ai_agent", "welcome_phrase"],
)
_define("core", "transcript_emails", "string", "license:rw")
_define("ecommerce", "has_sale", "bool", "thread:r")
_define("ecommerce", "has_indirect_sale", "bool", "thread:r")
_define("lc2", "file_safety_confirmation", "bool", "event:rw")
_define("lc2", "form_type", "string", "event:r", "event:rw", ["prechat", "postchat"])
_define("lc2", "greeting_id", "int", "thread:r event:r", "thread:rw event:r")
_define("lc2", "greeting_unique_id", "string", "thread:r event:r", "thread:rw event:r")
_define("lc2", "welcome_message", "bool", "event:r", "event:r")

LIMITS = {
    "access_rules": (200, 0, 500),
    "agents": (400, 0, 400),
    "archives_retention": (-1, 0, -1),
    "banned": (100, 0, 400),
    "concurrent_chats": (100, 0, 300),
    "customers_retention": (-1, 0, -1),
    "groups": (100, 0, 400),
    "groups_per_agent": (100, 0, 100),
    "group_chooser_groups": (10, 0, 25),
    "monitored_customers": (100, 0, 2000),
    "queue": (100, 0, 200),
    "queue_continuous": (150, 0, 150),
    "tags": (1000, 0, 2000),
}
"""Resource -> base, additional, hard limit. Retention is in months, -1 is unlimited."""

for _name in LIMITS:
    for _part in ("base", "additional", "hard"):
        _define("limits", f"{_name}.{_part}", "int", "license:r")

_define("monitoring", "ip_mask", "string", "license:rw")
_define("monitoring", "whitelist_enabled", "bool", "license:r")
_define("rating", "comment", "string", "chat:r thread:r event:r", "chat:rw thread:rw event:rw")
_define("rating", "score", "int", "chat:r thread:r event:r", "chat:rw thread:rw event:rw", [0, 1])
_define("routing", "continuous", "bool", "chat:r thread:r", "chat:r thread:r")
_define("routing", "email_follow_up", "bool", "chat:r", "chat:rw")
_define("routing", "idle", "bool", "thread:r")
_define("routing", "last_transfer_timestamp", "int", "thread:r")
_define("routing", "offline_message", "bool", "thread:r", "thread:rw")
_define("routing", "pinned", "bool", "thread:r chat:rw")
_define("routing", "was_pinned", "bool", "chat:r")
_define("routing", "ignore_agents_routing", "bool", "chat:rw", "chat:rw")
_define("routing", "ignore_bots", "bool", "", "thread:w")
_define("routing", "unassigned", "bool", "chat:r thread:r")
_define("routing", "unreplied", "bool", "thread:r")
_define("routing", "referrer", "string", "thread:r")
_define("routing", "start_url", "string", "thread:r", "thread:r")
_define("routing", "transcript_email", "string", "thread:r", "thread:rw")
_define("smart_actions", "greeting.hide_when_offline", "bool", "group:rw", "group:r")
_define("smart_actions", "greeting.enabled", "bool", "license:rw")
_define("smart_actions", "greeting.max_invites", "int", "license:r")
_define("source", "client_id", "string", "chat:r thread:r event:r", "chat:r thread:r event:r")
_define("source", "customer_client_id", "string", "chat:r thread:r", "chat:r thread:r")
for _name in ("description", "image_url", "title", "url"):
    _define("url_details", _name, "string", "event:rw", "event:rw")
for _name in ("image_height", "image_width"):
    _define("url_details", _name, "int", "event:rw", "event:rw")
_define("statistics", "first_chat_date", "string", "license:r")
_define("statistics", "website_last_activity", "string", "license:r")
_define("status", "delivered", "bool", "event:rw", "event:rw")
for _type in ("bool", "int", "string", "tokenized_string"):
    _define("test", f"{_type}_property", _type, "all:rw", "all:rw")
_define("translation", "source_lang_code", "string", "event:rw", "event:r")
_define("translation", "target_lang_code", "string", "event:rw", "event:r")
_define("translation", "target_message", "tokenized_string", "event:rw", "event:r")


def initial_license_properties() -> Properties:
    """Return what the default properties of a new license are set to."""
    limits = {
        f"{name}.{part}": value
        for name, values in LIMITS.items()
        for part, value in zip(("base", "additional", "hard"), values, strict=True)
    }
    # As many as can be bought, for load tests whose customers log in.
    limits["monitored_customers.additional"] = 1900
    return {
        "chats": {
            "chat_inactive_after_min": 20,
            "archive_chat_after_min": 30,
            "archive_offline_chat_after_min": 10,
            "customer_timeout_after_min": 900,
            "transfer_chat_after_min": 0,
            "manual_routing": False,
            "max_agent_active_chats": 20,
            "queue.enabled": True,
            "queue.reopen_threshold": 90,
            "queue.limit": 100,
            "prefer_recent_agent": False,
            "auto_summary_enabled": False,
            "chat_between_groups": True,
        },
        "limits": limits,
        "monitoring": {"whitelist_enabled": False},
        "smart_actions": {"greeting.enabled": True, "greeting.max_invites": 5},
    }


for _namespace, _values in initial_license_properties().items():
    for _name, _value in _values.items():
        # What a license begins with counts again when the value is deleted.
        DEFAULTS[_namespace, _name].default_value = _value
