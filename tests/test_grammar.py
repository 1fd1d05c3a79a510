"""Numbers and lists as parts of a sentence."""

import pytest

from frontdesk.grammar import counted, listed


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "request", "0 requests"),
        (1, "request", "1 request"),
        (2, "request", "2 requests"),
        (12_345, "request", "12,345 requests"),
        (1, "push", "1 push"),
        (3, "push", "3 pushes"),
        (2, "address", "2 addresses"),
        (2, "property", "2 properties"),
        (2, "day", "2 days"),
    ],
)
def test_a_number_has_its_noun(number, noun, text):
    assert counted(number, noun) == text


def test_a_list_ends_with_and():
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
