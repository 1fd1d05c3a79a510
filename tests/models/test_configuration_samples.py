"""Every sample of the Configuration API decodes into its type, and nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk.actions import CONFIGURATION_ACTIONS
from frontdesk.codec.decoding import convert, decode, encode
from frontdesk.errors import InvalidArgument

from .._samples import load, lost
from ..documented import samples

FOLDERS = ("configuration", "configuration/v3.7")
RESPONSES = [path for folder in FOLDERS for path in samples(f"{folder}/responses")]
REQUESTS = [path for folder in FOLDERS for path in samples(f"{folder}/requests")]

OTHER_NAMES = {"avatar_path": "avatar", "summaries": "email_subscriptions"}
"""Keys that some responses have in place of others."""

# As printed, these break a rule of their own page.
REFUSED = {
    "batch_delete_agents": "requests[2].id",
    "create_bot_template": "owner_client_id",
    "delete_bot_template": "owner_client_id",
    "list_bot_templates": "owner_client_id",
    "reset_bot_template_secret": "owner_client_id",
    "register_property": "default_value",
}


def renamed(sample: Any) -> Any:
    """The sample with the keys that frontdesk reads it by."""
    if isinstance(sample, dict):
        return {OTHER_NAMES.get(key, key): renamed(value) for key, value in sample.items()}
    return [renamed(item) for item in sample] if isinstance(sample, list) else sample


@pytest.mark.parametrize("path", RESPONSES, ids=lambda path: path.stem)
def test_responses(path: Path) -> None:
    returns, sample = CONFIGURATION_ACTIONS[path.stem].spec.returns, load(path)
    decoded = decode(json.dumps(sample), returns)
    if returns is None:
        assert decoded is None
        return
    assert lost(renamed(sample), json.loads(encode(decoded))) == []
    assert convert(sample, returns) == decoded
    assert decode(encode(decoded), returns) == decoded


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_requests(path: Path) -> None:
    action, sample = CONFIGURATION_ACTIONS[path.stem], load(path)
    if path.stem in REFUSED:
        with pytest.raises(InvalidArgument) as caught:
            action(**sample)
        assert caught.value.field == REFUSED[path.stem]
        return
    request = json.loads(msgspec.json.encode(action(**sample)))
    assert lost(sample, request) == []
    assert lost(request, sample) == []


SPELLINGS = [
    *((name, "avatar", "avatar_path", "https://example.com/a.png") for name in (
        "get_agent", "list_agents", "get_bot", "list_bots", "list_bot_templates",
    )),
    *((name, "email_subscriptions", "summaries", ["daily_summary"]) for name in (
        "get_agent", "list_agents",
    )),
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "other", "value"), SPELLINGS)
def test_two_spellings_decode_to_one_name(name: str, field: str, other: str, value: Any) -> None:
    returns = CONFIGURATION_ACTIONS[name].spec.returns
    for given in (
        {field: value},
        {other: value},
        {field: value, other: value},
        {field: None, other: value},
        {field: value, other: None},
    ):
        content = {"id": "x", "name": "y", **given}
        decoded = decode(json.dumps([content] if name.startswith("list_") else content), returns)
        (record,) = decoded if isinstance(decoded, list) else [decoded]
        assert getattr(record, field) == value
        assert getattr(record, other) is None
        assert set(json.loads(encode(record))) == {"id", "name", field}


@pytest.mark.parametrize(
    ("name", "response", "secret"),
    [
        ("create_bot", {"id": "b1", "secret": "s3cr3t"}, "s3cr3t"),
        ("reset_bot_secret", {"secret": "s3cr3t"}, "s3cr3t"),
        ("issue_bot_token", {"token": "eyJ.t0k3n"}, "t0k3n"),
        ("batch_create_bots", {"responses": [{"id": "b1", "secret": "s3cr3t"}]}, "s3cr3t"),
    ],
)
def test_no_secret_is_shown(name: str, response: Any, secret: str) -> None:
    decoded = decode(json.dumps(response), CONFIGURATION_ACTIONS[name].spec.returns)
    assert secret not in repr(decoded)
    assert secret in encode(decoded).decode()


def test_the_secret_of_a_request_is_not_shown() -> None:
    action = CONFIGURATION_ACTIONS["issue_bot_token"]
    request = action(bot_id="b1", client_id="c1", bot_secret="s3cr3t", organization_id="o1")
    assert repr(request) == "IssueBotToken(bot_id='b1', client_id='c1', organization_id='o1')"


def test_a_batch_says_which_request_failed() -> None:
    batch = decode(
        b'{"responses":[{},{"error":{"type":"validation","message":"`id` is required"}},{}]}',
        CONFIGURATION_ACTIONS["batch_delete_agents"].spec.returns,
    )
    assert [item.error and item.error.type for item in batch.responses] == [
        None, "validation", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "missing", "placeholder"),
    [
        ("get_group", {"id": 1, "language_code": "en"}, "name", ""),
        ("get_agent", {"id": "a@example.com", "role": "normal"}, "name", ""),
        ("get_bot", {"id": "b1", "job_title": "Bot"}, "name", ""),
        ("list_tags", {"name": "lead", "author_id": "a@example.com"}, "group_ids", []),
    ],
)
def test_what_is_always_there_is_repaired_if_it_is_not(
    name: str, content: dict[str, Any], missing: str, placeholder: Any
) -> None:
    returns = CONFIGURATION_ACTIONS[name].spec.returns
    for given in (content, {**content, missing: 5}):
        decoded = decode(json.dumps([given] if name.startswith("list_") else given), returns)
        (record,) = decoded if name.startswith("list_") else [decoded]
        assert getattr(record, missing) == placeholder
        assert {field: getattr(record, field) for field in content} == content
