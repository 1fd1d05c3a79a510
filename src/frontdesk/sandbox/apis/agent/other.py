"""Seen events, indicators, multicast, transfer candidates, thread summaries."""

from datetime import UTC, datetime

from msgspec import UNSET, UnsetType

from frontdesk.actions import (
    ListAgentsForTransfer,
    MarkEventsAsSeen,
    Multicast,
    RequestThreadSummary,
    SendThinkingIndicator,
    SendTypingIndicator,
)
from frontdesk.errors import ValidationError
from frontdesk.models import AgentForTransfer, TypingIndicator
from frontdesk.pushes import (
    EventsMarkedAsSeen,
    IncomingMulticast,
    IncomingThinkingIndicator,
    IncomingTypingIndicator,
)
from frontdesk.sandbox.store.records import Member
from frontdesk.sandbox.world import access, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import members, summaries
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.registry import handles
from frontdesk.sandbox.world.world import World

__all__ = [
    "list_agents_for_transfer",
    "mark_events_as_seen",
    "multicast",
    "request_thread_summary",
    "send_thinking_indicator",
    "send_typing_indicator",
]


@handles(
    MarkEventsAsSeen,
    fidelity="assumed",
    note="Assumed: `authorization` for a requester outside the chat; an earlier moment than the "
    "one that is set already changes nothing but is pushed.",
)
def mark_events_as_seen(world: World, requester: Requester, action: MarkEventsAsSeen) -> None:
    """Move up to where the requester has seen the chat."""
    chat = access.chat(world, requester, action.chat_id, "ro")
    member = members.require(chat, requester)
    seen_up_to = _in_utc("seen_up_to", action.seen_up_to)
    if member.seen_up_to is None or seen_up_to > member.seen_up_to:
        member.seen_up_to = seen_up_to
    world.push(
        EventsMarkedAsSeen(user_id=requester.id, chat_id=chat.id, seen_up_to=seen_up_to),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=True,
        actor=requester,
    )


def _in_utc(field: str, moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValidationError(f"`{field}` must be in the years 1 to 9999 of UTC") from None


def _shown_to(member: Member, wanted: str | UnsetType) -> str:
    """Who sees an indicator; somebody who is there for agents only shows none to all."""
    visibility = "all" if wanted is UNSET else wanted
    if member.visibility == "agents" and visibility == "all":
        raise ValidationError(
            "`visibility` must be `agents`: the requester is in the chat for agents only"
        )
    return visibility


@handles(
    SendThinkingIndicator,
    fidelity="assumed",
    note="Assumed: `chat_inactive` without an active thread, `authorization` for a requester "
    "outside the chat.",
)
def send_thinking_indicator(
    world: World, requester: Requester, action: SendThinkingIndicator
) -> None:
    """Tell that the requester prepares an answer."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    visibility = _shown_to(members.require(chat, requester), action.visibility)
    world.push(
        IncomingThinkingIndicator(
            chat_id=chat.id,
            thread_id=last.id,
            author_id=requester.id,
            sent_at=world.clock.now(),
            title=None if action.title is UNSET else action.title,
            description=None if action.description is UNSET else action.description,
            custom_id=None if action.custom_id is UNSET else action.custom_id,
        ),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=visibility == "all",
        actor=requester,
    )


@handles(
    SendTypingIndicator,
    fidelity="assumed",
    note="Assumed: agents get the push `incoming_typing_indicator` (the method's page says none); "
    "`chat_inactive` without an active thread, `authorization` for a requester outside the chat.",
)
def send_typing_indicator(world: World, requester: Requester, action: SendTypingIndicator) -> None:
    """Tell that the requester types or has stopped."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    visibility = _shown_to(members.require(chat, requester), action.visibility)
    world.push(
        IncomingTypingIndicator(
            chat_id=chat.id,
            thread_id=last.id,
            typing_indicator=TypingIndicator(
                author_id=requester.id,
                is_typing=action.is_typing,
                visibility=visibility,
                timestamp=world.clock.peek() // 1_000_000,
            ),
        ),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=visibility == "all",
        actor=requester,
    )


@handles(
    Multicast,
    fidelity="assumed",
    note="Assumed: unknown agents and groups among the recipients are left out; `validation` for "
    "recipients that are customers only, which LiveChat removed.",
)
def multicast(world: World, requester: Requester, action: Multicast) -> None:
    """Push a message to agents."""
    agents = action.recipients.agents
    if agents is UNSET:
        raise ValidationError("`recipients.agents` is required")
    groups: set[int] = set()
    for position, group in enumerate(() if agents.groups is UNSET else agents.groups):
        if not str(group).isdecimal():
            raise ValidationError(f"`recipients.agents.groups[{position}]` must be a group id")
        groups.add(int(group))
    known = world.store.company.agents
    wanted = dict.fromkeys(() if agents.ids is UNSET else agents.ids)
    for agent in known.values():
        if agents.all is True or 0 in groups or groups & set(agent.groups):
            wanted[agent.id] = None
    world.push(
        IncomingMulticast(
            author_id=requester.id,
            content=action.content,
            type=None if action.type is UNSET else action.type,
        ),
        Recipients(agent_ids=tuple(agent_id for agent_id in wanted if agent_id in known)),
        actor=requester,
    )


@handles(
    ListAgentsForTransfer,
    fidelity="assumed",
    note="Assumed: agents with access to the chat who are not in it, bots included; the requester "
    "needs access to the chat.",
)
def list_agents_for_transfer(
    world: World, requester: Requester, action: ListAgentsForTransfer
) -> list[AgentForTransfer]:
    """List who could take a chat, those with the fewest chats first."""
    chat = access.chat(world, requester, action.chat_id, "ro")
    loads = world.store.chats.loads()
    found = [
        AgentForTransfer(agent_id=agent.id, total_active_chats=loads.get(agent.id, 0))
        for agent in world.store.company.agents.values()
        if agent.status != "offline"
        and access.agent_shares(agent, chat.group_ids)
        and chat.present(agent.id) is None
    ]
    return sorted(found, key=lambda one: (one.total_active_chats, one.agent_id))


@handles(
    RequestThreadSummary,
    fidelity="assumed",
    note=f"Assumed: a summary takes {summaries.SECONDS} seconds of the sandbox's clock; its text "
    "counts and quotes messages, without any language model; a thread without messages fails "
    "(push `incoming_error`); asking again for a summarised inactive thread does nothing; the "
    "event of an active thread is for agents only.",
)
def request_thread_summary(
    world: World, requester: Requester, action: RequestThreadSummary
) -> None:
    """Have a thread summarised in a while."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    summaries.ask(world, thread, requested_by=requester.id)
