"""Every Python block of the documentation runs, against a sandbox of its own page."""

from pathlib import Path

import pytest
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser

from frontdesk.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PRINTED_URL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "```python\n" in page.read_text()],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_code_blocks_run(page, monkeypatch):
    with Sandbox.serve("demo") as sandbox:
        monkeypatch.setenv("FRONTDESK_BASE_URL", sandbox.url)
        monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer dal:sandbox-owner")
        monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", sandbox.organization_id)
        text = page.read_text().replace(PRINTED_URL, sandbox.url)
        document = Document(text, str(page))
        for region in PythonCodeBlockParser()(document):
            document.add(region)
        for example in document.examples():
            example.evaluate()


BUILT = {ROOT / "docs" / "reference" / name for name in ("openapi.json", "asyncapi.json")}
"""What exists once the documentation is built."""


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for part in page.read_text().split("](")[1:]:
            target = part.partition(")")[0].partition("#")[0]
            if target and "://" not in target:
                path = (page.parent / target).resolve()
                assert path.exists() or path in BUILT, f"{page}: {target}"
