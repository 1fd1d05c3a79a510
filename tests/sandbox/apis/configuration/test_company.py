"""Channels, the license's source, the company's details, and e-mails that bounced."""

import json
from datetime import timedelta
from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import AuthorizationError, NotFound
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ..._desk import call_web

OWNER = "smith@example.com"


@pytest.fixture
def empty() -> Any:
    with Sandbox("empty") as sandbox:
        yield sandbox


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


def channels(sandbox: Sandbox) -> list[tuple[str, str | None]]:
    return [
        (channel.channel_type, channel.channel_subtype)
        for channel in sandbox.configuration_client().list_channels()
    ]


def test_a_channel_shows_with_its_first_chat(empty: Sandbox) -> None:
    assert channels(empty) == []
    client = empty.client()
    client.set_routing_status(status="accepting_chats")
    ann, ben = empty.customer("Ann"), empty.customer("Ben")
    ann.visit("https://shop.example/")
    assert channels(empty) == []
    ann.start_chat(Message("Hi"))
    (first,) = empty.configuration_client().list_channels()
    assert (first.channel_type, first.channel_subtype) == ("code", "")
    empty.advance(timedelta(seconds=5))
    ben.visit("https://direct.lc.chat/104130623/")
    ben.start_chat(Message("Hi"))
    empty.advance(timedelta(seconds=5))
    client.start_chat()
    client.start_chat()
    assert channels(empty) == [("code", ""), ("direct_link", ""), ("integration", CLIENT_ID)]
    listed = empty.configuration_client().list_channels()
    assert listed[0].first_activity_timestamp == first.first_activity_timestamp
    times = [channel.first_activity_timestamp for channel in listed]
    assert times == sorted(times, key=str)


def test_a_chat_that_is_refused_is_no_activity(empty: Sandbox) -> None:
    empty.client().set_routing_status(status="not_accepting_chats")
    with pytest.raises(Exception, match="online"):
        empty.customer("Ann").start_chat(Message("Hi"))
    assert channels(empty) == []


@pytest.mark.parametrize("seed", ["demo", "quiet", "bulk:50"])
def test_the_seeds_have_their_channels(seed: str) -> None:
    with Sandbox(seed) as sandbox:
        listed = sandbox.configuration_client().list_channels()
        assert "code" in [channel.channel_type for channel in listed]
        first = min(channel.first_activity_timestamp or sandbox.now for channel in listed)
        assert first < sandbox.now - timedelta(days=1)


def test_the_source_of_the_license(desk: Any, configuration: ConfigurationClient) -> None:
    source = configuration.get_product_source()
    assert source.source_type == "accounts"
    assert source.source_url.startswith("https://")
    response = call_web(desk, "get_product_source", {}, api="configuration")
    assert set(json.loads(response.body)) == {"source_id", "source_type", "source_url"}


def test_e_mails_of_agents_only(configuration: ConfigurationClient) -> None:
    configuration.reactivate_email(agent_id=OWNER)
    bot = "5c9871d5372c824cbf22d860a707a578"
    for agent_id in ("nobody@example.com", bot):
        with pytest.raises(NotFound, match="`agent_id`"):
            configuration.reactivate_email(agent_id=agent_id)


def test_details_that_are_given_change_and_the_others_stay(
    configuration: ConfigurationClient,
) -> None:
    before = configuration.get_company_details()
    configuration.update_company_details(city="Wrocław", nip="123", enrich=True)
    after = configuration.get_company_details()
    assert (after.city, after.nip) == ("Wrocław", "123")
    assert after.company == before.company != ""
    configuration.update_company_details(nip="")
    assert configuration.get_company_details().nip == ""
    configuration.update_company_details(enrich=True)
    assert configuration.get_company_details().city == "Wrocław"


def test_only_the_owner_changes_the_details(sandbox: Sandbox) -> None:
    token = sandbox.issue_token("brown@example.com", scopes=["organization--my:rw"])
    administrator = sandbox.configuration_client(token)
    before = administrator.get_company_details()
    with pytest.raises(AuthorizationError, match="owner"):
        administrator.update_company_details(city="Elsewhere")
    assert administrator.get_company_details() == before


def test_they_are_of_their_versions(desk: Any) -> None:
    for method, since in (
        ("list_channels", "3.5"),
        ("get_product_source", "3.5"),
        ("get_company_details", "3.6"),
    ):
        for version in ("3.4", "3.5", "3.6", "3.7"):
            response = call_web(desk, method, {}, version, api="configuration")
            assert (response.status == 200) is (version >= since), (method, version)
