from collections.abc import Callable, Iterator

import pytest

from frontdesk.sandbox import Sandbox

from ._rtm_line import Line


@pytest.fixture
def dial(served: Sandbox) -> Iterator[Callable[..., Line]]:
    """Opens connections to the served sandbox, and closes them at the end."""
    lines: list[Line] = []

    def dial(*args: object, **options: object) -> Line:
        line = Line(served, *args, **options)  # type: ignore[arg-type]
        lines.append(line)
        return line

    yield dial
    for line in lines:
        line.close()
