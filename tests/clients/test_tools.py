"""The methods of a client as tools of a language model, against the sandbox."""

import asyncio
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import AgentClient, actions
from frontdesk.bots.models import AsyncTools, ToolResult, Tools, tools
from frontdesk.clients.tool_results import bounded_json, for_customers
from frontdesk.errors import AuthenticationError, BudgetExceeded, InvalidArgument
from frontdesk.models import Message
from frontdesk.redaction import register

READING = {
    "get_chat",
    "get_customer",
    "list_agents_for_transfer",
    "list_archives",
    "list_chats",
    "list_routing_statuses",
    "list_threads",
}


@pytest.fixture
def chat_id(customer):
    customer.say("hello")
    return customer.chat_id


def read(result):
    return json.loads(result)


class TestMaking:
    def test_all_that_read_by_default(self, agent_client):
        assert set(tools(client=agent_client).names) == READING

    def test_with_a_chat_only_those_that_cannot_leave_it(self, agent_client):
        made = tools(client=agent_client, fixed={"chat_id": "C1"})
        assert set(made.names) == READING - {"get_customer", "list_archives", "list_chats"}

    def test_writing_ones_where_they_are_named(self, agent_client):
        made = tools("send_event", actions.TagThread, client=agent_client)
        assert made.names == ("send_event", "tag_thread")

    def test_the_configuration_api_has_its_own(self, sandbox):
        made = tools(client=sandbox.configuration_client())
        assert {"list_groups", "get_agent"} <= set(made.names)
        assert not {"get_chat", "create_agent", "issue_bot_token"} & set(made.names)

    def test_async_clients_make_async_tools(self, async_agent_client, agent_client):
        assert isinstance(tools(client=async_agent_client), AsyncTools)
        assert isinstance(tools(client=agent_client), Tools)

    @pytest.mark.parametrize(
        ("methods", "message"),
        [
            (["get_chats"], "did you mean `get_chat`"),
            (["list_groups"], "must be one of the client's API"),
            (["upload_file"], "cannot give its arguments"),
            (["login"], "cannot give its arguments"),
            ([actions.ListGroups], "must be one of the client's API"),
            ([None], "must be one of the client's API"),
            ([5], "must be one of the client's API"),
            (["list_customers"], "version"),
        ],
    )
    def test_what_is_no_tool_is_refused(self, agent_client, methods, message):
        with pytest.raises(InvalidArgument, match=message):
            tools(*methods, client=agent_client)

    @pytest.mark.parametrize("client", [None, "token", object(), AgentClient])
    def test_what_is_no_client_is_refused(self, client):
        with pytest.raises(InvalidArgument, match="client"):
            tools("get_chat", client=client)

    @pytest.mark.parametrize(
        "name",
        [
            "list_chats",
            "list_archives",
            "get_customer",
            "start_chat",
            "resume_chat",
            "ban_customer",
        ],
    )
    def test_with_a_chat_what_can_reach_others_is_refused(self, agent_client, name):
        with pytest.raises(InvalidArgument, match=f"cannot be `{name}` with a fixed chat"):
            tools("get_chat", name, client=agent_client, fixed={"chat_id": "C1"})

    def test_unless_an_argument_of_it_is_fixed(self, agent_client):
        fixed = {"chat_id": "C1", "get_customer.id": "b7eff798"}
        made = tools("get_chat", "get_customer", client=agent_client, fixed=fixed)
        assert [each.parameters["properties"].keys() for each in made.descriptions] == [
            {"thread_id"},
            set(),
        ]

    @pytest.mark.parametrize("fixed", [{"chatid": "C1"}, {"get_chat.id": "C1"}, {"thread_id": "T"}])
    def test_a_fixed_argument_of_no_method_is_refused(self, agent_client, fixed):
        with pytest.raises(InvalidArgument, match="argument of none"):
            tools("transfer_chat", client=agent_client, fixed=fixed)

    @pytest.mark.parametrize("value", [None, ""])
    def test_a_chat_without_a_value_is_refused(self, agent_client, value):
        with pytest.raises(InvalidArgument, match=r"fixed\.chat_id"):
            tools("get_chat", client=agent_client, fixed={"chat_id": value})

    @pytest.mark.parametrize("most", [0, 499, "many", 1.5])
    def test_a_bound_that_holds_nothing_is_refused(self, agent_client, most):
        with pytest.raises(InvalidArgument, match="max_result"):
            tools("get_chat", client=agent_client, max_result=most)

    def test_no_representation_shows_the_token_or_what_is_fixed(self):
        with AgentClient("Bearer dal:very-secret-token") as client:
            made = tools("get_chat", client=client, fixed={"chat_id": "C1"})
        assert repr(made) == "<Tools get_chat>"


class TestCalling:
    def test_a_result_is_json(self, agent_client, chat_id):
        result = tools("get_chat", client=agent_client).call("get_chat", {"chat_id": chat_id})
        assert not result.is_error
        assert read(result)["id"] == chat_id

    def test_async_too(self, async_agent_client, chat_id):
        made = tools("get_chat", client=async_agent_client)
        result = asyncio.run(made.call("get_chat", {"chat_id": chat_id}))
        assert read(result)["id"] == chat_id

    def test_arguments_come_as_json_from_some_clients(self, agent_client, chat_id):
        made = tools("get_chat", client=agent_client)
        assert read(made.call("get_chat", json.dumps({"chat_id": chat_id})))["id"] == chat_id

    def test_none_at_all_may_come_as_nothing(self, agent_client):
        made = tools("list_routing_statuses", client=agent_client)
        for nothing in (None, "", "{}", {}):
            assert not made.call("list_routing_statuses", nothing).is_error

    def test_an_empty_result_says_that_it_is_done(self, agent_client, sandbox, chat_id):
        sandbox.configuration_client().create_tag(name="vip", group_ids=[0])
        thread_id = agent_client.get_chat(chat_id=chat_id).thread.id
        made = tools("tag_thread", client=agent_client, fixed={"chat_id": chat_id})
        assert read(made.call("tag_thread", {"thread_id": thread_id, "tag": "vip"})) == {
            "done": True
        }
        assert agent_client.get_chat(chat_id=chat_id).thread.tags == ["vip"]

    @pytest.mark.parametrize(
        ("name", "arguments", "field"),
        [
            ("get_chat", {}, "chat_id"),
            ("get_chat", {"chat_id": 5}, "chat_id"),
            ("get_chat", {"chat": "C1"}, "chat"),
            ("get_chat", "{", "arguments"),
            ("get_chat", "[]", "arguments"),
            ("get_chat", 5, "arguments"),
            ("get_chat", ["C1"], "arguments"),
            ("get_chat", b"\xff", "arguments"),
            ("get_chat", '{"chat_id": "\\ud800"}', "arguments"),
            ("get_chat", "[" * 100_000, "arguments"),
            ("get_chat", json.dumps({"chat_id": "x" * 300_000}), "arguments"),
            ("send_event", {"chat_id": "C", "event": {"type": "message"}}, "event.text"),
            ("list_threads", {"chat_id": "C", "limit": 0}, "limit"),
            ("get_chats", {}, "name"),
            ("list_chats", {}, "name"),
            ("__class__", {}, "name"),
            ("", {}, "name"),
            (None, {}, "name"),
            (["get_chat"], {}, "name"),
        ],
    )
    def test_what_does_not_fit_is_a_result_that_names_the_field(
        self, agent_client, name, arguments, field
    ):
        made = tools("get_chat", "list_threads", "send_event", client=agent_client)
        result = made.call(name, arguments)
        error = read(result)["error"]
        assert result.is_error
        assert (error["type"], error["field"]) == ("invalid_argument", field)
        assert f"`{field}`" in error["message"]
        assert agent_client.meter.requests == 0

    def test_a_name_that_is_nearly_right_is_suggested(self, agent_client):
        result = tools("get_chat", client=agent_client).call("getchat")
        assert "did you mean `get_chat`" in read(result)["error"]["message"]

    def test_what_the_api_refuses_is_a_result(self, agent_client):
        result = tools("get_chat", client=agent_client).call("get_chat", {"chat_id": "PJ0MRSHTDG"})
        assert result.is_error
        assert read(result)["error"]["type"] == "not_found"

    def test_a_missing_scope_is_a_result(self, sandbox, chat_id):
        client = sandbox.client(sandbox.issue_token("smith@example.com", scopes=["customers:ro"]))
        result = tools("get_chat", client=client).call("get_chat", {"chat_id": chat_id})
        assert result.is_error
        assert read(result)["error"]["type"] == "authorization"

    def test_a_server_that_is_gone_is_a_result(self):
        with AgentClient("Bearer dal:x", base_url="http://127.0.0.1:9", retry=None) as client:
            result = tools("list_routing_statuses", client=client).call("list_routing_statuses")
        assert result.is_error
        assert read(result)["error"] == {
            "type": "no_response",
            "message": "the API cannot be reached at present; nothing was done",
        }

    def test_a_response_that_was_lost_is_a_result_that_does_not_promise(self, sandbox, chat_id):
        client = sandbox.client(retry=None)
        sandbox.fault("reset_after", "deactivate_chat")
        made = tools("deactivate_chat", client=client, fixed={"chat_id": chat_id})
        result = made.call("deactivate_chat", {"ignore_requester_presence": True})
        assert result.is_error
        assert read(result)["error"] == {
            "type": "no_response",
            "message": "there was no response that can be read; the call may have been carried out",
        }

    def test_a_token_that_is_not_accepted_raises(self, sandbox):
        client = sandbox.client("Bearer dal:nobody")
        with pytest.raises(AuthenticationError):
            tools("list_routing_statuses", client=client).call("list_routing_statuses")

    def test_a_budget_that_is_spent_raises(self, agent_client):
        client = agent_client.with_options(budget=0)
        with pytest.raises(BudgetExceeded):
            tools("list_routing_statuses", client=client).call("list_routing_statuses")


class TestFixedChats:
    """Whoever talks a model into something reaches one chat, and no other."""

    @pytest.fixture
    def other_id(self, sandbox):
        other = sandbox.customer("Bob")
        other.say("my card is 4111")
        return other.chat_id

    @pytest.fixture
    def made(self, agent_client, chat_id):
        return tools(
            "get_chat",
            "send_event",
            "transfer_chat",
            "deactivate_chat",
            client=agent_client,
            fixed={"chat_id": chat_id},
        )

    @pytest.mark.parametrize("name", ["get_chat", "send_event", "transfer_chat", "deactivate_chat"])
    @pytest.mark.parametrize("key", ["chat_id", "id", "chat.id", "chat_id ", "\ufeffchat_id"])
    def test_another_chat_is_out_of_reach(self, made, agent_client, other_id, name, key):
        before = agent_client.meter.requests
        event = {"event": {"type": "message", "text": "x"}} if name == "send_event" else {}
        result = made.call(name, {key: other_id, **event})
        assert result.is_error
        assert "4111" not in result
        assert agent_client.meter.requests == before

    def test_json_with_a_name_twice_is_no_way_around(self, made, chat_id, other_id):
        result = made.call("get_chat", f'{{"chat_id": "{chat_id}", "chat_id": "{other_id}"}}')
        assert result.is_error
        assert "4111" not in result

    def test_the_chat_itself_is_closed(self, made, agent_client, chat_id, other_id):
        assert not made.call("deactivate_chat", {"ignore_requester_presence": True}).is_error
        assert not agent_client.get_chat(chat_id=chat_id).thread.active
        assert agent_client.get_chat(chat_id=other_id).thread.active

    def test_its_description_does_not_say_which(self, made, chat_id):
        text = json.dumps([*made.for_openai(), *made.for_anthropic()])
        assert chat_id not in text
        assert all("chat_id" not in each.parameters["properties"] for each in made.descriptions)


class TestNotes:
    @pytest.fixture(autouse=True)
    def note(self, sandbox, chat_id):
        note = Message("the customer lies", visibility="agents")
        sandbox.client(sandbox.issue_token("smith@example.com")).send_event(
            chat_id=chat_id, event=note
        )

    @pytest.mark.parametrize("name", ["get_chat", "list_threads"])
    def test_no_result_has_them(self, agent_client, chat_id, name):
        result = tools(client=agent_client).call(name, {"chat_id": chat_id})
        assert not result.is_error
        assert "the customer lies" not in result
        assert "hello" in result

    def test_summaries_have_none_either(self, agent_client):
        result = tools(client=agent_client).call("list_chats")
        assert not result.is_error
        assert "the customer lies" not in result

    def test_agents_may_have_them(self, agent_client, chat_id):
        result = tools(client=agent_client, notes=True).call("get_chat", {"chat_id": chat_id})
        assert "the customer lies" in result


class TestResults:
    def test_a_long_one_stays_json_and_says_so(self, agent_client, customer):
        for number in range(30):
            customer.say(f"{number} " + "x" * 2_000)
        made = tools("get_chat", client=agent_client, max_result=5_000)
        result = made.call("get_chat", {"chat_id": customer.chat_id})
        assert len(result) <= 5_000
        events = read(result)["thread"]["events"]
        assert "cut)" in events[0]
        assert events[-1]["text"].startswith("29 ")

    @given(
        st.recursive(
            st.text(max_size=60) | st.integers() | st.none() | st.booleans(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=20), inner),
            max_leaves=60,
        ),
        st.integers(500, 2_000),
    )
    def test_whatever_the_data_it_is_json_within_the_bound(self, data, most):
        text = bounded_json(data, most)
        assert len(text) <= most
        json.loads(text)

    @pytest.mark.parametrize(
        "data",
        [
            {f"field {number}": '"\\' * 20 for number in range(2_000)},
            [{"a": [[["x" * 9_000]]]}] * 50,
            {"\u0001" * 3_000: {"y" * 9_000: 1}},
            "\\" * 100_000,
        ],
        ids=["many fields", "deep", "long names", "one text"],
    )
    def test_odd_shapes_stay_within_the_bound(self, data):
        text = bounded_json(data, 1_000)
        assert len(text) <= 1_000
        json.loads(text)

    def test_a_cut_text_says_how_much_is_gone(self):
        assert json.loads(bounded_json({"text": "x" * 5_000, "id": "E1"}, 5_000)) == {
            "text": "x" * 4_000 + "… (1,000 characters cut)",
            "id": "E1",
        }

    def test_a_cut_list_keeps_its_first_items_and_one_of_events_its_last(self):
        items = [{"number": number, "text": "x" * 100} for number in range(200)]
        data = json.loads(bounded_json({"chats": items, "events": items}, 30_000))
        assert data["chats"] == [*items[:100], "(100 items cut)"]
        assert data["events"] == ["(100 items cut)", *items[100:]]

    def test_no_more_is_cut_than_is_needed(self):
        items = [{"text": "x" * 900} for _ in range(60)]
        data = json.loads(bounded_json({"chats": items}, 40_000))
        assert data == {"chats": [*items[:40], "(20 items cut)"]}

    def test_what_cannot_be_cut_has_its_beginning_as_a_text(self):
        data = {f"field {number}": {"a": 1} for number in range(30)}
        for level in range(6):
            data = {f"{level} {number}": data for number in range(3)}
        cut = json.loads(bounded_json(data, 600))
        assert cut["cut"] is True
        assert cut["beginning"] == json.dumps(data, separators=(",", ":"))[:200]

    def test_short_ones_are_whole(self):
        assert bounded_json({"a": ["b", None, 1.5]}, 500) == '{"a":["b",null,1.5]}'

    def test_invisible_instructions_are_removed(self):
        hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
        assert bounded_json({"text": f"hi{hidden}"}, 500) == '{"text":"hi"}'

    @pytest.mark.parametrize("visibility", ["agents", "supervisors", 5, ["all"]])
    def test_what_is_not_for_all_is_dropped_at_any_depth(self, visibility):
        secret = {"visibility": visibility, "text": "secret"}
        data = {"a": [secret, {"b": {"c": secret, "d": 1}}], "e": secret}
        assert for_customers(data) == {"a": [{"b": {"d": 1}}]}
        assert for_customers(secret) == {}

    def test_secrets_in_use_are_not_shown(self, agent_client, customer):
        register("a-secret-in-use")
        customer.say("the password is a-secret-in-use")
        result = tools("get_chat", client=agent_client).call(
            "get_chat", {"chat_id": customer.chat_id}
        )
        assert "a-secret-in-use" not in result

    def test_tokens_are_not_shown(self, sandbox):
        client = sandbox.configuration_client()
        made = tools("create_bot", client=client)
        result = made.call(
            "create_bot", {"name": "Robo", "owner_client_id": "0805e283233042b37f460ed8fbf22160"}
        )
        assert read(result)["secret"] == "…"

    def test_a_result_can_be_kept(self):
        result = pickle.loads(pickle.dumps(ToolResult("{}", is_error=True)))
        assert (result, result.is_error) == ("{}", True)
