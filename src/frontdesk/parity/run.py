"""Runs stories on two services, side by side."""

import secrets
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from msgspec import Struct

from frontdesk.auth import Token, as_token
from frontdesk.clients.options import TokenSource
from frontdesk.core.retry import Meter
from frontdesk.errors import (
    AuthenticationError,
    BudgetExceeded,
    FrontdeskError,
    InvalidArgument,
    TransportError,
)
from frontdesk.parity.comparing import Comparison, error_type_of
from frontdesk.parity.observing import Exchange, Observations, ObservingTransport
from frontdesk.parity.report import Report, StoryResult
from frontdesk.parity.stories import Caller, Desk, NotPossible, Story, Via
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.agent_rtm import AgentRTM
from frontdesk.spec.scopes import covers
from frontdesk.transport.base import Transport
from frontdesk.transport.forwarding import ForwardingProxy
from frontdesk.transport.urllib3 import Urllib3Transport

__all__ = ["Plan", "Side", "Via", "plan_of", "run_stories"]

PUSH_SECONDS: Final = 5.0
"""How long to wait for the pushes that the sandbox has sent and the service has not yet."""
LOGIN: Final = 1
"""Requests of an RTM session besides those of stories."""


class Side:
    """One of the services: how clients of it are made.

    Args:
        base_url: Where it is.
        token: Whose calls they are.
        organization_id: Required for RTM, except at a sandbox.
        transport: Makes the transport of Web clients; defaults to HTTP.
        meter: Counts requests and keeps them within the budget.
        observe: What sees the frames of RTM connections, made of what collects them.
    """

    def __init__(
        self,
        base_url: str,
        token: TokenSource,
        *,
        organization_id: str | None = None,
        transport: Callable[[], Transport] | None = None,
        meter: Meter | None = None,
        observe: Callable[[Observations], Any] | None = None,
    ) -> None:
        self.base_url = base_url
        self.meter: Meter = meter or Meter()
        self._token = token
        self._organization_id = organization_id
        self._transport = transport
        self._observe = observe

    @property
    def is_personal(self) -> bool:
        """Whether the token is a personal access token, as far as that shows."""
        token = self._token
        return (
            not callable(token)
            and isinstance(token, str | Token)
            and (as_token(token).authorization.startswith("Basic "))
        )

    @contextmanager
    def client(self, via: Via, seen: Observations) -> Generator[Caller]:
        """Make a client whose calls are observed."""
        with ExitStack() as stack:
            if via == "web":
                transport = (
                    Urllib3Transport(self.base_url)
                    if self._transport is None
                    else self._transport()
                )
                yield stack.enter_context(
                    AgentClient(
                        self._token,
                        base_url=self.base_url,
                        transport=ObservingTransport(transport, seen),
                        budget=self.meter,
                        retry=None,
                    )
                )
                return
            observer = seen if self._observe is None else self._observe(seen)
            proxy = stack.enter_context(ForwardingProxy(self.base_url, observer))
            yield stack.enter_context(
                AgentRTM(
                    self._token,
                    base_url=proxy.url,
                    organization_id=self._organization_id,
                    budget=self.meter,
                    retry=None,
                    reconnect=False,
                    recover=False,
                    # The agent's other sessions and status stay as they are.
                    away=True,
                    logout=False,
                    proxy="",
                )
            )


class Plan(Struct, frozen=True):
    """What a run does, before it does it."""

    stories: tuple[Story, ...]
    via: tuple[Via, ...]

    @property
    def calls(self) -> int:
        """The most calls that the service gets."""
        return sum(self.cost(story) for story in self.stories) + LOGIN * ("rtm" in self.via)

    def cost(self, story: Story) -> int:
        """The most calls of one story, over all its transports."""
        return (story.calls + story.spare) * len(self.ways(story))

    def ways(self, story: Story) -> tuple[Via, ...]:
        """The transports over which a story is run."""
        return tuple(way for way in self.via if way in story.via)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the token needs, in words; without those that others contain."""
        texts = dict.fromkeys(text for story in self.stories for text in story.scopes)
        choices = [text for text in texts if " or " in text]
        every = [name for text in texts if text not in choices for name in text.split(" and ")]
        needed = [
            name
            for name in dict.fromkeys(every)
            if not any(name in covers(other) for other in every if other != name)
        ]
        reach = {name for scope in needed for name in covers(scope)}
        return (*(text for text in choices if reach.isdisjoint(text.split(" or "))), *needed)

    @property
    def makes(self) -> dict[str, int]:
        """How many things of which kinds are made, and taken away again."""
        return Counter(
            noun for story in self.stories for noun in story.makes for _ in self.ways(story)
        )


def plan_of(
    stories: Sequence[Story], names: Iterable[str] = (), via: Iterable[Via] = ("web", "rtm")
) -> Plan:
    """Return the plan of stories, or of those with the names, over their transports.

    Without names, stories that have none of the transports are left out.

    Raises:
        InvalidArgument: There is no story of a name, or it has none of the transports.
    """
    names, ways = list(names), tuple(dict.fromkeys(via))
    by_name = {story.name: story for story in stories}
    for name in names:
        if name not in by_name:
            raise InvalidArgument("story", f"must be one of {', '.join(by_name)}, not {name!r}")
        if not set(ways).intersection(by_name[name].via):
            raise InvalidArgument(
                "via", f"must be `{by_name[name].via[0]}` for {name}, whose methods have no other"
            )
    named = [by_name[name] for name in names] or stories
    chosen = tuple(story for story in named if set(ways).intersection(story.via))
    return Plan(chosen, tuple(way for way in ways if any(way in story.via for story in chosen)))


def run_stories(
    plan: Plan,
    service: Side,
    sandbox: Side,
    *,
    push_seconds: float = PUSH_SECONDS,
    on_story: Callable[[Story, Via], object] | None = None,
    on_left: Callable[[list[str]], object] | None = None,
) -> Report:
    """Run the stories on both services, and compare what they say.

    Whatever a story makes is taken away in the end, also when it fails or is interrupted. An
    interrupted run raises ``KeyboardInterrupt`` once that is done.

    Args:
        plan: What to run.
        service: The service that the sandbox stands for.
        sandbox: The sandbox.
        push_seconds: How long to wait for pushes that the sandbox has sent.
        on_story: Called before each story.
        on_left: Called with what could not be closed or taken away, in words.

    Returns:
        What was found.

    Raises:
        AuthenticationError: The service does not take the token.
        TransportError: The service could not be reached any more.
        InvalidArgument: The budget is smaller than the plan; nothing was sent.
    """
    if service.meter.limit is not None and service.meter.limit < plan.calls:
        raise InvalidArgument("budget", f"must be at least {plan.calls}: the plan takes as much")
    run = secrets.token_hex(4)
    results: list[StoryResult] = []
    report = Report(results=results)
    for via in plan.via:
        theirs, ours = Observations(), Observations()
        with service.client(via, theirs) as client, sandbox.client(via, ours) as other:
            for story in plan.stories:
                if via not in story.via:
                    continue
                if on_story is not None:
                    on_story(story, via)
                if story.needs_client_id and service.is_personal:
                    why = "a personal access token has no client id; give a bearer token"
                    results.append(StoryResult(story=story.name, via=via, skipped=why))
                    continue
                desks = Desk(client, run), Desk(other, run)
                results.append(_run_story(story, via, desks, (theirs, ours), push_seconds, on_left))
    report.requests = service.meter.requests
    return report


def _run_story(
    story: Story,
    via: Via,
    desks: tuple[Desk, Desk],
    seen: tuple[Observations, Observations],
    push_seconds: float,
    on_left: Callable[[list[str]], object] | None,
) -> StoryResult:
    (desk, control), (theirs, ours) = desks, seen
    problem = skipped = ""
    try:
        # The sandbox comes first: what it pushes says what to wait for.
        called = _tell(story, control, ours)
        control.close()
        try:
            _tell(story, desk, theirs)
        except NotPossible as error:
            skipped = str(error)
        except (AuthenticationError, TransportError, BudgetExceeded):
            raise
        except FrontdeskError as error:
            problem = type(error).__name__
    finally:
        # Taking away what was made is no part of the story.
        heard = list(theirs.exchanges)
        _close(desk, on_left)
    if any(error_type_of(exchange.body) == "too_many_requests" for exchange in heard):
        skipped = "the service has met its rate limit; run the story later"
    if skipped:
        return StoryResult(story=story.name, via=via, skipped=skipped)
    comparison = Comparison(own=(desk.own_ids, control.own_ids), run=desk.run)
    # What a failed story has not called any more is no difference.
    comparison.exchanges(heard, called[: len(heard)] if problem else called)
    if via == "rtm":
        expected = ours.pushes_about(control.own_ids)
        theirs.wait_for_pushes(len(expected), push_seconds, desk.own_ids)
        comparison.pushes(theirs.pushes_about(desk.own_ids), expected)
    found = comparison.differences_of(story.name, via)
    return StoryResult(
        story=story.name,
        via=via,
        differences=found,
        problem=problem if not found else "",
        methods=tuple(dict.fromkeys(exchange.method for exchange in heard)),
    )


def _tell(story: Story, desk: Desk, seen: Observations) -> list[Exchange]:
    seen.begin()
    story.run(desk)
    return list(seen.exchanges)


def _close(desk: Desk, on_left: Callable[[list[str]], object] | None) -> None:
    """Take away what was made; a second Ctrl-C leaves it."""
    try:
        desk.close()
    finally:
        if desk.left and on_left is not None:
            on_left(desk.left)
