import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.archives.beside.file_names import LONGEST, safe_file_name

RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{x}{n}" for x in ("COM", "LPT") for n in range(10))}


def test_a_plain_name_stays_behind_the_event():
    assert safe_file_name("Q20163U4PM_5", "Zażółć 1.pdf") == "Q20163U4PM_5-Zażółć 1.pdf"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("a\\b:c*?.png", "a_b_c__.png"),
        ("/abs.txt", "_abs.txt"),
        ("x\0y\n.png", "x_y_.png"),
        ("invoice\u202egnp.exe", "invoice_gnp.exe"),
        ("trailing. . ", "trailing"),
        ("e\u0301.png", "é.png"),
        ("CON", "CON"),
        ("~/.ssh/id", "~_.ssh_id"),
    ],
)
def test_odd_names_are_harmless(name, safe):
    assert safe_file_name("T1_2", name) == f"T1_2-{safe}"


def test_long_names_keep_their_suffix():
    name = safe_file_name("T1_2", "ż" * 500 + ".png")
    assert len(name.encode()) <= LONGEST
    assert name.startswith("T1_2-żż")
    assert name.endswith("ż.png")
    assert len(safe_file_name("T1_2", "a." + "b" * 300).encode()) <= LONGEST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/b", "a_b"),
        ("a.b", "a_b"),
        ("../x", ".._x"),
        ("Ab", "aB"),
        ("é", "_"),
        ("T" * 60, "T" * 61),
    ],
)
def test_events_that_would_become_the_same_are_told_apart(one, other):
    names = [safe_file_name(event_id, "a.png").casefold() for event_id in (one, other)]
    assert names[0] != names[1]
    assert not any("/" in name or name.startswith(".") for name in names)


@given(st.text(max_size=200), st.text(max_size=400), st.sampled_from(["", "https://x/y"]))
def test_whatever_comes_is_a_name_of_a_file_in_the_folder(event_id, name, url):
    safe = safe_file_name(event_id, name, url)
    assert 0 < len(safe.encode()) <= LONGEST
    assert not set(safe) & set('<>:"/\\|?*\0')
    assert not safe.startswith(".")
    assert not safe.endswith((".", " "))
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in safe)
    assert safe.partition(".")[0].upper() not in RESERVED
