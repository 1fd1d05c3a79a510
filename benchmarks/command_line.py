"""Time of the command line before it does something, beside typer alone; fresh processes."""

import os
import statistics
import subprocess
import sys
import time

from benchmarks._measure import table

_MAIN = "from frontdesk.cli import main; main({words!r})"
CONTENDERS = {
    "import typer": ("import typer", ""),
    "frontdesk --help": (_MAIN.format(words=["--help"]), ""),
    "completion of a command": (_MAIN.format(words=["ca"]), "bash"),
    "completion of a method": (_MAIN.format(words=["call", "send_"]), "zsh"),
    "completion of an option": (_MAIN.format(words=["call", "send_event", "--"]), "fish"),
}
"""What is run, and the shell that asks for a completion."""


def run(rounds: int = 15) -> str:
    samples: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds + 1):
        for name, (code, shell) in CONTENDERS.items():
            samples[name].append(_seconds(code, shell))
    took = {name: statistics.median(times[1:]) for name, times in samples.items()}
    base = took["import typer"]
    rows = [("what", "a whole process", "ratio", "at most")]
    for name, seconds in took.items():
        most = "" if name == "import typer" else "2x"
        rows.append((name, f"{seconds * 1000:.0f} ms", f"{seconds / base:.2f}x", most))
    return table("Command line", rows)


def _seconds(code: str, shell: str) -> float:
    environment = {**os.environ, **({"_FRONTDESK_COMPLETE": shell} if shell else {})}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, env=environment
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    print(run())
