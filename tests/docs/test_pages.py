"""Every block of code in the documentation runs, against a sandbox of its own page."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser

from frontdesk.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PRINTED_URL = "http://127.0.0.1:8080"
TITLED = re.compile(r'^```python title="(?P<name>test_\w+\.py)"\n(?P<code>.*?)^```$', re.M | re.S)
SHELL = re.compile(r"^```sh\n(?P<code>.*?)^```$", re.M | re.S)


def pages_with(pattern):
    return [
        pytest.param(page, id=str(page.relative_to(ROOT)))
        for page in PAGES
        if re.search(pattern, page.read_text(), re.M)
    ]


@pytest.mark.parametrize("page", pages_with(r"^```python$"))
def test_code_blocks_run(page, monkeypatch):
    with Sandbox.serve("demo") as sandbox:
        monkeypatch.setenv("FRONTDESK_BASE_URL", sandbox.url)
        monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer dal:sandbox-owner")
        monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", sandbox.organization_id)
        text = TITLED.sub("", page.read_text()).replace(PRINTED_URL, sandbox.url)
        document = Document(text, str(page))
        for region in PythonCodeBlockParser()(document):
            document.add(region)
        for example in document.examples():
            example.evaluate()


@pytest.mark.parametrize("page", pages_with(r"^```python title"))
def test_test_files_pass(page, tmp_path):
    names = []
    for block in TITLED.finditer(page.read_text()):
        names.append(block["name"])
        (tmp_path / block["name"]).write_text(block["code"])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("page", pages_with(r"^```sh$"))
def test_shell_blocks_run(page, tmp_path):
    (tmp_path / "test_something.py").write_text("def test_it(sandbox):\n    assert sandbox.url\n")
    binaries = Path(sys.executable).parent
    for block in SHELL.finditer(page.read_text()):
        port = str(free_port())
        # The package is installed already, and a test does not reach for the network.
        code = block["code"].replace("8080", port).replace("pip install", "pip --version #")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"set -m\n{code}"],
            cwd=tmp_path,
            env={"PATH": f"{binaries}:/usr/bin:/bin", "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for part in page.read_text().split("](")[1:]:
            target = part.partition(")")[0].partition("#")[0]
            if target and "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"
