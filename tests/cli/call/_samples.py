"""Words for the options of each method: the least that its declaration takes."""

from pathlib import Path
from typing import Any

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS, Action
from frontdesk.cli.arguments.fields import Field
from frontdesk.cli.call.command import fields_with_options

UUID = "6f472698-d4a6-483b-95f9-180ab7fe4cf1"
MESSAGE = '{"type": "message", "text": "Hello"}'
POSTBACK = '{"id": "yes", "toggled": true}'
ACCESS = '{"chat": {"agent": ["read"]}}'
WORDS: dict[str, dict[str, str]] = {
    "*": {"--event": MESSAGE, "--postback": POSTBACK, "--seen-up-to": "2026-01-31T09:00Z"},
    "resume_chat": {"--chat": '{"id": "PJ0MRSHTDG"}'},
    "agent.update_customer": {"--id": UUID, "--name": "Thomas"},
    "customer.update_customer": {"--name": "Thomas"},
    "agent.get_customer": {"--id": UUID},
    "multicast": {
        "--recipients": '{"agents": {"ids": ["smith@example.com"]}}',
        "--content": '{"name": "Hello"}',
    },
    "set_routing_status": {"--status": "accepting_chats"},
    "add_auto_access": {
        "--access-group": "1",
        "--conditions": '{"url": {"values": [{"value": "/help"}]}}',
    },
    "batch_create_agents": {"--requests": '[{"id": "new@example.com", "name": "New"}]'},
    "batch_create_bots": {"--requests": '[{"name": "New"}]'},
    "batch_update_translations": {
        "--requests": '[{"group_id": 0, "language": "en", "phrases": {"Client": "You"}}]'
    },
    "unban_customer": {"--ip": "203.0.113.9"},
    "configuration.ban_customer": {"--ip": "203.0.113.9"},
    "create_greeting": {
        "--rules": '[{"condition": "or", "type": "visit_time_site", "operator": "greater_than",'
        ' "value": "30"}]',
    },
    "register_property": {"--access": ACCESS},
    "publish_property": {"--access-type": "read"},
    "register_webhook": {"--action": "incoming_chat", "--url": "https://example.com/hooks"},
    "set_customer_session_fields": {"--session-fields": '[{"plan": "gold"}]'},
    "check_goals": {
        "--session-fields": '[{"plan": "gold"}]',
        "--page-url": "https://example.com/",
    },
    "list_group_statuses": {"--all": ""},
}
"""Method -> option -> value, where the least that fits the type does not fit the rules."""
METHODS: dict[str, type[Action[Any]]] = {
    f"{action.spec.api}.{action.spec.name}": action
    for actions in (ACTIONS, CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS)
    for action in actions.values()
}


def words_for(action: type[Action[Any]], file: Path) -> list[str]:
    """Options with values that the declaration takes; ``file`` is for those that are files."""
    spec = action.spec
    own = WORDS.get(f"{spec.api}.{spec.name}", WORDS.get(spec.name, {}))
    given = dict(own)
    for field in fields_with_options(action):
        if field.required and field.kind.empty is None and field.option not in given:
            given[field.option] = WORDS["*"].get(field.option) or _least(field, spec.name, file)
    return [word for option, value in given.items() for word in (option, value) if word]


def _least(field: Field, method: str, file: Path) -> str:
    kind = field.kind.metavar
    match kind:
        case "TEXT" | "VALUE":
            is_customer = "customer" in field.name or method.endswith("_customer")
            return UUID if is_customer and field.name.endswith("id") else "x"
        case "NUMBER":
            return "1"
        case "FILE":
            return str(file)
        case "JSON":
            assert method.startswith("batch_"), (method, field.option)
            return '[{"id": "x"}]'
        case "":
            return ""
        case _:
            return kind.strip("<>").partition("|")[0]
