"""What the documentation's build adds: what follows from the declarations, rendered as it runs."""

import re
import sys
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
# mkdocs loads this file by its path, and knows nothing of the packages beside it.
sys.path[:0] = [path for path in (str(ROOT),) if path not in sys.path]

from tools.reference.site import rendered_pages, with_structures  # noqa: E402

from frontdesk.sandbox.describe.accounts_openapi import accounts_openapi_text  # noqa: E402
from frontdesk.sandbox.describe.asyncapi import asyncapi_text  # noqa: E402
from frontdesk.sandbox.describe.openapi import openapi_text  # noqa: E402

REPOSITORY = "https://github.com/frontdesk-sdk/frontdesk/blob/main/"
_INCLUDE = re.compile(r"^<!-- include: (\S+) (\S+) -->$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!\w+:|#)([^)]+)\)")


def on_config(config: Any) -> Any:
    """Label the cells of tables, for screens on which a row becomes a card."""
    config.markdown_extensions.append(CellLabels())
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the reference that the declarations make, and the OpenAPI and AsyncAPI documents."""
    files.append(File.generated(config, "reference/openapi.json", content=openapi_text()))
    files.append(File.generated(config, "reference/asyncapi.json", content=asyncapi_text()))
    customer_openapi, customer_asyncapi = openapi_text("customer"), asyncapi_text("customer")
    files.append(
        File.generated(config, "reference/customer-openapi.json", content=customer_openapi)
    )
    files.append(
        File.generated(config, "reference/customer-asyncapi.json", content=customer_asyncapi)
    )
    accounts = accounts_openapi_text()
    files.append(File.generated(config, "reference/accounts-openapi.json", content=accounts))
    files.append(File.generated(config, "releases/changelog.md", content=changelog()))
    for path, text in rendered_pages().items():
        files.append(File.generated(config, f"reference/{path}", content=text))
    return files


def changelog() -> str:
    """Return the changelog as a page, whose links to pages begin at its folder."""
    return (ROOT / "CHANGELOG.md").read_text().replace("](docs/", "](../")


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put structures and parts of other files where a page asks for them."""
    if page.file.src_uri.startswith("design/"):
        # For those who work on frontdesk; whoever searches looks for how to use it.
        page.meta["search"] = {"boost": 0.3}
    return _INCLUDE.sub(lambda mark: included(mark[1], mark[2]), with_structures(markdown))


def included(path: str, name: str) -> str:
    """Return the part of a file between ``<!-- name -->`` and ``<!-- /name -->``.

    Its links lead to the repository, since they begin at another folder than the page's.
    """
    text = (ROOT / path).read_text()
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if start not in text or end not in text:
        raise ValueError(f"{path} has no part between {start} and {end}")
    part = text.partition(start)[2].partition(end)[0].strip()
    return _LINK.sub(lambda link: f"]({REPOSITORY}{link[1]})", part)


class CellLabels(Extension):
    """Gives each cell of a table the heading of its column, for style sheets."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        """Run after the texts of the cells have been read."""
        md.treeprocessors.register(_Labels(md), "cell_labels", 5)


class _Labels(Treeprocessor):
    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            headings = ["".join(cell.itertext()).strip() for cell in table.iter("th")]
            for row in table.iter("tr"):
                for heading, cell in zip(headings, row.findall("td"), strict=False):
                    if heading:
                        cell.set("data-label", heading)
