"""The tools of the server, over the library's own client and the sandbox."""

import asyncio
import json

import pytest

from frontdesk import AsyncAgentClient, Meter
from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.errors import InvalidArgument
from frontdesk.mcp import ServerOptions, make_server
from frontdesk.spec.tools import is_tool
from mcp import Client

from ..canary import CANARY, TOKEN
from .conftest import error_of, read


def listed(sandbox, mode="legacy", **options):
    async def conversation():
        async with (
            sandbox.async_client() as client,
            Client(make_server(client, ServerOptions(**options)), mode=mode) as host,
        ):
            return {tool.name: tool for tool in (await host.list_tools()).tools}

    return asyncio.run(conversation())


def texts_of(sandbox, customer):
    thread = sandbox.client().get_chat(chat_id=customer.chat_id).thread
    return [event.text for event in thread.events if event.type == "message"]


class TestWhatThereIs:
    def test_the_tools_are_the_methods_that_read(self, sandbox, mode):
        reading = {
            name
            for api in (ACTIONS, CONFIGURATION_ACTIONS)
            for name, action in api.items()
            if action.spec.reads
            and action.spec.documented
            and action.spec.since <= (3, 6)
            and action.spec.until is None
            and is_tool(action)
        }
        tools = listed(sandbox, mode)
        assert set(tools) == reading
        assert {"list_chats", "get_chat", "list_archives", "list_groups", "get_agent"} <= reading
        assert all(tool.annotations.read_only_hint for tool in tools.values())

    def test_writing_ones_come_where_they_are_allowed(self, sandbox, mode):
        before = set(listed(sandbox, mode))
        tools = listed(sandbox, mode, allow=("send_event", "create_tag", "get_chat"))
        assert set(tools) - before == {"send_event", "create_tag"}
        assert not tools["send_event"].annotations.read_only_hint
        assert tools["get_chat"].annotations.read_only_hint

    def test_fewer_of_those_that_read(self, sandbox, mode):
        tools = listed(sandbox, mode, only=("list_chats", "list_groups"), allow=("send_event",))
        assert set(tools) == {"list_chats", "list_groups", "send_event"}

    def test_schemas_are_those_of_the_declarations(self, sandbox):
        schema = listed(sandbox)["get_chat"].input_schema
        assert set(schema["properties"]) == {"chat_id", "thread_id"}
        assert schema["required"] == ["chat_id"]
        assert schema["additionalProperties"] is False

    def test_pages_are_as_small_as_the_options_say(self, sandbox):
        tools = listed(sandbox, page_limit=5)
        for name in ("list_chats", "list_threads", "list_archives", "list_greetings"):
            limit = tools[name].input_schema["properties"]["limit"]
            assert limit["maximum"] == 5
            assert "1 to 5" in limit["description"]

    def test_definitions_are_small_enough_to_be_read_with_every_message(self, sandbox):
        texts = [
            json.dumps([tool.description, tool.input_schema]) for tool in listed(sandbox).values()
        ]
        assert len("".join(texts)) < 40_000

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"allow": ("send_evnt",)}, "did you mean `send_event`"),
            ({"allow": ("upload_file",)}, "no tool"),
            ({"allow": ("login",)}, "no tool"),
            ({"allow": ("",)}, "must be names of methods"),
            ({"only": ("get_chats",)}, "did you mean `get_chat`"),
            ({"only": ("send_event",)}, "methods that read"),
        ],
    )
    def test_a_name_that_does_not_fit_is_refused(self, sandbox, options, message):
        with pytest.raises(InvalidArgument, match=message):
            listed(sandbox, **options)

    @pytest.mark.parametrize(
        "options", [{"max_bytes": 999}, {"page_limit": 0}, {"page_limit": 101}, {"notes": "yes"}]
    )
    def test_an_option_out_of_its_limits_is_refused(self, options):
        with pytest.raises(InvalidArgument, match=next(iter(options))):
            ServerOptions(**options)

    def test_a_method_of_both_apis_is_one_tool(self, sandbox):
        both = set(ACTIONS) & set(CONFIGURATION_ACTIONS)
        tools = listed(sandbox, allow=tuple(both))
        assert both <= set(tools)


class TestCalls:
    def test_a_result_is_the_json_of_the_method(self, ask, customer):
        customer.say("hello")
        (result,) = ask(("get_chat", {"chat_id": customer.chat_id}))
        assert not result.is_error
        assert read(result)["id"] == customer.chat_id

    def test_the_configuration_api_too(self, ask):
        groups, tag = ask(
            ("list_groups", {}),
            ("create_tag", {"name": "from-a-model", "group_ids": [0]}),
            allow=("create_tag",),
        )
        assert isinstance(read(groups), list)
        assert not tag.is_error, tag

    def test_what_is_not_allowed_changes_nothing(self, ask, customer, sandbox):
        customer.say("hello")
        event = {"type": "message", "text": "from a model"}
        (result,) = ask(("send_event", {"chat_id": customer.chat_id, "event": event}))
        error = error_of(result)
        assert error["type"] == "invalid_argument"
        assert "--allow" in error["message"]
        assert texts_of(sandbox, customer) == ["hello"]

    def test_what_is_allowed_does(self, ask, customer, sandbox):
        customer.say("hello")
        sandbox.client().follow_chat(id=customer.chat_id)
        event = {"type": "message", "text": "from a model"}
        (result,) = ask(
            ("send_event", {"chat_id": customer.chat_id, "event": event}), allow=("send_event",)
        )
        assert not result.is_error, result
        assert texts_of(sandbox, customer)[-1] == "from a model"

    def test_a_tool_that_does_not_exist_names_the_one_that_may_be_meant(self, ask):
        (result,) = ask(("get_chatt", {}))
        assert "did you mean `get_chat`" in error_of(result)["message"]

    def test_an_argument_that_does_not_fit_is_named(self, ask):
        results = ask(
            ("get_chat", {"chat_id": 5}),
            ("get_chat", {"chat": "C1"}),
            ("list_chats", {"limit": 21}),
            ("get_chat", {}),
        )
        fields = [error_of(result)["field"] for result in results]
        assert fields == ["chat_id", "chat", "limit", "chat_id"]

    def test_a_refusal_of_the_api_is_a_result(self, ask):
        (result,) = ask(("get_chat", {"chat_id": "NOSUCHCHAT"}))
        assert error_of(result)["type"] == "not_found"

    def test_no_arguments_may_come_as_nothing(self, sandbox, mode):
        async def conversation():
            async with (
                sandbox.async_client() as client,
                Client(make_server(client), mode=mode) as host,
            ):
                return await host.call_tool("list_routing_statuses")

        assert not asyncio.run(conversation()).is_error

    def test_calls_may_overlap(self, sandbox, mode):
        async def conversation():
            async with (
                sandbox.async_client() as client,
                Client(make_server(client), mode=mode) as host,
            ):
                return await asyncio.gather(
                    *(host.call_tool("list_chats", {"limit": 1}) for _ in range(20))
                )

        assert not any(result.is_error for result in asyncio.run(conversation()))


class TestBudget:
    def test_a_call_over_budget_is_an_error_and_no_request(self, ask, sandbox):
        meter = Meter(2)
        client = sandbox.async_client(budget=meter)
        calls = [("list_routing_statuses", {})] * 2 + [("list_groups", {}), ("list_chats", {})]
        *good, late, later = ask(*calls, client=client)
        assert not any(result.is_error for result in good)
        for result in (late, later):
            error = error_of(result)
            assert error["type"] == "budget_exceeded"
            assert "2 requests" in error["message"]
            assert "nothing was sent" in error["message"]
        assert meter.requests == 2
        assert len(sandbox.calls()) == 2

    def test_a_call_that_is_wrong_costs_nothing(self, ask, sandbox):
        ask(("get_chat", {"chat_id": 5}), ("no_such_tool", {}), ("send_event", {}))
        assert len(sandbox.calls()) == 0


class TestSizes:
    def test_a_long_result_is_cut_and_says_so(self, ask):
        for most in (1_000, 5_000):
            (result,) = ask(("list_chats", {}), max_bytes=most)
            assert len(result.content) == 2
            assert "cut" in result.content[1].text
            size = sum(len(content.text.encode()) for content in result.content)
            assert size <= most
            read(result)

    def test_a_short_one_is_whole(self, ask):
        (result,) = ask(("list_routing_statuses", {}))
        assert len(result.content) == 1

    def test_bytes_count_and_not_characters(self, ask, customer):
        for _ in range(30):
            customer.say("🙂" * 100)
        (result,) = ask(("list_threads", {"chat_id": customer.chat_id}), max_bytes=3_000)
        assert sum(len(content.text.encode()) for content in result.content) <= 3_000
        assert result.content[1].text.startswith("The result was cut")

    def test_a_page_without_a_number_has_few_items(self, ask, sandbox):
        list_chats, _ = ask(("list_chats", {}), ("list_greetings", {}), page_limit=2)
        assert len(read(list_chats)["chats_summary"]) == 2
        assert [call.request.get("limit") for call in sandbox.calls()] == [2, 2]

    def test_the_next_page_needs_no_number(self, ask):
        (first,) = ask(("list_chats", {}), page_limit=2)
        (second,) = ask(("list_chats", {"page_id": read(first)["next_page_id"]}), page_limit=2)
        assert len(read(second)["chats_summary"]) == 2

    def test_notes_are_there_only_if_asked_for(self, ask, customer, sandbox):
        customer.say("hello")
        client = sandbox.client()
        client.follow_chat(id=customer.chat_id)
        client.send_event(
            chat_id=customer.chat_id,
            event={"type": "message", "text": "a secret note", "visibility": "agents"},
        )
        call = ("get_chat", {"chat_id": customer.chat_id})
        (without,) = ask(call)
        (with_notes,) = ask(call, notes=True)
        assert "a secret note" not in without.content[0].text
        assert "a secret note" in with_notes.content[0].text


class TestSecrets:
    def test_a_token_that_is_refused_is_not_shown(self, ask, sandbox, caplog):
        caplog.set_level("DEBUG")
        client = sandbox.async_client(TOKEN)
        results = ask(("list_chats", {}), ("list_groups", {}), client=client)
        for result in results:
            assert error_of(result)["type"] == "authentication"
            assert CANARY not in str(result)
        assert CANARY not in caplog.text

    def test_a_server_that_is_away_does_not_show_it_either(self, ask):
        client = AsyncAgentClient(TOKEN, base_url="http://127.0.0.1:9", retry=None)
        (result,) = ask(("list_chats", {}), client=client)
        assert error_of(result)["type"] == "no_response"
        assert CANARY not in str(result)

    def test_secrets_in_results_are_not_shown(self, ask, sandbox):
        bot, token = ask(
            ("create_bot", {"name": "Helper", "owner_client_id": "c" * 32}),
            ("issue_bot_token", {}),
            allow=("create_bot", "issue_bot_token"),
        )
        assert "secret" not in read(bot) or set(read(bot)["secret"]) <= {"…"}, bot
        assert token.is_error

    def test_a_closed_client_is_an_error(self, sandbox, mode):
        async def conversation():
            client = AsyncAgentClient(TOKEN, base_url="http://127.0.0.1:9")
            async with Client(make_server(client), mode=mode) as host:
                await client.close()
                return await host.call_tool("list_chats", {})

        assert error_of(asyncio.run(conversation()))["type"] == "client_closed"
