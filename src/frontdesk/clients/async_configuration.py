"""Rendered from the declarations by tools/render.py; not to be edited by hand."""

from typing import Literal

from msgspec import UNSET, UnsetType

from frontdesk.actions.configuration import (
    DisableLicenseWebhooks,
    EnableLicenseWebhooks,
    GetLicenseWebhooksState,
    ListWebhookNames,
    ListWebhooks,
    RegisterWebhook,
    UnregisterWebhook,
)
from frontdesk.clients._async import AsyncDriver
from frontdesk.models import (
    LicenseWebhooksState,
    RegisteredWebhook,
    WebhookAction,
    WebhookFilters,
    WebhookName,
    WebhookRegistration,
)

__all__ = ["AsyncConfigurationClient"]


class AsyncConfigurationClient(AsyncDriver):
    """The Configuration API, webhooks so far; each method is to be awaited."""

    async def register_webhook(
        self,
        *,
        action: WebhookAction,
        url: str,
        secret_key: str,
        owner_client_id: str,
        type: Literal["license", "bot"],
        additional_data: list[Literal["chat_properties", "chat_presence_user_ids"]]
        | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        filters: WebhookFilters | UnsetType = UNSET,
    ) -> RegisteredWebhook:
        """Register a webhook for a client id, at most 3 per action.

        A registration cannot be changed: unregister it and register another. It takes effect
        within 2 minutes. A `license` webhook tells of the whole license; a `bot` webhook is sent
        while a bot of the client id is not offline, so create the bot, register, and then set its
        routing status.

        Arguments:

        - `action`: What to tell of.
        - `url`: Where to send it: an `https` or `http` address of at most 500 characters.
        - `secret_key`: A secret text that comes with every webhook, to know it by.
        - `owner_client_id`: The client id that owns the webhook; it must be your
          organization's.
        - `type`: `license` for the whole license, `bot` for the bots of the client id.
        - `additional_data`: What of the chat to send along.
        - `description`: A text for people.
        - `filters`: When to send it; always by default.

        Returns `RegisteredWebhook`.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after. Typical: `LimitReached`, `AuthorizationError`,
        `ValidationError`.
        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#register-webhook
        """
        return await self(
            RegisterWebhook(
                action=action,
                url=url,
                secret_key=secret_key,
                owner_client_id=owner_client_id,
                type=type,
                additional_data=additional_data,
                description=description,
                filters=filters,
            )
        )

    async def list_webhooks(
        self,
        *,
        owner_client_id: str,
    ) -> list[WebhookRegistration]:
        """List the webhooks that a client id has registered; secrets are not told.

        Arguments:

        - `owner_client_id`: The client id that owns the webhook; it must be your
          organization's.

        Returns `list[WebhookRegistration]`.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after. Typical: `AuthorizationError`.
        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#list-webhooks
        """
        return await self(ListWebhooks(owner_client_id=owner_client_id))

    async def unregister_webhook(
        self,
        *,
        id: str,
        owner_client_id: str,
    ) -> None:
        """Remove a registration.

        Arguments:

        - `id`: What `register_webhook` returned.
        - `owner_client_id`: The client id that owns the webhook; it must be your
          organization's.

        Returns nothing.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after. Typical: `NotFound`, `AuthorizationError`.
        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#unregister-webhook
        """
        await self(UnregisterWebhook(id=id, owner_client_id=owner_client_id))

    async def list_webhook_names(
        self,
        *,
        version: str | UnsetType = UNSET,
    ) -> list[WebhookName]:
        """List the webhooks that can be registered, with the filters and additional data they take.

        Arguments:

        - `version`: A version such as `3.6`; the stable one by default.

        Returns `list[WebhookName]`.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after.
        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#list-webhook-names
        """
        return await self(ListWebhookNames(version=version))

    async def enable_license_webhooks(
        self,
        *,
        owner_client_id: str | UnsetType = UNSET,
    ) -> None:
        """Send the license webhooks of a client id for this license again.

        Needed only after `disable_license_webhooks`: they are enabled when an app is installed.

        Arguments:

        - `owner_client_id`: The client id whose webhooks are meant. Required with a
          personal access token; with a bearer token it takes the place of the token's own.

        Returns nothing.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after.
        Scopes: webhooks.state:rw.
        Source: https://platform.text.com/docs/management/configuration-api#enable-license-webhooks
        """
        await self(EnableLicenseWebhooks(owner_client_id=owner_client_id))

    async def disable_license_webhooks(
        self,
        *,
        owner_client_id: str | UnsetType = UNSET,
    ) -> None:
        """Send the license webhooks of a client id for this license no more.

        They stay off even when the app is installed again.

        Arguments:

        - `owner_client_id`: The client id whose webhooks are meant. Required with a
          personal access token; with a bearer token it takes the place of the token's own.

        Returns nothing.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after.
        Scopes: webhooks.state:rw.
        Source: https://platform.text.com/docs/management/configuration-api#disable-license-webhooks
        """
        await self(DisableLicenseWebhooks(owner_client_id=owner_client_id))

    async def get_license_webhooks_state(
        self,
        *,
        owner_client_id: str | UnsetType = UNSET,
    ) -> LicenseWebhooksState:
        """Tell whether the license webhooks of a client id are sent for this license.

        Arguments:

        - `owner_client_id`: The client id whose webhooks are meant. Required with a
          personal access token; with a bearer token it takes the place of the token's own.

        Returns `LicenseWebhooksState`.

        Raises `InvalidArgument` before anything is sent, `APIError`, `TransportError` and
        `DecodeError` after.
        Scopes: webhooks.state:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-license-webhooks-state
        """
        return await self(GetLicenseWebhooksState(owner_client_id=owner_client_id))
