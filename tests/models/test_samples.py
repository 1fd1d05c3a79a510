"""Every sample of the API decodes into its type, and nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import models
from frontdesk.actions import ACTIONS
from frontdesk.codec.decoding import convert, decode, encode
from frontdesk.models.events.system_event import decode_details

from .._samples import load, lost
from ..documented import own_samples, samples


def by_name(paths: list[Path]) -> dict[str, Any]:
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


def check(sample: Any, type_: Any) -> Any:
    decoded = decode(json.dumps(sample), type_)
    assert lost(sample, json.loads(encode(decoded))) == []
    assert convert(sample, type_) == decoded
    assert decode(encode(decoded), type_) == decoded
    return decoded


def check_response(method: str, sample: Any) -> None:
    returns = ACTIONS[method].spec.returns
    if returns is None:
        assert decode(json.dumps(sample), None) is None
    else:
        check(sample, returns)


def strict(sample: Any, type_: Any) -> bool:
    try:
        msgspec.convert(sample, type_)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("path", **by_name(own_samples("responses")))
def test_own_responses(path: Path) -> None:
    check_response(path.stem.partition(".")[0], load(path))


@pytest.mark.parametrize("path", **by_name(own_samples("events")))
def test_own_events(path: Path) -> None:
    event = check(load(path), models.Event)
    assert getattr(event, "original_type", event.type) == load(path)["type"]
    assert event.id == load(path)["id"]


@pytest.mark.parametrize("path", **by_name(own_samples("structures")))
def test_own_structures(path: Path) -> None:
    check(load(path), getattr(models, path.stem.partition(".")[0]))


@pytest.mark.parametrize("path", **by_name(own_samples("errors")))
def test_own_errors(path: Path) -> None:
    check(load(path), models.ErrorResponse)


@pytest.mark.parametrize("path", **by_name(samples("responses")))
def test_responses(path: Path) -> None:
    check_response(path.stem, load(path))


@pytest.mark.parametrize("path", **by_name(samples("rtm_responses")))
def test_rtm_responses(path: Path) -> None:
    check_response(path.stem, load(path).get("payload", {}))


@pytest.mark.parametrize("path", **by_name(samples("events")))
def test_events(path: Path) -> None:
    sample = load(path)
    assert strict(sample, models.Event)
    assert check(sample, models.Event).type == sample["type"]


STRUCTURES: dict[str, Any] = {
    "access": dict[str, models.Access],
    "agent": models.Agent,
    "cart": models.Cart,
    "chat": models.Chat,
    "customer": models.Customer,
    "my_profile": models.MyProfile,
    "properties": dict[str, models.Properties],
    "thread": models.Thread,
}


@pytest.mark.parametrize("path", **by_name(samples("structures")))
def test_structures(path: Path) -> None:
    assert strict(load(path), STRUCTURES[path.stem])
    check(load(path), STRUCTURES[path.stem])


@pytest.mark.parametrize("path", **by_name(samples("errors")))
def test_errors(path: Path) -> None:
    check(load(path), models.ErrorResponse)


@pytest.mark.parametrize("path", **by_name(samples("default_properties")))
def test_default_properties(path: Path) -> None:
    check({"a": {"b": load(path)}}, models.Properties)


PARTS_OF_PUSHES: dict[str, Any] = {
    "access": models.Access,
    "chat": models.Chat,
    "customers": list[models.Customer],
    "event": models.Event,
    "groups": list[models.GroupPriority],
    "sneak_peek": models.SneakPeek,
    "summary": models.AISummary,
    "transferred_from": models.TransferTarget,
    "transferred_to": models.TransferTarget,
    "typing_indicator": models.TypingIndicator,
    "user": models.User,
    "work_scheduler": models.WorkScheduler,
}
WHOLE_PUSHES: dict[str, Any] = {
    "agent_created": models.AgentConfig,
    "bot_created": models.BotConfig,
    "group_created": models.GroupConfig,
    "group_updated": models.GroupConfig,
    "incoming_customer": models.Customer,
    "routing_status_set": models.AgentStatus,
    "tag_created": models.TagConfig,
    "tag_updated": models.TagConfig,
}


@pytest.mark.parametrize("path", **by_name(samples("pushes")))
def test_structures_in_pushes(path: Path) -> None:
    payload = load(path)
    if path.stem in WHOLE_PUSHES:
        check(payload, WHOLE_PUSHES[path.stem])
    for name in set(payload) & set(PARTS_OF_PUSHES):
        check(payload[name], PARTS_OF_PUSHES[name])


SOURCES = {"custom": "ai_agents", "store": "cdp"}


@pytest.mark.parametrize("path", **by_name(samples("system_event_details")))
def test_details_of_system_events(path: Path) -> None:
    subtype, _, version = path.stem.partition(".v")
    source = SOURCES[subtype.partition("_")[0]]
    decoded = decode_details(source, subtype, int(version), path.read_text())
    assert not isinstance(decoded, dict)
    assert lost(load(path), json.loads(encode(decoded))) == []
