"""The Configuration API: rules that give chats access by where they come from."""

from typing import Annotated, ClassVar

from msgspec import UNSET, Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    AutoAccess,
    AutoAccessConditions,
    AutoAccessGroups,
    CreatedAutoAccess,
    NewAutoAccessConditions,
    NewAutoAccessGroups,
)
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = ["AddAutoAccess", "DeleteAutoAccess", "ListAutoAccesses", "UpdateAutoAccess"]

ACCESS = 'The groups that the threads of such chats get: `{"groups": […]}`.'
CONDITIONS = "When the rule applies: `url`, `domain`, `geolocation`; all given must hold."
WRITE = any_of("access_rules:rw")


class AddAutoAccess(Action[CreatedAutoAccess], frozen=True, kw_only=True):
    """Add an access rule. The first rule that applies counts; without any it is group 0.

    The rules are asked when a customer arrives or goes to another page, for the chats that he or
    she starts then.
    """

    spec: ClassVar[Spec] = Spec(
        name="add_auto_access",
        errors=("LimitReached", "GroupNotFound", "NotFound", "ValidationError"),
        api="configuration",
        group="auto_access",
        returns=CreatedAutoAccess,
        scopes=WRITE,
        transports=("web",),
        push=("auto_accesses_updated",),
        webhook=("auto_accesses_updated",),
        since=(3, 3),
    )
    access: Annotated[
        From[NewAutoAccessGroups, NewAutoAccessGroups | AutoAccessGroups | Dict],
        Meta(description=ACCESS),
    ]
    conditions: Annotated[
        From[NewAutoAccessConditions, NewAutoAccessConditions | AutoAccessConditions | Dict],
        Meta(description=CONDITIONS),
    ]
    description: Annotated[Maybe[str], Meta(description="A text for people.")] = NOT_SENT
    next_id: Annotated[
        Maybe[str], Meta(description="The rule before which it goes; defaults to the end.")
    ] = NOT_SENT


class ListAutoAccesses(Action[list[AutoAccess]], frozen=True, kw_only=True):
    """List the access rules in their order."""

    spec: ClassVar[Spec] = Spec(
        name="list_auto_accesses",
        api="configuration",
        group="auto_access",
        returns=list[AutoAccess],
        scopes=any_of("access_rules:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )


class DeleteAutoAccess(Action[None], frozen=True, kw_only=True):
    """Delete an access rule; chats that got their groups from it keep them."""

    spec: ClassVar[Spec] = Spec(
        name="delete_auto_access",
        errors=("NotFound",),
        api="configuration",
        group="auto_access",
        scopes=WRITE,
        transports=("web",),
        push=("auto_accesses_updated",),
        webhook=("auto_accesses_updated",),
        since=(3, 3),
    )
    id: Annotated[Id, Meta(description="The rule to delete.")]


class UpdateAutoAccess(Action[None], frozen=True, kw_only=True):
    """Change or move an access rule: what is given replaces what was there as a whole."""

    spec: ClassVar[Spec] = Spec(
        name="update_auto_access",
        errors=("NotFound", "GroupNotFound", "ValidationError"),
        api="configuration",
        group="auto_access",
        scopes=WRITE,
        transports=("web",),
        push=("auto_accesses_updated",),
        webhook=("auto_accesses_updated",),
        repeatable=True,
        since=(3, 3),
    )
    id: Annotated[Id, Meta(description="The rule to change.")]
    access: Annotated[
        MaybeFrom[NewAutoAccessGroups, NewAutoAccessGroups | AutoAccessGroups | Dict],
        Meta(description=ACCESS),
    ] = NOT_SENT
    conditions: Annotated[
        MaybeFrom[NewAutoAccessConditions, NewAutoAccessConditions | AutoAccessConditions | Dict],
        Meta(description=CONDITIONS),
    ] = NOT_SENT
    description: Annotated[Maybe[str], Meta(description="A text for people.")] = NOT_SENT
    next_id: Annotated[
        Maybe[str],
        Meta(description="Moves it before this rule, an empty text to the end."),
    ] = NOT_SENT

    def _rules(self) -> None:
        if self.next_id is not UNSET and self.next_id == self.id:
            raise InvalidArgument("next_id", "must be another rule's id")
