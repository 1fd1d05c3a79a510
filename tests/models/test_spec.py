"""Every structure and field that the API documents has its place in the models."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import models

SHARED = Path(__file__).parents[3] / "shared"
STRUCTURES = SHARED / "spec" / "structures.yaml"
SEED = SHARED / "seed" / "go-agent-package.txt"

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
    if not STRUCTURES.exists():
        return []
    import yaml

    spec = yaml.safe_load(STRUCTURES.read_text())
    cases = []
    for name, cls in RECEIVED_EVENTS.items():
        cases.append((f"received {name}", cls, set(spec["events"][name]["response"])))
    for name, cls in SENT_EVENTS.items():
        cases.append((f"sent {name}", cls, set(spec["events"][name]["request"])))
    for section in ("event_parts", "users", "chats", "indicators", "configuration_objects"):
        for name, fields in spec[section].items():
            if isinstance(fields, dict) and set(fields) - NOT_FIELDS:
                cls = getattr(models, OTHER_NAMES.get(name, name))
                cases.append((name, cls, set(fields) - NOT_FIELDS))
    return cases


@pytest.mark.skipif(not STRUCTURES.exists(), reason="the spec is not there")
@pytest.mark.parametrize(("name", "cls", "fields"), documented())
def test_every_documented_field_is_modelled(name: str, cls: Any, fields: set[str]) -> None:
    assert fields - wire_names(cls) == set(), name


SEED_NAMES = {
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


def seed_types() -> list[tuple[str, set[str]]]:
    if not SEED.exists():
        return []
    types = re.findall(
        r"^type (\w+) (?:\[\])?struct \{\n(.*?)^\}", SEED.read_text(), re.MULTILINE | re.DOTALL
    )
    return [
        (name, set(re.findall(r'^\t\w+ .*`json:"([^",]+)', body, re.MULTILINE)))
        for name, body in types
        if name not in ELSEWHERE
    ]


@pytest.mark.skipif(not SEED.exists(), reason="the seed is not there")
@pytest.mark.parametrize(("name", "fields"), seed_types())
def test_every_type_and_field_of_the_seed_has_its_counterpart(name: str, fields: set[str]) -> None:
    assert hasattr(models, name)
    assert fields - wire_names(SEED_NAMES.get(name) or getattr(models, name)) == set()


@pytest.mark.parametrize("name", ["Properties", "PropertiesFilters", "AgentsForTransfer", "User"])
def test_aliases_of_the_seed_exist(name: str) -> None:
    assert name in models.__all__
