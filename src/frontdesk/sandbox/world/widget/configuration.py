"""The configuration of a group's chat window, made of what the world has.

Its versions are made of its content: they change exactly when it does.

Source: https://platform.text.com/docs/messaging/customer-chat-api#configuration
"""

from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit

from frontdesk.codec.decoding import encode
from frontdesk.models.customer_chat.widget import (
    ChatWindowConfiguration,
    ConfigurationButton,
    ConfigurationProperties,
    DynamicConfiguration,
    LiveChatConfiguration,
)
from frontdesk.sandbox.store.records import GroupRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.routing import availability
from frontdesk.sandbox.world.widget.forms import form_of
from frontdesk.sandbox.world.widget.phrases import phrases_of
from frontdesk.sandbox.world.world import World

__all__ = [
    "configuration_of",
    "configuration_version",
    "dynamic_configuration",
    "is_domain_allowed",
    "localization_version",
]

_PORTS: Final = {"http": 80, "https": 443}
_NO_CLIENT: Final = ""


def configuration_of(world: World, group: GroupRecord) -> ChatWindowConfiguration:
    """Return the buttons, the forms and the properties of a group that customers may see."""
    phrases = phrases_of(group, group.language_code)
    license = world.store.company.license
    return ChatWindowConfiguration(
        buttons=[
            ConfigurationButton(
                id=_digest([license.id, group.id, "button"])[:10],
                type="text",
                online_value=phrases["Chat_now"],
                offline_value=phrases["Leave_message"],
            )
        ],
        ticket_form=form_of(world, group, "ticket"),
        prechat_form=form_of(world, group, "prechat"),
        integrations={},
        properties=ConfigurationProperties(
            group=properties.readable(world, group.properties, "group", "customer", _NO_CLIENT)
            or {},
            license=properties.readable(
                world, license.properties, "license", "customer", _NO_CLIENT
            )
            or {},
        ),
    )


def configuration_version(world: World, group: GroupRecord) -> str:
    """Return the version of what ``configuration_of`` returns now."""
    return _digest(configuration_of(world, group))


def localization_version(group: GroupRecord, language: str) -> str:
    """Return the version of a group's phrases in a language."""
    return _digest(phrases_of(group, language))


def dynamic_configuration(
    world: World, group: GroupRecord, page_url: str | None
) -> DynamicConfiguration:
    """Return what a chat window asks for first: which groups are there, and which versions.

    Args:
        world: Whose it is.
        group: The group of the chat window.
        page_url: The page that has the window; any is allowed if it is not known.
    """
    license = world.store.company.license
    is_active = world.clock.now() < license.expires_at
    return DynamicConfiguration(
        organization_id=license.organization_id,
        default_widget="livechat",
        livechat_active=is_active,
        livechat=LiveChatConfiguration(
            group_id=group.id,
            client_limit_exceeded=_is_full(world),
            domain_allowed=page_url is None or is_domain_allowed(world, page_url),
            online_group_ids=availability.online_ids(world) or None,
            config_version=configuration_version(world, group),
            localization_version=localization_version(group, group.language_code),
            language=group.language_code,
        )
        if is_active
        else None,
    )


def is_domain_allowed(world: World, page_url: str) -> bool:
    """Return whether a page may embed the chat window: on any domain as long as none is listed."""
    domains = world.store.company.license.allowed_domains
    if not domains:
        return True
    try:
        parts = urlsplit(page_url if "://" in page_url else f"//{page_url}")
        host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        # Whatever else a browser shows is on no domain.
        return False
    return any(_is_on(host, port, domain.lower()) for domain in domains)


def _is_on(host: str, port: int | None, domain: str) -> bool:
    name, _, own_port = domain.partition(":")
    if own_port and own_port != str(port):
        return False
    # `*.example.com` is for what is below the domain.
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _is_full(world: World) -> bool:
    """Return whether as many customers chat as the license allows."""
    most = limits.limit_of(world, "concurrent_chats")
    return most != limits.UNLIMITED and world.store.chats.count_active() >= most


def _digest(content: Any) -> str:
    return blake2b(encode(content), digest_size=16).hexdigest()
