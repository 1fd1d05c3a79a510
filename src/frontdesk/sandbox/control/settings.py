"""The control of the settings that routing, queues, times and limits obey.

They are the properties of the license and of groups, the forms of chat windows, the plan, and
whether working hours change statuses.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from frontdesk.errors import InvalidArgument
from frontdesk.models.customer_chat.widget import FormTemplate
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.properties import plans, settings
from frontdesk.sandbox.world.properties.plans import Plan
from frontdesk.sandbox.world.staff import shifts
from frontdesk.sandbox.world.widget.forms import FormType, set_form
from frontdesk.spec.checks import Checked

__all__ = ["SettingsControl", "change_settings"]

Properties = dict[str, dict[str, Any]]


class FormSettings(Checked, frozen=True, kw_only=True):
    """A form of a group's chat window, as ``get_form`` has it; ``form`` is needed if it is on."""

    enabled: bool
    form: FormTemplate | UnsetType = UNSET

    def _rules(self) -> None:
        if self.enabled and self.form is UNSET:
            raise InvalidArgument("form", "is required for a form that is enabled")

    @property
    def template(self) -> FormTemplate | None:
        """The form that customers get."""
        return None if self.form is UNSET or not self.enabled else self.form


class GroupSettings(Checked, frozen=True, kw_only=True):
    """Properties of a group, by namespace and name, and the forms of its chat window, by type."""

    id: int
    properties: Properties | UnsetType = UNSET
    forms: dict[FormType, FormSettings] | UnsetType = UNSET

    def _rules(self) -> None:
        if self.properties is UNSET and self.forms is UNSET:
            raise InvalidArgument("properties", "is required, or `forms`")


class Settings(Checked, frozen=True, kw_only=True):
    """Properties of the license, by namespace and name, and of groups; the plan; working hours."""

    license: Properties | UnsetType = UNSET
    groups: list[GroupSettings] | UnsetType = UNSET
    plan: Plan | UnsetType = UNSET
    work_schedules: bool | UnsetType = UNSET

    def _rules(self) -> None:
        if all(getattr(self, name) is UNSET for name in self.__struct_fields__):
            names = ", ".join(f"`{name}`" for name in self.__struct_fields__)
            raise InvalidArgument("", f"give at least one of {names}")


class SettingsControl:
    """Shows and changes settings.

    Args:
        backend: whose settings they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def show(self, _: ControlRequest) -> Any:
        """All properties of the license and of each group, the plan, and if hours are followed."""
        company = self._backend.world.store.company
        return {
            "plan": company.license.plan,
            "work_schedules": self._backend.world.follow_work_schedules,
            "license": company.license.properties,
            "groups": [
                {
                    "id": group.id,
                    "properties": group.properties,
                    "forms": {
                        form_type: {"enabled": False} if form is None else _enabled(form)
                        for form_type, form in group.forms.items()
                    },
                }
                for group in company.groups.values()
            ],
        }

    def change(self, request: ControlRequest) -> Any:
        """Change some, and show all of them."""
        asked = request.read(Settings)
        groups = asked.groups or ()
        change_settings(
            self._backend,
            asked.license or {},
            {group.id: group.properties or {} for group in groups},
            forms={
                group.id: {name: form.template for name, form in (group.forms or {}).items()}
                for group in groups
            },
            plan=None if asked.plan is UNSET else asked.plan,
            work_schedules=None if asked.work_schedules is UNSET else asked.work_schedules,
        )
        return self.show(request)


def _enabled(form: FormTemplate) -> dict[str, Any]:
    return {"enabled": True, "form": form}


def change_settings(
    backend: Backend,
    license_values: Properties,
    group_values: dict[int, Properties],
    *,
    forms: Mapping[int, Mapping[FormType, FormTemplate | None]] | None = None,
    plan: Plan | None = None,
    work_schedules: bool | None = None,
) -> None:
    """Change settings; queued chats are served by the new rules.

    Nothing is changed when something does not fit.

    Args:
        backend: Whose settings they are.
        license_values: Properties of the license, which count more than those of the plan.
        group_values: Properties of groups.
        forms: Forms of groups' chat windows, by type; ``None`` for one that is switched off.
        plan: Another plan; its limits become properties of the license.
        work_schedules: Whether working hours change statuses.

    Raises:
        ValidationError: Something is no property there.
        NotFound: There is no such group.
    """

    def work(world: World) -> None:
        if plan is not None:
            plans.set_plan(world, plan)
        settings.set_license(world, license_values, "license")
        for group_id, values in group_values.items():
            settings.set_group(world, group_id, values, f"groups.{group_id}")
        for group_id, of_group in (forms or {}).items():
            for form_type, form in of_group.items():
                set_form(world, group_id, form_type, form)
        if work_schedules is not None:
            shifts.follow(world, on=work_schedules)

    backend.work(work)
