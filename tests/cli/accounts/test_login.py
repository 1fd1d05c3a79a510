"""``frontdesk login`` and ``logout`` against the accounts server of the sandbox."""

import io
import json
import os
import socket
import stat
import sys
import threading
import webbrowser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from frontdesk import AgentClient
from frontdesk.auth import FileTokenStore
from frontdesk.cli.accounts.callback import CallbackListener, LoginTimeout
from frontdesk.errors import FrontdeskError

from ...canary import CANARY
from .._running import as_json, ok, refused
from ._browser import JONES, SMITH, Browser, callback_of, get
from ._stored import stored


@pytest.fixture
def run(environment):
    return environment


def test_a_log_in_is_stored_and_used_by_other_commands(log_in, run, settings, browser, served):
    code, text, errors = log_in()
    assert (code, text) == (0, ""), errors
    grant = stored(settings)
    assert f"logged in as the account {grant.account_id}" in errors
    assert served.organization_id in errors
    assert (browser.page.status, "You are logged in" in browser.page.text) == (200, True)
    assert ok(run("agents", "list")).count("@example.com") > 3
    query = parse_qs(urlsplit(browser.urls[0]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 32


@pytest.mark.parametrize("words", [("agents", "list"), ("whoami",), ("doctor",)], ids=" ".join)
def test_a_profile_is_not_shown_to_another_server(log_in, run, monkeypatch, words):
    ok(log_in())
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        line = refused(run(*words, "--base-url", url))
        assert line.startswith(
            "`--base-url` must be that of the profile 'default', which logged in"
        )
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()  # nobody has connected


def test_nothing_secret_is_printed(log_in, run, settings, browser, served):
    _, text, errors = log_in()
    grant = stored(settings)
    for words in (("whoami",), ("whoami", "--json"), ("profiles",), ("profiles", "--json")):
        text += ok(run(*words))
    for secret in (grant.access_token, grant.refresh_token):
        assert secret.rpartition(":")[2] not in text + errors + browser.page.text
    assert "code=" not in text + errors


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_only_the_user_can_read_what_is_stored(log_in, settings):
    ok(log_in())
    folder = settings / "frontdesk"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "tokens.json").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_file_that_others_can_read_is_refused_before_the_log_in(log_in, settings, browser):
    ok(log_in())
    (settings / "frontdesk" / "tokens.json").chmod(0o644)
    assert "chmod 600" in refused(log_in(), 1)
    assert len(browser.urls) == 1


def test_a_file_that_is_cut_in_half_says_what_to_do(log_in, run, settings):
    ok(log_in())
    file = settings / "frontdesk" / "tokens.json"
    file.write_bytes(file.read_bytes()[:100])
    for words in (("agents", "list"), ("whoami",), ("profiles",), ("logout",)):
        assert "log in again" in refused(run(*words), 1)


def test_the_token_is_renewed_through_the_store(log_in, run, settings, served):
    ok(log_in())
    before = stored(settings)
    served.advance(9 * 3600)
    ok(run("agents", "list"))
    after = stored(settings)
    assert after.generation == before.generation + 1
    assert after.refresh_token != before.refresh_token
    ok(run("agents", "list"))
    assert stored(settings).generation == after.generation


def test_an_app_with_a_secret_keeps_it_to_renew_the_token(
    run, served, port, browser, settings, monkeypatch
):
    secret = f"{CANARY}Secret"
    app = served.accounts.register_client(
        f"http://127.0.0.1:{port}/callback", type="server_side", client_secret=secret
    )
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", app.client_id)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{secret}\n"))
    code, text, errors = run("login", "--port", str(port), "--ask-secret")
    assert code == 0, errors
    assert secret not in text + errors
    served.advance(9 * 3600)
    monkeypatch.delenv("FRONTDESK_CLIENT_ID")
    ok(run("agents", "list"))
    assert stored(settings).generation == 2


def test_a_secret_on_the_command_line_is_warned_of(log_in, monkeypatch):
    _, _, errors = log_in("--client-secret", f"{CANARY}Secret")
    assert errors.startswith("frontdesk: other users of this machine")
    assert "FRONTDESK_CLIENT_SECRET" in errors
    assert CANARY not in errors
    monkeypatch.setenv("FRONTDESK_CLIENT_SECRET", f"{CANARY}Secret")
    assert "other users of this machine" not in log_in()[2]


def test_a_wrong_secret_says_so_here_and_in_the_browser(log_in, browser, served, port, monkeypatch):
    app = served.accounts.register_client(f"http://127.0.0.1:{port}/callback", type="server_side")
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", app.client_id)
    monkeypatch.setenv("FRONTDESK_CLIENT_SECRET", f"{CANARY}Wrong")
    assert "Developer Console" in refused_words(log_in())
    assert "The log-in failed" in browser.page.text


def refused_words(ended):
    code, text, errors = ended
    assert (code, text) == (1, "")
    return errors.splitlines()[-1]


def test_scopes_can_be_chosen(log_in, settings):
    ok(log_in("--scope", "chats--access:ro", "--scope", "agents--all:ro"))
    assert stored(settings).scopes == ("chats--access:ro", "agents--all:ro")


def test_nobody_logs_in_within_the_time(run, port, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda _: True)
    message = refused_words(run("login", "--port", str(port), "--timeout", "1"))
    assert message.startswith("frontdesk: nobody logged in within 1 s")
    assert "--no-browser" in message


def test_a_taken_port_says_what_to_do(run, port, browser):
    with CallbackListener(port):
        message = refused_words(run("login", "--port", str(port)))
    assert f"127.0.0.1:{port}" in message
    assert "--port" in message
    assert browser.urls == []


def test_without_a_browser_the_address_is_pasted(run, port, settings, monkeypatch):
    class Person(io.StringIO):
        def readline(self, *_):
            printed = sys.stderr.getvalue()
            url = next(line.strip() for line in printed.splitlines() if "state=" in line)
            return f"  {callback_of(url)}\n"

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(sys, "stdin", Person())
    assert run("login", "--port", str(port), "--no-browser")[0] == 0
    assert stored(settings) is not None


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("", "no address was pasted"),
        ("\n", "no address was pasted"),
        (f"{CANARY}Code\n", "what was pasted is no address"),
        ("http://127.0.0.1:{port}/callback?code=x&state=other\n", "another state than the log-in"),
        ("http://127.0.0.1:{port}/callback?code=x\n", "no state"),
        ("http://evil.example/callback?code=x&state=other\n", "another address"),
        (
            "http://127.0.0.1:{port}/callback?error=access_denied&error_description=no&state=x\n",
            "state",
        ),
    ],
)
def test_what_cannot_be_the_end_of_the_log_in_is_refused(
    run, port, settings, monkeypatch, pasted, message
):
    monkeypatch.setattr(sys, "stdin", io.StringIO(pasted.format(port=port)))
    code, text, errors = run("login", "--port", str(port), "--no-browser")
    assert (code, text) == (1, "")
    assert message in errors.splitlines()[-1]
    assert CANARY not in errors
    assert stored(settings) is None


def test_two_log_ins_at_once_do_not_disturb_each_other(run, served, port, settings, monkeypatch):
    """The callback of one comes to the port of the other first."""
    visited = []

    def visit(url):
        own = callback_of(url, SMITH)
        other = urlsplit(own)._replace(query=urlencode({"code": "x", "state": "of another"}))
        visited.append(get(other.geturl()))
        return get(own)

    browser = Browser(visit)
    monkeypatch.setattr(webbrowser, "open", browser.open)
    assert run("login", "--port", str(port))[0] == 0
    assert "This belongs to another log-in" in visited[0].text
    assert (visited[0].status, browser.page.status) == (400, 200)


def test_two_profiles_at_once(run, served, settings, monkeypatch):
    """Both wait for their browsers before either is logged in."""
    both = threading.Barrier(2)
    listeners = [CallbackListener(0), CallbackListener(0)]
    try:
        client = served.accounts.register_client([each.redirect_uri for each in listeners])
        from frontdesk.cli.accounts.profiles import App, Profiles

        def log_in(listener, name, agent_id):
            place = Profiles().new(name, in_keyring=False)
            app = App(client_id=client.client_id, accounts_url=served.accounts_url)
            with app.oauth(listener.redirect_uri) as oauth:
                attempt = oauth.start_login()
                listener.expect(attempt.state)
                both.wait()
                browser = Browser(lambda url: get(callback_of(url, agent_id)))
                browser.open(attempt.url)
                callback = listener.wait(30)
                place.remember(app)
                oauth.exchange(callback, attempt, store=place.store, key=name)
                listener.show(done=True)
                Profiles().settle(place, client.client_id)

        threads = [
            threading.Thread(target=log_in, args=arguments)
            for arguments in zip(listeners, ("one", "two"), (JONES, SMITH), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for listener in listeners:
            listener.close()
    accounts = {row["profile"]: row["account"] for row in as_json(run("profiles", "--json"))}
    assert sorted(accounts) == ["one", "two"]
    assert len(set(accounts.values())) == 2
    for name, account in accounts.items():
        assert as_json(run("whoami", "--profile", name, "--json"))["account"] == account


class TestListener:
    def test_it_serves_nothing_else(self):
        with CallbackListener(0) as listener:
            listener.expect("the state")
            root = f"http://127.0.0.1:{listener.port}"
            assert get(f"{root}/").status == 404
            assert get(f"{root}/callback?state=other&code=x").status == 400
            assert get(f"{root}/callback?state=the+state&state=the+state").status == 400
            # A name that somebody made lead to this machine.
            page = get(f"{root}/callback?state=the+state&code=x", {"Host": "evil.example"})
            assert page.status == 404
            with pytest.raises(LoginTimeout):
                listener.wait(0.01)

    def test_a_callback_counts_once(self):
        with CallbackListener(0) as listener:
            listener.expect("s")
            url = f"{listener.redirect_uri}?state=s&code=x"
            browser = Browser(get)
            browser.open(url)
            assert listener.wait(30) == url
            assert get(url).status == 400
            listener.show(done=True)
            assert browser.page.status == 200
            assert "over" in get(url).text

    def test_the_page_shows_nothing_of_the_address_and_keeps_it_to_itself(self):
        with CallbackListener(0) as listener:
            listener.expect("s")
            page = get(f"{listener.redirect_uri}?state=<script>&code={CANARY}")
        assert CANARY not in page.text
        assert "script" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]

    def test_a_taken_port(self):
        with CallbackListener(0) as listener, pytest.raises(FrontdeskError, match="--port"):
            CallbackListener(listener.port)


class TestProfiles:
    def test_the_option_counts_before_the_variable_before_the_profile(
        self, log_in, run, served, monkeypatch
    ):
        ok(log_in("--profile", "work"))
        ok(log_in())
        source = lambda *words: as_json(run("whoami", "--json", *words))["source"]  # noqa: E731
        assert source() == "the profile 'default'"
        monkeypatch.setenv("FRONTDESK_PROFILE", "work")
        assert source() == "the profile 'work'"
        monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["agent"])
        assert source() == "FRONTDESK_TOKEN"
        assert source("--profile", "work") == "the profile 'work'"
        assert source("--token", served.tokens["owner"]) == "`--token`"
        message = refused(run("whoami", "--token", "dal:x", "--profile", "work"))
        assert message == "`--profile` cannot be given together with `--token`"

    def test_a_profile_that_is_not_there(self, log_in, run, monkeypatch):
        ok(log_in("--profile", "work"))
        message = refused(run("agents", "list", "--profile", "wrok"))
        assert "did you mean `work`?" in message
        assert "`frontdesk login --profile wrok`" in message
        monkeypatch.setenv("FRONTDESK_PROFILE", "gone")
        assert refused(run("agents", "list")).startswith("`FRONTDESK_PROFILE` names 'gone'")
        assert "letters" in refused(run("whoami", "--profile", "../x"))

    def test_without_any_token(self, run):
        for words in (("agents", "list"), ("whoami",)):
            message = refused(run(*words))
            assert message.startswith("a token is required")
            assert "`frontdesk login`" in message

    def test_a_second_app_replaces_the_first(
        self, log_in, run, served, port, monkeypatch, settings
    ):
        ok(log_in())
        other = served.accounts.register_client(f"http://127.0.0.1:{port}/callback")
        monkeypatch.setenv("FRONTDESK_CLIENT_ID", other.client_id)
        ok(log_in())
        assert as_json(run("whoami", "--json"))["client_id"] == other.client_id
        keys = FileTokenStore(settings / "frontdesk" / "tokens.json").keys()
        assert sorted(keys) == [f"app/default/{other.client_id}", "default"]

    def test_a_failed_log_in_leaves_the_one_before(self, log_in, run, served, port, monkeypatch):
        ok(log_in())
        monkeypatch.setenv("FRONTDESK_CLIENT_ID", "unknown-app")
        monkeypatch.setattr(webbrowser, "open", lambda _: True)
        assert log_in("--timeout", "1")[0] == 1
        ok(run("agents", "list"))

    def test_a_program_can_use_what_is_stored(self, log_in, settings, app, served):
        from frontdesk import OAuth

        ok(log_in())
        store = FileTokenStore(settings / "frontdesk" / "tokens.json")
        with (
            OAuth(app.client_id, accounts_url=served.accounts_url) as oauth,
            AgentClient(oauth.token_source(store), base_url=served.url) as client,
        ):
            assert client.list_chats().found_chats > 0

    def test_the_keyring(self, log_in, run, settings, monkeypatch):
        keyring = pytest.importorskip("keyring")
        from keyring.backend import KeyringBackend

        kept = {}

        class InMemory(KeyringBackend):
            priority = 1

            def get_password(self, service, username):
                return kept.get((service, username))

            def set_password(self, service, username, password):
                kept[service, username] = password

            def delete_password(self, service, username):
                del kept[service, username]

        ok(log_in())
        monkeypatch.setattr(keyring, "get_keyring", InMemory)
        ok(log_in("--keyring"))
        assert stored(settings) is None
        assert "access_token" not in (settings / "frontdesk" / "tokens.json").read_text()
        ok(run("agents", "list"))
        assert as_json(run("profiles", "--json"))[0]["keyring"] is True
        ok(run("logout"))
        assert as_json(run("profiles", "--json")) == []
        assert not any("default" in name for _, name in kept)


class TestLogout:
    def test_it_revokes_and_forgets(self, log_in, run, settings, served):
        ok(log_in())
        grant = stored(settings)
        assert "logged out" in run("logout")[2]
        assert stored(settings) is None
        assert (settings / "frontdesk" / "tokens.json").read_text().count("app/") == 0
        headers = {"authorization": f"Bearer {grant.access_token}"}
        assert served.backend.respond("GET", "/accounts/v2/info", headers, b"").status == 401
        assert "has no log-in" in refused(run("logout"))

    def test_a_token_that_the_server_does_not_have_is_forgotten(self, log_in, run, app, served):
        ok(log_in())
        served.accounts.remove_client(app.client_id)
        assert "did not have its token any more" in run("logout")[2]
        assert as_json(run("profiles", "--json")) == []

    def test_local_asks_no_server(self, log_in, run, settings, served):
        ok(log_in())
        before = len(served.calls())
        ok(run("logout", "--local"))
        assert len(served.calls()) == before
        assert stored(settings) is None

    def test_without_a_server_the_token_is_kept(
        self, log_in, run, settings, served, monkeypatch, port
    ):
        ok(log_in())
        file = settings / "frontdesk" / "tokens.json"
        file.write_text(file.read_text().replace(served.accounts_url, f"http://127.0.0.1:{port}"))
        monkeypatch.setattr("frontdesk.cli.accounts.profiles.OAuth", _without_retries)
        message = refused_words(run("logout"))
        assert "--local" in message
        assert stored(settings) is not None


def _without_retries(*arguments, **options):
    from frontdesk import OAuth

    return OAuth(*arguments, retry=None, **options)


class TestRevoked:
    @pytest.mark.parametrize(
        ("options", "step"),
        [
            ((), "The log-in of the profile 'default' is over. Run `frontdesk login` for this"),
            (
                ("--profile", "work"),
                (
                    "The log-in of the profile 'work' is over. "
                    "Run `frontdesk login --profile work` for this"
                ),
            ),
        ],
    )
    def test_commands_say_to_log_in_again(self, log_in, run, served, settings, options, step):
        ok(log_in(*options))
        grant = stored(settings, options[-1] if options else "default")
        headers = {"authorization": f"Bearer {grant.refresh_token}"}
        assert served.backend.respond("DELETE", "/accounts/v2/token", headers, b"").status == 200
        for words in (("agents", "list"), ("whoami",)):
            message = refused_words(run(*words, *options))
            assert message.endswith(f"{step} profile")
            assert "start_login" not in message


class TestWhoami:
    def test_of_a_log_in(self, log_in, run, app, served):
        ok(log_in())
        shown = as_json(run("whoami", "--json"))
        assert shown["organization"] == served.organization_id
        assert shown["client_id"] == app.client_id
        assert shown["region"] == "dal"
        assert shown["kind"] == "access token"
        assert "chats--access:rw" in shown["scopes"]
        assert shown["expires"] is not None
        text = ok(run("whoami"))
        assert f"organization  {served.organization_id}" in text

    def test_of_a_personal_access_token(self, run, served, monkeypatch):
        monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["pat"])
        before = len(served.calls())
        shown = as_json(run("whoami", "--json"))
        assert shown["account"] == "6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20"
        assert (shown["organization"], shown["scopes"], shown["expires"]) == (None, None, None)
        assert shown["region"] == "dal"
        text = ok(run("whoami"))
        assert text.count("unknown") == 4
        assert len(served.calls()) == before

    def test_of_an_expired_token(self, run, served, monkeypatch):
        monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["expired"])
        message = refused_words(run("whoami"))
        assert "expired" in message
        assert message.endswith("`frontdesk doctor` says more")


def test_ctrl_c_ends_a_log_in_and_frees_the_port(run, port, monkeypatch, settings):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(webbrowser, "open", interrupted)
    assert run("login", "--port", str(port))[0] == 130
    assert stored(settings) is None
    with CallbackListener(port):
        pass


def test_profiles_are_listed(log_in, run):
    assert as_json(run("profiles", "--json")) == []
    assert "`frontdesk login`" in run("profiles")[2]
    ok(log_in("--profile", "work"))
    (row,) = json.loads(ok(run("profiles", "--json")))
    assert row["profile"] == "work"
    assert ok(run("profiles")).splitlines()[0].startswith("profile")
