"""Programs do with frontdesk what they did with lc-sdk-python, against a sandbox.

Each runs twice in processes of its own, with the official SDK and converted, on worlds that begin
alike; what they print must be the same.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from frontdesk.migrate import migrate_source
from frontdesk.migrate.clients import NEEDS_ORGANIZATION
from frontdesk.sandbox import Sandbox

pytest.importorskip("livechat")

STORIES = Path(__file__).with_name("stories")
OWNER = "0805e283233042b37f460ed8fbf22160"


def run(source, tmp_path, name):
    """Run a program on a world of its own; return what it printed, and what the world holds."""
    program = tmp_path / f"{name}.py"
    program.write_bytes(source)
    with Sandbox.serve("demo", tls=True) as sandbox:
        ended = subprocess.run(
            [sys.executable, str(program)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=100,
            env={
                **os.environ,
                "LC_HOST": urlsplit(sandbox.url).netloc,
                "LC_TOKEN": sandbox.tokens["owner"].removeprefix("Bearer "),
                "LC_CLIENT_ID": OWNER,
                # Both libraries take the certificates of a server from here.
                "SSL_CERT_FILE": str(sandbox.ca_path),
                "FRONTDESK_BASE_URL": "",
            },
        )
        assert ended.returncode == 0, ended.stderr
        calls = [call.action for call in sandbox.calls()]
    return ended.stdout, calls


@pytest.mark.parametrize("name", ["web", "classes", "rtm", "webhooks"])
def test_a_program_does_the_same(tmp_path, name):
    before = (STORIES / f"{name}.py").read_bytes()
    migration = migrate_source(before)
    # A sandbox takes the organization from the token; LiveChat does not.
    assert {mark.reason for mark in migration.marks} <= {NEEDS_ORGANIZATION}
    assert b"from livechat" not in migration.source
    was, calls_before = run(before, tmp_path, "before")
    now, calls_after = run(migration.source, tmp_path, "after")
    assert was.strip()
    assert now == was
    assert json.loads(now.splitlines()[-1])["done"] is True
    of_session = {"login", "logout", "ping"}
    assert [call for call in calls_after if call not in of_session] == [
        call for call in calls_before if call not in of_session
    ]
