"""How much of something a license may have."""

import pytest

from frontdesk.errors import LimitReached
from frontdesk.sandbox.world.properties import limits


@pytest.mark.parametrize(
    ("base", "additional", "hard", "limit"),
    [(5, 0, 400, 5), (5, 3, 400, 8), (5, 3, 6, 6), (5, 0, 2, 5), (-1, 0, 400, -1), (5, 3, -1, 8)],
)
def test_base_and_additional_do_not_exceed_hard(desk, base, additional, hard, limit):
    for part, value in (("base", base), ("additional", additional), ("hard", hard)):
        desk.set_license(f"groups.{part}", value, "limits")
    assert limits.limit_of(desk.world, "groups") == limit


def test_what_is_not_set_has_its_default(desk):
    desk.world.store.company.license.properties.pop("limits")
    assert limits.limit_of(desk.world, "groups_per_agent") == 100
    assert limits.limit_of(desk.world, "archives_retention") == limits.UNLIMITED


def test_only_what_is_over_the_limit_is_refused(desk):
    desk.set_license("groups.base", 5, "limits")
    limits.check(desk.world, "groups", 5, "groups")
    with pytest.raises(LimitReached, match="the plan allows 5 groups"):
        limits.check(desk.world, "groups", 6, "groups")
    desk.set_license("groups.base", -1, "limits")
    limits.check(desk.world, "groups", 10**6, "groups")
