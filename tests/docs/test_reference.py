"""The reference has every public name, every field, and every method with what belongs to it."""

import ast
import re
from html.parser import HTMLParser
from importlib import import_module

import msgspec
import pytest
from tests.docs.pages import PAGES, code_of
from tools.reference.methods import page_of
from tools.reference.public import MODULES, anchor_of, public_names

from frontdesk import APIError, ConfigurationClient, InvalidArgument, RequestTimeout
from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS
from frontdesk.pushes import Push

METHODS = [*ACTIONS.values(), *CONFIGURATION_ACTIONS.values(), *CUSTOMER_ACTIONS.values()]
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
STYLES = {"a", "b", "code", "em", "i", "span", "strong"}


@pytest.fixture(scope="module")
def pages(built_site):
    folder = built_site / "reference"
    return {
        str(path.parent.relative_to(folder)): path.read_text()
        for path in folder.rglob("index.html")
    }


@pytest.fixture(scope="module")
def anchors(pages):
    return {anchor for text in pages.values() for anchor in re.findall(r'\bid="([^"]+)"', text)}


def names_of(module, name, value):
    """The anchors under which a name may stand."""
    names = {f"{module}.{name}", anchor_of(module, name)}
    if hasattr(value, "__qualname__"):
        names.add(f"{value.__module__}.{value.__qualname__}")
    return names


def test_every_public_name_is_in_the_reference(anchors):
    absent = [
        f"{module}.{name}"
        for module, name, value in public_names()
        if not names_of(module, name, value) & anchors
    ]
    assert absent == []


def test_every_fixture_is_in_the_reference(anchors):
    plugin = import_module("frontdesk.testing.plugin")
    fixtures = [name for name in vars(plugin) if name.startswith("frontdesk_")]
    assert len(fixtures) == 20
    for fixture in (*fixtures, "refuse_network"):
        assert f"frontdesk.testing.plugin.{fixture}" in anchors


def test_every_field_is_in_the_reference(anchors):
    absent = []
    for module, name, value in public_names():
        if not (isinstance(value, type) and issubclass(value, msgspec.Struct)):
            continue
        if value.__module__.startswith("frontdesk.actions") and name == "UploadFile":
            continue  # its file is streamed, and is an argument of the method
        hidden = set()
        if issubclass(value, Push) and value is not Push:
            hidden = {"version", "request_id", "recovered"}  # described at Push
        absent += [
            f"{anchor}.{field}"
            for anchor in [anchor_of(module, name)]
            for field in value.__struct_fields__
            if field not in hidden
            and not {f"{each}.{field}" for each in names_of(module, name, value)} & anchors
        ]
    assert absent == []


def test_the_attributes_of_errors_are_in_the_reference(anchors):
    for error in (APIError("no"), InvalidArgument("limit", "is wrong"), RequestTimeout("late")):
        name = "TransportError" if isinstance(error, RequestTimeout) else type(error).__name__
        for attribute in vars(error):
            assert f"frontdesk.{name}.{attribute}" in anchors


@pytest.mark.parametrize(
    "action", METHODS, ids=lambda action: f"{action.spec.api}-{action.__name__}"
)
def test_a_method_has_all_that_belongs_to_it(action, pages):
    method = action.spec.name
    page = pages[f"methods/{page_of(action)}"]
    section = page.partition(f'<h2 id="{method}">')[2].partition("<h2 ")[0]
    text = re.sub(r"<[^>]+>", "", section)
    for part in ("Versions", "Cost", "Source", "Parameters", "Returns", "Raises"):
        assert part in text
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    facts = [re.sub(r"<[^>]+>", "", row) for row in rows]
    if action.spec.api == "customer":
        token = "of the customer" if action.spec.needs_token else "none is needed"
        assert f"\nToken\n{token}\n" in facts
    else:
        assert any(fact.startswith("\nScopes\n") for fact in facts)
    assert "How close the sandbox is to it" in text
    assert "A sample that runs" in text
    assert re.search(rf"\b{action.spec.api.title()}(Client|RTM)\b", text.partition("A sample")[2])
    if method != "upload_file":
        for field in action.__struct_fields__:
            assert f"<code>{field}</code>" in section


@pytest.mark.parametrize(
    "action",
    [action for action in METHODS if action.spec.extra_scopes],
    ids=lambda action: action.__name__,
)
def test_the_scopes_for_some_cases_are_shown(action, pages):
    spec = action.spec
    row = "<td>Scopes</td>\n<td>(.*?)</td>"
    _, _, section = pages[f"methods/{page_of(action)}"].partition(f'<h2 id="{spec.name}">')
    on_page = re.sub(r"<[^>]+>", "", re.search(row, section)[1])
    docstring = " ".join(getattr(ConfigurationClient, spec.name).__doc__.split())
    for extra in spec.extra_scopes:
        assert f"{' and '.join(extra.names)} for {extra.when}" in docstring
        assert f"{' and '.join(extra.names)} for {extra.when.replace('`', '')}" in on_page
    table = re.sub(r"<[^>]+>", "", pages["methods"])
    assert spec.all_scopes.replace("`", "") in table


def test_every_public_module_is_one_that_documented_code_imports():
    imported = set()
    for page in PAGES:
        for code in code_of(page):
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module)
    own = {module for module in imported if module.partition(".")[0] == "frontdesk"}
    assert own - set(MODULES) == set()


class _Unclosed(HTMLParser):
    """Notes inline elements that something around them ends: what follows takes their style."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.unclosed = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while tag in self.open and (last := self.open.pop()) != tag:
            if last in STYLES:
                self.unclosed.append((last, self.getpos()))


def test_the_parser_notices_a_tag_that_is_not_closed():
    parser = _Unclosed()
    parser.feed("<table><td>marks with <em>.</td><td><code>x</code></td></table>")
    assert [tag for tag, _ in parser.unclosed] == ["em"]


def test_no_page_turns_italic_or_bold(built_site):
    for path in built_site.rglob("index.html"):
        parser = _Unclosed()
        parser.feed(path.read_text())
        assert parser.unclosed == [], path.relative_to(built_site)
