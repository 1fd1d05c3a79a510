"""Small structures that only requests have."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta

from frontdesk.errors import InvalidArgument
from frontdesk.spec.checks import Checked
from frontdesk.spec.fields import NOT_SENT, From, Maybe, MaybeFrom

__all__ = [
    "Application",
    "Ban",
    "Highlights",
    "NewProperties",
    "PropertyNames",
    "RoutingStatusesFilters",
    "Target",
]

PropertyName = Annotated[str, Meta(min_length=1)]
NewProperties = dict[PropertyName, dict[PropertyName, str | int | bool]]
"""Properties to set: namespace -> name -> value. Numbers have 32 bits."""

PropertyNames = dict[PropertyName, list[PropertyName]]
"""Properties to delete: namespace -> names."""


class Target(Checked, frozen=True, kw_only=True):
    """Whom to transfer a chat to: group ids are integers, agent ids are texts."""

    type: Literal["group", "agent"]
    ids: From[Annotated[list[int | str], Meta(min_length=1)], Sequence[int | str]]

    def _rules(self) -> None:
        for position, target_id in enumerate(self.ids):
            field = f"ids[{position}]"
            if self.type == "group" and not isinstance(target_id, int):
                raise InvalidArgument(field, "must be an integer for a group")
            if self.type == "agent" and (isinstance(target_id, int) or not target_id):
                raise InvalidArgument(field, "must be a text for an agent, and not empty")


class Ban(Checked, frozen=True, kw_only=True):
    """How long a customer is banned, in days."""

    days: Annotated[int, Meta(ge=1)]


class Highlights(Checked, frozen=True, kw_only=True):
    """How matches of a full-text query are marked: ``<em>`` and ``</em>`` by default."""

    pre_tag: Maybe[str] = NOT_SENT
    post_tag: Maybe[str] = NOT_SENT

    def _rules(self) -> None:
        if (self.pre_tag is UNSET) != (self.post_tag is UNSET):
            missing = "pre_tag" if self.pre_tag is UNSET else "post_tag"
            raise InvalidArgument(missing, "is required with its counterpart")


class RoutingStatusesFilters(Checked, frozen=True, kw_only=True):
    """Which routing statuses to list."""

    group_ids: MaybeFrom[list[int], Sequence[int]] = NOT_SENT


class Application(Checked, frozen=True, kw_only=True):
    """The application that logs in."""

    name: Maybe[str] = NOT_SENT
    version: Maybe[str] = NOT_SENT
