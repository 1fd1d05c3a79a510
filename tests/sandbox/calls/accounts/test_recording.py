"""Log-ins are recorded as other calls are, without their secrets."""

import logging

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox import Fault

from ..._log_in import APP, JONES, VERIFIER, LogIn, query_of


def test_log_ins_are_recorded(log_in: LogIn) -> None:
    client = log_in.public()
    tokens = log_in.tokens(client)
    log_in.info(tokens["access_token"])
    log_in.refreshed(client, "another")
    log_in.revoked(tokens["access_token"])
    calls = [call for call in log_in.sandbox.calls() if call.action.startswith("accounts.")]
    assert [(call.action, call.requester_id, call.status, call.error) for call in calls] == [
        ("accounts.authorize", JONES, 303, None),
        ("accounts.token", JONES, 200, None),
        ("accounts.info", JONES, 200, None),
        ("accounts.token", None, 403, "invalid_grant"),
        ("accounts.revoke", JONES, 200, None),
    ]
    log_in.sandbox.assert_called(
        "accounts.token", times=1, grant_type="refresh_token", client_id=client.client_id
    )


def test_names_of_log_ins_need_no_call(log_in: LogIn) -> None:
    log_in.sandbox.assert_not_called("accounts.token")
    with pytest.raises(InvalidArgument):
        log_in.sandbox.assert_not_called("accounts.tokens")


def test_no_record_log_or_repr_shows_a_secret(
    log_in: LogIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    recorder = log_in.sandbox.backend.recorder
    recorder.on_call = lambda call: lines.append(f"{call} {call!r}")
    public, server_side = log_in.public(), log_in.server_side()
    secrets = {VERIFIER, server_side.client_secret}
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    chosen = log_in.choose(public, **plain)
    secrets |= {query_of(chosen)["code"], chosen.headers["set-cookie"][16:48]}
    log_in.page(public, **plain)
    for client, code in (
        (public, query_of(chosen)["code"]),
        (server_side, log_in.code(server_side)),
    ):
        tokens = log_in.exchanged(client, code).json
        secrets |= {code, tokens["access_token"], tokens["refresh_token"]}
        log_in.exchanged(client, code)
    again = log_in.tokens(server_side)
    secrets |= {again["access_token"], again["refresh_token"]}
    log_in.send("GET", f"/v2/info?code={again['access_token']}")
    log_in.refreshed(server_side, again["refresh_token"])
    log_in.send("DELETE", f"/v2/token?code={again['refresh_token']}")
    location = log_in.choose(public, response_type="token").headers["location"]
    secrets.add(location.partition("access_token=")[2].partition("&")[0].replace("%3A", ":"))
    recorder.on_call = None
    calls = log_in.sandbox.calls()
    assert len(secrets) >= 10
    bodies = [(call.request_body, call.response_body) for call in calls]
    text = "".join((repr(calls), *map(str, calls), repr(bodies), *lines, caplog.text))
    world = log_in.sandbox.backend.world.store
    records = [
        *world.accounts.clients,
        *world.accounts.codes,
        *world.accounts.refresh_tokens,
        *world.accounts.logins,
        *world.company.tokens.values(),
    ]
    text += repr(records)
    assert [secret for secret in secrets if secret in text] == []
    assert "accounts.token" in text
    assert APP not in text


def test_errors_give_no_secret_back(log_in: LogIn) -> None:
    client = log_in.server_side()
    secret = "a-secret-that-nobody-may-see-0123456789-0123456789"
    code = log_in.code(client)
    for name in ("code", "client_secret", "redirect_uri", "code_verifier", "grant_type"):
        response = log_in.exchanged(client, code, **{name: secret})
        assert response.status in (401, 403)
        assert secret not in response.text
    assert secret not in log_in.exchanged(client, secret).text
    assert secret not in log_in.refreshed(client, secret).text
    assert secret not in log_in.info(secret).text
    assert secret not in log_in.revoked(secret).text


def test_faults_of_the_api_alone_cannot_be_those_of_log_ins() -> None:
    Fault(kind="internal", methods=("accounts.token", "accounts.info", "send_event"))
    for kind in ("wrong_region", "expired_token"):
        with pytest.raises(InvalidArgument, match=r"accounts\.token"):
            Fault(kind=kind, methods=("accounts.token",))  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=r"accounts\.tokens"):
        Fault(kind="internal", methods=("accounts.tokens",))
