"""``frontdesk parity`` that is interrupted in the middle of a story, in a process of its own."""

import os
import signal
import subprocess
import sys
import threading

from ... import signals

COMMAND = [sys.executable, "-c", "import sys; from frontdesk.cli import main; main(sys.argv[1:])"]


def test_ctrl_c_closes_what_was_started(served):
    called = threading.Event()
    served.fault("latency", "get_chat", seconds=30)
    stop = served.backend.recorder.subscribe(
        lambda call: call.action == "get_chat" and called.set()
    )
    before = len(served.client().list_chats(limit=100).chats_summary)
    with subprocess.Popen(
        [*COMMAND, "parity", "--story", "chat", "--via", "web", "--base-url", served.url],
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
    assert (process.returncode, output) == (130, ""), errors
    summaries = served.client().list_chats(limit=100).chats_summary
    assert len(summaries) == before + 1
    assert not summaries[0].last_thread_summary.active
    assert "Traceback" not in errors
