"""``frontdesk doctor`` against the sandbox, and against servers with something wrong."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from frontdesk.sandbox import Sandbox

from ...canary import CANARY, TOKEN
from ...loopback import Loopback, reply
from .._running import as_json, ok, refused

ACCOUNT = "6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20"


@pytest.fixture
def doctor(run, monkeypatch):
    """Run it with a token; the exit code, the findings by their check, and all of it."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def doctor(*words, token=None):
        if token is not None:
            monkeypatch.setenv("FRONTDESK_TOKEN", token)
        code, text, errors = run("doctor", *words, "--json")
        report = as_json((0, text, errors))
        assert report["ok"] == (code == 0)
        report["code"] = code
        report["by_check"] = {finding["check"]: finding for finding in report["findings"]}
        return report

    return doctor


def wrong(report):
    return [finding["check"] for finding in report["findings"] if finding["verdict"] == "failed"]


def billed_calls(served):
    return [call.action for call in served.calls() if not call.action.startswith("accounts.")]


class TestTokens:
    def test_all_is_well(self, doctor, run, served):
        report = doctor("list_agents")
        assert (report["code"], wrong(report)) == (0, [])
        assert (report["requests"], report["billed"]) == (2, 1)
        assert billed_calls(served) == ["list_chats"]
        code, text, errors = run("doctor")
        assert code == 0
        assert "(1 billed request)" in text
        assert "all is well; 2 requests sent, 1 of them billed" in errors

    def test_without_billed_requests(self, doctor, served):
        report = doctor("list_agents", "--no-billed")
        assert (report["code"], report["requests"], report["billed"]) == (0, 1, 0)
        assert report["by_check"]["scope"]["verdict"] == "ok"
        assert billed_calls(served) == []

    def test_there_is_none(self, doctor, monkeypatch, served):
        monkeypatch.delenv("FRONTDESK_TOKEN")
        report = doctor()
        assert report["code"] == 1
        assert "`frontdesk login`" in report["by_check"]["token"]["text"]
        assert billed_calls(served) == []

    def test_a_wrong_text_costs_nothing(self, doctor, served):
        pair = served.tokens["pat"].removeprefix("Basic ")
        report = doctor(token=f"Bearer {pair}")
        assert wrong(report) == ["token"]
        assert report["billed"] == 0
        assert billed_calls(served) == []

    def test_an_expired_token_is_not_sent_to_the_api(self, doctor, served):
        report = doctor(token=served.tokens["expired"])
        assert wrong(report) == ["accounts server"]
        assert "expired" in report["by_check"]["accounts server"]["text"]
        assert billed_calls(served) == []

    def test_a_token_that_nobody_knows(self, doctor, served):
        report = doctor(token=TOKEN)
        assert wrong(report) == ["accounts server"]
        assert "revoked" in report["by_check"]["accounts server"]["text"]
        assert (report["requests"], report["billed"]) == (1, 0)
        assert billed_calls(served) == []
        # Only who asks for it pays for the API's own word.
        report = doctor("--billed", token=TOKEN)
        assert wrong(report) == ["accounts server", "API"]
        assert (report["requests"], report["billed"]) == (2, 1)

    def test_a_revoked_profile(self, doctor, run, served, app, settings, monkeypatch):
        from frontdesk.auth import FileTokenStore
        from frontdesk.cli.accounts.profiles import App, Profiles

        profiles = Profiles()
        place = profiles.new("work", in_keyring=False)
        place.remember(App(client_id=app.client_id, accounts_url=served.accounts_url))
        with place_oauth(served, app) as oauth:
            attempt = oauth.start_login(app.redirect_uris[0])
            callback = served.accounts.authorize(attempt.url, "jones@example.com")
            grant = oauth.exchange(callback, attempt, store=place.store, key="work")
            monkeypatch.delenv("FRONTDESK_TOKEN")
            report = doctor("--profile", "work")
            assert report["code"] == 0
            assert "'work'" in report["by_check"]["source"]["text"]
            oauth.revoke(grant)
        before = billed_calls(served)
        report = doctor("list_chats", "--profile", "work")
        assert wrong(report) == ["accounts server"]
        text = report["by_check"]["accounts server"]["text"]
        assert "`frontdesk login --profile work`" in text
        assert "bot" not in text
        assert report["requests"] == 2
        assert "personal" not in report["by_check"]["scope"]["text"]
        assert billed_calls(served) == before
        assert FileTokenStore(settings / "frontdesk" / "tokens.json").load("work") is not None
        served.advance(9 * 3600)
        report = doctor("--profile", "work")
        assert report["code"] == 1

    def test_a_bot_token(self, doctor, served):
        report = doctor("list_chats", token=served.tokens["bot"])
        assert report["code"] == 0
        assert "bot tokens" in report["by_check"]["accounts server"]["text"]
        report = doctor("register_webhook", token=served.tokens["bot"])
        assert wrong(report) == ["scope"]


def place_oauth(served, app):
    from frontdesk import OAuth

    return OAuth(app.client_id, accounts_url=served.accounts_url)


class TestScopes:
    def test_one_that_is_missing(self, doctor, served):
        report = doctor("send_event", token=served.tokens["few_scopes"])
        assert wrong(report) == ["scope"]
        text = report["by_check"]["scope"]["text"]
        assert "`send_event` needs chats--all:rw or chats--access:rw" in text
        assert billed_calls(served) == ["list_chats"]

    def test_one_that_a_wider_one_contains(self, doctor, served):
        report = doctor("get_chat", token=served.tokens["owner"])
        assert report["by_check"]["scope"]["verdict"] == "ok"

    def test_a_personal_access_token_is_tried_where_that_changes_nothing(self, doctor, served):
        report = doctor("list_agents", token=served.tokens["pat"])
        assert report["by_check"]["scope"]["verdict"] == "ok"
        assert billed_calls(served) == ["list_agents"]

    def test_a_personal_access_token_and_a_method_that_changes_something(self, doctor, served):
        report = doctor("deactivate_chat", token=served.tokens["pat"])
        assert report["code"] == 0
        assert report["by_check"]["scope"]["verdict"] == "unknown"
        assert billed_calls(served) == ["list_chats"]

    def test_a_method_for_anybody(self, doctor):
        report = doctor("issue_bot_token")
        assert "needs no token" in report["by_check"]["scope"]["text"]

    def test_a_method_that_does_not_exist(self, run):
        assert "did you mean `send_event`?" in refused(run("doctor", "send_evnt"))


class TestRegions:
    def test_another_region_than_the_token_says(self, doctor, served):
        served.fault("wrong_region", "list_chats")
        report = doctor()
        assert wrong(report) == ["region"]
        text = report["by_check"]["region"]["text"]
        assert "the organization is in fra" in text
        assert "begins with `dal:`" in text
        assert report["billed"] == 1
        assert billed_calls(served) == ["list_chats"]


@pytest.fixture
def answering() -> Iterator[Loopback]:
    """A server that responds to everything alike."""
    with Loopback() as server:
        yield server


class TestTheWay:
    @pytest.mark.parametrize(
        ("ahead", "words"),
        [(-7200, "2 h ahead of"), (86_400 * 3, "3 days behind"), (90, "(89|90) s behind")],
    )
    def test_a_wrong_clock(self, doctor, answering, ahead, words, monkeypatch):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        answering.default = reply(headers={"Date": date})
        monkeypatch.setenv("FRONTDESK_BASE_URL", answering.url)
        report = doctor()
        assert "clock" in wrong(report)
        # A header has whole seconds, and some of one go by.
        assert re.search(words, report["by_check"]["clock"]["text"])

    def test_a_clock_that_is_right(self, doctor):
        assert doctor()["by_check"]["clock"]["verdict"] == "ok"

    def test_nobody_is_there(self, doctor, port, monkeypatch):
        monkeypatch.setenv("FRONTDESK_BASE_URL", f"http://127.0.0.1:{port}")
        report = doctor()
        assert "connection" in wrong(report)
        assert report["by_check"]["clock"]["verdict"] == "unknown"

    def test_a_certificate_that_nobody_trusts(self, doctor, monkeypatch):
        with Sandbox.serve("empty", tls=True) as served:
            monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
            report = doctor(token=served.tokens["owner"])
        assert "connection" in wrong(report)
        assert "SSL_CERT_FILE" in report["by_check"]["connection"]["text"]

    def test_a_proxy_is_named_without_its_password(self, doctor, port, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", f"http://user:{CANARY}Password@127.0.0.1:{port}")
        monkeypatch.setattr("frontdesk.transport.tls.proxy_bypass", lambda _: False)
        report = doctor()
        assert f"http://127.0.0.1:{port}" in report["by_check"]["proxy"]["text"]
        assert "connection" in wrong(report)
        assert CANARY not in str(report)

    def test_an_address_that_everybody_can_listen_to(self, doctor, monkeypatch):
        monkeypatch.setenv("FRONTDESK_ACCOUNTS_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("FRONTDESK_BASE_URL", "http://api.example.com")
        report = doctor()
        assert "https" in report["by_check"]["address"]["text"]
        assert report["billed"] == 0


class TestWebhooks:
    def test_one_that_can_be_reached(self, doctor, served, answering):
        answering.default = reply(status=405)
        report = doctor("--webhook-url", f"{answering.url}/hooks")
        assert report["by_check"]["webhook URL"]["verdict"] == "ok"
        (request,) = answering.requests
        assert "authorization" not in request.headers

    @pytest.mark.parametrize(
        ("status", "headers", "words"),
        [
            (302, {"Location": "/elsewhere"}, "redirects"),
            (401, {}, "asks for a password"),
            (503, {}, "fails (HTTP 503)"),
        ],
    )
    def test_one_that_takes_none(self, doctor, answering, status, headers, words):
        answering.default = reply(status=status, headers=headers)
        report = doctor("--webhook-url", answering.url)
        assert wrong(report) == ["webhook URL"]
        assert words in report["by_check"]["webhook URL"]["text"]

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("example.com/hooks", "absolute address"),
            ("https://example.com/ x", "spaces"),
            (f"https://example.com/{'x' * 500}", "500 at most"),
            (f"https://user:{CANARY}@example.com/", "holds an account"),
        ],
    )
    def test_one_that_is_no_address_for_them(self, doctor, url, words):
        report = doctor("--webhook-url", url)
        assert wrong(report) == ["webhook URL"]
        assert words in report["by_check"]["webhook URL"]["text"]
        assert CANARY not in str(report)

    @pytest.mark.parametrize(
        "url",
        [
            "https://localhost/x", "https://127.0.0.1:8080/", "https://192.168.1.2/x",
            "https://[::1]/", "https://10.0.0.1/", "https://printer/", "https://nas.local/x",
        ],
    )  # fmt: skip
    def test_one_that_only_this_network_knows(self, url):
        from frontdesk.cli.accounts.checks import webhook_url

        (finding,) = webhook_url(url, base_url="https://api.livechatinc.com")
        assert finding.verdict == "failed"
        assert "tunnel" in finding.text
        assert finding.requests == 0


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        TOKEN,
        f"Bearer {TOKEN}",
        f"Basic {TOKEN}",
        f"Basic {encoded(TOKEN)}",
        f"Basic {encoded(f'{ACCOUNT}:{TOKEN}')}",
        f"Bearer {encoded(f'{ACCOUNT}:{TOKEN}')}",
        encoded(f"{ACCOUNT}:{TOKEN}"),
        f"Basic {encoded(encoded(f'{ACCOUNT}:{TOKEN}'))}",
        f"{ACCOUNT}:{TOKEN}",
        f'"{TOKEN}"',
        f"Authorization: Bearer {TOKEN}",
        f"{TOKEN}\u200b",
        f"{TOKEN}\n",
        f"DAL:{CANARY}Token",
        f"{CANARY}Token",
    ],
)
def test_no_token_is_shown_not_even_if_a_server_echoes_it(run, answering, monkeypatch, token):
    """Neither as it is, nor encoded or decoded."""
    echo = f'{{"error":"invalid_token","error_description":"no: {encoded(token)} "}}'
    answering.default = reply(echo.encode(), 401)
    monkeypatch.setenv("FRONTDESK_BASE_URL", answering.url)
    monkeypatch.setenv("FRONTDESK_TOKEN", token)
    for words in (("doctor",), ("doctor", "--json"), ("doctor", "list_chats"), ("whoami",)):
        _, text, errors = run(*words)
        for secret in (CANARY, encoded(CANARY)[:-4], encoded(TOKEN), ACCOUNT):
            if secret != ACCOUNT or words != ("whoami",):
                assert secret not in text + errors


def test_it_says_what_was_found_in_lines(run):
    text = ok(run("doctor"))
    assert all(line[:8].strip() in {"ok", "warning", "unknown"} for line in text.splitlines())
