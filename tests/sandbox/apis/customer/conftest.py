import pytest

from ..._desk import JONES
from ._window import Window


@pytest.fixture
def ann(desk):
    """Ann, who is on the website; Jones accepts chats."""
    desk.only(JONES)
    return Window(desk, "Ann", email="ann@example.com")


@pytest.fixture
def bob(desk, ann):
    """Another customer."""
    return Window(desk, "Bob", email="bob@example.com")
