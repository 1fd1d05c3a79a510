"""Rules of fields in plain words, made of what msgspec says of a value that breaks one."""

import re
from typing import Any, Final, Literal, get_args, get_origin

__all__ = ["place_and_rule"]

KINDS: Final = {
    "array": "a list",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "float": "a number",
    "int": "an integer",
    "null": "None",
    "object": "a structure",
    "str": "a text",
}
BOUNDS: Final = {
    ">=": "at least",
    "<=": "at most",
    ">": "above",
    "<": "below",
    "==": "exactly",
}
MISSING: Final = "Object missing required field `"
KEY: Final = " - at `key` in `$"
VALUE: Final = " - at `$"


def place_and_rule(text: str, hints: dict[str, Any]) -> tuple[str, str]:
    """Take a message of msgspec apart: the field, and its rule as a person would say it.

    ``hints`` are the types of the fields by their wire names.
    """
    is_key = KEY in text
    finding, _, path = text.partition(KEY if is_key else VALUE)
    field = path.rstrip("`").lstrip(".")
    if finding.startswith(MISSING):
        name = finding[len(MISSING) :].rstrip("`")
        return (f"{field}.{name}" if field else name), "is required"
    rule = _rule(finding, hints.get(re.split(r"[.\[]", field, maxsplit=1)[0]))
    return field, f"names {rule}" if is_key else rule


def _rule(finding: str, hint: Any) -> str:
    if match := re.fullmatch(r"Expected `(\w+)` of length (..) (\d+)", finding):
        return _length_rule(match[1], match[2], int(match[3]))
    if match := re.fullmatch(r"Expected `\w+` (>=|<=|>|<) (\S+)", finding):
        return f"must be {BOUNDS[match[1]]} {match[2].removesuffix('.0')}"
    if match := re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", finding):
        return f"must be {_kinds(match[1])}, not {_kinds(match[2])}"
    if match := re.fullmatch(r"Invalid enum value (.+)", finding):
        allowed = ", ".join(f"`{value}`" for value in _literals(hint))
        return f"must be one of {allowed}, not {match[1]}"
    if match := re.fullmatch(r"Expected `str` matching regex (.+)", finding):
        return f"must match {match[1]}"
    if finding.startswith("Expected `datetime` with a timezone"):
        return "must have a time zone"
    if finding == "Invalid RFC3339 encoded datetime":
        return "must be a date and time such as 2026-03-31T12:00:00Z"
    return f"is not valid: {finding}"


def _length_rule(kind: str, bound: str, length: int) -> str:
    if kind == "str" and (bound, length) == (">=", 1):
        return "must not be empty"
    verb, unit = ("have", "character") if kind == "str" else ("hold", "item")
    return f"must {verb} {BOUNDS[bound]} {length} {unit}{'' if length == 1 else 's'}"


def _kinds(names: str) -> str:
    *others, last = [KINDS.get(name, name) for name in names.split(" | ") if name != "null"] or [
        KINDS["null"]
    ]
    return f"{', '.join(others)} or {last}" if others else last


def _literals(hint: Any) -> list[Any]:
    """Return all values that the literals in a type allow."""
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [value for part in get_args(hint) for value in _literals(part)]
