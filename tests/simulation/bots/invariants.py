"""What must hold of a bot after a run."""

from collections import Counter
from collections.abc import Iterator

from .machine import BotMachine, Call, chats_of


def everything_holds(
    subject: BotMachine, control: BotMachine, fates: dict[int, str], chats: dict[int, str]
) -> Iterator[str]:
    """Compare what the bot did with what was published, and with the control.

    Yields a line for each message that is lost, handled though it was not accepted, out of order,
    or that changed the state twice, and for each reply that is missing or sent twice without a
    reason.
    """
    seen = subject.states.seen()
    given_up = Counter(subject.letters.numbers())
    in_state = Counter(number for numbers in seen.values() for number in numbers)
    called = {call.number for call in subject.calls}
    for number, fate in fates.items():
        message = f"{number} of {chats[number]}"
        if fate == "accepted" and not in_state[number] and not given_up[number]:
            if not subject.lossy:
                yield f"lost: {message}"
        elif fate == "refused" and (number in called or given_up[number]):
            yield f"added: {message} was refused"
        if number not in subject.excused:
            if in_state[number] > 1:
                yield f"state changed twice: {message}, {in_state[number]} times"
            if in_state[number] and given_up[number]:
                yield f"state changed twice: {message} was handled and given up"
            if given_up[number] > 1:
                yield f"given up twice: {message}"
    yield from _states_agree(seen, control, set(in_state))
    yield from _calls_in_order(subject.calls)
    yield from _replies_hold(subject, in_state)


def _states_agree(
    seen: dict[str, list[int]], control: BotMachine, in_state: set[int]
) -> Iterator[str]:
    """Compare states with the control's, which had the same messages; the bot gave up more."""
    hopeless = set(control.letters.numbers())
    expected = control.states.seen()
    for chat_id, numbers in seen.items():
        firsts = list(dict.fromkeys(numbers))
        for number in hopeless.intersection(firsts):
            yield f"added: {number} of {chat_id} is handled, the control gave it up"
        alike = [number for number in expected.get(chat_id, []) if number in in_state]
        if [number for number in firsts if number not in hopeless] != alike:
            yield f"out of order: the state of {chat_id} is {firsts}, the control's {alike}"


def _calls_in_order(calls: list[Call]) -> Iterator[str]:
    for chat_id, of_chat in chats_of(calls).items():
        firsts = list(dict.fromkeys(call.number for call in of_chat))
        if firsts != sorted(firsts):
            yield f"out of order: handlers of {chat_id} were called for {firsts}"


def _replies_hold(subject: BotMachine, in_state: Counter[int]) -> Iterator[str]:
    for chat_id, replies in subject.chats.replies.items():
        first: dict[str, float] = {}
        for reply in replies:
            arrived = first.setdefault(reply.custom_id, reply.arrived)
            if arrived is reply.arrived:
                continue
            # The window: the earlier one was on its way when the chat was read.
            if reply.looked is None or arrived < reply.looked:
                yield f"replied twice: {reply.text} in {chat_id}"
    replied = {reply.text for replies in subject.chats.replies.values() for reply in replies}
    for number in in_state:
        if str(number) not in replied:
            yield f"no reply: {number}"


def replays_hold(subject: BotMachine, fates: dict[int, str], given_up: set[int]) -> Iterator[str]:
    """Check that dead letters were handled when they were replayed, each once."""
    if subject.letters.kept:
        yield f"dead letters stay though they were replayed: {subject.letters.numbers()}"
    in_state = Counter(number for numbers in subject.states.seen().values() for number in numbers)
    for number in sorted(given_up):
        if not in_state[number]:
            yield f"lost: the dead letter of {number} was replayed"
        elif in_state[number] > 1 and number not in subject.excused:
            yield f"state changed twice: the dead letter of {number} was replayed"
    for number, fate in fates.items():
        if fate == "accepted" and not in_state[number] and not subject.lossy:
            yield f"lost: {number}"
