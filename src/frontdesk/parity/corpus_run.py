"""Replays a recording into a sandbox, and compares the responses."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.codec.plain import is_array, is_object
from frontdesk.parity.comparing import Comparison
from frontdesk.parity.observing import Exchange, Observations
from frontdesk.parity.report import Report, StoryResult
from frontdesk.recordings.corpus import Corpus
from frontdesk.recordings.entries import OpenEntry, PushEntry, RequestEntry
from frontdesk.recordings.replay import RecordedExchange, Replay
from frontdesk.recordings.scrubbing import ID_NAME
from frontdesk.rendered.agent_rtm import AgentRTM
from frontdesk.sandbox import Sandbox
from frontdesk.transport.forwarding import ForwardingProxy

__all__ = ["compare_corpus"]

PUSH_SECONDS: Final = 2.0
"""How long to wait for pushes that were recorded and that the sandbox has not sent yet."""
CHAT: Final = re.compile(r"[A-Z0-9]{10,11}")
CUSTOMER: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AGENT: Final = re.compile(r"[^\s@]+@[^\s@]+")
ACTIONS_BY_API: Final = {"agent": ACTIONS, "configuration": CONFIGURATION_ACTIONS}


def compare_corpus(corpus: Corpus, sandbox: Sandbox | None = None) -> Report:
    """Make the calls of a recording in a sandbox, and compare what it responds.

    Ids in requests are those that the sandbox has given in the same place before; chats, customers
    and agents that were there before the recording began are stood for by others. Calls that RTM
    alone has are not compared, and neither are those that failed for want of something that was
    there before.

    Pushes are compared when the recording has an RTM connection: whether those that the docs name
    for its calls came, and what was in the first one of each kind.

    Args:
        corpus: The recording.
        sandbox: Where to, one that is served if the recording has RTM connections; defaults to a
            new one.

    Returns:
        What was found, a result for each call.
    """
    if sandbox is not None:
        return _Run(corpus, sandbox).run()
    over_rtm = any(isinstance(entry, OpenEntry) for entry in corpus.entries)
    with Sandbox("quiet", served=over_rtm) as own:
        return _Run(corpus, own).run()


class _Run:
    def __init__(self, corpus: Corpus, sandbox: Sandbox) -> None:
        self._exchanges = Replay(corpus).exchanges
        self._pushes = [entry for entry in corpus.entries if isinstance(entry, PushEntry)]
        self._over_rtm = any(isinstance(entry, OpenEntry) for entry in corpus.entries)
        self._sandbox = sandbox
        self._comparison = Comparison(texts=False)
        self._ids = self._comparison.ids
        self._invented: set[str] = set()
        self._agents = iter(sorted(sandbox.backend.world.store.company.agents))
        self._customers = 0

    def run(self) -> Report:
        """Make the calls, and compare."""
        if not self._over_rtm:
            return Report(results=[self._compare(exchange) for exchange in self._exchanges])
        seen = Observations()
        with (
            ForwardingProxy(self._sandbox.url, seen) as proxy,
            AgentRTM(
                self._sandbox.tokens["owner"],
                base_url=proxy.url,
                organization_id=self._sandbox.organization_id,
                proxy="",
            ),
        ):
            results = [self._compare(exchange) for exchange in self._exchanges]
            results.append(self._compare_pushes(results, seen))
        return Report(results=results)

    def _compare_pushes(self, results: list[StoryResult], seen: Observations) -> StoryResult:
        """Compare the pushes that the docs name for the calls that were compared."""
        caused = {
            push
            for result in results
            for method in result.methods
            for api in ACTIONS_BY_API.values()
            if method in api
            for push in api[method].spec.push
        }
        theirs = self._first(
            (entry.action, entry.body.get("payload"))
            for entry in self._pushes
            if entry.action in caused and is_object(entry.body)
        )
        seen.wait_for_actions(set(theirs), PUSH_SECONDS)
        ours = self._first(
            (push.action, push.payload) for push in list(seen.pushes) if push.action in caused
        )
        # Ids were compared with the calls; the first pushes may be about different chats.
        comparison = Comparison(texts=False)
        for action in theirs:
            if action in ours:
                comparison.structure(action, theirs[action], ours[action])
            else:
                comparison.missing_push(action)
        if not self._chose_pushes():
            for action in ours:
                if action not in theirs:
                    comparison.extra_push(action)
        found = comparison.differences_of("pushes", "rtm")
        return StoryResult(story="pushes", via="rtm", differences=found)

    @staticmethod
    def _first(pushes: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        first: dict[str, Any] = {}
        for action, payload in pushes:
            first.setdefault(action, payload)
        return first

    def _chose_pushes(self) -> bool:
        """Whether a log-in has asked for some pushes only."""
        return any(
            exchange.request.method == "login"
            and is_object(exchange.request.body)
            and "pushes" in exchange.request.body
            for exchange in self._exchanges
        )

    def _compare(self, recorded: RecordedExchange) -> StoryResult:
        request, response = recorded.request, recorded.response
        name = f"{request.number} {request.method}"
        skipped = self._reason(request, recorded)
        if skipped:
            return StoryResult(story=name, via=request.via, skipped=skipped)
        self._invented.clear()
        body: Any = {}
        if request.body is not UNSET:
            body = self._mapped(request.body, request.method)
        path = f"/v{request.version or '3.6'}/{request.api}/action/{request.method}"
        headers = {
            "authorization": self._sandbox.tokens["owner"],
            "content-type": "application/json",
        }
        made = self._sandbox.backend.respond(request.verb, path, headers, msgspec.json.encode(body))
        ours = Exchange(
            method=request.method,
            via="web",
            success=made.status < 300,  # noqa: PLR2004 - HTTP's own limit of success
            status=made.status if response.status is not None else None,
            body=msgspec.json.decode(made.body) if made.body.strip() else UNSET,
        )
        theirs = Exchange(
            method=request.method,
            via=request.via,
            success=response.success is not False
            if response.status is None
            else response.status < 300,  # noqa: PLR2004 - HTTP's own limit of success
            status=response.status,
            body=response.body,
        )
        if theirs.success and not ours.success and self._invented:
            why = "it is about something that was there before the recording began"
            return StoryResult(story=name, via=request.via, skipped=why)
        if theirs.body is UNSET and is_object(ours.body) and not ours.body:
            theirs.body = {}
        before = len(self._comparison.differences)
        self._comparison.exchange(theirs, ours)
        found = self._comparison.differences_of(name, request.via, before)
        return StoryResult(
            story=name, via=request.via, differences=found, methods=(request.method,)
        )

    def _reason(self, request: RequestEntry, recorded: RecordedExchange) -> str:
        """Return why a call cannot be compared; empty if it can."""
        actions = ACTIONS_BY_API.get(request.api, {})
        action = actions.get(request.method)
        if action is None:
            return "it is no method that can be replayed"
        if "web" not in action.spec.transports:
            return "it exists over RTM only"
        if recorded.response.failure is not None:
            return f"no response was recorded ({recorded.response.failure})"
        if is_object(request.body) and "file_bytes" in request.body:
            return "files are not in recordings"
        return ""

    def _mapped(self, value: Any, method: str, name: str = "") -> Any:
        """Return a payload with the sandbox's ids in the place of those of the recording."""
        if is_object(value):
            return {
                self._id(key, method, "") if key in self._ids else key: self._mapped(
                    item, method, key
                )
                for key, item in value.items()
            }
        if is_array(value):
            return [self._mapped(item, method, name) for item in value]
        if isinstance(value, str) and ID_NAME.fullmatch(name) and name != "client_id":
            return self._id(value, method, name)
        return value

    def _id(self, text: str, method: str, name: str) -> str:
        known = self._ids.get(text)
        if known is not None:
            return known
        made = self._stand_in(text, method, name)
        if made is not None:
            self._ids[text] = made
            self._invented.add(text)
            return made
        return text

    def _stand_in(self, text: str, method: str, name: str) -> str | None:
        """Return what stands for something that was there before the recording began."""
        if AGENT.fullmatch(text):
            owner = "smith@example.com"
            taken = set(self._ids.values())
            return owner if owner not in taken else next(self._agents, owner)
        if CUSTOMER.fullmatch(text) or CHAT.fullmatch(text):
            if self._is_missing(text):
                return None
            self._customers += 1
            customer = self._sandbox.customer(f"Customer {self._customers}")
            if CUSTOMER.fullmatch(text):
                return customer.id
            customer.say("hello")
            assert customer.chat_id is not None
            chat = self._sandbox.client().get_chat(chat_id=customer.chat_id)
            return chat.thread.id if name.startswith("thread") and chat.thread else chat.id
        return None

    def _is_missing(self, text: str) -> bool:
        """Whether every call about something says that it is not there."""
        about = [exchange for exchange in self._exchanges if text in _texts(exchange.request.body)]
        return bool(about) and all(_failed(exchange) for exchange in about)


def _texts(value: Any) -> Iterable[str]:
    if is_object(value):
        for item in value.values():
            yield from _texts(item)
    elif is_array(value):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _failed(exchange: RecordedExchange) -> bool:
    response = exchange.response
    if response.status is None:
        return response.success is False
    return response.status >= 400  # noqa: PLR2004 - HTTP's own limit of failure
