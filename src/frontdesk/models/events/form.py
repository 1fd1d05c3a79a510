"""The fields of forms, received and to send.

A field that breaks a rule is refused when the ``Form`` or ``FilledForm`` is built that it belongs
to.
"""

from frontdesk.errors import InvalidArgument
from frontdesk.models.base import Model

__all__ = ["Answer", "FilledFormField", "FormField", "FormOption"]

TEXT_FIELDS = ("name", "email", "question", "subject", "textarea")
CHOICE_FIELDS = ("radio", "select", "group_chooser")
FIELD_TYPES = (*TEXT_FIELDS, *CHOICE_FIELDS, "checkbox")


def _check_field(path: str, type: str, id: str) -> None:
    if type not in FIELD_TYPES:
        raise InvalidArgument(f"{path}.type", f"must be one of {', '.join(FIELD_TYPES)}")
    if not id:
        raise InvalidArgument(f"{path}.id", "is required")


class FormOption(Model, kw_only=True):
    """One option of a ``radio``, ``select`` or ``checkbox`` field."""

    id: str | int
    label: str
    group_id: int | None = None


class FormField(Model, kw_only=True):
    """A field of an empty form.

    ``type`` is ``checkbox``, ``email``, ``name``, ``question``, ``subject``, ``textarea``,
    ``group_chooser``, ``radio`` or ``select``.
    """

    type: str
    id: str
    label: str
    required: bool | None = None
    options: list[FormOption] | None = None

    def validate(self, path: str) -> None:
        """Raise ``InvalidArgument`` if the API would refuse it."""
        _check_field(path, self.type, self.id)


class Answer(Model, kw_only=True):
    """A chosen option. ``group_id`` is there for a ``group_chooser`` only."""

    id: str | int
    label: str
    group_id: int | None = None


class FilledFormField(Model, kw_only=True):
    """A field of a filled form.

    ``answer`` is a text for ``name``, ``email``, ``question``, ``subject`` and ``textarea``, and an
    ``Answer`` for ``radio``, ``select`` and ``group_chooser``, which names the ``group_id`` as
    well. A ``checkbox`` has ``answers``. What was not answered has none of them. Older versions
    have ``value``.
    """

    type: str
    id: str
    label: str
    answer: str | Answer | None = None
    answers: list[Answer] | None = None
    value: str | None = None

    def validate(self, path: str) -> None:
        """Raise ``InvalidArgument`` if the API would refuse it."""
        _check_field(path, self.type, self.id)
        if self.answer is None:
            return
        if self.type in TEXT_FIELDS and not isinstance(self.answer, str):
            raise InvalidArgument(f"{path}.answer", f"must be a text for {self.type}")
        if self.type in CHOICE_FIELDS and not isinstance(self.answer, Answer):
            raise InvalidArgument(f"{path}.answer", f"must be an Answer for {self.type}")
        if self.type == "checkbox" and self.answers is None:
            raise InvalidArgument(f"{path}.answer", "must be `answers`, a list, for checkbox")
        if self.type == "group_chooser" and getattr(self.answer, "group_id", None) is None:
            raise InvalidArgument(f"{path}.answer.group_id", "is required for group_chooser")
