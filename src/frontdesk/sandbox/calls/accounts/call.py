"""A request to the accounts server."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from frontdesk.sandbox.calls.faults import Fault

__all__ = ["AccountsCall"]


class AccountsCall(Struct):
    """A request, and what became known of it for its record."""

    verb: str
    path: str
    headers: Mapping[str, str]
    query: str
    body: bytes
    debug_id: str
    name: str = ""
    parameters: dict[str, Any] = {}
    requester_id: str | None = None
    client_id: str = ""
    error: str | None = None
    fault: Fault | None = None

    def __repr__(self) -> str:
        return f"AccountsCall({self.verb!r}, {self.path!r}, {self.name!r})"
