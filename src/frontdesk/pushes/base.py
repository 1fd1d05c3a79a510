"""What all pushes share."""

from typing import Any, ClassVar, Literal

from msgspec import Struct, field, structs

from frontdesk.models.base import Result

__all__ = ["CUSTOMER_PUSHES", "PUSHES", "DeletedNames", "Push", "PushSpec", "UnknownPush"]

Family = Literal[
    "chats",
    "customers",
    "multicast",
    "agents",
    "bots",
    "configuration",
    "session",
    "customer",
    "unknown",
]
DeletedNames = dict[str, list[str]]


class PushSpec(Struct, frozen=True):
    """What LiveChat's docs say of one push."""

    name: str
    """The name on the wire."""
    group: str
    """The section of the docs it stands in."""
    family: Family
    """The family that a scope of the token switches on; ``customer``: customers alone get it."""
    webhook: bool = False
    """There is a webhook of the same name and payload."""
    since: tuple[int, int] = (3, 0)
    root: str | None = None
    """The field that holds the whole payload."""


PUSHES: "dict[str, type[Push]]" = {}
"""Each wire name of the agents' side and its structure."""

CUSTOMER_PUSHES: "dict[str, type[Push]]" = {}
"""Each wire name of the customers' side and its structure, most of them shared with the agents'.

Filled by ``frontdesk.pushes.customer_chat``.
"""


class Push(Result, kw_only=True):
    """Base of every push. None of its own fields is part of the payload.

    ``version`` is the API version of the push, ``request_id`` that of the call which caused it
    (only on the connection that made the call), and ``recovered`` is true for a push that the
    server did not send: it was read back after the connection had been down.
    """

    spec: ClassVar[PushSpec]
    version: str | None = field(name="frontdesk.version", default=None)
    request_id: str | None = field(name="frontdesk.request_id", default=None)
    recovered: bool = field(name="frontdesk.recovered", default=False)

    def on_the_wire(self) -> Any:
        """Return the payload."""
        if self.spec.root is not None:
            return getattr(self, self.spec.root)
        if self.version is None and self.request_id is None and not self.recovered:
            return self
        return structs.replace(self, version=None, request_id=None, recovered=False)

    def __init_subclass__(cls, **config: Any) -> None:
        """Register the structure under its wire name."""
        super().__init_subclass__(**config)
        spec = cls.__dict__.get("spec")
        if spec is not None and spec.family != "unknown":
            pushes = CUSTOMER_PUSHES if spec.family == "customer" else PUSHES
            pushes[spec.name] = cls


class UnknownPush(Push, kw_only=True):
    """A push that this version of frontdesk does not know, or one that lacks what it promises."""

    spec: ClassVar[PushSpec] = PushSpec("", "", "unknown")
    action: str
    payload: Any = None

    def on_the_wire(self) -> Any:
        """Return the payload."""
        return self.payload
