"""Declarations as tools: what a model gets to know, and what it may not give."""

import json

import pytest

from frontdesk import actions
from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.errors import InvalidArgument
from frontdesk.spec.tools import chat_field, describe, is_tool, reaches_chats, tool_action

EVERY = [*ACTIONS.values(), *CONFIGURATION_ACTIONS.values()]
TOOLS = [action for action in EVERY if is_tool(action)]
VERSION = (3, 6)


def by_name(actions):
    return {f"{action.spec.api}.{action.spec.name}": action for action in actions}


def parts(schema):
    """All schemas within a schema."""
    yield schema
    for name, part in schema.items():
        if name in ("properties", "$defs"):
            for inner in part.values():
                yield from parts(inner)
        elif isinstance(part, dict):
            yield from parts(part)
        elif name == "anyOf":
            for inner in part:
                yield from parts(inner)


@pytest.mark.parametrize("action", by_name(TOOLS).values(), ids=by_name(TOOLS))
def test_every_schema_stands_alone(action):
    description = describe(action, VERSION)
    schema = description.parameters
    assert schema["type"] == "object"
    assert set(schema["required"]) <= set(schema["properties"])
    for part in parts(schema):
        assert not {"$ref", "$defs", "title", "default", "discriminator"} & {
            name for name, value in part.items() if not isinstance(value, dict)
        }
        assert "``" not in part.get("description", "")
        assert "Source:" not in str(part.get("description", ""))
        if "properties" in part:
            assert part["additionalProperties"] is False
    json.dumps(schema)


@pytest.mark.parametrize("action", by_name(TOOLS).values(), ids=by_name(TOOLS))
def test_every_description_fits_the_providers(action):
    description = describe(action, VERSION)
    assert description.name.replace("_", "").isalnum()
    assert len(description.name) <= 64
    assert 0 < len(description.description) <= 1024


def test_a_tool_in_both_forms():
    tool = describe(actions.TagThread, VERSION)
    parameters = {
        "type": "object",
        "properties": {
            "chat_id": {"type": "string", "minLength": 1, "description": "The chat of the thread."},
            "thread_id": {"type": "string", "minLength": 1, "description": "The thread to tag."},
            "tag": {
                "type": "string",
                "minLength": 1,
                "description": "Name of the tag; case matters.",
            },
        },
        "required": ["chat_id", "thread_id", "tag"],
        "additionalProperties": False,
    }
    about = "Tag a thread; the tag and the thread must share a group."
    assert tool.for_openai() == {
        "type": "function",
        "function": {"name": "tag_thread", "description": about, "parameters": parameters},
    }
    assert tool.for_anthropic() == {
        "name": "tag_thread",
        "description": about,
        "input_schema": parameters,
    }


def test_fixed_arguments_are_not_described():
    schema = describe(actions.TagThread, VERSION, {"chat_id"}).parameters
    assert set(schema["properties"]) == {"thread_id", "tag"}
    assert schema["required"] == ["thread_id", "tag"]


def test_arguments_of_older_versions_are_not_described():
    assert (
        "attach_to_last_thread" not in describe(actions.SendEvent, VERSION).parameters["properties"]
    )
    assert "attach_to_last_thread" in describe(actions.SendEvent, (3, 3)).parameters["properties"]


def test_an_argument_called_like_a_keyword_of_schemas_is_there():
    properties = describe(actions.SendThinkingIndicator, VERSION).parameters["properties"]
    assert {"title", "description"} <= set(properties)


def test_files_and_methods_of_rtm_are_no_tools():
    assert {action.spec.name for action in EVERY if not is_tool(action)} >= {"upload_file", "login"}


def test_reading_methods_are_those_that_change_nothing():
    assert {action.spec.name for action in ACTIONS.values() if action.spec.reads} == {
        "get_chat",
        "get_customer",
        "get_license_info",
        "get_thread_transcript",
        "list_agents_for_transfer",
        "list_archives",
        "list_chats",
        "list_customers",
        "list_routing_statuses",
        "list_threads",
    }


@pytest.mark.parametrize("action", by_name(EVERY).values(), ids=by_name(EVERY))
def test_no_method_that_causes_a_push_or_webhook_reads(action):
    spec = action.spec
    assert not (spec.reads and (spec.push or spec.webhook))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("get_chat", "chat_id"),
        ("transfer_chat", "id"),
        ("deactivate_chat", "id"),
        ("follow_chat", "id"),
        ("update_chat_properties", "id"),
        ("tag_thread", "chat_id"),
        ("get_customer", None),
        ("start_chat", None),
        ("resume_chat", None),
        ("list_chats", None),
        ("multicast", None),
    ],
)
def test_the_argument_for_the_chat(name, field):
    assert chat_field(ACTIONS[name]) == field


def test_what_can_reach_chats_or_customers_without_an_argument_for_the_chat():
    assert {
        action.spec.name
        for action in ACTIONS.values()
        if is_tool(action) and chat_field(action) is None and not reaches_chats(action)
    } == {"get_license_info", "list_routing_statuses", "logout", "multicast", "set_routing_status"}


class TestArguments:
    def act(self, name, arguments, **fixed):
        return tool_action(ACTIONS[name], arguments, fixed)

    def test_they_make_an_action(self):
        action = self.act("get_chat", {"chat_id": "C1"})
        assert action == actions.GetChat(chat_id="C1")

    def test_fixed_ones_are_added(self):
        action = self.act("tag_thread", {"thread_id": "T1", "tag": "vip"}, chat_id="C1")
        assert action == actions.TagThread(chat_id="C1", thread_id="T1", tag="vip")

    def test_a_fixed_one_with_its_value_does_no_harm(self):
        assert self.act("get_chat", {"chat_id": "C1"}, chat_id="C1").chat_id == "C1"

    @pytest.mark.parametrize("value", ["C2", "c1", "C1 ", "", None, 5, ["C1"], {"id": "C2"}])
    def test_a_fixed_one_with_another_value_is_refused(self, value):
        with pytest.raises(InvalidArgument, match="chat_id") as caught:
            self.act("get_chat", {"chat_id": value}, chat_id="C1")
        assert caught.value.field == "chat_id"

    @pytest.mark.parametrize("name", ["chatId", "chat_id\x00", "CHAT_ID", "id", "chat"])
    def test_one_by_another_name_is_refused(self, name):
        with pytest.raises(InvalidArgument, match="is not a field of GetChat"):
            self.act("get_chat", {name: "C2"}, chat_id="C1")

    def test_null_is_not_given(self):
        assert self.act("get_chat", {"chat_id": "C1", "thread_id": None}) == actions.GetChat(
            chat_id="C1"
        )

    @pytest.mark.parametrize(
        ("name", "arguments", "field"),
        [
            ("get_chat", {}, "chat_id"),
            ("get_chat", {"chat_id": 5}, "chat_id"),
            ("get_chat", {"chat_id": ""}, "chat_id"),
            ("list_threads", {"chat_id": "C1", "limit": 1000}, "limit"),
            ("list_archives", {"filters": {"form": "2026-03-02"}}, "filters.form"),
            ("send_event", {"chat_id": "C1", "event": {"type": "message"}}, "event.text"),
            ("send_event", {"chat_id": "C1", "event": {"type": "massage"}}, "event.type"),
        ],
    )
    def test_errors_name_the_field(self, name, arguments, field):
        with pytest.raises(InvalidArgument) as caught:
            self.act(name, arguments)
        assert caught.value.field == field
