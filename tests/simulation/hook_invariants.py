"""What must hold of webhooks after a run."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from .deliveries import Deliveries, Sent
from .process import Handling, Machine, key_of_body


def webhooks_agree(deliveries: Deliveries, machine: Machine) -> Iterator[str]:
    """Compare what was handled with what was sent.

    Yields a line for each webhook that is lost though it was acknowledged, handled though it was
    not sent, handled again without a crash that excuses it, or handled out of order.
    """
    keys = {sent.number: key_of_body(sent.body) for sent in deliveries.sent}
    sent_by_key: dict[str, list[Sent]] = defaultdict(list)
    for sent in deliveries.sent:
        sent_by_key[keys[sent.number]].append(sent)
    times = Counter(one.key for one in machine.handled)
    ended = Counter(one.key for one in machine.handled if one.ended is not None)
    excused = Counter(one.key for one in machine.handled if one.excused)
    for key, group in sent_by_key.items():
        webhook = f"{group[0].action} {key} of {group[0].lane}"
        acknowledged = sum(sent.acknowledged for sent in group)
        reached = sum(_times_it_may_be_taken(sent, machine) for sent in group)
        # Alike ones in a row tell the same thing; only a state that changed in between makes
        # another webhook of the same body.
        distinct = acknowledged if group[0].action in ("thread_tagged", "thread_untagged") else 1
        if acknowledged and ended[key] < min(distinct, acknowledged) and not machine.lossy:
            lost = f"acknowledged {acknowledged} times, handled {ended[key]}"
            yield f"webhook lost: {webhook}, {lost}"
        if times[key] > reached + excused[key]:
            yield f"webhook handled again: {webhook}, sent {reached} times, handled {times[key]}"
    for key in times:
        if key not in sent_by_key:
            yield f"webhook added: {key}"
    yield from _order(keys, sent_by_key, machine)


def _times_it_may_be_taken(sent: Sent, machine: Machine) -> int:
    """How often attempts to send one webhook may be taken for different webhooks.

    A journal keeps what is done only as long as there is something left to do in the same file: a
    repeat that comes after a good end, or after two bad ones, may not be known any more.
    """
    taken: list[int] = []
    for life in sorted(set(sent.lives)):
        if (
            not taken
            or life - taken[-1] > 1
            or taken[-1] in machine.restarts
            or life in machine.blind
        ):
            taken.append(life)
    return len(taken)


def _order(
    keys: dict[int, str], sent_by_key: dict[str, list[Sent]], machine: Machine
) -> Iterator[str]:
    """Webhooks of a chat are handled as they were sent, and one after the other."""
    if machine.blind:
        # What one process could not take over, a later one does, behind newer ones.
        return
    latest: dict[str, int] = {}
    under_way: dict[str, Handling] = {}
    begun: set[str] = set()
    for one in machine.handled:
        group = sent_by_key.get(one.key, [])
        if not group:
            continue
        lane = group[0].lane
        before = under_way.get(lane)
        if (
            before is not None
            and before.process == one.process
            and (before.ended is None or before.ended > one.begun)
        ):
            yield f"webhook out of order: {one.key} of {lane} is handled beside another one"
        under_way[lane] = one
        if len(group) != 1 or one.key in begun:
            continue
        begun.add(one.key)
        number = group[0].number
        if number < latest.get(lane, -1):
            yield f"webhook out of order: {group[0].action} {one.key} of {lane}"
        latest[lane] = max(number, latest.get(lane, -1))
