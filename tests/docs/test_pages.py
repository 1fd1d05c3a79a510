"""Every Python block of the documentation runs, against a sandbox of its own page."""

import os
import sys

import pytest
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser
from tests import forked
from tests.docs.pages import PAGES, ROOT, files_of, without_files
from tools.reference.site import rendered_pages

from frontdesk.sandbox import Sandbox

PRINTED_URL = "http://127.0.0.1:8080"
PLUGIN = "frontdesk.testing.plugin"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "```python\n" in without_files(page.read_text())],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_code_blocks_run(page, monkeypatch, tmp_path):
    with Sandbox.serve("demo") as sandbox:
        run(page, sandbox, monkeypatch, tmp_path)


def test_an_organization_is_set_up_from_nothing_and_again(monkeypatch, tmp_path):
    page = ROOT / "docs" / "guide" / "organization.md"
    with Sandbox.serve("empty") as sandbox:
        run(page, sandbox, monkeypatch, tmp_path)
        first = configured(sandbox)
        run(page, sandbox, monkeypatch, tmp_path)
        assert configured(sandbox) == first
        assert first["agents"] == ["ada@example.com", "bea@example.com", "smith@example.com"]


def configured(sandbox):
    with sandbox.configuration_client() as configuration:
        return {
            "agents": sorted(agent.id for agent in configuration.list_agents()),
            "groups": configuration.list_groups(fields=["agent_priorities"]),
            "bots": configuration.list_bots(fields=["groups"]),
            "tags": configuration.list_tags(),
            "rules": configuration.list_auto_accesses(),
        }


def run(page, sandbox, monkeypatch, folder):
    monkeypatch.setenv("DLT_DATA_DIR", str(folder / "dlt"))  # else it is one in the user's home
    monkeypatch.setenv("FRONTDESK_BASE_URL", sandbox.url)
    monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer dal:sandbox-owner")
    monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", sandbox.organization_id)
    text = without_files(page.read_text()).replace(PRINTED_URL, sandbox.url)
    document = Document(text, str(page))
    for region in PythonCodeBlockParser()(document):
        document.add(region)
    for example in document.examples():
        example.evaluate()


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if files_of(page)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_tests_that_a_page_shows_pass(page, tmp_path):
    files = files_of(page)
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    settings = {name: value for name, value in os.environ.items() if "FRONTDESK" not in name}
    done = forked.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN],
        cwd=tmp_path,
        env={
            **settings,
            "FRONTDESK_TOKEN": "dal:nobody",
            # Loading whatever else is installed would take most of the time.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    count = sum(code.count("def test_") for code in files.values())
    assert f"{count} passed" in done.stdout


def test_links_between_pages_lead_somewhere():
    # What exists once the documentation is built.
    built = {
        ROOT / "docs" / "reference" / name
        for name in (
            "openapi.json",
            "accounts-openapi.json",
            "asyncapi.json",
            "customer-openapi.json",
            "customer-asyncapi.json",
            *rendered_pages(),
        )
    } | {ROOT / "docs" / "releases" / "changelog.md"}
    for page in PAGES:
        for part in without_files(page.read_text()).split("](")[1:]:
            target = part.partition(")")[0].partition("#")[0]
            if target and "://" not in target:
                path = (page.parent / target).resolve()
                assert path.exists() or path in built, f"{page}: {target}"
