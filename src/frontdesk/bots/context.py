"""``Context`` and ``SyncContext``: what a handler does things with."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct

from frontdesk.bots.states.record import PendingStep
from frontdesk.bots.work.happenings import Happening
from frontdesk.bots.work.presence import leave
from frontdesk.bots.work.replies import LongText, events_of
from frontdesk.bots.work.run import Run
from frontdesk.errors import (
    AgentOffline,
    ChatInactive,
    GroupOffline,
    GroupsOffline,
    GroupUnavailable,
    InvalidArgument,
)
from frontdesk.models import Chat, Customer, Message, NewEvent, RichMessagePostback
from frontdesk.pushes import IncomingRichMessagePostback
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.spec.arguments import check_count, check_wait
from frontdesk.webhooks.handlers import AnyWebhook

__all__ = ["Context", "HandOver", "SyncContext"]

S = TypeVar("S")
T = TypeVar("T")

NOBODY = (AgentOffline, GroupOffline, GroupsOffline, GroupUnavailable)


class HandOver(Struct, frozen=True):
    """What became of a hand-over."""

    status: Literal["transferred", "queued", "nobody"]
    """``transferred``: a person has the chat. ``queued``: it waits for one. ``nobody``: nobody can
    take it, and the bot still has it."""

    @property
    def is_done(self) -> bool:
        """Whether the bot has given the chat away."""
        return self.status != "nobody"


class Context(Generic[S]):
    """What happened, and what can be done about it, for async handlers.

    Each method that asks the API costs a request, and so does joining the chat, which happens with
    the first reply where the bot is not in it.
    """

    __slots__ = ("_happening", "_run", "error", "match")

    def __init__(self, run: Run, happening: Happening) -> None:
        self._run = run
        self._happening = happening
        self.match: re.Match[str] | None = None
        """The match of the handler's pattern."""
        self.error: Exception | None = None
        """What the handler has raised, in a handler of errors."""

    def __repr__(self) -> str:
        happening = self._happening
        return f"<{type(self).__name__} {happening.kind} in {happening.chat_id or 'no chat'}>"

    @property
    def kind(self) -> str:
        """``message``, ``postback``, ``form``, ``event``, ``chat_started`` or ``other``."""
        return self._happening.kind

    @property
    def chat_id(self) -> str:
        """The chat; empty where it is about none."""
        return self._happening.chat_id

    @property
    def thread_id(self) -> str:
        """The thread; empty where the payload does not tell."""
        return self._happening.thread_id

    @property
    def organization_id(self) -> str:
        """The organization."""
        return self._run.claim.item.webhook.organization_id

    @property
    def webhook(self) -> AnyWebhook:
        """The webhook; pushes come in the same form."""
        return self._run.claim.item.webhook

    @property
    def payload(self) -> Any:
        """The payload, such as an ``IncomingEvent``."""
        return self._happening.payload

    @property
    def event(self) -> Any:
        """The event, such as a ``MessageEvent``; ``None`` where it is about none."""
        return self._happening.event

    @property
    def text(self) -> str:
        """The text of the message; empty where it is about none."""
        return getattr(self._happening.event, "text", None) or ""

    @property
    def postback(self) -> RichMessagePostback | None:
        """The button that was pressed; ``None`` where it is about none."""
        payload = self._happening.payload
        if isinstance(payload, IncomingRichMessagePostback):
            return payload.postback
        pressed = getattr(self._happening.event, "postback", None)
        if pressed is None:
            return None
        return RichMessagePostback(
            id=pressed.id,
            toggled=True,
            button_type=pressed.type,
            button_value=pressed.value,
            ecommerce=pressed.ecommerce,
        )

    @property
    def bot_id(self) -> str:
        """The bot."""
        return self._run.identity.bot_id

    @property
    def attempt(self) -> int:
        """How often a handler has been called for this, the present call included."""
        return self._run.claim.attempt

    @property
    def client(self) -> AsyncAgentClient:
        """A client that acts as the bot."""
        return self._run.identity.client

    @property
    def state(self) -> S:
        """The bot's state of the chat, to be changed; saved when the handler has succeeded."""
        state: S = self._run.state
        return state

    @state.setter
    def state(self, state: S) -> None:
        self._run.state = state

    @property
    def custom_id(self) -> str:
        """The ``custom_id`` that the next reply will have: previews of it must have the same."""
        return self._run.next_custom_id(self._subject())

    def for_threads(self) -> "SyncContext[S]":
        """Return the same for a handler that is not async."""
        return SyncContext(self, self._run.identity.sync_client)

    async def chat(self) -> Chat:
        """Return the chat with the present thread; asks the API where the payload has it not."""
        return await self._run.chat(self._needed("chat"), self.thread_id)

    async def customer(self) -> Customer:
        """Return the customer of the chat; asks the API where the payload has it not.

        Raises:
            InvalidArgument: The chat has no customer.
        """
        customers = (await self.chat()).customers
        if not customers:
            raise InvalidArgument("customer", f"the chat {self.chat_id} has none")
        return next(iter(customers.values()))

    async def reply(self, content: str | NewEvent, *, long: LongText = "refuse") -> str:
        """Send a message, or another event, to the chat.

        The event has a ``custom_id`` made from what it replies to. When a handler is called again
        for the same message, what it has sent before is not sent again.

        Args:
            content: A text, or an event such as ``RichMessage(…)``.
            long: What becomes of a text of more than 16 KB: ``refuse`` raises, ``split`` sends
                several messages.

        Returns:
            The id of the event; of the last one, where there are several.

        Raises:
            InvalidArgument: The text is empty or too long; nothing was sent.
            ChatInactive: The chat is closed.
            NotInChat: The bot has left the chat, or was removed from it.
            APIError: The API responded with another error.
        """
        chat_id = self._needed("chat")
        event_id = ""
        for event in events_of(content, long):
            event_id = await self._run.send(chat_id, self.thread_id, self._subject(), event)
        return event_id

    async def note(self, text: str) -> str:
        """Write a message that only agents see; returns its id."""
        return await self.reply(Message(text, visibility="agents"))

    async def ask(
        self,
        question: str | NewEvent,
        then: Callable[..., Any],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - nobody waits
        long: LongText = "refuse",
    ) -> str:
        """Send a question, and have the customer's next message handled by another function.

        Nobody waits for it: the handler ends, and what comes next is stored with the chat's state,
        so that it survives restarts. Files and forms count as messages. The question is forgotten
        when the thread ends, and another ``ask`` takes its place.

        Args:
            question: What to send, as for ``reply``.
            then: A handler declared with ``@bot.step``, ``@bot.message`` or ``@bot.fallback``.
            timeout: Seconds after which the next message is like any other again.
            long: As for ``reply``.

        Returns:
            The id of the question.

        Raises:
            InvalidArgument: ``then`` is no handler of the bot; nothing was sent.
        """
        name = self._run.table.name_of(then)
        if name is None:
            shown = getattr(then, "__qualname__", repr(then))
            raise InvalidArgument(
                "then", f"must be declared with `@bot.step`, so that it can be found later: {shown}"
            )
        check_wait("timeout", timeout)
        if timeout is not None and timeout < 0:
            raise InvalidArgument("timeout", "must not be below 0")
        event_id = await self.reply(question, long=long)
        until = None if timeout is None else self._run.clock() + timeout
        self._run.record.step = PendingStep(name, self.thread_id, until)
        return event_id

    async def typing(self, on: bool = True) -> None:
        """Show that the bot is typing, or has stopped."""
        chat_id = self._needed("chat")
        await self._run.be_there(chat_id)
        await self.client.send_typing_indicator(chat_id=chat_id, is_typing=on)

    async def thinking(self, title: str | None = None, description: str | None = None) -> None:
        """Show that a reply is being prepared."""
        chat_id = self._needed("chat")
        await self._run.be_there(chat_id)
        await self.client.send_thinking_indicator(
            chat_id=chat_id, title=title, description=description, custom_id=self.custom_id
        )

    async def tag(self, name: str) -> None:
        """Tag the thread; a tag that it has already does no harm."""
        chat_id, thread_id = self._needed("chat"), await self._thread()
        await self.client.tag_thread(chat_id=chat_id, thread_id=thread_id, tag=name)

    async def close(self) -> None:
        """Close the chat; one that is closed already stays so."""
        with suppress(ChatInactive):
            await self.client.deactivate_chat(
                id=self._needed("chat"), ignore_requester_presence=True
            )
        self._run.record.step = None

    async def transfer(
        self, *, group: int | None = None, agent: str | None = None, queue: bool = True
    ) -> None:
        """Give the chat to a group or an agent; the bot is out of it then, and ignores it.

        Args:
            group: The id of the group.
            agent: The id of the agent. Without both, another agent of the chat's group gets it.
            queue: Whether it may wait when nobody can take it at once.

        Raises:
            AgentOffline: Nobody can take it at once, and it may not wait.
            InvalidArgument: Both a group and an agent are given.
        """
        await self._transfer(_target(group, agent), queue=queue)

    async def hand_over(
        self,
        note: str | None = None,
        *,
        group: int | None = None,
        if_nobody: Literal["stay", "queue"] = "stay",
    ) -> HandOver:
        """Give the chat to a person, and say what became of it.

        Args:
            note: What agents should know; only they see it.
            group: The group whose agents may take it; defaults to the chat's own.
            if_nobody: What happens when nobody can take it at once: ``stay`` leaves it with the
                bot, which can tell the customer; ``queue`` lets it wait for a person.

        Returns:
            A ``HandOver`` with ``status`` ``transferred``, ``queued`` or ``nobody``.
        """
        if if_nobody not in ("stay", "queue"):
            raise InvalidArgument("if_nobody", f'must be "stay" or "queue", not {if_nobody!r}')
        if note is not None:
            await self.note(note)
        try:
            await self._transfer(_target(group, None), queue=False)
        except NOBODY:
            if if_nobody == "stay":
                return HandOver("nobody")
        else:
            return HandOver("transferred")
        await self._transfer(_target(group, None), queue=True)
        return HandOver("queued")

    async def _transfer(self, target: Mapping[str, Any] | None, *, queue: bool) -> None:
        await self.client.transfer_chat(
            id=self._needed("chat"),
            target=target,
            ignore_agents_availability=queue,
            ignore_requester_presence=True,
        )
        leave(self._run.record)

    async def _thread(self) -> str:
        return self.thread_id or (await self.chat()).thread.id

    def _needed(self, what: str) -> str:
        if not self.chat_id:
            name = type(self._happening.payload).__name__
            raise InvalidArgument(what, f"is needed for that, and {name} is about none")
        return self.chat_id

    def _subject(self) -> str:
        """What replies are made for: the event, since the same one may be delivered twice."""
        # What an error handler says is no reply: a dead letter that is replayed sends its own.
        part = "error/" if self.error is not None else ""
        return part + self._happened()

    def _happened(self) -> str:
        event_id = getattr(self._happening.event, "id", "")
        if event_id:
            return f"event/{self.organization_id}/{event_id}"
        if self.kind == "chat_started":
            return f"start/{self.organization_id}/{self.thread_id}"
        return f"item/{self._run.claim.item.id}"


def _target(group: int | None, agent: str | None) -> dict[str, Any] | None:
    if group is not None and agent is not None:
        raise InvalidArgument("agent", "cannot be given beside `group`")
    if agent is not None:
        return {"type": "agent", "ids": [agent]}
    if group is None:
        return None
    if group != 0:
        check_count("group", group)
    return {"type": "group", "ids": [group]}


class SyncContext(Generic[S]):
    """As ``Context``, for handlers that are not async: its methods wait, in their threads."""

    __slots__ = ("_context", "_event_loop", "client")

    def __init__(self, context: Context[S], client: AgentClient) -> None:
        self._context = context
        self.client: AgentClient = client
        """A client that acts as the bot."""
        self._event_loop = asyncio.get_running_loop()

    def __repr__(self) -> str:
        return repr(self._context).replace("Context", "SyncContext", 1)

    def __getattr__(self, name: str) -> Any:
        # What is not written out below is the same, and asks nobody.
        if name in READ:
            return getattr(self._context, name)
        raise AttributeError(f"a SyncContext has no {name}")

    kind: str
    chat_id: str
    thread_id: str
    organization_id: str
    webhook: AnyWebhook
    payload: Any
    event: Any
    text: str
    postback: RichMessagePostback | None
    bot_id: str
    attempt: int
    custom_id: str
    match: re.Match[str] | None
    error: Exception | None

    @property
    def state(self) -> S:
        """The bot's state of the chat, to be changed; saved when the handler has succeeded."""
        return self._context.state

    @state.setter
    def state(self, state: S) -> None:
        self._context.state = state

    def chat(self) -> Chat:
        """Return the chat, as ``Context.chat`` does."""
        return self._wait(self._context.chat())

    def customer(self) -> Customer:
        """Return the customer, as ``Context.customer`` does."""
        return self._wait(self._context.customer())

    def reply(self, content: str | NewEvent, *, long: LongText = "refuse") -> str:
        """Send a message or another event, as ``Context.reply`` does."""
        return self._wait(self._context.reply(content, long=long))

    def note(self, text: str) -> str:
        """Write a message that only agents see; returns its id."""
        return self._wait(self._context.note(text))

    def ask(
        self,
        question: str | NewEvent,
        then: Callable[..., Any],
        *,
        timeout: float | None = None,
        long: LongText = "refuse",
    ) -> str:
        """Send a question, as ``Context.ask`` does."""
        return self._wait(self._context.ask(question, then, timeout=timeout, long=long))

    def typing(self, on: bool = True) -> None:
        """Show that the bot is typing, or has stopped."""
        self._wait(self._context.typing(on))

    def thinking(self, title: str | None = None, description: str | None = None) -> None:
        """Show that a reply is being prepared."""
        self._wait(self._context.thinking(title, description))

    def tag(self, name: str) -> None:
        """Tag the thread; a tag that it has already does no harm."""
        self._wait(self._context.tag(name))

    def close(self) -> None:
        """Close the chat; one that is closed already stays so."""
        self._wait(self._context.close())

    def transfer(
        self, *, group: int | None = None, agent: str | None = None, queue: bool = True
    ) -> None:
        """Give the chat to a group or an agent, as ``Context.transfer`` does."""
        self._wait(self._context.transfer(group=group, agent=agent, queue=queue))

    def hand_over(
        self,
        note: str | None = None,
        *,
        group: int | None = None,
        if_nobody: Literal["stay", "queue"] = "stay",
    ) -> HandOver:
        """Give the chat to a person, as ``Context.hand_over`` does."""
        return self._wait(self._context.hand_over(note, group=group, if_nobody=if_nobody))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._event_loop).result()


READ = frozenset(SyncContext.__annotations__)
