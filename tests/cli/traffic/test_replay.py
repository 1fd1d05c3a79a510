"""``frontdesk sandbox --replay`` as a user runs it."""

import os
import signal
import subprocess
import sys

import pytest

from frontdesk import AgentClient
from frontdesk.recordings import Recorder, RecordingTransport
from frontdesk.sandbox.serve.embedded import DirectTransport

from ... import signals
from .._running import refused

COMMAND = [sys.executable, "-c", "import sys; from frontdesk.cli import main; main(sys.argv[1:])"]


def test_a_recording_is_served_until_ctrl_c(sandbox, tmp_path):
    file = tmp_path / "recording.jsonl"
    with Recorder(file) as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        client = sandbox.client(transport=transport)
        client.list_chats(limit=1)
        client.list_archives(limit=1)
    data = file.read_bytes()
    file.write_bytes(data[: data.rindex(b'{"kind":"end"')])
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--replay", str(file), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"no_proxy": "*"},
        preexec_fn=signals.restore,  # noqa: PLW1509 - it only sets signals
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        with AgentClient("Bearer dal:any", base_url=url, proxy="") as client:
            client.list_chats(limit=1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert "has no end" in errors
    assert "1 call not replayed: list_archives" in errors


@pytest.mark.parametrize(
    ("content", "words", "reason"),
    [
        (b'{"frontdesk_recording":7}\n', ["--replay", "file"], "has the format 7"),
        (b"nonsense", ["--replay", "file"], "is no recording"),
        (b"", ["--replay", "other"], "cannot be read"),
        (b"", ["--replay-again"], "needs `--replay`"),
        (b"", ["--replay-webhooks", "http://127.0.0.1:1"], "needs `--replay`"),
        (
            b'{"frontdesk_recording":1,"recorded_at":""}\n',
            ["--replay", "file", "--host", "0.0.0.0"],
            "this machine",
        ),
        (b"", ["--replay", "file", "--seed", "quiet"], "`--seed` is for a sandbox"),
        (b"", ["--replay", "file", "--open"], "`--open` is for a sandbox"),
        (b"", ["--replay", "file", "--allow-host", "x"], "`--allow-host` is for a sandbox"),
    ],
)
def test_wrong_use(run, tmp_path, monkeypatch, content, words, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(content)
    assert reason in refused(run("sandbox", *words))
