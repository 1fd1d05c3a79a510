"""A request to ``/__sandbox__/…``, as its handler gets it."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from frontdesk.errors import ValidationError
from frontdesk.sandbox.calls.decoding import decode_request
from frontdesk.sandbox.calls.responses import EMPTY
from frontdesk.spec.checks import Checked

__all__ = ["ControlHandler", "ControlRequest", "ControlRoute", "NoQuery", "read_query"]

T = TypeVar("T", bound=Struct)


class NoQuery(Checked, frozen=True, kw_only=True):
    """The query of a control that takes none."""


class ControlRequest(Struct, frozen=True, gc=False):
    """A request to a control: the steps of its path after the control's name, query and body.

    ``query`` is of the type that the control's route names.
    """

    parts: tuple[str, ...]
    query: Any
    body: bytes

    def read(self, type: type[T]) -> T:
        """The body as a structure; raises ``ValidationError`` that names the field.

        Unlike the API, controls refuse fields that do not exist: a fault for the ``method`` of a
        caller who meant ``methods`` would be one for all methods.
        """
        return _read(type, self.body or EMPTY)


ControlHandler: TypeAlias = Callable[[ControlRequest], Any]
"""Does what is asked; the result becomes JSON, unless it is an ``HTTPResponse``."""


class ControlRoute(Struct, frozen=True, gc=False):
    """What responds to a method of HTTP at a control.

    ``steps``: how many its path may have after the control's name. ``query``: what may be in the
    query.
    """

    handle: ControlHandler
    steps: int = 0
    query: type[Checked] = NoQuery


def read_query(type: type[T], query: str) -> T:
    """The query of an address as a structure; raises ``ValidationError`` that names the field."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in values:
            raise ValidationError(f"`{name}` is given twice in the query")
        if not value:
            raise ValidationError(f"`{name}` must not be empty in the query")
        values[name] = value
    return _read(type, msgspec.json.encode(values))


def _read(type: type[T], body: bytes) -> T:
    content = decode_request(type, body)
    fields = [field.encode_name for field in msgspec.structs.fields(type)]
    for name in msgspec.json.decode(body):
        if name not in fields:
            allowed = f"there are {', '.join(fields)}" if fields else "nothing is"
            raise ValidationError(f"`{name}` is not known here; {allowed}")
    return content
