"""Webhooks as LiveChat sends them, and how a body becomes one.

The envelope is decoded first and its payload is left as bytes; the action then tells the type of
the payload. Only what does not fit goes the slow way, so that a change of the API costs a field
and never a webhook.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Raw

from frontdesk.codec.damage import Damage, DamageReports, OnDamage, unfit
from frontdesk.codec.decoding import readable
from frontdesk.codec.lexical import cleaned
from frontdesk.codec.repair import ANYTHING, Unfit, plan_of, split_object
from frontdesk.errors import DecodeError
from frontdesk.models import Properties
from frontdesk.models.base import Model, Result, attach
from frontdesk.models.brief import shortened
from frontdesk.pushes.reading import kind_of
from frontdesk.webhooks.payloads import PAYLOADS, Payload

__all__ = [
    "AdditionalData",
    "Initiator",
    "UnknownWebhook",
    "Webhook",
    "parse",
    "read_webhook",
    "secret_in",
]

P = TypeVar("P")

NO_OBJECT: Final = "a webhook must be a JSON object"


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


class Webhook(Result, Generic[P], kw_only=True):
    """One webhook with its payload.

    ``webhook_id`` is the id that ``register_webhook`` returned, so it says nothing of the
    delivery. ``repr`` does not show the secret.
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
        return shortened(f"Webhook({self.action}, payload={self.payload!r})")

    def on_the_wire(self) -> Any:
        """Return the webhook with its payload as the API sends it."""
        if not isinstance(self.payload, Model):
            return self
        return msgspec.structs.replace(self, payload=self.payload.on_the_wire())

    def __rich_repr__(self) -> Any:
        yield self.action
        yield "payload", self.payload
        yield "webhook_id", self.webhook_id
        yield "organization_id", self.organization_id
        yield "additional_data", self.additional_data, None
        yield "requester", self.requester, None


class UnknownWebhook(Result, kw_only=True):
    """A webhook of an unknown action, or one whose payload is not what its action promises.

    ``raw`` is all of it but the secret, which ``repr`` does not show.
    """

    raw: dict[str, Any]
    secret_key: str = ""

    @property
    def action(self) -> str:
        """The name on the wire; empty if there is none."""
        return _plain_text(self.raw.get("action"))

    @property
    def webhook_id(self) -> str:
        """The id of the registration; empty if it does not tell."""
        return _plain_text(self.raw.get("webhook_id"))

    @property
    def organization_id(self) -> str:
        """The organization; empty if it does not tell."""
        return _plain_text(self.raw.get("organization_id"))

    @property
    def payload(self) -> Any:
        """The payload as plain data."""
        return self.raw.get("payload")

    def on_the_wire(self) -> Any:
        """Return the webhook as it came, with its secret, which known webhooks have as well."""
        return {**self.raw, "secret_key": self.secret_key} if self.secret_key else self.raw

    def __repr__(self) -> str:
        return shortened(f"UnknownWebhook({self.action!r}, payload={self.payload!r})")

    def __rich_repr__(self) -> Any:
        yield self.action
        yield "raw", self.raw


class _Secret(Model, kw_only=True):
    secret_key: str


_envelope: Callable[[Any], Webhook[Any]] = msgspec.json.Decoder(Webhook[Raw]).decode
_secret = msgspec.json.Decoder(_Secret).decode
_payload_decoders = {name: kind_of(cls).decode for name, cls in PAYLOADS.items()}


def parse(
    body: bytes | bytearray | memoryview | str,
    *,
    strict: bool = False,
    on_damage: OnDamage | None = None,
) -> Webhook[Payload] | UnknownWebhook:
    """Make a webhook of the body of a request.

    New fields are ignored, missing optional ones and nulls become None, new kinds of events and
    users become ``UnknownEvent`` and ``UnknownUser``. One odd value costs that value, and is
    reported as ``frontdesk.decode`` does. The secret is not checked: see ``Receiver``.

    Args:
        body: The body of the request.
        strict: Raise ``DecodeError`` instead of repairing.
        on_damage: Called with each ``Damage``.

    Raises:
        DecodeError: The body is not a JSON object.
    """
    return read_webhook(body, DamageReports(strict=strict, on_damage=on_damage))


def read_webhook(
    body: bytes | bytearray | memoryview | str, reports: DamageReports
) -> Webhook[Payload] | UnknownWebhook:
    """Make a webhook of the body of a request, and report damage."""
    try:
        webhook = _envelope(body)
        webhook.payload = _payload_decoders[webhook.action](webhook.payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError, KeyError):
        return _read_leniently(body if isinstance(body, str) else bytes(body), reports)
    return webhook


def _read_leniently(body: bytes | str, reports: DamageReports) -> Webhook[Payload] | UnknownWebhook:
    try:
        # Whoever nests that deeply is up to something; LiveChat does not.
        raw, damage = readable(body, cut=False)
    except DecodeError as error:
        # The secret stands at no certain place, so that no part of a body is shown.
        raise DecodeError(error.message) from None
    try:
        pieces = split_object(raw, "$", damage)
    except Unfit:
        raise DecodeError(NO_OBJECT) from None
    # A webhook out of the journal has none.
    secret_key = _text(pieces.pop("secret_key", Raw(b'""')), "$.secret_key", damage)
    action = _text(pieces.get("action"), "$.action", damage)
    cls = PAYLOADS.get(action)
    webhook: Webhook[Any] | UnknownWebhook | None = None
    if cls is not None:
        mark = len(damage)
        try:
            payload = kind_of(cls).fit(pieces.get("payload", Raw(b"null")), "$.payload", damage)
        except Unfit as error:
            if reports.strict:
                raise unfit(error.problem, error.path) from None
            del damage[mark:]
            problem = f"{error.problem}; the webhook is kept as it came"
            damage.append(Damage(error.path, problem))
        else:
            webhook = Webhook(
                webhook_id=_text(pieces.get("webhook_id"), "$.webhook_id", damage),
                secret_key=secret_key,
                action=action,
                organization_id=_text(pieces.get("organization_id"), "$.organization_id", damage),
                payload=payload,
                additional_data=_optional(pieces, "additional_data", AdditionalData, damage),
                requester=_optional(pieces, "requester", Initiator, damage),
            )
    if webhook is None:
        plain = {
            name: ANYTHING.or_null(piece, f"$.{name}", damage) for name, piece in pieces.items()
        }
        webhook = UnknownWebhook(raw=plain, secret_key=secret_key)
    attach(webhook, reports(damage, action or "webhook"))
    return webhook


def _plain_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(piece: Raw | None, path: str, damage: list[Damage]) -> str:
    """Read a text of the envelope; empty if there is none."""
    if piece is None:
        damage.append(Damage(path, "is missing"))
        return ""
    try:
        text: str = plan_of(str).fit(piece, path, damage)
    except Unfit as error:
        error.report(damage, "an empty text is in its place")
        return ""
    return text


def _optional(pieces: dict[str, Raw], name: str, kind: Any, damage: list[Damage]) -> Any:
    if name not in pieces:
        return None
    try:
        return plan_of(kind | None).fit(pieces[name], f"$.{name}", damage)
    except Unfit as error:
        error.report(damage, "the default is in its place")
        return None


def secret_in(body: bytes) -> str | None:
    """Read the secret of a body and nothing else; None when it has none.

    Of a JSON object that has none, the rest is not looked at: nobody without the secret is worth
    that work.

    Raises:
        DecodeError: The body is not JSON, or no object, which the first byte tells.
    """
    try:
        return _secret(body).secret_key
    except msgspec.ValidationError:
        _check_object(body)
        return None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    data = cleaned(body).data
    try:
        return _secret(data).secret_key
    except msgspec.ValidationError:
        _check_object(data)
        return None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise DecodeError("nested too deeply") from None


def _check_object(data: bytes) -> None:
    if not data.lstrip(b" \t\r\n").startswith(b"{"):
        raise DecodeError(NO_OBJECT) from None
