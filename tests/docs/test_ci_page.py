"""The workflow of "Tests in CI" is one, and its steps work."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guide" / "ci.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_workflow_tests_every_version_of_python_that_is_supported():
    workflow = yaml.safe_load(blocks("yaml")[0])
    (job,) = workflow["jobs"].values()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [
        line.rpartition(" ")[2]
        for line in project["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", line)
    ]
    assert named
    assert set(named) <= set(job["strategy"]["matrix"]["python"])
    assert [step["run"] for step in job["steps"] if "run" in step][-1] == "python -m pytest"


def test_the_served_sandbox_is_ready_when_the_step_ends(tmp_path):
    step, _ = yaml.safe_load(blocks("yaml")[1])
    script = step["run"].replace("--port 8080", "--port 0") + "\ncat sandbox.log\nkill $!\nwait $!"
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
    assert re.search(r"^ready http://127\.0\.0\.1:\d+$", done.stdout, re.MULTILINE)


def test_the_settings_are_ones_that_the_plugin_has(pytester):
    pytester.makeini(blocks("ini")[0])
    pytester.makepyfile(
        """
        def test_nothing_goes_on(frontdesk_client):
            assert frontdesk_client.list_chats(filters={"active": True}).found_chats == 0
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio")
    result.assert_outcomes(passed=1)
