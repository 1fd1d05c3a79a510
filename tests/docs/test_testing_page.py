"""The blocks of the pages about tests: the tests pass, the commands work."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guide"
PAGE = GUIDES / "test-your-integration.md"
CUSTOMERS_PAGE = GUIDES / "customers-in-tests.md"
PRINTED_URL = "http://127.0.0.1:8080"

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


def blocks(language, page=PAGE):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


@pytest.mark.parametrize(("page", "least"), [(PAGE, 6), (CUSTOMERS_PAGE, 2)])
def test_the_tests_of_a_page_pass(pytester, page, least):
    tests = [block for block in blocks("python", page) if "def test_" in block]
    pytester.makepyfile(**{f"test_block_{n}": block for n, block in enumerate(tests)})
    pytester.makeini(blocks("ini")[0])
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio")
    count = sum(block.count("def test_") for block in tests)
    assert count >= least
    result.assert_outcomes(passed=count)


@needs_curl
def test_the_curl_commands_work(served, tmp_path):
    lines = [line for block in blocks("console") for line in block.splitlines()]
    commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ curl")]
    assert len(commands) >= 10
    for command in commands:
        done = subprocess.run(
            command.replace(PRINTED_URL, served.url),
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        if done.stdout:
            assert "error" not in json.loads(done.stdout), (command, done.stdout)


@needs_curl
def test_the_script_for_continuous_integration_works(tmp_path):
    (script,) = blocks("bash")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu"],
        input=script,
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["found_chats"] >= 0


def test_the_tokens_of_the_page_are_the_sandbox_s(sandbox):
    for name, token in sandbox.tokens.items():
        shown = token if token.startswith("Bearer") else "Basic …"
        assert f"| `{name}` | `{shown}`" in PAGE.read_text()
