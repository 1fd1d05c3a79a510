"""What the declarations of methods, models, pushes and webhooks say of each field, by its name.

A recording keeps what is known to be safe. What is known comes from here: the names of all fields,
the words that a field may hold, and which fields hold timestamps or numbers.
"""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeAlias

from msgspec import Struct
from msgspec import inspect as types

from frontdesk.errors import API_ERRORS

__all__ = ["API_NAMES", "Declared", "declared", "declared_structs"]

PACKAGES: Final = (
    "frontdesk.models",
    "frontdesk.actions",
    "frontdesk.pushes",
    "frontdesk.webhooks.payloads",
)
API_NAMES: Final = ("agent", "configuration", "customer")
ENVELOPE: Final = frozenset(
    "request_id action type version success payload author_id webhook_id secret_key "  # noqa: SIM905 - a list of words
    "organization_id additional_data error message data file_bytes body_bytes license_id "
    "error_type ping".split()
)
"""Members of the envelopes of calls, pushes and webhooks, and those that a recording adds."""
SYSTEM_MESSAGES: Final = (
    "agent_added agent_joined agent_left agent_removed archived_customer_disconnected "
    "chat_transferred customer_added customer_banned customer_updated manual_archived_agent "
    "manual_archived_customer routing.archived_deleted routing.archived_disconnected "
    "routing.archived_inactive routing.archived_offline routing.archived_other_reason "
    "routing.archived_remotely_signed_out routing.assigned_deleted routing.assigned_disconnected "
    "routing.assigned_inactive routing.assigned_other_reason "
    "routing.assigned_remotely_signed_out routing.idle routing.unassigned_deleted "
    "routing.unassigned_disconnected routing.unassigned_other_reason "
    "routing.unassigned_remotely_signed_out system_archived transcript_requested transcript_sent"
)
PROPERTIES: Final = (
    "access_rules.additional access_rules.base access_rules.hard "
    "agent_timeout_inactivity_form_min agents.additional agents.base agents.hard "
    "archive_chat_after_min archive_offline_chat_after_min archives_retention.additional "
    "archives_retention.base archives_retention.hard auto_summary_enabled "
    "banned.additional banned.base banned.hard bool_property chat_inactive_after_min "
    "chats client_id comment concurrent_chats.additional concurrent_chats.base "
    "concurrent_chats.hard continuous core customer_client_id customer_timeout_after_min "
    "customers_retention.additional customers_retention.base customers_retention.hard "
    "delivered description ecommerce email_follow_up file_safety_confirmation "
    "first_chat_date form_type formatting greeting.enabled greeting.hide_when_offline "
    "greeting.max_invites greeting_id greeting_unique_id group_chooser_groups.additional "
    "group_chooser_groups.base group_chooser_groups.hard groups.additional groups.base "
    "groups.hard groups_per_agent.additional groups_per_agent.base groups_per_agent.hard "
    "has_indirect_sale has_sale idle ignore_agents_routing ignore_bots image_height "
    "image_url image_width int_property ip_mask last_transfer_timestamp lc2 limits "
    "manual_routing manual_routing.override max_agent_active_chats "
    "monitored_customers.additional monitored_customers.base monitored_customers.hard "
    "monitoring offline_message pinned prefer_recent_agent queue.additional queue.base "
    "queue.enabled queue.enabled.override queue.hard queue.limit queue.reopen_threshold "
    "queue.reopen_threshold.override queue.routing_priority queue_continuous.additional "
    "queue_continuous.base queue_continuous.hard rating referrer resolved routing score "
    "smart_actions source source_lang_code start_url statistics status string_property "
    "tags.additional tags.base tags.hard target_lang_code target_message test title "
    "tokenized_string_property transcript_email transcript_emails transfer_chat_after_min "
    "translation unassigned unreplied url url_details was_pinned website_last_activity "
    "welcome_message welcome_message_source whitelist_enabled"
)
"""Names of LiveChat's own properties, and of their namespaces."""
WORDS: Final[dict[str, str]] = {
    "type": "request response push all license group agent agents customer visitor "
    "int bool string tokenized_string text textarea radio checkbox select email name question "
    "rating header file message filled_form rich_message form custom system_message system "
    "annotation group_chooser phone url",
    "visibility": "all agents",
    "recipients": "all agents",
    "status": "accepting_chats not_accepting_chats offline online",
    "routing_status": "accepting_chats not_accepting_chats offline",
    "template_id": "cards quick_replies sticker ecommerce",
    "system_message_type": SYSTEM_MESSAGES,
    "reason": "manual inactive assigned unassigned other manual_transfer inactive_transfer "
    "access_token_expired connection_timeout customer_banned customer_temporarily_blocked "
    "inactivity_timeout internal_error license_expired license_not_found misdirected_connection "
    "product_version_changed service_temporarily_unavailable too_many_connections "
    "too_many_unauthorized_connections unsupported_version logged_out_remotely agent_disconnected "
    "agent_deleted agent_logged_out agent_connections_limit_exceeded ping_timeout "
    "role_permissions_changed connection_evicted",
    "role": "owner administrator viceowner normal",
    "permission": "owner administrator viceowner normal",
    "content_type": "application/json application/pdf image/png image/jpeg image/gif text/plain",
    "sort_by": "name created_at agents",
}
"""Words that the docs list for fields whose type is an open text."""
INHERITING: Final = frozenset(("values", "exclude_values", "all_values", "any_values"))
"""Members of filters: their words are those of the field that is filtered."""

Word: TypeAlias = str


class Declared(Struct, frozen=True):
    """What is known of fields."""

    names: frozenset[str]
    """Names of all fields, and the words that may be names of members."""
    words: dict[str, frozenset[Word]]
    """What a field of a name may hold, as far as its type lists it."""
    dates: frozenset[str]
    """Fields that hold a timestamp in ISO 8601."""
    numbers: frozenset[str]
    """Fields that hold a number and nothing else."""
    methods: frozenset[tuple[str, str]]
    """Each method by API and name."""
    happenings: frozenset[str]
    """Names of pushes and webhooks."""

    def allows(self, name: str, parent: str, text: str) -> bool:
        """Return whether the text is one of the words that a field may hold."""
        if text in self.words.get(name, ()):
            return True
        return name in INHERITING and text in self.words.get(parent, ())


@cache
def declared() -> Declared:
    """Return what is known, which takes a while to gather the first time."""
    from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS
    from frontdesk.pushes import CUSTOMER_PUSHES, PUSHES

    words: dict[str, set[str]] = {name: set(text.split()) for name, text in WORDS.items()}
    kinds: dict[str, set[str]] = {}
    tags: set[str] = set()
    for struct in declared_structs():
        info = types.type_info(struct)
        assert isinstance(info, types.StructType)
        if info.tag_field is not None and isinstance(info.tag, str):
            if not info.tag.startswith("frontdesk."):
                words.setdefault(info.tag_field, set()).add(info.tag)
                tags.add(info.tag)
            kinds.setdefault(info.tag_field, set()).add("text")
        for field in info.fields:
            if field.encode_name.startswith("frontdesk."):
                continue
            of_name = kinds.setdefault(field.encode_name, set())
            for kind, value in _kinds(field.type):
                of_name.add(kind)
                if kind == "word":
                    words.setdefault(field.encode_name, set()).add(value)
    registries = {
        "agent": ACTIONS,
        "configuration": CONFIGURATION_ACTIONS,
        "customer": CUSTOMER_ACTIONS,
    }
    methods = {(api, name) for api, actions in registries.items() for name in actions}
    happenings = {*PUSHES, *CUSTOMER_PUSHES, *words.get("action", ())}
    happenings |= {
        name
        for actions in registries.values()
        for action in actions.values()
        for name in (*action.spec.push, *action.spec.webhook)
    }
    words.setdefault("action", set()).update(happenings, (name for _, name in methods))
    words["pushes"] = happenings
    words["event_types"] = tags
    words["type"].update(API_ERRORS)
    all_words = {word for of_name in words.values() for word in of_name}
    return Declared(
        names=frozenset({*kinds, *ENVELOPE, *PROPERTIES.split(), *all_words}),
        words={name: frozenset(of_name) for name, of_name in words.items()},
        dates=frozenset(name for name, of_name in kinds.items() if "date" in of_name),
        numbers=frozenset(name for name, of_name in kinds.items() if of_name == {"number"}),
        methods=frozenset(methods),
        happenings=frozenset(happenings),
    )


def declared_structs() -> list[type[Struct]]:
    """Return every structure of the declarations."""
    for package in PACKAGES:
        module = import_module(package)
        for info in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
            import_module(info.name)
    structs = {struct for struct in _subclasses(Struct) if struct.__module__.startswith(PACKAGES)}
    return sorted(structs, key=lambda struct: (struct.__module__, struct.__qualname__))


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for struct in base.__subclasses__():
        yield struct
        yield from _subclasses(struct)


def _kinds(kind: types.Type) -> Iterator[tuple[str, str]]:  # noqa: C901 - a case for each
    match kind:
        case types.LiteralType(values=values):
            for value in values:
                yield ("word", value) if isinstance(value, str) else ("number", "")
        case types.UnionType(types=members):
            for member in members:
                yield from _kinds(member)
        case types.ListType(item_type=item) | types.VarTupleType(item_type=item):
            yield from _kinds(item)
        case types.DictType(key_type=key, value_type=value):
            yield from _kinds(key)
            yield from _kinds(value)
        case types.Metadata(type=inner):
            yield from _kinds(inner)
        case types.DateTimeType():
            yield "date", ""
        case types.IntType() | types.FloatType():
            yield "number", ""
        case types.NoneType() | types.BoolType():
            return
        case _:
            yield "text", ""
