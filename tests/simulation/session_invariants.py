"""What must hold of a session beside its pushes: what it has lost, and what goes on with it."""

from collections.abc import Iterator, Sequence

from .invariants import MARGIN, named_at
from .items import Item
from .listener import Listener
from .server import Server
from .watching import Watching


def removals_are_told(
    subject: Listener, control: Listener, watching: Watching, agent: str
) -> Iterator[str]:
    """Whoever lost a chat was told so, or the chat is named.

    Not if the agent came back into the chat within the same interruption: then the API shows no
    difference.
    """
    got = {item.key for item in subject.took if isinstance(item, Item)}
    for at, item in zip(control.times, control.took, strict=True):
        if (
            not isinstance(item, Item)
            or item.name != "user_removed_from_chat"
            or item.detail != agent
            or item.key in got
            or subject.first_ready is None
            or at < subject.first_ready + MARGIN
        ):
            continue
        named = named_at(subject, item.chat_id)
        if named < at and watching.left_for_good(item.chat_id, at):
            yield f"not told: {agent} lost {item.chat_id} at {at:.3f}"


def subscriptions_go_on(subject: Listener, server: Server, tokens: Sequence[str]) -> Iterator[str]:
    """The subscriptions of customers are there on the present connection, under the first ids."""
    yield from subject.strange
    customers = subject.client._line.recovering.customers
    if len(customers) != len(subject.subscribed):
        yield (
            f"subscriptions: {len(subject.subscribed)} were made, and {len(customers)} are known"
        )
    own = {f"Bearer {token}" for token in tokens}
    ids = {one.id for one in server.app.rtm.select() if one.authorization in own}
    sessions = [one for one in server.world.sessions.values() if one.connection_id in ids]
    there = {name for session in sessions for name in session.subscriptions}
    for first, current in customers._current.items():
        if current not in there:
            yield f"subscriptions: {first}, now {current}, does not go on"


def readings_end(subject: Listener) -> Iterator[str]:
    """Every call of ``recover`` ended, with a result or an error of the library."""
    for reading in subject.readings:
        task = reading.task
        if task is not None and task.done() and task.exception() is not None:
            yield f"recover of {reading.begun:.3f} raised {task.exception()!r}"
        elif reading.ended is None:
            yield f"recover of {reading.begun:.3f} did not end"
