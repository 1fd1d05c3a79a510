"""What a call causes for others: pushes and webhooks, before anybody delivers them."""

from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Raw, Struct
from msgspec.structs import replace

from frontdesk.codec.decoding import encode
from frontdesk.sandbox.world.actor import Actor, AuthorType
from frontdesk.sandbox.world.recipients import Recipients

__all__ = ["Effect"]

_NOT_YET: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Effect(Struct, kw_only=True):
    """Something that happened, as the API reports it.

    ``push`` and ``webhook`` are its names on either channel, ``None`` where it has none;
    ``to_customer``: the customer of the chat learns of it too. ``payload`` is what the API sends;
    ``customer_payload`` what the customer gets, where that has to be made when it happens (see
    ``chats.customer_views.show_push``).
    ``customer_push`` is a push of customers alone, for those of ``customer_ids``; ``None`` stands
    for every customer who is connected.
    ``callback`` is a URL that gets the payload, once, and nobody else does.
    ``chat_id`` lets webhooks add chat properties and present users. ``actor`` is who caused it,
    ``None`` for the router and timers; over RTM, the actor's own connection gets the ``request_id``
    of the request along with the push. ``author_type`` is whose event it is about, for the filter
    of webhooks. ``at`` is set when the effect is noted.
    """

    payload: Any
    push: str | None = None
    webhook: str | None = None
    to_customer: bool = False
    customer_payload: Any = None
    customer_push: str | None = None
    customer_ids: tuple[str, ...] | None = None
    callback: str | None = None
    recipients: Recipients = Recipients()
    chat_id: str | None = None
    actor: Actor | None = None
    author_type: AuthorType | None = None
    at: datetime = _NOT_YET
    event_json: bytes | None = None
    _json: bytes | None = None

    @property
    def json(self) -> bytes:
        """The payload as JSON of the current version, encoded once for all who send it.

        An event in it is the JSON that the store keeps, if ``event_json`` is given.
        """
        if self._json is None:
            payload = self.payload
            if self.event_json is not None:
                payload = replace(payload, event=Raw(self.event_json))
            self._json = encode(payload)
        return self._json
