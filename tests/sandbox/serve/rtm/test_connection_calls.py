"""Opening connections and logging in."""

import json
from datetime import UTC, datetime

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.store.records import AgentRecord

from ..._rtm_line import BROWN, JONES, SMITH, Line, Refused


def change_agent(sandbox, agent_id, **changes):
    def work(world):
        agent: AgentRecord = world.store.company.agents[agent_id]
        for name, value in changes.items():
            setattr(agent, name, value)
        world.store.company.save_agent(agent)

    sandbox.backend.work(work)


def change_license(sandbox, **changes):
    def work(world):
        license = world.store.company.license
        for name, value in changes.items():
            setattr(license, name, value)
        world.store.company.save_license(license)

    sandbox.backend.work(work)


def test_a_log_in_returns_and_pushes_the_customers(dial, served):
    ann = served.customer("Ann")
    ann.say("hello")
    line = dial(customer_monitoring_level="online")
    assert line.login["license"]["organization_id"] == served.organization_id
    assert line.login["my_profile"]["id"] == SMITH
    (summary,) = [one for one in line.login["chats_summary"] if one["id"] == ann.chat_id]
    assert summary["last_event_per_type"]["message"]["event"]["text"] == "hello"
    push = line.push("incoming_customers")
    assert push["version"] == "3.6"
    assert push["request_id"] == "login-1"
    assert push["payload"]["customer_monitoring_level"] == "online"
    assert "Ann" in [one["name"] for one in push["payload"]["customers"]]


def test_what_came_before_the_log_in_is_not_pushed_again(dial, served):
    served.customer("Ann").say("hello")
    assert dial().names() == ["incoming_customers"]


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("Bearer dal:nobody", "authentication"),
        ("dal:sandbox-owner", "authentication"),
        ("expired", "authentication"),
        ("bot", "authorization"),
        ("Bearer fra:sandbox-fra", "misdirected_request"),
    ],
)
def test_refused_tokens(dial, served, token, kind):
    if "fra:" in token:
        _make_token_of_fra(served)
    line = dial(None)
    with pytest.raises(Refused) as caught:
        line.call("login", token=served.tokens.get(token, token))
    assert caught.value.type == kind
    assert caught.value.data == ({"region": "dal"} if kind == "misdirected_request" else None)
    assert line.call("login", token=served.tokens["owner"])["my_profile"]["id"] == SMITH


def _make_token_of_fra(sandbox):
    def work(world):
        from msgspec.structs import replace

        token = world.store.company.tokens["dal:sandbox-owner"]
        world.store.company.save_token(replace(token, id="fra:sandbox-fra", region="fra"))

    sandbox.backend.work(work)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"suspended": True}, "requester_suspended"),
        ({"awaiting_approval": True}, "requester_awaiting_approval"),
    ],
)
def test_agents_who_may_not_work(dial, served, changes, kind):
    change_agent(served, JONES, **changes)
    with pytest.raises(Refused, match=kind):
        dial("agent")


def test_all_seats_are_taken(dial, served):
    # One of them is the bot's, which is not offline.
    served.set_properties({"limits": {"agents.base": 2}})
    dial("owner")
    with pytest.raises(Refused, match="seats_limit_exceeded"):
        dial("agent")
    assert dial("owner").login["my_profile"]["id"] == SMITH


def test_a_personal_access_token_logs_in(dial):
    assert dial("pat").login["my_profile"]["id"] == SMITH


def test_a_token_with_few_scopes_gets_few_pushes(dial, served):
    few, all_ = dial("few_scopes", customer_monitoring_level="online"), dial()
    served.customer("Ann").start_chat(group_ids=(1,))
    served.rtm.push("incoming_multicast", {"content": "hi"})
    served.rtm.push("agent_created", {"id": "new@example.com"})
    served.rtm.push("group_deleted", {"id": 3})
    assert {"incoming_customers", "incoming_multicast", "agent_created"} <= set(all_.names())
    assert set(few.names()) <= {"incoming_chat", "incoming_event", "group_deleted"}


def test_before_the_log_in_nothing_else_works(dial):
    line = dial(None)
    with pytest.raises(Refused, match="authentication"):
        line.call("list_chats")
    with pytest.raises(Refused, match="authentication"):
        line.call("logout")


def test_nobody_logs_in_twice(dial, served):
    line = dial()
    with pytest.raises(Refused, match="logged in already"):
        line.call("login", token=served.tokens["agent"])
    assert line.call("list_chats")["found_chats"] >= 0


def test_a_ping_before_the_log_in_is_not_heeded(dial, served):
    line = dial(None)
    line.send("ping", request_id="early")
    line.send("login", request_id="in", token=served.tokens["owner"])
    assert line.frame()["request_id"] == "in"


def test_pings_get_a_response(dial):
    line = dial()
    line.push("incoming_customers")
    line.send("ping")
    assert line.frame() == {"action": "ping", "type": "response", "success": True, "payload": {}}
    line.send("ping", request_id="p")
    assert line.frame()["request_id"] == "p"


# Where connections go


def test_a_region_is_one_of_two(served):
    with pytest.raises(InvalidStatus) as caught:
        Line(served, None, region="mars")
    assert caught.value.response.status_code == 400
    assert b"`X-Region` must be" in caught.value.response.body


def test_there_is_nothing_elsewhere(served):
    for path in ("/", "/v3.6/agent/rtm", "/v3.6/guest/rtm/ws?organization_id=x"):
        with pytest.raises(InvalidStatus) as caught:
            connect(served.rtm_url + path, proxy=None).__enter__()
        assert caught.value.response.status_code == 404
        assert json.loads(caught.value.response.body)["error"]["type"] == "not_found"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"organization_id": "somebody-elses"}, "license_not_found"),
        ({"version": "3.1"}, "unsupported_version"),
        ({"version": "9.9"}, "unsupported_version"),
        ({"region": "fra"}, "misdirected_connection"),
    ],
)
def test_connections_that_cannot_be(dial, options, reason):
    line = dial(None, **options)
    push = line.push("agent_disconnected")
    assert push["payload"]["reason"] == reason
    assert push["payload"].get("data") == (
        {"region": "dal"} if reason == "misdirected_connection" else None
    )
    assert line.ended() == (None, 1000)


def test_an_expired_license_serves_nobody(dial, served):
    change_license(served, expires_at=served.now)
    assert dial(None).ended() == ("license_expired", 1000)


@pytest.mark.parametrize("version", ["3.4", "3.5", "3.6", "3.7"])
def test_each_version_speaks_its_own_language(dial, served, version):
    customer = served.customer("Ann")
    customer.say("hello")
    line = dial(version=version)
    summaries = line.login.pop("chats_info" if version == "3.7" else "chats_summary")
    assert ("last_thread_info" if version == "3.7" else "last_thread_summary") in summaries[0]
    push = line.push("incoming_customers")
    assert push["version"] == version
    customer.say("again")
    customer.close_chat()
    assert line.push("chat_deactivated")["version"] == version


def test_statuses_at_log_in(dial, served):
    def status():
        return served.backend.world.store.company.agents[SMITH].status

    line = dial()
    assert line.login["my_profile"]["routing_status"] == "accepting_chats"
    line.call("set_routing_status", status="not_accepting_chats")
    served.rtm.cut(SMITH)
    assert dial(reconnect=True).login["my_profile"]["routing_status"] == "not_accepting_chats"
    served.rtm.cut(SMITH)
    assert dial().login["my_profile"]["routing_status"] == "accepting_chats"
    served.rtm.cut(SMITH)
    assert dial(away=True).login["my_profile"]["routing_status"] == "not_accepting_chats"
    assert status() == "not_accepting_chats"


def test_a_log_in_names_its_pushes(dial, served):
    chats = dial(pushes={"3.6": ["incoming_chat", "chat_deactivated"]})
    both = dial(pushes={"3.6": ["incoming_chat"], "3.4": ["incoming_chat", "chat_deactivated"]})
    everything = dial(pushes={"3.5": ["all"]})
    nothing = dial(pushes={})
    customer = served.customer("Ann")
    customer.start_chat(group_ids=(1,))
    customer.close_chat()
    every = [chats.frame() for _ in range(2)]
    assert [frame["action"] for frame in every] == ["incoming_chat", "chat_deactivated"]
    twice = [both.frame() for _ in range(3)]
    assert [(frame["version"], frame["action"]) for frame in twice] == [
        ("3.6", "incoming_chat"),
        ("3.4", "incoming_chat"),
        ("3.4", "chat_deactivated"),
    ]
    assert everything.push("chat_deactivated")["version"] == "3.5"
    nothing.send("ping")
    assert nothing.frame()["action"] == "ping"


def test_a_version_has_the_pushes_of_its_time(dial, served):
    old, new = dial(version="3.5"), dial(version="3.6")
    served.rtm.push("license_properties_updated", {"properties": {}})
    assert "license_properties_updated" in new.names()
    assert "license_properties_updated" not in old.names()


@pytest.mark.parametrize(
    ("pushes", "named"),
    [
        ({"3.6": ["incoming_chats"]}, "`pushes.3.6[0]`"),
        ({"3.1": ["all"]}, "version '3.1'"),
        ({"latest": ["all"]}, "version 'latest'"),
        ({"3.6": "all"}, "`pushes"),
    ],
)
def test_filters_that_mean_nothing(dial, pushes, named):
    with pytest.raises(Refused) as caught:
        dial(pushes=pushes)
    assert caught.value.type == "validation"
    assert named in caught.value.message


def test_dropped_and_coming_pushes_may_be_asked_for(dial):
    dial(pushes={"3.6": ["customer_unfollowed"], "3.7": ["canned_response_created"]})


def test_connections_of_several_agents(dial, served):
    dial("owner")
    dial("owner")
    dial("agent")
    brown = served.issue_token(BROWN)
    dial(brown)
    dial(None)
    assert [one.agent_id for one in served.rtm.connections()] == [SMITH, SMITH, JONES, BROWN, None]
    assert [one.version for one in served.rtm.connections(JONES)] == ["3.6"]
    assert isinstance(dial(), Line)


def test_time_of_the_handshake_is_that_of_the_sandbox():
    start = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
    with (
        Sandbox("empty", start=start, running=False) as sandbox,
        sandbox.rtm_client() as rtm,
    ):
        link = rtm._line.link
        assert link is not None
        assert link.socket is not None
        assert link.socket.server_time == start
