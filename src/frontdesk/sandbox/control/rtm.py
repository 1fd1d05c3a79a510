"""Breaking connections and sending pushes: from Python with ``SandboxRTM``, over HTTP as well.

========================== ============================================================
``GET  rtm``               the connections (``?agent_id=…``) and the limits
``POST rtm/cut``           ``{how?}``: end without a reason: ``close``, ``eof`` or ``reset``
``POST rtm/disconnect``    ``{reason, region?}``: push why, then end
``POST rtm/evict``         the same with ``connection_evicted``
``POST rtm/freeze``        ``{seconds}``: neither read nor write for a while
``POST rtm/delay``         ``{seconds}``: everything takes that long; 0 for no longer
``POST rtm/half_open``     forget connections that stay open for their clients
``POST rtm/push``          ``{action, payload?}``, and who gets it, see ``PushOrder``
``POST rtm/limits``        the fields of ``RTMLimits`` to change
========================== ============================================================

All but the last two take ``agent_id``, ``customer_id`` or ``connection_id``, and act on all
connections without.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from frontdesk.errors import InvalidArgument, NotFound
from frontdesk.pushes import PUSHES, Push, decode, payload_of
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES
from frontdesk.sandbox.arguments import checks_arguments
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.rtm_limits import RTMLimits
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.serve.rtm.endpoint import Endpoint
from frontdesk.sandbox.world import Effect, Recipients
from frontdesk.sandbox.world.push_recipients import recipients_of
from frontdesk.spec.actions import dotted
from frontdesk.spec.checks import Checked, Id
from frontdesk.spec.json_values import as_json
from frontdesk.spec.shapes import kind_of
from frontdesk.suggestions import did_you_mean

__all__ = ["RTMConnection", "RTMControl", "SandboxRTM", "Selection"]

How = Literal["close", "eof", "reset"]
T = TypeVar("T")


class RTMConnection(Struct, frozen=True, kw_only=True):
    """A connection as it is now.

    ``agent_id`` or ``customer_id`` is set as soon as it has logged in; ``received`` counts messages
    from the client, ``sent`` what went to it; ``pending`` requests have no response yet.
    """

    id: str
    agent_id: str | None
    customer_id: str | None = None
    version: str
    opened_at: datetime
    away: bool
    frozen: bool
    delay: float
    received: int
    sent: int
    pending: int


class Selection(Checked, frozen=True, kw_only=True):
    """The connections to act on; defaults to all."""

    agent_id: Id | UnsetType = UNSET
    customer_id: Id | UnsetType = UNSET
    connection_id: Id | UnsetType = UNSET

    @property
    def named(self) -> dict[str, Any]:
        """The connections to act on, as arguments."""
        names = ("agent_id", "customer_id", "connection_id")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not UNSET}


def _given(
    agent_id: str | None, customer_id: str | None, connection_id: str | None
) -> dict[str, str]:
    names = {"agent_id": agent_id, "customer_id": customer_id, "connection_id": connection_id}
    return {name: value for name, value in names.items() if value is not None}


class CutOrder(Selection, frozen=True, kw_only=True):
    """How to end connections."""

    how: How = "reset"


class DisconnectOrder(Selection, frozen=True, kw_only=True):
    """Why to end connections, with `agent_disconnected` or `customer_disconnected`."""

    reason: Id
    region: str | None = None


class FreezeOrder(Selection, frozen=True, kw_only=True):
    """How long to neither read nor write."""

    seconds: Annotated[float, Meta(gt=0, le=3600)]


class DelayOrder(Selection, frozen=True, kw_only=True):
    """How late everything is."""

    seconds: Annotated[float, Meta(ge=0, le=3600)]


class PushOrder(Checked, frozen=True, kw_only=True):
    """What to push, and to whom."""

    action: Id
    payload: Any = None
    agent_ids: tuple[Id, ...] = ()
    group_ids: tuple[int, ...] = ()
    connection_id: Id | None = None
    customer_id: Id | None = None
    customer_ids: tuple[Id, ...] = ()


class LimitsChange(Checked, frozen=True, kw_only=True):
    """The limits to change."""

    login_seconds: float | UnsetType = UNSET
    silence_seconds: float | UnsetType = UNSET
    pending_requests: int | UnsetType = UNSET
    request_seconds: float | UnsetType = UNSET
    connections_per_agent: int | UnsetType | None = UNSET
    connections_per_customer: int | UnsetType | None = UNSET
    unauthorized_connections: int | UnsetType | None = UNSET
    when_full: Literal["evict", "refuse"] | UnsetType = UNSET


@checks_arguments
class SandboxRTM:
    """The RTM connections of a sandbox: look at them, break them, push to them.

    What acts on connections takes ``agent_id``, ``customer_id`` or ``connection_id``, acts on all
    connections without, and returns how many those were.

    Args:
        endpoint: what serves them.
        backend: the world they are for.
    """

    def __init__(self, endpoint: Endpoint, backend: Backend) -> None:
        self._endpoint = endpoint
        self._backend = backend

    def connections(
        self,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
    ) -> list[RTMConnection]:
        """The connections, oldest first."""
        Selection(**_given(agent_id, customer_id, connection_id))
        return self._on_loop(
            lambda: [
                self._shown(connection)
                for connection in self._endpoint.select(
                    agent_id=agent_id, customer_id=customer_id, connection_id=connection_id
                )
            ]
        )

    @property
    def limits(self) -> RTMLimits:
        """The rules that connections live by."""
        return self._backend.rtm_limits

    def limit(self, **changes: Any) -> RTMLimits:
        """Change some of the fields of ``RTMLimits``; raises ``InvalidArgument``."""
        unknown = changes.keys() - set(RTMLimits.__struct_fields__)
        if unknown:
            names = ", ".join(RTMLimits.__struct_fields__)
            raise InvalidArgument(min(unknown), f"is no limit; there are {names}")
        self._backend.rtm_limits = replace(self._backend.rtm_limits, **changes)
        return self._backend.rtm_limits

    def cut(
        self,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
        how: How = "reset",
    ) -> int:
        """End connections without a reason.

        ``how``: ``close`` says goodbye as a server does that is restarted, ``eof`` just ends the
        stream, ``reset`` resets the connection.
        """
        CutOrder(**_given(agent_id, customer_id, connection_id), how=how)

        def end(connection: Connection) -> None:
            if how == "close":
                self._endpoint.leave(connection)
            else:
                self._endpoint.cut(connection, reset=how == "reset")

        return self._each(end, agent_id, customer_id, connection_id)

    def disconnect(
        self,
        reason: str,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
        region: str | None = None,
    ) -> int:
        """Push ``agent_disconnected`` or ``customer_disconnected``, and end the connections.

        ``region`` goes with ``misdirected_connection``.
        """
        DisconnectOrder(
            **_given(agent_id, customer_id, connection_id), reason=reason, region=region
        )
        return self._each(
            lambda connection: self._endpoint.dismiss(connection, reason, region),
            agent_id,
            customer_id,
            connection_id,
        )

    def evict(
        self,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
    ) -> int:
        """End connections as if newer ones had taken their place."""
        return self.disconnect(
            "connection_evicted", agent_id, customer_id=customer_id, connection_id=connection_id
        )

    def freeze(
        self,
        seconds: float,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
    ) -> int:
        """Neither read nor write for some real seconds; nothing is lost meanwhile."""
        FreezeOrder(**_given(agent_id, customer_id, connection_id), seconds=seconds)
        return self._each(
            lambda connection: self._endpoint.freeze(connection, seconds),
            agent_id,
            customer_id,
            connection_id,
        )

    def delay(
        self,
        seconds: float,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
    ) -> int:
        """Have everything reach its client some real seconds late; 0 for no longer."""
        DelayOrder(**_given(agent_id, customer_id, connection_id), seconds=seconds)

        def slow(connection: Connection) -> None:
            connection.delay = seconds

        return self._each(slow, agent_id, customer_id, connection_id)

    def half_open(
        self,
        agent_id: str | None = None,
        *,
        customer_id: str | None = None,
        connection_id: str | None = None,
    ) -> int:
        """Forget connections, which stay open and silent for their clients."""
        Selection(**_given(agent_id, customer_id, connection_id))
        return self._each(self._endpoint.abandon, agent_id, customer_id, connection_id)

    def push(
        self,
        push: Push | str,
        payload: Any = None,
        *,
        agent_ids: Iterable[str] = (),
        group_ids: Iterable[int] = (),
        connection_id: str | None = None,
        customer_id: str | None = None,
        customer_ids: Iterable[str] = (),
    ) -> int:
        """Send any push; how many frames it became.

        Args:
            push: a push of ``frontdesk.pushes``, or a name with its ``payload``.
            payload: what goes with a name.
            agent_ids: the agents who get it, as far as scopes and filters allow. Without any of
                this and the following, those get it to whom the API would send it.
            group_ids: the groups whose agents get it.
            connection_id: the connection that gets it.
            customer_id: the agents who watch this customer get it.
            customer_ids: the customers who get it, as a push of the Customer Chat API.

        Raises:
            InvalidArgument: It is one that ends the connection; use ``disconnect`` for that.
        """
        if isinstance(push, str):
            name, content = push, as_json("payload", payload)
            typed = decode(name, content)
        elif isinstance(push, Push):  # pyright: ignore[reportUnnecessaryIsInstance]
            name, content, typed = push.spec.name, payload_of(push), push
        else:
            raise InvalidArgument("push", f"must be a push or its name, not {kind_of(push)}")
        if name in ("agent_disconnected", "customer_disconnected"):
            raise InvalidArgument("push", "ends the connection: use `disconnect`")
        named = Recipients(
            agent_ids=tuple(agent_ids),
            group_ids=tuple(group_ids),
            connection_id=connection_id,
            customer_id=customer_id,
        )

        customers = tuple(customer_ids)
        if name in CUSTOMER_PUSHES and name not in PUSHES and not customers:
            raise InvalidArgument("customer_ids", f"is required: `{name}` is for customers alone")

        def send() -> int:
            with self._backend.lock:
                world = self._backend.world
                who = recipients_of(world, typed) if named == Recipients() else named
                at = world.clock.now()
            effect = Effect(at=at, payload=content, push=name, recipients=who)
            if customers:
                effect.customer_push, effect.customer_ids = name, customers
                if named == Recipients():
                    effect.push = None
            return self._endpoint.push(effect)

        return self._on_loop(send)

    def _on_loop(self, work: Callable[[], T]) -> T:
        self._backend.check_open()
        return self._endpoint.on_loop(work)

    def _each(
        self,
        act: Callable[[Connection], None],
        agent_id: str | None,
        customer_id: str | None,
        connection_id: str | None,
    ) -> int:
        def work() -> int:
            connections = self._endpoint.select(
                agent_id=agent_id, customer_id=customer_id, connection_id=connection_id
            )
            for connection in connections:
                act(connection)
            return len(connections)

        return self._on_loop(work)

    def _shown(self, connection: Connection) -> RTMConnection:
        session = self._backend.world.sessions.get(connection.id)
        return RTMConnection(
            id=connection.id,
            agent_id=connection.user_id if connection.api == "agent" else None,
            customer_id=connection.user_id if connection.api == "customer" else None,
            version=dotted(connection.version),
            opened_at=connection.opened_at,
            away=session is not None and session.away,
            frozen=connection.frozen,
            delay=connection.delay,
            received=connection.received,
            sent=connection.sent,
            pending=connection.pending,
        )


class RTMControl:
    """The control ``/__sandbox__/rtm``; see the module.

    Args:
        rtm: what does it.
    """

    def __init__(self, rtm: SandboxRTM) -> None:
        self._rtm = rtm

    def show(self, request: ControlRequest) -> Any:
        """The connections and the limits."""
        selection: Selection = request.query
        connections = self._rtm.connections(**selection.named)
        return {"count": len(connections), "connections": connections, "limits": self._rtm.limits}

    def act(self, request: ControlRequest) -> Any:
        """Do something."""
        name = request.parts[0] if request.parts else ""
        if name not in _ACTS:
            raise NotFound(f"there is no control `rtm/{name}`; there are {', '.join(_ACTS)}")
        type_, work = _ACTS[name]
        return work(self._rtm, request.read(type_))


def _count(connections: int) -> dict[str, int]:
    return {"connections": connections}


def _push(rtm: SandboxRTM, order: PushOrder) -> dict[str, int]:
    recipients = asdict(order)
    action, payload = recipients.pop("action"), recipients.pop("payload")
    if action not in PUSHES and not any(recipients.values()):
        raise InvalidArgument(
            "action",
            f"is no push of agents: {action!r}{did_you_mean(action, PUSHES)}; to send one of that "
            f"name, say who gets it: {', '.join(recipients)}",
        )
    return {"frames": rtm.push(action, payload, **recipients)}


def _limit(rtm: SandboxRTM, order: LimitsChange) -> RTMLimits:
    return rtm.limit(**{name: value for name, value in asdict(order).items() if value is not UNSET})


_ACTS: Final[dict[str, tuple[type[Any], Callable[[SandboxRTM, Any], Any]]]] = {
    "cut": (CutOrder, lambda rtm, it: _count(rtm.cut(**it.named, how=it.how))),
    "disconnect": (
        DisconnectOrder,
        lambda rtm, it: _count(rtm.disconnect(it.reason, **it.named, region=it.region)),
    ),
    "evict": (Selection, lambda rtm, it: _count(rtm.evict(**it.named))),
    "freeze": (FreezeOrder, lambda rtm, it: _count(rtm.freeze(it.seconds, **it.named))),
    "delay": (DelayOrder, lambda rtm, it: _count(rtm.delay(it.seconds, **it.named))),
    "half_open": (Selection, lambda rtm, it: _count(rtm.half_open(**it.named))),
    "push": (PushOrder, _push),
    "limits": (LimitsChange, _limit),
}
