"""Rendered from the declarations by ``make render``; not to be edited by hand."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from frontdesk.actions.configuration.webhooks import (
    DisableLicenseWebhooks,
    EnableLicenseWebhooks,
    GetLicenseWebhooksState,
    ListWebhookNames,
    ListWebhooks,
    RegisterWebhook,
    UnregisterWebhook,
)
from frontdesk.clients.async_web import AsyncDriver
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
        additional_data: Sequence[Literal["chat_properties", "chat_presence_user_ids"]]
        | None = None,
        description: str | None = None,
        filters: WebhookFilters | Mapping[str, Any] | None = None,
    ) -> RegisteredWebhook:
        """Register a webhook for a client id, at most 3 per action.

        A registration cannot be changed: unregister it and register another. It takes effect
        within 2 minutes. A `license` webhook is about the whole license; a `bot` webhook is sent
        while a bot of the client id is not offline, so create the bot, register, and then set its
        routing status.

        Args:
            action: What to be notified of.
            url: Where to send it: an `https` or `http` address of at most 500 characters.
            secret_key: A secret text that comes with every webhook, to know it by.
            owner_client_id: The client id that owns the webhook; it must be your
                organization's.
            type: `license` for the whole license, `bot` for the bots of the client id.
            additional_data: What of the chat to send along.
            description: A text for people.
            filters: When to send it; defaults to always.

        Returns:
            `RegisteredWebhook`: the webhook is registered; ``id`` is the ``webhook_id`` of
            what it sends.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`,
                `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

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
        """List the webhooks that a client id has registered; without their secrets.

        Args:
            owner_client_id: The client id that owns the webhook; it must be your
                organization's.

        Returns:
            `list[WebhookRegistration]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

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

        Args:
            id: What `register_webhook` returned.
            owner_client_id: The client id that owns the webhook; it must be your
                organization's.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#unregister-webhook
        """
        await self(UnregisterWebhook(id=id, owner_client_id=owner_client_id))

    async def list_webhook_names(
        self,
        *,
        version: str | None = None,
    ) -> list[WebhookName]:
        """List the webhooks that can be registered, with the filters and additional data they take.

        Args:
            version: A version such as `3.6`; defaults to the stable one.

        Returns:
            `list[WebhookName]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#list-webhook-names
        """
        return await self(ListWebhookNames(version=version))

    async def enable_license_webhooks(
        self,
        *,
        owner_client_id: str | None = None,
    ) -> None:
        """Send the license webhooks of a client id for this license again.

        Needed only after `disable_license_webhooks`: they are enabled when an app is installed.

        Args:
            owner_client_id: The client id whose webhooks are meant. Required with a
                personal access token; with a bearer token it takes the place of the token's
                own.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.state:rw.
        Source: https://platform.text.com/docs/management/configuration-api#enable-license-webhooks
        """
        await self(EnableLicenseWebhooks(owner_client_id=owner_client_id))

    async def disable_license_webhooks(
        self,
        *,
        owner_client_id: str | None = None,
    ) -> None:
        """Send the license webhooks of a client id for this license no more.

        They stay off even when the app is installed again.

        Args:
            owner_client_id: The client id whose webhooks are meant. Required with a
                personal access token; with a bearer token it takes the place of the token's
                own.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.state:rw.
        Source: https://platform.text.com/docs/management/configuration-api#disable-license-webhooks
        """
        await self(DisableLicenseWebhooks(owner_client_id=owner_client_id))

    async def get_license_webhooks_state(
        self,
        *,
        owner_client_id: str | None = None,
    ) -> LicenseWebhooksState:
        """Get whether the license webhooks of a client id are sent for this license.

        Args:
            owner_client_id: The client id whose webhooks are meant. Required with a
                personal access token; with a bearer token it takes the place of the token's
                own.

        Returns:
            `LicenseWebhooksState`: whether the license webhooks of the client id are sent
            for this license.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.state:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-license-webhooks-state
        """
        return await self(GetLicenseWebhooksState(owner_client_id=owner_client_id))
