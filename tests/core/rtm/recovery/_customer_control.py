"""Two sessions of one customer in one sandbox: one is cut again and again, the other never.

As ``_control``, with the customer's side: its view of chats, and what has become of properties,
seen marks and events.
"""

import difflib
import random
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from frontdesk.actions import Action, customer
from frontdesk.codec.decoding import encode
from frontdesk.core.rtm.recovery.customer_recovery import CustomerRecovery
from frontdesk.core.rtm.recovery.customer_view import REGAINED as OF_CHATS
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.recovery.views import RECOVERABLE
from frontdesk.errors import APIError
from frontdesk.models import (
    Chat,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    RichMessage,
    RichMessagePostback,
    Target,
    Thread,
)
from frontdesk.pushes import (
    CUSTOMER_PUSHES,
    ChatDeactivated,
    EventPropertiesDeleted,
    EventUpdated,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)
from frontdesk.pushes.customer_chat import QueuePositionUpdated
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.apis import call
from frontdesk.sandbox.serve.rtm.connection import RTMApi
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.actor import CustomerActor

from ....folding import FoldedChat, Folding, read
from ._content import by_chat
from ._control import START, Client, Office, demo

AGENTS = ("smith@example.com", "jones@example.com", "brown@example.com", "garcia@example.com")
CARD = RichMessage(
    template_id="cards",
    elements=[{"buttons": [{"text": "Yes", "postback_id": "yes", "type": "message",
                            "value": "yes"}]}],
)  # fmt: skip
REGAINED = tuple(
    kind
    for kind in (*RECOVERABLE, *OF_CHATS)
    # Nobody edits events in these scenes, and others are too rare: they have tests of their own.
    if kind not in (EventUpdated, EventPropertiesDeleted, QueuePositionUpdated)
)
"""The kinds of pushes that are missed in the scenes, and come back."""
NOT_TOLD = {
    "requester_id": "nothing tells who resumed a chat",
    "reason": "nothing tells why somebody came or went whom no message names",
    "user": "the marks of users are as they are now",
    "thread_id": "whoever left after the end has left no thread",
}


class CustomerClient(Client):
    """A session of the customer."""

    api: RTMApi = "customer"
    pushes: Mapping[str, type[Push]] = CUSTOMER_PUSHES

    def _new_recovery(self, **limits: Any) -> Recovery:
        return CustomerRecovery(**limits)

    def _login(self) -> Action[Any]:
        return customer.Login(token=self.token)


class CustomerScene:
    """A customer with two sessions, who also acts without them; agents, and another customer."""

    def __init__(self, seed: int, *, limits: dict[str, Any] | None = None) -> None:
        self.rng = random.Random(seed)
        self.sandbox = Sandbox("empty", start=START, running=False)
        self.sandbox.restore(demo())
        self.world = self.sandbox.backend.world
        self.world.rng.seed(seed)
        for agent in self.world.store.company.agents.values():
            agent.max_chats = 3
        self.office = Office(self.sandbox)
        self.ann, self.bob = self.sandbox.customer("Ann X"), self.sandbox.customer("Bob X")
        self.actor = CustomerActor(self.ann.id)
        self.web = {
            agent_id: self.sandbox.client(token=self.sandbox.issue_token(agent_id), retry=None)
            for agent_id in AGENTS
        }
        token = self.sandbox.backend.work(
            lambda world: customer_tokens.issue(world, self.ann.id).id
        )
        self.control = CustomerClient(self.office, f"Bearer {token}")
        self.cut = CustomerClient(self.office, f"Bearer {token}", **(limits or {}))
        self.folded: dict[str, Folding] = {}
        self.is_known = seed % 3 > 0
        """Whether the chat that goes on at the log-in is read once before anything happens: the
        log-in does not tell what is in it."""
        self.shown: dict[str, FoldedChat] = {}
        """What the customer reads at the end."""
        self.gaps = 0
        """Interruptions in which something happened,"""
        self.namings = 0
        """and those after which a chat was named."""
        self.texts = 0
        self.deleted: set[str] = set()

    def close(self) -> None:
        self.sandbox.close()

    def own(self, action: Action[Any]) -> Any:
        """Let the customer do something, elsewhere than in the two sessions."""
        result = call(self.world, self.actor, action)
        self.world.commit()
        return result

    def read(self) -> dict[str, FoldedChat]:
        """The chats as the customer reads them."""
        page = self.own(customer.ListChats(limit=25))
        chats = []
        for summary in page.chats_summary:
            threads = self.own(customer.ListThreads(chat_id=summary.id, limit=100)).threads
            chats.append((self.own(customer.GetChat(chat_id=summary.id)), threads[::-1]))
        return read(_as_wired(chats))

    def start(self, before: int) -> None:
        for _ in range(before):
            self.happen()
        for name, client in (("control", self.control), ("cut", self.cut)):
            client.connect()
            # What was written and deleted while it was away never came to the session that was cut.
            self.folded[name] = Folding(may_lack_events=name == "cut")
            self.folded[name].chats = self.read()
        # What happens in the second of the log-in may have been before it; that is another test.
        self.sandbox.advance(2)
        self.settle()
        self.is_known = self.is_known and (self.ann.chat_id is None or self.chat.active)
        if self.is_known:
            self.cut.cut()
            self.cut.connect()
            self.settle()

    def settle(self) -> None:
        self.control.receive_all()
        if self.cut.connection is not None:
            self.cut.receive_all()

    def text(self) -> Message:
        self.texts += 1
        return Message(text=f"text {self.texts}")

    def happen(self) -> str:
        kinds = [name for name in dir(self) if name.startswith("do_")]
        weights = [WEIGHTS.get(name, 1) for name in kinds]
        while True:
            kind = self.rng.choices(kinds, weights)[0]
            try:
                getattr(self, kind)()
            except (APIError, LookupError):
                continue
            return kind

    # What happens.

    @property
    def chat(self) -> Any:
        if self.ann.chat_id is None:
            raise LookupError
        return self.world.store.chats.get(self.ann.chat_id)

    @property
    def events(self) -> list[Any]:
        return self.own(customer.GetChat(chat_id=self.chat.id)).thread.events

    @property
    def present(self) -> list[str]:
        return [user.id for user in self.chat.present_agents() if user.id in self.web]

    def do_customer_says(self) -> None:
        event = CARD if self.rng.random() < 0.1 else self.text()
        self.own(customer.SendEvent(chat_id=self.chat.id, event=event))

    def do_customer_starts(self) -> None:
        events = [self.text() for _ in range(self.rng.choice([0, 1, 2]))]
        chat = InitialChat(thread=InitialThread(events=events))
        if self.ann.chat_id is None:
            self.own(customer.StartChat(chat=chat, continuous=self.rng.random() < 0.7))
        else:
            chat = msgspec.structs.replace(chat, id=self.ann.chat_id)
            self.own(customer.ResumeChat(chat=chat, continuous=self.rng.random() < 0.7))

    def do_customer_closes(self) -> None:
        self.own(customer.DeactivateChat(id=self.chat.id))

    def do_customer_deletes(self) -> None:
        event = self.rng.choice([e for e in self.events if e.author_id == self.ann.id])
        self.own(customer.DeleteEvent(
            chat_id=self.chat.id, thread_id=self.chat.last_thread.id, event_id=event.id
        ))  # fmt: skip
        self.deleted.add(event.id)

    def do_customer_sees(self) -> None:
        self.own(customer.MarkEventsAsSeen(chat_id=self.chat.id, seen_up_to=self.sandbox.now))

    def do_customer_rates(self) -> None:
        self.own(customer.UpdateThreadProperties(
            chat_id=self.chat.id, thread_id=self.chat.last_thread.id,
            properties={"rating": {"score": self.rng.randrange(2)}},
        ))  # fmt: skip

    def do_customer_presses(self) -> None:
        if not self.chat.active:
            raise LookupError  # of others, no push tells
        event = self.rng.choice([e for e in self.events if e.type == "rich_message"])
        self.own(customer.SendRichMessagePostback(
            chat_id=self.chat.id, thread_id=self.chat.last_thread.id, event_id=event.id,
            postback=RichMessagePostback(id="yes", toggled=self.rng.random() < 0.5),
        ))  # fmt: skip

    def do_customer_changes(self) -> None:
        self.own(customer.UpdateCustomer(name=f"Ann {self.rng.randrange(3)}"))

    def do_other_customer(self) -> None:
        self.bob.say("somebody else")

    def do_agent_writes(self) -> None:
        event: Any = CARD if self.rng.random() < 0.2 else self.text()
        if self.rng.random() < 0.3:
            event = msgspec.structs.replace(event, visibility="agents")
        agent = self.web[self.rng.choice(self.present)]
        agent.send_event(chat_id=self.chat.id, event=event)

    def do_agent_sees(self) -> None:
        agent = self.web[self.rng.choice(self.present)]
        agent.mark_events_as_seen(chat_id=self.chat.id, seen_up_to=self.sandbox.now)

    def do_properties(self) -> None:
        rng, chat, agent = self.rng, self.chat, self.web[AGENTS[0]]
        name = rng.choice(["string_property", "int_property"])
        value = str(rng.randrange(3)) if name == "string_property" else rng.randrange(3)
        thread = {"chat_id": chat.id, "thread_id": chat.last_thread.id}
        kind = rng.randrange(3)
        ids = [{"id": chat.id}, thread, {**thread, "event_id": rng.choice(self.events).id}][kind]
        level = ["chat", "thread", "event"][kind]
        if rng.random() < 0.7:
            update = getattr(agent, f"update_{level}_properties")
            update(**ids, properties={"test": {name: value}})
        else:
            getattr(agent, f"delete_{level}_properties")(**ids, properties={"test": [name]})

    def do_add(self) -> None:
        agent_id = self.rng.choice(AGENTS)
        by = agent_id if self.rng.random() < 0.5 else self.rng.choice(AGENTS)
        self.web[by].add_user_to_chat(
            chat_id=self.chat.id, user_id=agent_id, user_type="agent",
            visibility=self.rng.choice(["all", "all", "agents"]), ignore_requester_presence=True,
        )  # fmt: skip

    def do_remove(self) -> None:
        agent_id = self.rng.choice(self.present)
        self.web[self.rng.choice([agent_id, AGENTS[0]])].remove_user_from_chat(
            chat_id=self.chat.id, user_id=agent_id, user_type="agent",
            ignore_requester_presence=True,
        )  # fmt: skip

    def do_transfer(self) -> None:
        target: Any = Target(type="agent", ids=[self.rng.choice(AGENTS)])
        if self.rng.random() < 0.4:
            target = Target(type="group", ids=[self.rng.choice([0, 1, 2])])
        self.web[self.rng.choice(AGENTS)].transfer_chat(
            id=self.chat.id, target=target, ignore_agents_availability=self.rng.random() < 0.5,
            ignore_requester_presence=True,
        )  # fmt: skip

    def do_deactivate(self) -> None:
        self.web[AGENTS[0]].deactivate_chat(id=self.chat.id, ignore_requester_presence=True)

    def do_agent_starts(self) -> None:
        rng, agent = self.rng, self.web[self.rng.choice(AGENTS)]
        thread = InitialThread(events=[self.text() for _ in range(rng.choice([0, 1]))])
        if self.ann.chat_id is None:
            users = [InitialUser(id=self.ann.id, type="customer")]
            chat = InitialChat(users=users, thread=thread)
            agent.start_chat(chat=chat, continuous=True)
        else:
            chat = InitialChat(id=self.ann.chat_id, thread=thread)
            agent.resume_chat(chat=chat, continuous=True)

    def do_status(self) -> None:
        agent_id = self.rng.choice(AGENTS)
        self.web[agent_id].set_routing_status(
            status=self.rng.choice(["accepting_chats", "not_accepting_chats"]), agent_id=agent_id
        )

    def do_time(self) -> None:
        self.sandbox.advance(self.rng.choice([0.5, 5, 60]))

    # The two sessions.

    def round(self, *, gap: int, live: int) -> None:
        """Some life, a cut, a gap, and life again while what was missed is read."""
        rng = self.rng
        for _ in range(rng.randrange(live + 1)):
            self.happen()
            if rng.random() < 0.7:
                self.settle()
        self.control.receive_all()
        self.cut.cut(keep=rng.choice([0, 0, 1, 3]) if rng.random() < 0.5 else 10**6)
        missed = rng.randrange(gap + 1)
        for _ in range(missed):
            self.happen()
        before, self.cut.named = self.cut.named, set()
        self.cut.connect()
        again = rng.random() < 0.3
        for _ in range(rng.randrange(12)):
            if rng.random() < 0.4:
                self.happen()
            self.cut.receive(rng.randrange(3))
        if again and self.cut.connection is not None:
            self.cut.cut()
            for _ in range(rng.randrange(4)):
                self.happen()
            self.cut.connect()
        self.settle()
        assert self.cut.reading is None, "the reading ends"
        self.gaps += missed > 0
        self.namings += bool(self.cut.named)
        self.cut.named |= before


WEIGHTS = {
    "do_customer_says": 8, "do_agent_writes": 8, "do_customer_starts": 5, "do_add": 4,
    "do_remove": 3, "do_transfer": 2, "do_deactivate": 2, "do_agent_starts": 2, "do_time": 3,
    "do_properties": 4, "do_customer_deletes": 2,
}  # fmt: skip


def play(
    seed: int, rounds: int = 6, gap: int = 8, live: int = 6, before: int = 8, **limits: Any
) -> CustomerScene:
    scene = CustomerScene(seed, limits=limits)
    try:
        scene.start(before)
        for _ in range(rounds):
            scene.round(gap=gap, live=live)
        scene.happen()
        scene.settle()
        scene.shown = scene.read()
    finally:
        scene.close()
    return scene


def compare(scene: CustomerScene) -> list[str]:
    """Return what is wrong with what the cut session got, beside the one that was not cut."""
    return [*_sequences(scene), *_states(scene)]


def _sequences(scene: CustomerScene) -> list[str]:
    """What was said, and which threads began and ended: all of it, once, in order."""
    faults: list[str] = []
    control, cut = by_chat(scene.control.got), by_chat(scene.cut.got)
    for chat_id in sorted(control.keys() | cut.keys()):
        named = chat_id in scene.cut.named
        right = [told for push in control[chat_id] for told in _told(push)]
        got = [told for push in cut[chat_id] for told in _told(push)]
        if not named and not _is_part(got, right):
            faults += _lines(f"{chat_id}, which is not named", got, right)
        got, right = _said(got), _said(right)
        missing = [p for p in right if not _is_part([p], got) and not _is_gone(p, scene)]
        if missing and not named:
            faults += [f"missing: {push}" for push in missing]
        if not _is_part(got, right):
            faults += _lines(f"added, or out of order, in {chat_id}", got, right)
    return faults


def _told(push: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a push tells, without what is as it is now or what nothing tells."""
    if "chat" in push:
        thread = push["chat"]["thread"]
        yield {"kind": push["kind"], "thread": thread["id"]}
        # Where the first one was deleted, it is not seen that the others were there from the start.
        for event in thread["events"]:
            yield {"kind": IncomingEvent.__name__, "event": event["id"]}
        return
    push = dict(push)
    if "event" in push:
        yield {"kind": push["kind"], "event": push["event"]["id"]}
        return
    if "user" in push:
        push["user_id"] = push["user"]["id"]
    yield {name: value for name, value in push.items() if name not in NOT_TOLD}


def _said(pushes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    moves = (UserAddedToChat.__name__, UserRemovedFromChat.__name__)
    return [push for push in pushes if push["kind"] not in moves]


def _is_part(part: list[dict[str, Any]], whole: list[dict[str, Any]]) -> bool:
    """Whether a list is what is left of another when some are taken out."""
    rest = iter(whole)
    return all(any(_fits(item, other) for other in rest) for item in part)


def _fits(got: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether a push is the same, but for who ended a thread.

    The message about the end names an agent even to whom the push does not.
    """
    if got["kind"] == right["kind"] == ChatDeactivated.__name__:
        who = got.get("user_id"), right.get("user_id")
        if None in who:
            got, right = {**got, "user_id": None}, {**right, "user_id": None}
    return got == right


def _is_gone(push: dict[str, Any], scene: CustomerScene) -> bool:
    """Whether it is about an event that was deleted, perhaps before it could be read."""
    return push.get("event") in scene.deleted


def _lines(what: str, got: list[Any], right: list[Any]) -> list[str]:
    texts = [str(push) for push in right], [str(push) for push in got]
    return [what, *difflib.unified_diff(*texts, "control", "cut", lineterm="", n=1)]


def _states(scene: CustomerScene) -> list[str]:
    """What the pushes have led to is what the customer reads at the end."""
    faults: list[str] = []
    for name, client in (("control", scene.control), ("cut", scene.cut)):
        folding = scene.folded[name]
        for push in client.got:
            folding.apply(push)
        if not scene.is_known and name == "cut":
            continue
        for chat_id, chat in scene.shown.items():
            faults += [f"{name}: {line}" for line in differences(folding.chat(chat_id), chat)]
    return faults


def differences(got: FoldedChat, shown: FoldedChat) -> list[str]:
    """Return where a chat that was folded from pushes is not the one that is read."""
    faults: list[str] = []
    for field in ("active", "thread_id", "present", "properties"):
        left, right = getattr(got, field), getattr(shown, field)
        if left != right:
            faults.append(f"{field} is {left}, and {right} is read")
    for user_id, seen in shown.seen.items():
        # Writing for agents alone is seeing, too, and not told.
        late = user_id not in shown.customers and got.seen.get(user_id, seen) <= seen
        if user_id in shown.present and not late and got.seen.get(user_id) != seen:
            faults.append(f"seen by {user_id} is {got.seen.get(user_id)}, and {seen} is read")
    for thread_id, thread in shown.threads.items():
        told = got.thread(thread_id)
        if list(told.events) != list(thread.events):
            faults.append(f"events of {thread_id}: {list(told.events)} != {list(thread.events)}")
        for event_id, event in thread.events.items():
            if told.events.get(event_id) not in (event, None):
                faults.append(f"event {event_id}: {told.events[event_id]} != {event}")
        if told.properties != thread.properties:
            faults.append(f"properties of {thread_id}: {told.properties} != {thread.properties}")
    return faults


def _as_wired(chats: Any) -> Any:
    """Chats as clients get them, without what the sandbox leaves out of its responses."""
    for chat, threads in chats:
        yield (
            msgspec.json.decode(encode(chat), type=Chat),
            [msgspec.json.decode(encode(thread), type=Thread) for thread in threads],
        )
