"""Whose API a command calls: the organization is given, of the profile, or a sandbox's own."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import ORGANIZATION_ID

from .._running import as_json, ok, refused

PAGE = ("call", "customer.update_customer_page", "--url", "https://shop.example/")


@pytest.fixture
def run(environment, served, monkeypatch):
    """Run a command as a customer of the sandbox, without an organization."""
    monkeypatch.delenv("FRONTDESK_ORGANIZATION_ID")
    token = served.customer_token(served.customer("Zoe").id)
    monkeypatch.setenv("FRONTDESK_CUSTOMER_TOKEN", token)
    return environment


@pytest.fixture
def of_another(log_in, run, settings):
    """Log in, as somebody of another organization than the sandbox's own; its id."""
    ok(log_in())
    file = settings / "frontdesk" / "tokens.json"
    file.write_text(file.read_text().replace(ORGANIZATION_ID, "another-organization"))
    return "another-organization"


def organization_in(draft):
    return parse_qs(urlsplit(draft["url"]).query)["organization_id"]


def test_the_sandbox_that_everybody_has_is_known(served):
    assert served.organization_id == ORGANIZATION_ID


@pytest.mark.parametrize(
    "words", [("call", "customer.get_customer"), PAGE, ("call", "customer.list_license_properties")]
)
def test_customers_of_a_sandbox_need_none(run, served, words):
    json.loads(ok(run(*words)))
    (call,) = served.calls(words[1])
    assert call.error is None


@pytest.mark.parametrize("word", ["customer.get_customer", "customer.update_customer_page"])
def test_the_profile_knows_it(of_another, run, monkeypatch, word):
    words = (*PAGE, "--dry-run") if "page" in word else ("call", word, "--dry-run")
    assert organization_in(as_json(run(*words))) == [of_another]
    assert organization_in(as_json(run(*words, "--organization-id", "given"))) == ["given"]


def test_agents_have_that_of_their_profile_too(of_another, run):
    words = ("call", "set_away_status", "--away", "--dry-run")
    assert organization_in(as_json(run(*words))) == [of_another]
    # Nobody knows the organization of a token that is given.
    draft = as_json(run(*words, "--token", "Bearer dal:sandbox-owner"))
    assert organization_in(draft) == ["ORGANIZATION_ID"]


def test_the_servers_of_a_profile_are_those_of_its_customers(log_in, run, served, monkeypatch):
    ok(log_in("--profile", "work"))
    monkeypatch.delenv("FRONTDESK_BASE_URL")
    assert as_json(run("call", "customer.get_customer", "--profile", "work"))["name"] == "Zoe"
    monkeypatch.setenv("FRONTDESK_PROFILE", "work")
    assert as_json(run("call", "customer.get_customer"))["name"] == "Zoe"
    monkeypatch.setenv("FRONTDESK_PROFILE", "wrok")
    assert "did you mean `work`" in refused(run("call", "customer.get_customer"))


def test_a_profile_of_another_server_has_no_say(of_another, run, monkeypatch):
    with Sandbox.serve("empty") as other:
        words = ("call", "customer.get_customer", "--base-url", other.url)
        draft = as_json(run(*words, "--dry-run"))
        assert draft["url"].startswith(other.url)
        assert organization_in(draft) == [ORGANIZATION_ID]
        assert "`--base-url` must be that of the profile 'default'" in refused(
            run(*words, "--profile", "default")
        )
        assert other.calls() == []


@pytest.mark.parametrize("words", [("call", "customer.get_customer"), PAGE])
def test_elsewhere_it_has_to_be_given(run, words):
    elsewhere = ("--base-url", "https://api.example.com")
    message = refused(run(*words, *elsewhere))
    assert message.startswith("`--organization-id` is required")
    assert "FRONTDESK_ORGANIZATION_ID" in message
    assert organization_in(as_json(run(*words, *elsewhere, "--dry-run"))) == ["ORGANIZATION_ID"]


def test_a_store_that_cannot_be_read_is_no_matter_of_customers(of_another, run, settings):
    (settings / "frontdesk" / "tokens.json").write_text("{")
    assert as_json(run("call", "customer.get_customer"))["name"] == "Zoe"
    message = refused(run("call", "customer.get_customer", "--profile", "default"), 1)
    assert "tokens.json" in message
