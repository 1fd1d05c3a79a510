"""What each shell is given, and takes: in the shells themselves, where they are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from frontdesk.cli import main
from frontdesk.cli.completion.shells import SCRIPTS, SHELLS, VARIABLE, lines_for


def test_bash_gets_the_part_that_it_takes_for_the_word() -> None:
    assert list(lines_for("bash", ["webhooks", "listen", "--type", "=", "li"])) == ["license"]
    assert list(lines_for("bash", ["webhooks", "listen", "--type", "="])) == ["license", "bot"]
    assert list(lines_for("bash", ["webhooks", "listen", "--type=li"])) == ["--type=license"]
    assert list(lines_for("bash", ["webhooks", "listen", "--type", "li"])) == ["license"]
    after = ["webhooks", "listen", "--type", "=", "bot", "--ty"]
    assert list(lines_for("bash", after)) == []


def test_zsh_and_fish_get_what_a_word_does() -> None:
    assert list(lines_for("zsh", ["export", "er"])) == ["erase:Erase a customer from an export."]
    assert list(lines_for("fish", ["export", "er"])) == ["erase\tErase a customer from an export."]
    assert list(lines_for("fish", ["webhooks", "listen", "--type=b"])) == ["--type=bot"]


def test_names_of_files_are_left_to_the_shell() -> None:
    assert list(lines_for("zsh", ["webhooks", "replay", ""])) == [":files"]


def test_another_shell_gets_nothing() -> None:
    assert list(lines_for("tcsh", ["call", ""])) == []


def test_the_variable_alone_completes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "bash")
    with pytest.raises(SystemExit) as ended:
        main(["call", "send_event_"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "send_event_preview\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_is_printed(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    for words in (["completion", shell], ["completion"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
        assert capsys.readouterr().out == SCRIPTS[shell]


@pytest.mark.parametrize("shell", ["", "/bin/tcsh"])
def test_an_unknown_shell_is_refused(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", shell)
    with pytest.raises(SystemExit) as ended:
        main(["completion"])
    assert ended.value.code == 2
    assert "must be `bash`, `zsh` or `fish`" in capsys.readouterr().err


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A ``PATH`` on which ``frontdesk`` is the command."""
    command = tmp_path / "bin" / "frontdesk"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m frontdesk "$@"\n')
    command.chmod(0o755)
    return f"{command.parent}:{os.environ['PATH']}"


def in_shell(shell: str, script: str, path: str, folder: Path) -> list[str]:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *options, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "TERM": "dumb"},
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


BASH = """
eval "$(frontdesk completion bash)"
complete_words() {
    COMP_WORDS=(frontdesk "$@") COMP_CWORD=$#
    _frontdesk frontdesk
    printf '%s\\n' "${COMPREPLY[@]}"
}
compopt() { :; }
"""


def test_bash_completes(path: str, tmp_path: Path) -> None:
    (tmp_path / "a file.json").write_text("{}")
    assert in_shell("bash", f"{BASH}complete_words call send_event_", path, tmp_path) == [
        "send_event_preview"
    ]
    assert in_shell("bash", f"{BASH}complete_words webhooks listen --type = l", path, tmp_path) == [
        "license"
    ]
    assert in_shell("bash", f"{BASH}complete_words webhooks replay a", path, tmp_path) == [
        "a file.json"
    ]


def test_fish_completes(path: str, tmp_path: Path) -> None:
    script = "frontdesk completion fish | source; complete -C 'frontdesk call send_event_'"
    (line,) = in_shell("fish", script, path, tmp_path)
    assert line.startswith("send_event_preview\t")


def test_zsh_reads_the_script(path: str, tmp_path: Path) -> None:
    script = (
        'autoload -Uz compinit; compinit -D; eval "$(frontdesk completion zsh)"; '
        "print $_comps[frontdesk]; words=(frontdesk call send_event_); CURRENT=3; "
        "_describe() { print -l $found }; _frontdesk"
    )
    owner, line = in_shell("zsh", script, path, tmp_path)
    assert owner == "_frontdesk"
    assert line.startswith("send_event_preview:")
