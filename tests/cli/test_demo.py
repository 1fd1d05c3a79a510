"""``frontdesk demo``: one screen, and nothing on it that did not happen."""

import importlib.util
import os
import pty
import re
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from frontdesk import ForeignTarget, extras
from frontdesk.cli import demo, main
from frontdesk.sandbox import Sandbox

from .. import forked

COMMAND = [sys.executable, "-m", "frontdesk", "demo"]
SHORT = [
    sys.executable,
    "-c",
    "from frontdesk.cli import demo, main; demo._Story._export = lambda self: None; main(['demo'])",
]
"""The same without the export at its end, which takes as long as the rest."""
SCREEN = (80, 40)
ESCAPE = "\x1b"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Run it in a folder of the test's own, for it leaves one there."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Play the story; its lines, and its sandbox as it was at the end."""
    kept = []
    serve = Sandbox.serve

    def keep(*args, **options):
        kept.append(serve(*args, **options))
        return kept[0]

    lines = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Sandbox, "serve", keep)
        monkeypatch.chdir(tmp_path_factory.mktemp("demo"))
        demo.play(lambda text: lines.append(text.plain))
    return lines, kept[0]


def test_it_fits_one_screen(played):
    lines, _ = played
    width, height = SCREEN
    assert max(map(len, lines)) <= width
    assert 24 <= len(lines) <= height


def test_what_it_shows_has_happened(played):
    lines, sandbox = played
    text = "\n".join(lines)
    calls = sandbox.calls()
    assert [(call.action, call.status) for call in calls] == [
        ("register_webhook", 200),
        ("register_webhook", 200),
        ("send_event", 503),
        ("send_event", 200),
        ("list_archives", 200),
    ]
    assert f"requests {len(calls)}: 2 register_webhook, 2 send_event and 1 list_archives" in text
    assert f"10,000 such chats: 30,000 requests, ${30 * demo.PRICE:.2f} at $" in text
    assert sandbox.webhooks.counts.delivered == 2
    assert sandbox.webhooks.counts.dead == sandbox.webhooks.counts.waiting == 0
    for action in ("incoming_chat", "chat_deactivated"):
        assert f"webhook  {action}: " in text
    assert "HTTP 503 service_unavailable" in text
    assert f"Ann      {demo.QUESTION}" in text
    assert f"Ann      sees it once: {demo.RESPONSE}" in text
    assert "error    InvalidArgument: `limit` must be at most 100" in text
    assert "LiveChat Chat archived due to 30 minutes of inactivity" in text
    assert "archive  1 chat found" in text


def test_the_calls_it_shows_are_python(played):
    lines, _ = played
    code = re.sub(r"\n  \.\.\. ", "", "\n".join(lines))
    calls = re.findall(r"^  >>> (.*)$", code, re.MULTILINE)
    assert len(calls) == 6
    for call in calls:
        compile(call.removeprefix("await "), "demo", "eval")


def exported():
    """The lines of the story's last part alone."""
    lines = []
    demo._Story(lambda text: lines.append(text.plain), None)._export()
    return lines


def test_it_ends_with_an_export_and_a_report(played, tmp_path):
    lines, _ = played
    exported()
    exported()  # what it left before makes room
    chats = tmp_path / "frontdesk-demo" / "chats"
    threads = pq.read_table(chats / "threads")
    assert {day.strftime("%Y-%m") for day in threads["created_at"].to_pylist()} == {"2026-02"}
    assert f"  export   {threads.num_rows} threads, " in "\n".join(lines)
    assert "  report   frontdesk-demo/report.html" in lines
    page = (tmp_path / "frontdesk-demo" / "report.html").read_text()
    assert f">{threads.num_rows}<" in page


@pytest.mark.parametrize("extra", ["archives", "report"])
def test_an_extra_that_is_missing_is_named(extra, monkeypatch):
    module = {"archives": "pyarrow", "report": "pygal"}[extra]
    for name in list(sys.modules):
        if name.startswith(
            "frontdesk.archives" if extra == "archives" else "frontdesk.archives.report"
        ):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(
        extras, "find_spec", lambda name: None if name == module else importlib.util.find_spec(name)
    )
    lines = exported()
    label = {"archives": "export", "report": "report"}[extra]
    assert f"  {label}   needs more: pip install 'frontdesk[{extra}]'" in lines


def test_what_is_not_the_demos_stays(tmp_path):
    chats = tmp_path / "frontdesk-demo" / "chats"
    chats.mkdir(parents=True)
    (chats / "mine.txt").write_text("keep me")
    with pytest.raises(ForeignTarget):
        exported()
    assert (chats / "mine.txt").read_text() == "keep me"


def test_in_a_pipe_it_is_the_same_without_colours(played):
    ended = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ESCAPE not in ended.stdout
    assert ended.stdout.splitlines() == played[0]


@pytest.mark.parametrize(("variable", "colours"), [("HARMLESS", True), ("NO_COLOR", False)])
def test_it_has_colours_on_a_terminal(variable, colours):
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", variable: "1"}
    if variable != "NO_COLOR":
        environment.pop("NO_COLOR", None)
    with forked.Popen(SHORT, stdout=follower, env=environment) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                shown += (part := os.read(leader, 4096))
            except OSError:
                break
            if not part:
                break
    os.close(leader)
    assert process.returncode == 0
    assert ("\x1b[1;36m" in shown.decode()) == colours


def test_who_stops_reading_ends_it_quietly():
    with forked.Popen(SHORT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1
    assert "Traceback" not in errors


def test_a_webhook_that_does_not_come_is_no_endless_wait(monkeypatch, capsys):
    monkeypatch.setattr(demo, "LONGEST_WAIT", 0.0)
    with pytest.raises(SystemExit) as ended:
        main(["demo"])
    assert ended.value.code == 1
    assert "the webhook incoming_chat did not arrive" in capsys.readouterr().err
