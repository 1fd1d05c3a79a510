"""HTTP requests over the simulated network: they are lost, late, or responded by a gateway."""

import asyncio
from random import Random

from frontdesk.errors import ConnectError, ConnectionClosed, RequestTimeout
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.transport import Reply, Request

from .network import Network
from .server import Server

LIMITED = b'{"error":{"type":"too_many_requests","message":"Too many requests"}}'


class SimulatedHttp:
    """Fulfils ``frontdesk.transport.AsyncTransport``.

    ``attempts`` counts the requests that were given to it, ``arrived`` those that reached the
    server or a gateway before it.
    """

    def __init__(self, server: Server, network: Network, host: str, rng: Random) -> None:
        self._server = server
        self._route = network.route(host)
        self._rng = rng
        self._prefix = len(f"http://{host}")
        self.loses = 0.0
        """Share of requests that are lost on the way there, and again on the way back."""
        self.gateway = 0.0
        """Share of requests that a gateway responses."""
        self.attempts = 0
        self.arrived = 0

    async def send(self, request: Request) -> Reply:
        """Send a request and wait for its response, as long as the request allows."""
        self.attempts += 1
        connected = False
        try:
            async with asyncio.timeout(request.timeout):
                await self._connect()
                connected = True
                return await self._exchange(request)
        except TimeoutError:
            if not connected:
                raise ConnectError("no connection in time") from None
            raise RequestTimeout(f"no response within {request.timeout:g} s") from None

    async def _connect(self) -> None:
        await asyncio.sleep(self._route.latency())
        now, weather = self._server.loop.time(), self._route.weather
        if now < weather.refuses_until:
            raise ConnectError("connection refused")
        if now < weather.swallows_until:
            await asyncio.sleep(weather.swallows_until - now)

    async def _exchange(self, request: Request) -> Reply:
        await self._travel()
        self.arrived += 1
        if self._rng.random() < self.gateway:
            return await self._gateway()
        body = request.body
        assert isinstance(body, bytes)
        headers = {name.lower(): value for name, value in request.headers.items()}
        response = await self._server.respond(request.url[self._prefix :], headers, body)
        await self._suffer(response)
        await self._travel()
        return Reply(
            response.status,
            {"content-type": response.content_type, **{n.lower(): v for n, v in response.headers}},
            response.body,
        )

    async def _travel(self) -> None:
        """Take the time of one way; the connection may be lost on it."""
        route = self._route
        losses = route.losses
        await asyncio.sleep(route.latency())
        frozen = route.weather.frozen_until - self._server.loop.time()
        if frozen > 0:
            await asyncio.sleep(frozen)
        if route.losses != losses or self._rng.random() < self.loses:
            raise ConnectionClosed("the connection was reset")

    async def _gateway(self) -> Reply:
        await self._travel()
        if self._rng.random() < 0.5:
            headers = {"content-type": "application/json"}
            if self._rng.random() < 0.7:
                headers["retry-after"] = str(self._rng.randrange(1, 4))
            return Reply(429, headers, LIMITED)
        status = self._rng.choice((502, 503, 504))
        return Reply(status, {"content-type": "text/html"}, b"<html>gateway</html>")

    async def _suffer(self, response: HTTPResponse) -> None:
        if response.fault is None:
            return
        match response.fault.kind:
            case "reset_before" | "reset_after" | "truncated_body":
                raise ConnectionClosed("the connection was reset")
            case "latency" | "slow_body":
                await asyncio.sleep(response.fault.seconds)
            case _:
                pass

    async def close(self) -> None:
        """There are no connections to close."""
