"""Every structure and field that the API documents has its place in the models."""

from typing import Any

import msgspec
import pytest

from frontdesk import models

from ..documented import spec

RECEIVED_EVENTS = {
    "file": models.FileEvent,
    "form": models.FormEvent,
    "filled_form": models.FilledFormEvent,
    "message": models.MessageEvent,
    "rich_message": models.RichMessageEvent,
    "custom": models.CustomEvent,
    "system_message": models.SystemMessageEvent,
    "system": models.SystemEvent,
    "deleted_event": models.DeletedEvent,
}
SENT_EVENTS = {
    "file": models.File,
    "form": models.Form,
    "filled_form": models.FilledForm,
    "message": models.Message,
    "rich_message": models.RichMessage,
    "custom": models.Custom,
    "system_message": models.SystemMessage,
}
OTHER_NAMES = {"MessagePostback": "Postback"}
NOT_FIELDS = {"note", "shape", "delete_shape", "see", "restricted"}


def wire_names(cls: Any) -> set[str]:
    names = {field.encode_name for field in msgspec.structs.fields(cls)}
    return names | ({cls.__struct_config__.tag_field} - {None})


def documented() -> list[tuple[str, Any, set[str]]]:
    structures = spec("structures")
    cases = []
    for name, cls in RECEIVED_EVENTS.items():
        cases.append((f"received {name}", cls, set(structures["events"][name]["response"])))
    for name, cls in SENT_EVENTS.items():
        cases.append((f"sent {name}", cls, set(structures["events"][name]["request"])))
    for section in ("event_parts", "users", "chats", "indicators", "configuration_objects"):
        for name, fields in structures[section].items():
            if isinstance(fields, dict) and set(fields) - NOT_FIELDS:
                cls = getattr(models, OTHER_NAMES.get(name, name))
                cases.append((name, cls, set(fields) - NOT_FIELDS))
    return cases


@pytest.mark.parametrize(("name", "cls", "fields"), documented())
def test_every_documented_field_is_modelled(name: str, cls: Any, fields: set[str]) -> None:
    assert fields - wire_names(cls) == set(), name


OTHER_GO_NAMES = {
    "Event": models.MessageEvent,
    "File": models.FileEvent,
    "FilledForm": models.FilledFormEvent,
    "Message": models.MessageEvent,
    "RichMessage": models.RichMessageEvent,
    "SystemMessage": models.SystemMessageEvent,
    "User": models.Customer,
    "AgentsForTransfer": models.AgentForTransfer,
}
ELSEWHERE = {"API", "TransferChatOptions", "Properties", "PropertiesFilters"}


def go_types() -> list[tuple[str, set[str]]]:
    types = spec("go_agent_package")["types"]
    return [(name, set(fields)) for name, fields in types.items() if name not in ELSEWHERE]


@pytest.mark.parametrize(("name", "fields"), go_types())
def test_every_type_of_the_go_package_has_its_counterpart(name: str, fields: set[str]) -> None:
    assert hasattr(models, name)
    assert fields - wire_names(OTHER_GO_NAMES.get(name) or getattr(models, name)) == set()


@pytest.mark.parametrize("name", ["Properties", "PropertiesFilters", "AgentsForTransfer", "User"])
def test_aliases_of_the_go_package_exist(name: str) -> None:
    assert name in models.__all__
