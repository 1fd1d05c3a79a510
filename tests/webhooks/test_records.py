"""The format of the journal's files, and what is read of damaged ones."""

import random

import pytest

from frontdesk.webhooks.records import accepted_record, done_records, scan

CONTENTS = [b'{"text":"first"}', b"", b"\xff" * 9, b'{"text":"fourth, and longer"}', b"5"]
PIECES = [accepted_record(n, 100.0 + n, content) for n, content in enumerate(CONTENTS)]
WHOLE = b"".join(PIECES)


def numbers(data: bytes) -> list[int]:
    return [record.number for record in scan(data).records]


def test_what_was_written_is_read() -> None:
    result = scan(WHOLE + done_records([3, 1]))
    assert [(r.number, r.accepted_at, r.content) for r in result.records] == [
        (n, 100.0 + n, content) for n, content in enumerate(CONTENTS)
    ]
    assert [r.number for r in result.records if r.done] == [1, 3]
    assert (result.damaged, result.torn) == (0, False)


def test_an_empty_file_is_whole() -> None:
    assert scan(b"") == ([], 0, False)


def test_a_damaged_byte_costs_its_record_alone() -> None:
    owners = [n for n, piece in enumerate(PIECES) for _ in piece]
    for at, owner in enumerate(owners):
        data = bytearray(WHOLE)
        data[at] ^= 0x41
        result = scan(bytes(data))
        assert numbers(bytes(data)) == [n for n in range(len(PIECES)) if n != owner], at
        assert all(record.content == CONTENTS[record.number] for record in result.records), at
        assert (result.damaged, result.torn) == (1, False), at


def test_a_file_that_ends_in_a_record_lacks_that_record() -> None:
    ends = [sum(map(len, PIECES[: n + 1])) for n in range(len(PIECES))]
    for length in range(len(WHOLE)):
        result = scan(WHOLE[:length])
        whole = sum(end <= length for end in ends)
        assert [record.number for record in result.records] == list(range(whole)), length
        assert (result.damaged, result.torn) == (0, length not in (0, *ends)), length


def test_each_damaged_place_is_counted() -> None:
    broken = bytearray(WHOLE)
    broken[5] ^= 1
    broken[len(PIECES[0]) + len(PIECES[1]) + 5] ^= 1
    result = scan(bytes(broken))
    assert [record.number for record in result.records] == [1, 3, 4]
    assert result.damaged == 2


@pytest.mark.parametrize("junk", [b"\0" * 100, b"x", b"\xffFJ1", b"\xffFJ1" * 20, b"\xff\xff"])
def test_junk_between_records_costs_nothing(junk: bytes) -> None:
    result = scan(PIECES[0] + junk + PIECES[1] + PIECES[2])
    assert [record.number for record in result.records] == [0, 1, 2]
    assert result.damaged == 1


def test_a_partial_record_that_could_not_be_cut_off_costs_nothing_behind_it() -> None:
    result = scan(PIECES[0] + PIECES[3][:-9] + PIECES[1] + PIECES[4])
    assert [record.number for record in result.records] == [0, 1, 4]
    assert result.damaged == 1


def test_junk_at_the_end_is_damage_and_no_unfinished_record() -> None:
    for junk in (b"\0\0\0\0", b"x" * 40):
        result = scan(WHOLE + junk)
        assert len(result.records) == len(PIECES)
        assert (result.damaged, result.torn) == (1, False)


def test_a_long_file_with_many_damaged_places() -> None:
    chance = random.Random(7)
    pieces = [accepted_record(n, 1.0, chance.randbytes(200)) for n in range(500)]
    broken = set(chance.sample(range(500), 50))
    data = b"".join(
        piece[:100] + bytes([piece[100] ^ 255]) + piece[101:] if n in broken else piece
        for n, piece in enumerate(pieces)
    )
    assert numbers(data) == [n for n in range(500) if n not in broken]


def test_what_is_done_without_having_been_read_is_ignored() -> None:
    result = scan(done_records([7]) + PIECES[0])
    assert [(record.number, record.done) for record in result.records] == [(0, False)]
