"""The Configuration API: greetings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    CreatedGreeting,
    Greeting,
    GreetingProperties,
    GreetingRichMessage,
    GreetingRule,
    GreetingsPage,
    NewGreetingProperties,
    NewGreetingRichMessage,
    NewGreetingRule,
)
from frontdesk.spec.actions import Action, Paging, Spec, any_of
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = ["CreateGreeting", "DeleteGreeting", "GetGreeting", "ListGreetings", "UpdateGreeting"]

Timestamp: TypeAlias = Annotated[datetime, Meta(tz=True)]
GreetingType: TypeAlias = Literal["normal", "announcement"]
READ, WRITE = any_of("greetings:ro"), any_of("greetings:rw")
TYPE = "`normal`, or `announcement` for one that takes more of the page."
RULES = "When to show it, at most 10 rules."
FROM = "When it begins to be shown; defaults to at once."
UNTIL = "When it is shown no more; defaults to never."


class CreateGreeting(Action[CreatedGreeting], frozen=True, kw_only=True):
    """Make a greeting of a group."""

    spec: ClassVar[Spec] = Spec(
        name="create_greeting",
        errors=("GroupNotFound", "LimitReached", "ValidationError"),
        api="configuration",
        group="greetings",
        returns=CreatedGreeting,
        scopes=WRITE,
        transports=("web",),
        since=(3, 6),
    )
    type: Annotated[GreetingType, Meta(description=TYPE)]
    active: Annotated[bool, Meta(description="Whether it is shown.")]
    active_from: Annotated[Maybe[Timestamp], Meta(description=FROM)] = NOT_SENT
    active_until: Annotated[Maybe[Timestamp], Meta(description=UNTIL)] = NOT_SENT
    name: Annotated[Id, Meta(description="A name for people.")]
    group: Annotated[GroupId, Meta(description="The group whose chats it starts.")]
    rules: Annotated[
        From[
            Annotated[list[NewGreetingRule], Meta(max_length=10)],
            Sequence[NewGreetingRule | GreetingRule | Dict],
        ],
        Meta(description=RULES),
    ]
    properties: Annotated[
        MaybeFrom[NewGreetingProperties, NewGreetingProperties | GreetingProperties | Dict],
        Meta(description="Settings, all of them texts."),
    ] = NOT_SENT
    rich_message: Annotated[
        MaybeFrom[NewGreetingRichMessage, NewGreetingRichMessage | GreetingRichMessage | Dict],
        Meta(description="What it shows."),
    ] = NOT_SENT

    def _rules(self) -> None:
        check_period(self.active_from, self.active_until)


class UpdateGreeting(Action[None], frozen=True, kw_only=True):
    """Change a greeting: what is given replaces what was there as a whole; the group stays."""

    spec: ClassVar[Spec] = Spec(
        name="update_greeting",
        errors=("NotFound", "LimitReached", "ValidationError"),
        api="configuration",
        group="greetings",
        scopes=WRITE,
        transports=("web",),
        since=(3, 6),
    )
    id: Annotated[int, Meta(description="The greeting.")]
    type: Annotated[Maybe[GreetingType], Meta(description=TYPE)] = NOT_SENT
    active: Annotated[Maybe[bool], Meta(description="Whether it is shown.")] = NOT_SENT
    active_from: Annotated[Maybe[Timestamp], Meta(description="When it begins to be shown.")] = (
        NOT_SENT
    )
    active_until: Annotated[Maybe[Timestamp], Meta(description="When it is shown no more.")] = (
        NOT_SENT
    )
    name: Annotated[Maybe[Id], Meta(description="A name for people.")] = NOT_SENT
    rules: Annotated[
        MaybeFrom[
            Annotated[list[NewGreetingRule], Meta(max_length=10)],
            Sequence[NewGreetingRule | GreetingRule | Dict],
        ],
        Meta(description=RULES),
    ] = NOT_SENT
    properties: Annotated[
        MaybeFrom[NewGreetingProperties, NewGreetingProperties | GreetingProperties | Dict],
        Meta(description="Settings, all of them texts."),
    ] = NOT_SENT
    rich_message: Annotated[
        MaybeFrom[NewGreetingRichMessage, NewGreetingRichMessage | GreetingRichMessage | Dict],
        Meta(description="What it shows; a button without `button_id` is a new one."),
    ] = NOT_SENT

    def _rules(self) -> None:
        check_period(self.active_from, self.active_until)


class DeleteGreeting(Action[None], frozen=True, kw_only=True):
    """Delete a greeting."""

    spec: ClassVar[Spec] = Spec(
        name="delete_greeting",
        errors=("NotFound",),
        api="configuration",
        group="greetings",
        scopes=WRITE,
        transports=("web",),
        since=(3, 6),
    )
    id: Annotated[int, Meta(description="The greeting to delete.")]


class ListGreetings(Action[GreetingsPage], frozen=True, kw_only=True):
    """List the greetings of groups, by their ids."""

    spec: ClassVar[Spec] = Spec(
        name="list_greetings",
        errors=("ValidationError",),
        api="configuration",
        group="greetings",
        returns=GreetingsPage,
        scopes=READ,
        transports=("web",),
        page=Paging(items="greetings", found="found_greetings", default=100, maximum=100),
        repeatable=True,
        since=(3, 6),
    )
    groups: Annotated[
        MaybeFrom[list[GroupId], Sequence[int]],
        Meta(description="Defaults to all groups that the requester has access to."),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[Id], Meta(description="The page, from `next_page_id`; excludes the other parameters.")
    ] = NOT_SENT
    limit: Annotated[
        Maybe[Annotated[int, Meta(ge=1, le=100)]],
        Meta(description="Greetings a page, at most 100; defaults to 100."),
    ] = NOT_SENT

    def _rules(self) -> None:
        if self.page_id is UNSET:
            return
        for name in ("groups", "limit"):
            if getattr(self, name) is not UNSET:
                raise InvalidArgument(name, "cannot be given together with `page_id`")


class GetGreeting(Action[Greeting], frozen=True, kw_only=True):
    """Get a greeting."""

    spec: ClassVar[Spec] = Spec(
        name="get_greeting",
        errors=("NotFound",),
        api="configuration",
        group="greetings",
        returns=Greeting,
        scopes=READ,
        transports=("web",),
        repeatable=True,
        since=(3, 6),
    )
    id: Annotated[int, Meta(description="The greeting.")]


def check_period(begin: datetime | UnsetType, end: datetime | UnsetType) -> None:
    """Refuse a period that ends before it begins."""
    if begin is not UNSET and end is not UNSET and end < begin:
        raise InvalidArgument("active_until", "must not be before `active_from`")
