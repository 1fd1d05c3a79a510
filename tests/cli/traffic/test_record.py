"""``frontdesk record`` as a user runs it, in a process of its own."""

import os
import signal
import subprocess
import sys

import pytest

from frontdesk import AgentClient
from frontdesk.recordings import read_corpus

from ... import signals
from .._running import refused

COMMAND = [sys.executable, "-c", "import sys; from frontdesk.cli import main; main(sys.argv[1:])"]


def test_a_recording_from_the_start_to_ctrl_c(served, tmp_path):
    file = tmp_path / "recording.jsonl"
    with subprocess.Popen(
        [*COMMAND, "record", str(file), "--port", "0", "--base-url", served.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"no_proxy": "*"},
        preexec_fn=signals.restore,  # noqa: PLW1509 - it only sets signals
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        with AgentClient(served.tokens["owner"], base_url=url, proxy="") as client:
            client.list_chats(limit=1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert "the sandbox at" in errors
    assert f"2 lines in {file}" in errors
    corpus = read_corpus(file)
    assert [entry.method for entry in corpus.entries[:1]] == ["list_chats"]
    assert corpus.complete


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["mine.jsonl"], "must be a new file"),
        (["new.jsonl", "--host", "0.0.0.0"], "this machine"),
        (["new.jsonl", "--webhooks", "nonsense"], "must look like"),
        (["no/folder/new.jsonl"], "cannot be made"),
        ([], "Missing argument"),
    ],
)
def test_wrong_use(run, tmp_path, monkeypatch, words, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.jsonl").write_text("mine")
    assert reason in refused(run("record", *words))
    assert (tmp_path / "mine.jsonl").read_text() == "mine"
