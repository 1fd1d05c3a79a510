"""Recipients of a multicast."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from frontdesk._checked import Checked, Id, given
from frontdesk.errors import InvalidArgument

__all__ = ["MulticastRecipients", "MulticastRecipientsAgents", "MulticastRecipientsCustomers"]


class MulticastRecipientsAgents(Checked, frozen=True, kw_only=True):
    """All agents, agents by id, or agents of groups: at least one of them.

    LiveChat documents ids of groups as texts and shows integers.
    """

    all: bool | UnsetType = UNSET
    ids: list[Id] | UnsetType = UNSET
    groups: list[int | str] | UnsetType = UNSET

    def _rules(self) -> None:
        if not given(all=self.all, ids=self.ids, groups=self.groups):
            raise InvalidArgument("", "give at least one of `all`, `ids`, `groups`")


class MulticastRecipientsCustomers(Checked, frozen=True, kw_only=True):
    """Customers by id. LiveChat removed it from all versions in January 2026."""

    ids: Annotated[list[Id], Meta(min_length=1)]


class MulticastRecipients(Checked, frozen=True, kw_only=True):
    """Who gets a multicast."""

    agents: MulticastRecipientsAgents | UnsetType = UNSET
    customers: MulticastRecipientsCustomers | UnsetType = UNSET

    def _rules(self) -> None:
        if not given(agents=self.agents, customers=self.customers):
            raise InvalidArgument("agents", "is required")
