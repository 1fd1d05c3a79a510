"""Files that do not import lc-sdk-python come out byte for byte as they went in."""

import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.migrate import migrate_source
from frontdesk.migrate.files import convert_file

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted((ROOT / "src" / "frontdesk" / "clients").rglob("*.py"))
OTHERS = [Path(sysconfig.get_path("stdlib")) / name for name in ("argparse.py", "typing.py")]

LINES = st.sampled_from(
    [
        "import os",
        "from os import path as livechat",
        "livechat = {}",
        "x = livechat['agent']['AgentWeb']",
        "# import livechat",
        "'''from livechat.agent import AgentWeb'''",
        "def f(client):\n    return client.list_chats().json()['chats_summary']",
        "for a in (1, 2):\n\tprint(a)  ",
        "class A: pass",
        "x = 1; y = 2",
        "if True:\n  pass\nelse:\n  pass",
        "s = f'{x!r:>{10}}'",
        "",
        "\f",
        "from . import livechat",
        "from .livechat.agent import AgentWeb",
        "import livechats",
    ]
)


@given(st.lists(LINES), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_programs_of_any_lines(lines, newline, ended, marked):
    text = "\n".join(lines) + ("\n" if ended else "")
    source = (b"\xef\xbb\xbf" if marked else b"") + text.replace("\n", newline).encode()
    migration = migrate_source(source)
    assert migration.source == source
    assert (migration.converted, migration.marks) == (0, ())


@pytest.mark.parametrize("path", [*OURS, *OTHERS], ids=lambda path: path.name)
def test_real_files(path):
    conversion = convert_file(path)
    assert not conversion.changed
    # As the conversion itself would read it, and not only what is looked at first.
    assert migrate_source(path.read_bytes()).source == path.read_bytes()
