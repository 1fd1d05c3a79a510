"""What a chat window asks for before there is a customer: none of it needs a token."""

from typing import Final

from msgspec import UNSET

from frontdesk.actions.customer import (
    GetConfiguration,
    GetDynamicConfiguration,
    GetLocalization,
)
from frontdesk.errors import LicenseNotFound
from frontdesk.models.customer_chat.widget import ChatWindowConfiguration, DynamicConfiguration
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.staff import groups
from frontdesk.sandbox.world.widget import configuration, phrases
from frontdesk.sandbox.world.world import World

__all__ = ["get_configuration", "get_dynamic_configuration", "get_localization"]

_UNKNOWN_GROUP: Final = assumed("The error for an unknown group is `group_not_found`.")
_ANY_VERSION: Final = assumed(
    "What is there now is the response to any `version`: the sandbox keeps no older ones."
)


@handles(
    GetDynamicConfiguration,
    rules=(
        documented("`livechat` is there only while the license is active; `online_group_ids` only "
                   "if a group is online."),
        assumed("A group in which a chat would wait is online, too."),
        assumed("`client_limit_exceeded` is true if as many chats are active as "
                "`limits.concurrent_chats` allows."),
        assumed("`domain_allowed` is false for a page on none of the allowed domains; without any "
                "of them, and without a `url`, it is true."),
        assumed("The versions are made of the content: they change when it does."),
        assumed("`license_not_found` is the error for another `license_id`; `channel_type` and "
                "`test` change nothing."),
        _UNKNOWN_GROUP,
    ),
)  # fmt: skip
def get_dynamic_configuration(
    world: World, _: CustomerActor, action: GetDynamicConfiguration
) -> DynamicConfiguration:
    """Return what changes of the configuration."""
    license_id = world.store.company.license.id
    if action.license_id is not UNSET and str(action.license_id) != license_id:
        raise LicenseNotFound(f"`license_id`: there is no license {action.license_id}")
    group = groups.find(world, 0 if action.group_id is UNSET else action.group_id, "group_id")
    page_url = None if action.url is UNSET else action.url
    return configuration.dynamic_configuration(world, group, page_url)


@handles(
    GetConfiguration,
    rules=(
        documented("Buttons, forms, and the properties that customers may read."),
        assumed("One button, of text; its phrases are `Chat_now` and `Leave_message`."),
        assumed("Properties of applications are in it only if all may read them."),
        _ANY_VERSION,
        _UNKNOWN_GROUP,
    ),
)
def get_configuration(
    world: World, _: CustomerActor, action: GetConfiguration
) -> ChatWindowConfiguration:
    """Return the configuration of a group's chat window."""
    return configuration.configuration_of(world, groups.find(world, action.group_id, "group_id"))


@handles(
    GetLocalization,
    rules=(
        documented("Phrases by their keys, some with variables such as `%name%`."),
        assumed(
            "The phrases that the group has for the language, and English ones of the sandbox in "
            "place of the others, whatever the language."
        ),
        _ANY_VERSION,
        _UNKNOWN_GROUP,
    ),
)
def get_localization(world: World, _: CustomerActor, action: GetLocalization) -> dict[str, str]:
    """Return the phrases of a group's chat window."""
    return phrases.phrases_of(groups.find(world, action.group_id, "group_id"), action.language)
