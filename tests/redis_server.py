"""A Redis server of the tests' own, which may be killed and started again on what it stored."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

PATIENCE = 20.0
PASSWORD = "redis-pass-8c1d"


class RedisServer:
    """A server on a port of its own that keeps what it confirms."""

    def __init__(self, folder: Path) -> None:
        executable = shutil.which("redis-server")
        if executable is None:
            pytest.skip("there is no redis-server here; install Debian's package of that name")
        self._executable = executable
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "RedisServer":
        log = self._folder / "log"
        log.unlink(missing_ok=True)
        self._process = subprocess.Popen([
            self._executable, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "yes", "--appendfsync", "always", "--dir", str(self._folder),
            "--requirepass", PASSWORD, "--logfile", str(log),
        ])  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not (log.exists() and "Ready to accept connections" in log.read_text()):
            assert self._process.poll() is None, "Redis ended"
            assert time.monotonic() < end
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None
