"""One end of the conversation: a connection of an agent or customer, and what it has brought."""

from collections.abc import Iterator
from typing import Any

from frontdesk.actions import Action, Login, customer
from frontdesk.codec.damage import Damage, DamageReports
from frontdesk.core.rtm.frames import Frame, decode_frame, read_response
from frontdesk.pushes import PUSHES, IncomingChat, IncomingEvent, Push
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES
from frontdesk.pushes.reading import read_push
from frontdesk.sandbox.serve.rtm.connection import RTMApi

from ...core.rtm.recovery._control import Office, _call
from ...folding import FoldedChat, Folding, read

__all__ = ["AgentEnd", "CustomerEnd", "End"]


class End:
    """A connection that is logged in; ``folding`` is what its pushes have made of the chats."""

    api: RTMApi = "agent"

    def __init__(self, office: Office, name: str, token: str) -> None:
        self.name = name
        self.folding = Folding()
        self.frames: list[bytes] = []
        """All that came, as it came."""
        self.faults: list[str] = []
        self.events: list[tuple[str, str]] = []
        """Each event that came, with its thread, in order."""
        self._reports = DamageReports(on_damage=self._damaged)
        self._office = office
        self._connection = office.open(self.api)
        self.login = self.call(self._login(token))

    def _login(self, token: str) -> Action[Any]:
        return Login(token=token)

    def call(self, action: Action[Any]) -> Any:
        """Call a method; raises what the server refuses it with."""
        self._office.call(self._connection, action)
        response: Frame | None = None
        for frame in self._arrived():
            if frame.type == "push":
                self._take(frame)
            else:
                response = frame
        assert response is not None, "each request has a response"
        return read_response(response, _call(action))

    def hear(self) -> None:
        """Take the pushes that have come."""
        for frame in self._arrived():
            self._take(frame)

    def _arrived(self) -> Iterator[Frame]:
        queue = self._office.queues[self._connection.id]
        while queue:
            data = queue.popleft()
            self.frames.append(data)
            yield decode_frame(data)

    def _take(self, frame: Frame) -> None:
        known = CUSTOMER_PUSHES if self.api == "customer" else PUSHES
        push = read_push(frame.action, frame.payload, self._reports, frame.damage, known)
        self._note(push)
        try:
            self.folding.apply(push)
        except AssertionError as error:
            self.faults.append(f"{self.name}: {error}")

    def _damaged(self, damage: Damage) -> None:
        self.faults.append(f"{self.name}: {damage}")

    def _note(self, push: Push) -> None:
        if isinstance(push, IncomingEvent):
            if (push.thread_id, push.event.id) in self.events:
                self.faults.append(f"{self.name}: {push.event.id} came twice")
            self.events.append((push.thread_id, push.event.id))


class AgentEnd(End):
    """The end of an agent, who may read all chats; ``follows`` them as soon as they come."""

    def __init__(self, office: Office, name: str, token: str, *, follows: bool) -> None:
        super().__init__(office, name, token)
        if not follows:
            # Who is not in a chat from its beginning on hears a part of it.
            self.folding = Folding(may_lack_events=True)
        self.follows = follows
        self.arrived: list[str] = []
        """Chats that have come, and have to be followed."""

    def _note(self, push: Push) -> None:
        super()._note(push)
        if isinstance(push, IncomingChat) and self.follows:
            self.arrived.append(push.chat.id)


class CustomerEnd(End):
    """The end of a customer."""

    api: RTMApi = "customer"

    def __init__(self, office: Office, name: str, customer_id: str, token: str) -> None:
        self.customer_id = customer_id
        super().__init__(office, name, token)

    def _login(self, token: str) -> Action[Any]:
        return customer.Login(token=token)

    def read(self) -> dict[str, FoldedChat]:
        """The chats as the customer reads them."""
        chats = []
        for summary in self.call(customer.ListChats(limit=25)).chats_summary:
            threads = self.call(customer.ListThreads(chat_id=summary.id, limit=100)).threads
            chats.append((self.call(customer.GetChat(chat_id=summary.id)), threads[::-1]))
        return read(chats)
