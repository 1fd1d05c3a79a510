"""What the paged methods share."""

from typing import Annotated, Literal

from msgspec import Meta

from frontdesk.errors import InvalidArgument
from frontdesk.spec.checks import given

__all__ = ["MAX_PAGE", "PageId", "PageLimit", "SortOrder", "alone"]

MAX_PAGE = 100
"""Items a page at the most, in every list of the API."""

PageId = Annotated[str, Meta(min_length=1)]
PageLimit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]
SortOrder = Literal["asc", "desc"]


def alone(name: str, value: object, **others: object) -> None:
    """Refuse the other arguments when this one is given."""
    if given(value=value):
        for other in given(**others):
            raise InvalidArgument(other, f"cannot be sent together with `{name}`")
