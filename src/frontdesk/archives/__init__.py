"""Archived chats as tables: read them, export them, load them elsewhere, report on them."""

from frontdesk.extras import importing_extra

with importing_extra("archives", "frontdesk.archives"):
    import pyarrow as pa

from frontdesk.archives.targets.open import open_target

__all__ = ["open_target"]

_ = pa  # every module of the package needs it; here the error says how to get it
