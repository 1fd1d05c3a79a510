"""What the page on lc-sdk-python shows as converted is what the conversion makes of it."""

import re

from tests.docs.pages import ROOT

from frontdesk.migrate import MARK, migrate_source

PAGE = (ROOT / "docs" / "guide" / "from-lc-sdk-python.md").read_text()
BEFORE = re.compile(
    r"```py\n(.*?)```(?=(\n\n<!-- converted -->\n\n```python\n(.*?)```)?)", re.DOTALL
)
TOGETHER = """\
from livechat.agent import AgentWeb
from livechat.utils.structures import AccessToken, TokenType
token = AccessToken(scheme=TokenType.BEARER, token="dal:sandbox-owner")
client = AgentWeb.get_client(access_token=token, timeout=10)
chat_id = "ABC"
"""


def without_imports(source):
    lines = source.splitlines()
    return [line for line in lines if line.strip() and not re.match(r"(from|import) ", line)]


def test_the_page_shows_what_is_converted():
    shown = [(before, after) for before, marked, after in BEFORE.findall(PAGE) if marked]
    assert len(shown) == 3
    for before, after in shown:
        head = TOGETHER if "AgentWeb.get_client" not in before else ""
        migration = migrate_source((head + before).encode())
        assert migration.marks == ()
        converted = without_imports(migration.source.decode())
        assert converted[-len(without_imports(after)) :] == without_imports(after)


def test_what_the_page_calls_marked_is_marked():
    for before, marked, _ in BEFORE.findall(PAGE):
        if marked or before.startswith("# frontdesk") or "page_id" in before:
            continue
        migration = migrate_source((TOGETHER + before).encode())
        assert migration.marks, before


def test_the_comment_is_the_one_that_is_written():
    shown = re.search(rf"^{MARK}(.+)$", PAGE, re.MULTILINE)
    source = (
        b"from livechat.agent import AgentRTM\nrtm = AgentRTM.get_client()\nrtm.logout().success"
    )
    assert shown is not None
    assert shown[1] in {mark.reason for mark in migrate_source(source).marks}
