"""The control of the settings that routing, queues and times obey: license and group properties."""

from typing import Any

from msgspec import UNSET, UnsetType

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.properties import settings
from frontdesk.spec.checks import Checked

__all__ = ["SettingsControl", "change_settings"]

Properties = dict[str, dict[str, Any]]


class GroupSettings(Checked, frozen=True, kw_only=True):
    """Properties of a group, by namespace and name."""

    id: int
    properties: Properties


class Settings(Checked, frozen=True, kw_only=True):
    """Properties of the license, by namespace and name, and of groups."""

    license: Properties | UnsetType = UNSET
    groups: list[GroupSettings] | UnsetType = UNSET

    def _rules(self) -> None:
        if self.license is UNSET and self.groups is UNSET:
            raise InvalidArgument("", "give properties of the `license`, of `groups`, or both")


class SettingsControl:
    """Shows and changes settings.

    Args:
        backend: whose settings they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def show(self, _: ControlRequest) -> Any:
        """All properties of the license and of each group."""
        company = self._backend.world.store.company
        return {
            "license": company.license.properties,
            "groups": [
                {"id": group.id, "properties": group.properties}
                for group in company.groups.values()
            ],
        }

    def change(self, request: ControlRequest) -> Any:
        """Change some, and show all of them."""
        asked = request.read(Settings)
        groups = {group.id: group.properties for group in asked.groups or ()}
        change_settings(self._backend, asked.license or {}, groups)
        return self.show(request)


def change_settings(
    backend: Backend, license_values: Properties, group_values: dict[int, Properties]
) -> None:
    """Set properties of the license and of groups; queued chats are served by the new rules.

    Nothing is changed when something does not fit.

    Raises:
        ValidationError: Something is no property there.
        NotFound: There is no such group.
    """

    def work(world: World) -> None:
        settings.set_license(world, license_values, "license")
        for group_id, values in group_values.items():
            settings.set_group(world, group_id, values, f"groups.{group_id}")

    backend.work(work)
