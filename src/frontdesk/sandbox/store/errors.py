"""What can go wrong with the sandbox's database file."""

from frontdesk.errors import FrontdeskError

__all__ = ["ForeignFile", "StoreError", "StoreInUse"]


class StoreError(FrontdeskError):
    """The sandbox's database cannot be used; the message says why and what to do."""


class StoreInUse(StoreError):
    """Another process has the database file open."""


class ForeignFile(StoreError):
    """The file is not a database of this version of the sandbox."""
