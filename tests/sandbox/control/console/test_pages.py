"""The files of the console: all there, and nothing in them that a browser would need to refuse."""

import re
from pathlib import Path

import pytest

from frontdesk.sandbox.control import console
from frontdesk.sandbox.control.dispatch import Control

FOLDER = Path(console.__file__).with_name("page")
NAMES = sorted(path.name for path in FOLDER.iterdir())


def get(sandbox, name=""):
    return Control(sandbox.backend).handle("GET", f"/__sandbox__/console{name}", "", b"")


def test_the_page_is_strict_about_what_it_loads(sandbox):
    page = get(sandbox)
    assert page.status == 200
    assert page.content_type == "text/html; charset=utf-8"
    headers = dict(page.headers)
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {
        "'self'"
    }
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_all_that_the_files_load_is_there(sandbox):
    page = get(sandbox).body.decode()
    named = set(re.findall(r'(?:href|src)="console/([^"]+)"', page))
    for name in NAMES:
        if name.endswith(".js"):
            named |= set(re.findall(r'from "\./([^"]+)"', (FOLDER / name).read_text()))
    assert named == set(NAMES) - {"index.html"}
    for name in named:
        assert get(sandbox, f"/{name}").status == 200, name


@pytest.mark.parametrize("name", NAMES)
def test_no_file_makes_html_of_texts_or_names_another_host(name):
    text = (FOLDER / name).read_text()
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
        "window.open",
        " style=",
        "onclick=",
    ):
        assert forbidden not in text
    hosts = set(re.findall(r"https?://([\w.:-]+)", text))
    # A namespace, what a customer's page is called, and an example to copy; none is opened.
    assert hosts <= {"www.w3.org", "www.example.com", "127.0.0.1:5000"}


@pytest.mark.parametrize(
    "name", ["/nothing.js", "/..%2Fpages.py", "/%2Fetc%2Fpasswd", "/index.html/x"]
)
def test_there_are_no_other_files(sandbox, name):
    assert get(sandbox, name).status == 404


def test_other_methods_are_refused(sandbox):
    assert Control(sandbox.backend).handle("POST", "/__sandbox__/console", "", b"").status == 400
