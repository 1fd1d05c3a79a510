"""The project that `frontdesk bot init` writes: its own tests pass, and nothing is overwritten."""

import os
import subprocess
import sys

import pytest
import yaml

from frontdesk.cli.bots.init import project_files

from .._running import Run, ok, refused

NAMES = sorted(project_files("x"))


def test_the_tests_of_the_project_pass(tmp_path, run: Run):
    folder = tmp_path / "pizza-bot"
    written = ok(run("bot", "init", str(folder))).splitlines()
    assert sorted(written) == [str(folder / name) for name in NAMES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:randomly"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_the_bot_is_called_like_its_folder(tmp_path, run: Run):
    run("bot", "init", str(tmp_path / "pizza-bot"))
    assert 'Bot(name="Pizza Bot"' in (tmp_path / "pizza-bot" / "bot.py").read_text()


def test_a_name_is_taken_as_it_is(tmp_path, run: Run):
    ok(run("bot", "init", str(tmp_path / "b"), "--name", "Käthe's bot"))
    assert 'Bot(name="Käthe\'s bot"' in (tmp_path / "b" / "bot.py").read_text()


def test_what_exists_stays_and_is_named(tmp_path, run: Run):
    (tmp_path / "bot.py").write_text("mine = 1\n")
    (tmp_path / "README.md").write_text("mine\n")
    _, written, errors = run("bot", "init", str(tmp_path))
    assert (tmp_path / "bot.py").read_text() == "mine = 1\n"
    assert (tmp_path / "README.md").read_text() == "mine\n"
    assert "2 files stayed as before" in errors
    assert len(written.splitlines()) == len(NAMES) - 2
    code, written, errors = run("bot", "init", str(tmp_path))
    assert (code, written) == (0, "")
    assert f"{len(NAMES)} files stayed as before" in errors


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path, run: Run):
    (tmp_path / "bot.py").symlink_to(tmp_path / "elsewhere.py")
    run("bot", "init", str(tmp_path))
    assert not (tmp_path / "elsewhere.py").exists()


@pytest.mark.parametrize("name", ['say "hi"', "two\nlines", "back\\slash", "$x", "n" * 61])
def test_names_that_would_break_the_file_are_refused(tmp_path, run: Run, name):
    assert "--name" in refused(run("bot", "init", str(tmp_path / "b"), "--name", name))
    assert not (tmp_path / "b").exists()


def test_places_that_cannot_be_written(tmp_path, run: Run):
    (tmp_path / "file").write_text("")
    assert "is a file" in refused(run("bot", "init", str(tmp_path / "file")))
    assert "cannot write" in refused(run("bot", "init", str(tmp_path / "file" / "below")), 1)


def test_the_workflow_is_one_that_runs_the_tests():
    workflow = yaml.safe_load(project_files("x")[".github/workflows/test.yml"])
    steps = workflow["jobs"]["test"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [
        "pip install -r requirements-dev.txt",
        "pytest",
    ]


def test_every_template_belongs_to_a_file_and_is_whole():
    from importlib.resources import files

    templates = {path.name for path in (files("frontdesk.cli.bots") / "templates").iterdir()}
    assert len(templates) == len(NAMES)
    assert all("$name" not in text for text in project_files("x").values())
