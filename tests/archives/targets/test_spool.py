"""Pages that lie in the spool: torn ones are never read, and nothing after them is."""

import json
from pathlib import Path

import pytest

from ._pages import done, pages_of, position, thread
from ._targets import PARQUET
from .conftest import Exports
from .test_contract import rows_of_pages

PAGES = pages_of([thread(number, 1 + number // 6) for number in range(18)], position())


@pytest.fixture
def exports(tmp_path):
    return Exports(PARQUET, str(tmp_path / "chats"))


@pytest.fixture
def spool(exports):
    """The files of four pages that wait for their day to be complete."""
    exports.start(PAGES[:4]).close()
    return sorted((Path(exports.address) / "_frontdesk" / "spool").iterdir())


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def empty(path):
    path.write_bytes(b"")


def zeros(path):
    """As some file systems leave a file that was renamed before the power went."""
    path.write_bytes(bytes(path.stat().st_size))


def one_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def missing(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, empty, zeros, one_byte, missing])
@pytest.mark.parametrize("number", [0, 2, 3])
def test_a_run_goes_on_before_the_first_page_that_is_torn(exports, spool, damage, number):
    damage(spool[number])
    expected = PAGES[number - 1].position if number else position()
    assert exports.state().position == expected
    exports.resume(PAGES[number:], PAGES[-1].position)
    assert exports.rows() == rows_of_pages(PAGES)


def test_what_is_no_page_is_removed(exports, spool):
    (spool[0].parent / "00000009.page").write_bytes(b"not a page")
    (spool[0].parent / ".00000005.page.tmp").write_bytes(b"half of a page")
    assert exports.state().position == PAGES[3].position
    assert sorted(spool[0].parent.iterdir()) == spool


def test_pages_of_an_earlier_run_are_not_read(exports, spool):
    pages = {path.name: path.read_bytes() for path in spool}
    exports.start(PAGES[:1]).close()
    for name, data in list(pages.items())[1:]:
        (spool[0].parent / name).write_bytes(data)
    assert exports.state().position == PAGES[0].position
    exports.resume(PAGES[1:], PAGES[-1].position)
    assert exports.rows() == rows_of_pages(PAGES)


def test_a_run_begins_again_where_pages_of_stored_days_are_gone(exports, monkeypatch):
    """Nothing else would be sure to have every row."""
    monkeypatch.setattr("frontdesk.archives.targets.days.DayTarget.pages_per_commit", 1)
    pages = pages_of([thread(number, 1 + number // 5) for number in range(18)], position(), size=4)
    exports.start(pages[:3]).close()
    state = json.loads((Path(exports.address) / "_frontdesk" / "state.json").read_text())
    assert state["first"] <= state["page"], "the last page has rows of a day that is not complete"
    for path in (Path(exports.address) / "_frontdesk" / "spool").iterdir():
        path.unlink()
    found = exports.state().position
    assert (found.window, found.last_created_at, found.threads) == (position().since, None, 0)
    exports.resume(pages, pages[-1].position)
    assert exports.rows() == rows_of_pages(pages)


def test_an_empty_spool_remains_of_a_run_that_is_done(exports, spool):
    exports.resume(PAGES[4:], PAGES[-1].position)
    assert list(spool[0].parent.iterdir()) == []
    assert exports.state().position == done(PAGES[-1].position)
