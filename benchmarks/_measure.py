"""Measuring side by side: every contender in every round, so that a noisy machine hits all."""

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def fixed_server() -> Iterator[str]:
    """Start the fixed server in a process of its own and yield its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


def cpu_per_call(work: Callable[[int], None], calls: int) -> float:
    """Return the process's CPU microseconds a call."""
    gc.collect()
    start = time.process_time()
    work(calls)
    return (time.process_time() - start) / calls * 1e6


def side_by_side(
    contenders: dict[str, Callable[[int], None]], calls: int, rounds: int = 7
) -> dict[str, float]:
    """Return the median CPU microseconds a call of each contender, measured in turn."""
    for work in contenders.values():
        work(max(1, calls // 10))
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            samples[name].append(cpu_per_call(work, calls))
    return {name: statistics.median(values) for name, values in samples.items()}


def table(title: str, rows: list[tuple[str, ...]]) -> str:
    """Return rows as a Markdown table; the first row is the heading."""
    head, *body = rows
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", f"|{' -- |' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in body]
    return "\n".join(lines) + "\n"
