"""What must hold after a run, whatever happened in it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import inf

from frontdesk.core.rtm.notices import PushesLost
from frontdesk.pushes import PUSHES

from .items import Item
from .listener import Listener
from .watching import Watching

MARGIN = 0.1
"""Seconds for which pushes may be under way to the one session and have reached the other."""
Key = tuple[str, str, str]
Entry = tuple[float, Item]
OF_CUSTOMERS = tuple(name for name, kind in PUSHES.items() if kind.spec.group == "customers")
"""They come to whoever has subscribed to the customer."""
MESSAGES = ("incoming_event", "incoming_chat", "chat_deactivated")


def pushes_agree(
    subject: Listener, control: Listener, watching: Watching, *, ordered: bool = True
) -> Iterator[str]:
    """Compare what the disturbed session was given with what the undisturbed one was.

    What is read back by hand comes behind newer pushes, and so is not ``ordered``.

    Yields a line for each push that is foreign, missing, there twice, or out of order.
    """
    subject_chats, control_chats = _by_chat(subject), _by_chat(control)
    for chat_id in sorted({*subject_chats, *control_chats}):
        yield from _chat_agrees(
            chat_id, subject_chats[chat_id], control_chats[chat_id], subject, watching, ordered
        )
    yield from _rest_agrees(subject, control)


def _by_chat(listener: Listener) -> dict[str, list[Entry]]:
    chats: dict[str, list[Entry]] = defaultdict(list)
    for at, item in zip(listener.times, listener.took, strict=True):
        if isinstance(item, Item) and item.promised:
            chats[item.chat_id].append((at, item))
    return chats


def _chat_agrees(
    chat_id: str,
    got: Sequence[Entry],
    due: Sequence[Entry],
    subject: Listener,
    watching: Watching,
    ordered: bool,
) -> Iterator[str]:
    named = named_at(subject, chat_id)
    yield from _nothing_added(chat_id, got, due, named, watching, ordered)
    if subject.first_ready is None:
        return
    begin = subject.first_ready + MARGIN
    times: dict[Key, list[float]] = defaultdict(list)
    for at, item in due:
        # Of comings and goings it is enough that the chat is named.
        excused = named >= at and item.name not in MESSAGES
        # A chat that is followed again looks as if it had been followed all the time.
        excused = excused or (item.name == "incoming_chat" and watching.untellable(chat_id, at))
        if at >= begin and not excused and watching.promised(chat_id, at, named):
            times[item.key].append(at)
    got_keys = Counter(item.key for _, item in got)
    for _, item in got:
        got_keys.update(("incoming_event", chat_id, event) for event in item.inside)
    for key, these in times.items():
        for at in these[: max(0, len(these) - got_keys[key])]:
            yield f"missing: {' '.join(key)} of {at:.3f}"


def named_at(subject: Listener, chat_id: str) -> float:
    """When the session last said that pushes of a chat may be missing."""
    return max(
        (
            at
            for at, item in zip(subject.times, subject.took, strict=True)
            if isinstance(item, PushesLost) and chat_id in getattr(item, "chats", ())
        ),
        default=-inf,
    )


def _nothing_added(
    chat_id: str,
    got: Sequence[Entry],
    due: Sequence[Entry],
    named: float,
    watching: Watching,
    ordered: bool,
) -> Iterator[str]:
    due_keys = [item.key for _, item in due]
    due_set = set(due_keys)
    due_inside = {event for _, item in due for event in item.inside}
    seen = Counter[Key]()
    position = 0
    for at, item in got:
        if item.key not in due_set:
            if item.recovered and watching.untellable(chat_id, at):
                continue
            inside = item.name == "incoming_event" and item.detail in due_inside
            kind = "apart from its incoming_chat" if inside else "foreign"
            yield f"{kind}: {item} at {at:.3f}"
            continue
        seen[item.key] += 1
        if seen[item.key] > due_keys.count(item.key):
            yield f"twice: {item} at {at:.3f}"
            continue
        if not ordered:
            continue
        try:
            position = due_keys.index(item.key, position) + 1
        except ValueError:
            # When the agent began to follow a chat, the API does not tell: the session names it.
            if not (item.name == "incoming_chat" and item.recovered and at <= named + MARGIN):
                yield f"out of order: {item} at {at:.3f}"


def _rest_agrees(subject: Listener, control: Listener) -> Iterator[str]:
    """What is not made up for may be missing, if a ``PushesLost`` says so; it is never added."""
    begin = inf if subject.first_ready is None else subject.first_ready + MARGIN
    of_customers = subject.subscribed_at + MARGIN if subject.has_subscribed else inf
    due, due_later = Counter[Key](), Counter[Key]()
    first: dict[Key, float] = {}
    for at, item in _others(control):
        due[item.key] += 1
        later = at >= begin and (at >= of_customers or item.name not in OF_CUSTOMERS)
        if later:
            first.setdefault(item.key, at)
        due_later[item.key] += later
    got, got_later = Counter[Key](), Counter[Key]()
    for at, item in _others(subject):
        got[item.key] += 1
        got_later[item.key] += at >= begin and (at >= of_customers or item.name not in OF_CUSTOMERS)
        if got[item.key] > due[item.key]:
            yield f"added: {item} at {at:.3f}"
    losses = [
        at
        for at, item in zip(subject.times, subject.took, strict=True)
        if isinstance(item, PushesLost)
    ]
    for key, count in due_later.items():
        at = first.get(key, inf)
        if count > got_later[key] and not any(loss >= at for loss in losses):
            yield f"missing without a PushesLost: {' '.join(key)} of {at:.3f}"


def _others(listener: Listener) -> Iterator[Entry]:
    """What is for all connections, but not made up for."""
    for at, item in zip(listener.times, listener.took, strict=True):
        if isinstance(item, Item) and not item.promised and not item.own:
            yield at, item
