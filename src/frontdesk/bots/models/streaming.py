"""What a language model writes, shown while it grows, and sent once it is whole."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

from msgspec import Struct

from frontdesk.bots.models.contexts import Replies
from frontdesk.errors import InvalidArgument
from frontdesk.models import Message
from frontdesk.models.events.new_event import MAX_TEXT_BYTES
from frontdesk.readable import clean_text
from frontdesk.redaction import redacted
from frontdesk.spec.arguments import check_flag

__all__ = ["StreamedReply", "stream"]

logger: logging.Logger = logging.getLogger("frontdesk.bots")

EVERY: Final = 0.7
TIMEOUT: Final = 5.0
"""Seconds that a preview may take."""
LONGEST: Final = 4 * MAX_TEXT_BYTES
"""Bytes of UTF-8 that are split into messages; a model that writes more has lost its way."""
LongText = Literal["refuse", "split"]


class StreamedReply(Struct, frozen=True, kw_only=True):
    """What became of a stream."""

    text: str
    """All that the model wrote, without spaces around it."""
    event_id: str | None
    """The id of the message, the last one where the text was split; ``None`` if the text is empty,
    of which there is no message."""
    previews: int
    """How many previews were sent."""


async def stream(
    ctx: Replies,
    chunks: AsyncIterable[str | None],
    *,
    previews: bool = True,
    every: float = EVERY,
    thinking: bool | str = True,
    long: LongText = "refuse",
) -> StreamedReply:
    """Send what a model writes: a thinking indicator, previews while the text grows, one message.

    The previews have the ``custom_id`` of the message, as LiveChat's docs ask, so that a chat
    window puts the message in their place. LiveChat shows previews to the customer only, and stores
    none. Each is a request that is billed, as is the indicator. A preview that fails does not cost
    the message: there are no more previews then. The message waits for a preview that is under way,
    at most 5 seconds, for one that came later would take its place.

    When the model fails in the middle, nothing is sent, and its error is raised: whatever handles
    the errors of handlers decides on another attempt. A text that is empty sends nothing either.

    Args:
        ctx: The handler's context.
        chunks: The text in pieces, such as those of a stream of OpenAI's or Anthropic's client;
            ``None`` is no text, which some have among them. Closed at the end.
        previews: Whether to send previews.
        every: Seconds from one preview to the next, at the least.
        thinking: Whether to send a thinking indicator first; a text is its title. It also has the
            bot join the chat: without it, the first reply in a chat has no previews.
        long: What becomes of a text of more than 16 KB: ``refuse`` raises as soon as it is that
            long, ``split`` sends several messages, of at most 64 KB in all.

    Returns:
        The text, and the id of its message.

    Raises:
        InvalidArgument: A chunk is no text, the text is too long, or an argument does not fit.
        APIError: The message, or the indicator, was refused.
    """
    check_flag("previews", previews)
    if long not in ("refuse", "split"):
        raise InvalidArgument("long", f'must be "refuse" or "split", not {long!r}')
    if not hasattr(chunks, "__aiter__"):
        rule = f"must be an async iterator of texts, not {type(chunks).__name__}"
        raise InvalidArgument("chunks", rule)
    if not every >= 0:  # NaN is not
        raise InvalidArgument("every", f"must be a number of seconds of at least 0, not {every!r}")
    most = LONGEST if long == "split" else MAX_TEXT_BYTES
    previewer = _Previewer(ctx, every)
    async with _closing(chunks):
        if thinking:
            await ctx.thinking(thinking if isinstance(thinking, str) else None)
        if previews:
            async with previewer.running():
                text = await _read(chunks, most, long, previewer)
        else:
            text = await _read(chunks, most, long, None)
    text = clean_text(text).strip()
    event_id = await ctx.reply(text, long=long) if text else None
    return StreamedReply(text=text, event_id=event_id, previews=previewer.sent)


async def _read(
    chunks: AsyncIterable[Any], most: int, long: LongText, previewer: "_Previewer | None"
) -> str:
    """Put the chunks together; ``previewer`` hears of each."""
    text, size = "", 0
    async for chunk in chunks:
        if chunk is None:
            continue
        if not isinstance(chunk, str):
            kind = type(chunk).__name__
            raise InvalidArgument("chunks", f"must be texts, not {kind}; take the text of each")
        text += chunk
        size += len(chunk.encode("utf-8", "replace"))
        if size > most:
            raise InvalidArgument("text", _too_long(most, long))
        if previewer is not None:
            await previewer.show(text)
    return text


def _too_long(most: int, long: LongText) -> str:
    hint = '; pass `long="split"` to send several messages' if long == "refuse" else ""
    return f"of the model has more than {most} bytes of UTF-8; nothing was sent{hint}"


class _Previewer:
    """Sends the newest text, one request at a time, and not more often than agreed.

    Beside the stream, so that the model does not wait for LiveChat.
    """

    def __init__(self, ctx: Replies, every: float) -> None:
        self._ctx = ctx
        self._every = every
        self._text = ""
        self._changed = asyncio.Event()
        self._is_sending = False
        self._is_over = False
        self.sent = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Send previews until the block ends; none is under way after it."""
        task = asyncio.create_task(self._run())
        try:
            yield
            # One that arrived after the message would take its place: it is waited for.
            self._is_over = True
            if self._is_sending:
                await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def show(self, text: str) -> None:
        """Have a text shown soon, unless a newer one comes before."""
        if self._is_over or text == self._text:
            return
        is_first = not self._text
        self._text = text
        self._changed.set()
        if is_first:
            # A model that never waits would otherwise leave no time for it.
            await asyncio.sleep(0)

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        custom_id = self._ctx.custom_id
        # A late preview is worth nothing, and the message would wait for it.
        client = self._ctx.client.with_options(retry=None, timeout=TIMEOUT)
        while True:
            await self._changed.wait()
            self._changed.clear()
            text = clean_text(self._text).strip()
            if not text:
                continue
            if len(text.encode()) > MAX_TEXT_BYTES:
                return
            began = clock()
            self._is_sending = True
            try:
                await client.send_event_preview(
                    chat_id=self._ctx.chat_id, event=Message(text, custom_id=custom_id)
                )
            except Exception as error:  # noqa: BLE001 - no preview costs the message
                logger.info("no more previews of this message: %s", redacted(str(error)))
                return
            finally:
                self._is_sending = False
            self.sent += 1
            if self._is_over:
                return
            await asyncio.sleep(max(0.0, began + self._every - clock()))


@asynccontextmanager
async def _closing(chunks: Any) -> AsyncGenerator[None]:
    """Close what a stream comes from, so that the model stops writing what nobody reads."""
    try:
        yield
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()
