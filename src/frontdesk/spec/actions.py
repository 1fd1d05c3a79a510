"""What a declaration of an API method is made of."""

from typing import Any, ClassVar, Generic, Literal, TypeVar

from msgspec import UNSET, Struct

from frontdesk.spec.checks import Checked

__all__ = [
    "ACTIONS",
    "CONFIGURATION_ACTIONS",
    "CUSTOMER_ACTIONS",
    "Action",
    "DiscreetAction",
    "ExtraScopes",
    "Paging",
    "Scopes",
    "Spec",
    "Transport",
    "Version",
    "all_of",
    "any_of",
    "dotted",
    "no_scope",
]

R_co = TypeVar("R_co", covariant=True)

Transport = Literal["web", "rtm"]
Version = tuple[int, int]


def dotted(version: Version) -> str:
    """Return a version as people write it."""
    return f"{version[0]}.{version[1]}"


class Scopes(Struct, frozen=True):
    """The scopes that a method asks of the token.

    ``every`` false: one of ``names`` is enough; true: each is needed.
    """

    names: tuple[str, ...] = ()
    every: bool = False

    def __str__(self) -> str:
        return (" and " if self.every else " or ").join(self.names) or "none"


def any_of(*names: str) -> Scopes:
    """One of the scopes is enough."""
    return Scopes(names)


def all_of(*names: str) -> Scopes:
    """Every scope is needed."""
    return Scopes(names, every=True)


no_scope: Scopes = Scopes()


class ExtraScopes(Struct, frozen=True):
    """Scopes that a method asks for besides the others in some case.

    Each of ``names`` is needed; ``when`` says what for, such as ``another agent``.
    """

    names: tuple[str, ...]
    when: str

    def __str__(self) -> str:
        return f"{' and '.join(self.names)} for {self.when}"


class Paging(Struct, frozen=True):
    """How the responses of a method are paged."""

    items: str
    """The field of the response that holds the items."""
    found: str
    """The field of the response that holds the estimated number of all items."""
    default: int
    """Items a page when no ``limit`` is sent."""
    maximum: int
    """Items a page at the most."""

    @property
    def limits(self) -> str:
        """What the description of a ``limit`` says of its values."""
        return f"1 to {self.maximum}; defaults to {self.default}"


class Spec(Struct, frozen=True, kw_only=True):
    """What LiveChat's docs say of one method."""

    name: str
    """The name on the wire."""
    group: str
    """The section of the docs it stands in."""
    returns: Any = None
    """The type of the result, ``None`` for an empty response."""
    scopes: Scopes = no_scope
    extra_scopes: tuple[ExtraScopes, ...] = ()
    """What is needed besides in some cases."""
    api: Literal["agent", "configuration", "customer"] = "agent"
    transports: tuple[Transport, ...] = ("web", "rtm")
    verb: Literal["POST", "GET"] = "POST"
    """How it is sent over Web: in a body, or with ``GET`` in the query."""
    needs_token: bool = True
    """False for a method that anybody may call."""
    repeatable: bool = False
    """A retry after an unknown outcome does no harm: the method only reads, or sets a state."""
    page: Paging | None = None
    push: tuple[str, ...] = ()
    """The RTM pushes it causes."""
    webhook: tuple[str, ...] = ()
    """The webhooks it causes."""
    errors: tuple[str, ...] = ()
    """Names of the errors to expect, besides those that every method can raise."""
    since: Version = (3, 0)
    until: Version | None = None
    """The last version that has the method; ``None``: it is still there."""
    replaced_by: str | None = None
    """What to use after that version. Without it the Web clients call the last version."""
    documented: bool = True
    """False for methods that the docs do not have while clients use them."""
    text: str | None = None
    """The field of the result that a response of plain text stands for."""

    @property
    def reads(self) -> bool:
        """Whether the method changes nothing, for the API's names of methods are strict in that."""
        return self.repeatable and self.name.startswith(("get_", "list_"))

    @property
    def all_scopes(self) -> str:
        """The scopes as people write them, those for some cases included."""
        return "; ".join(map(str, (self.scopes, *self.extra_scopes)))

    @property
    def url(self) -> str:
        """Where LiveChat documents the method: on the page of the last version that has it."""
        if self.api == "configuration":
            return (
                "https://platform.text.com/docs/management/configuration-api#"
                f"{self.name.replace('_', '-')}"
            )
        root = f"https://platform.text.com/docs/messaging/{self.api}-chat-api"
        path = "" if self.until is None else f"/v{dotted(self.until)}"
        if "web" not in self.transports:
            path += "/rtm-reference"
        return f"{root}{path}#{self.name.replace('_', '-')}"


ACTIONS: dict[str, "type[Action[Any]]"] = {}
"""Each wire name of the Agent Chat API and its declaration."""

CONFIGURATION_ACTIONS: dict[str, "type[Action[Any]]"] = {}
"""Each wire name of the Configuration API and its declaration."""

CUSTOMER_ACTIONS: dict[str, "type[Action[Any]]"] = {}
"""Each wire name of the Customer Chat API and its declaration."""

_OF_API = {
    "agent": ACTIONS,
    "configuration": CONFIGURATION_ACTIONS,
    "customer": CUSTOMER_ACTIONS,
}


class Action(Checked, Generic[R_co], frozen=True, kw_only=True):
    """A request to one API method, ready to be sent; its result is an ``R``.

    An action is a plain frozen value: build it now, and log it, queue it or send it later over
    either transport.
    """

    spec: ClassVar[Spec]
    not_shown: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold secrets: no representation, log or record shows them."""

    def __init_subclass__(cls, **config: Any) -> None:
        """Register the declaration under its wire name."""
        super().__init_subclass__(**config)
        spec = cls.__dict__.get("spec")
        if spec is not None:
            _OF_API[spec.api][spec.name] = cls


class DiscreetAction(Action[R_co], Generic[R_co], frozen=True, kw_only=True):
    """An action whose representation leaves the secrets in ``not_shown`` out."""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return what rich shows: the fields that were given, but for secrets."""
        return [
            (name, value)
            for name in self.__struct_fields__
            if name not in self.not_shown and (value := getattr(self, name)) is not UNSET
        ]
