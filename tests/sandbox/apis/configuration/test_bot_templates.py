"""Templates of bots: what they are, and what becomes of the bots that are made from them."""

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import BotTemplate
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.sandbox.world import Effect

from ._raw_calls import call, refusal

OTHER_CLIENT = "aa11bb22cc33dd44ee55ff6600778899"
BOTS = ("bot_created", "bot_updated", "bot_deleted")


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


@pytest.fixture
def heard(sandbox: Sandbox) -> list[str]:
    """The names of the pushes about bots since the beginning."""
    names: list[str] = []

    def note(effects: list[Effect]) -> None:
        names.extend(effect.push for effect in effects if effect.push in BOTS)

    sandbox.backend.world.subscribe(note)
    return names


def issue(sandbox: Sandbox, bot_id: str, secret: str) -> str:
    configuration = sandbox.configuration_client()
    return configuration.issue_bot_token(
        bot_id=bot_id,
        client_id=CLIENT_ID,
        bot_secret=secret,
        organization_id=sandbox.organization_id,
    ).token


def test_templates_are_listed_by_client_id(configuration: ConfigurationClient) -> None:
    plain = configuration.create_bot_template(name="plain", owner_client_id=CLIENT_ID)
    full = configuration.create_bot_template(
        name="full",
        avatar="https://example.com/p.png",
        max_chats_count=9,
        default_group_priority="last",
        job_title="Finds parcels",
        owner_client_id=CLIENT_ID,
    )
    configuration.create_bot_template(name="foreign", owner_client_id=OTHER_CLIENT)
    assert configuration.list_bot_templates(owner_client_id=CLIENT_ID) == [
        BotTemplate(
            id=plain.id,
            name="plain",
            max_chats_count=6,
            default_group_priority="normal",
            job_title="",
        ),
        BotTemplate(
            id=full.id,
            name="full",
            avatar="https://example.com/p.png",
            max_chats_count=9,
            default_group_priority="last",
            job_title="Finds parcels",
        ),
    ]
    assert configuration.list_bot_templates(owner_client_id="nobody") == []


def test_the_avatar_of_a_template_is_spelled_as_in_bots(sandbox: Sandbox) -> None:
    owner = {"owner_client_id": CLIENT_ID}
    call(sandbox, "create_bot_template", {"name": "x", "avatar": "a.png", **owner})
    for version, name in (("3.5", "avatar"), ("3.6", "avatar_path"), ("3.7", "avatar_path")):
        (template,) = call(sandbox, "list_bot_templates", owner, version=version)
        assert template[name] == "a.png"
        assert len({"avatar", "avatar_path"} & set(template)) == 1


def test_a_client_id_has_five_templates_at_most(configuration: ConfigurationClient) -> None:
    made = [
        configuration.create_bot_template(name=str(number), owner_client_id=CLIENT_ID).id
        for number in range(5)
    ]
    with pytest.raises(LimitReached, match="5 templates"):
        configuration.create_bot_template(
            name="6", owner_client_id=CLIENT_ID, affect_existing_installations=True
        )
    assert len(configuration.list_bots(all=True)) == 1
    configuration.create_bot_template(name="6", owner_client_id=OTHER_CLIENT)
    configuration.delete_bot_template(id=made[0], owner_client_id=CLIENT_ID)
    configuration.create_bot_template(name="6", owner_client_id=CLIENT_ID)


def test_a_template_by_itself_is_no_bot(
    sandbox: Sandbox, configuration: ConfigurationClient, heard: list[str]
) -> None:
    template = configuration.create_bot_template(name="Parcels", owner_client_id=CLIENT_ID)
    configuration.update_bot_template(
        id=template.id,
        name="Returns",
        owner_client_id=CLIENT_ID,
        affect_existing_installations=True,
    )
    configuration.reset_bot_template_secret(
        id=template.id, owner_client_id=CLIENT_ID, affect_existing_installations=True
    )
    with pytest.raises(NotFound):
        issue(sandbox, template.id, template.secret)
    with pytest.raises(NotFound):
        configuration.get_bot(id=template.id)
    configuration.delete_bot_template(
        id=template.id, owner_client_id=CLIENT_ID, affect_existing_installations=True
    )
    assert heard == []


def test_the_bot_of_a_template_follows_it_if_it_is_to(
    sandbox: Sandbox, configuration: ConfigurationClient, heard: list[str]
) -> None:
    template = configuration.create_bot_template(
        name="Parcels",
        default_group_priority="first",
        owner_client_id=CLIENT_ID,
        affect_existing_installations=True,
    )
    bot = configuration.get_bot(id=template.id)
    assert (bot.name, bot.owner_client_id, bot.type) == ("Parcels", CLIENT_ID, "chatbot")
    assert bot.groups is not None
    assert {group.id: group.priority for group in bot.groups} == dict.fromkeys(range(4), "first")
    statuses = sandbox.client().list_routing_statuses()
    assert {status.agent_id: status.status for status in statuses}[bot.id] == "offline"
    token = issue(sandbox, bot.id, template.secret)
    sandbox.client(token).set_routing_status(status="accepting_chats")

    configuration.update_bot_template(id=bot.id, name="Returns", owner_client_id=CLIENT_ID)
    assert configuration.get_bot(id=bot.id).name == "Parcels"
    assert heard == ["bot_created"]
    configuration.update_bot_template(
        id=bot.id,
        default_group_priority="last",
        max_chats_count=3,
        owner_client_id=CLIENT_ID,
        affect_existing_installations=True,
    )
    bot = configuration.get_bot(id=template.id)
    assert bot.groups is not None
    assert {group.priority for group in bot.groups} == {"last"}
    assert bot.max_chats_count == 3
    assert heard == ["bot_created", "bot_updated"]

    other = configuration.reset_bot_template_secret(id=bot.id, owner_client_id=CLIENT_ID).secret
    assert issue(sandbox, bot.id, template.secret)
    with pytest.raises(AuthenticationError):
        issue(sandbox, bot.id, other)
    newest = configuration.reset_bot_template_secret(
        id=bot.id, owner_client_id=CLIENT_ID, affect_existing_installations=True
    ).secret
    assert issue(sandbox, bot.id, newest)
    with pytest.raises(AuthenticationError):
        issue(sandbox, bot.id, template.secret)

    configuration.delete_bot_template(
        id=bot.id, owner_client_id=CLIENT_ID, affect_existing_installations=True
    )
    assert heard == ["bot_created", "bot_updated", "bot_deleted"]
    with pytest.raises(NotFound):
        configuration.get_bot(id=bot.id)
    with pytest.raises(AuthenticationError):
        sandbox.client(token).list_chats()


def test_the_bot_of_a_template_stays_by_default(
    configuration: ConfigurationClient, heard: list[str]
) -> None:
    template = configuration.create_bot_template(
        name="Parcels", owner_client_id=CLIENT_ID, affect_existing_installations=True
    )
    configuration.delete_bot_template(id=template.id, owner_client_id=CLIENT_ID)
    assert configuration.list_bot_templates(owner_client_id=CLIENT_ID) == []
    assert configuration.get_bot(id=template.id).name == "Parcels"
    assert heard == ["bot_created"]


def test_no_room_for_its_bot_leaves_no_template(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    sandbox.set_properties({"limits": {"agents.base": 1}})
    with pytest.raises(LimitReached):
        configuration.create_bot_template(
            name="Parcels", owner_client_id=CLIENT_ID, affect_existing_installations=True
        )
    assert configuration.list_bot_templates(owner_client_id=CLIENT_ID) == []


def test_templates_of_others_are_out_of_reach(configuration: ConfigurationClient) -> None:
    foreign = configuration.create_bot_template(name="x", owner_client_id=OTHER_CLIENT).id
    for template_id, error in ((foreign, AuthorizationError), ("0" * 32, NotFound)):
        for work in (
            configuration.update_bot_template,
            configuration.delete_bot_template,
            configuration.reset_bot_template_secret,
        ):
            with pytest.raises(error, match=template_id):
                work(id=template_id, owner_client_id=CLIENT_ID)
    (kept,) = configuration.list_bot_templates(owner_client_id=OTHER_CLIENT)
    assert kept.id == foreign


def test_the_owner_is_required(sandbox: Sandbox) -> None:
    refused = refusal(sandbox, "create_bot_template", {"name": "x"}, token="pat")
    assert refused == (ValidationError.error_type, "owner_client_id")


def test_templates_outlive_a_restart(sandbox: Sandbox) -> None:
    configuration = sandbox.configuration_client()
    template = configuration.create_bot_template(name="Parcels", owner_client_id=CLIENT_ID)
    snapshot = sandbox.snapshot()
    configuration.delete_bot_template(id=template.id, owner_client_id=CLIENT_ID)
    sandbox.restore(snapshot)
    (restored,) = configuration.list_bot_templates(owner_client_id=CLIENT_ID)
    assert restored.id == template.id
