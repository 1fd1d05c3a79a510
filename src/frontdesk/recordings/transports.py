"""Transports that record what a client of frontdesk sends and gets."""

from frontdesk.clients.options import base_url_of
from frontdesk.core.http_messages import Reply, Request
from frontdesk.recordings.recorder import Recorder
from frontdesk.transport.base import AsyncTransport, Transport

__all__ = ["AsyncRecordingTransport", "RecordingTransport"]


class RecordingTransport:
    """Sends with another transport, and records each request and its response.

    Args:
        transport: What sends, or the base URL of the service that HTTP goes to; closed with this
            one.
        recorder: What writes; it stays open, since several transports may share it.
    """

    def __init__(self, transport: Transport | str, recorder: Recorder) -> None:
        if isinstance(transport, str):
            from frontdesk.transport.urllib3 import Urllib3Transport

            transport = Urllib3Transport(base_url_of(transport))
        self._transport: Transport = transport
        self._recorder = recorder

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        recorder = self._recorder
        number = recorder.request(request.verb, request.url, request.headers, request.body)
        try:
            reply = self._transport.send(request)
        except BaseException as error:
            recorder.failed(number, error)
            raise
        recorder.response(number, reply.status, reply.headers, reply.body)
        return reply

    def close(self) -> None:
        """Close the connections of the other transport."""
        self._transport.close()


class AsyncRecordingTransport:
    """As ``RecordingTransport``, for async clients."""

    def __init__(self, transport: AsyncTransport | str, recorder: Recorder) -> None:
        if isinstance(transport, str):
            from frontdesk.transport.aiohttp import AiohttpTransport

            transport = AiohttpTransport(base_url_of(transport))
        self._transport: AsyncTransport = transport
        self._recorder = recorder

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        recorder = self._recorder
        number = recorder.request(request.verb, request.url, request.headers, request.body)
        try:
            reply = await self._transport.send(request)
        except BaseException as error:
            recorder.failed(number, error)
            raise
        recorder.response(number, reply.status, reply.headers, reply.body)
        return reply

    async def close(self) -> None:
        """Close the connections of the other transport."""
        await self._transport.close()
