"""What must hold between the ends of a conversation."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...folding import FoldedChat
from .ends import CustomerEnd, End
from .people import SECRET

__all__ = ["agrees_with_reading", "both_see_the_same", "nothing_leaks", "same_order"]

NOT_READ = {
    "routing": {
        "unreplied",
        "idle",
        "pinned",
        "was_pinned",
        "unassigned",
        "last_transfer_timestamp",
        "referrer",
    },
}
"""The properties in these runs that customers may not read."""


def agrees_with_reading(
    name: str, pushed: dict[str, FoldedChat], shown: dict[str, FoldedChat]
) -> Iterator[str]:
    """What the pushes have led to is what is read."""
    for chat_id in sorted(shown.keys() - pushed.keys()):
        yield f"{name}: no push has brought {chat_id}"
    for chat_id in sorted(pushed.keys() - shown.keys()):
        yield f"{name}: {chat_id} was pushed, and cannot be read"
    for chat_id in shown.keys() & pushed.keys():
        got, right = pushed[chat_id], shown[chat_id]
        where = f"{name}, {chat_id}"
        for field in ("active", "thread_id", "present", "properties"):
            if getattr(got, field) != getattr(right, field):
                yield f"{where}: {field} {getattr(got, field)}, read {getattr(right, field)}"
        yield from _threads_agree(where, got, right)


def _threads_agree(where: str, got: FoldedChat, right: FoldedChat) -> Iterator[str]:
    for thread_id, thread in right.threads.items():
        pushed = got.thread(thread_id)
        if list(pushed.events) != list(thread.events):
            yield f"{where}: events {list(pushed.events)}, read {list(thread.events)}"
        for event_id in pushed.events.keys() & thread.events.keys():
            if pushed.events[event_id] != thread.events[event_id]:
                yield f"{where}: {pushed.events[event_id]}, read {thread.events[event_id]}"
        if pushed.properties != thread.properties:
            yield f"{where}: of {thread_id} {pushed.properties}, read {thread.properties}"


def both_see_the_same(
    name: str,
    customers: FoldedChat,
    agents: FoldedChat,
    shown: Callable[[str], str],
    hidden: set[str],
) -> Iterator[str]:
    """A customer reads what agents read, less what customers may not see."""
    if (customers.active, customers.thread_id) != (agents.active, agents.thread_id):
        yield f"{name}: another thread is active"
    present = {shown(user_id) for user_id in agents.present - hidden}
    if customers.present != present:
        yield f"{name}: {customers.present} are there, and {present} for agents"
    if customers.properties != _readable(agents.properties):
        yield f"{name}: properties {customers.properties}, and {agents.properties} for agents"
    if list(customers.threads) != list(agents.threads):
        yield f"{name}: threads {list(customers.threads)}, and {list(agents.threads)} for agents"
    for thread_id, thread in customers.threads.items():
        other = agents.threads.get(thread_id)
        if other is None:
            continue
        events = [
            _as_customers_see(event, shown, hidden)
            for event in other.events.values()
            if event.get("visibility") == "all"
        ]
        own = [_normal(event) for event in thread.events.values()]
        if own != events:
            yield f"{name}: {thread_id} has {own}, and {events} for agents"
        if thread.properties != _readable(other.properties):
            yield f"{name}: {thread_id} {thread.properties}, and {other.properties} for agents"


def _as_customers_see(
    event: dict[str, Any], shown: Callable[[str], str], hidden: set[str]
) -> dict[str, Any]:
    event = _normal(event)
    if "author_id" in event:
        event["author_id"] = shown(event["author_id"])
    return event


def _normal(event: dict[str, Any]) -> dict[str, Any]:
    event = {name: value for name, value in event.items() if name != "visibility"}
    if "properties" in event:
        event["properties"] = _readable(event["properties"])
    return event


def _readable(properties: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    readable = {
        namespace: {
            name: value for name, value in values.items() if name not in NOT_READ.get(namespace, ())
        }
        for namespace, values in properties.items()
    }
    return {namespace: values for namespace, values in readable.items() if values}


def same_order(customer: End, agent: End, chat_id: str, chat: FoldedChat) -> Iterator[str]:
    """Events come to both ends in one order."""
    for thread_id in chat.threads:
        own = [event for thread, event in customer.events if thread == thread_id]
        theirs = [event for thread, event in agent.events if thread == thread_id]
        both = set(own) & set(theirs)
        if [e for e in own if e in both] != [e for e in theirs if e in both]:
            yield f"{customer.name}, {chat_id}: {own} came in another order than {theirs}"


def nothing_leaks(end: CustomerEnd, others: Iterable[str], agents: Iterable[str]) -> Iterator[str]:
    """Nothing that came to a customer names what is for agents alone, or another customer."""
    secrets = [SECRET, *others, *agents, '"visibility"', '"tags"', "unreplied", "pinned"]
    marks = [(secret, secret.encode()) for secret in secrets]
    for frame in end.frames:
        for secret, mark in marks:
            if mark in frame:
                yield f"{end.name}: `{secret}` came in {frame[:300]!r}"
    end.frames.clear()
