"""A language model for tests: it says what a script says, and records what it was sent."""

from collections.abc import AsyncGenerator, Sequence

from frontdesk.bots.models.fake_server import ASGIApp, FakeModelServer
from frontdesk.bots.models.messages import ModelMessage
from frontdesk.bots.models.scripts import FakeReply, FakeRequest, Script, Scripted
from frontdesk.spec.tools import ToolDescription

__all__ = ["FakeModel"]


class FakeModel:
    """A language model that says what a script says.

    A bot's test talks to it in one of three ways: as a function (``await model(messages)``), as a
    stream (``model.stream(messages)``), or with the client of a provider, whose HTTP it speaks::

        model = FakeModel("Hello!", FakeToolCall("get_chat"), ["It ", "works"], TimeoutError())
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(model.asgi_app()))
        client = AsyncOpenAI(api_key="test", base_url="http://model/v1", http_client=http)

    The client of Anthropic takes the same, with ``base_url="http://model"``.

    Args:
        replies: What it says, one for each call: a text, a ``FakeToolCall``, an error, or a list of
            them. Texts of a list are the chunks of a stream; an error in a list comes after what
            stands before it.
    """

    def __init__(self, *replies: Scripted) -> None:
        self._script = Script(replies)

    def __repr__(self) -> str:
        return f"<FakeModel called {len(self.requests)} times, {self.left} replies left>"

    @property
    def requests(self) -> Sequence[FakeRequest]:
        """What it was sent, a ``FakeRequest`` for each call."""
        return self._script.requests

    @property
    def left(self) -> int:
        """How many replies are left."""
        return self._script.left

    async def __call__(
        self, messages: Sequence[ModelMessage], tools: Sequence[ToolDescription] = ()
    ) -> str:
        """Return the text of the next reply.

        Raises:
            ScriptEnded: There is no reply left.
            Exception: The error of the script.
        """
        return "".join([chunk async for chunk in self._said(messages, tools, is_stream=False)])

    def stream(
        self, messages: Sequence[ModelMessage], tools: Sequence[ToolDescription] = ()
    ) -> AsyncGenerator[str, None]:
        """Return the chunks of the next reply; raises like a call, once it is read."""
        return self._said(messages, tools, is_stream=True)

    def asgi_app(self) -> ASGIApp:
        """Return an application that speaks the HTTP of two providers.

        ``…/chat/completions`` is that of OpenAI, ``…/messages`` that of Anthropic, both also as
        streams. Requests that these refuse, such as results of tools that nobody called, are
        refused here too, without costing a reply. An error of the script is status 500, in the
        middle of a stream what the provider sends there.
        """
        return FakeModelServer(self._script)

    async def _said(
        self,
        messages: Sequence[ModelMessage],
        tools: Sequence[ToolDescription],
        *,
        is_stream: bool,
    ) -> AsyncGenerator[str, None]:
        request = FakeRequest(
            messages=tuple(message.for_openai() for message in messages),
            system="\n".join(each.content for each in messages if each.role == "system"),
            tools=tuple(tool.name for tool in tools),
            is_stream=is_stream,
        )
        reply: FakeReply = self._script.next_reply(request)
        for chunk in reply.chunks:
            yield chunk
        if reply.error is not None:
            raise reply.error
