"""Logging in: the address to send the browser to, the callback, and the token of its code."""

import pickle
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from frontdesk import errors
from frontdesk.auth import (
    AsyncOAuth,
    BearerToken,
    LoginAttempt,
    MemoryTokenStore,
    OAuth,
    PersonalAccessToken,
)
from frontdesk.auth.protocol import challenge
from frontdesk.core.http_messages import Reply
from frontdesk.redaction import redacted

from ._accounts import ONLY_FAKE, REDIRECT, SECRET, App, Desk, FakeAccounts

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_challenge_is_that_of_rfc_7636() -> None:
    assert challenge(VERIFIER, "S256") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert challenge(VERIFIER, "plain") == VERIFIER


def test_the_address_holds_what_the_server_documents(desk: Desk) -> None:
    url = desk.oauth("app-secret").authorization_url(
        state="s1", scopes=["chats--all:ro", "agents--all:ro"], code_verifier=VERIFIER,
        prompt="consent",
    )  # fmt: skip
    assert url.startswith(f"{desk.accounts.url}/?")
    assert query(url) == {
        "response_type": "code",
        "client_id": "app-secret",
        "redirect_uri": REDIRECT,
        "state": "s1",
        "scope": "chats--all:ro,agents--all:ro",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "prompt": "consent",
    }


def test_without_pkce_and_scopes_the_address_holds_neither(desk: Desk) -> None:
    url = desk.oauth().authorization_url(state="s1")
    assert set(query(url)) == {"response_type", "client_id", "redirect_uri", "state"}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"state": ""}, "state"),
        ({"state": "s", "pkce": "S256"}, "code_verifier"),
        ({"state": "s", "code_verifier": "short"}, "code_verifier"),
        ({"state": "s", "code_verifier": VERIFIER, "pkce": "S512"}, "pkce"),
        ({"state": "s", "code_verifier": "é" * 43}, "code_verifier"),
        ({"state": "s", "scopes": ["a,b"]}, "scopes"),
        ({"state": "s", "scopes": [7]}, "scopes"),
        ({"state": "s", "redirect_uri": "callback"}, "redirect_uri"),
        ({"state": "s", "redirect_uri": "https://app.test/../x"}, "redirect_uri"),
        ({"state": "s", "redirect_uri": "https://app.test/x?a=1"}, "redirect_uri"),
        ({"state": "s", "redirect_uri": "https://app.test/#x"}, "redirect_uri"),
    ],
)
def test_arguments_that_the_server_would_refuse_are_refused_here(
    desk: Desk, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        desk.oauth().authorization_url(**options)
    assert caught.value.field == field


@pytest.mark.parametrize("pkce", ["S256", "plain", None])
@pytest.mark.parametrize("app", ["app-secret", "app-public"])
def test_a_log_in_ends_with_a_grant(desk: Desk, accounts: Any, app: str, pkce: Any) -> None:
    oauth = desk.oauth(app)
    attempt = oauth.start_login(scopes=["chats--all:ro"], pkce=pkce)
    assert (attempt.code_verifier is None) == (pkce is None)
    if app == "app-public" and pkce is None and not isinstance(accounts, FakeAccounts):
        with pytest.raises(errors.InvalidOAuthRequest, match="code_challenge"):
            desk.run(oauth.exchange(accounts.agree(attempt.url), attempt))
        return
    grant = desk.run(oauth.exchange(accounts.agree(attempt.url), attempt))
    assert accounts.accepts(f"Bearer {grant.access_token}")
    assert grant.scopes == ("chats--all:ro",)
    assert grant.account_id == accounts.account_id
    assert grant.organization_id == accounts.organization_id
    assert (grant.client_id, grant.region, grant.expires_in) == (app, "dal", 28_800)
    assert abs(grant.expires_at - datetime.now(UTC) - timedelta(hours=8)) < timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["parameters", "query", "path", "bare code"])
def test_a_callback_comes_in_many_forms(desk: Desk, accounts: Any, kind: str) -> None:
    oauth = desk.oauth()
    attempt = oauth.start_login()
    callback: Any = accounts.agree(attempt.url)
    match kind:
        case "parameters":
            callback = query(callback)
        case "query":
            callback = urlsplit(callback).query
        case "path":
            callback = f"/callback?{urlsplit(callback).query}"
        case "bare code":
            callback = query(callback)["code"]
    assert desk.run(oauth.exchange(callback, attempt)).refresh_token


def test_whoever_keeps_state_and_verifier_gives_them(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    url = oauth.authorization_url(state="s-1", code_verifier=VERIFIER)
    grant = desk.run(oauth.exchange(accounts.agree(url), state="s-1", code_verifier=VERIFIER))
    assert grant.access_token
    with pytest.raises(errors.InvalidArgument, match="`state` must be that of the log-in"):
        desk.run(oauth.exchange(accounts.agree(url), code_verifier=VERIFIER))


def test_an_attempt_survives_as_a_text(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    attempt = oauth.start_login(scopes="chats--all:ro, chats--all:rw")
    again = LoginAttempt.load(attempt.dump())
    assert again == attempt
    assert again.scopes == ("chats--all:ro", "chats--all:rw")
    assert desk.run(oauth.exchange(accounts.agree(attempt.url), again)).access_token
    for text in ("", "{}", "[1]", attempt.dump()[:-9], "ÿ"):
        with pytest.raises(errors.InvalidArgument):
            LoginAttempt.load(text)


def other_state(callback: str) -> str:
    return callback.replace("state=", "state=x")


def without_state(callback: str) -> str:
    return callback.partition("&state=")[0]


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (other_state, errors.StateMismatch, "another state than the log-in"),
        (without_state, errors.StateMismatch, "no state"),
        (lambda url: url.replace(":8765", ":8766"), errors.RedirectMismatch, "another address"),
        (lambda url: url.replace("http:", "https:"), errors.RedirectMismatch, "another address"),
        (lambda url: url.replace("callback", "other"), errors.RedirectMismatch, "another address"),
        (lambda url: url.replace("code=", "kode="), errors.InvalidOAuthRequest, "no code"),
        (lambda url: url + "&code=2", errors.InvalidOAuthRequest, "a parameter twice"),
        (lambda url: "http://[", errors.InvalidOAuthRequest, "no address"),
        (
            lambda url: REDIRECT + "?error=access_denied&state=" + query(url)["state"],
            errors.AccessDenied,
            "access_denied",
        ),
        (lambda url: REDIRECT + "?error=access_denied", errors.StateMismatch, "no state"),
        (
            lambda url: "https://accounts.livechat.com/ooops?oauth_exception=invalid_request"
            "&exception_details=too_many_redirects",
            errors.TooManyRedirects,
            "Wait 30 s",
        ),
        (
            lambda url: "https://accounts.livechat.com/ooops?oauth_exception=unauthorized_client"
            "&exception_details=client_id_not_found",
            errors.InvalidClient,
            "client_id",
        ),
        (
            lambda url: "https://accounts.livechat.com/ooops?oauth_exception=invalid_request"
            "&exception_details=invalid_redirect_uri",
            errors.RedirectMismatch,
            "redirect_uri",
        ),
        (
            lambda url: "https://accounts.livechat.com/?identity_exception=identity_lost",
            errors.LoginRequired,
            "Log in again",
        ),
    ],
)  # fmt: skip
def test_a_foreign_callback_spends_no_code(
    desk: Desk, accounts: Any, change: Any, error: type[errors.OAuthError], text: str
) -> None:
    oauth = desk.oauth()
    attempt = oauth.start_login()
    callback = accounts.agree(attempt.url)
    with pytest.raises(error) as caught:
        desk.run(oauth.exchange(change(callback), attempt))
    assert type(caught.value) is error
    assert text in str(caught.value)
    assert query(callback)["code"] not in str(caught.value)
    assert accounts.calls == []
    assert desk.run(oauth.exchange(callback, attempt)).access_token


def test_two_log_ins_at_once_are_told_apart(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    first, second = oauth.start_login(), oauth.start_login()
    with pytest.raises(errors.StateMismatch, match="finish the one that was begun last"):
        desk.run(oauth.exchange(accounts.agree(first.url), second))
    store = MemoryTokenStore()
    desk.run(oauth.exchange(accounts.agree(first.url), first, store=store))
    last = desk.run(oauth.exchange(accounts.agree(second.url), second, store=store))
    stored = store.load("default")
    assert stored is not None
    assert (stored.access_token, stored.generation) == (last.access_token, 2)


def test_a_code_is_good_for_one_use(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    attempt = oauth.start_login()
    callback = accounts.agree(attempt.url)
    desk.run(oauth.exchange(callback, attempt))
    with pytest.raises(errors.InvalidGrant) as caught:
        desk.run(oauth.exchange(callback, attempt))
    assert isinstance(caught.value, errors.LoginRequired)
    assert query(callback)["code"] not in str(caught.value)
    assert caught.value.status == 403
    assert caught.value.request_id
    assert "Log in again" in str(caught.value)


def test_a_wrong_verifier_is_an_invalid_grant(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    url = oauth.authorization_url(state="s", code_verifier=VERIFIER)
    with pytest.raises(errors.InvalidGrant, match="verifier"):
        desk.run(oauth.exchange(accounts.agree(url), state="s", code_verifier="x" * 43))


def test_a_wrong_secret_is_an_invalid_client(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth("app-secret", client_secret="not-the-secret-at-all")
    with pytest.raises(errors.InvalidClient, match="client_secret") as caught:
        desk.log_in(oauth)
    assert "not-the-secret" not in str(caught.value)


def test_an_attempt_of_another_app_is_refused(desk: Desk, accounts: Any) -> None:
    attempt = desk.oauth("app-secret").start_login()
    with pytest.raises(errors.InvalidArgument, match="another client id"):
        desk.run(desk.oauth("app-public").exchange(accounts.agree(attempt.url), attempt))


def test_a_code_is_not_spent_where_its_token_cannot_be_kept(
    desk: Desk, accounts: Any, tmp_path: Any
) -> None:
    from frontdesk.auth import FileTokenStore

    (tmp_path / "tokens").write_text("not this")
    (tmp_path / "tokens").chmod(0o600)
    with pytest.raises(errors.TokenStoreDamaged):
        desk.log_in(desk.oauth(), store=FileTokenStore(tmp_path / "tokens"))
    assert accounts.calls == []


# What the server may respond

ENVELOPES = [
    (401, {"error": "invalid_client"}, errors.InvalidClient),
    (401, {"error": "unauthorized_client"}, errors.UnauthorizedClient),
    (403, {"error": "invalid_grant"}, errors.InvalidGrant),
    (403, {"error": "invalid_scope"}, errors.InvalidScope),
    (403, {"error": "access_denied"}, errors.AccessDenied),
    (422, {"error": "invalid_request"}, errors.InvalidOAuthRequest),
    (422, {"error": "missing_grant"}, errors.InvalidOAuthRequest),
    (401, {"error": "invalid_request", "sub_error": "redirect_uri_mismatch"},
     errors.RedirectMismatch),
    (429, {"error": "temporarily_unavailable"}, errors.TemporarilyUnavailable),
    (429, {"error": "slow_down"}, errors.TemporarilyUnavailable),
    (500, {"error": "server_error"}, errors.TemporarilyUnavailable),
    (400, {"error": "brand_new"}, errors.OAuthError),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "error"), ENVELOPES)
def test_each_error_of_the_server_has_a_class(
    desk: Desk, accounts: Any, status: int, body: dict[str, str], error: Any
) -> None:
    import msgspec

    text = msgspec.json.encode(body | {"error_description": "no way", "request_id": "r-1"})
    accounts.script = [Reply(status, {}, text)]
    with pytest.raises(errors.OAuthError) as caught:
        desk.run(desk.oauth(retry=1).refresh("refresh-token-1"))
    assert type(caught.value) is error
    assert (caught.value.error, caught.value.description) == (body["error"], "no way")
    assert f"HTTP {status}, request id r-1" in str(caught.value)
    assert caught.value.next_step in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).status == status


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(502, {"content-type": "text/html"}, b"<html>"), errors.NotTheAPI),
        (Reply(200, {"content-type": "text/html"}, b"<html>"), errors.DecodeError),
        (Reply(200, {}, b"{}"), errors.DecodeError),
        (Reply(200, {}, b'{"access_token": 7}'), errors.DecodeError),
        (Reply(200, {}, b'{"access_token": "dal:a\\nb"}'), errors.InvalidArgument),
        (Reply(200, {}, b'{"access_token": "dal:x", "token_type": "mac"}'), errors.DecodeError),
        (Reply(401, {}, b'{"error": {"type": "authentication"}}'), errors.AuthenticationError),
        (Reply(429, {}, b"busy"), errors.TemporarilyUnavailable),
    ],
)
def test_what_is_no_token_is_not_taken_for_one(
    desk: Desk, accounts: Any, reply: Reply, error: Any
) -> None:
    accounts.script = [reply]
    with pytest.raises(error):
        desk.run(desk.oauth(retry=1).refresh("refresh-token-1"))


def test_a_grant_is_as_complete_as_the_response(desk: Desk, accounts: Any) -> None:
    body = b'{"access_token":"fra:tok-1234567","expires_in":"60","scope":["a:ro"],"x":1}'
    accounts.script = [Reply(200, {"date": "Thu, 26 Nov 2026 10:00:00 GMT"}, body)]
    grant = desk.run(desk.oauth().refresh("refresh-token-1"))
    assert (grant.region, grant.expires_in, grant.scopes) == ("fra", 60.0, ("a:ro",))
    assert grant.refresh_token is None
    assert grant.issued_at == datetime(2026, 11, 26, 10, tzinfo=UTC)


def test_what_a_refresh_does_not_repeat_is_kept(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    grant = desk.log_in(oauth)
    accounts.script = [Reply(200, {}, b'{"access_token":"dal:tok-7654321"}')]
    fresh = desk.run(oauth.refresh(grant))
    assert fresh.refresh_token == grant.refresh_token
    assert (fresh.account_id, fresh.scopes) == (grant.account_id, grant.scopes)
    assert fresh.generation == grant.generation + 1
    assert fresh.id != grant.id


# Retries

UNAVAILABLE = Reply(429, {"retry-after": "0"}, b'{"error": "temporarily_unavailable"}')


def test_a_busy_server_is_asked_again(desk: Desk, accounts: Any) -> None:
    from frontdesk import Retry

    accounts.script = [UNAVAILABLE, errors.ConnectError("refused")]
    oauth = desk.oauth(retry=Retry(attempts=3, first_pause=0))
    pair = accounts.issue(accounts.apps["app-public"])
    assert desk.run(oauth.refresh(pair.refresh)).access_token
    assert accounts.refreshes == 1


@pytest.mark.parametrize(
    "failure",
    [errors.RequestTimeout("slow"), Reply(500, {}, b'{"error": "server_error"}'),
     Reply(504, {}, b"<html>")],
)  # fmt: skip
def test_a_refresh_that_may_have_been_done_is_not_sent_twice(
    desk: Desk, accounts: Any, failure: Any
) -> None:
    from frontdesk import Retry

    accounts.script = [failure]
    oauth = desk.oauth(retry=Retry(attempts=3, first_pause=0))
    with pytest.raises((errors.TransportError, errors.OAuthError, errors.NotTheAPI)):
        desk.run(oauth.refresh("refresh-token-1"))
    assert accounts.script == []


def test_a_pause_longer_than_the_longest_is_left_to_the_caller(desk: Desk, accounts: Any) -> None:
    accounts.script = [Reply(429, {"retry-after": "900"}, UNAVAILABLE.body)]
    with pytest.raises(errors.TemporarilyUnavailable) as caught:
        desk.run(desk.oauth().refresh("refresh-token-1"))
    assert caught.value.retry_after == 900


# Revoking and introspecting


def test_revoking_ends_both_tokens(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth()
    grant = desk.log_in(oauth)
    assert desk.run(oauth.introspect(grant)).account_id == grant.account_id
    assert desk.run(oauth.revoke(grant)) is True
    assert desk.run(oauth.revoke(grant)) is False
    with pytest.raises(errors.TokenRejected, match="Refresh it, or log in again"):
        desk.run(oauth.introspect(grant))
    with pytest.raises(errors.LoginRequired):
        desk.run(oauth.refresh(grant))


@pytest.mark.parametrize("form", ["text", "with scheme", "token"])
def test_a_token_is_introspected_in_any_form(desk: Desk, accounts: Any, form: str) -> None:
    oauth = desk.oauth("app-secret")
    grant = desk.log_in(oauth)
    token: Any = grant.access_token
    if form != "text":
        token = f"Bearer {token}" if form == "with scheme" else BearerToken(token)
    info = desk.run(oauth.introspect(token))
    assert (info.client_id, info.scopes, info.expires_in) == (
        "app-secret", ("chats--all:ro", "chats--all:rw"), 28_800,
    )  # fmt: skip
    assert info.refresh_token == grant.refresh_token


def test_a_personal_access_token_is_not_of_oauth(desk: Desk) -> None:
    with pytest.raises(errors.InvalidArgument, match="personal access token"):
        desk.run(desk.oauth().introspect(PersonalAccessToken("account", "dal:secret-1234")))


# Options


def test_the_server_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_ACCOUNTS_URL", "http://127.0.0.1:9/accounts/")
    for kind in (OAuth, AsyncOAuth):
        oauth: Any = kind("app", redirect_uri=REDIRECT)
        assert oauth.start_login().url.startswith("http://127.0.0.1:9/accounts/?response_type")
        monkeypatch.setenv("FRONTDESK_ACCOUNTS_URL", "http://127.0.0.1:9/accounts/")
    monkeypatch.delenv("FRONTDESK_ACCOUNTS_URL")
    url = OAuth("app", redirect_uri=REDIRECT).start_login().url
    assert url.startswith("https://accounts.livechat.com/?")


@pytest.mark.parametrize(
    ("arguments", "options", "field"),
    [
        ((7,), {}, "client_id"),
        (("a b\n",), {}, "client_id"),
        (("app", 7), {}, "client_secret"),
        (("app", "s\ud800cret"), {}, "client_secret"),
        (("app",), {"accounts_url": "accounts"}, "accounts_url"),
        (("app",), {"timeout": 0}, "timeout"),
        (("app",), {"redirect_uri": "x"}, "redirect_uri"),
        (("app",), {"transport": 7}, "transport"),
    ],
)
@pytest.mark.parametrize("kind", [OAuth, AsyncOAuth])
def test_what_does_not_fit_is_refused_at_once(
    kind: Any, arguments: Any, options: Any, field: str
) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        kind(*arguments, **options)
    assert caught.value.field == field


def test_a_closed_one_connects_no_more() -> None:
    oauth = OAuth("app", redirect_uri=REDIRECT, accounts_url="http://127.0.0.1:9")
    oauth.close()
    with pytest.raises(errors.ClientClosed):
        oauth.refresh("refresh-token-1")


@ONLY_FAKE
def test_both_speak_over_real_sockets(accounts: Any) -> None:
    with accounts.served() as url:
        for kind in ("sync", "async"):
            desk = Desk(kind, accounts)
            oauth = desk.oauth("app-secret", accounts_url=url, transport=None)
            grant = desk.log_in(oauth)
            assert desk.run(oauth.introspect(grant)).client_id == "app-secret"
            fresh = desk.run(oauth.refresh(grant))
            assert desk.run(oauth.revoke(fresh)) is True
            desk.run(oauth.close())
            desk.close()
    assert accounts.calls == ["authorization_code", "GET", "refresh_token", "DELETE"] * 2


# Secrets


def test_no_secret_is_in_any_representation(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth("app-secret")
    attempt = oauth.start_login()
    grant = desk.log_in(oauth)
    info = desk.run(oauth.introspect(grant))
    source = oauth.token_source(grant)
    shown = repr([oauth, attempt, grant, info, source, desk.token(source)])
    secrets = [
        SECRET, attempt.state, attempt.code_verifier, grant.access_token.removeprefix("dal:"),
        grant.refresh_token,
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in shown] == []
    assert redacted(" ".join(secrets)).strip("… ") == ""


def test_no_secret_is_in_the_variables_of_a_traceback(desk: Desk, accounts: Any) -> None:
    oauth = desk.oauth("app-secret")
    attempt = oauth.start_login()
    callback = accounts.agree(attempt.url)
    code = query(callback)["code"]

    def lose() -> None:
        raise errors.ConnectionClosed(f"lost {code}")

    accounts.script = [
        Reply(403, {}, f'{{"error":"invalid_grant","error_description":"{code}"}}'.encode()),
        Reply(200, {}, b'{"access_token":"dal:not-to-be-seen-1","token_type":"mac"}'),
        lose,
    ]
    for _ in range(3):
        with pytest.raises(errors.FrontdeskError) as caught:
            desk.run(oauth.exchange(callback, attempt))
        frames = [
            frame.f_locals
            for frame, _ in traceback.walk_tb(caught.value.__traceback__)
            if "/frontdesk/" in frame.f_code.co_filename
        ]
        assert frames
        shown = repr(frames) + str(caught.value)
        for secret in (code, SECRET, attempt.code_verifier, "not-to-be-seen-1"):
            assert secret not in shown


def test_another_app_is_not_let_in(accounts: Any) -> None:
    accounts.add(App("other", secret=None))
    desk = Desk("sync", accounts)
    attempt = desk.oauth("app-public").start_login()
    code = query(accounts.agree(attempt.url))["code"]
    with pytest.raises(errors.InvalidGrant):
        desk.oauth("other").exchange(code, code_verifier=attempt.code_verifier)
    desk.close()
