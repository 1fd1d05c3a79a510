"""What the accounts server knows outlives restarts, and is part of snapshots and resets."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from frontdesk.sandbox import Sandbox

from ._log_in import JONES, LogIn, exception_of, query_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def embedded(**options: Any) -> Sandbox:
    return Sandbox("quiet", start=START, running=False, **options)


def test_everything_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with embedded(db=path) as sandbox:
        log_in = LogIn(sandbox, served=False)
        client = log_in.public(accounts_sdk_challenge=True)
        organization = sandbox.accounts.add_organization("Branch")
        tokens = log_in.tokens(client)
        rotated = log_in.refreshed(client, tokens["refresh_token"]).json
        code = log_in.code(client)
        cookie = log_in.choose(client).headers["set-cookie"].partition(";")[0]
        organizations = sandbox.accounts.organizations
    with embedded(db=path) as sandbox:
        log_in = LogIn(sandbox, served=False)
        assert sandbox.accounts.clients == [client]
        assert sandbox.accounts.organizations == organizations
        assert organization in organizations
        assert log_in.works(tokens["access_token"])
        assert (
            log_in.info(rotated["access_token"]).json["refresh_token"] == (rotated["refresh_token"])
        )
        # Three redirects are counted before and after.
        assert exception_of(log_in.choose(client))[1] == "too_many_redirects"
        sandbox.advance(30)
        shown = log_in.send(
            "GET", "/?" + urlencode(log_in.asked(client)), headers={"Cookie": cookie}
        )
        assert "code" in query_of(shown)
        assert log_in.exchanged(client, code).status == 200
        assert log_in.exchanged(client, code).error == (403, "invalid_grant")
        assert log_in.refreshed(client, tokens["refresh_token"]).error == (403, "invalid_grant")
        assert not log_in.works(rotated["access_token"])


def test_a_snapshot_brings_back_what_was(log_in: LogIn) -> None:
    sandbox = log_in.sandbox
    client = log_in.public()
    tokens, code = log_in.tokens(client), log_in.code(client)
    snapshot = sandbox.snapshot()
    log_in.exchanged(client, code)
    log_in.revoked(tokens["access_token"])
    sandbox.accounts.remove_client(client.client_id)
    sandbox.restore(snapshot)
    assert sandbox.accounts.clients == [client]
    assert log_in.works(tokens["access_token"])
    assert log_in.exchanged(client, code).status == 200
    assert log_in.refreshed(client, tokens["refresh_token"]).status == 200


def test_a_reset_forgets_all(log_in: LogIn) -> None:
    sandbox = log_in.sandbox
    client = log_in.public()
    sandbox.accounts.add_organization("Branch")
    tokens = log_in.tokens(client)
    sandbox.reset()
    assert sandbox.accounts.clients == []
    assert len(sandbox.accounts.organizations) == 1
    assert not log_in.works(tokens["access_token"])
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (401, "invalid_client")


def test_work_that_fails_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded() as sandbox:
        log_in = LogIn(sandbox, served=False)
        client = log_in.public()
        code = log_in.code(client)

        def fail(*_: object) -> None:
            raise RuntimeError("a defect")

        with monkeypatch.context() as patch:
            patch.setattr("frontdesk.sandbox.world.accounts.grants._give_refresh", fail)
            assert log_in.exchanged(client, code).error == (500, "server_error")
        tokens = log_in.exchanged(client, code).json
        assert log_in.works(tokens["access_token"])
        assert len(sandbox.backend.world.store.accounts.refresh_tokens) == 1


def test_what_is_long_over_is_forgotten() -> None:
    with embedded() as sandbox:
        log_in = LogIn(sandbox, served=False)
        client = log_in.public()
        accounts, company = (
            sandbox.backend.world.store.accounts,
            sandbox.backend.world.store.company,
        )
        for _ in range(40):
            log_in.tokens(client)
            sandbox.advance(3600 * 9)
        assert len(accounts.codes) <= 2
        assert len(accounts.refresh_tokens) == 25
        given = [token for token in company.tokens.values() if token.grant_id]
        assert len(given) == 1
        refresh_token = log_in.tokens(client)["refresh_token"]
        for _ in range(60):
            refresh_token = log_in.refreshed(client, refresh_token).json["refresh_token"]
        assert len(accounts.refresh_tokens) <= 50
        given = [token for token in company.tokens.values() if token.grant_id]
        assert len(given) == 25


def test_old_log_ins_of_browsers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk.sandbox.world.accounts.authorizations.MOST_LOGINS", 3)
    with embedded() as sandbox:
        log_in = LogIn(sandbox, served=False)
        client = log_in.public()
        for _ in range(10):
            log_in.choose(client)
            sandbox.advance(30)
        logins = sandbox.backend.world.store.accounts.logins
        assert len(logins) == 3
        assert {login.user_id for login in logins} == {JONES}
