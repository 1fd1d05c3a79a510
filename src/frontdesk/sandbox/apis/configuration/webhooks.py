"""The Configuration API: webhooks."""

from typing import Final

import msgspec
from msgspec import UNSET, Struct

from frontdesk.actions import (
    DisableLicenseWebhooks,
    EnableLicenseWebhooks,
    GetLicenseWebhooksState,
    ListWebhookNames,
    ListWebhooks,
    RegisterWebhook,
    UnregisterWebhook,
)
from frontdesk.errors import LimitReached, NotFound, UnsupportedVersion, ValidationError
from frontdesk.models import (
    OLD_WEBHOOK_FILTERS,
    WEBHOOK_ADDITIONAL_DATA,
    WEBHOOK_FILTERS,
    LicenseWebhooksState,
    RegisteredFilters,
    RegisteredWebhook,
    WebhookName,
    WebhookRegistration,
)
from frontdesk.sandbox.apis.configuration.owners import owner_client_id
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import WEBHOOKS, assumed, documented
from frontdesk.sandbox.store.records import WebhookRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.world import World
from frontdesk.spec.actions import Version, dotted

__all__ = [
    "disable_license_webhooks",
    "enable_license_webhooks",
    "get_license_webhooks_state",
    "list_webhook_names",
    "list_webhooks",
    "register_webhook",
    "unregister_webhook",
]

LIMIT: Final = 3
"""Webhooks per action and client id."""


STATE_RULES: Final = (
    documented(
        "A bearer token's client id is meant unless another is named; a personal access "
        "token needs one."
    ),
    assumed("The error without it is `validation`."),
)


class _Names(Struct, frozen=True):
    """How the webhooks of an older version differ."""

    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


_VERSIONS: Final[dict[Version, _Names]] = {
    (3, 4): _Names(
        ("incoming_customer",),
        (
            "event_deleted",
            "thread_summary_set",
            "auto_accesses_updated",
            "tag_created",
            "tag_updated",
            "tag_deleted",
        ),
    ),
    (3, 5): _Names(("incoming_customer",), ("event_deleted", "thread_summary_set")),
    (3, 6): _Names(),
    (3, 7): _Names(),
}


_UNSENT: Final[dict[Version, frozenset[str]]] = {
    (3, 4): frozenset(("auto_access_added", "auto_access_updated", "auto_access_deleted")),
}
"""The webhooks of a version that the sandbox never sends; nobody is to wait for them."""


def _filters_of(version: Version) -> dict[str, tuple[str, ...]]:
    """Return the webhooks of a version, and the filters that each takes."""
    names = _VERSIONS[version]
    filters: dict[str, tuple[str, ...]] = {
        name: filters for name, filters in WEBHOOK_FILTERS.items() if name not in names.missing
    }
    filters.update(dict.fromkeys(names.added, OLD_WEBHOOK_FILTERS))
    return filters


@handles(
    RegisterWebhook,
    rules=(
        documented(
            "At most 3 for each action and client id, a URL of at most 500 characters; "
            "the filters and additional data that the action takes."
        ),
        assumed("`limit_reached` is the error for a fourth."),
        documented(
            "The names are those of the version of the call.",
            WEBHOOKS,
        ),
        assumed(
            "`auto_access_added`, `auto_access_updated` and `auto_access_deleted` of 3.4 are "
            "neither sent nor listed; registering one is `validation`."
        ),
        assumed("Payloads have the shape of the version that the webhook was registered with."),
        assumed(
            "Any client id counts as your organization's; webhooks are sent at once "
            "instead of within 2 minutes."
        ),
        assumed("All filters given must agree; what customers do comes from another client id."),
        assumed(
            "Only addresses of the sandbox's own machine are taken unless more are "
            "allowed, only allowed ones where other machines reach the sandbox, and never "
            "its own (`validation`)."
        ),
        assumed("Order is kept for each chat and receiving host."),
    ),
)
def register_webhook(
    world: World, requester: Requester, action: RegisterWebhook
) -> RegisteredWebhook:
    """Keep the registration; it counts from the next happening on, in the version of the call."""
    if action.action in _UNSENT.get(requester.version, ()):
        raise ValidationError(
            f"`action`: the sandbox does not send `{action.action}` of version "
            f"{dotted(requester.version)}; `auto_accesses_updated` came in its place with 3.5"
        )
    if action.action not in _filters_of(requester.version):
        raise ValidationError(
            f"`action`: version {dotted(requester.version)} has no webhook `{action.action}`"
        )
    world.targets.check(action.url)
    same = [
        webhook
        for webhook in _registered(world, requester, action.owner_client_id)
        if webhook.action == action.action
    ]
    if len(same) >= LIMIT:
        raise LimitReached(
            f"`{action.action}` has {LIMIT} webhooks of `{action.owner_client_id}` already"
        )
    filters = None
    if action.filters is not UNSET:
        filters = msgspec.convert(msgspec.to_builtins(action.filters), RegisteredFilters)
    webhook = WebhookRecord(
        id=world.ids.hex32(),
        action=action.action,
        url=action.url,
        secret_key=action.secret_key,
        owner_client_id=action.owner_client_id,
        type=action.type,
        description=None if action.description is UNSET else action.description,
        filters=filters,
        additional_data=[] if action.additional_data is UNSET else list(action.additional_data),
        version=requester.version,
        organization_id=requester.organization_id,
    )
    world.store.company.save_webhook(webhook)
    return RegisteredWebhook(id=webhook.id)


@handles(
    ListWebhooks,
    rules=(
        documented("Without secrets."),
        assumed("In the order of the ids, whatever the version."),
    ),
)
def list_webhooks(
    world: World, requester: Requester, action: ListWebhooks
) -> list[WebhookRegistration]:
    """List the registrations of a client id."""
    return [
        WebhookRegistration(
            id=webhook.id,
            url=webhook.url,
            description=webhook.description,
            action=webhook.action,
            filters=webhook.filters,
            owner_client_id=webhook.owner_client_id,
            type=webhook.type,
        )
        for webhook in sorted(
            _registered(world, requester, action.owner_client_id), key=lambda webhook: webhook.id
        )
    ]


def _registered(world: World, requester: Requester, owner: str) -> list[WebhookRecord]:
    """Return the registrations of a client id in the organization of the requester."""
    return [
        webhook
        for webhook in world.store.company.webhooks.values()
        if webhook.owner_client_id == owner and webhook.organization_id == requester.organization_id
    ]


@handles(
    UnregisterWebhook,
    rules=(
        assumed("`not_found` is the error for an id that is not there."),
        assumed("It is the error for the id of another owner, too."),
        assumed("What waits to be sent is still sent."),
    ),
)
def unregister_webhook(world: World, requester: Requester, action: UnregisterWebhook) -> None:
    """Forget a registration."""
    webhook = world.store.company.webhooks.get(action.id)
    if webhook not in _registered(world, requester, action.owner_client_id):
        raise NotFound(
            f"`id`: there is no webhook `{action.id}` of the client id `{action.owner_client_id}`"
        )
    world.store.company.remove_webhook(action.id)


@handles(
    ListWebhookNames,
    rules=(
        documented("No token is needed; `version` defaults to the current stable one."),
        assumed("Every webhook but `agent_deleted` takes additional data."),
        assumed("The filters of older versions' webhooks are those of 3.6."),
    ),
)
def list_webhook_names(_: World, __: Requester, action: ListWebhookNames) -> list[WebhookName]:
    """List what can be registered."""
    versions = {dotted(version): version for version in _VERSIONS}
    version = versions.get("3.6" if action.version is UNSET else action.version)
    if version is None:
        raise UnsupportedVersion(f"`version` must be one of {', '.join(versions)}")
    return [
        WebhookName(
            action=name,
            filters=list(taken),
            additional_data=None if name == "agent_deleted" else list(WEBHOOK_ADDITIONAL_DATA),
        )
        for name, taken in _filters_of(version).items()
    ]


@handles(EnableLicenseWebhooks, rules=STATE_RULES)
def enable_license_webhooks(
    world: World, requester: Requester, action: EnableLicenseWebhooks
) -> None:
    """Send the license webhooks of a client id again."""
    _switch(world, owner_client_id(requester, action.owner_client_id), on=True)


@handles(DisableLicenseWebhooks, rules=STATE_RULES)
def disable_license_webhooks(
    world: World, requester: Requester, action: DisableLicenseWebhooks
) -> None:
    """Send the license webhooks of a client id no more."""
    _switch(world, owner_client_id(requester, action.owner_client_id), on=False)


@handles(
    GetLicenseWebhooksState,
    rules=(
        documented(
            "A bearer token's client id is meant unless another is named; a personal "
            "access token needs one."
        ),
        assumed("The error without it is `validation`."),
        assumed("Enabled for a client id that was never disabled, installed or not."),
    ),
)
def get_license_webhooks_state(
    world: World, requester: Requester, action: GetLicenseWebhooksState
) -> LicenseWebhooksState:
    """Return whether the license webhooks of a client id are sent."""
    owner = owner_client_id(requester, action.owner_client_id)
    off = world.store.company.license.webhooks_off
    return LicenseWebhooksState(license_webhooks_enabled=owner not in off)


def _switch(world: World, owner: str, *, on: bool) -> None:
    record = world.store.company.license
    off = [client_id for client_id in record.webhooks_off if client_id != owner]
    record = msgspec.structs.replace(record, webhooks_off=off if on else [*off, owner])
    world.store.company.save_license(record)
