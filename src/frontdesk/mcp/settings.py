"""What an MCP server offers: which methods, and how large their results may be."""

from typing import Annotated, Final

from msgspec import Meta

from frontdesk.spec.checks import Checked

__all__ = ["LEAST_BYTES", "MAX_BYTES", "PAGE_LIMIT", "ServerOptions"]

MAX_BYTES: Final = 24_000
LEAST_BYTES: Final = 1_000
PAGE_LIMIT: Final = 20


class ServerOptions(Checked, frozen=True, kw_only=True):
    """Which methods an MCP server has as tools, and what it returns of their results."""

    allow: tuple[str, ...] = ()
    """Methods that change something, by name, such as ``send_event``. Defaults to none."""
    only: tuple[str, ...] = ()
    """The methods that read, by name; defaults to all of both APIs that only read."""
    max_bytes: Annotated[int, Meta(ge=LEAST_BYTES, le=10_000_000)] = MAX_BYTES
    """The largest result, in bytes of UTF-8. Of a longer one, long texts and lists are cut, and a
    second text says so. A token of a model is about four bytes of English."""
    page_limit: Annotated[int, Meta(ge=1, le=100)] = PAGE_LIMIT
    """Items of a page at most, also where a model asks for no number."""
    notes: bool = False
    """Whether results have what only agents see: notes, and agents who watch a chat."""
