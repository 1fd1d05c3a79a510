"""``frontdesk agents``, ``groups``, ``tags``, ``properties``, ``bot`` and ``webhooks``: set up."""

from typing import Any, Final

import typer

from frontdesk import actions
from frontdesk.cli.call.method_commands import MethodCommand, add_commands

__all__ = ["BOTS", "WEBHOOKS", "register"]

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def _values(properties: Any) -> Table:
    """Return a row for each property that has a value."""
    rows = [
        (f"{namespace}.{name}", value)
        for namespace, values in properties.items()
        for name, value in values.items()
    ]
    return ("property", "value"), rows


def _values_of_groups(groups: Any) -> Table:
    rows: list[tuple[Any, ...]] = [
        (f"{namespace}.{name}", group.id, value)
        for group in groups
        for namespace, values in group.properties.items()
        for name, value in values.items()
    ]
    return ("property", "group", "value"), rows


def _definitions(definitions: Any) -> Table:
    rows: list[tuple[Any, ...]] = [
        (
            name,
            definition.type,
            ", ".join(definition.access),
            definition.public_access or [],
            definition.description,
        )
        for name, definition in definitions.items()
    ]
    return ("name", "type", "locations", "public", "description"), rows


AGENTS: Final = (
    MethodCommand(
        name="list",
        action=actions.ListAgents,
        columns=("id", "name", "role", "login_status"),
    ),
    MethodCommand(name="show", action=actions.GetAgent, arguments=("id",)),
    MethodCommand(
        name="create",
        action=actions.CreateAgent,
        arguments=("id", "name"),
        summary="Make an agent, who is to be approved.",
    ),
    MethodCommand(
        name="update",
        action=actions.UpdateAgent,
        arguments=("id",),
        summary="Change an agent: what is given replaces what was there.",
    ),
    MethodCommand(
        name="delete",
        action=actions.DeleteAgent,
        arguments=("id",),
        asks="Delete the agent {id}?",
    ),
    MethodCommand(
        name="suspend",
        action=actions.SuspendAgent,
        arguments=("id",),
        summary="Suspend an agent, who can log in no more.",
    ),
    MethodCommand(
        name="unsuspend",
        action=actions.UnsuspendAgent,
        arguments=("id",),
        summary="End the suspension of an agent.",
    ),
    MethodCommand(
        name="approve",
        action=actions.ApproveAgent,
        arguments=("id",),
        summary="Approve an agent, who can then log in.",
    ),
)
GROUPS: Final = (
    MethodCommand(
        name="list",
        action=actions.ListGroups,
        columns=("id", "name", "language_code", "routing_status"),
    ),
    MethodCommand(name="show", action=actions.GetGroup, arguments=("id",)),
    MethodCommand(name="create", action=actions.CreateGroup, arguments=("name",)),
    MethodCommand(name="update", action=actions.UpdateGroup, arguments=("id",)),
    MethodCommand(
        name="delete",
        action=actions.DeleteGroup,
        arguments=("id",),
        asks="Delete the group {id}?",
    ),
)
TAGS: Final = (
    MethodCommand(
        name="list",
        action=actions.ListTags,
        columns=("name", "group_ids", "author_id", "created_at"),
    ),
    MethodCommand(name="create", action=actions.CreateTag, arguments=("name",)),
    MethodCommand(
        name="update",
        action=actions.UpdateTag,
        arguments=("name",),
        summary="Change the groups of a tag, which cannot be renamed.",
    ),
    MethodCommand(
        name="delete",
        action=actions.DeleteTag,
        arguments=("name",),
        asks="Delete the tag {name}?",
    ),
)
PROPERTIES: Final = (
    MethodCommand(
        name="list",
        action=actions.ListProperties,
        summary="List the registered properties of a client id.",
        rows=_definitions,
    ),
    MethodCommand(
        name="register",
        action=actions.RegisterProperty,
        arguments=("name",),
        summary="Register a property: its type, and who may do what.",
    ),
    MethodCommand(
        name="publish",
        action=actions.PublishProperty,
        arguments=("name",),
        summary="Open a property to other client ids.",
        asks="Publish the property {name}?",
    ),
    MethodCommand(
        name="unregister",
        action=actions.UnregisterProperty,
        arguments=("name",),
        summary="Remove a private property, and its values.",
        asks="Remove the property {name} and its values?",
    ),
    MethodCommand(
        name="license",
        action=actions.ListLicenseProperties,
        summary="List properties of the license.",
        rows=_values,
    ),
    MethodCommand(name="set-license", action=actions.UpdateLicenseProperties),
    MethodCommand(
        name="unset-license",
        action=actions.DeleteLicenseProperties,
        summary="Unset properties of the license.",
        asks="Unset properties of the license?",
    ),
    MethodCommand(
        name="groups",
        action=actions.ListGroupsProperties,
        summary="List properties of groups.",
        rows=_values_of_groups,
    ),
    MethodCommand(name="set-group", action=actions.UpdateGroupProperties, arguments=("group_id",)),
    MethodCommand(
        name="unset-group",
        action=actions.DeleteGroupProperties,
        arguments=("id",),
        summary="Unset properties of a group.",
        asks="Unset properties of the group {id}?",
    ),
)
BOTS: Final = (
    MethodCommand(
        name="list",
        action=actions.ListBots,
        columns=("id", "name", "type", "max_chats_count"),
    ),
    MethodCommand(name="show", action=actions.GetBot, arguments=("id",)),
    MethodCommand(
        name="create",
        action=actions.CreateBot,
        arguments=("name",),
        summary="Make a bot, which is offline at first.",
        note="keep the secret, which is not shown again: `frontdesk bot token` needs it",
    ),
    MethodCommand(
        name="update",
        action=actions.UpdateBot,
        arguments=("id",),
        summary="Change a bot: what is given replaces what was there.",
    ),
    MethodCommand(
        name="delete", action=actions.DeleteBot, arguments=("id",), asks="Delete the bot {id}?"
    ),
    MethodCommand(
        name="token",
        action=actions.IssueBotToken,
        arguments=("bot_id",),
        summary="Print a token of a bot, valid for 24 hours.",
        only="token",
    ),
    MethodCommand(
        name="reset-secret",
        action=actions.ResetBotSecret,
        arguments=("id",),
        summary="Replace the secret of a bot.",
        asks="Replace the secret of the bot {id}?",
        note="keep the secret, which is not shown again",
    ),
)
WEBHOOKS: Final = (
    MethodCommand(
        name="register",
        action=actions.RegisterWebhook,
        arguments=("action", "url"),
        summary="Register a webhook of a client id.",
    ),
    MethodCommand(
        name="list",
        action=actions.ListWebhooks,
        summary="List the registered webhooks of a client id.",
        columns=("id", "action", "type", "url"),
    ),
    MethodCommand(
        name="unregister",
        action=actions.UnregisterWebhook,
        arguments=("id",),
        summary="Remove a registered webhook.",
        asks="Remove the webhook {id}?",
    ),
    MethodCommand(
        name="names",
        action=actions.ListWebhookNames,
        summary="List the webhooks that can be registered.",
        columns=("action", "filters"),
    ),
    MethodCommand(
        name="enable",
        action=actions.EnableLicenseWebhooks,
        summary="Send the license webhooks of a client id again.",
    ),
    MethodCommand(
        name="disable",
        action=actions.DisableLicenseWebhooks,
        summary="Send the license webhooks of a client id no more.",
    ),
    MethodCommand(
        name="state",
        action=actions.GetLicenseWebhooksState,
        summary="Show whether license webhooks are sent.",
    ),
)

HELP: Final[dict[str, tuple[str, tuple[MethodCommand, ...]]]] = {
    "agents": ("List, make, change and suspend agents.", AGENTS),
    "groups": ("List, make, change and delete groups.", GROUPS),
    "tags": ("List, make, change and delete tags.", TAGS),
    "properties": ("Register properties, and set those of license and groups.", PROPERTIES),
}


def register(app: typer.Typer) -> None:
    """Add the groups of commands."""
    for name, (text, commands) in HELP.items():
        group = typer.Typer(help=text, no_args_is_help=True)
        add_commands(group, *commands)
        app.add_typer(group, name=name)
