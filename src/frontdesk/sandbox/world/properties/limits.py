"""How much of something a license may have.

The numbers are license properties of the namespace ``limits``: for each resource ``base``, which
comes with the plan, ``additional``, which was bought besides, and ``hard``, which both together
never exceed. ``-1`` is unlimited.
"""

from frontdesk.errors import LimitReached
from frontdesk.sandbox.world.properties.defaults import LIMITS
from frontdesk.sandbox.world.properties.rules import license_value
from frontdesk.sandbox.world.world import World

__all__ = ["UNLIMITED", "check", "limit_of"]

UNLIMITED = -1


def limit_of(world: World, resource: str) -> int:
    """Return how much of a resource the license may have; ``UNLIMITED`` for any number."""
    base, additional, hard = (
        int(license_value(world, "limits", f"{resource}.{part}", default))
        for part, default in zip(("base", "additional", "hard"), LIMITS[resource], strict=True)
    )
    if base < 0:
        return UNLIMITED
    return base + additional if hard < 0 else min(base + additional, max(base, hard))


def check(world: World, resource: str, count: int, what: str) -> None:
    """Check that there may be so many of a resource.

    Args:
        world: Whose license it is.
        resource: A key of ``LIMITS``, such as ``groups``.
        count: How many there would be.
        what: What the message counts, such as ``groups``.

    Raises:
        LimitReached: There would be too many.
    """
    limit = limit_of(world, resource)
    if limit != UNLIMITED and count > limit:
        raise LimitReached(f"the plan allows {limit} {what}")
