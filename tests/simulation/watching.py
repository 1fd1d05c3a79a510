"""Since when and until when the agent got the pushes of which chat, as the world knows it."""

from collections import defaultdict
from itertools import pairwise
from math import inf

from frontdesk.core.rtm.notices import ConnectionLost, Reconnected
from frontdesk.pushes import ChatTransferred
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.access import agent_shares

from .company import Company
from .items import Item
from .listener import ByHand, Listener
from .server import Server

HOW = ("user", "follower")
SHARED = "shared"
"""The agent is a user of a chat, and a colleague is too."""
IN_REACH = "in reach"
"""The API shows the chat to the agent: he is in it, in one of its groups, or may see all."""
SAME_TIME = 0.001
GONE_AFTER = 30.0
"""Seconds after which the server may take chats from an agent whose connection is lost."""
DELAY = 0.1
"""Seconds for which a push may be under way to the undisturbed session."""


class Span:
    """A time in which the agent was a user of a chat, or followed it."""

    def __init__(self, begin: float) -> None:
        self.begin = begin
        self.end = inf


class Watching:
    """Follows the world, and knows which pushes an interrupted session is promised."""

    def __init__(self, server: Server, company: Company) -> None:
        self._server = server
        self._company = company
        self.spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
        """By chat, and by how: as a user, or following."""
        self.changes: dict[str, list[float]] = defaultdict(list)
        """When agents came to a chat, went, or began or ceased to follow it."""
        self.transfers: dict[str, list[float]] = defaultdict(list)
        """When a chat was transferred."""
        self.lost: list[tuple[float, float]] = []
        """Times from the loss of a connection to the end of the reading back."""
        self._agents: dict[str, frozenset[str]] = {}
        server.world.subscribe(self._happened)

    def _happened(self, effects: list[Effect]) -> None:
        for chat_id in dict.fromkeys(one.chat_id for one in effects if one.chat_id):
            self._look(chat_id)
        for effect in effects:
            if effect.push == ChatTransferred.spec.name and effect.chat_id is not None:
                self.transfers[effect.chat_id].append(self._server.loop.time())

    def _look(self, chat_id: str) -> None:
        chat = self._server.world.store.chats.get(chat_id)
        agents = frozenset[str]() if chat is None else _agents_of(chat)
        if agents != self._agents.get(chat_id, agents):
            self.changes[chat_id].append(self._server.loop.time())
        self._agents[chat_id] = agents
        for how in HOW:
            self._note(chat_id, how, watched=f"{how} {self._company.agent}" in agents)
        agent = self._server.world.store.company.agents.get(self._company.agent)
        users = [name for name in agents if name.startswith("user ")]
        mine = f"user {self._company.agent}" in users
        in_reach = (
            chat is not None
            and agent is not None
            and (mine or agent.role != "normal" or agent_shares(agent, chat.group_ids))
        )
        self._note(chat_id, IN_REACH, watched=in_reach)
        self._note(chat_id, SHARED, watched=mine and len(users) > 1)

    def _note(self, chat_id: str, how: str, *, watched: bool) -> None:
        spans = self.spans[chat_id, how]
        open_span = spans[-1] if spans and spans[-1].end == inf else None
        if watched and open_span is None:
            spans.append(Span(self._server.loop.time()))
        elif not watched and open_span is not None:
            open_span.end = self._server.loop.time()

    def _ended_just_before(self, chat_id: str, span: Span, at: float) -> bool:
        """Whether a push may be of an earlier time with the chat, which no session can know of."""
        return span.begin > at - DELAY and any(
            begin <= other.begin <= other.end <= end
            and other.end <= span.begin <= other.end + DELAY
            for begin, end in self.lost
            for how in HOW
            for other in self.spans[chat_id, how]
        )

    def promised(self, chat_id: str, at: float, named: float) -> bool:
        """Whether a push of a chat at a moment had to come, be it late.

        The chat was the agent's then, and not joined within an interruption in which it was left
        again or went out of his reach, so that the API shows nothing of it to him. Two
        things excuse a session that has named the chat, which it did last at ``named``: agents
        came or went meanwhile, so that the API may not tell who was there when something was said;
        or the server may have taken the chat from the agent unseen (``_may_be_taken``).
        """
        if any(
            begin <= at <= named
            and (self._changed(chat_id, begin, end) or self._may_be_taken(chat_id, begin, end))
            for begin, end in self.lost
        ):
            return False
        return any(
            span.begin <= at <= span.end + SAME_TIME
            and not any(
                begin <= span.begin and (span.end <= end or not self._is_in_reach(chat_id, end))
                for begin, end in self.lost
                if span.begin <= end
            )
            and not self._ended_just_before(chat_id, span, at)
            for how in HOW
            for span in self.spans[chat_id, how]
        )

    def _is_in_reach(self, chat_id: str, at: float) -> bool:
        return any(span.begin <= at <= span.end for span in self.spans[chat_id, IN_REACH])

    def left_for_good(self, chat_id: str, at: float) -> bool:
        """Whether the agent, who lost a chat then, did not come back within the interruption.

        And had not come into it within the same one.
        """
        for begin, end in self.lost:
            if begin <= at <= end:
                spans = self.spans[chat_id, "user"]
                return not any(begin <= span.begin <= end for span in spans)
        return True

    def untellable(self, chat_id: str, at: float) -> bool:
        """Whether what a session reads back of a chat at a moment may be more than was pushed.

        The agent left and came back within one interruption, and the API shows him as if he had
        been there all the time.
        """
        return any(
            begin <= earlier.end and later.begin <= end and begin <= at <= end
            for begin, end in self.lost
            for how in HOW
            for earlier, later in pairwise(self.spans[chat_id, how])
        )

    def _changed(self, chat_id: str, begin: float, end: float) -> bool:
        return any(begin <= at <= end for at in self.changes[chat_id])

    def _may_be_taken(self, chat_id: str, begin: float, end: float) -> bool:
        """Whether the agent was away for so long that he may have lost a chat without a message.

        The server writes none while a colleague serves the chat, nor when it goes to a group.
        """
        return end - begin > GONE_AFTER and (
            any(begin <= at <= end for at in self.transfers[chat_id])
            or any(span.begin <= end and span.end >= begin for span in self.spans[chat_id, SHARED])
        )

    def note_losses(self, subject: Listener, control: Listener, *, by_hand: bool) -> None:
        """Learn from a session when it was interrupted.

        An interruption begins with the last push before it: what came later may have been lost
        on a connection that was gone without anybody knowing. That push may have been under way
        for long, so that the time counts when it came to the undisturbed session. When nothing is
        read back but ``by_hand``, it ends with that.
        """
        begin: float | None = None
        last = 0.0
        undelayed = {
            item.key: at
            for at, item in zip(control.times, control.took, strict=True)
            if isinstance(item, Item)
        }
        story: list[tuple[float, object]] = [
            *((at, None) for at in subject.ended_at),
            *((one.ended, one) for one in subject.readings if one.ended and one.outcome == "ok"),
            *zip(subject.times, subject.took, strict=True),
        ]
        for at, item in sorted(story, key=lambda entry: entry[0]):
            if item is None or isinstance(item, ConnectionLost):
                begin = last if begin is None else begin
            elif isinstance(item, ByHand if by_hand else Reconnected) and begin is not None:
                self.lost.append((begin, at))
                begin = None
            elif isinstance(item, Item):
                # What the other session was not pushed tells nothing of how long it was under way.
                last = at if item.recovered else min(at, undelayed.get(item.key, last))


def _agents_of(chat: ChatRecord) -> frozenset[str]:
    present = [f"user {one.id}" for one in chat.users if one.present and one.type == "agent"]
    return frozenset((*present, *(f"follower {agent}" for agent in chat.followers or ())))
