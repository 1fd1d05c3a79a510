"""Sending webhooks as LiveChat does, over the simulated network and without a thread.

An attempt has 10 seconds; what fails is tried again 5, 20 and 50 seconds after the first attempt.
The webhooks of a chat keep their order: one that has to be tried again holds up those behind it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from random import Random

from msgspec import Struct

from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.sandbox.store.records import WebhookRecord
from frontdesk.sandbox.webhooks.webhook_calls import webhook_calls
from frontdesk.sandbox.world import Effect, World

from .network import Network
from .server import Server
from .trace import Trace

SECRET = "hush"  # opens nothing
ATTEMPTS = (0.0, 5.0, 20.0, 50.0)
TIMEOUT = 10.0
ACTIONS = (
    "incoming_chat", "chat_deactivated", "chat_transferred", "chat_access_updated",
    "incoming_event", "event_deleted", "user_added_to_chat", "user_removed_from_chat",
    "thread_tagged", "thread_untagged", "chat_properties_updated", "thread_properties_updated",
)  # fmt: skip


class NoResponse(Exception):
    """The receiver could not be reached, or did not response."""


class Sent(Struct):
    """A webhook on its way."""

    number: int
    action: str
    lane: str
    body: bytes
    attempts: int = 0
    lives: list[int] = []
    """The processes that an attempt has come as far as."""
    acknowledged: bool = False
    over: bool = False


class Deliveries:
    """Sends what the world causes to ``receive``, which returns the status of the response."""

    def __init__(
        self,
        server: Server,
        network: Network,
        trace: Trace,
        rng: Random,
        receive: Callable[[Sent, bool], Awaitable[int]],
    ) -> None:
        self.sent: list[Sent] = []
        self.loses = 0.0
        """Share of responses, and of requests, that are lost."""
        self._server = server
        self._route = network.route("hooks.test")
        self._trace = trace
        self._rng = rng
        self._receive = receive
        self._lanes: dict[str, deque[Sent]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        server.work(_register)
        server.world.subscribe(self._happened)

    @property
    def over(self) -> bool:
        """Whether nothing is to be sent any more."""
        return not self._lanes

    def _happened(self, effects: list[Effect]) -> None:
        for effect in effects:
            if effect.webhook is None:
                continue
            for one in webhook_calls(self._server.world, effect):
                sent = Sent(len(self.sent), one.action, one.ordering_key, one.body)
                self.sent.append(sent)
                if (lane := self._lanes.get(one.ordering_key)) is not None:
                    lane.append(sent)
                    continue
                self._lanes[one.ordering_key] = deque((sent,))
                self._tasks.append(self._server.loop.create_task(self._work(one.ordering_key)))

    async def _work(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            await self._deliver(lane[0])
            lane.popleft()
        del self._lanes[name]

    async def _deliver(self, sent: Sent) -> None:
        loop = self._server.loop
        began = loop.time()
        for after in ATTEMPTS:
            await asyncio.sleep(max(0.0, began + after - loop.time()))
            sent.attempts += 1
            try:
                async with asyncio.timeout(TIMEOUT):
                    status = await self._attempt(sent)
            except TimeoutError:
                self._trace("hooks", f"{sent.number} {sent.action}: no response")
                continue
            except NoResponse as error:
                self._trace("hooks", f"{sent.number} {sent.action}: {error}")
                continue
            self._trace("hooks", f"{sent.number} {sent.action}: {status}")
            if status == 200:
                sent.acknowledged = True
                break
        sent.over = True

    async def _attempt(self, sent: Sent) -> int:
        await asyncio.sleep(self._route.latency())
        if self._rng.random() < self.loses:
            raise NoResponse("the request was lost")
        status = await self._receive(sent, self._rng.random() < self.loses)
        await asyncio.sleep(self._route.latency())
        if self._rng.random() < self.loses:
            raise NoResponse("the response was lost")
        return status


def _register(world: World) -> None:
    for number, action in enumerate(ACTIONS):
        world.store.company.save_webhook(
            WebhookRecord(
                id=f"hook{number}",
                action=action,
                url="https://hooks.test/",
                secret_key=SECRET,
                owner_client_id=CLIENT_ID,
                type="license",
            )
        )
