"""JSON on the command line: as it is, in a file, or on the standard input."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from frontdesk.codec.plain import is_object
from frontdesk.errors import InvalidArgument

__all__ = ["read_file", "read_json", "read_object"]

LONGEST: Final = 60
HOW: Final = "JSON, a @FILE with it, or - for the standard input"


def read_json(option: str, text: str) -> Any:
    """Read a value: JSON, ``@FILE``, or ``-`` for the standard input.

    Raises:
        InvalidArgument: It is not JSON, or the file cannot be read; ``field`` is the option.
    """
    if text == "-":
        given, data = "the standard input is not", _standard_input(option)
    elif text.startswith("@"):
        given, data = f"{text[1:]} is not", read_file(option, text[1:])
    else:
        given, data = f"not {text[:LONGEST]!r}", text.encode("utf-8", "surrogateescape")
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        place = f" ({error.msg} at line {error.lineno}, column {error.colno})"
    except UnicodeDecodeError:
        place = " (no UTF-8)"
    except (ValueError, RecursionError):
        place = ""
    raise InvalidArgument(option, f"must be {HOW}; {given}{place}")


def read_object(option: str, text: str) -> dict[str, Any]:
    """Read a JSON object; as ``read_json``.

    Raises:
        InvalidArgument: It is no JSON object; ``field`` is the option.
    """
    value: object = read_json(option, text)
    if is_object(value):
        return value
    raise InvalidArgument(option, f"must be a JSON object with the fields, not {_kind(value)}")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case True | False:
            return "true" if value else "false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case _:
            return "a list"


def _standard_input(option: str) -> bytes:
    stream = sys.stdin
    if stream is None:
        raise InvalidArgument(option, "cannot be -: there is no standard input")
    buffer = getattr(stream, "buffer", None)
    return buffer.read() if buffer is not None else stream.read().encode()


def read_file(option: str, name: str) -> bytes:
    """Read a file as it is.

    Raises:
        InvalidArgument: It cannot be read; ``field`` is the option.
    """
    if not name:
        raise InvalidArgument(option, "must have the name of a file after the @")
    try:
        return Path(name).expanduser().read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
    except ValueError:
        reason = "it is no name of a file"
    raise InvalidArgument(option, f"cannot be read: {name[:LONGEST]}: {reason}")
