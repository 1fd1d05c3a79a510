"""The marks by which a comparison knows what a story has written or made."""

from typing import Any, Final

from frontdesk.codec.plain import is_object

__all__ = ["MARK", "NAME_MARK", "holds_mark", "is_marked", "is_name", "is_named", "own_members"]

MARK: Final = "frontdesk parity"
"""What the texts of stories begin with, and the names of what they make."""
NAME_MARK: Final = MARK.replace(" ", "_")
"""The same for names that have no blanks."""


def is_marked(text: Any) -> bool:
    """Return whether a text is one of a story."""
    return isinstance(text, str) and text.lower().startswith((MARK, NAME_MARK))


def is_name(text: Any, run: str) -> bool:
    """Return whether a text is a name that the stories of a run have given."""
    return is_marked(text) and text.lower().endswith(run)


def is_named(item: dict[str, Any], run: str) -> bool:
    """Return whether something has a name that the stories of a run have given it."""
    return is_name(item.get("name"), run) or is_name(item.get("description"), run)


def holds_mark(value: Any) -> bool:
    """Return whether a name or a text of a story is somewhere in a value."""
    if is_object(value):
        return any(is_marked(key) or holds_mark(item) for key, item in value.items())
    return is_marked(value)


def own_members(body: Any, run: str) -> Any:
    """Return a map with the members that the stories of a run have named; an error as it is."""
    if not is_object(body) or "error" in body:
        return body
    return {key: value for key, value in body.items() if is_name(key, run)}
