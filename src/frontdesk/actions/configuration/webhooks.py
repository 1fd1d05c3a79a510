"""The Configuration API: webhooks."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from msgspec import UNSET, Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    LicenseWebhooksState,
    RegisteredFilters,
    RegisteredWebhook,
    WebhookAction,
    WebhookFilters,
    WebhookName,
    WebhookRegistration,
)
from frontdesk.spec.actions import Action, DiscreetAction, Spec, all_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "DisableLicenseWebhooks",
    "EnableLicenseWebhooks",
    "GetLicenseWebhooksState",
    "ListWebhookNames",
    "ListWebhooks",
    "RegisterWebhook",
    "UnregisterWebhook",
]

REGISTRATION = all_of("webhooks.configuration:rw")
OWNER = "The client id that owns the webhook; it must be your organization's."
STATE_OWNER = (
    "The client id whose webhooks are meant. Required with a personal access token; with a bearer "
    "token it takes the place of the token's own."
)


class RegisterWebhook(DiscreetAction[RegisteredWebhook], frozen=True, kw_only=True):
    """Register a webhook for a client id, at most 3 per action.

    A registration cannot be changed: unregister it and register another. It takes effect
    within 2 minutes. A `license` webhook is about the whole license; a `bot` webhook is sent
    while a bot of the client id is not offline, so create the bot, register, and then set its
    routing status.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"secret_key"})
    spec: ClassVar[Spec] = Spec(
        name="register_webhook",
        errors=("LimitReached", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="webhooks",
        returns=RegisteredWebhook,
        scopes=REGISTRATION,
        transports=("web",),
    )
    action: Annotated[WebhookAction, Meta(description="What to be notified of.")]
    url: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=500,
            description="Where to send it: an `https` or `http` address of at most 500 characters.",
        ),
    ]
    secret_key: Annotated[
        Id, Meta(description="A secret text that comes with every webhook, to know it by.")
    ]
    owner_client_id: Annotated[Id, Meta(description=OWNER)]
    type: Annotated[
        Literal["license", "bot"],
        Meta(description="`license` for the whole license, `bot` for the bots of the client id."),
    ]
    additional_data: Annotated[
        MaybeFrom[
            list[Literal["chat_properties", "chat_presence_user_ids"]],
            Sequence[str],
        ],
        Meta(description="What of the chat to send along."),
    ] = NOT_SENT
    description: Annotated[Maybe[str], Meta(description="A text for people.")] = NOT_SENT
    filters: Annotated[
        MaybeFrom[WebhookFilters, WebhookFilters | RegisteredFilters | Dict],
        Meta(description="When to send it; defaults to always."),
    ] = NOT_SENT

    def _rules(self) -> None:
        check_url(self.url)
        if self.filters is not UNSET:
            self.filters.check_for(self.action)
        if self.additional_data is not UNSET and self.action == "agent_deleted":
            raise InvalidArgument("additional_data", "cannot be used with `agent_deleted`")


class ListWebhooks(Action[list[WebhookRegistration]], frozen=True, kw_only=True):
    """List the webhooks that a client id has registered; without their secrets."""

    spec: ClassVar[Spec] = Spec(
        name="list_webhooks",
        errors=("AuthorizationError",),
        api="configuration",
        group="webhooks",
        returns=list[WebhookRegistration],
        scopes=REGISTRATION,
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    owner_client_id: Annotated[Id, Meta(description=OWNER)]


class UnregisterWebhook(Action[None], frozen=True, kw_only=True):
    """Remove a registration."""

    spec: ClassVar[Spec] = Spec(
        name="unregister_webhook",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="webhooks",
        scopes=REGISTRATION,
        transports=("web",),
    )
    id: Annotated[Id, Meta(description="What `register_webhook` returned.")]
    owner_client_id: Annotated[Id, Meta(description=OWNER)]


class ListWebhookNames(Action[list[WebhookName]], frozen=True, kw_only=True):
    """List the webhooks that can be registered, with the filters and additional data they take."""

    spec: ClassVar[Spec] = Spec(
        name="list_webhook_names",
        needs_token=False,
        api="configuration",
        group="webhooks",
        returns=list[WebhookName],
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    version: Annotated[
        Maybe[Id], Meta(description="A version such as `3.6`; defaults to the stable one.")
    ] = NOT_SENT


class EnableLicenseWebhooks(Action[None], frozen=True, kw_only=True):
    """Send the license webhooks of a client id for this license again.

    Needed only after `disable_license_webhooks`: they are enabled when an app is installed.
    """

    spec: ClassVar[Spec] = Spec(
        name="enable_license_webhooks",
        api="configuration",
        group="webhooks",
        scopes=all_of("webhooks.state:rw"),
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    owner_client_id: Annotated[Maybe[Id], Meta(description=STATE_OWNER)] = NOT_SENT


class DisableLicenseWebhooks(Action[None], frozen=True, kw_only=True):
    """Send the license webhooks of a client id for this license no more.

    They stay off even when the app is installed again.
    """

    spec: ClassVar[Spec] = Spec(
        name="disable_license_webhooks",
        api="configuration",
        group="webhooks",
        scopes=all_of("webhooks.state:rw"),
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    owner_client_id: Annotated[Maybe[Id], Meta(description=STATE_OWNER)] = NOT_SENT


class GetLicenseWebhooksState(Action[LicenseWebhooksState], frozen=True, kw_only=True):
    """Get whether the license webhooks of a client id are sent for this license."""

    spec: ClassVar[Spec] = Spec(
        name="get_license_webhooks_state",
        api="configuration",
        group="webhooks",
        returns=LicenseWebhooksState,
        scopes=all_of("webhooks.state:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    owner_client_id: Annotated[Maybe[Id], Meta(description=STATE_OWNER)] = NOT_SENT


def check_url(url: str) -> None:
    """Raise ``InvalidArgument`` for a text that is no address webhooks can be sent to."""
    if any(char.isspace() or not char.isprintable() for char in url):
        raise InvalidArgument("url", "must not hold spaces or control characters")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidArgument(
            "url", "must be an absolute address that begins with https:// or http://"
        )
    try:
        has_port = parts.port != 0
    except ValueError:
        has_port = False
    if not has_port:
        raise InvalidArgument("url", "must be an absolute address with a port from 1 to 65535")
