"""``frontdesk parity`` that is interrupted in the middle of a story, in a process of its own."""

import os
import signal
import subprocess
import sys
import threading

from ... import signals

COMMAND = [sys.executable, "-c", "import sys; from frontdesk.cli import main; main(sys.argv[1:])"]


def interrupted(served, story, method):
    """Run a story, and interrupt it while a method is called."""
    called = threading.Event()
    served.fault("latency", method, seconds=30)
    stop = served.backend.recorder.subscribe(lambda call: call.action == method and called.set())
    with subprocess.Popen(
        [*COMMAND, "parity", "--story", story, "--via", "web", "--base-url", served.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"no_proxy": "*", "FRONTDESK_TOKEN": served.tokens["owner"]},
        preexec_fn=signals.restore,  # noqa: PLW1509 - it only sets signals
    ) as process:
        assert called.wait(60)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    stop()
    served.clear_faults()
    assert (process.returncode, output) == (130, ""), errors
    assert "Traceback" not in errors
    assert "still there" not in errors


def test_ctrl_c_closes_what_was_started(served):
    before = len(served.client().list_chats(limit=100).chats_summary)
    interrupted(served, "chat", "get_chat")
    summaries = served.client().list_chats(limit=100).chats_summary
    assert len(summaries) == before + 1
    assert not summaries[0].last_thread_summary.active


def test_ctrl_c_deletes_what_was_made(served):
    client = served.client().configuration()
    before = client.list_groups(), client.list_tags()
    interrupted(served, "config-tags", "update_tag")
    made = [call.action for call in served.calls() if call.action.startswith("create_")]
    assert made.count("create_tag") == 5
    assert (client.list_groups(), client.list_tags()) == before
