"""Which customers get a push, in which version, and what of it they may see.

A connection gets what is about its customer's chats as far as customers may see it, and the pushes
that are for its customer alone. The filter of its log-in lets a push through once for each version
it asks for.

Only the push of a chat that is started or resumed, and that of an event that is sent, carry the
``request_id`` of the request: LiveChat's customer-sdk takes the first push with that id for the
result, and fails at a second one.

Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-pushes
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from frontdesk.codec.decoding import encode
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES
from frontdesk.sandbox.calls.versions import converted
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.serve.rtm.frames import push_frame
from frontdesk.sandbox.serve.rtm.push_delivery import LoggedIn
from frontdesk.sandbox.world import Effect, World
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.spec.actions import Version, dotted

__all__ = ["CustomerDelivery"]

_RESULTS: Final = frozenset(("incoming_chat", "incoming_event"))
"""Pushes that stand for the result of a request."""


class CustomerDelivery:
    """Turns effects into frames for the connections of customers."""

    def __init__(self, world: World, logged_in: LoggedIn) -> None:
        self._world = world
        self._logged_in = logged_in

    def frames(self, effect: Effect) -> Iterator[tuple[Connection, bytes]]:
        """Each connection of a customer that gets a push of an effect, and the frame for it."""
        if not self._logged_in:
            return
        if effect.customer_push is not None:
            yield from self._frames(
                effect, effect.customer_push, self._named(effect.customer_ids), effect.payload
            )
        elif effect.to_customer and effect.push is not None:
            connections = list(self._named(self._customers_of(effect)))
            if connections:
                payload = customer_views.show_push(self._world, effect)
                if payload is not None:
                    yield from self._frames(effect, effect.push, connections, payload)

    def _customers_of(self, effect: Effect) -> tuple[str, ...] | None:
        """The customers that an effect concerns; None for all of them."""
        if effect.chat_id is None:
            return None
        chat = self._world.store.chats.read(effect.chat_id)
        users = () if chat is None else chat.users
        return tuple(user.id for user in users if user.type == "customer")

    def _named(self, customer_ids: tuple[str, ...] | None) -> Iterable[Connection]:
        if customer_ids is None:
            return self._logged_in
        return [
            connection
            for customer_id in customer_ids
            for connection in self._logged_in.of(customer_id)
        ]

    def _frames(
        self, effect: Effect, push: str, connections: Iterable[Connection], payload: Any
    ) -> Iterator[tuple[Connection, bytes]]:
        declared = CUSTOMER_PUSHES.get(push)
        since = declared.spec.since if declared else (3, 0)
        content = encode(payload)
        payloads: dict[Version, bytes | None] = {}
        frames: dict[tuple[Version, str | None], bytes] = {}
        for connection in connections:
            request_id = _request_id(effect, push, connection)
            for version in connection.versions(push, since):
                frame = frames.get((version, request_id))
                if frame is None:
                    if version not in payloads:
                        payloads[version] = converted(version, content, push, "customer")
                    shown = payloads[version]
                    if shown is None:
                        continue
                    frame = push_frame(dotted(version), push, shown, request_id)
                    frames[version, request_id] = frame
                yield connection, frame


def _request_id(effect: Effect, push: str, connection: Connection) -> str | None:
    """Return what the connection calls the request that the push is the result of."""
    actor = effect.actor
    if (
        push not in _RESULTS
        or not isinstance(actor, CustomerActor)
        or actor.connection_id != connection.id
    ):
        return None
    # What the server writes because of the request is no result of it. A system message that the
    # customer sends is, though it names no author.
    if push == "incoming_event" and effect.author_type != "customer":
        return None
    return actor.request_id
