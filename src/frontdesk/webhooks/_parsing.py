"""Webhooks as LiveChat sends them, and how a body becomes one.

The envelope is decoded first and its payload is left as bytes; the action then tells the type of
the payload. Only what does not fit goes the slow way, so that a change of the API costs a field
and never a webhook.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeGuard, TypeVar

import msgspec
from msgspec import Raw, Struct

from frontdesk.decoding import convert
from frontdesk.errors import DecodeError
from frontdesk.models import Properties
from frontdesk.models._base import Model
from frontdesk.pushes import Push
from frontdesk.webhooks._payloads import PAYLOADS, Payload

__all__ = [
    "AdditionalData",
    "Initiator",
    "UnknownWebhook",
    "Webhook",
    "parse",
    "secret_in",
]

P = TypeVar("P")


class AdditionalData(Model, kw_only=True):
    """What the registration asked for beside the payload; nothing else is ever filled."""

    chat_properties: Properties | None = None
    chat_presence_user_ids: list[str] | None = None
    """The users who are in the chat."""


class Initiator(Model, kw_only=True):
    """Who changed the configuration; configuration webhooks have it since 3.6."""

    user_id: str | None = None
    account_id: str | None = None
    client_id: str | None = None


class Webhook(Model, Generic[P], kw_only=True):
    """One webhook with its payload.

    ``webhook_id`` is the id that ``register_webhook`` returned, so it says nothing of the
    delivery. The secret is left out of ``repr``.
    Source: https://platform.text.com/docs/messaging/webhooks
    """

    webhook_id: str
    secret_key: str = ""
    action: str
    organization_id: str
    payload: P
    additional_data: AdditionalData | None = None
    requester: Initiator | None = None

    @property
    def chat_properties(self) -> Properties:
        """The chat's properties, if the registration asked for them; empty otherwise."""
        return (self.additional_data and self.additional_data.chat_properties) or {}

    @property
    def chat_presence_user_ids(self) -> list[str]:
        """The users in the chat, if the registration asked for them; empty otherwise."""
        return (self.additional_data and self.additional_data.chat_presence_user_ids) or []

    def __repr__(self) -> str:
        return f"Webhook({self.action}, payload={self.payload!r})"

    def __rich_repr__(self) -> Any:
        yield self.action
        yield "payload", self.payload
        yield "webhook_id", self.webhook_id
        yield "organization_id", self.organization_id
        yield "additional_data", self.additional_data, None
        yield "requester", self.requester, None


class UnknownWebhook(Model, kw_only=True):
    """A webhook of an unknown action, or one whose payload is not what its action promises.

    ``raw`` is all of it but the secret, which is left out of ``repr``.
    """

    raw: dict[str, Any]
    secret_key: str = ""

    @property
    def action(self) -> str:
        """The name on the wire; empty if there is none."""
        return _text(self.raw.get("action"))

    @property
    def webhook_id(self) -> str:
        """The id of the registration; empty if it does not tell."""
        return _text(self.raw.get("webhook_id"))

    @property
    def organization_id(self) -> str:
        """The organization; empty if it does not tell."""
        return _text(self.raw.get("organization_id"))

    @property
    def payload(self) -> Any:
        """The payload as plain data."""
        return self.raw.get("payload")

    def __repr__(self) -> str:
        return f"UnknownWebhook({self.action!r}, payload={self.payload!r})"

    def __rich_repr__(self) -> Any:
        yield self.action
        yield "raw", self.raw


class _Secret(Model, kw_only=True):
    secret_key: str


_envelope: Callable[[Any], Webhook[Any]] = msgspec.json.Decoder(Webhook[Raw]).decode
_plain = msgspec.json.Decoder().decode
_secret = msgspec.json.Decoder(_Secret).decode


class _Kind(Struct, frozen=True):
    """The type of a payload: ``type`` is what is on the wire, ``root`` the field to put it in."""

    cls: type[Any]
    type: Any
    root: str | None
    decode: Callable[[Raw], Any]


def _kind(cls: type[Any]) -> _Kind:
    root: str | None = cls.spec.root if issubclass(cls, Push) else None
    if root is None:
        return _Kind(cls, cls, None, msgspec.json.Decoder(cls).decode)
    kind = next(field.type for field in msgspec.structs.fields(cls) if field.name == root)
    decode = msgspec.json.Decoder(kind).decode
    return _Kind(cls, kind, root, lambda data: cls(**{root: decode(data)}))


_kinds = {name: _kind(cls) for name, cls in PAYLOADS.items()}
_payload_decoders = {name: kind.decode for name, kind in _kinds.items()}


def parse(body: bytes | bytearray | memoryview | str) -> Webhook[Payload] | UnknownWebhook:
    """Make a webhook of the body of a request.

    New fields are ignored, missing optional ones and nulls become None, new kinds of events and
    users become ``UnknownEvent`` and ``UnknownUser``. The secret is not checked: see ``Receiver``.

    Raises ``DecodeError`` if the body is not a JSON object.
    """
    try:
        webhook = _envelope(body)
        webhook.payload = _payload_decoders[webhook.action](webhook.payload)
    except (msgspec.ValidationError, KeyError):
        return _parse_leniently(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise DecodeError("nested too deeply") from None
    return webhook


def _parse_leniently(
    body: bytes | bytearray | memoryview | str,
) -> Webhook[Payload] | UnknownWebhook:
    try:
        raw = _plain(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise DecodeError("nested too deeply") from None
    if not _is_object(raw):
        raise DecodeError("a webhook must be a JSON object")
    secret_key = _text(raw.pop("secret_key", None))
    payload = _payload_of(_text(raw.get("action")), raw.get("payload"))
    if payload is None:
        return UnknownWebhook(raw=raw, secret_key=secret_key)
    return Webhook(
        webhook_id=_text(raw.get("webhook_id")),
        secret_key=secret_key,
        action=raw["action"],
        organization_id=_text(raw.get("organization_id")),
        payload=payload,
        additional_data=_or_none(raw.get("additional_data"), AdditionalData),
        requester=_or_none(raw.get("requester"), Initiator),
    )


def _payload_of(action: str, value: Any) -> Any:
    kind = _kinds.get(action)
    if kind is None:
        return None
    payload = _or_none(value, kind.type)
    return payload if kind.root is None or payload is None else kind.cls(**{kind.root: payload})


def _or_none(value: Any, kind: type[Any]) -> Any:
    try:
        return convert(value, kind)
    except DecodeError:
        return None


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def secret_in(body: bytes) -> str | None:
    """Read the secret of a body and nothing else; None when it has none.

    Raises ``DecodeError`` if the body is not JSON.
    """
    try:
        return _secret(body).secret_key
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise DecodeError("nested too deeply") from None
