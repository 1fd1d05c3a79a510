"""The Configuration API, since 3.7: texts that agents keep ready."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models import CannedResponsesPage, CreatedCannedResponse
from frontdesk.spec.actions import Action, ExtraScopes, Paging, Spec, any_of
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, From, Maybe, MaybeFrom

__all__ = [
    "CreateCannedResponse",
    "DeleteCannedResponse",
    "ListCannedResponses",
    "UpdateCannedResponse",
]

WRITE = any_of("canned_responses--groups:rw", "canned_responses--all:rw")
TEXT = "The text; what is empty once its markup is removed is refused."
TAGS = "The short words by which agents call it up."
PRIVATE = "True: for its author only."


class CreateCannedResponse(Action[CreatedCannedResponse], frozen=True, kw_only=True):
    """Make a canned response of a group."""

    spec: ClassVar[Spec] = Spec(
        name="create_canned_response",
        errors=("GroupNotFound", "ValidationError"),
        api="configuration",
        group="canned_responses",
        returns=CreatedCannedResponse,
        scopes=any_of("canned_responses_write"),
        transports=("web",),
        push=("canned_response_created",),
        since=(3, 7),
    )
    text: Annotated[Id, Meta(description=TEXT)]
    tags: Annotated[From[list[Id], Sequence[str]], Meta(description=TAGS)]
    group_id: Annotated[GroupId, Meta(description="The group.")]
    is_private: Annotated[Maybe[bool], Meta(description=PRIVATE)] = NOT_SENT


class UpdateCannedResponse(Action[None], frozen=True, kw_only=True):
    """Change a canned response; the requester becomes its author."""

    spec: ClassVar[Spec] = Spec(
        name="update_canned_response",
        errors=("NotFound", "GroupNotFound", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="canned_responses",
        scopes=WRITE,
        transports=("web",),
        push=("canned_response_updated",),
        repeatable=True,
        since=(3, 7),
    )
    id: Annotated[int, Meta(description="The canned response.")]
    text: Annotated[Maybe[Id], Meta(description=TEXT)] = NOT_SENT
    tags: Annotated[MaybeFrom[list[Id], Sequence[str]], Meta(description=TAGS)] = NOT_SENT
    group_id: Annotated[Maybe[GroupId], Meta(description="Another group.")] = NOT_SENT
    is_private: Annotated[Maybe[bool], Meta(description=PRIVATE)] = NOT_SENT


class ListCannedResponses(Action[CannedResponsesPage], frozen=True, kw_only=True):
    """List canned responses."""

    spec: ClassVar[Spec] = Spec(
        name="list_canned_responses",
        errors=("AuthorizationError", "ValidationError"),
        api="configuration",
        group="canned_responses",
        returns=CannedResponsesPage,
        scopes=any_of("canned_responses--groups:ro"),
        extra_scopes=(ExtraScopes(("canned_responses--all:ro",), "`include_all_private` true"),),
        transports=("web",),
        page=Paging(
            items="canned_responses", found="found_canned_responses", default=100, maximum=100_000
        ),
        repeatable=True,
        since=(3, 7),
    )
    group_ids: Annotated[
        MaybeFrom[list[GroupId], Sequence[int]],
        Meta(description="Defaults to the groups that the requester has access to."),
    ] = NOT_SENT
    include_private: Annotated[
        Maybe[bool], Meta(description="True: with the requester's private ones.")
    ] = NOT_SENT
    include_all_private: Annotated[
        Maybe[bool], Meta(description="True: with everybody's private ones.")
    ] = NOT_SENT
    limit: Annotated[
        Maybe[Annotated[int, Meta(ge=1, le=100_000)]],
        Meta(description="Canned responses a page, at most 100,000; defaults to 100."),
    ] = NOT_SENT
    page_id: Annotated[Maybe[Id], Meta(description="The page, from `next_page_id`.")] = NOT_SENT


class DeleteCannedResponse(Action[None], frozen=True, kw_only=True):
    """Delete a canned response."""

    spec: ClassVar[Spec] = Spec(
        name="delete_canned_response",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="canned_responses",
        scopes=WRITE,
        transports=("web",),
        push=("canned_response_deleted",),
        since=(3, 7),
    )
    id: Annotated[int, Meta(description="The canned response to delete.")]
