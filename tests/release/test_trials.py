"""What is tried in a fresh environment fails for what is wrong there."""

import os
import sys
from typing import ClassVar

import pytest
from tools.release import __main__ as release
from tools.release import trials
from tools.release.building import Distributions
from tools.release.report import Report
from tools.release.running import Failure, clean_environment, run
from tools.release.trials import Environment

PROJECT = {
    "version": "0.2.0",
    "classifiers": [f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12)],
}


class FakeEnvironment(Environment):
    """Returns prepared outputs by the first words of a command, and remembers the commands."""

    outputs: ClassVar = {}
    commands: ClassVar = []

    def install(self, distribution, extras):
        self.commands.append(("install", extras))

    def run(self, *words, code=0):
        self.commands.append(words)
        return self.outputs.get(words[:2], "")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setattr(FakeEnvironment, "outputs", {})
    monkeypatch.setattr(FakeEnvironment, "commands", [])
    return FakeEnvironment(tmp_path)


def test_the_base_has_to_name_the_extra_of_the_commands(environment):
    with pytest.raises(Failure, match="does not name the extra"):
        trials.try_base(environment, "a.whl", "0.2.0")
    environment.outputs["frontdesk", "--version"] = "run: pip install 'frontdesk[cli]'"
    trials.try_base(environment, "a.whl", "0.2.0")
    assert environment.commands[0] == ("install", "")


def test_the_command_has_to_have_the_version_of_the_release(environment):
    environment.outputs["frontdesk", "--version"] = "frontdesk 0.1.0\n"
    with pytest.raises(Failure, match="does not print frontdesk"):
        trials.try_sandbox(environment, "a.whl", "0.2.0")


def test_programs_see_neither_this_folder_nor_warnings_as_noise(environment):
    environment.program_file("base", "0.2.0")
    (command,) = environment.commands
    assert command[:4] == ("python", "-I", "-W", "error")


def script(folder, name, text):
    path = folder / "venv" / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)


READY = """\
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit({code}))
print("token agent", flush=True)
print("ready http://127.0.0.1:1", flush=True)
signal.pause()
"""


def test_a_sandbox_is_served_while_it_is_used(tmp_path):
    script(tmp_path, "frontdesk", READY.format(code=0))
    with trials.served(Environment(tmp_path)) as url:
        assert url == "http://127.0.0.1:1"


def test_a_sandbox_that_ends_badly(tmp_path):
    script(tmp_path, "frontdesk", READY.format(code=3))
    with pytest.raises(Failure, match="ended with 3"), trials.served(Environment(tmp_path)):
        pass


def test_a_sandbox_that_does_not_start_shows_what_it_printed(tmp_path):
    script(tmp_path, "frontdesk", "print('port 0 is not for me')")
    with (
        pytest.raises(Failure, match="did not become ready") as raised,
        trials.served(Environment(tmp_path)),
    ):
        pass
    assert "port 0 is not for me" in raised.value.output


def test_a_program_that_fails_shows_what_it_printed(tmp_path):
    with pytest.raises(Failure, match="ended with 7, not 0") as raised:
        run([sys.executable, "-c", "print('no'); raise SystemExit(7)"], cwd=tmp_path)
    assert raised.value.output == "no\n"
    assert run([sys.executable, "-c", "raise SystemExit(7)"], cwd=tmp_path, code=7) == ""


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(Failure, match="cannot be started"):
        run([tmp_path / "nothing"], cwd=tmp_path)


def test_variables_of_this_environment_change_nothing_there(monkeypatch):
    for name in ("FRONTDESK_TOKEN", "PYTHONPATH", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "x")
    assert not {"FRONTDESK_TOKEN", "PYTHONPATH", "VIRTUAL_ENV"} & clean_environment().keys()
    assert clean_environment()["PATH"] == os.environ["PATH"]


def tried(tmp_path, monkeypatch, required, extras, failing=()):
    done = []

    def trial(extra):
        def one(environment, distribution, version):
            done.append((environment.folder.name, extra))
            if (environment.folder.name, extra) in failing:
                raise Failure("it broke", "because")
            return "worked"

        return one

    monkeypatch.setattr(release, "TRIALS", {extra: trial(extra) for extra in trials.TRIALS})
    monkeypatch.setattr(
        release.Environment, "make", lambda python, folder: folder.mkdir(parents=True)
    )
    monkeypatch.setattr(
        release.pythons,
        "find",
        lambda minor: release.pythons.Python("python", "3.11.7") if minor == "3.11" else None,
    )
    report = Report()
    built = Distributions(tmp_path / "a.tar.gz", tmp_path / "a.whl")
    release.try_out(report, built, PROJECT, required, extras, tmp_path)
    return report, done


def test_each_python_gets_the_wheel_and_the_source_distribution(tmp_path, monkeypatch):
    report, done = tried(tmp_path, monkeypatch, None, ["sandbox", "all"])
    assert done == [
        ("3.11-wheel", ""),
        ("3.11-wheel", "sandbox"),
        ("3.11-wheel", "all"),
        ("3.11-sdist", ""),
        ("3.11-sdist", "sandbox"),
    ]
    assert report.failures == 0
    assert report.skipped[0].startswith("Python 3.12")


def test_what_was_not_asked_for_is_said_not_to_be_tried(tmp_path, monkeypatch):
    report, done = tried(tmp_path, monkeypatch, None, [])
    assert {extra for _, extra in done} == {""}
    assert {"The extra [sandbox].", "The extra [all]."} < set(report.skipped)


def test_a_python_that_was_asked_for_and_is_not_there_is_a_failure(tmp_path, monkeypatch):
    report, done = tried(tmp_path, monkeypatch, ["3.12"], [])
    assert (report.failures, done) == (1, [])


def test_after_a_failure_the_other_distribution_is_tried(tmp_path, monkeypatch):
    failing = [("3.11-wheel", "")]
    report, done = tried(tmp_path, monkeypatch, ["3.11"], ["sandbox"], failing)
    assert report.failures == 1
    assert done == [("3.11-wheel", ""), ("3.11-sdist", ""), ("3.11-sdist", "sandbox")]


def test_what_is_published_lies_alone(tmp_path):
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "frontdesk-0.0.9-py3-none-any.whl").touch()
    (dist / "notes.md").touch()
    sdist, wheel = tmp_path / "frontdesk-0.1.0.tar.gz", tmp_path / "frontdesk-0.1.0.whl"
    sdist.write_text("a")
    wheel.write_text("b")
    release.keep(Distributions(sdist, wheel), dist)
    assert {path.name for path in dist.iterdir()} == {sdist.name, wheel.name, "notes.md"}
