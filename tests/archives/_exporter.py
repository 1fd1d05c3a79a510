"""A process that makes exports, each in a fork of its own that may kill itself on the way.

It reads a line of JSON for each export, and writes one with what came of it. Points at which it may
die: before and after each call of the target, and each file that is opened, renamed or removed
below it; from there on a thread waits a random time, so that it also dies within a commit of a
library.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import datetime

from frontdesk import AgentClient
from frontdesk.archives import export, make_job, open_target
from frontdesk.archives.targets import files
from frontdesk.archives.targets.days import DayTarget

FILE_EVENTS = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.truncate"}
METHODS = ("open", "begin", "write", "finish", "close")


class Fate:
    """Kills the process at a point, after a delay in seconds."""

    def __init__(self, folder, kill_at, delay):
        self.folder = folder
        self.kill_at = kill_at
        self.delay = delay
        self.points = 0

    def reach(self):
        self.points += 1
        if self.points == self.kill_at:
            if self.delay:
                threading.Thread(target=self.kill, daemon=True).start()
            else:
                self.kill()

    def kill(self):
        time.sleep(self.delay)
        os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event, arguments):
        if event in FILE_EVENTS and str(arguments[0]).startswith(self.folder):
            self.reach()

    def watch(self, target):
        for name in METHODS:
            setattr(target, name, self._watched(getattr(target, name)))

    def _watched(self, method):
        def call(*arguments):
            self.reach()
            result = method(*arguments)
            self.reach()
            return result

        return call


def run(task):
    fate = Fate(task["folder"], task["kill_at"], task["delay"])
    DayTarget.pages_per_commit = task["pages_per_commit"]
    now = datetime.fromisoformat(task["now"])
    with AgentClient(task["token"], base_url=task["url"]) as client:
        target = open_target(task["target"])
        sys.addaudithook(fate.audit)
        fate.watch(target)
        job = make_job(since=datetime.fromisoformat(task["since"]))
        summary = export(client, target, job, update=task["update"], clock=lambda: now)
    return {"points": fate.points, "outcome": summary.outcome}


def in_fork(task):
    """Make an export; returns what came of it, or the signal that ended it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            result = run(task)
        except BaseException as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        os.write(writer, json.dumps(result).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return json.loads(data)


class Exporter:
    """Starts the process, and makes it export to a target from a served sandbox."""

    def __init__(self, process):
        self.process = process

    def export(self, sandbox, target, folder, *, since, kill_at=0, delay=0.0, update=False,
               pages_per_commit=3):  # fmt: skip
        task = {
            "url": sandbox.url,
            "token": sandbox.tokens["owner"],
            "target": target,
            "folder": str(folder),
            "since": since.isoformat(),
            "now": sandbox.now.isoformat(),
            "kill_at": kill_at,
            "delay": delay,
            "update": update,
            "pages_per_commit": pages_per_commit,
        }
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def main():
    # A killed process loses nothing that was written.
    os.fsync = files.sync_all = lambda _: None
    # What every export needs is imported once, before the forks.
    for name in ("parquet", "delta", "duckdb", "lines"):
        __import__(f"frontdesk.archives.targets.{name}")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(in_fork(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
