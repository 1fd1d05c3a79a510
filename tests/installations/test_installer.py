"""Installing: the log-in of a browser, its cookie, the webhooks; uninstalling; what goes wrong."""

import logging
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest

from frontdesk import errors
from frontdesk.auth import FileTokenStore, MemoryTokenStore
from frontdesk.installations import AsyncInstaller, Installation, InstallationStore, Installer

from ._app import CLIENT_SECRET, COOKIE_SECRET, REDIRECT, App, Browser, MakeApp, webhook


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def registered(app: App) -> set[str]:
    """The webhooks of all organizations."""
    return set(app.sandbox.backend.world.store.company.webhooks)


def test_a_browser_installs_the_app(app: App) -> None:
    told: list[Installation] = []
    installer = app.installer(on_installed=told.append, scopes=["chats--all:ro"])
    organization_id, browser = app.organization(), Browser()
    url = app.begin(installer, browser)
    assert query_of(url)["redirect_uri"] == REDIRECT
    assert query_of(url)["scope"] == "chats--all:ro"
    assert query_of(url)["code_challenge_method"] == "S256"
    response = app.respond(installer, app.agree(url, organization_id), browser)
    assert response.status == 200
    assert b"installed" in response.body
    (installation,) = told
    assert installation == app.store.load(organization_id)
    assert installation.organization_id == organization_id
    assert installation.client_id == "the-app"
    assert installation.region == "dal"
    assert installation.scopes == ("chats--all:ro",)
    assert installation.is_active
    assert browser.cookies == {}
    app.call(organization_id)


def test_the_browser_is_sent_on_when_the_app_is_installed(app: App) -> None:
    browser = Browser()
    for after in ("/welcome", lambda each: f"/welcome?of={each.organization_id}"):
        installer = app.installer(after=after)
        query = app.agree(app.begin(installer, browser))
        response = app.respond(installer, query, browser)
        assert response.status == 302
        assert dict(response.headers)["location"].startswith("/welcome")
    assert dict(response.headers)["location"].endswith(app.sandbox.organization_id)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(app: App) -> None:
    start = app.installer().begin()
    attributes = start.cookie.split("; ")[1:]
    assert attributes == [
        "Max-Age=600", "Path=/livechat/install", "HttpOnly", "SameSite=Lax", "Secure",
    ]  # fmt: skip
    local = app.installer(redirect_uri="http://127.0.0.1:8000/cb", lifetime=60).begin()
    assert local.cookie.split("; ")[1:] == [
        "Max-Age=60", "Path=/cb", "HttpOnly", "SameSite=Lax",
    ]  # fmt: skip


def test_the_browser_never_sees_the_verifier(app: App) -> None:
    installer = app.installer()
    start = installer.begin()
    attempt = installer.attempts.find(query_of(start.url)["state"], start.cookie.partition(";")[0])
    assert attempt.code_verifier
    assert attempt.code_verifier not in start.cookie + start.url
    assert attempt.state not in start.cookie
    assert start.cookie not in repr(start)
    assert attempt.state not in repr(start)


def test_two_log_ins_of_a_browser_at_once_are_both_finished(app: App) -> None:
    installer, browser = app.installer(), Browser()
    first, second = app.organization(), app.organization()
    urls = [app.begin(installer, browser), app.begin(installer, browser)]
    assert len(browser.cookies) == 2
    queries = [app.agree(urls[0], first), app.agree(urls[1], second)]
    for query in reversed(queries):
        assert app.respond(installer, query, browser).status == 200
    assert set(app.store.organization_ids()) == {first, second}


def test_two_log_ins_of_an_organization_at_once_leave_one_installation(app: App) -> None:
    installer = app.installer(webhooks=[webhook()])
    organization_id = app.organization()
    browsers = [Browser(), Browser()]
    queries = [app.agree(app.begin(installer, each), organization_id) for each in browsers]
    for query, browser in zip(queries, browsers, strict=True):
        assert app.respond(installer, query, browser).status == 200
    installation = app.store.load(organization_id)
    assert installation is not None
    assert set(installation.webhook_ids) == registered(app)
    assert len(installation.webhook_ids) == 1
    app.call(organization_id)


def test_a_log_in_that_overtakes_another_while_its_webhooks_are_registered(
    make_app: MakeApp,
) -> None:
    app = make_app("sync")
    organization_id = app.organization()
    told: list[Installation] = []
    other = app.installer(webhooks=[webhook()], on_installed=told.append)

    def overtaken(_: Installation) -> Any:
        app.install(organization_id, other)
        return [webhook()]

    slow = app.installer(webhooks=overtaken, on_installed=told.append)
    installation = app.install(organization_id, slow)
    assert installation == app.store.load(organization_id) == told[0]
    assert len(told) == 1
    assert set(installation.webhook_ids) == registered(app)


def test_another_process_finishes_the_log_in(app: App, make_app: MakeApp, tmp_path: Any) -> None:
    other = make_app(app.kind, store=InstallationStore(FileTokenStore(tmp_path / "tokens")))
    start = app.installer().begin()
    cookie = start.cookie.partition(";")[0]
    query = app.agree(start.url)
    installation = other.run(other.installer().finish(query, f"theme=dark; {cookie}; x=1"))
    assert other.store.load(installation.organization_id) == installation


def test_secrets_can_be_rotated(app: App) -> None:
    start = app.installer().begin()
    query, cookie = app.agree(start.url), start.cookie.partition(";")[0]
    rotated = app.installer(secret=["another-secret-0a1b2c3d", COOKIE_SECRET])
    assert app.run(rotated.finish(query, cookie)).is_active


def finish(app: App, query: str, cookie: str, **options: Any) -> Any:
    with pytest.raises(errors.FrontdeskError) as caught:
        app.run(app.installer(**options).finish(query, cookie))
    return caught.value


def test_callbacks_of_other_log_ins_are_refused_without_using_the_code(app: App) -> None:
    start, other = app.installer().begin(), app.installer().begin()
    query, cookie = app.agree(start.url), start.cookie.partition(";")[0]
    state = query_of(f"?{query}")["state"]
    cookie_of_other = other.cookie.partition(";")[0]
    name, _, value = cookie.partition("=")
    other_value = cookie_of_other.partition("=")[2]
    ends_at, nonce, signature = value.split(".")
    cases = [
        (query, "", "no cookie"),
        (query, cookie_of_other, "no cookie"),
        (query, f"{name}={other_value}", "another state"),
        (query, f"{name}={int(ends_at) + 1}.{nonce}.{signature}", "another secret"),
        (query, f"{name}={value[:-1]}", "no cookie"),
        (query.replace(state, "forged"), cookie, "no state of this app"),
        (query.replace(state, ""), cookie, "no state of this app"),
        (query.replace(state, state[:-2] + "xx"), cookie, "another state"),
    ]
    for callback, cookies, reason in cases:
        error = finish(app, callback, cookies)
        assert type(error) is errors.StateMismatch, (reason, error)
        assert reason in str(error)
        assert state not in str(error)
        assert value not in str(error)
    error = finish(app, query, cookie, secret="a-secret-of-another-app")
    assert "another secret" in str(error)
    assert app.accounts.sent == 0
    app.run(app.installer().finish(query, cookie))


def test_a_log_in_that_takes_too_long(app: App) -> None:
    installer = app.installer(lifetime=600)
    start = installer.begin()
    query = app.agree(start.url)
    now = installer.attempts.now() + 601
    installer.attempts = msgspec.structs.replace(installer.attempts, now=lambda: now)
    with pytest.raises(errors.StateMismatch, match="took longer than 600 s"):
        app.run(installer.finish(query, start.cookie.partition(";")[0]))
    assert app.accounts.sent == 0


def test_a_callback_at_another_address(app: App) -> None:
    start = app.installer().begin()
    query, cookie = app.agree(start.url), start.cookie.partition(";")[0]
    error = finish(app, f"https://evil.example/livechat/install?{query}", cookie)
    assert type(error) is errors.RedirectMismatch
    assert "Developer Console" in str(error)
    assert app.accounts.sent == 0
    app.run(app.installer().finish(f"{REDIRECT}?{query}", cookie))


def test_a_redirect_uri_that_the_app_does_not_have(app: App) -> None:
    installer = app.installer(redirect_uri="https://app.example/other")
    start = installer.begin()
    back = app.sandbox.accounts.authorize(start.url, "smith@example.com")
    state = query_of(start.url)["state"]
    callback = urlencode({**query_of(back), "state": state})
    with pytest.raises(errors.RedirectMismatch, match="Developer Console"):
        app.run(installer.finish(callback, start.cookie.partition(";")[0]))


def test_a_reload_of_the_callback_does_not_end_the_tokens(app: App) -> None:
    # The server takes a code that comes twice for theft, and ends the tokens of it.
    installer, browser = app.installer(), Browser()
    query = app.agree(app.begin(installer, browser))
    assert app.respond(installer, query, browser).status == 200
    again = app.respond(installer, query, browser)
    assert again.status == 400
    assert b"Begin it again" in again.body
    app.call(app.sandbox.organization_id)
    app.end_access_tokens()
    app.call(app.sandbox.organization_id)


def test_a_code_that_was_used_before(app: App) -> None:
    start = app.installer().begin()
    query, cookie = app.agree(start.url), start.cookie.partition(";")[0]
    app.run(app.installer().finish(query, cookie))
    assert type(finish(app, query, cookie)) is errors.InvalidGrant


def test_a_user_who_does_not_let_the_app_in(app: App) -> None:
    installer, browser = app.installer(), Browser()
    state = query_of(app.begin(installer, browser))["state"]
    query = urlencode({"error": "access_denied", "state": state})
    response = app.respond(installer, query, browser)
    assert response.status == 403
    assert b"You did not let the app in" in response.body
    assert browser.cookies == {}


class Broken(MemoryTokenStore):
    def read(self, key: str) -> Any:
        raise errors.TokenStoreUnavailable("the disk is gone")


def test_a_store_that_fails_does_not_cost_the_code(app: App) -> None:
    start = app.installer().begin()
    query, cookie = app.agree(start.url), start.cookie.partition(";")[0]
    app.store.tokens, whole = Broken(), app.store.tokens
    assert type(finish(app, query, cookie)) is errors.TokenStoreUnavailable
    app.store.tokens = whole
    app.run(app.installer().finish(query, cookie))


@pytest.mark.parametrize(
    "error",
    [
        errors.ConnectError("refused"),
        errors.PoolTimeout("busy"),
        errors.TemporarilyUnavailable("too many", error="temporarily_unavailable", status=429),
    ],
)
def test_a_callback_whose_code_is_unspent_can_be_opened_again(app: App, error: Exception) -> None:
    installer, browser = app.installer(), Browser()
    query = app.agree(app.begin(installer, browser))
    app.accounts.error = error
    response = app.respond(installer, query, browser)
    assert response.status == 503
    assert b"reload this page" in response.body
    app.accounts.error = None
    assert app.respond(installer, query, browser).status == 200
    assert browser.cookies == {}
    app.call(app.sandbox.organization_id)


def test_a_callback_that_came_while_the_store_failed_can_be_opened_again(app: App) -> None:
    installer, browser = app.installer(), Browser()
    query = app.agree(app.begin(installer, browser))
    app.store.tokens, whole = Broken(), app.store.tokens
    assert app.respond(installer, query, browser).status == 503
    app.store.tokens = whole
    assert app.respond(installer, query, browser).status == 200


@pytest.mark.parametrize(
    "error",
    [
        errors.ConnectionClosed("in the middle"),
        errors.RequestTimeout("too slow"),
        errors.TemporarilyUnavailable("failed", error="server_error", status=500),
    ],
)
def test_a_callback_whose_code_may_be_spent_is_over(app: App, error: Exception) -> None:
    installer, browser = app.installer(), Browser()
    query = app.agree(app.begin(installer, browser))
    app.accounts.error = error
    response = app.respond(installer, query, browser)
    assert response.status == 503
    assert b"reload" not in response.body
    assert b"Begin again" in response.body
    assert browser.cookies == {}
    app.accounts.error = None
    assert app.respond(installer, query, browser).status == 400


class Full(MemoryTokenStore):
    def write(self, key: str, record: Any, expected: str | None) -> bool:
        raise errors.TokenStoreUnavailable("the disk is full")


def test_a_callback_whose_token_could_not_be_stored_is_over(app: App) -> None:
    installer, browser = app.installer(), Browser()
    query = app.agree(app.begin(installer, browser))
    app.store.tokens = Full()
    response = app.respond(installer, query, browser)
    assert response.status == 503
    assert b"reload" not in response.body
    assert browser.cookies == {}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ConnectError("gone", maybe_sent=False), 503),
        (errors.InvalidClient("no such app"), 500),
        (RuntimeError("a fault of the user's"), 500),
    ],
)
def test_pages_for_users_say_nothing_of_the_inside(
    app: App, error: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Installation) -> None:
        raise error

    installer, browser = app.installer(on_installed=fail), Browser()
    query = app.agree(app.begin(installer, browser))
    with caplog.at_level(logging.WARNING):
        response = app.respond(installer, query, browser)
    assert response.status == status
    assert str(error) not in response.body.decode()
    assert f'href="{REDIRECT}"' in response.body.decode()
    assert type(error).__name__ in caplog.text
    code = query_of(f"?{query}")["code"]
    for secret in (code, query_of(f"?{query}")["state"], CLIENT_SECRET, COOKIE_SECRET):
        assert secret not in caplog.text + response.body.decode()


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS"])
def test_only_get_may_spend_a_code(app: App, method: str) -> None:
    browser = Browser()
    installer = app.installer()
    query = app.agree(app.begin(installer, browser))
    response = app.run(installer.respond(method, query, browser.header))
    assert response.status == 405
    assert dict(response.headers)["allow"] == "GET"
    assert app.respond(installer, query, browser).status == 200


def test_addresses_with_codes_are_not_passed_on(app: App) -> None:
    response = app.respond(app.installer(), "code=x&state=y", Browser())
    headers = dict(response.headers)
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_webhooks_are_registered_for_each_organization(app: App) -> None:
    ids = [app.organization(), app.organization()]
    installer = app.installer(
        webhooks=lambda each: [webhook(f"https://app.example/hooks/{each.organization_id}")]
    )
    made = {app.install(each, installer).webhook_ids for each in ids}
    assert {key for keys in made for key in keys} == registered(app)
    assert len(registered(app)) == 2
    again = app.install(ids[0], installer)
    assert len(registered(app)) == 2
    assert set(again.webhook_ids) <= registered(app)


def test_an_installation_whose_webhook_is_refused_can_be_made_again(app: App) -> None:
    organization_id = app.organization()
    three = [webhook(f"https://app.example/{number}") for number in range(4)]
    with pytest.raises(errors.LimitReached):
        app.install(organization_id, app.installer(webhooks=three))
    kept = app.store.load(organization_id)
    assert kept is not None
    assert set(kept.webhook_ids) == registered(app)
    assert len(kept.webhook_ids) == 3
    app.install(organization_id, app.installer(webhooks=three[:1]))
    assert len(registered(app)) == 1


def test_uninstalling_unregisters_revokes_and_forgets(app: App) -> None:
    told: list[Installation] = []
    gone, stays = app.organization(), app.organization()
    installer = app.installer(webhooks=[webhook()], on_uninstalled=told.append)
    app.install(gone, installer)
    kept = app.install(stays, installer)
    grant = app.store.tokens.load(app.store.token_key(gone))
    assert grant is not None
    assert app.run(installer.uninstall(gone)) is True
    assert [each.organization_id for each in told] == [gone]
    assert registered(app) == set(kept.webhook_ids)
    assert app.store.organization_ids() == [stays]
    with pytest.raises(errors.TokenRejected):
        app.run(app.oauth.introspect(grant))
    with pytest.raises(errors.NotInstalled):
        app.of(gone)
    app.call(stays)
    assert app.run(installer.uninstall(gone)) is False
    assert len(told) == 1


def test_uninstalling_what_was_revoked_already(app: App, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Installation] = []
    installer = app.installer(webhooks=[webhook()], on_uninstalled=told.append)
    organization_id = app.organization()
    app.install(organization_id, installer)
    grant = app.store.tokens.load(app.store.token_key(organization_id))
    assert grant is not None
    app.run(app.oauth.revoke(grant))
    assert app.run(installer.uninstall(organization_id)) is True
    assert "stay registered" in caplog.text
    assert len(told) == 1
    assert app.store.organization_ids() == []


def test_uninstalling_can_be_tried_again_when_there_was_no_response(app: App) -> None:
    organization_id = app.organization()
    installer = app.installer(webhooks=[webhook()])
    app.install(organization_id, installer)
    app.accounts.error = errors.CertificateError("no", maybe_sent=False)
    with pytest.raises(errors.TransportError):
        app.run(installer.uninstall(organization_id))
    assert app.store.load(organization_id) is not None
    app.accounts.error = None
    assert app.run(installer.uninstall(organization_id)) is True
    assert registered(app) == set()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"secret": "short"}, "secret"),
        ({"secret": []}, "secret"),
        ({"secret": [COOKIE_SECRET, "short"]}, "secret"),
        ({"secret": 7}, "secret"),
        ({"redirect_uri": "nowhere"}, "redirect_uri"),
        ({"scopes": ["a b"]}, "scopes"),
        ({"webhooks": ["incoming_event"]}, "webhooks"),
        ({"webhooks": [msgspec.structs.replace(webhook(), owner_client_id="other")]}, "webhooks"),
        ({"on_installed": 7}, "on_installed"),
        ({"on_uninstalled": "x"}, "on_uninstalled"),
        ({"after": 7}, "after"),
        ({"lifetime": 0}, "lifetime"),
    ],
)
def test_arguments_that_do_not_fit(app: App, options: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        app.installer(**options)
    assert caught.value.field == field


def test_sync_and_async_are_not_mixed(make_app: MakeApp) -> None:
    sync, other = make_app("sync"), make_app("async")
    with pytest.raises(errors.InvalidArgument, match="AsyncInstaller"):
        Installer(other.clients, secret=COOKIE_SECRET)
    with pytest.raises(errors.InvalidArgument, match="Installer takes"):
        AsyncInstaller(sync.clients, secret=COOKIE_SECRET)

    async def later(_: Installation) -> None: ...

    with pytest.raises(errors.InvalidArgument, match="use AsyncInstaller"):
        sync.installer(on_installed=later)
    told: list[str] = []

    async def tell(installation: Installation) -> None:
        told.append(installation.organization_id)

    other.install("", other.installer(on_installed=tell))
    assert told == [other.sandbox.organization_id]
