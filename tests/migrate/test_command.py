"""``frontdesk migrate``: the diff, the summary, writing, and files that cannot be converted."""

import os
import subprocess
import sys

import pytest

from frontdesk.cli._app import run

BEFORE = """\
import os

from livechat.agent import AgentWeb

client = AgentWeb.get_client(access_token=os.environ["TOKEN"])
print(client.list_chats().json()["found_chats"])
print(client.list_chats().status_code)
"""
AFTER = """\
import os

from frontdesk import AgentClient

client = AgentClient(os.environ["TOKEN"])
print(client.list_chats().found_chats)
# frontdesk migrate: frontdesk raises APIError for every error, so there is no status of a \
success; catch APIError and read its `status`
print(client.list_chats().status_code)
"""
OTHER = "print('nothing of LiveChat')\n"


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(BEFORE)
    return path


def test_it_prints_a_diff_that_can_be_applied(program, capsys):
    assert run(["migrate", str(program)]) == 0
    output = capsys.readouterr()
    assert program.read_text() == BEFORE
    patched = subprocess.run(
        ["git", "apply", "--unsafe-paths", "-p0", "--directory=/", "-"],
        input=output.out,
        text=True,
        cwd=program.parent,
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_DIR": "/nowhere"},
    )
    assert patched.returncode == 0, patched.stderr
    assert program.read_text() == AFTER


def test_it_says_what_is_left_and_counts(program, capsys):
    run(["migrate", str(program)])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"{program}:7: frontdesk raises APIError")
    assert lines[-1] == "1 file to change: 6 uses converted, 1 marked"


def test_it_writes(program, capsys):
    program.chmod(0o640)
    assert run(["migrate", "--write", str(program)]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert program.read_text() == AFTER
    assert program.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in program.parent.iterdir()] == [program.name]
    # The line of the comment, since the file is open in an editor now.
    assert output.err.startswith(f"{program}:7: ")
    assert run(["migrate", "--write", str(program)]) == 0
    assert capsys.readouterr().err == "0 files changed: 0 uses converted, 0 marked\n"
    assert program.read_text() == AFTER


def test_it_walks_folders(tmp_path, capsys):
    inner = tmp_path / "app" / "deep"
    skipped = [tmp_path / name for name in (".git", "__pycache__", "node_modules", "env")]
    for folder in (inner, *skipped):
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(BEFORE)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (inner / "b.txt").write_text(BEFORE)
    (inner / "c.py").write_text(OTHER)
    assert run(["migrate", "--write", str(tmp_path), str(inner / "a.py")]) == 0
    assert "1 file changed" in capsys.readouterr().err
    assert (inner / "a.py").read_text() == AFTER
    assert (inner / "b.txt").read_text() == BEFORE
    assert (inner / "c.py").read_text() == OTHER
    assert all((folder / "a.py").read_text() == BEFORE for folder in skipped)


def test_a_file_that_is_named_is_converted_whatever_its_name(tmp_path):
    script = tmp_path / "script"
    script.write_text(BEFORE)
    assert run(["migrate", "--write", str(script)]) == 0
    assert script.read_text() == AFTER


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"import livechat\ndef f(:\n", "line 2: it cannot be parsed"),
        (b"def f(:\n", "line 1: it cannot be parsed"),
        (b"import livechat\n# \xff\n", "it cannot be parsed: "),
        (b"# coding: klingon\nimport livechat\n", "it cannot be parsed: "),
        (b"# coding: klingon\n", "it cannot be parsed"),
        (b"import livechat\nx = '\0'\n", "it cannot be parsed"),
        (b"x = '\0'\n", "it cannot be parsed"),
        (b"import livechat\nx = " + b"(" * 5000 + b")" * 5000, "it "),
    ],
)
def test_a_file_that_cannot_be_parsed_is_reported_and_the_others_go_on(
    program, capsys, source, reason
):
    broken = program.with_name("broken.py")
    broken.write_bytes(source)
    assert run(["migrate", "--write", str(broken), str(program)]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith(f"{broken}: ")
    assert reason in errors
    assert errors.endswith("; 1 file not converted\n")
    assert broken.read_bytes() == source
    assert program.read_text() == AFTER


def test_a_file_that_is_not_there(program, capsys):
    missing = program.with_name("missing.py")
    assert run(["migrate", str(missing), str(program)]) == 1
    output = capsys.readouterr()
    assert output.err.startswith(f"{missing}: No such file or directory\n")
    assert "+from frontdesk import AgentClient" in output.out


def test_a_read_only_file_stays(program, capsys):
    program.chmod(0o444)
    assert run(["migrate", "--write", str(program)]) == 1
    assert capsys.readouterr().err.startswith(f"{program}: it is read-only\n")
    assert program.read_text() == BEFORE
    assert run(["migrate", str(program)]) == 0


def test_the_encoding_of_a_file_stays(tmp_path, capsys):
    path = tmp_path / "latin.py"
    head = "# -*- coding: latin-1 -*-\n# Grüße\n"
    path.write_bytes((head + BEFORE).encode("latin-1"))
    assert run(["migrate", str(path)]) == 0
    assert "Grüße" in capsys.readouterr().out
    assert run(["migrate", "--write", str(path)]) == 0
    assert path.read_bytes() == (head + AFTER).encode("latin-1")


def test_a_byte_order_mark_and_line_ends_stay(tmp_path):
    path = tmp_path / "windows.py"
    path.write_bytes(b"\xef\xbb\xbf" + BEFORE.replace("\n", "\r\n").encode())
    assert run(["migrate", "--write", str(path)]) == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + AFTER.replace("\n", "\r\n").encode()


def test_a_file_without_a_last_line_end(tmp_path, capsys):
    path = tmp_path / "short.py"
    path.write_text(BEFORE.rstrip("\n"))
    assert run(["migrate", str(path)]) == 0
    assert capsys.readouterr().out.endswith("\n\\ No newline at end of file\n")
    assert run(["migrate", "--write", str(path)]) == 0
    assert path.read_text() == AFTER.rstrip("\n")


def test_a_link_still_leads_to_the_file(program):
    link = program.with_name("link.py")
    link.symlink_to(program)
    assert run(["migrate", "--write", str(link)]) == 0
    assert link.is_symlink()
    assert program.read_text() == AFTER


def test_nothing_of_the_program_is_run(program):
    program.write_text("raise SystemExit('it was run')\n" + BEFORE)
    (program.parent / "livechat.py").write_text("raise SystemExit('it was imported')\n")
    ended = subprocess.run(
        [sys.executable, "-m", "frontdesk", "migrate", "--write", program.name],
        cwd=program.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(program.parent)},
    )
    assert ended.returncode == 0, ended.stderr
    assert AFTER.splitlines()[2] in program.read_text()


def test_wrong_use(capsys):
    assert run(["migrate"]) == 2
    assert "PATH" in capsys.readouterr().err
