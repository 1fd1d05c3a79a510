"""Tokens that must never be seen, and the search for them in whatever a test run shows.

Tests use ``TOKEN`` and ``PASSWORD`` where no other value matters. The plugin looks for
them in all captured output, in every log record, in the libraries' debug logs, and in every
``FrontdeskError`` with its whole chain as the error is forgotten. The last test of a run fails if
one was found (``tests/test_canary.py``), and so does a run without that test.
"""

import base64
import gc
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from frontdesk import errors

__all__ = ["CANARY", "PASSWORD", "TOKEN", "Canary"]

CANARY = "C4naryThatN0bodyMaySee"
TOKEN = f"dal:{CANARY}Token"
PASSWORD = f"{CANARY}Password"

LIBRARIES = (
    "aiohttp.client",
    "asyncio",
    "urllib3.connection",
    "urllib3.connectionpool",
    "websockets.client",
)
"""Loggers that print what they send at DEBUG, and are silent otherwise. Those of servers are the
tests' own, which may print what they receive."""
LAST = "test_no_canary_was_seen"


class Canary:
    """The pytest plugin."""

    def __init__(self, value: str = CANARY) -> None:
        self.seen: list[str] = []
        """Where the canary was found, without what was found."""
        self.searched = 0
        """Texts that were looked at."""
        self._test = "before the first test"
        self._pattern = re.compile("|".join(_spellings(value)), re.IGNORECASE)
        self._value = value
        self._reported = False

    def search(self, text: str, where: str) -> None:
        """Look for the canary in a text; it is the place that is kept."""
        self.searched += 1
        if self._pattern.search(text):
            shown = self._pattern.sub("<canary>", text)
            place = shown.find("<canary>")
            excerpt = shown[max(0, place - 80) : place + 40]
            self.seen.append(f"{where} of {self._test}: {excerpt!r}")

    def search_error(self, error: BaseException) -> None:
        """Look for the canary in everything that an error and its chain show."""
        seen: set[int] = set()
        rest: list[BaseException | None] = [error]
        while rest:
            link = rest.pop()
            if link is None or id(link) in seen:
                continue
            seen.add(id(link))
            self.search(_shown(link), f"a {type(link).__name__}")
            rest += [link.__cause__, link.__context__]

    # What it listens to

    def install(self) -> None:
        """Listen to logs and errors; until ``uninstall``."""
        canary = self
        self._factory = logging.getLogRecordFactory()

        def record_of(*args: Any, **options: Any) -> logging.LogRecord:
            record = canary._factory(*args, **options)
            canary.search_record(record)
            return record

        logging.setLogRecordFactory(record_of)
        self._levels = [
            (logging.getLogger(name), logging.getLogger(name).level) for name in LIBRARIES
        ]
        for logger, _ in self._levels:
            logger.setLevel(logging.DEBUG)
            logger.addFilter(_worth_a_warning)

        def forget(error: errors.FrontdeskError) -> None:
            canary.search_error(error)

        errors.FrontdeskError.__del__ = forget  # type: ignore[attr-defined]

    def uninstall(self) -> None:
        """Listen no more."""
        logging.setLogRecordFactory(self._factory)
        for logger, level in self._levels:
            logger.setLevel(level)
            logger.removeFilter(_worth_a_warning)
        del errors.FrontdeskError.__del__  # type: ignore[attr-defined]

    def search_record(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = repr((record.msg, record.args))
        self.search(text, f"the log {record.name}")
        if record.exc_info and record.exc_info[1] is not None:
            self.search_error(record.exc_info[1])

    # pytest's hooks

    def pytest_configure(self) -> None:
        self.install()

    def pytest_unconfigure(self) -> None:
        self.uninstall()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let the last test be the last, whatever order the others have."""
        items.sort(key=lambda item: item.name == LAST)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for title, content in report.sections:
            self.search(content, title)

    def finish(self) -> list[str]:
        """Look at the errors that are still held, and return where the canary was seen."""
        self.search_held_errors()
        self._reported = True
        return self.seen

    def search_held_errors(self) -> None:
        """Look for the canary in all errors that exist and are not frozen."""
        for thing in gc.get_objects():
            # A weak reference that has died cannot be asked for its class.
            if issubclass(type(thing), errors.FrontdeskError):
                self.search_error(thing)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._reported and self.finish():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.seen:
            terminalreporter.section("a token or password was shown")
            for place in self.seen[:20]:
                terminalreporter.line(place)


def _shown(error: BaseException) -> str:
    """Return all that an error shows; one that was never finished shows less."""
    texts: list[str] = []
    for show in (str, repr, lambda each: repr(each.args), lambda each: repr(vars(each))):
        with suppress(Exception):
            texts.append(show(error))
    return " ".join(texts)


def _worth_a_warning(record: logging.LogRecord) -> bool:
    """Keep from other tests what the libraries would not have said; it has been searched."""
    return record.levelno >= logging.WARNING


def _spellings(value: str) -> Iterator[str]:
    """Yield patterns of the value: plain, spelt with escapes, and wherever in Base64.

    The search knows nothing of how frontdesk redacts, or both would miss the same.
    """
    escaped = (r"(?:%{0}|\\{{1,8}}[ux](?:00)?{0}|&#x?(?:{0}|{1});)", r"{2}")
    yield "".join(
        "(?:" + "|".join(part.format(f"{ord(sign):02x}", ord(sign), sign) for part in escaped) + ")"
        for sign in value
    )
    for before in range(3):
        text = base64.b64encode(b"\0" * before + value.encode()).decode()
        yield re.escape(text[-(-before * 8 // 6) : (before + len(value)) * 8 // 6])
