"""The properties of the license and of groups, which steer routing, queues and times.

Whoever sets them here may set all of them, those that agents may only read included.
"""

from frontdesk.errors import NotFound
from frontdesk.sandbox.store.records import Properties
from frontdesk.sandbox.world.properties.rules import check_values, merge
from frontdesk.sandbox.world.world import World

__all__ = ["set_group", "set_license"]


def set_license(world: World, values: Properties, field: str = "properties") -> None:
    """Set properties of the license, leaving others alone.

    Raises:
        ValidationError: The license has no such property, or a value does not fit it.
    """
    check_values(world, values, location="license", field=field)
    license_record = world.store.company.license
    merge(license_record.properties, values)
    world.store.company.save_license(license_record)


def set_group(world: World, group_id: int, values: Properties, field: str = "properties") -> None:
    """Set properties of a group, leaving others alone.

    Raises:
        NotFound: There is no such group.
        ValidationError: Groups have no such property, or a value does not fit it.
    """
    group = world.store.company.groups.get(group_id)
    if group is None:
        raise NotFound(f"`groups`: there is no group {group_id}")
    check_values(world, values, location="group", field=field)
    merge(group.properties, values)
    world.store.company.save_group(group)
