"""RTM connections that are logged in: what the world knows of them.

Agents who never open a connection keep the status they have; whoever closes the last of several
goes offline after a while (or at once by logging out), and the chats are handed over.
Connections live in memory: they end with the process.
"""

from functools import partial
from typing import Any

from frontdesk.errors import (
    AuthorizationError,
    NotFound,
    RequesterAlreadyOffline,
)
from frontdesk.models import Customer
from frontdesk.pushes import (
    AgentDisconnected,
    IncomingCustomers,
    SubscribedCustomersTotalsUpdated,
)
from frontdesk.sandbox.store.records import AgentRecord, CustomerRecord, TimerRow
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.login_sessions import CustomerWatch, LoginSession
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.routing.reassignment import Cause
from frontdesk.sandbox.world.staff import seats, statuses
from frontdesk.sandbox.world.world import World

__all__ = [
    "LEVELS",
    "away",
    "close",
    "disconnect",
    "end_absence",
    "end_all",
    "end_work",
    "log_out",
    "of",
    "of_agent",
    "open",
    "push_totals",
    "subscribe",
    "unsubscribe",
    "watched",
    "watches",
]

LEVELS = ("my", "chatting", "invited", "online", "highest_available")
GRACE_SECONDS = 30
"""How long an agent whose last connection broke is still taken to be there."""
TOTALS_SECONDS = 10
"""How often totals of a subscription that reached its limit are pushed."""


def of(world: World, requester: Requester) -> LoginSession:
    """Return the requester's connection.

    Raises:
        RequesterAlreadyOffline: There is none.
    """
    session = world.sessions.get(requester.connection_id or "")
    if session is None:
        raise RequesterAlreadyOffline("the method is for agents who are logged in over RTM")
    return session


def of_agent(world: World, agent_id: str) -> list[LoginSession]:
    """Return the connections of an agent."""
    return [session for session in world.sessions.values() if session.requester.id == agent_id]


def open(
    world: World,
    requester: Requester,
    *,
    reconnect: bool = False,
    away: bool = False,
    monitoring_level: str | None = None,
    pushes: dict[str, list[str]] | None = None,
) -> LoginSession:
    """Log a connection in.

    Args:
        reconnect: Keep the last status instead of the one of the agent's settings.
        away: The connection starts as away.
        monitoring_level: Of which customers pushes come; by default as the agent's other
            connections have it, ``my`` for the first.
        pushes: Wanted push names by version.

    Raises:
        AuthorizationError: The requester is a bot.
        SeatsLimitExceeded: All seats of the license are taken.
    """
    if requester.bot:
        raise AuthorizationError("bots cannot use the RTM API")
    agent = world.store.company.agents[requester.id]
    others = of_agent(world, agent.id)
    seats.take(world, agent.id)
    session = LoginSession(
        connection_id=requester.connection_id or "",
        requester=requester,
        away=away,
        monitoring_level=monitoring_level or (others[0].monitoring_level if others else "my"),
        pushes=pushes,
    )
    for other in others:
        _change(world, other, monitoring_level=session.monitoring_level)
    world.sessions[session.connection_id] = session
    world.undo_with(lambda: world.sessions.pop(session.connection_id, None))
    if not others:
        _take_up_work(world, agent, requester, reconnect=reconnect, away=away)
    world.push(
        IncomingCustomers(
            customer_monitoring_level=session.monitoring_level,
            customers=watched(world, session),
        ),
        Recipients(connection_id=session.connection_id),
        actor=requester,
    )
    return session


def _take_up_work(
    world: World, agent: AgentRecord, requester: Requester, *, reconnect: bool, away: bool
) -> None:
    """Set the status that the first connection of an agent begins with."""
    status_now = agent.last_status if reconnect else agent.default_status
    if away and status_now == "accepting_chats":
        status_now, agent.auto_away = "not_accepting_chats", True
    if agent.status == "offline" or not reconnect:
        statuses.change(world, agent, status_now, actor=requester)


def away(world: World, requester: Requester, value: bool) -> None:
    """Mark a connection as away or back; all away: the agent accepts no chats."""
    session = of(world, requester)
    agent = world.store.company.agents[requester.id]
    _change(world, session, away=value)
    sessions = of_agent(world, agent.id)
    if all(session_of_agent.away for session_of_agent in sessions):
        if agent.status == "accepting_chats":
            agent.auto_away = True
            statuses.change(world, agent, "not_accepting_chats", actor=requester)
    elif agent.auto_away:
        agent.auto_away = False
        statuses.change(world, agent, "accepting_chats", actor=requester)


def log_out(world: World, requester: Requester, agent_id: str) -> None:
    """End all connections of an agent; the agent is offline at once.

    Raises:
        NotFound: There is no such agent.
        RequesterAlreadyOffline: The agent is offline already.
    """
    agent = world.store.company.agents.get(agent_id)
    if agent is None or agent.bot:
        raise NotFound(f"`agent_id`: there is no agent `{agent_id}`")
    sessions = of_agent(world, agent.id)
    if not sessions and agent.status == "offline":
        raise RequesterAlreadyOffline(f"the agent `{agent_id}` is offline already")
    by_another = agent.id != requester.id
    for session in sessions:
        if session.connection_id != requester.connection_id:
            world.push(
                AgentDisconnected(reason="agent_logged_out_remotely"),
                Recipients(connection_id=session.connection_id),
            )
        _forget(world, session.connection_id)
    cause: Cause = "remotely_signed_out" if by_another else "signed_out"
    end_work(world, agent)
    statuses.change(world, agent, "offline", actor=requester, cause=cause)


def disconnect(world: World, agent_id: str, reason: str) -> None:
    """Have the server end all connections of an agent; the agent may come back with new ones."""
    for session in of_agent(world, agent_id):
        world.push(
            AgentDisconnected(reason=reason), Recipients(connection_id=session.connection_id)
        )


def end_all(world: World, agent_id: str, reason: str) -> None:
    """End all connections of an agent at once, with ``agent_disconnected`` and a reason."""
    disconnect(world, agent_id, reason)
    for session in of_agent(world, agent_id):
        _forget(world, session.connection_id)
    world.store.timers.cancel("agent_gone", agent_id)


def close(world: World, connection_id: str) -> None:
    """Forget a connection that is gone; after its last one the agent is, in a while."""
    session = _forget(world, connection_id)
    if session is None:
        return
    agent_id = session.requester.id
    if not of_agent(world, agent_id):
        world.store.timers.set("agent_gone", agent_id, world.clock.after(GRACE_SECONDS))


def _forget(world: World, connection_id: str) -> LoginSession | None:
    session = world.sessions.pop(connection_id, None)
    if session is not None:
        world.undo_with(lambda: world.sessions.setdefault(connection_id, session))
    return session


def _change(world: World, session: LoginSession, **values: Any) -> None:
    for name, value in values.items():
        world.undo_with(partial(setattr, session, name, getattr(session, name)))
        setattr(session, name, value)


def end_absence(world: World, timer: TimerRow) -> None:
    """Take an agent for gone who has not come back in time."""
    agent = world.store.company.agents.get(timer.subject)
    if agent is not None and not of_agent(world, agent.id):
        end_work(world, agent)
        statuses.change(world, agent, "offline", cause="disconnected")


def end_work(world: World, agent: AgentRecord) -> None:
    """Remember the status that an agent goes with, for a log-in that reconnects."""
    if agent.status != "offline":
        agent.last_status = agent.status
        agent.last_logout = world.clock.now()
    agent.auto_away = False
    world.store.company.save_agent(agent)


def subscribe(
    world: World, requester: Requester, group_ids: tuple[int, ...], limit: int | None
) -> tuple[CustomerWatch, list[Customer]]:
    """Have a connection get the pushes of customers; those it gets now."""
    session = of(world, requester)
    subscription = CustomerWatch(world.ids.hex32(), group_ids, limit)
    session.subscriptions[subscription.id] = subscription
    world.undo_with(lambda: session.subscriptions.pop(subscription.id, None))
    matching = _matching(world, session, subscription)
    if limit is not None:
        world.store.timers.set(
            "totals",
            f"{session.connection_id}:{subscription.id}",
            world.clock.after(TOTALS_SECONDS),
        )
    return subscription, [customers.shown(world, requester, record) for record in matching[:limit]]


def unsubscribe(world: World, requester: Requester, subscription_id: str) -> None:
    """End a subscription.

    Raises:
        NotFound: There is none of the id.
    """
    session = of(world, requester)
    subscription = session.subscriptions.pop(subscription_id, None)
    if subscription is None:
        raise NotFound(f"`subscription_id`: there is no subscription `{subscription_id}`")
    world.undo_with(lambda: session.subscriptions.setdefault(subscription_id, subscription))
    world.store.timers.cancel("totals", f"{session.connection_id}:{subscription_id}")


def push_totals(world: World, timer: TimerRow) -> None:
    """Push the total of a subscription that has reached its limit, and again after a while."""
    connection_id, _, subscription_id = timer.subject.rpartition(":")
    session = world.sessions.get(connection_id)
    subscription = session.subscriptions.get(subscription_id) if session else None
    if session is None or subscription is None:
        return
    total = len(_matching(world, session, subscription))
    if subscription.limit is not None and total >= subscription.limit:
        world.push(
            SubscribedCustomersTotalsUpdated(totals={subscription.id: total}),
            Recipients(connection_id=connection_id),
        )
    world.store.timers.set("totals", timer.subject, timer.due + TOTALS_SECONDS * 1_000_000)


def _matching(
    world: World, session: LoginSession, subscription: CustomerWatch
) -> list[CustomerRecord]:
    return [
        record
        for record in world.store.customers.online()
        if _reaches(world, session, subscription, record)
    ]


def _reaches(
    world: World, session: LoginSession, subscription: CustomerWatch, record: CustomerRecord
) -> bool:
    if subscription.group_ids and not set(subscription.group_ids) & set(record.group_ids):
        return False
    return _in_groups(world, session, record)


def _in_groups(world: World, session: LoginSession, record: CustomerRecord) -> bool:
    agent = world.store.company.agents.get(session.requester.id)
    return agent is not None and any(
        group_id == 0 or group_id in agent.groups for group_id in record.group_ids
    )


def watches(
    world: World, session: LoginSession, customer_id: str, *, chatting: bool = False
) -> bool:
    """Return whether a connection gets the pushes of a customer.

    By its monitoring level, by a subscription, or because the agent follows the customer.
    ``chatting`` true counts a customer as one who has an active chat, whether there still is one
    or not.
    """
    agent = world.store.company.agents.get(session.requester.id)
    record = world.store.customers.read(customer_id)
    if agent is None or record is None:
        return False
    if customer_id in agent.followed_customers:
        return True
    if any(
        _reaches(world, session, subscription, record)
        for subscription in session.subscriptions.values()
    ):
        return True
    return _by_level(world, session, record, chatting=chatting)


def _by_level(
    world: World, session: LoginSession, record: CustomerRecord, *, chatting: bool
) -> bool:
    chats = [
        chat
        for chat_id in world.store.chats.of_customer(record.id)
        if (chat := world.store.chats.get(chat_id)) is not None and chat.active
    ]
    if any(chat.present_user(session.requester.id) for chat in chats):
        return True
    match session.monitoring_level:
        case "my":
            return False
        case "chatting" | "invited":
            return (chatting or bool(chats)) and _in_groups(world, session, record)
        case _:
            return _in_groups(world, session, record)


def watched(world: World, session: LoginSession) -> list[Customer]:
    """Return the customers that a connection watches now."""
    return [
        customers.shown(world, session.requester, record)
        for record in world.store.customers.online()
        if watches(world, session, record.id)
    ]
