"""Time to import frontdesk beside its two base libraries, each in a fresh interpreter."""

import statistics
import subprocess
import sys
import time

from benchmarks._measure import table

CONTENDERS = {
    "msgspec and urllib3 alone": "import msgspec, urllib3",
    "import frontdesk": "import msgspec, urllib3, frontdesk",
    "from frontdesk import AgentClient": "from frontdesk import AgentClient",
    "lc-sdk-python": "from livechat.agent import AgentWeb",
}


def run(rounds: int = 15) -> str:
    samples: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds + 1):
        for name, code in CONTENDERS.items():
            samples[name].append(_seconds(code))
    empty = statistics.median(_seconds("pass") for _ in range(rounds))
    took = {name: statistics.median(times[1:]) - empty for name, times in samples.items()}
    base = took["msgspec and urllib3 alone"]
    rows = [("what", "beyond a bare interpreter", "ratio", "at most")]
    for name, seconds in took.items():
        most = "1.3x" if name == "import frontdesk" else ""
        rows.append((name, f"{seconds * 1000:.0f} ms", f"{seconds / base:.2f}x", most))
    return table("Import", rows)


def _seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(run())
