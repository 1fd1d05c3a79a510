"""Canned responses of 3.7: made, listed in pages, changed, deleted, and pushed to their readers."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import (
    AuthorizationError,
    GroupNotFound,
    NotFound,
    ValidationError,
)
from frontdesk.sandbox import Sandbox

from ..._desk import SMITH, call_web
from ..._rtm_line import BROWN, GARCIA, MUELLER

CREATED = "canned_response_created"
UPDATED = "canned_response_updated"
DELETED = "canned_response_deleted"
ALL = {CREATED, UPDATED, DELETED}
GROUPS = ["canned_responses_write", "canned_responses--groups:rw"]


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client(version="3.7")


def client_of(sandbox: Sandbox, agent_id: str, scopes: list[str]) -> ConfigurationClient:
    token = sandbox.issue_token(agent_id, scopes=scopes)
    return sandbox.configuration_client(token, version="3.7")


def texts(client: ConfigurationClient, **options: Any) -> list[str]:
    return [response.text for response in client.list_canned_responses(**options).canned_responses]


def test_what_is_made_is_listed_whole(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    made = configuration.create_canned_response(text="Thanks!", tags=["a", "b", "a"], group_id=2)
    (listed,) = [
        response
        for response in configuration.list_canned_responses(group_ids=[2]).canned_responses
        if response.id == made.id
    ]
    assert (listed.text, listed.tags, listed.group_id) == ("Thanks!", ["a", "b"], 2)
    assert (listed.author_id, listed.is_private) == (SMITH, False)
    assert listed.created_at is not None
    assert listed.created_at == listed.updated_at
    sandbox.advance(timedelta(seconds=1))
    configuration.update_canned_response(id=made.id, tags=[])
    changed = configuration.list_canned_responses(group_ids=[2]).canned_responses[-1]
    assert changed.tags == []
    assert changed.updated_at is not None
    assert changed.updated_at > listed.created_at == changed.created_at


def test_private_is_sent_also_when_it_is_false(desk: Any) -> None:
    response = call_web(desk, "list_canned_responses", {}, "3.7", api="configuration")
    assert b'"is_private":false' in response.body


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<b>Thank</b> you", "Thank you"),
        ("2 < 3 and 4 > 3, I <3 you", "2 < 3 and 4 > 3, I <3 you"),
        ("<script>alert('x')</script >Hi<style>p {}</style>!", "Hi!"),
        ("<SCRIPT src=x>a<b>c</b></Script>Hi", "Hi"),
        ("a<br/>b<!-- c -->d\n", "abd"),
        ("<a href='x'", "<a href='x'"),
    ],
)
def test_markup_is_removed(configuration: ConfigurationClient, text: str, kept: str) -> None:
    made = configuration.create_canned_response(text=text, tags=[], group_id=0)
    assert texts(configuration, group_ids=[0])[-1] == kept
    configuration.update_canned_response(id=made.id, text=f"<p>{text}</p>x")
    assert texts(configuration, group_ids=[0])[-1].endswith("x")


@pytest.mark.parametrize("text", ["<br>", " \n", "<script>only this</script>", "<style>p {}"])
def test_a_text_of_nothing_but_markup_is_refused(
    configuration: ConfigurationClient, text: str
) -> None:
    made = configuration.create_canned_response(text="x", tags=[], group_id=0)
    before = texts(configuration)
    with pytest.raises(ValidationError, match="`text`"):
        configuration.create_canned_response(text=text, tags=[], group_id=0)
    with pytest.raises(ValidationError, match="`text`"):
        configuration.update_canned_response(id=made.id, text=text, tags=["y"])
    assert texts(configuration) == before


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_text_is_refused_whatever_else_is_sent(desk: Any, text: str) -> None:
    created = call_web(
        desk,
        "create_canned_response",
        {"text": "x", "tags": [], "group_id": 0},
        "3.7",
        api="configuration",
    )
    request = {"id": json.loads(created.body)["id"], "text": text}
    for tags in ({}, {"tags": ["y"]}, {"group_id": None}):
        response = call_web(
            desk, "update_canned_response", {**request, **tags}, "3.7", api="configuration"
        )
        assert response.status == 400
        error = json.loads(response.body)["error"]
        assert (error["type"], error["message"][:6]) == ("validation", "`text`")


def test_much_broken_markup_takes_no_time(configuration: ConfigurationClient) -> None:
    """Each `<` is looked at once: looking ahead from each would take minutes."""
    configuration.create_canned_response(text="<script" * 50_000, tags=[], group_id=0)


def test_unknown_groups_and_ids(configuration: ConfigurationClient) -> None:
    made = configuration.create_canned_response(text="x", tags=[], group_id=0)
    with pytest.raises(GroupNotFound, match="`group_id`: there is no group 999"):
        configuration.create_canned_response(text="x", tags=[], group_id=999)
    with pytest.raises(GroupNotFound, match="`group_id`"):
        configuration.update_canned_response(id=made.id, text="new", group_id=999)
    for wrong in (0, -1, made.id + 1, 1 << 63):
        with pytest.raises(NotFound, match="`id`"):
            configuration.update_canned_response(id=wrong, text="x")
        with pytest.raises(NotFound, match="`id`"):
            configuration.delete_canned_response(id=wrong)
    assert texts(configuration, group_ids=[0])[-1] == "x"
    assert texts(configuration, group_ids=[999, 1 << 63]) == []


def test_an_id_is_not_used_again(configuration: ConfigurationClient) -> None:
    first = configuration.create_canned_response(text="x", tags=[], group_id=0).id
    configuration.delete_canned_response(id=first)
    assert configuration.create_canned_response(text="x", tags=[], group_id=0).id > first
    with pytest.raises(NotFound):
        configuration.delete_canned_response(id=first)


def test_pages_hold_everything_once(configuration: ConfigurationClient) -> None:
    for number in range(7):
        configuration.create_canned_response(text=f"t{number}", tags=[], group_id=number % 2)
    configuration.create_canned_response(text="of nobody else", tags=[], group_id=3)
    page = configuration.list_canned_responses(group_ids=[0, 1], limit=4)
    found = page.found_canned_responses
    read = [response.text for response in page.canned_responses]
    configuration.delete_canned_response(id=page.canned_responses[-1].id)
    while page.next_page_id is not None:
        # The page id knows the groups and the limit of the first request.
        page = configuration.list_canned_responses(page_id=page.next_page_id)
        read += [response.text for response in page.canned_responses]
        assert len(page.canned_responses) <= 4
    assert len(read) == len(set(read)) == found
    assert [text for text in read if text.startswith("t")] == [f"t{n}" for n in range(7)]
    assert "of nobody else" not in read
    full = configuration.list_canned_responses(limit=100_000)
    assert full.next_page_id is None
    with pytest.raises(ValidationError, match="page_id"):
        configuration.list_canned_responses(page_id="nonsense")


def test_the_limit_is_that_of_the_docs(desk: Any) -> None:
    for limit, status in ((0, 400), (1, 200), (100_000, 200), (100_001, 400)):
        response = call_web(
            desk, "list_canned_responses", {"limit": limit}, "3.7", api="configuration"
        )
        assert response.status == status, limit
    for _ in range(101):
        call_web(
            desk, "create_canned_response", {"text": "x", "tags": [], "group_id": 1}, "3.7",
            api="configuration",
        )  # fmt: skip
    response = call_web(desk, "list_canned_responses", {}, "3.7", api="configuration")
    assert response.body.count(b'"author_id"') == 100
    assert b"next_page_id" in response.body


def test_private_ones_are_their_owner_s(sandbox: Sandbox) -> None:
    brown = client_of(sandbox, BROWN, GROUPS)
    owner = sandbox.configuration_client(version="3.7")
    made = brown.create_canned_response(text="mine", tags=[], group_id=2, is_private=True)
    assert "mine" not in texts(brown)
    assert "mine" in texts(brown, include_private=True)
    assert "mine" not in texts(owner, group_ids=[2], include_private=True)
    assert "mine" in texts(owner, group_ids=[2], include_all_private=True)
    with pytest.raises(AuthorizationError, match=r"canned_responses--all:ro"):
        brown.list_canned_responses(include_all_private=True)
    # Whoever has all of them may mend it; it is still its owner's.
    owner.update_canned_response(id=made.id, text="mended")
    (mended,) = [
        response
        for response in brown.list_canned_responses(include_private=True).canned_responses
        if response.id == made.id
    ]
    assert (mended.text, mended.author_id, mended.is_private) == ("mended", SMITH, True)
    other = client_of(sandbox, GARCIA, GROUPS)
    with pytest.raises(AuthorizationError, match="private to somebody else"):
        other.delete_canned_response(id=made.id)


def test_a_token_of_groups_reaches_no_other_group(sandbox: Sandbox) -> None:
    owner = sandbox.configuration_client(version="3.7")
    brown = client_of(sandbox, BROWN, GROUPS)
    foreign = owner.create_canned_response(text="foreign", tags=[], group_id=3)
    own = brown.create_canned_response(text="own", tags=[], group_id=1)
    assert "own" in texts(brown)
    assert "foreign" not in texts(brown)
    for call in (
        lambda: brown.update_canned_response(id=foreign.id, text="x"),
        lambda: brown.update_canned_response(id=own.id, text="x", group_id=3),
        lambda: brown.delete_canned_response(id=foreign.id),
        lambda: brown.list_canned_responses(group_ids=[1, 3]),
    ):
        with pytest.raises(AuthorizationError, match="group 3"):
            call()
    assert "own" in texts(brown)
    assert "foreign" in texts(owner, group_ids=[3])
    owner.update_canned_response(id=own.id, group_id=3)
    assert "own" not in texts(brown)


def test_the_methods_are_those_of_3_7(desk: Any) -> None:
    body = {"text": "x", "tags": [], "group_id": 0}
    for version in ("3.4", "3.5", "3.6"):
        response = call_web(desk, "create_canned_response", body, version, api="configuration")
        assert response.status == 404
    response = call_web(desk, "create_canned_response", body, "3.7", api="configuration")
    assert response.status == 200


# Pushes


@pytest.fixture
def lines(served: Sandbox, dial: Callable[..., Any]) -> dict[str, Any]:
    """Connections of the owner (groups 0, 1), Jones (0, 1) and Müller (0, 3) that hear 3.7."""
    heard = {"pushes": {"3.7": ["all"]}}
    return {
        "smith": dial("owner", version="3.7", **heard),
        "jones": dial("agent", version="3.7", **heard),
        "mueller": dial(
            served.issue_token(MUELLER, scopes=["chats--access:ro"]), version="3.7", **heard
        ),
        "of 3.6": dial("owner"),
    }


def heard(lines: dict[str, Any]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """What each connection got of canned responses since the last time, if anything."""
    got = {
        name: [(push["action"], push["payload"]) for push in line.settle()]
        for name, line in lines.items()
    }
    of_3_7 = {
        name: [(action, payload) for action, payload in pushes if action in ALL]
        for name, pushes in got.items()
    }
    return {name: pushes for name, pushes in of_3_7.items() if pushes}


def test_each_change_is_pushed_once_to_the_agents_of_the_group(
    served: Sandbox, lines: dict[str, Any]
) -> None:
    client = served.configuration_client(version="3.7")
    heard(lines)
    made = client.create_canned_response(text="Hi", tags=["h"], group_id=1)
    got = heard(lines)
    assert sorted(got) == ["jones", "smith"]
    ((action, payload),) = got["jones"]
    assert action == CREATED
    assert payload == {
        "id": made.id, "text": "Hi", "tags": ["h"], "group_id": 1, "is_private": False,
        "author_id": SMITH, "created_at": payload["created_at"],
        "updated_at": payload["created_at"],
    }  # fmt: skip

    client.update_canned_response(id=made.id, text="Hi", tags=["h"], is_private=False)
    assert heard(lines) == {}

    client.update_canned_response(id=made.id, text="Hello")
    got = heard(lines)
    assert sorted(got) == ["jones", "smith"]
    ((action, payload),) = got["smith"]
    assert action == UPDATED
    assert payload == {"id": made.id, "text": "Hello", "updated_at": payload["updated_at"]}

    client.delete_canned_response(id=made.id)
    assert heard(lines) == {
        "jones": [(DELETED, {"id": made.id})],
        "smith": [(DELETED, {"id": made.id})],
    }


def test_group_0_is_everybody_s_and_a_private_one_its_owner_s(
    served: Sandbox, lines: dict[str, Any]
) -> None:
    client = served.configuration_client(version="3.7")
    heard(lines)
    client.create_canned_response(text="Hi", tags=[], group_id=0)
    assert sorted(heard(lines)) == ["jones", "mueller", "smith"]
    client.create_canned_response(text="Hi", tags=[], group_id=0, is_private=True)
    assert sorted(heard(lines)) == ["smith"]


def test_who_loses_one_learns_that_and_not_what_it_says_now(
    served: Sandbox, lines: dict[str, Any]
) -> None:
    client = served.configuration_client(version="3.7")
    made = client.create_canned_response(text="Hi", tags=[], group_id=1)
    heard(lines)
    client.update_canned_response(id=made.id, text="secret", tags=["s"], group_id=3)
    got = heard(lines)
    assert sorted(got) == ["jones", "mueller", "smith"]
    assert got["mueller"][0][1]["text"] == "secret"
    for name in ("jones", "smith"):
        ((action, payload),) = got[name]
        assert action == UPDATED
        assert payload["group_id"] == 3
        assert not {"text", "tags"} & set(payload)
    client.update_canned_response(id=made.id, is_private=True)
    got = heard(lines)
    assert sorted(got) == ["mueller", "smith"]
    assert got["mueller"][0][1]["is_private"] is True


def test_what_is_refused_is_pushed_to_nobody(served: Sandbox, lines: dict[str, Any]) -> None:
    client = served.configuration_client(version="3.7")
    heard(lines)
    with pytest.raises(GroupNotFound):
        client.create_canned_response(text="Hi", tags=[], group_id=999)
    with pytest.raises(ValidationError):
        client.create_canned_response(text="<br>", tags=[], group_id=1)
    assert heard(lines) == {}


def test_they_outlive_a_restart_and_a_snapshot(tmp_path: Any) -> None:
    path = tmp_path / "desk.db"
    with Sandbox("quiet", db=path) as desk:
        client = desk.configuration_client(version="3.7")
        made = client.create_canned_response(text="kept", tags=[], group_id=0)
        snapshot = desk.snapshot()
        client.delete_canned_response(id=made.id)
    with Sandbox(db=path) as desk:
        client = desk.configuration_client(version="3.7")
        assert "kept" not in texts(client)
        desk.restore(snapshot)
        assert "kept" in texts(client)
