"""The forms of a group's chat window: before and after a chat, and instead of one.

A group has the forms that it was given, and plain ones of its own in place of the others.

Source: https://platform.text.com/docs/messaging/customer-chat-api#get-form
"""

from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from frontdesk.errors import NotFound
from frontdesk.models.customer_chat.widget import (
    FormTemplate,
    FormTemplateField,
    FormTemplateOption,
)
from frontdesk.sandbox.store.records import GroupRecord
from frontdesk.sandbox.world.widget.phrases import phrases_of
from frontdesk.sandbox.world.world import World

__all__ = ["FORM_TYPES", "FormType", "form_of", "set_form"]

FormType: TypeAlias = Literal["prechat", "postchat", "ticket"]
FORM_TYPES: Final[tuple[FormType, ...]] = ("prechat", "postchat", "ticket")

_DIGITS: Final = 10**18


def form_of(world: World, group: GroupRecord, form_type: FormType) -> FormTemplate | None:
    """Return a form of a group; ``None`` if it is switched off."""
    if form_type in group.forms:
        return group.forms[form_type]
    fields = _plain_fields(phrases_of(group, group.language_code), form_type)
    if form_type == "ticket":
        # LiveChat's clients tell ticket forms by their fields, which have no ids.
        return FormTemplate(fields=fields)
    license_id = world.store.company.license.id
    for position, form_field in enumerate(fields):
        form_field.id = _number(license_id, group.id, form_type, position)
    return FormTemplate(id=_number(license_id, group.id, form_type), fields=fields)


def set_form(world: World, group_id: int, form_type: FormType, form: FormTemplate | None) -> None:
    """Give a group a form of its own; ``None`` switches the form off.

    Raises:
        NotFound: There is no such group.
    """
    group = world.store.company.groups.get(group_id)
    if group is None:
        raise NotFound(f"`groups`: there is no group {group_id}")
    world.store.company.save_group(replace(group, forms={**group.forms, form_type: form}))


def _plain_fields(phrases: dict[str, str], form_type: FormType) -> list[FormTemplateField]:
    match form_type:
        case "prechat":
            return [
                FormTemplateField(type="header", label=phrases["Prechat_header"]),
                FormTemplateField(type="name", label=phrases["Name"], required=False),
                FormTemplateField(type="email", label=phrases["Email"], required=False),
            ]
        case "postchat":
            return [
                FormTemplateField(type="header", label=phrases["Postchat_header"]),
                FormTemplateField(
                    type="radio",
                    label=phrases["Postchat_header"],
                    required=False,
                    options=[
                        FormTemplateOption(id="0", label=phrases["Rate_good"]),
                        FormTemplateOption(id="1", label=phrases["Rate_bad"]),
                    ],
                ),
                FormTemplateField(type="textarea", label=phrases["Rate_comment"], required=False),
            ]
        case _:
            return [
                FormTemplateField(type="header", label=phrases["Ticket_header"]),
                FormTemplateField(type="name", label=phrases["Name"], required=False),
                FormTemplateField(type="email", label=phrases["Email"], required=True),
                FormTemplateField(type="subject", label=phrases["Subject"], required=False),
                FormTemplateField(type="textarea", label=phrases["Message"], required=True),
            ]


def _number(*parts: object) -> str:
    """Return an id that is the same each time, as of something that was saved once."""
    digest = blake2b(repr(parts).encode(), digest_size=8).digest()
    return str(int.from_bytes(digest, "big") % _DIGITS).zfill(18)
