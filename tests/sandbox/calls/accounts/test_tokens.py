"""``/v2/token`` and ``/v2/info``: codes are exchanged, tokens refreshed, looked at and revoked."""

import json

import pytest

from frontdesk.sandbox.world.accounts.authorizations import CODE_SECONDS

from ..._log_in import APP, CHALLENGE, FORM, JONES, SMITH, VERIFIER, LogIn


def test_a_code_gives_tokens(log_in: LogIn) -> None:
    client = log_in.public(scopes=["chats--access:rw", "agents--my:ro"])
    response = log_in.exchanged(client, log_in.code(client))
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    tokens = response.json
    assert set(tokens) == {
        "access_token",
        "account_id",
        "expires_in",
        "organization_id",
        "refresh_token",
        "scope",
        "token_type",
    }
    agents = log_in.sandbox.configuration_client().list_agents()
    (account_id,) = [agent.account_id for agent in agents if agent.id == JONES]
    assert tokens["account_id"] == account_id
    assert tokens["organization_id"] == log_in.sandbox.organization_id
    assert tokens["expires_in"] == 28800
    assert tokens["scope"] == "chats--access:rw,agents--my:ro"
    assert tokens["token_type"] == "Bearer"
    assert tokens["access_token"].startswith("dal:")
    assert ":" not in tokens["refresh_token"]


def test_tokens_work_in_the_api_with_their_scopes(log_in: LogIn) -> None:
    client = log_in.public(scopes=["chats--access:ro"])
    token = f"Bearer {log_in.tokens(client)['access_token']}"
    assert log_in.works(token.removeprefix("Bearer "))
    sent = {"authorization": token}
    body = json.dumps({"chat_id": "x"}).encode()
    path = "/v3.6/agent/action/resume_chat"
    response = log_in.sandbox.backend.respond("POST", path, sent, body)
    assert response.status == 403
    assert b"scope" in response.body


def test_tokens_act_as_the_account(log_in: LogIn) -> None:
    client = log_in.public(scopes=["chats--access:ro", "agents--my:rw"])
    token = log_in.tokens(client, "brown@example.com")["access_token"]
    log_in.sandbox.client(f"Bearer {token}").list_chats()
    (call,) = log_in.sandbox.calls("list_chats")
    assert call.requester_id == "brown@example.com"


def test_tokens_expire_on_the_clock_of_the_sandbox(log_in: LogIn) -> None:
    client = log_in.public(access_token_seconds=60)
    tokens = log_in.tokens(client)
    assert tokens["expires_in"] == 60
    log_in.sandbox.advance(50)
    assert log_in.works(tokens["access_token"])
    assert log_in.info(tokens["access_token"]).json["expires_in"] <= 10
    log_in.sandbox.advance(11)
    assert not log_in.works(tokens["access_token"])
    assert log_in.info(tokens["access_token"]).error == (401, "unauthorized")
    assert log_in.refreshed(client, tokens["refresh_token"]).json["expires_in"] == 60


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
def test_json_works_as_forms_do(log_in: LogIn, kind: str) -> None:
    client = log_in.public()
    body = json.dumps(log_in.for_code(client, log_in.code(client))).encode()
    assert log_in.send("POST", "/v2/token", body, {"Content-Type": kind}).status == 200


def test_the_other_spelling_of_the_grant_works(log_in: LogIn) -> None:
    client = log_in.public()
    assert log_in.exchanged(client, log_in.code(client), grant_type="code").status == 200


def test_a_code_works_once_and_its_tokens_end_when_it_is_used_again(log_in: LogIn) -> None:
    client = log_in.public()
    code = log_in.code(client)
    tokens = log_in.exchanged(client, code).json
    assert log_in.exchanged(client, code).error == (403, "invalid_grant")
    assert not log_in.works(tokens["access_token"])
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (403, "invalid_grant")


def test_a_code_lives_a_few_minutes(log_in: LogIn) -> None:
    client = log_in.public()
    early = log_in.code(client)
    log_in.sandbox.advance(CODE_SECONDS - 20)
    late = log_in.code(client)
    assert log_in.exchanged(client, early).status == 200
    log_in.sandbox.advance(CODE_SECONDS)
    assert log_in.exchanged(client, late).error == (403, "invalid_grant")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("grant_type", None, (422, "invalid_request")),
        ("grant_type", "password", (401, "unsupported_grant_type")),
        ("code", None, (422, "invalid_request")),
        ("code", "another", (403, "invalid_grant")),
        ("client_id", None, (422, "invalid_request")),
        ("client_id", "another", (401, "invalid_client")),
        ("redirect_uri", None, (422, "invalid_request")),
        ("redirect_uri", f"{APP}/other", (403, "invalid_grant")),
        ("code_verifier", None, (422, "invalid_request")),
        ("code_verifier", "short", (401, "invalid_request")),
        ("code_verifier", "x" * 129, (401, "invalid_request")),
        ("code_verifier", "x" * 42 + "+", (401, "invalid_request")),
        ("code_verifier", "x" * 43, (403, "invalid_grant")),
    ],
)
def test_what_does_not_fit_is_refused(
    log_in: LogIn, name: str, value: str | None, error: tuple[int, str]
) -> None:
    client = log_in.public()
    code = log_in.code(client)
    response = log_in.exchanged(client, code, **{name: value})
    assert response.error == error
    assert set(response.json) - {"sub_error"} == {"error", "error_description", "request_id"}
    assert response.json["request_id"] == response.headers["x-debug-id"]
    # What did not fit has used up nothing.
    assert log_in.exchanged(client, code).status == 200


def test_a_code_is_for_its_client_alone(log_in: LogIn) -> None:
    client, other = log_in.public(), log_in.public()
    code = log_in.code(client)
    assert log_in.exchanged(other, code).error == (403, "invalid_grant")


def test_server_side_clients_prove_who_they_are(log_in: LogIn) -> None:
    client = log_in.server_side()
    code = log_in.code(client)
    missing = log_in.exchanged(client, code, client_secret=None)
    assert missing.error == (422, "invalid_request")
    wrong = log_in.exchanged(client, code, client_secret="wrong")
    assert wrong.error == (401, "invalid_client")
    tokens = log_in.exchanged(client, code).json
    for secret, error in ((None, (422, "invalid_request")), ("x", (401, "invalid_client"))):
        response = log_in.refreshed(client, tokens["refresh_token"], client_secret=secret)
        assert response.error == error


def test_server_side_clients_may_use_pkce_too(log_in: LogIn) -> None:
    client = log_in.server_side()
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = log_in.code(client, **pkce)
    assert log_in.exchanged(client, code).error == (422, "invalid_request")
    assert log_in.exchanged(client, code, code_verifier=VERIFIER).status == 200


def test_a_verifier_without_a_challenge_is_refused(log_in: LogIn) -> None:
    client = log_in.server_side()
    code = log_in.code(client)
    assert log_in.exchanged(client, code, code_verifier=VERIFIER).error == (403, "invalid_grant")


def test_a_plain_challenge_is_the_verifier(log_in: LogIn) -> None:
    client = log_in.public()
    for method in ("plain", None):
        code = log_in.code(client, code_challenge=VERIFIER, code_challenge_method=method)
        assert log_in.exchanged(client, code, code_verifier="x" * 43).status == 403
        assert log_in.exchanged(client, code).status == 200


def test_refresh_tokens_of_public_clients_rotate(log_in: LogIn) -> None:
    client = log_in.public()
    first = log_in.tokens(client)
    second = log_in.refreshed(client, first["refresh_token"]).json
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert log_in.works(first["access_token"])
    assert log_in.works(second["access_token"])


def test_a_rotated_refresh_token_that_is_used_again_ends_the_log_in(log_in: LogIn) -> None:
    client = log_in.public()
    first = log_in.tokens(client)
    other = log_in.tokens(client)
    second = log_in.refreshed(client, first["refresh_token"]).json
    assert log_in.refreshed(client, first["refresh_token"]).error == (403, "invalid_grant")
    assert not log_in.works(first["access_token"])
    assert not log_in.works(second["access_token"])
    assert log_in.refreshed(client, second["refresh_token"]).error == (403, "invalid_grant")
    assert log_in.works(other["access_token"])
    assert log_in.refreshed(client, other["refresh_token"]).status == 200


def test_refresh_tokens_of_server_side_clients_stay(log_in: LogIn) -> None:
    client = log_in.server_side()
    first = log_in.tokens(client)
    for _ in range(3):
        again = log_in.refreshed(client, first["refresh_token"]).json
        assert again["refresh_token"] == first["refresh_token"]
        assert log_in.works(again["access_token"])


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("refresh_token", None, (422, "invalid_request")),
        ("refresh_token", "another", (403, "invalid_grant")),
        ("client_id", "another", (401, "invalid_client")),
    ],
)
def test_refreshes_that_do_not_fit_are_refused(
    log_in: LogIn, name: str, value: str | None, error: tuple[int, str]
) -> None:
    client = log_in.public()
    token = log_in.tokens(client)["refresh_token"]
    assert log_in.refreshed(client, token, **{name: value}).error == error
    assert log_in.refreshed(client, token).status == 200


def test_a_refresh_token_is_for_its_client_alone(log_in: LogIn) -> None:
    client, other = log_in.public(), log_in.public()
    token = log_in.tokens(client)["refresh_token"]
    assert log_in.refreshed(other, token).error == (403, "invalid_grant")
    assert log_in.refreshed(client, token).status == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("place", ["header", "query"])
def test_a_pair_ends_together(log_in: LogIn, kind: str, place: str) -> None:
    client = log_in.public()
    tokens = log_in.tokens(client)
    token = tokens[kind].replace(":", "%3A")
    if place == "header":
        response = log_in.revoked(token)
    else:
        response = log_in.send("DELETE", f"/v2/token?code={token}")
    assert (response.status, response.json) == (200, {})
    assert not log_in.works(tokens["access_token"])
    assert log_in.info(tokens["access_token"]).status == 401
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (403, "invalid_grant")
    assert log_in.revoked(tokens["access_token"]).error == (404, "not_found")
    assert log_in.revoked(tokens["refresh_token"]).error == (404, "not_found")


def test_a_refreshed_token_makes_a_pair_with_the_newest(log_in: LogIn) -> None:
    client = log_in.server_side()
    first = log_in.tokens(client)
    second = log_in.refreshed(client, first["refresh_token"]).json
    assert log_in.revoked(first["access_token"]).status == 200
    assert log_in.works(second["access_token"])
    assert log_in.revoked(first["refresh_token"]).status == 200
    assert not log_in.works(second["access_token"])


def test_a_revocation_names_a_token(log_in: LogIn) -> None:
    assert log_in.send("DELETE", "/v2/token").error == (422, "invalid_request")
    basic = {"Authorization": "Basic eDp5"}
    assert log_in.send("DELETE", "/v2/token", headers=basic).error == (401, "invalid_request")
    assert log_in.revoked("dal:another").error == (404, "not_found")


def test_only_tokens_of_log_ins_are_revoked(log_in: LogIn) -> None:
    bot = log_in.sandbox.tokens["bot"].removeprefix("Bearer ")
    assert log_in.revoked(bot).error == (404, "not_found")


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_token_can_be_looked_at(log_in: LogIn, place: str) -> None:
    client = log_in.public()
    tokens = log_in.tokens(client)
    if place == "header":
        response = log_in.info(tokens["access_token"])
    else:
        token = tokens["access_token"].replace(":", "%3A")
        response = log_in.send("GET", f"/v2/info?code={token}")
    shown = response.json
    assert shown.pop("client_id") == client.client_id
    assert shown.pop("expires_in") in (28799, 28800)
    del tokens["expires_in"]
    assert shown == tokens


def test_a_token_without_a_pair_shows_none(log_in: LogIn) -> None:
    client = log_in.server_side()
    first = log_in.tokens(client)
    log_in.refreshed(client, first["refresh_token"])
    assert "refresh_token" not in log_in.info(first["access_token"]).json


def test_fixed_tokens_can_be_looked_at(log_in: LogIn) -> None:
    owner = log_in.sandbox.tokens["owner"].removeprefix("Bearer ")
    shown = log_in.info(owner).json
    assert shown["organization_id"] == log_in.sandbox.organization_id
    assert "chats--all:rw" in shown["scope"].split(",")


def test_what_is_no_access_token_cannot_be_looked_at(log_in: LogIn) -> None:
    client = log_in.public()
    refresh_token = log_in.tokens(client)["refresh_token"]
    bot = log_in.sandbox.tokens["bot"].removeprefix("Bearer ")
    for token in (refresh_token, bot, "dal:another"):
        assert log_in.info(token).error == (401, "unauthorized")
    assert log_in.send("GET", "/v2/info").error == (422, "invalid_request")


def test_a_client_has_25_tokens_of_an_account(log_in: LogIn) -> None:
    client, other = log_in.public(), log_in.public()
    apart = [log_in.tokens(other), log_in.tokens(client, SMITH)]
    pairs = []
    for _ in range(26):
        # No more than three log-ins in half a minute.
        log_in.sandbox.advance(30)
        pairs.append(log_in.tokens(client))
    oldest, *others = pairs
    assert not log_in.works(oldest["access_token"])
    assert log_in.refreshed(client, oldest["refresh_token"]).error == (403, "invalid_grant")
    assert all(log_in.works(pair["access_token"]) for pair in (*others, *apart))
    assert log_in.refreshed(client, others[0]["refresh_token"]).status == 200


def test_refreshes_count_as_access_tokens(log_in: LogIn) -> None:
    client = log_in.server_side()
    first = log_in.tokens(client)
    refreshed = [log_in.refreshed(client, first["refresh_token"]).json for _ in range(25)]
    assert not log_in.works(first["access_token"])
    assert all(log_in.works(tokens["access_token"]) for tokens in refreshed)
    assert log_in.refreshed(client, first["refresh_token"]).status == 200


def test_tokens_end_with_their_agent(log_in: LogIn) -> None:
    client = log_in.public()
    tokens = log_in.tokens(client)
    waiting = log_in.code(client)
    configuration = log_in.sandbox.configuration_client()
    configuration.delete_agent(id=JONES)
    configuration.create_agent(id=JONES, name="Another Jones")
    assert not log_in.works(tokens["access_token"])
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (403, "invalid_grant")
    assert log_in.exchanged(client, waiting).error == (403, "invalid_grant")


def test_a_suspended_agent_gets_no_tokens(log_in: LogIn) -> None:
    client = log_in.public()
    tokens = log_in.tokens(client)
    waiting = log_in.code(client)
    configuration = log_in.sandbox.configuration_client()
    configuration.suspend_agent(id=JONES)
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (403, "invalid_grant")
    assert log_in.exchanged(client, waiting).error == (403, "invalid_grant")
    configuration.unsuspend_agent(id=JONES)
    assert log_in.refreshed(client, tokens["refresh_token"]).status == 200


def test_a_lower_role_takes_scopes_away(log_in: LogIn) -> None:
    client = log_in.public(scopes=["chats--all:rw", "agents--my:rw"])
    tokens = log_in.tokens(client, "brown@example.com")
    waiting = log_in.code(client, "brown@example.com")
    log_in.sandbox.configuration_client().update_agent(id="brown@example.com", role="normal")
    assert log_in.exchanged(client, waiting).error == (403, "invalid_scope")
    scope = log_in.refreshed(client, tokens["refresh_token"]).json["scope"].split(",")
    assert "agents--my:rw" in scope
    assert "chats--access:rw" in scope
    assert "chats--all:rw" not in scope


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b'{"grant_type": 1}'),
        ("application/json", b'{"grant_type": "\xff"}'),
        ("application/json", b"[" * 5000),
        (FORM, b"grant_type=code&grant_type=code"),
        (FORM, b"grant_type=%ff"),
        (FORM, b"\xff"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(101))),
        ("text/plain", b"grant_type=code"),
        ("multipart/form-data; boundary=x", b"--x--"),
    ],
)
def test_bodies_that_are_none_are_refused(log_in: LogIn, kind: str, body: bytes) -> None:
    response = log_in.send("POST", "/v2/token", body, {"Content-Type": kind})
    assert response.error == (401, "invalid_request")


def test_null_counts_as_not_sent(log_in: LogIn) -> None:
    body = json.dumps({"grant_type": None}).encode()
    response = log_in.send("POST", "/v2/token", body, {"Content-Type": "application/json"})
    assert response.error == (422, "invalid_request")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("GET", "/v2/token", "POST, DELETE"),
        ("PUT", "/v2/token", "POST, DELETE"),
        ("POST", "/v2/info", "GET"),
        ("DELETE", "/", "GET, POST"),
    ],
)
def test_other_methods_of_http_are_refused(
    log_in: LogIn, verb: str, path: str, allowed: str
) -> None:
    response = log_in.send(verb, path)
    assert response.error == (405, "invalid_request")
    assert response.headers["allow"] == allowed


def test_there_is_nothing_elsewhere(log_in: LogIn) -> None:
    for path in ("/v2", "/v2/", "/v2/tokens", "/v1/token", "/elsewhere", "//"):
        assert log_in.send("GET", path).error == (404, "not_found")
