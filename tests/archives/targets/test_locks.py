"""Two runs at one target: whoever comes second is refused, whatever became of the first."""

import signal
import subprocess
import sys
import threading

import pytest

from frontdesk.archives.targets.open import open_target
from frontdesk.errors import TargetInUse

from ... import forked
from ._pages import page, position, thread
from ._targets import DELTA, DUCKDB, LINES, PARQUET, parameters
from .conftest import Exports

KINDS = parameters([PARQUET, DELTA, DUCKDB, LINES])
HOLDER = """
import sys
from frontdesk.archives import open_target
from frontdesk.errors import TargetInUse

target = open_target(sys.argv[1])
sys.stdin.readline()
try:
    target.open()
except TargetInUse:
    print("refused", flush=True)
else:
    print("open", flush=True)
sys.stdin.readline()
target.close()
"""


class Holder:
    """Another process, which opens the target when it is told to."""

    def __init__(self, address):
        self.process = forked.Popen(
            [sys.executable, "-c", HOLDER, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def outcome(self):
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.communicate("\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_of_another_process_is_refused_until_that_is_killed(kind, tmp_path):
    exports = Exports(kind, kind.at(tmp_path))
    exports.run([page([thread(1, 1)], position())])
    holder = Holder(exports.address)
    holder.go()
    assert holder.outcome() == "open"
    target = exports.target()
    with pytest.raises(TargetInUse) as raised:
        target.open()
    target.close()
    message = str(raised.value)
    assert f"(process {holder.process.pid})" in message
    assert str(tmp_path / "chats") in message
    holder.process.send_signal(signal.SIGKILL)
    holder.process.communicate()
    assert exports.state().position.done


@pytest.mark.parametrize("kind", KINDS)
def test_of_processes_that_start_at_once_one_gets_a_new_target(kind, tmp_path):
    holders = [Holder(kind.at(tmp_path)) for _ in range(3)]
    for holder in holders:
        holder.go()
    outcomes = [holder.outcome() for holder in holders]
    for holder in holders:
        holder.end()
    assert sorted(outcomes) == ["open", "refused", "refused"]


@pytest.mark.parametrize("kind", KINDS)
def test_of_threads_that_start_at_once_one_gets_the_target(kind, tmp_path):
    barrier = threading.Barrier(4)
    opened, refused = [], []

    def run():
        target = open_target(kind.at(tmp_path))
        barrier.wait()
        try:
            target.open()
        except TargetInUse:
            refused.append(target)
        else:
            opened.append(target)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for target in opened + refused:
        target.close()
    assert (len(opened), len(refused)) == (1, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_was_refused_does_not_free_the_lock_of_the_other(kind, tmp_path):
    first = open_target(kind.at(tmp_path))
    first.open()
    for _ in range(2):
        second = open_target(kind.at(tmp_path))
        with pytest.raises(TargetInUse):
            second.open()
        second.close()
    first.close()
    third = open_target(kind.at(tmp_path))
    third.open()
    third.close()
