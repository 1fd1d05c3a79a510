"""The Configuration API, since 3.7: texts that agents keep ready."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from frontdesk.actions import (
    CreateCannedResponse,
    DeleteCannedResponse,
    ListCannedResponses,
    UpdateCannedResponse,
)
from frontdesk.errors import AuthorizationError, GroupNotFound, NotFound, ValidationError
from frontdesk.models import CannedResponse, CannedResponsesPage, CreatedCannedResponse
from frontdesk.pushes import CannedResponseCreated, CannedResponseDeleted, CannedResponseUpdated
from frontdesk.sandbox.apis.handler import handles, require_extra
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.store.paging import Cursor, PageIds, Place
from frontdesk.sandbox.store.records import CannedResponseRecord
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = [
    "create_canned_response",
    "delete_canned_response",
    "list_canned_responses",
    "update_canned_response",
]

PAGE: Final = 100
"""Canned responses a page, if the request does not say."""
WRITE_ALL: Final = "canned_responses--all:rw"
READ_ALL: Final = "canned_responses--all:ro"
(_OF_EVERYBODY,) = ListCannedResponses.spec.extra_scopes
_MARKUP: Final = re.compile(r"(<[/!?a-zA-Z][^<>]*>)")
_UNSEEN: Final = re.compile(r"<(script|style)\b", re.IGNORECASE)

RECEIVERS: Final = assumed(
    "The push goes to the agents of its group (group 0: everybody), that of a private one to its "
    "owner alone; connections of 3.7 only."
)
REACH: Final = documented("With `canned_responses--all:rw`, of any group.")
OWN: Final = assumed(
    "Without `canned_responses--all:rw`: of groups that the requester is in, and private ones of "
    "the requester's own; the error is `authorization`."
)


class _Listed(CannedResponse, kw_only=True, omit_defaults=False):
    """As the API sends it: with `is_private` false."""


@handles(
    CreateCannedResponse,
    rules=(
        documented("The text is freed of markup; when nothing is left, the error is `validation`."),
        assumed("Of any group; an unknown one is `group_not_found`."),
        assumed("Texts and tags may be of any length; a tag given twice counts once."),
        RECEIVERS,
    ),
)
def create_canned_response(
    world: World, requester: Requester, action: CreateCannedResponse
) -> CreatedCannedResponse:
    """Make a canned response."""
    text = _sanitised(action.text)
    _check_group(world, action.group_id)
    now = world.clock.now()
    record = world.store.canned_responses.add(
        CannedResponseRecord(
            id=0,
            text=text,
            tags=list(dict.fromkeys(action.tags)),
            group_id=action.group_id,
            is_private=action.is_private is True,
            owner_id=requester.id,
            author_id=requester.id,
            created_at=now,
            updated_at=now,
        )
    )
    push = CannedResponseCreated(**_fields(record))
    world.push(push, _agents(_readers(world, record)), actor=requester)
    return CreatedCannedResponse(id=record.id)


@handles(
    UpdateCannedResponse,
    rules=(
        documented("The text is freed of markup; when nothing is left, the error is `validation`."),
        REACH,
        OWN,
        assumed(
            "The requester becomes the author, and whoever makes it private its owner; "
            "`updated_at` moves. What changes nothing is pushed to nobody."
        ),
        RECEIVERS,
        assumed(
            "Agents who could see it before and no longer can get a push without its text and tags."
        ),
    ),
)
def update_canned_response(
    world: World, requester: Requester, action: UpdateCannedResponse
) -> None:
    """Change a canned response."""
    record = _record(world, requester, action.id)
    changes: dict[str, Any] = {}
    if action.text is not UNSET:
        changes["text"] = _sanitised(action.text)
    if action.tags is not UNSET:
        changes["tags"] = list(dict.fromkeys(action.tags))
    if action.group_id is not UNSET:
        _check_group(world, action.group_id)
        _check_reach(world, requester, action.group_id)
        changes["group_id"] = action.group_id
    if action.is_private is not UNSET:
        changes["is_private"] = action.is_private
    changes = {name: value for name, value in changes.items() if value != getattr(record, name)}
    if not changes:
        return
    if changes.get("is_private"):
        changes["owner_id"] = requester.id
    changes |= {"author_id": requester.id, "updated_at": world.clock.now()}
    changed = replace(record, **changes)
    world.store.canned_responses.save(changed)
    _push_update(world, requester, record, changed)


@handles(
    ListCannedResponses,
    rules=(
        documented("100 a page by default, at most 100,000; `group_ids` defaults to the groups "
                   "that the requester is in."),
        documented("`include_private` adds the requester's private ones; `include_all_private` "
                   "everybody's, and needs `canned_responses--all:ro`."),
        assumed("In the order of their ids; `found_canned_responses` counts all pages."),
        assumed("With `canned_responses--all:ro`, of any group. Without it, the error for a group "
                "that the requester is not in is `authorization`; an unknown group has none."),
        assumed("With `page_id`, the other parameters are those of the first request."),
    ),
)  # fmt: skip
def list_canned_responses(
    world: World, requester: Requester, action: ListCannedResponses
) -> CannedResponsesPage:
    """List canned responses."""
    ids = PageIds(world.store.company.license.organization_id)
    now, after = world.clock.peek(), 0
    if action.page_id is not UNSET:
        cursor = ids.read(action.page_id, action.spec.name, now)
        after = cursor.place.num
        action = msgspec.json.decode(cursor.request, type=ListCannedResponses)
    private_of: Sequence[str] | None = ()
    if action.include_all_private is True:
        require_extra(requester, ListCannedResponses, _OF_EVERYBODY, "include_all_private")
        private_of = None
    elif action.include_private is True:
        private_of = (requester.id,)
    listed = world.store.canned_responses.of_groups(
        _groups(world, requester, action), private_of=private_of
    )
    limit = PAGE if action.limit is UNSET else action.limit
    records = listed.page(limit + 1, after=after)
    page = CannedResponsesPage(
        canned_responses=[_Listed(**_fields(record)) for record in records[:limit]],
        found_canned_responses=listed.count(),
    )
    if len(records) > limit:
        place = Place(records[limit - 1].id)
        request = msgspec.json.encode(action)
        page.next_page_id = ids.write(Cursor(action.spec.name, now, request, place))
    return page


@handles(
    DeleteCannedResponse,
    rules=(
        REACH,
        OWN,
        assumed("`not_found` is the error for one that is not there; its id is not used again."),
        RECEIVERS,
    ),
)
def delete_canned_response(
    world: World, requester: Requester, action: DeleteCannedResponse
) -> None:
    """Delete a canned response."""
    record = _record(world, requester, action.id)
    world.store.canned_responses.remove(record.id)
    readers = _agents(_readers(world, record))
    world.push(CannedResponseDeleted(id=record.id), readers, actor=requester)


def _push_update(
    world: World, requester: Requester, before: CannedResponseRecord, now: CannedResponseRecord
) -> None:
    old, new = _fields(before), _fields(now)
    changed = {name: value for name, value in new.items() if value != old[name]}
    readers = _readers(world, now)
    whole = CannedResponseUpdated(id=now.id, **changed)
    world.push(whole, _agents(readers), actor=requester)
    former = [agent_id for agent_id in _readers(world, before) if agent_id not in readers]
    if former:
        # What it says now is not theirs to know, but that it is no longer theirs is.
        changed.pop("text", None)
        changed.pop("tags", None)
        world.push(CannedResponseUpdated(id=now.id, **changed), _agents(former), actor=requester)


def _fields(record: CannedResponseRecord) -> dict[str, Any]:
    return {
        name: getattr(record, name)
        for name in CannedResponseRecord.__struct_fields__
        if name != "owner_id"
    }


def _readers(world: World, record: CannedResponseRecord) -> list[str]:
    """Return the agents whose applications show it."""
    if record.is_private:
        return [record.owner_id]
    agents = world.store.company.agents.values()
    return [agent.id for agent in agents if access.agent_shares(agent, (record.group_id,))]


def _agents(agent_ids: Sequence[str]) -> Recipients:
    return Recipients(agent_ids=tuple(agent_ids))


def _record(world: World, requester: Requester, record_id: int) -> CannedResponseRecord:
    """Return one that the requester may change."""
    record = world.store.canned_responses.get(record_id)
    if record is None:
        raise NotFound(f"`id`: there is no canned response {record_id}")
    _check_reach(world, requester, record.group_id)
    if record.is_private and record.owner_id != requester.id and WRITE_ALL not in requester.scopes:
        raise AuthorizationError(
            f"`id`: the canned response {record_id} is private to somebody else, and the token "
            f"lacks `{WRITE_ALL}`"
        )
    return record


def _check_group(world: World, group_id: int) -> None:
    if group_id not in world.store.company.groups:
        raise GroupNotFound(f"`group_id`: there is no group {group_id}")


def _check_reach(world: World, requester: Requester, group_id: int) -> None:
    """Refuse a group that the token does not reach."""
    if WRITE_ALL not in requester.scopes and not access.shares_group(world, requester, (group_id,)):
        raise AuthorizationError(
            f"`group_id`: you are not in group {group_id}, and the token lacks `{WRITE_ALL}`"
        )


def _groups(world: World, requester: Requester, action: ListCannedResponses) -> list[int]:
    """Return the groups whose canned responses are listed."""
    groups = world.store.company.groups
    if action.group_ids is UNSET:
        return [
            group_id for group_id in groups if access.shares_group(world, requester, (group_id,))
        ]
    if READ_ALL not in requester.scopes:
        for group_id in action.group_ids:
            if group_id in groups and not access.shares_group(world, requester, (group_id,)):
                raise AuthorizationError(
                    f"`group_ids`: you are not in group {group_id}, and the token lacks "
                    f"`{READ_ALL}`"
                )
    return list(action.group_ids)


def _sanitised(text: str) -> str:
    """Return a text without its markup; what scripts and style sheets hold goes with them."""
    kept: list[str] = []
    unseen = ""
    for position, part in enumerate(_MARKUP.split(text)):
        is_tag = position % 2 == 1
        if unseen:
            if is_tag and part.lower().startswith(f"</{unseen}"):
                unseen = ""
        elif is_tag:
            begins = _UNSEEN.match(part)
            unseen = begins[1].lower() if begins else ""
        else:
            kept.append(part)
    clean = "".join(kept).strip()
    if not clean:
        raise ValidationError("`text` must hold more than markup and spaces")
    return clean
