"""Programs before and after their conversion, in many styles: the files in ``pairs``."""

from functools import cache
from pathlib import Path

import pytest

from frontdesk.migrate import MARK, migrate_source

PAIRS = sorted(Path(__file__).with_name("pairs").glob("*.txt"))
DIVIDER = "=== after\n"


def pair(path):
    before, divider, after = path.read_text().partition(DIVIDER)
    assert divider, path
    return before, after


@cache
def migration_of(path):
    """Convert a program once for the tests that look at what came of it."""
    return migrate_source(pair(path)[0].encode())


each = pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)


@each
def test_a_program_is_converted(path):
    assert migration_of(path).source.decode() == pair(path)[1]


@each
def test_a_second_conversion_changes_nothing(path):
    _, after = pair(path)
    assert migrate_source(after.encode()).source.decode() == after


@each
def test_what_comes_out_is_python(path):
    compile(pair(path)[1], path.name, "exec")


@each
def test_each_mark_is_reported_with_its_reason(path):
    before, after = pair(path)
    comments = [line.strip() for line in after.splitlines() if MARK in line]
    marks = migration_of(path).marks
    assert sorted(comments) == sorted(MARK + mark.reason for mark in marks)
    assert all(1 <= mark.line <= len(before.splitlines()) for mark in marks)


@each
def test_line_ends_stay_what_they_are(path):
    before, after = pair(path)
    windows = migrate_source(before.replace("\n", "\r\n").encode()).source
    assert windows.decode() == after.replace("\n", "\r\n")


def test_nothing_of_the_old_library_is_called_unless_it_says_so():
    for path in PAIRS:
        _, after = pair(path)
        lines = after.splitlines()
        for number, line in enumerate(lines):
            if "get_client(" in line or "raise_for_status" in line:
                assert path.stem in {"stays", "odd_places"}, (
                    path.stem,
                    number,
                )
