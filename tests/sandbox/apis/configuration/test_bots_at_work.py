"""Bots at work: their chats, seats, hours and tokens."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk import AgentClient, ConfigurationClient
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    NotFound,
    SeatsLimitExceeded,
)
from frontdesk.models import (
    Message,
    SystemMessageEvent,
)
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID
from frontdesk.sandbox.world.staff import shifts

from ._bots import only_bots_take_chats, serving, status_of, token_of
from ._raw_calls import call

OTHER_CLIENT = "aa11bb22cc33dd44ee55ff6600778899"
SCHEDULE = [{"day": "monday", "enabled": True, "start": "09:00", "end": "17:00"}]


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


def last_system_message(sandbox: Sandbox, chat_id: str) -> str | None:
    thread = sandbox.client().get_chat(chat_id=chat_id).thread
    assert thread is not None
    messages = [event for event in thread.events or () if isinstance(event, SystemMessageEvent)]
    return messages[-1].system_message_type


def test_a_new_bot_is_offline_until_it_is_set_to_accept_chats(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    only_bots_take_chats(sandbox)
    bot = configuration.create_bot(name="Parcels", max_chats_count=1)
    assert status_of(sandbox, bot.id) == "offline"
    client = sandbox.client(token_of(sandbox, bot))
    waiting = sandbox.customer("Ann").start_chat(Message("Hi"), continuous=True)
    assert serving(sandbox, waiting) == []
    client.set_routing_status(status="accepting_chats")
    assert serving(sandbox, waiting) == [bot.id]
    client.send_event(chat_id=waiting, event=Message("I am Parcels"))


def test_a_bot_takes_as_many_chats_as_it_may(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    only_bots_take_chats(sandbox)
    bot = configuration.create_bot(name="Parcels", max_chats_count=1)
    sandbox.client(token_of(sandbox, bot)).set_routing_status(status="accepting_chats")
    first, second, third = (
        sandbox.customer(name).start_chat(Message("Hi")) for name in ("Ann", "Ben", "Cy")
    )
    assert [serving(sandbox, chat_id) for chat_id in (first, second, third)] == [[bot.id], [], []]
    configuration.update_bot(id=bot.id, max_chats_count=2)
    assert [serving(sandbox, chat_id) for chat_id in (second, third)] == [[bot.id], []]
    configuration.update_bot(id=bot.id, max_chats_count=0)
    assert serving(sandbox, first) == [bot.id]
    assert serving(sandbox, third) == []
    configuration.update_bot(id=bot.id, max_chats_count=500)
    assert serving(sandbox, third) == [bot.id]


def test_a_bot_that_enters_a_group_takes_its_chats_at_once(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    only_bots_take_chats(sandbox)
    bot = configuration.create_bot(name="Parcels", groups=[{"id": 1, "priority": "first"}])
    sandbox.client(token_of(sandbox, bot)).set_routing_status(status="accepting_chats")
    waiting = sandbox.customer("Ann").start_chat(Message("Hi"), group_ids=[2], continuous=True)
    assert serving(sandbox, waiting) == []
    configuration.update_bot(id=bot.id, groups=[{"id": 2, "priority": "supervisor"}])
    assert serving(sandbox, waiting) == []
    configuration.update_bot(id=bot.id, groups=[{"id": 2, "priority": "last"}])
    assert serving(sandbox, waiting) == [bot.id]


def test_a_bot_takes_a_seat_unless_it_is_offline(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient
) -> None:
    agent_client.set_routing_status(status="offline", agent_id=BOT_ID)
    bot = configuration.create_bot(name="Parcels")
    sandbox.set_properties({"limits": {"agents.base": 1}})
    with sandbox.rtm_client(), pytest.raises(SeatsLimitExceeded):
        agent_client.set_routing_status(status="not_accepting_chats", agent_id=bot.id)
    sandbox.advance(timedelta(minutes=1))
    agent_client.set_routing_status(status="not_accepting_chats", agent_id=bot.id)
    agent_client.set_routing_status(status="accepting_chats", agent_id=bot.id)
    with pytest.raises(SeatsLimitExceeded), sandbox.rtm_client():
        pass
    agent_client.set_routing_status(status="offline", agent_id=bot.id)
    with sandbox.rtm_client():
        pass


def test_a_token_of_a_bot_lives_for_a_day(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    bot = configuration.create_bot(name="Parcels")
    client = sandbox.client(token_of(sandbox, bot))
    client.set_routing_status(status="accepting_chats")
    sandbox.advance(timedelta(hours=23, minutes=59))
    client.list_chats()
    newer = sandbox.client(token_of(sandbox, bot))
    sandbox.advance(timedelta(minutes=1))
    with pytest.raises(AuthenticationError, match="expired"):
        client.list_chats()
    newer.list_chats()


def test_a_token_of_a_bot_needs_no_token(sandbox: Sandbox) -> None:
    bot = sandbox.configuration_client().create_bot(name="Parcels")
    request = {
        "bot_id": bot.id,
        "client_id": CLIENT_ID,
        "bot_secret": bot.secret,
        "organization_id": sandbox.organization_id,
    }
    token = call(sandbox, "issue_bot_token", request, token=None)["token"]
    assert len(token.split(".")) == 3
    sandbox.client(token).list_chats()


@pytest.mark.parametrize("field", ["bot_secret", "client_id", "organization_id"])
def test_whoever_does_not_know_the_bot_gets_no_token(
    sandbox: Sandbox, configuration: ConfigurationClient, field: str
) -> None:
    bot = configuration.create_bot(name="Parcels")
    with pytest.raises(AuthenticationError, match=f"`{field}`"):
        token_of(sandbox, bot, **{field: OTHER_CLIENT})
    with pytest.raises(NotFound, match="`bot_id`"):
        token_of(sandbox, bot, bot_id="jones@example.com")


def test_a_new_secret_replaces_the_old_one_but_no_token(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    bot = configuration.create_bot(name="Parcels")
    client = sandbox.client(token_of(sandbox, bot))
    new = configuration.reset_bot_secret(id=bot.id, owner_client_id=CLIENT_ID)
    assert new.secret != bot.secret
    with pytest.raises(AuthenticationError, match="`bot_secret`"):
        token_of(sandbox, bot)
    sandbox.client(token_of(sandbox, bot, bot_secret=new.secret)).list_chats()
    client.list_chats()


def test_the_scopes_of_a_bots_token_are_fixed(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    bot = configuration.create_bot(name="Parcels")
    of_bot = sandbox.configuration_client(token_of(sandbox, bot))
    assert of_bot.get_bot(id=bot.id).name == "Parcels"
    of_bot.update_bot(id=bot.id, name="Parcels 2")
    with pytest.raises(AuthorizationError, match="tags"):
        of_bot.create_tag(name="x")


def test_a_deleted_bot_leaves_its_chats_and_its_tokens_end(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    only_bots_take_chats(sandbox)
    bot, other = (configuration.create_bot(name=name) for name in ("Parcels", "Returns"))
    client = sandbox.client(token_of(sandbox, bot))
    client.set_routing_status(status="accepting_chats")
    chats = [sandbox.customer(name).start_chat(Message("Hi")) for name in ("Ann", "Ben")]
    assert [serving(sandbox, chat_id) for chat_id in chats] == [[bot.id]] * 2
    of_other = sandbox.client(token_of(sandbox, other))
    of_other.set_routing_status(status="accepting_chats")
    configuration.update_bot(id=other.id, max_chats_count=1)
    configuration.delete_bot(id=bot.id)
    assert sorted(serving(sandbox, chat_id) for chat_id in chats) == [[], [other.id]]
    assert sorted(last_system_message(sandbox, chat_id) for chat_id in chats) == [
        "routing.assigned_deleted",
        "routing.unassigned_deleted",
    ]
    with pytest.raises(AuthenticationError):
        client.list_chats()
    with pytest.raises(NotFound):
        configuration.get_bot(id=bot.id)
    with pytest.raises(NotFound):
        token_of(sandbox, bot)


def test_a_bot_may_delete_itself(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    bot = configuration.create_bot(name="Parcels")
    sandbox.configuration_client(token_of(sandbox, bot)).delete_bot(id=bot.id)
    assert bot.id not in [other.id for other in configuration.list_bots(all=True)]


def test_a_bot_keeps_its_working_hours_if_the_sandbox_follows_them() -> None:
    with Sandbox("quiet", start=datetime(2026, 3, 1, 12, tzinfo=UTC), running=False) as sandbox:
        sandbox.backend.work(lambda world: shifts.follow(world, on=True))
        configuration = sandbox.configuration_client()
        hours = {"timezone": "Europe/Warsaw", "schedule": SCHEDULE}
        bot = configuration.create_bot(name="Parcels", work_scheduler=hours).id
        lazy = configuration.create_bot(name="Returns", work_scheduler=hours).id
        client = sandbox.client()
        client.set_routing_status(status="not_accepting_chats", agent_id=bot)
        # Monday, 9 and 17 o'clock in Warsaw.
        sandbox.advance_to(datetime(2026, 3, 2, 8, tzinfo=UTC))
        assert status_of(sandbox, bot) == "accepting_chats"
        sandbox.advance_to(datetime(2026, 3, 2, 16, tzinfo=UTC))
        assert status_of(sandbox, bot) == "not_accepting_chats"
        early = [{**SCHEDULE[0], "start": "07:00"}]
        configuration.update_bot(
            id=bot, work_scheduler={"timezone": "Europe/Warsaw", "schedule": early}
        )
        sandbox.advance_to(datetime(2026, 3, 9, 6, tzinfo=UTC))
        assert status_of(sandbox, bot) == "accepting_chats"
        assert status_of(sandbox, lazy) == "offline"
