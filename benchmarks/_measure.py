"""Measuring side by side: every contender in every round, so that a noisy machine hits all.

A ratio is formed within each round and the median over the rounds is shown with its range: what
disturbs a round disturbs both of its sides.
"""

import gc
import statistics
import time
from collections.abc import Callable

Work = Callable[[int], None]


class Samples(list[float]):
    """One contender's figure in each round."""

    @property
    def median(self) -> float:
        return statistics.median(self)

    def beside(self, peer: "Samples") -> "Samples":
        """Return this figure as a multiple of the peer's, round by round."""
        return Samples(ours / theirs for ours, theirs in zip(self, peer, strict=True))

    def times(self) -> str:
        """Show a multiple: the median, and the lowest and the highest of the rounds."""
        return f"{self.median:.2f}x ({min(self):.2f}-{max(self):.2f})"


def side_by_side(
    contenders: dict[str, Work],
    calls: int,
    rounds: int = 9,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, Samples]:
    """Return the microseconds a call of each contender, in turn, for each round.

    ``clock`` defaults to the CPU of this process.
    """
    for work in contenders.values():
        work(max(1, calls // 10))
    samples = {name: Samples() for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            gc.collect()
            start = clock()
            work(calls)
            samples[name].append((clock() - start) / calls * 1e6)
    return samples


def ratios(
    title: str,
    samples: dict[str, Samples],
    targets: dict[str, str],
    *,
    unit: str = "CPU a call",
    places: int = 0,
) -> str:
    """Return a table of the first contender beside each of the others.

    ``targets`` says for some peers what the ratio is to be.
    """
    (ours, figure), *peers = samples.items()
    rows = [(title, unit, f"{ours} is", "target")]
    rows.append((ours, f"{figure.median:.{places}f} µs", "", ""))
    rows += [
        (name, f"{peer.median:.{places}f} µs", figure.beside(peer).times(), targets.get(name, ""))
        for name, peer in peers
    ]
    return table(title, rows)


def table(title: str, rows: list[tuple[str, ...]]) -> str:
    """Return rows as a Markdown table; the first row is the heading."""
    head, *body = rows
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", f"|{' -- |' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in body]
    return "\n".join(lines) + "\n"
