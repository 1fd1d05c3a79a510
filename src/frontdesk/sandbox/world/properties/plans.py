"""The plans that a license can have, and what each allows.

``check_product_limits_for_plan`` and the license call the plans by these names; the page that has
had the numbers calls ``enterprise`` Business and ``enterpriseplus`` Enterprise.
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

from frontdesk.models import PlanLimitExcess
from frontdesk.sandbox.world import ban_list
from frontdesk.sandbox.world.properties import settings
from frontdesk.sandbox.world.properties.limits import UNLIMITED
from frontdesk.sandbox.world.world import World

__all__ = ["PLANS", "Plan", "excesses", "set_plan"]

Plan: TypeAlias = Literal["starter", "team", "enterprise", "enterpriseplus"]

_BY_RESOURCE: Final[dict[str, tuple[int, int, int, int]]] = {
    "agents": (400, 400, 400, 400),
    "groups": (1, 20, 40, 80),
    "banned": (50, 200, 400, 400),
    "queue": (10, 50, 100, 100),
    "queue_continuous": (150, 150, 150, 150),
    "groups_per_agent": (1, 10, 20, 40),
    "access_rules": (0, 200, 200, 200),
    "group_chooser_groups": (1, 25, 25, 25),
    "monitored_customers": (400, 400, 400, 400),
    "archives_retention": (2, 12, 24, UNLIMITED),
    "customers_retention": (2, 12, 24, 48),
}
"""Resource -> what the plans allow, in their order; retention is in months."""

PLANS: Final[dict[Plan, dict[str, int]]] = {
    plan: {resource: numbers[position] for resource, numbers in _BY_RESOURCE.items()}
    for position, plan in enumerate(get_args(Plan))
}
"""Plan -> resource -> how much of it the license may have."""


def set_plan(world: World, plan: Plan) -> None:
    """Give the license another plan: its name, and the properties that say what it allows.

    What is over a limit already stays; no more can be made. What was bought besides stays too.
    """
    record = world.store.company.license
    record.plan = plan
    world.store.company.save_license(record)
    numbers = PLANS[plan]
    limits = {f"{resource}.base": number for resource, number in numbers.items()}
    settings.set_license(world, {"limits": limits, "chats": {"queue.limit": numbers["queue"]}})


def excesses(world: World, plan: Plan) -> list[PlanLimitExcess]:
    """Return by how much the license is over each limit of a plan; those it keeps are left out."""
    allowed = PLANS[plan]
    return [
        PlanLimitExcess(resource=resource, limit_balance=count - allowed[resource], id=subject)
        for resource, count, subject in _counts(world)
        if allowed[resource] != UNLIMITED and count > allowed[resource]
    ]


def _counts(world: World) -> Iterator[tuple[str, int, str | None]]:
    """Yield each resource with how much of it there is, and whose that is."""
    company = world.store.company
    working = [
        agent
        for agent in company.agents.values()
        if not (agent.suspended or agent.awaiting_approval)
    ]
    yield "agents", len(working), None
    yield "groups", len(company.groups), None
    yield "banned", len(ban_list.in_force(world)), None
    waiting = {group_id: _waiting(world, group_id) for group_id in sorted(company.groups)}
    for group_id, (ordinary, _) in waiting.items():
        yield "queue", ordinary, str(group_id)
    for group_id, (_, continuous) in waiting.items():
        yield "queue_continuous", continuous, str(group_id)
    for agent in sorted(company.agents.values(), key=lambda agent: agent.number):
        if not agent.bot:
            # Everybody is in group 0, which does not count.
            yield "groups_per_agent", len(agent.groups.keys() - {0}), agent.id
    yield "access_rules", len(company.license.auto_accesses), None


def _waiting(world: World, group_id: int) -> tuple[int, int]:
    """Return how many chats wait for a group: ordinary and continuous ones."""
    chats = [world.store.chats.read(chat_id) for chat_id, _ in world.store.queue.places(group_id)]
    continuous = sum(1 for chat in chats if chat is not None and chat.continuous)
    return len(chats) - continuous, continuous
