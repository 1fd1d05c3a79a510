"""Tables of any command in a terminal of any width."""

import pytest
from rich.cells import cell_len

from frontdesk.cli.output.tables import print_table
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ._running import Run

LISTS = (
    "agents list",
    "archives list",
    "bot list",
    "chats list",
    "customers list",
    "groups list",
    "properties groups",
    "properties license",
    "properties list",
    "tags list",
    "webhooks list",
    "webhooks names",
)


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("words", LISTS)
def test_no_line_is_too_long_and_what_has_no_room_is_named(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch, words: str, width: int
) -> None:
    served.configuration_client().register_webhook(
        action="incoming_event",
        url="http://127.0.0.1:9/" + "x" * 40,
        secret_key="secret",
        owner_client_id=CLIENT_ID,
        type="license",
    )
    monkeypatch.setenv("COLUMNS", "1000")
    _, whole, errors = run(*words.split())
    assert "too narrow" not in errors
    assert "…" not in whole
    monkeypatch.setenv("COLUMNS", str(width))
    code, text, errors = run(*words.split())
    assert code == 0
    assert max(map(cell_len, text.splitlines())) <= width
    is_marked = text.splitlines()[0].endswith("  …")
    assert is_marked == ("too narrow for" in errors)
    for row, shown in zip(whole.splitlines(), text.splitlines(), strict=True):
        assert is_marked or "…" in shown or shown.split() == row.split()


def test_columns_without_room_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "29")
    print_table(("id", "name", "first", "second"), [("PJ0MRSHTDG", "Zoe", "x" * 9, "y" * 9)])
    captured = capsys.readouterr()
    assert captured.out == "id          name  …\nPJ0MRSHTDG  Zoe\n"
    assert "too narrow for first and second;" in captured.err
