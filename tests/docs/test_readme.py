"""The README: its test passes, its commands work, and a package index shows it whole."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCE = PROJECT["urls"]["Source"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)]+)\)")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_its_test_passes(pytester):
    (test,) = [block for block in blocks("python") if "def test_" in block]
    pytester.makepyfile(test_desk=test)
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio")
    result.assert_outcomes(passed=1)
    code = [line for line in test.splitlines() if line]
    assert len(code) <= 10


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def running(command, environment):
    """Run a command that prints ``ready`` when it is."""
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert any(line.startswith("ready ") for line in process.stdout)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_its_commands_are_a_conversation():
    (script,) = [block for block in blocks("console") if "echo_bot" in block]
    lines = [line.removeprefix("$ ") for line in script.splitlines()]
    sandbox, bot, *calls = [line for line in lines if not line.startswith("kill ")]
    assert len(calls) == 3
    port = str(free_port())
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FRONTDESK_BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(free_port()),
    }
    environment.pop("FRONTDESK_TOKEN", None)
    sandbox = sandbox.removesuffix(" &").replace("8080", port)
    bot = bot.removesuffix(" &").replace("frontdesk/examples", "examples")

    def call(command):
        command = command.replace("8080", port).replace("curl", "curl -sf", 1)
        return subprocess.check_output(command, shell=True, text=True, env=environment)

    with running(sandbox, environment), running(bot, environment):
        *before, last = calls
        for command in before:
            call(command)
        for _ in range(1000):
            texts = [event.get("text") for event in json.loads(call(last))["events"]]
            if "Echo: Hello?" in texts:
                break
        assert [text for text in texts if "Hello" in text] == ["Hello?", "Echo: Hello?"]


def on_an_index():
    """The README as the package has it."""
    hatchling = Path(sys.executable).with_name("hatchling")
    return subprocess.check_output([hatchling, "metadata", "readme"], cwd=ROOT, text=True)


def test_on_a_package_index_its_links_lead_to_the_repository():
    here, there = LINK.findall(README), LINK.findall(on_an_index())
    assert len(here) == len(there) >= 15
    for link, whole in zip(here, there, strict=True):
        if link.startswith("https://"):
            assert whole == link
        else:
            assert (ROOT / link).exists(), link
            kind = "raw" if link.endswith(".svg") else "blob"
            assert whole == f"{SOURCE}/{kind}/v{PROJECT['version']}/{link}"


def test_the_addresses_of_the_project_are_one():
    assert SOURCE.startswith("https://")
    assert set(PROJECT["urls"]) == {"Documentation", "Changelog", "Issues", "Source"}
    for address in PROJECT["urls"].values():
        assert address.startswith(SOURCE)
        path = address.removeprefix(SOURCE).partition("/main/")[2]
        assert (ROOT / path).exists()


def test_its_figures_are_those_of_the_benchmarks():
    page = (ROOT / "benchmarks" / "README.md").read_text()
    ratios = re.findall(r"\| (\d\.\d+x \([\d.-]+\)) \|", README)
    assert len(ratios) == 3
    for ratio in ratios:
        assert ratio in page
    for name in re.findall(r"python -m benchmarks (\w+)", README):
        assert (ROOT / "benchmarks" / f"{name}.py").exists()


def test_the_extras_it_names_are_there():
    named = set(re.findall(r"\[([a-z]+)\][`']", README))
    assert named == {"archives", "cli", "report", "sandbox"}
    assert named <= set(PROJECT["optional-dependencies"])


def test_the_picture_loads_nothing():
    picture = (ROOT / "docs" / "assets" / "demo.svg").read_text()
    assert re.findall(r"[a-z]+://[^\"]*", picture) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in picture
