"""What the Configuration API takes to register a property.

Source: https://platform.text.com/docs/management/configuration-api#properties
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, field

from frontdesk.errors import InvalidArgument
from frontdesk.models.configuration.results import PropertyRange
from frontdesk.spec.checks import Checked, given
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = ["NewPropertyAccess", "NewPropertyRange", "NewUsersAccess", "PropertyPermission"]

PropertyPermission: TypeAlias = Literal["read", "write"]
"""What may be done with a property."""
Int32: TypeAlias = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]


class NewPropertyRange(Checked, frozen=True, kw_only=True):
    """The numbers allowed, both ends included."""

    received_as: ClassVar[type[Struct]] = PropertyRange
    from_: Maybe[Int32] = field(default=NOT_SENT, name="from")
    to: Maybe[Int32] = NOT_SENT

    def _rules(self) -> None:
        if self.from_ is not UNSET and self.to is not UNSET and self.from_ > self.to:
            raise InvalidArgument("from", "must not be above `to`")


class NewUsersAccess(Checked, frozen=True, kw_only=True):
    """What agents and customers may do with a property; at least one of them is needed."""

    agent: MaybeFrom[list[PropertyPermission], Sequence[PropertyPermission | str]] = NOT_SENT
    customer: MaybeFrom[list[PropertyPermission], Sequence[PropertyPermission | str]] = NOT_SENT

    def _rules(self) -> None:
        if not given(agent=self.agent, customer=self.customer):
            raise InvalidArgument("", "must have at least one of `agent`, `customer`")


class NewPropertyAccess(Checked, frozen=True, kw_only=True):
    """Where a property can be set, and by whom; at least one location is needed."""

    chat: MaybeFrom[NewUsersAccess, NewUsersAccess | Dict] = NOT_SENT
    thread: MaybeFrom[NewUsersAccess, NewUsersAccess | Dict] = NOT_SENT
    event: MaybeFrom[NewUsersAccess, NewUsersAccess | Dict] = NOT_SENT
    license: MaybeFrom[NewUsersAccess, NewUsersAccess | Dict] = NOT_SENT
    group: MaybeFrom[NewUsersAccess, NewUsersAccess | Dict] = NOT_SENT

    def _rules(self) -> None:
        if not self.locations:
            raise InvalidArgument(
                "", "must have at least one of `chat`, `thread`, `event`, `license`, `group`"
            )

    @property
    def locations(self) -> Mapping[str, NewUsersAccess]:
        """The locations given."""
        return {
            name: access
            for name in self.__struct_fields__
            if (access := getattr(self, name)) is not UNSET
        }
