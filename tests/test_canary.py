"""No token and no password was seen in the whole run, and the search for them finds them."""

import base64
import json
import logging
import os
import subprocess
import sys
import textwrap
import urllib.parse
from pathlib import Path

import pytest

from frontdesk import errors

from . import forked
from .canary import CANARY, LIBRARIES, PASSWORD, TOKEN, Canary, _worth_a_warning

TESTS = Path(__file__).parent


@pytest.fixture
def canary() -> Canary:
    return Canary("An0therCanary")


SPELLINGS = {
    "plain": "x An0therCanary y",
    "another case": "AN0THERCANARY",
    "JSON": json.dumps("\\u0041n0ther\u0043anary"),
    "escaped": "".join(f"\\u{ord(sign):04x}" for sign in "An0therCanary"),
    "quoted": "".join(f"%{ord(sign):02X}" for sign in "An0therCanary"),
    "half quoted": "An0ther" + urllib.parse.quote("C", safe="").replace("C", "%43") + "anary",
    "HTML": "".join(f"&#{ord(sign)};" for sign in "An0therCanary"),
    **{
        f"Base64 at {before}": base64.b64encode(b"x" * before + b"An0therCanary!").decode()
        for before in range(3)
    },
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_search_finds_every_spelling(canary: Canary, spelling: str) -> None:
    canary.search(SPELLINGS[spelling], "here")
    assert len(canary.seen) == 1
    assert "An0therCanary" not in canary.seen[0]


def test_the_search_takes_nothing_else_for_it(canary: Canary) -> None:
    canary.search("An0ther Canary, An0therCanar", "here")
    assert canary.seen == []
    assert canary.searched == 1


def chained(how: str) -> BaseException:
    try:
        try:
            raise LookupError("An0therCanary")  # noqa: TRY301 - it needs a context
        except LookupError as inner:
            if how == "cause":
                raise errors.ClientClosed("closed") from inner
            if how == "suppressed":
                raise errors.ClientClosed("closed") from None
            raise errors.ClientClosed("closed")  # noqa: B904 - on purpose
    except errors.ClientClosed as outer:
        return outer


@pytest.mark.parametrize("how", ["cause", "context", "suppressed"])
def test_the_search_follows_the_chain_of_an_error(canary: Canary, how: str) -> None:
    canary.search_error(chained(how))
    assert canary.seen


def test_the_search_looks_at_attributes(canary: Canary) -> None:
    error = errors.ClientClosed("closed")
    error.extra = {"headers": "An0therCanary"}  # type: ignore[attr-defined]
    canary.search_error(error)
    assert canary.seen


def test_the_search_hears_of_logs_and_of_errors_that_are_forgotten(canary: Canary) -> None:
    own = errors.FrontdeskError.__del__  # type: ignore[attr-defined]
    canary.install()
    try:
        logging.getLogger("some.logger").error("it is %s", "An0therCanary")
        assert len(canary.seen) == 1
        logging.getLogger("websockets.client").debug("> An0therCanary")
        assert len(canary.seen) == 2
        error = errors.ClientClosed("closed")
        error.extra = "An0therCanary"  # type: ignore[attr-defined]
        del error
        assert len(canary.seen) > 2
    finally:
        canary.uninstall()
        for name in LIBRARIES:
            logging.getLogger(name).addFilter(_worth_a_warning)
        errors.FrontdeskError.__del__ = own  # type: ignore[attr-defined]


LEAKING = {
    "output": "def test_it(): print(canary.TOKEN)",
    "a debug log": "def test_it(): logging.getLogger('urllib3.connection').debug(canary.TOKEN)",
    "an error": """
        def test_it():
            with pytest.raises(errors.ClientClosed):
                try:
                    raise LookupError(canary.TOKEN)
                except LookupError:
                    raise errors.ClientClosed("closed")
    """,
    "an error that is kept": """
        kept = []

        def test_it():
            kept.append(errors.ClientClosed("closed"))
            kept[0].extra = canary.TOKEN
    """,
}
HARMLESS = "def test_it(): print('nothing'); logging.getLogger('x').warning('nothing')"


def run(tmp_path: Path, body: str) -> "subprocess.CompletedProcess[str]":
    code = "import logging, sys, pytest\nfrom frontdesk import errors\nfrom tests import canary\n\n"
    (tmp_path / "test_leak.py").write_text(code + textwrap.dedent(body), encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests.canary import Canary\n\n"
        "def pytest_configure(config):\n    config.pluginmanager.register(Canary(), 'canary')\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    # Loading whatever else is installed would take most of the time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return forked.run(
        [*command, "--rootdir", str(tmp_path)], env=environment,
        cwd=TESTS.parent, capture_output=True, text=True, timeout=100,
    )  # fmt: skip


@pytest.mark.parametrize("leak", LEAKING)
def test_a_run_that_shows_a_canary_fails(tmp_path: Path, leak: str) -> None:
    ended = run(tmp_path, LEAKING[leak])
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == 1
    assert "a token or password was shown" in ended.stdout


def test_a_run_that_shows_none_passes(tmp_path: Path) -> None:
    assert run(tmp_path, HARMLESS).returncode == 0


def test_the_canaries_are_what_is_searched_for() -> None:
    for value in (TOKEN, PASSWORD):
        assert CANARY in value


def test_no_canary_was_seen(request: pytest.FixtureRequest) -> None:
    """The last test: see ``Canary.pytest_collection_modifyitems``."""
    canary = request.config.pluginmanager.get_plugin("canary")
    assert isinstance(canary, Canary)
    assert canary.finish() == []
