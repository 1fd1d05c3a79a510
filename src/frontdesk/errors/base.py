"""The base of all errors, and those of frontdesk itself."""

from collections.abc import Sequence
from typing import Any, Final

from frontdesk.grammar import counted, listed
from frontdesk.redaction import one_line, redacted

__all__ = [
    "BudgetExceeded",
    "ClientClosed",
    "DecodeError",
    "ExportError",
    "ForeignFile",
    "ForeignTarget",
    "FrontdeskError",
    "InvalidArgument",
    "MissingDependency",
    "MissingToken",
    "NoEventLoop",
    "NotTheAPI",
    "ServerError",
    "StoreError",
    "StoreInUse",
    "TargetInUse",
    "UnexpectedArgument",
    "shown",
]

LONGEST_SHOWN: Final = 1000
"""Characters of one of the server's texts that a message shows."""


class FrontdeskError(Exception):
    """Base of every error that frontdesk raises.

    Its texts show neither tokens nor passwords, even where a server or a proxy echoes them.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(redacted(part) if isinstance(part, str) else part for part in args))


class InvalidArgument(FrontdeskError, ValueError):
    """An argument breaks a rule of the API, and nothing was sent.

    ``field`` is the dotted path of the argument (``event.text``), ``rule`` the rule it breaks.
    """

    def __init__(self, field: str, rule: str) -> None:
        self.field: str = redacted(field)
        self.rule: str = redacted(rule)
        super().__init__(f"`{field}` {rule}" if field else rule)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.field, self.rule), self.__dict__


class UnexpectedArgument(InvalidArgument, TypeError):
    """A structure was built with an argument that it does not have, or without a required one.

    ``rule`` names the argument that may be meant. Also a ``TypeError``, as for any function.
    """


class MissingToken(FrontdeskError):
    """No token was given, and ``FRONTDESK_TOKEN`` is not set."""


class MissingDependency(FrontdeskError, ModuleNotFoundError):
    """A part of frontdesk needs packages that are not installed; the message is how to get them.

    ``packages`` are those that are missing, ``install`` is what to give to ``pip install``, such as
    ``frontdesk[sandbox]``. Also a ``ModuleNotFoundError``, whose ``name`` is the first of them.
    """

    def __init__(self, user: str, packages: Sequence[str], install: str) -> None:
        self.user = user
        self.packages: tuple[str, ...] = tuple(packages)
        self.install = install
        verb = "is" if len(self.packages) == 1 else "are"
        super().__init__(
            f"{user} needs {listed(self.packages)}, which {verb} not installed; "
            f"run: pip install '{install}'"
        )
        self.name: str | None = self.packages[0] if self.packages else None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.user, self.packages, self.install), self.__dict__


class BudgetExceeded(FrontdeskError):
    """The next request would exceed the client's budget; it was not sent.

    ``limit`` is the budget in requests, ``failure`` the error of the request before, if this one
    was to be its retry; also the ``__cause__``.
    """

    def __init__(self, limit: int, failure: FrontdeskError | None = None) -> None:
        self.limit = limit
        self.failure = failure
        unsent = "the request was not sent"
        if failure is not None:
            unsent = f"what failed was not tried again ({shown(str(failure)).rstrip('.')})"
        super().__init__(
            f"the budget of {counted(limit, 'request')} is spent; {unsent}. "
            "Raise the client's `budget` to go on"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.limit, self.failure), self.__dict__


class ClientClosed(FrontdeskError):
    """The client, or the sandbox, was used after ``close()`` or after its ``with`` block.

    Nothing was sent then. Closed while a request of it is under way, an async client raises this
    too; the message says so, and the work may have been done.
    """


class NoEventLoop(FrontdeskError, RuntimeError):
    """An async client was used where no event loop of asyncio runs, such as in trio."""

    maybe_sent = False


class DecodeError(FrontdeskError):
    """A response arrived that is not what the API promises.

    ``path`` is where in the response it differs, ``excerpt`` its first bytes.
    """

    def __init__(self, message: str, *, path: str = "", excerpt: str = "") -> None:
        # It may name the content type, or another header, of whoever responded.
        self.message: str = one_line(redacted(message))
        self.path: str = redacted(path)
        self.excerpt: str = redacted(excerpt)
        shown = self.message
        super().__init__(f"{shown}; it begins with {excerpt!r}" if excerpt else shown)


class NotTheAPI(DecodeError):
    """Something else than the API responded, such as a proxy's HTML page.

    ``status`` is its HTTP status.
    """

    status: int = 0


class StoreError(FrontdeskError):
    """The database of a sandbox cannot be used; the message says why and what to do."""


class StoreInUse(StoreError):
    """Another process has the database file of the sandbox open."""


class ForeignFile(StoreError):
    """The file, or a snapshot, is not the database of a sandbox of this version."""


class ExportError(FrontdeskError):
    """An export cannot go on; the message says why and what to do."""


class TargetInUse(ExportError):
    """Another run is writing to the target of the export."""


class ForeignTarget(ExportError):
    """The target holds something else: no export, or one of another job, schema or format."""


class ServerError(FrontdeskError):
    """A sandbox cannot be served at its address; the message says why and what to do."""


def shown(text: str) -> str:
    """Return what the server wrote as part of a message, which goes into logs and to terminals."""
    text = one_line(text)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
