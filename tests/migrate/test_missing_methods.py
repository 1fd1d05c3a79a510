"""Methods that lc-sdk-python has and frontdesk has not are marked, and clients without others stay.

None is missing of the clients that are converted, so that some are taken away here.
"""

import pytest

from frontdesk.actions import CONFIGURATION_ACTIONS
from frontdesk.migrate import migrate_source

BOTH = b"""\
from livechat.configuration import ConfigurationApi

api = ConfigurationApi.get_client("Bearer dal:abc")
for group in api.list_groups().json():
    print(group["name"])
print(api.list_tags().json()[0]["name"])
"""
ALONE = b"".join(line for line in BOTH.splitlines(keepends=True) if b"list_tags" not in line)


@pytest.fixture(autouse=True)
def no_groups(monkeypatch):
    monkeypatch.delitem(CONFIGURATION_ACTIONS, "list_groups")


def test_a_method_that_is_missing_is_marked():
    migration = migrate_source(BOTH)
    (mark,) = migration.marks
    assert mark.line == 4
    assert mark.reason.startswith("ConfigurationClient has no `list_groups`; keep lc-sdk-python")
    assert b"for group in api.list_groups().json():\n" in migration.source
    assert b"print(api.list_tags()[0].name)\n" in migration.source


def test_a_client_that_would_have_nothing_to_do_stays():
    migration = migrate_source(ALONE)
    (mark,) = migration.marks
    assert "has none of the methods that are called here; lc-sdk-python stays" in mark.reason
    comment, rest = migration.source.split(b"\n", 1)
    assert comment.decode() == f"# frontdesk migrate: {mark.reason}"
    assert rest == ALONE
    assert migrate_source(migration.source).source == migration.source
