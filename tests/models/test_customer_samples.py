"""Every sample of the Customer Chat API decodes into its type, and nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk import models
from frontdesk.actions import CUSTOMER_ACTIONS
from frontdesk.codec.decoding import decode

from .._samples import load
from ..documented import samples, spec
from .test_samples import by_name, check, strict
from .test_spec import RECEIVED_EVENTS, SENT_EVENTS, wire_names


def check_response(method: str, sample: Any) -> None:
    returns = CUSTOMER_ACTIONS[method].spec.returns
    if returns is None:
        assert decode("{}", None) is None
    else:
        assert strict(sample, returns)
        check(sample, returns)


@pytest.mark.parametrize("path", **by_name(samples("customer/responses")))
def test_responses(path: Path) -> None:
    check_response(path.stem, load(path))


@pytest.mark.parametrize("path", **by_name(samples("customer/rtm_responses")))
def test_rtm_responses(path: Path) -> None:
    check_response(path.stem, load(path).get("payload", {}))


@pytest.mark.parametrize("path", **by_name(samples("customer/v3.7/responses")))
def test_responses_of_3_7(path: Path) -> None:
    check_response(path.stem, load(path))


@pytest.mark.parametrize("path", **by_name(samples("customer/events")))
def test_events(path: Path) -> None:
    sample = load(path)
    assert strict(sample, models.Event)
    assert check(sample, models.Event).type == sample["type"]


STRUCTURES: dict[str, Any] = {
    "access": dict[str, models.Access],
    "agent": models.Agent,
    "chat_summary": models.CustomerChatSummary,
    "customer": models.Customer,
    "form": models.FormTemplate,
    "form_fields": models.FormTemplate,
    "thread": models.Thread,
}


@pytest.mark.parametrize("path", **by_name(samples("customer/structures")))
def test_structures(path: Path) -> None:
    check(load(path), STRUCTURES[path.stem])


OTHER_NAMES = {
    "MessagePostback": "Postback",
    "Form": "FormTemplate",
    "ChatInfo": "CustomerChatSummary",
    "ChatSummary": "CustomerChatSummary",
    "Greeting": "ShownGreeting",
    "ConfigButton": "ConfigurationButton",
    "GroupStatus": "GroupAvailability",
}
ELSEWHERE = {"Properties", "LoginDynamicConfig"}


def documented() -> list[tuple[str, Any, set[str]]]:
    structures = spec("customer-structures")
    cases = []
    for name in structures["event_types"]:
        facts = structures["events"][name]
        cases.append((f"received {name}", RECEIVED_EVENTS[name], set(facts["response"])))
        if facts["request"]:
            fields = set(facts["request"]) - {"recipients"}
            cases.append((f"sent {name}", SENT_EVENTS[name], fields))
    for section in ("event_parts", "users", "chats", "greetings", "configuration", "indicators"):
        for name, fields in structures[section].items():
            names = (
                set(fields) - {"note", "differs_from_agent"} if isinstance(fields, dict) else set()
            )
            if names and name not in ELSEWHERE:
                cases.append((name, getattr(models, OTHER_NAMES.get(name, name)), names))
    return cases


@pytest.mark.parametrize(("name", "cls", "fields"), documented())
def test_every_documented_field_is_modelled(name: str, cls: Any, fields: set[str]) -> None:
    assert fields - wire_names(cls) == set(), name


def test_3_7_fills_the_names_of_3_6() -> None:
    page = decode((samples("customer/v3.7/responses")[0]).read_text(), models.CustomerChatsPage)
    chat = page.chats_summary[0]
    assert chat.last_thread_info is not None
    assert chat.last_thread_id == chat.last_thread_info.id
    assert chat.last_thread_created_at == chat.last_thread_info.created_at
    assert chat.last_event_per_type is not None
    assert set(chat.last_event_per_type) == {"message"}


def test_3_5_fills_the_names_of_3_6() -> None:
    flat: dict[str, Any] = {"organization_id": "o", "group_id": 3, "config_version": "1.2",
            "localization_version": "9", "language": "en", "domain_allowed": True,
            "client_limit_exceeded": False, "online_group_ids": [3]}  # fmt: skip
    found = models.DynamicConfiguration(**flat)
    assert found.livechat == models.LiveChatConfiguration(
        **{name: value for name, value in flat.items() if name != "organization_id"}
    )


def test_a_damaged_chat_costs_that_chat_only() -> None:
    data = {"chats_summary": [{"id": 7}, {"id": "C", "users": []}], "total_chats": "many",
            "next_page_id": "P"}  # fmt: skip
    page = decode(json.dumps(data), models.CustomerChatsPage)
    assert [chat.id for chat in page.chats_summary] == ["C"]
    assert page.total_chats == 0
    assert page.damage
