"""Who gets a push, and in which version.

A connection gets a push when

1. the effect names it, see ``world.recipients.Recipients``: its agent is in the chat or follows
   it, shares a group with it, watches the customer, …;
2. the connection's token has the scope of the push's family;
3. the filter of its log-in lets the push through: once for each version it asks for;
4. the push exists in that version.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-reference#login
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from frontdesk.errors import ValidationError
from frontdesk.pushes import PUSHES
from frontdesk.sandbox.calls.versions import SERVED, served_versions
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.serve.rtm.frames import push_frame
from frontdesk.sandbox.versions.content import converted
from frontdesk.sandbox.world import Effect, Recipients, World, access
from frontdesk.sandbox.world.actor import Actor, Requester
from frontdesk.sandbox.world.staff import sessions
from frontdesk.spec.actions import Version, dotted

__all__ = ["OLD", "SCOPES", "LoggedIn", "PushDelivery", "read_filter"]

SCOPES: Final = {
    "chats": "chats--access:ro",
    "customers": "customers:ro",
    "multicast": "multicast:ro",
    "agents": "agents--all:ro",
    "bots": "agents-bot--all:ro",
}
"""Which scope switches on which family; the other families need none."""

OLD: Final = {
    "customer_unfollowed": "customers",
    "chat_access_granted": "chats",
    "chat_access_revoked": "chats",
    "auto_access_added": "configuration",
    "auto_access_updated": "configuration",
    "auto_access_deleted": "configuration",
}
"""Pushes that the docs dropped, with their families."""


def read_filter(
    pushes: dict[str, list[str]], names_of_pushes: Collection[str] | None
) -> dict[Version, frozenset[str]]:
    """The push names that a log-in asks for by version; raises ``ValidationError``.

    ``names_of_pushes`` are those that may be asked for, ``None`` for any; there are no pushes of
    other names than those of the API.
    """
    valid_names = None if names_of_pushes is None else {*names_of_pushes, "all"}
    names_of: dict[Version, frozenset[str]] = {}
    by_text = {dotted(version): version for version in SERVED}
    for text, names in pushes.items():
        version = by_text.get(text)
        if version is None:
            raise ValidationError(
                f"`pushes`: version {text[:16]!r} is not served; {served_versions()} are"
            )
        for position, name in enumerate(names):
            if valid_names is not None and name not in valid_names:
                raise ValidationError(
                    f"`pushes.{text}[{position}]` must be the name of a push or `all`, "
                    f"not {name[:64]!r}"
                )
        names_of[version] = frozenset(names)
    return names_of


class LoggedIn:
    """The connections of an API that are logged in, by id and by user; oldest first."""

    def __init__(self) -> None:
        self._all: dict[str, Connection] = {}
        self._of_user: dict[str, dict[str, Connection]] = {}

    def add(self, user_id: str, connection: Connection) -> None:
        """Add a connection of an agent or customer."""
        self._all[connection.id] = connection
        self._of_user.setdefault(user_id, {})[connection.id] = connection

    def remove(self, connection: Connection) -> bool:
        """Forget a connection; whether there was one."""
        if self._all.pop(connection.id, None) is None:
            return False
        user_id = connection.user_id or ""
        own = self._of_user[user_id]
        del own[connection.id]
        if not own:
            del self._of_user[user_id]
        return True

    def of(self, user_id: str) -> list[Connection]:
        """The connections of an agent or customer."""
        return list(self._of_user.get(user_id, {}).values())

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def named(self, world: World, who: Recipients) -> Iterable[Connection]:
        """The connections that recipients name, without regard to scopes and filters."""
        if who.everyone:
            return list(self)
        named: dict[str, Connection] = {}
        for agent_id in who.agent_ids:
            named.update(self._of_user.get(agent_id, {}))
        if who.group_ids:
            agents = world.store.company.agents
            for agent_id, connections in self._of_user.items():
                if access.agent_shares(agents.get(agent_id), who.group_ids):
                    named.update(connections)
        if who.connection_id in self._all:
            named[who.connection_id] = self._all[who.connection_id]
        if who.customer_id is not None:
            for connection in self:
                session = world.sessions.get(connection.id)
                if session is not None and sessions.watches(
                    world, session, who.customer_id, chatting=who.chatting
                ):
                    named[connection.id] = connection
        return named.values()


class PushDelivery:
    """Turns effects into frames for connections."""

    def __init__(self, world: World, logged_in: LoggedIn) -> None:
        self._world = world
        self._logged_in = logged_in

    def frames(self, effect: Effect) -> Iterator[tuple[Connection, bytes]]:
        """Each connection that gets the push of an effect, and the frame for it."""
        push = effect.push
        if push is None or not self._logged_in:
            return
        declared = PUSHES.get(push)
        since = declared.spec.since if declared else (3, 0)
        scope = SCOPES.get(self._family(push, effect.payload))
        payloads: dict[Version, bytes | None] = {}
        frames: dict[tuple[Version, str | None], bytes] = {}
        for connection in self._logged_in.named(self._world, effect.recipients):
            if scope is not None and not self._has(connection, scope):
                continue
            request_id = _request_id(effect.actor, connection)
            # Why a connection ends is pushed to it whatever its filter says.
            versions = (
                (connection.version,)
                if push == "agent_disconnected"
                else connection.versions(push, since)
            )
            for version in versions:
                frame = frames.get((version, request_id))
                if frame is None:
                    if version not in payloads:
                        payloads[version] = converted(version, effect.json, push)
                    payload = payloads[version]
                    if payload is None:
                        continue
                    frame = push_frame(dotted(version), push, payload, request_id)
                    frames[version, request_id] = frame
                yield connection, frame

    def _family(self, push: str, payload: Any) -> str:
        declared = PUSHES.get(push)
        if declared is None:
            return OLD.get(push, "unknown")
        if push == "routing_status_set":
            agent = self._world.store.company.agents.get(getattr(payload, "agent_id", ""))
            return "bots" if agent is not None and agent.bot else "agents"
        return declared.spec.family

    def _has(self, connection: Connection, scope: str) -> bool:
        session = self._world.sessions.get(connection.id)
        return session is not None and scope in session.requester.scopes


def _request_id(actor: Actor | None, connection: Connection) -> str | None:
    """Return what the connection calls the request that caused a push, if it made the request."""
    if isinstance(actor, Requester) and actor.connection_id == connection.id:
        return actor.request_id
    return None
