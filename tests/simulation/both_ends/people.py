"""What agents and customers do, drawn at random."""

from collections.abc import Callable
from random import Random
from typing import Any

from msgspec.structs import replace

from frontdesk import actions
from frontdesk.actions import customer
from frontdesk.errors import APIError
from frontdesk.models import (
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    RichMessage,
    RichMessagePostback,
    Target,
)
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.chats.outside_api import delete_event

from .ends import AgentEnd, CustomerEnd

__all__ = ["SECRET", "People"]

SECRET = "for agents alone"
"""A part of every text that no customer may get."""
CARD = RichMessage(
    template_id="cards",
    elements=[{"buttons": [{"text": "Yes", "postback_id": "yes", "type": "message",
                            "value": "yes"}]}],
)  # fmt: skip


class People:
    """Does one thing after another."""

    def __init__(
        self,
        world: World,
        rng: Random,
        agents: list[AgentEnd],
        customers: list[CustomerEnd],
    ) -> None:
        self._world = world
        self._rng = rng
        self._agents = agents
        self._customers = customers
        self._texts = 0
        self._acts: list[Callable[[], object]] = [
            act for act, weight in self._weighted() for _ in range(weight)
        ]

    def act(self) -> str:
        """Do one thing that the sandbox allows; return what."""
        while True:
            act = self._rng.choice(self._acts)
            try:
                act()
            except (APIError, LookupError):
                continue
            return act.__name__

    def _weighted(self) -> list[tuple[Callable[[], object], int]]:
        return [
            (self.customer_writes, 8), (self.agent_writes, 8), (self.agent_whispers, 5),
            (self.customer_starts, 6), (self.agent_starts, 2), (self.customer_closes, 1),
            (self.agent_closes, 1), (self.agent_joins, 3), (self.agent_leaves, 2),
            (self.chat_is_transferred, 2), (self.customer_sets_properties, 3),
            (self.agent_sets_properties, 3), (self.agent_pins, 1), (self.agent_tags, 1),
            (self.customer_rates, 1), (self.customer_deletes, 2), (self.agent_deletes, 1),
            (self.button_is_pressed, 2), (self.customer_sees, 2), (self.agent_sees, 2),
            (self.customer_types, 1), (self.agent_types, 1), (self.status_changes, 1),
            (self.customer_is_renamed, 1), (self.customer_renames, 1),
        ]  # fmt: skip

    # Drawing.

    def _text(self, who: str) -> str:
        self._texts += 1
        return f"{who} {self._texts}"

    @property
    def _customer(self) -> CustomerEnd:
        return self._rng.choice(self._customers)

    @property
    def _agent(self) -> AgentEnd:
        return self._rng.choice(self._agents)

    def _chat_of(self, end: CustomerEnd) -> Any:
        chat_id = self._world.store.chats.current_of_customer(end.customer_id)
        if chat_id is None:
            raise LookupError
        return self._world.store.chats.get(chat_id)

    def _chat(self) -> Any:
        return self._chat_of(self._customer)

    def _member(self, chat: Any) -> AgentEnd:
        present = {user.id for user in chat.present_agents()}
        return self._rng.choice([agent for agent in self._agents if agent.name in present])

    def _events(self, end: CustomerEnd) -> tuple[Any, list[Any]]:
        chat = self._chat_of(end)
        return chat, end.call(customer.GetChat(chat_id=chat.id)).thread.events

    # Customers.

    def customer_writes(self) -> None:
        end = self._customer
        event = Message(self._text(end.name))
        end.call(customer.SendEvent(chat_id=self._chat_of(end).id, event=event))

    def customer_starts(self) -> None:
        end = self._customer
        events = [Message(self._text(end.name)) for _ in range(self._rng.randrange(3))]
        chat = InitialChat(thread=InitialThread(events=events))
        if self._world.store.chats.current_of_customer(end.customer_id) is None:
            end.call(customer.StartChat(chat=chat, continuous=True))
        else:
            chat = replace(chat, id=self._chat_of(end).id)
            end.call(customer.ResumeChat(chat=chat, continuous=True))

    def customer_closes(self) -> None:
        end = self._customer
        end.call(customer.DeactivateChat(id=self._chat_of(end).id))

    def customer_sets_properties(self) -> None:
        end = self._customer
        chat, events = self._events(end)
        thread_id = chat.last_thread.id
        thread = {"chat_id": chat.id, "thread_id": thread_id}
        properties = {"test": {"int_property": self._rng.randrange(9)}}
        names = {"test": ["int_property"]}
        kind = self._rng.randrange(6)
        if kind == 0:
            end.call(customer.UpdateChatProperties(id=chat.id, properties=properties))
        elif kind == 1:
            end.call(customer.UpdateThreadProperties(**thread, properties=properties))
        elif kind == 2:
            end.call(customer.DeleteChatProperties(id=chat.id, properties=names))
        elif kind == 3:
            end.call(customer.DeleteThreadProperties(**thread, properties=names))
        else:
            event_id = self._rng.choice(events).id
            act = customer.UpdateEventProperties if kind == 4 else customer.DeleteEventProperties
            end.call(act(**thread, event_id=event_id,
                         properties=properties if kind == 4 else names))  # fmt: skip

    def customer_rates(self) -> None:
        end = self._customer
        chat = self._chat_of(end)
        rating = {"rating": {"score": self._rng.randrange(2)}}
        end.call(customer.UpdateThreadProperties(
            chat_id=chat.id, thread_id=chat.last_thread.id, properties=rating
        ))  # fmt: skip

    def customer_deletes(self) -> None:
        end = self._customer
        chat, events = self._events(end)
        event = self._rng.choice([e for e in events if e.author_id == end.customer_id])
        end.call(customer.DeleteEvent(
            chat_id=chat.id, thread_id=chat.last_thread.id, event_id=event.id
        ))  # fmt: skip

    def button_is_pressed(self) -> None:
        end = self._customer
        chat, events = self._events(end)
        if not chat.active:
            raise LookupError  # of others, no push tells
        event = self._rng.choice([e for e in events if e.type == "rich_message"])
        end.call(customer.SendRichMessagePostback(
            chat_id=chat.id, thread_id=chat.last_thread.id, event_id=event.id,
            postback=RichMessagePostback(id="yes", toggled=self._rng.random() < 0.5),
        ))  # fmt: skip

    def customer_sees(self) -> None:
        end = self._customer
        end.call(customer.MarkEventsAsSeen(
            chat_id=self._chat_of(end).id, seen_up_to=self._world.clock.now()
        ))  # fmt: skip

    def customer_types(self) -> None:
        end = self._customer
        end.call(customer.SendSneakPeek(chat_id=self._chat_of(end).id, sneak_peek_text="hm"))

    def customer_renames(self) -> None:
        end = self._customer
        end.call(customer.UpdateCustomer(name=f"{end.name} {self._rng.randrange(3)}"))

    # Agents.

    def agent_writes(self) -> None:
        chat = self._chat()
        agent = self._member(chat)
        event: Any = CARD if self._rng.random() < 0.2 else Message(self._text("agent"))
        agent.call(actions.SendEvent(chat_id=chat.id, event=event))

    def agent_whispers(self) -> None:
        chat = self._chat()
        event = Message(f"{SECRET} {self._text('aside')}", visibility="agents")
        self._member(chat).call(actions.SendEvent(chat_id=chat.id, event=event))

    def agent_starts(self) -> None:
        end, agent = self._customer, self._agent
        events = [Message(self._text("agent"))][: self._rng.randrange(2)]
        chat_id = self._world.store.chats.current_of_customer(end.customer_id)
        thread = InitialThread(events=events)
        if chat_id is None:
            users = [InitialUser(id=end.customer_id, type="customer")]
            chat = InitialChat(users=users, thread=thread)
            agent.call(actions.StartChat(chat=chat, continuous=True))
        else:
            chat = InitialChat(id=chat_id, thread=thread)
            agent.call(actions.ResumeChat(chat=chat, continuous=True))

    def agent_closes(self) -> None:
        self._agent.call(actions.DeactivateChat(id=self._chat().id, ignore_requester_presence=True))

    def agent_joins(self) -> None:
        self._agent.call(actions.AddUserToChat(
            chat_id=self._chat().id, user_id=self._agent.name, user_type="agent",
            visibility=self._rng.choice(["all", "agents"]), ignore_requester_presence=True,
        ))  # fmt: skip

    def agent_leaves(self) -> None:
        chat = self._chat()
        agent = self._member(chat)
        agent.call(actions.RemoveUserFromChat(
            chat_id=chat.id, user_id=agent.name, user_type="agent", ignore_requester_presence=True
        ))  # fmt: skip

    def chat_is_transferred(self) -> None:
        self._agent.call(actions.TransferChat(
            id=self._chat().id, target=Target(type="agent", ids=[self._agent.name]),
            ignore_agents_availability=True, ignore_requester_presence=True,
        ))  # fmt: skip

    def agent_sets_properties(self) -> None:
        end, agent = self._customer, self._agent
        chat, events = self._events(end)
        thread = {"chat_id": chat.id, "thread_id": chat.last_thread.id}
        properties = {"test": {"string_property": str(self._rng.randrange(9))}}
        kind = self._rng.randrange(3)
        if kind == 0:
            agent.call(actions.UpdateChatProperties(id=chat.id, properties=properties))
        elif kind == 1:
            agent.call(actions.UpdateThreadProperties(**thread, properties=properties))
        else:
            event_id = self._rng.choice(events).id
            agent.call(
                actions.UpdateEventProperties(**thread, event_id=event_id, properties=properties)
            )

    def agent_pins(self) -> None:
        """Set a property that customers may not read."""
        pinned = {"routing": {"pinned": self._rng.random() < 0.5}}
        self._agent.call(actions.UpdateChatProperties(id=self._chat().id, properties=pinned))

    def agent_tags(self) -> None:
        chat = self._chat()
        self._agent.call(
            actions.TagThread(chat_id=chat.id, thread_id=chat.last_thread.id, tag="support")
        )

    def agent_deletes(self) -> None:
        _, events = self._events(self._customer)
        event_id = self._rng.choice([event for event in events if event.type == "message"]).id
        self._world.unit(delete_event, self._world, event_id)
        self._world.commit()

    def agent_sees(self) -> None:
        chat = self._chat()
        self._member(chat).call(
            actions.MarkEventsAsSeen(chat_id=chat.id, seen_up_to=self._world.clock.now())
        )

    def agent_types(self) -> None:
        chat = self._chat()
        self._member(chat).call(
            actions.SendTypingIndicator(
                chat_id=chat.id, is_typing=True, visibility=self._rng.choice(["all", "agents"])
            )
        )

    def status_changes(self) -> None:
        agent = self._agent
        status: Any = self._rng.choice(["accepting_chats", "not_accepting_chats"])
        agent.call(actions.SetRoutingStatus(status=status, agent_id=agent.name))

    def customer_is_renamed(self) -> None:
        end = self._customer
        name = f"{end.name} {self._rng.randrange(3)}"
        self._agent.call(actions.UpdateCustomer(id=end.customer_id, name=name))
