"""Measures two commits in alternating runs: ``python tools/compare.py OLD [NEW]``.

NEW defaults to ``HEAD``. Each commit is checked out into a folder of its own; in each round a fresh
process measures the one and then the other, so that what else the machine does hits both sides.
Shown are the CPU of a call (median of the rounds) and the ratio, which is formed within each round.
Fails when a case costs more than 10 % more than before.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
BATCHES = 10
"""Parts of a measurement, of which the best counts: what disturbs a process only adds to it."""
MOST = 1.10
"""The highest ratio that still counts as no slower: runs differ by some per cent anyway."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", help="the commit to compare with")
    parser.add_argument("new", nargs="?", default="HEAD", help="defaults to HEAD")
    parser.add_argument("--rounds", type=int, default=5, help="defaults to 5")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    options = parser.parse_args()
    sides: tuple[dict[str, list[float]], dict[str, list[float]]] = ({}, {})
    with checked_out(options.old) as old, checked_out(options.new) as new:
        for round_ in range(options.rounds):
            # Who comes first changes, since the second finds warmer files and another clock rate.
            order = ((0, old), (1, new)) if round_ % 2 == 0 else ((1, new), (0, old))
            for side, folder in order:
                for case, cost in run(folder, options.only).items():
                    sides[side].setdefault(case, []).append(cost)
    return report(*sides)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="frontdesk-compare-") as folder:
        tree = Path(folder) / "tree"
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", tree, commit], cwd=ROOT, check=True
        )
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def run(folder: Path, only: str) -> dict[str, float]:
    """The microseconds of each case with the code of a folder."""
    code = f"import runpy; runpy.run_path({__file__!r})['measure']({only!r})"
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    costs: dict[str, float] = json.loads(done.stdout)
    return costs


def report(old: dict[str, list[float]], new: dict[str, list[float]]) -> int:
    print("| case | old | new | new is |")
    print("| -- | -- | -- | -- |")
    slower = 0
    for case, before in old.items():
        after = new[case]
        ratios = [now / then for then, now in zip(before, after, strict=True)]
        ratio = statistics.median(ratios)
        slower += ratio > MOST
        mark = " **slower**" if ratio > MOST else ""
        print(
            f"| {case} | {statistics.median(before):,.1f} µs | {statistics.median(after):,.1f} µs "
            f"| {ratio:.2f}x ({min(ratios):.2f}-{max(ratios):.2f}){mark} |"
        )
    return 1 if slower else 0


def measure(only: str) -> None:
    """Print the CPU in microseconds a call of each case, with whatever frontdesk is imported."""
    costs: dict[str, float] = {}

    def case(name: str, calls: int, work: Callable[[], object]) -> None:
        if only not in name:
            return
        for _ in range(max(1, calls // 10)):
            work()
        batches: list[float] = []
        for _ in range(BATCHES):
            started = time.process_time()
            for _ in range(max(1, calls // BATCHES)):
                work()
            batches.append((time.process_time() - started) / max(1, calls // BATCHES) * 1e6)
        costs[name] = min(batches)

    embedded(case)
    served(case)
    values(case)
    print(json.dumps(costs))


Case = Callable[[str, int, Callable[[], object]], None]


def embedded(case: Case) -> None:
    from frontdesk import FrontdeskError
    from frontdesk.models import InitialChat, InitialThread, Message
    from frontdesk.sandbox import Sandbox

    message = Message(text="hello world")
    with Sandbox("empty") as sandbox:
        client = sandbox.client()
        chat_id = client.start_chat(continuous=True).chat_id
        case("embedded send_event", 3000, lambda: client.send_event(chat_id=chat_id, event=message))
        short_id = client.start_chat(continuous=True).chat_id
        case("embedded get_chat", 500, lambda: client.get_chat(chat_id=short_id))

        def refused() -> None:
            try:
                client.get_chat(chat_id="NONE")
            except FrontdeskError:
                return
            raise AssertionError("the chat exists")

        case("embedded error", 1000, refused)
    with Sandbox("empty") as sandbox:
        client = sandbox.client()
        chat = InitialChat(thread=InitialThread(events=[message]))

        def whole_chat() -> None:
            client.deactivate_chat(id=client.start_chat(chat=chat).chat_id)

        case("embedded start_chat and deactivate_chat", 300, whole_chat)
    with Sandbox("demo") as sandbox:
        client = sandbox.client()
        case("embedded list_chats", 100, client.list_chats)
        case("embedded list_archives", 100, client.list_archives)
        customer = sandbox.customer("Ann")
        case("embedded customer.say", 300, lambda: customer.say("hello"))
    case("a fresh demo world", 10, lambda: Sandbox("demo").close())


def served(case: Case) -> None:
    from frontdesk.models import Message
    from frontdesk.sandbox import Sandbox

    message = Message(text="hello world")
    with Sandbox.serve("empty") as sandbox:
        client = sandbox.client()
        chat_id = client.start_chat(continuous=True).chat_id
        case("served send_event", 1000, lambda: client.send_event(chat_id=chat_id, event=message))
        with sandbox.rtm_client() as rtm:
            case("RTM send_event", 1000, lambda: rtm.send_event(chat_id=chat_id, event=message))


def values(case: Case) -> None:
    import frontdesk
    from frontdesk.actions import SendEvent
    from frontdesk.models import ChatsPage, Message
    from frontdesk.sandbox import Sandbox

    case("a SendEvent", 5000, lambda: SendEvent(chat_id="C", event=Message(text="hello")))
    with Sandbox("demo") as sandbox:
        page = frontdesk.encode(sandbox.client().list_chats())
    case("a page of chats decoded", 200, lambda: frontdesk.decode(page, ChatsPage))


if __name__ == "__main__":
    sys.exit(main())
