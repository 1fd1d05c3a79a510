"""What a command ended with."""

import json
from collections.abc import Callable
from typing import Any

Ended = tuple[int, str, str]
"""The exit code, the output and the errors."""
Run = Callable[..., Ended]


def ok(ended: Ended) -> str:
    code, text, errors = ended
    assert code == 0, errors
    return text


def as_json(ended: Ended) -> Any:
    return json.loads(ok(ended))


def refused(ended: Ended, code: int = 2) -> str:
    """The line that says what is wrong."""
    assert ended[0] == code, ended
    assert ended[1] == ""
    line = ended[2].splitlines()[-1]
    assert line.startswith("frontdesk: ")
    return line.removeprefix("frontdesk: ")
