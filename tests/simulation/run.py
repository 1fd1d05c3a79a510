"""One run: a seed is played, and what does not hold is told."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Protocol

from msgspec import Struct

from frontdesk import AsyncAgentClient

from .caller import Caller, Effects, calls_do, calls_end
from .clock import SimulatedLoop, Stalled
from .company import Company
from .deliveries import Deliveries
from .hook_invariants import webhooks_agree
from .http import SimulatedHttp
from .invariants import pushes_agree
from .listener import Listener, Tokens, simulate_settings
from .machine_troubles import MachineTroubles
from .memory import memory_is_bounded
from .network import Network
from .plan import Plan, plan_of
from .process import Machine
from .server import Server
from .session_invariants import readings_end, removals_are_told, subscriptions_go_on
from .trace import Trace
from .troubles import Troubles
from .watching import Watching

PATIENCE = 150.0
"""Simulated seconds after the last trouble in which everybody must have caught up."""
CALL = 5 * 20.0 + 2 * 30.0
"""Simulated seconds that a call over HTTP may take, with its retries and their pauses."""
CLOSING = 15.0
"""Simulated seconds that closing a session may take."""
WEBHOOKS = 400.0
"""Simulated seconds within which all webhooks are sent, or given up, and handled."""
BY_HAND = 5.0
"""Simulated seconds between calls of ``recover``, on average."""
QUICK = 0.01
SILENCE = 30.0
"""Simulated seconds after which a silent connection is known to be lost."""
SUBJECT, CONTROL, WEB = "subject", "control", "web"


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a run; ``faults`` are the invariants that do not hold."""

    seed: int
    faults: list[str]
    digest: str
    lines: list[str]
    steps: int
    """Lines of the trace."""
    seconds: float
    """Simulated."""

    def report(self, most: int = 20) -> str:
        """What to tell when the run failed: so many of the faults, and how to replay it."""
        listed = "\n".join(f"  - {fault}" for fault in self.faults[:most])
        more = len(self.faults) - most
        rest = f"\n  … and {more} more" if more > 0 else ""
        return (
            f"seed {self.seed} breaks what must hold:\n{listed}{rest}\n"
            f"replay it with: python -m tests.simulation {self.seed}"
        )


def simulate(seed: int, *, keep: bool = False) -> Outcome:
    """Play a seed; ``keep`` keeps the lines of the trace."""
    loop = SimulatedLoop()
    trace = Trace(loop.time, keep=keep)
    return played(seed, Run(plan_of(seed), loop, trace), loop, trace)


class Playable(Protocol):
    faults: list[str]

    async def play(self) -> None: ...


def played(seed: int, run: Playable, loop: SimulatedLoop, trace: Trace) -> Outcome:
    """Play a run to its end."""
    with _quiet():
        try:
            loop.run_until_complete(run.play())
        except Stalled as error:
            run.faults.append(f"stalled: {error}")
        finally:
            _close(loop)
    run.faults += [f"complaint: {text}" for text in loop.complaints]
    return Outcome(
        seed=seed,
        faults=run.faults,
        digest=trace.digest,
        lines=trace.lines,
        steps=trace.count,
        seconds=loop.time(),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Log nothing, and collect no garbage: objects in circles would end at moments that depend on
    earlier runs.
    """
    logger = logging.getLogger("frontdesk")
    level, collecting = logger.level, gc.isenabled()
    logger.setLevel(logging.CRITICAL + 1)
    gc.disable()
    try:
        yield
    finally:
        logger.setLevel(level)
        if collecting:
            gc.enable()


def _close(loop: SimulatedLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in sorted(left, key=hash):
        task.cancel()
    try:
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    except Stalled:
        for task in left:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()


class Run:
    """Everybody who takes part, and what they do one after another."""

    def __init__(self, plan: Plan, loop: SimulatedLoop, trace: Trace) -> None:
        self.faults: list[str] = []
        self._plan = plan
        self._loop = loop
        self._trace = trace
        seed = str(plan.seed)
        self._server = Server(loop, seed)
        self._network = Network(loop, seed, trace)
        self._network.listen = self._server.listen
        self._tokens = Tokens(self._server, plan.agent, plan.token_seconds)
        self._control = Listener(
            CONTROL, loop, self._server, trace, seed=seed,
            token=Tokens(self._server, plan.agent, None), subscriptions=plan.subscriptions,
            key_changes=plan.key_changes,
        )  # fmt: skip
        self._subject = Listener(
            SUBJECT, loop, self._server, trace, seed=seed, token=self._tokens,
            ping=plan.ping, subscriptions=plan.subscriptions, recover=plan.by_hand != "only",
            key_changes=plan.key_changes,
        )  # fmt: skip
        self._company = Company(
            self._server, trace, Random(f"{seed}:company"), agent=plan.agent,
            customers=plan.customers, weights=plan.acts,
        )  # fmt: skip
        self._troubles = Troubles(
            self._server, self._network, trace, Random(f"{seed}:troubles"), hosts=("subject.test",),
            agent=plan.agent, tokens=self._tokens, kinds=plan.troubles,
        )  # fmt: skip
        self._http = SimulatedHttp(
            self._server, self._network, f"{WEB}.test", Random(f"{seed}:http")
        )
        self._web = AsyncAgentClient(
            self._tokens, base_url=f"http://{WEB}.test", transport=self._http
        )
        simulate_settings(self._web, loop, self._server, seed=f"{seed}:web")
        self._callers = [
            Caller(
                "rtm", self._subject.client, loop, self._company, trace, Random(f"{seed}:rtm"),
                limit=lambda timeout: timeout,
            ),
            Caller(
                WEB, self._web, loop, self._company, trace, Random(f"{seed}:web calls"),
                limit=lambda timeout: CALL,
            ),
        ]  # fmt: skip
        self._machine = Machine(
            loop, trace, Random(f"{seed}:machine"), sync=plan.sync, slowness=plan.slowness
        )
        self._deliveries: Deliveries | None = None
        if plan.hooks:
            self._deliveries = Deliveries(
                self._server, self._network, trace, Random(f"{seed}:hooks"), self._machine.receive
            )
        self._sent = Counter[str]()
        self._arrived = Counter[str]()
        for name in (SUBJECT, CONTROL):
            route = self._network.route(f"{name}.test")
            route.tap_sent = partial(self._count, self._sent, name)
            route.tap_arrived = partial(self._count, self._arrived, name)

    async def play(self) -> None:
        """Play it from beginning to end."""
        plan = self._plan
        self._trace("run", f"{plan}")
        self._server.start()
        self._control.start()
        await self._until(lambda: self._control.ready and self._control.has_subscribed, 10.0)
        watching = Watching(self._server, self._company)
        effects = Effects(self._server)
        self._subject.start()
        self._http.loses, self._http.gateway = plan.web_losses, plan.gateway
        await asyncio.gather(
            self._company.live(plan.seconds, plan.pause),
            self._troubles.make(plan.seconds, plan.trouble_pause),
            self._receive_webhooks(),
            self._read_by_hand(),
            *(
                caller.live(plan.seconds, pause)
                for caller, pause in zip(
                    self._callers, (plan.rtm_calls, plan.web_calls), strict=True
                )
                if pause is not None
            ),
        )
        await self._troubles.last()
        self._troubles.end()
        self._http.loses = self._http.gateway = 0.0
        # A connection that has vanished is noticed by its silence.
        if not {"vanish", "swallow", "half_open", "freeze"}.isdisjoint(plan.troubles):
            await asyncio.sleep(SILENCE)
        if not await self._until(lambda: self._subject.ready, PATIENCE):
            self.faults.append(f"not back {PATIENCE:g} s after the last trouble")
        # What comes live now must not be mistaken for something from before.
        await self._company.live(5.0, 0.5)
        await asyncio.sleep(3.0)
        # A token may have ended in these very seconds.
        await self._until(lambda: self._subject.ready, PATIENCE)
        if plan.by_hand == "only" and not await self._subject.read_all(PATIENCE):
            self.faults.append("what was missed could not be read back by hand")
        await asyncio.sleep(1.0)
        by_hand = plan.by_hand == "only"
        watching.note_losses(self._subject, self._control, by_hand=by_hand)
        self.faults += pushes_agree(self._subject, self._control, watching, ordered=not by_hand)
        self.faults += removals_are_told(self._subject, self._control, watching, plan.agent)
        self.faults += subscriptions_go_on(self._subject, self._server, self._tokens.given)
        self.faults += memory_is_bounded(self._subject.client, self._control.client)
        if self._control.endings:
            self.faults.append(f"the control ended: {self._control.endings}")
        # The log-out of one ends the sessions of both.
        for listener in (self._subject, self._control):
            await listener.stop(CLOSING)
            if listener.stuck:
                self.faults.append(listener.stuck)
        self.faults += readings_end(self._subject)
        await self._web.close()
        for caller in self._callers:
            await self._until(partial(getattr, caller, "over"), CALL)
            self.faults += calls_end(caller, self._loop.time())
            self.faults += calls_do(caller, effects)
        self.faults += self._requests()
        self.faults += await self._end_webhooks()
        await self._server.stop()

    async def _read_by_hand(self) -> None:
        if self._plan.by_hand != "never":
            await self._subject.read_by_hand(self._plan.seconds, BY_HAND)

    async def _receive_webhooks(self) -> None:
        """Have webhooks sent and received, and the receiver killed now and then."""
        plan, machine, deliveries = self._plan, self._machine, self._deliveries
        if deliveries is None:
            return
        deliveries.loses = plan.hook_losses
        machine.start()
        troubles = MachineTroubles(
            machine, self._loop, self._trace, Random(f"{plan.seed}:machine troubles"),
            kinds=plan.machine_troubles,
        )  # fmt: skip
        await troubles.make(plan.seconds, plan.trouble_pause)
        deliveries.loses = 0.0
        # Whatever has piled up is worked off soon.
        machine.slowness = QUICK

    async def _end_webhooks(self) -> Iterable[str]:
        """Wait until all is delivered and handled, and compare."""
        machine, deliveries = self._machine, self._deliveries
        if deliveries is None:
            return ()
        over = await self._until(lambda: deliveries.over and machine.idle, WEBHOOKS)
        await machine.close()
        faults = list(webhooks_agree(deliveries, machine))
        if not over:
            faults.append("webhooks are not handled")
        return faults

    def _count(self, counter: Counter[str], name: str, action: str, request_id: str) -> None:
        if action != "ping":
            counter[name] += 1

    def _requests(self) -> Iterator[str]:
        """No more requests arrive than the meter says, and it says no more than were sent."""
        for name, meter, arrived, sent in (
            (SUBJECT, self._subject.client.meter, self._arrived[SUBJECT], self._sent[SUBJECT]),
            (CONTROL, self._control.client.meter, self._arrived[CONTROL], self._sent[CONTROL]),
            (WEB, self._web.meter, self._http.arrived, self._http.attempts),
        ):
            if not arrived <= meter.requests <= sent:
                yield f"{name}: {arrived} arrived, the meter says {meter.requests}, {sent} sent"

    async def _until(self, reached: Callable[[], bool], seconds: float) -> bool:
        until = self._loop.time() + seconds
        while not reached():
            if self._loop.time() >= until:
                return False
            await asyncio.sleep(1.0)
        return True
