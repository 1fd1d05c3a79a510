"""RTM connections as the world sees them: log-in, away, log-out, monitoring."""

import pytest

from frontdesk.actions import (
    Login,
    Logout,
    SetAwayStatus,
    SetRoutingStatus,
    SubscribeCustomers,
    UnsubscribeCustomers,
    UpdateSession,
)
from frontdesk.errors import (
    AgentOffline,
    AuthenticationError,
    AuthorizationError,
    NotFound,
    RequesterAlreadyOffline,
    SeatsLimitExceeded,
    ValidationError,
)
from frontdesk.sandbox.seeds.company import AGENT_TOKEN, BOT_TOKEN, OWNER_TOKEN
from frontdesk.sandbox.world.staff import sessions

from ..._desk import BROWN, GARCIA, JONES, NOWAK, SMITH

ALL = ("chats--all:rw", "agents--my:rw", "agents--all:rw", "agents-bot--all:rw", "customers:rw")


class Line:
    """A connection."""

    def __init__(self, desk, token=OWNER_TOKEN, connection_id="c1", **kwargs):
        self.desk = desk
        self.id = connection_id
        self.requester = desk.identities.requester(f"Bearer {token}", connection_id)
        self.response = desk.call(Login(token=f"Bearer {token}", **kwargs), self.requester)

    @property
    def session(self):
        return self.desk.world.sessions[self.id]

    def call(self, action):
        return self.desk.call(action, self.requester)

    def drop(self):
        self.desk.unit(sessions.close, self.id)

    def watches(self, customer):
        return sessions.watches(self.desk.world, self.session, customer)


def status(desk, agent_id):
    return desk.world.store.company.agents[agent_id].status


def test_a_log_in_returns_license_profile_and_chats(desk):
    chat_id = desk.start()
    desk.write(chat_id, "hi")
    response = Line(desk).response
    assert response.license.organization_id == "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
    assert response.license.id.isdecimal()
    assert (response.my_profile.id, response.my_profile.permission) == (SMITH, "owner")
    assert response.my_profile.routing_status == "accepting_chats"
    (summary,) = response.chats_summary
    assert summary.id == chat_id
    assert summary.last_event_per_type["message"].event.text == "hi"
    assert summary.last_thread_summary.active


def test_a_log_in_lists_reachable_chats_only(desk):
    from frontdesk.models import Access, InitialChat

    desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    mine = desk.start(chat=InitialChat(access=Access(group_ids=[1])))
    response = Line(desk, AGENT_TOKEN).response
    assert [one.id for one in response.chats_summary] == [mine]


def test_the_customers_follow_on_the_same_connection(desk):
    visitors = {desk.visitor(), desk.visitor()}
    desk.forget()
    Line(desk, customer_monitoring_level="online")
    (effect,) = desk.effects("incoming_customers")
    assert effect.recipients.connection_id == "c1"
    assert effect.payload.customer_monitoring_level == "online"
    assert {customer.id for customer in effect.payload.customers} == visitors


def test_bots_cannot_log_in(desk):
    with pytest.raises(AuthorizationError, match="bots"):
        Line(desk, BOT_TOKEN)


def test_seats_are_limited(desk):
    # One is the bot's, which is not offline.
    desk.set_license("agents.base", 2, "limits")
    Line(desk)
    Line(desk, connection_id="c2")
    with pytest.raises(SeatsLimitExceeded):
        Line(desk, AGENT_TOKEN, "c3")


def test_a_session_begins_with_the_default_status(desk):
    desk.requester(GARCIA, *ALL)
    Line(desk, f"dal:{GARCIA}:{','.join(ALL)}")
    assert status(desk, GARCIA) == "accepting_chats"


def test_reconnecting_keeps_the_last_status(desk):
    line = Line(desk)
    line.call(SetRoutingStatus(status="not_accepting_chats"))
    line.drop()
    desk.advance(minutes=5)
    assert status(desk, SMITH) == "offline"
    Line(desk, connection_id="c2", reconnect=True)
    assert status(desk, SMITH) == "not_accepting_chats"


def test_reconnecting_in_time_changes_nothing(desk):
    line = Line(desk)
    line.call(SetRoutingStatus(status="not_accepting_chats"))
    line.drop()
    desk.advance(seconds=10)
    Line(desk, connection_id="c2", reconnect=True)
    desk.advance(minutes=5)
    assert status(desk, SMITH) == "not_accepting_chats"


def test_after_the_session_the_default_status_applies_again(desk):
    line = Line(desk)
    line.call(SetRoutingStatus(status="not_accepting_chats"))
    line.call(Logout())
    Line(desk, connection_id="c2")
    assert status(desk, SMITH) == "accepting_chats"


def test_a_lost_agent_loses_the_chats_after_a_while(desk):
    line = Line(desk)
    desk.only(SMITH)
    customer = desk.visitor()
    desk.say(customer)
    desk.set_status(JONES, "accepting_chats")
    line.drop()
    desk.advance(seconds=20)
    assert SMITH in desk.present(desk.chat_of(customer))
    desk.forget()
    desk.advance(seconds=20)
    chat_id = desk.chat_of(customer)
    assert desk.present(chat_id) == {customer, JONES}
    assert desk.system_messages(chat_id) == ["routing.assigned_disconnected"]
    assert desk.pushed("routing_status_set")[0].status == "offline"


def test_one_of_two_connections_is_enough(desk):
    Line(desk)
    Line(desk, connection_id="c2").drop()
    desk.advance(minutes=5)
    assert status(desk, SMITH) == "accepting_chats"


def test_logging_out(desk):
    line = Line(desk)
    desk.only(SMITH)
    customer = desk.visitor()
    desk.say(customer)
    line.call(Logout())
    assert desk.world.sessions == {}
    assert status(desk, SMITH) == "offline"
    assert desk.system_messages(desk.chat_of(customer)) == ["routing.unassigned_signed_out"]
    with pytest.raises(RequesterAlreadyOffline):
        line.call(Logout())


def test_logging_somebody_else_out(desk):
    Line(desk, AGENT_TOKEN, "c2")
    desk.only(JONES)
    customer = desk.visitor()
    desk.say(customer)
    desk.call(Logout(agent_id=JONES))
    (pushed,) = desk.effects("agent_disconnected")
    assert pushed.payload.reason == "agent_logged_out_remotely"
    assert pushed.recipients.connection_id == "c2"
    assert desk.system_messages(desk.chat_of(customer)) == [
        "routing.unassigned_remotely_signed_out"
    ]
    with pytest.raises(AuthorizationError):
        desk.call(Logout(agent_id=SMITH), desk.agent)
    with pytest.raises(NotFound):
        desk.call(Logout(agent_id="nobody"))


@pytest.mark.parametrize("who", [SMITH, JONES])
def test_a_log_out_names_whoever_made_it(desk, who):
    lines = {SMITH: Line(desk), JONES: Line(desk, AGENT_TOKEN, "c2")}
    desk.set_status(who, "accepting_chats")
    desk.forget()
    lines[SMITH].call(Logout(agent_id=who))
    (effect,) = desk.effects("routing_status_set")
    assert (effect.payload.agent_id, effect.payload.status) == (who, "offline")
    assert effect.actor == lines[SMITH].requester


def test_all_connections_away_means_away(desk):
    first, second = Line(desk), Line(desk, connection_id="c2")
    first.call(SetAwayStatus(away=True))
    assert status(desk, SMITH) == "accepting_chats"
    desk.forget()
    second.call(SetAwayStatus(away=True))
    assert status(desk, SMITH) == "not_accepting_chats"
    assert desk.pushed("routing_status_set")[0].status == "not_accepting_chats"
    first.call(SetAwayStatus(away=False))
    assert status(desk, SMITH) == "accepting_chats"


def test_coming_back_does_not_undo_a_status_set_by_hand(desk):
    line = Line(desk)
    line.call(SetRoutingStatus(status="not_accepting_chats"))
    line.call(SetAwayStatus(away=True))
    line.call(SetAwayStatus(away=False))
    assert status(desk, SMITH) == "not_accepting_chats"


def test_logging_in_as_away(desk):
    line = Line(desk, away=True)
    assert status(desk, SMITH) == "not_accepting_chats"
    line.call(SetAwayStatus(away=False))
    assert status(desk, SMITH) == "accepting_chats"


def test_away_is_for_connections(desk):
    with pytest.raises(RequesterAlreadyOffline):
        desk.call(SetAwayStatus(away=True))


def test_a_new_token(desk):
    line = Line(desk)
    before = line.session.requester.expires
    line.call(UpdateSession(token=f"Bearer {OWNER_TOKEN}"))
    assert line.session.requester.expires == before
    with pytest.raises(AuthenticationError):
        line.call(UpdateSession(token=f"Bearer {AGENT_TOKEN}"))
    with pytest.raises(AuthenticationError):
        line.call(UpdateSession(token="Bearer dal:unknown"))


def test_levels_of_monitoring(desk):
    desk.only(SMITH)
    chatting, browsing = desk.visitor("Ann"), desk.visitor("Bob")
    other = desk.visitor("Cid", group_ids=[2])
    desk.say(chatting)
    jones = Line(desk, AGENT_TOKEN)
    assert [jones.watches(one) for one in (chatting, browsing, other)] == [False] * 3
    jones.session.monitoring_level = "chatting"
    assert [jones.watches(one) for one in (chatting, browsing, other)] == [True, False, False]
    jones.session.monitoring_level = "online"
    assert [jones.watches(one) for one in (chatting, browsing, other)] == [True, True, False]
    smith = Line(desk, connection_id="c2")
    assert [smith.watches(one) for one in (chatting, browsing)] == [True, False]


def test_the_level_is_kept_by_further_connections(desk):
    Line(desk, customer_monitoring_level="online")
    assert Line(desk, connection_id="c2").session.monitoring_level == "online"


def test_followed_customers_are_watched(desk):
    from frontdesk.actions import FollowCustomer

    customer = desk.visitor(group_ids=[3])
    line = Line(desk, AGENT_TOKEN)
    assert not line.watches(customer)
    line.call(FollowCustomer(id=customer))
    assert line.watches(customer)


def test_subscribing_to_customers(desk):
    line = Line(desk)
    desk.visitor("Ann", group_ids=[1])
    desk.visitor("Eve", group_ids=[1])
    desk.visitor("Bob", group_ids=[3])
    response = line.call(SubscribeCustomers(group_ids=[1], limit=1))
    assert len(response.subscription_id) == 32
    assert len(response.customers) == 1
    desk.forget()
    desk.advance(seconds=25)
    totals = desk.effects("subscribed_customers_totals_updated")
    assert [one.payload for one in totals] == [{response.subscription_id: 2}] * 2
    assert totals[0].recipients.connection_id == "c1"
    line.call(UnsubscribeCustomers(subscription_id=response.subscription_id))
    desk.forget()
    desk.advance(minutes=1)
    assert desk.heard == []
    with pytest.raises(NotFound):
        line.call(UnsubscribeCustomers(subscription_id=response.subscription_id))


def test_a_subscription_watches_its_groups(desk):
    line = Line(desk)
    inside, outside = desk.visitor(group_ids=[1]), desk.visitor(group_ids=[3])
    line.call(SubscribeCustomers(group_ids=[1]))
    assert line.watches(inside)
    assert not line.watches(outside)


def test_totals_end_with_the_connection(desk):
    line = Line(desk)
    line.call(SubscribeCustomers(limit=1))
    line.drop()
    desk.advance(minutes=5)
    assert desk.world.store.timers.count("totals") == 0


@pytest.mark.parametrize("value", ["accepting_chats", "not_accepting_chats"])
def test_setting_ones_own_status(desk, value):
    desk.call(SetRoutingStatus(status=value), desk.agent)
    assert status(desk, JONES) == value


def test_a_change_is_told_once(desk):
    desk.forget()
    desk.call(SetRoutingStatus(status="not_accepting_chats", agent_id=JONES))
    desk.call(SetRoutingStatus(status="not_accepting_chats", agent_id=JONES))
    (effect,) = desk.effects("routing_status_set")
    assert (effect.push, effect.webhook) == ("routing_status_set", "routing_status_set")
    assert (effect.payload.agent_id, effect.payload.status) == (JONES, "not_accepting_chats")
    assert effect.recipients.everyone


def test_groups_whose_status_changes_are_told(desk):
    desk.only(JONES)
    desk.call(SetRoutingStatus(status="not_accepting_chats"), desk.agent)
    pushes = [
        {group.id: group.status for group in push.groups}
        for push in desk.pushed("groups_status_updated")
    ]
    assert {0: "not_accepting_chats", 1: "not_accepting_chats"} in pushes
    assert {0: "not_accepting_chats"} in pushes
    assert len(pushes) == 2


def test_offline_is_for_bots(desk):
    with pytest.raises(ValidationError, match="`status`"):
        desk.call(SetRoutingStatus(status="offline"))
    desk.call(SetRoutingStatus(status="accepting_chats"), desk.bot)
    desk.call(SetRoutingStatus(status="offline"), desk.bot)
    assert status(desk, desk.bot.id) == "offline"


def test_offline_agents_must_log_in(desk):
    with pytest.raises(AgentOffline, match=NOWAK):
        desk.call(SetRoutingStatus(status="accepting_chats", agent_id=NOWAK))
    nowak = desk.requester(NOWAK, "agents--my:rw")
    with pytest.raises(RequesterAlreadyOffline):
        desk.call(SetRoutingStatus(status="accepting_chats"), nowak)


def test_others_need_the_wider_scope(desk):
    with pytest.raises(AuthorizationError, match="agents--all:rw"):
        desk.call(SetRoutingStatus(status="accepting_chats", agent_id=SMITH), desk.agent)
    with pytest.raises(NotFound):
        desk.call(SetRoutingStatus(status="accepting_chats", agent_id="nobody"))


def test_a_bot_needs_its_owner_or_the_wider_scope(desk):
    action = SetRoutingStatus(status="accepting_chats", agent_id=desk.bot.id)
    stranger = desk.requester(BROWN, "agents-bot--my:rw", client_id="another")
    with pytest.raises(AuthorizationError, match="client id"):
        desk.call(action, stranger)
    desk.call(action, desk.requester(BROWN, "agents-bot--my:rw"))
    assert status(desk, desk.bot.id) == "accepting_chats"
    wide = desk.requester(BROWN, "agents-bot--all:rw", client_id="another")
    desk.call(SetRoutingStatus(status="offline", agent_id=desk.bot.id), wide)
    bot = desk.world.store.company.agents[desk.bot.id]
    bot.bot_type = "ai_agent"
    desk.unit(lambda world: world.store.company.save_agent(bot))
    with pytest.raises(AuthorizationError, match="AI agent"):
        desk.call(action, wide)


def test_the_level_of_the_latest_log_in_is_that_of_all(desk):
    first = Line(desk)
    Line(desk, connection_id="c2", customer_monitoring_level="online")
    assert first.session.monitoring_level == "online"
