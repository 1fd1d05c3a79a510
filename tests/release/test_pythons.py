"""Interpreters are looked for, and tried, before one is used."""

import stat
import sys

import pytest
from tools.release import pythons
from tools.release.pythons import Python


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_versions_are_those_of_the_classifiers():
    classifiers = [
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.13",
        "Typing :: Typed",
    ]
    assert pythons.supported({"classifiers": classifiers}) == ["3.11", "3.13"]


def test_this_interpreter_can_make_environments():
    found = pythons.probe(sys.executable)
    assert found is not None
    assert found.minor == "{}.{}".format(*sys.version_info)


@pytest.mark.parametrize(
    "text",
    [
        'echo "command not found" >&2; exit 127',
        "echo 3.12",
        "echo 2.7.18",
        "exit 0",
        "echo No module named ensurepip; exit 1",
    ],
)
def test_a_shim_or_an_interpreter_that_makes_none_is_none(tmp_path, text):
    assert pythons.probe(program(tmp_path / "python3.12", text)) is None


def test_a_path_with_nothing_at_it_is_none(tmp_path):
    assert pythons.probe(tmp_path / "python3.12") is None


def test_a_dead_shim_in_the_path_gives_way_to_the_version_manager(tmp_path, monkeypatch):
    program(tmp_path / "shims" / "python3.12", "exit 127")
    versions = tmp_path / "pyenv" / "versions"
    program(versions / "3.12.1" / "bin" / "python3.12", "echo 3.12.1")
    newest = program(versions / "3.12.7" / "bin" / "python3.12", "echo 3.12.7")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(pythons, "_base", lambda: tmp_path / "none")
    assert pythons.find("3.12") == Python(newest, "3.12.7")
    assert pythons.find("3.77") is None


def test_a_program_of_another_version_than_its_name_is_not_used(tmp_path, monkeypatch):
    program(tmp_path / "python3.78", "echo 3.77.0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert pythons.find("3.78") is None
