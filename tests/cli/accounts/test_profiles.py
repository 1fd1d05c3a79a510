"""Where the token of a profile goes, and what becomes of it when the server ends it."""

import base64
import json
import re

import pytest

from frontdesk.sandbox import Sandbox

from .._running import as_json, ok, refused
from ._stored import end_access_token, stored


@pytest.fixture
def run(environment):
    return environment


class TestAddresses:
    def test_a_log_in_at_a_sandbox_is_used_there_without_options(
        self, log_in, run, served, monkeypatch
    ):
        ok(log_in("--profile", "work"))
        monkeypatch.delenv("FRONTDESK_BASE_URL")
        assert "@example.com" in ok(run("agents", "list", "--profile", "work"))
        assert as_json(run("whoami", "--profile", "work", "--json"))["account"] is not None
        assert as_json(run("doctor", "--profile", "work", "--json"))["ok"] is True
        (row,) = as_json(run("profiles", "--json"))
        assert row["base_url"] == served.url
        assert "logged out" in run("logout", "--profile", "work")[2]

    def test_one_that_was_given_only_the_accounts_server(self, log_in, run, served, monkeypatch):
        monkeypatch.delenv("FRONTDESK_BASE_URL")
        ok(log_in("--accounts-url", served.accounts_url))
        assert "@example.com" in ok(run("agents", "list"))

    def test_options_count_before_variables_before_the_profile(
        self, log_in, run, served, monkeypatch
    ):
        ok(log_in())
        with Sandbox.serve("empty") as other:
            monkeypatch.setenv("FRONTDESK_BASE_URL", other.url)
            message = refused(run("agents", "list"))
            assert message.startswith("`FRONTDESK_BASE_URL` must be that of the profile 'default'")
            assert "--accounts-url" not in message
            assert "@example.com" in ok(run("agents", "list", "--base-url", served.url))
            monkeypatch.delenv("FRONTDESK_BASE_URL")
            message = refused(run("agents", "list", "--base-url", other.url))
            assert message.startswith("`--base-url` must be that of the profile")
            # Who logs in to LiveChat in one variable must not act there by another.
            monkeypatch.setenv("FRONTDESK_ACCOUNTS_URL", other.accounts_url)
            message = refused(run("agents", "list"))
            assert message.startswith("`FRONTDESK_ACCOUNTS_URL` must be that of the profile")
            assert other.calls() == []

    def test_an_api_whose_place_nobody_tells_has_to_be_given(
        self, log_in, run, served, settings, monkeypatch
    ):
        ok(log_in())
        monkeypatch.delenv("FRONTDESK_BASE_URL")
        file = settings / "frontdesk" / "tokens.json"
        text = file.read_text().replace(served.accounts_url, "https://login.example")
        file.write_text(text.replace(f'\\"{served.url}\\"', "null"))
        assert refused(run("agents", "list")).startswith("`--base-url` is required")


class TestRegions:
    def test_the_one_that_the_api_names_is_kept(self, log_in, run, served, settings):
        ok(log_in())
        file = settings / "frontdesk" / "tokens.json"
        file.write_text(file.read_text().replace(r"\"region\":null", r"\"region\":\"fra\""))
        assert as_json(run("whoami", "--json"))["region"] == "fra"
        ok(run("agents", "list"))
        assert as_json(run("whoami", "--json"))["region"] == "dal"
        before = len(served.calls("list_agents"))
        ok(run("agents", "list"))
        assert len(served.calls("list_agents")) == before + 1


class TestEndedByTheServer:
    def test_whoami_renews_and_says_so(self, log_in, run, served, settings):
        ok(log_in())
        first = stored(settings)
        end_access_token(served, first)
        code, text, errors = run("whoami", "--json")
        assert code == 0, errors
        assert "renewed" in errors
        assert json.loads(text)["organization"] == served.organization_id
        assert stored(settings).generation == first.generation + 1

    def test_doctor_renews_and_says_so(self, log_in, run, served, settings):
        ok(log_in())
        end_access_token(served, stored(settings))
        report = as_json(run("doctor", "list_chats", "--json"))
        texts = [finding["text"] for finding in report["findings"]]
        assert report["ok"] is True
        assert any("renewed" in text for text in texts)
        assert any("the token has it" in text for text in texts)
        # Two looks at a token, one renewal, one call.
        assert (report["requests"], report["billed"]) == (4, 1)
        assert stored(settings).generation == 2


class TestDoctor:
    @pytest.mark.parametrize("damage", ["cut", "exposed", "record"])
    def test_a_store_that_cannot_be_used_is_one_of_the_findings(
        self, log_in, run, served, settings, damage
    ):
        ok(log_in())
        file = settings / "frontdesk" / "tokens.json"
        match damage:
            case "cut":
                file.write_bytes(file.read_bytes()[:100])
                words = "cut off"
            case "exposed":
                file.parent.chmod(0o777)
                words = "chmod go-w"
            case _:
                file.write_text(re.sub(r"access_token", "other", file.read_text()))
                words = "delete it, and log in again"
        code, text, _errors = run("doctor", "list_chats", "--json")
        report = json.loads(text)
        assert code == 1
        by_check = {finding["check"]: finding for finding in report["findings"]}
        assert words in by_check["token"]["text"]
        assert by_check["connection"]["verdict"] == "ok"
        assert by_check["clock"]["verdict"] == "ok"
        assert by_check["scope"]["verdict"] == "unknown"
        assert report["billed"] == 0

    @pytest.mark.parametrize(
        ("token", "reason"),
        [
            (None, "there is no token"),
            ("Bearer", "the text of the token is wrong"),
            ("Bearer dal:unknown-to-everybody", "does not accept the token"),
        ],
    )
    def test_why_scopes_are_unknown(self, run, monkeypatch, token, reason):
        if token is not None:
            monkeypatch.setenv("FRONTDESK_TOKEN", token)
        report = json.loads(run("doctor", "list_chats", "--json")[1])
        (scope,) = [each for each in report["findings"] if each["check"] == "scope"]
        assert scope["verdict"] == "unknown"
        assert reason in scope["text"]
        assert "personal access token" not in scope["text"]
        assert report["billed"] == 0

    def test_requests_are_counted_as_they_were_sent(self, run, served, monkeypatch):
        monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer")
        before = len(served.calls())
        report = json.loads(run("doctor", "--json")[1])
        assert report["requests"] == len(served.calls()) - before == 1


def pair(text):
    return base64.b64encode(text.encode()).decode()


class TestWhoami:
    @pytest.mark.parametrize(
        ("secret", "words"),
        [
            ("anything", "Base64"),
            (pair("no colon in this text"), "without a colon"),
            (pair("dal:the-token-alone"), "the token without the account id"),
            (pair("6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20:"), "is missing"),
            (pair(":dal:the-token-alone"), "is missing"),
            (pair("6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20:dal:x\n"), "line break"),
            ("6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20:dal:x", "not Base64-encoded"),
        ],
    )
    def test_what_is_no_personal_access_token_is_refused(
        self, run, served, monkeypatch, secret, words
    ):
        monkeypatch.setenv("FRONTDESK_TOKEN", f"Basic {secret}")
        message = refused(run("whoami"))
        assert message.startswith("`FRONTDESK_TOKEN` is no personal access token: ")
        assert words in message
        assert served.calls() == []


class TestList:
    @pytest.mark.parametrize("columns", ["60", "80", "100", "200"])
    def test_each_log_in_can_be_told_from_the_others(
        self, log_in, run, browser, settings, monkeypatch, columns
    ):
        monkeypatch.setenv("COLUMNS", columns)
        ok(log_in("--profile", "one"))
        # Accounts that differ at their very end, after what a narrow column shows.
        file = settings / "frontdesk" / "tokens.json"
        content = json.loads(file.read_text())
        (app_key,) = [key for key in content["records"] if key.startswith("app/")]
        ids = [f"somebody.with.a.long.name.{number}@a-company.example" for number in range(3)]
        for name, account in zip(("one", "two", "three"), ids, strict=True):
            record = content["records"]["one"]
            grant = json.loads(record["text"]) | {"account_id": account}
            content["records"][name] = record | {"text": json.dumps(grant)}
            content["records"][app_key.replace("/one/", f"/{name}/")] = content["records"][app_key]
        file.write_text(json.dumps(content))
        lines = ok(run("profiles")).splitlines()
        assert all(len(line) <= int(columns) for line in lines)
        told = [
            line.replace("account", "").replace(name, "").split()[0]
            for line in lines
            for name in ("one", "two", "three")
            if line.startswith((f"{name} ", "account  "))
        ]
        assert len({word for word in told if "omebody" in word or "…" in word}) == len(ids)
