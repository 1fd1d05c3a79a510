"""What every command does when its output, or who reads it, is not what it should be."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from frontdesk.cli._app import run as run_here
from frontdesk.cli.output.terminal import print_document

from .. import forked

COMMAND = [sys.executable, "-m", "frontdesk"]


def run(
    command: str, stdout: int | IO[bytes] = subprocess.PIPE, **environment: str
) -> "subprocess.CompletedProcess[str]":
    return forked.run(
        [*COMMAND, *command.split()],
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        env={"PATH": "/usr/bin:/bin", **environment},
    )


@pytest.mark.parametrize(
    "command", ["--version", "--help", "sandbox --help", "sandbox --port 0 --seed empty"]
)
def test_a_full_disk_is_one_line_and_exit_code_1(command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = run(command, full)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("frontdesk: ")
    assert "No space left on device" in line


@pytest.mark.parametrize("command", ["--version", "--help", "sandbox --port 0 --seed empty"])
def test_a_closed_pipe_is_one_line_and_exit_code_1(command: str) -> None:
    reader, writer = os.pipe()
    # The reader has ended before the command writes its first line.
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        ended = run(command, pipe)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == ["frontdesk: nobody reads the standard output any more"]


@pytest.mark.parametrize("command", ["--version", "--help"])
def test_an_output_that_is_closed_already_is_no_failure(command: str) -> None:
    # Python itself finds it closed, as it starts.
    ended = subprocess.run(
        ["bash", "-c", f"{shlex.join(COMMAND)} {command} >&-"],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("command", ["--help", "tail --help", "webhooks listen --help"])
def test_help_is_shown_in_any_encoding(command: str, encoding: str) -> None:
    ended = run(command, PYTHONIOENCODING=encoding)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Usage" in ended.stdout


def test_errors_are_shown_in_any_encoding(tmp_path: Path) -> None:
    ended = run(
        f"webhooks replay {tmp_path}/ünï😀.json --url http://127.0.0.1:1",
        PYTHONIOENCODING="ascii",
    )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "No such file" in line


@pytest.mark.parametrize("timeout", ["nan", "inf", "1e300", "-1", "0", "soon"])
def test_a_number_out_of_range_names_its_option(
    timeout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _replay(tmp_path, "[]", "--timeout", timeout) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--timeout" in line


def test_a_byte_order_mark_is_no_part_of_a_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _replay(tmp_path, '\ufeff{"action":"x","payload":1}', "--secret", "s") == 1
    assert "accepted: 0 of 1 webhook" in capsys.readouterr().out


def _replay(folder: Path, recorded: str, *options: str) -> int:
    file = folder / "recorded"
    file.write_text(recorded, encoding="utf-8")
    return run_here(["webhooks", "replay", str(file), "--url", "http://127.0.0.1:1", *options])


@pytest.mark.parametrize("is_terminal", [False, True])
def test_json_is_the_same_for_programs_and_harmless_on_a_terminal(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = {"text": "\x1b[2J \u009b31m \u202ered\u2028 \U000e0041 zażółć 漢字 🎉", "n": [1, {}]}
    data = json.dumps(value, ensure_ascii=False).encode()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    print_document(data)
    text = capsys.readouterr().out
    assert json.loads(text) == value
    assert (text.count("\n") > 1) == is_terminal
    if is_terminal:
        assert all(char.isprintable() or char == "\n" for char in text)
        assert "zażółć 漢字 🎉" in text
