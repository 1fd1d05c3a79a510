"""Recipients of a multicast."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from frontdesk.errors import InvalidArgument
from frontdesk.spec.checks import Checked, Id, given
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = ["MulticastRecipients", "MulticastRecipientsAgents", "MulticastRecipientsCustomers"]


class MulticastRecipientsAgents(Checked, frozen=True, kw_only=True):
    """All agents, agents by id, or agents of groups: at least one of them.

    LiveChat documents ids of groups as texts and shows integers.
    """

    all: Maybe[bool] = NOT_SENT
    ids: MaybeFrom[list[Id], Sequence[str]] = NOT_SENT
    groups: MaybeFrom[list[int | str], Sequence[int | str]] = NOT_SENT

    def _rules(self) -> None:
        if not given(all=self.all, ids=self.ids, groups=self.groups):
            raise InvalidArgument("", "give at least one of `all`, `ids`, `groups`")


class MulticastRecipientsCustomers(Checked, frozen=True, kw_only=True):
    """Customers by id. LiveChat removed it from all versions in January 2026."""

    ids: From[Annotated[list[Id], Meta(min_length=1)], Sequence[str]]


class MulticastRecipients(Checked, frozen=True, kw_only=True):
    """Who gets a multicast."""

    agents: MaybeFrom[MulticastRecipientsAgents, MulticastRecipientsAgents | Dict] = NOT_SENT
    customers: MaybeFrom[MulticastRecipientsCustomers, MulticastRecipientsCustomers | Dict] = (
        NOT_SENT
    )

    def _rules(self) -> None:
        if not given(agents=self.agents, customers=self.customers):
            raise InvalidArgument("agents", "is required")
