"""Every method that the API documents is declared as documented, field by field."""

import inspect
import re
import types
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec import Meta, UnsetType

from frontdesk import AgentClient, AsyncAgentClient, models, validate_event
from frontdesk.actions import ACTIONS, Action

from ..documented import spec

OLDER = {
    "create_customer": (3, 5), "list_customers": (3, 5),
    "get_license_info": (3, 5), "change_push_notifications": (3, 4),
    "follow_customer": None, "unfollow_customer": None, "get_thread_transcript": None,
}  # fmt: skip


DOCUMENTED = {m["name"]: m for m in spec("methods")["methods"] if not m.get("protocol_action")}


def parts_of(hint: Any) -> list[Any]:
    """The members of a type without what only says 'not given'."""
    if get_origin(hint) is Annotated:
        return parts_of(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return [part for arg in get_args(hint) for part in parts_of(arg)]
    return [] if hint is UnsetType else [hint]


def metas_of(hint: Any) -> list[Meta]:
    found = [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta)]
    if get_origin(hint) in (Union, types.UnionType, Annotated):
        found += [meta for arg in get_args(hint) for meta in metas_of(arg)]
    return found


def bound(hint: Any, *names: str) -> Any:
    return next(
        (v for m in metas_of(hint) for n in names if (v := getattr(m, n)) is not None), None
    )


def resolve(cls: Any, path: str) -> tuple[Any, bool]:
    """The type of a documented path such as ``chat.users[].id``, and whether it is required."""
    hint, required = cls, True
    for step in path.split("."):
        name = step.removesuffix("[]")
        structs = [
            p for p in parts_of(hint) if isinstance(p, type) and issubclass(p, msgspec.Struct)
        ]
        if structs:
            fields = {field.encode_name: field for field in msgspec.structs.fields(structs[0])}
            assert name in fields, f"{structs[0].__name__} lacks {name}"
            hints = get_type_hints(structs[0], include_extras=True)
            hint, required = hints[fields[name].name], fields[name].required
        else:
            (mapping,) = [part for part in parts_of(hint) if get_origin(part) is dict]
            assert name.startswith("<"), f"{step} of {path}"
            hint = get_args(mapping)[1]
        if step.endswith("[]"):
            (array,) = [part for part in parts_of(hint) if get_origin(part) is list]
            hint = get_args(array)[0]
    return hint, required


def kinds(hint: Any) -> set[str]:
    """The documentation's words for a type."""
    words: set[str] = set()
    for part in parts_of(hint):
        if get_origin(part) is Literal:
            words |= {"string"}
        elif get_origin(part) is list:
            words |= {f"array<{word}>" for word in kinds(get_args(part)[0])}
        elif get_origin(part) is dict:
            words |= {"object"}
        else:
            words |= {
                str: {"string"}, int: {"integer"}, bool: {"boolean"}, datetime: {"datetime"},
                bytes: {"binary"}, Any: {"any"}, types.NoneType: {"null"},
            }.get(part, {"object"})  # fmt: skip
    return words


def documented_kinds(text: str) -> set[str]:
    array = re.fullmatch(r"array<(.+)>", text)
    if array:
        return {f"array<{word}>" for word in documented_kinds(array[1])}
    plain = {"string", "integer", "boolean", "datetime", "any", "binary", "null"}
    return {word if word in plain else "object" for word in re.split(r"\|", text)}


FIELDS = [(name, field) for name, m in DOCUMENTED.items() for field in m["request"]]
# Documented for RTM's `login` alone, where the key is a version.
FREE_KEYS = {("login", "pushes.<version>")}


def test_the_documentation_and_the_declarations_name_the_same_methods() -> None:
    assert set(DOCUMENTED) == set(ACTIONS) - set(OLDER)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_method_is_declared_as_documented(name: str) -> None:
    documented, spec = DOCUMENTED[name], ACTIONS[name].spec
    assert spec.name == name
    assert spec.group == documented["group"]
    if name != "logout":
        assert list(spec.transports) == documented["transports"]
    assert set(spec.push) == set(documented["pushes"]) | {
        # The page of the method says that there is none, the page of the pushes describes it.
        *(["incoming_typing_indicator"] if name == "send_typing_indicator" else [])
    }
    assert set(spec.webhook) == set(documented["webhooks"])
    if "since" in documented:
        assert spec.since == tuple(map(int, documented["since"].split(".")))
    assert spec.until is None
    assert spec.documented


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_scopes_are_those_documented(name: str) -> None:
    scopes, declared = DOCUMENTED[name]["scopes"], ACTIONS[name].spec.scopes
    if "agents" in scopes:
        scopes = {"any_of": scopes["agents"]["any_of"] + scopes["bots"]["any_of"]}
    assert set(declared.names) == set(scopes.get("any_of") or scopes.get("all_of") or [])
    if declared.names:
        assert declared.every == ("all_of" in scopes)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_field_is_missing_and_none_is_made_up(name: str) -> None:
    documented = {
        field["path"].split(".")[0].removesuffix("[]") for field in DOCUMENTED[name]["request"]
    }
    declared = {field.encode_name for field in msgspec.structs.fields(ACTIONS[name])}
    older = {"send_event": {"attach_to_last_thread"}, "logout": {"agent_id"}}
    assert declared == documented | older.get(name, set())


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{n}-{f['path']}" for n, f in FIELDS])
def test_a_field_is_declared_as_documented(name: str, field: dict[str, Any]) -> None:
    path = field["path"]
    hint, required = resolve(ACTIONS[name], path)
    if isinstance(field["required"], bool) and "<" not in path:
        # `chat` is the same structure for start_chat; the rule of resume_chat is a test of its own.
        assert required == field["required"] or (name, path) in {
            ("resume_chat", "chat.id"),
            # The same structures are received, where they may lack it; `validate` asks for it.
            ("send_rich_message_postback", "postback.ecommerce.product_id"),
        }
    if "enum" in field:
        (literal,) = [part for part in parts_of(hint) if get_origin(part) is Literal]
        assert list(get_args(literal)) == field["enum"]
    if isinstance(field.get("max"), int):
        assert bound(hint, "le") == field["max"]
    if "min" in field:
        assert bound(hint, "ge") == field["min"]
    if "max_items" in field:
        array = next(iter(metas_of(hint)))
        assert bound(hint, "max_length") == field["max_items"], array
    if field["type"] in ("EventRequest", "MessageEventRequest"):
        expected = models.NewEvent if field["type"] == "EventRequest" else models.Message
        assert set(parts_of(hint)) == set(get_args(expected) or [expected])
    elif (name, path) not in FREE_KEYS:
        # In structures that are received too, null stands for what is not there; it is never sent.
        assert kinds(hint) - {"null"} == documented_kinds(field["type"]) - {"null"}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_paged_methods_are_paged_as_documented(name: str) -> None:
    page = ACTIONS[name].spec.page
    names = {field["path"] for field in DOCUMENTED[name]["response"]}
    assert (page is not None) == ("next_page_id" in names)
    if page is not None:
        assert {page.items, page.found} <= names
        (limit,) = [f for f in DOCUMENTED[name]["request"] if f["path"] == "limit"]
        assert (page.default, page.maximum) == (limit["default"], limit["max"])


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_responses_hold_is_typed(name: str) -> None:
    documented, returns = DOCUMENTED[name], ACTIONS[name].spec.returns
    if not documented["response"] or documented.get("empty_response"):
        assert returns is None
        return
    assert (get_origin(returns) is list) == (documented.get("response_root") == "array")
    cls = get_args(returns)[0] if get_origin(returns) is list else returns
    fields = {field.encode_name for field in msgspec.structs.fields(cls)} | {"type"}
    for field in documented["response"]:
        name = field["path"].removeprefix("[].").split(".")[0].removesuffix("[]")
        assert name in fields or name.startswith("__priv"), field["path"]


@pytest.mark.parametrize("name", OLDER)
def test_older_methods_say_until_when_they_are_there(name: str) -> None:
    spec = ACTIONS[name].spec
    assert spec.until == OLDER[name]
    assert spec.documented == (OLDER[name] is not None)


def test_what_only_reads_or_sets_a_state_bears_a_repeat() -> None:
    """A method that is not listed here would add something twice, or fail the second time."""
    once = {
        "start_chat", "resume_chat", "deactivate_chat", "transfer_chat", "add_user_to_chat",
        "remove_user_from_chat", "send_event", "send_event_preview", "send_rich_message_postback",
        "multicast", "request_thread_summary", "create_customer", "login",
        "subscribe_customers",
    }  # fmt: skip
    assert {name for name, action in ACTIONS.items() if not action.spec.repeatable} == once


# the declarations themselves


@pytest.mark.parametrize("name", ACTIONS)
def test_a_declaration_explains_itself(name: str) -> None:
    action = ACTIONS[name]
    assert re.match(r"[A-Z].+\.$", (action.__doc__ or "").strip().splitlines()[0])
    hints = get_type_hints(action, include_extras=True)
    for field in msgspec.structs.fields(action):
        assert bound(hints[field.name], "description"), f"{name}.{field.name}"
    assert action.spec.url.startswith("https://platform.text.com/docs/")
    assert action.spec.url.endswith(f"#{name.replace('_', '-')}")


@pytest.mark.parametrize("name", ACTIONS)
def test_the_errors_to_expect_exist(name: str) -> None:
    from frontdesk import errors

    for error in ACTIONS[name].spec.errors:
        assert issubclass(getattr(errors, error), errors.APIError)


def test_scopes_read_as_a_sentence() -> None:
    assert str(ACTIONS["get_chat"].spec.scopes) == "chats--all:ro or chats--access:ro"
    assert str(ACTIONS["list_routing_statuses"].spec.scopes) == (
        "agents--all:ro and agents-bot--all:ro"
    )
    assert str(ACTIONS["upload_file"].spec.scopes) == "none"


# rules across fields

BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("list_chats", {"page_id": "P", "limit": 5}, "limit"),
    ("list_chats", {"page_id": "P", "sort_order": "asc"}, "sort_order"),
    ("list_chats", {"page_id": "P", "filters": models.ChatsFilters()}, "filters"),
    ("list_chats", {"page_id": ""}, "page_id"),
    ("list_threads", {"chat_id": "C", "page_id": "P", "min_events_count": 5}, "min_events_count"),
    ("list_threads", {"chat_id": "C", "min_events_count": 5, "limit": 5}, "limit"),
    ("list_threads", {"chat_id": "C", "min_events_count": 101}, "min_events_count"),
    ("list_threads", {"chat_id": "C", "min_events_count": 5, "filters": models.ThreadsFilters()},
     "filters"),
    ("list_archives", {"page_id": "P", "limit": 5}, "limit"),
    ("list_archives", {"limit": 5, "filters": models.ArchivesFilters(thread_ids=["T"])}, "limit"),
    ("resume_chat", {"chat": models.InitialChat()}, "chat.id"),
    ("add_user_to_chat", {"chat_id": "C", "user_id": "U", "user_type": "customer",
                          "visibility": "agents"}, "visibility"),
    ("remove_user_from_chat", {"chat_id": "C", "user_id": "U", "user_type": "customer"},
     "user_type"),
    ("send_event_preview", {"chat_id": "C", "event": models.Message(text="a", visibility="agents")},
     "event.visibility"),
    ("update_customer", {"id": "b7eff798-f8df-4364-8059-649c35c9ed0c"}, ""),
    ("send_rich_message_postback", {"chat_id": "C", "thread_id": "T", "event_id": "E",
     "postback": models.RichMessagePostback(id="", toggled=True)}, "postback.id"),
    ("send_rich_message_postback", {"chat_id": "C", "thread_id": "T", "event_id": "E",
     "postback": models.RichMessagePostback(id="a", toggled=True,
                                            ecommerce=models.PostbackEcommerce())},
     "postback.ecommerce.product_id"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "field"), BROKEN)
def test_fields_that_do_not_go_together_are_refused(
    name: str, fields: dict[str, Any], field: str
) -> None:
    from frontdesk import InvalidArgument

    with pytest.raises(InvalidArgument) as caught:
        ACTIONS[name](**fields)
    assert caught.value.field == field


# the Go package

RENAMED = {
    "customer_id": "id",
    "days": "ban",
    "group_ids": "filters",
    "ids": "target",
    "initial_chat": "chat",
    "multicast_type": "type",
    "opts": "ignore_requester_presence",
    "postback_id": "postback",
    "target_type": "target",
    "toggled": "postback",
}


def snake(name: str) -> str:
    name = name.replace("ID", "Id")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def go_methods() -> list[tuple[str, list[str]]]:
    methods = spec("go_agent_package")["methods"]
    return [
        (snake(name), [snake(argument) for argument in arguments])
        for name, arguments in methods.items()
    ]


@pytest.mark.parametrize(
    ("name", "arguments"), [m for m in go_methods() if m[0] != "set_author_id"]
)
@pytest.mark.parametrize("client", [AgentClient, AsyncAgentClient])
def test_every_function_of_the_go_package_has_its_counterpart(
    client: type, name: str, arguments: list[str]
) -> None:
    ours = inspect.signature(getattr(client, name)).parameters
    for argument in arguments:
        short = RENAMED.get(argument, argument)
        also = "id" if argument == "chat_id" else short
        assert short in ours or also in ours, argument


def test_the_go_packages_other_functions_have_their_counterparts() -> None:
    functions = set(spec("go_agent_package")["functions"])
    ours: dict[str, Any] = {
        "NewAPI": AgentClient,
        "NewArchivesFilters": models.ArchivesFilters,
        "NewChatsFilters": models.ChatsFilters,
        "NewIntegerFilter": models.IntegerFilter,
        "NewPropertyFilterType": models.PropertyFilter,
        "NewThreadsFilters": models.ThreadsFilters,
        "ValidateEvent": validate_event,
    }
    assert functions == set(ours)
    assert "author_id" in inspect.signature(AgentClient.__init__).parameters, "SetAuthorID"


# the rendered methods


@pytest.mark.parametrize("client", [AgentClient, AsyncAgentClient])
@pytest.mark.parametrize("name", [n for n, a in ACTIONS.items() if "web" in a.spec.transports])
def test_each_method_has_the_names_of_the_wire(client: type, name: str) -> None:
    method = getattr(client, name)
    parameters = inspect.signature(method).parameters
    fields = {field.name: field for field in msgspec.structs.fields(ACTIONS[name])}
    if name == "upload_file":
        assert list(parameters) == ["self", "file", "name", "content_type", "on_progress"]
    else:
        assert set(parameters) - {"self"} == set(fields)
        for field in fields.values():
            default = inspect.Parameter.empty if field.required else None
            assert parameters[field.name].default is default
            assert parameters[field.name].kind is inspect.Parameter.KEYWORD_ONLY
    doc = inspect.getdoc(method) or ""
    assert ACTIONS[name].spec.url in doc
    assert ("\nReturns:\n    " in doc) == (ACTIONS[name].spec.returns is not None)
    assert "\nRaises:\n    InvalidArgument: " in doc
    for parameter in list(parameters)[1:]:
        assert f"\n    {parameter}: " in doc
    for words in ("left out", "by default", "(default)", "answer "):
        assert words not in doc, "the wording of the reference: defaults to …, response"


def test_an_action_is_a_value() -> None:
    first, second = ACTIONS["get_chat"](chat_id="C"), ACTIONS["get_chat"](chat_id="C")
    assert first == second
    assert isinstance(first, Action)
    assert repr(first) == "GetChat(chat_id='C')"
