"""A request to ``/__sandbox__/…``, as its handler gets it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from frontdesk.errors import ValidationError
from frontdesk.sandbox.calls.decoding import decode_request
from frontdesk.sandbox.calls.responses import EMPTY

__all__ = ["ControlHandler", "ControlRequest"]

T = TypeVar("T", bound=Struct)


class ControlRequest(Struct, frozen=True, gc=False):
    """A request to a control: the steps of its path after the control's name, query and body."""

    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes

    def read(self, type: type[T]) -> T:
        """The body as a structure; raises ``ValidationError`` that names the field.

        Unlike the API, controls refuse fields that do not exist: a fault for the ``method`` of a
        caller who meant ``methods`` would be one for all methods.
        """
        content = decode_request(type, self.body)
        fields = [field.encode_name for field in msgspec.structs.fields(type)]
        for name in msgspec.json.decode(self.body or EMPTY):
            if name not in fields:
                raise ValidationError(f"`{name}` is not known here; there are {', '.join(fields)}")
        return content


ControlHandler: TypeAlias = Callable[[ControlRequest], Any]
"""Does what is asked; the result becomes JSON, unless it is an ``HTTPResponse``."""
