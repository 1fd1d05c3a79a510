from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from tools import site_check

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import Clock

from ._archive import Archive
from ._console import Console
from ._desk import Desk
from ._log_in import LogIn
from ._rtm_line import CustomerLine, Line


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


@pytest.fixture
def dial_customer(served: Sandbox) -> Iterator[Callable[..., CustomerLine]]:
    """Opens connections of customers to the served sandbox, and closes them at the end."""
    lines: list[CustomerLine] = []

    def dial(*args: object, **options: object) -> CustomerLine:
        line = CustomerLine(served, *args, **options)  # type: ignore[arg-type]
        lines.append(line)
        return line

    yield dial
    for line in lines:
        line.close()


@pytest.fixture(params=["embedded", "served"])
def log_in(request: pytest.FixtureRequest) -> LogIn:
    """A browser and a client, which reach a fresh sandbox in this process or over a socket."""
    name = "served" if request.param == "served" else "sandbox"
    return LogIn(request.getfixturevalue(name), served=request.param == "served")


@pytest.fixture(scope="module")
def chromium() -> Iterator[site_check.Browser]:
    """A tab of a Chromium; for modules that are skipped where there is none."""
    path = site_check.chromium()
    assert path is not None
    with site_check.browser(path) as tab:
        yield tab


@pytest.fixture
def console(chromium: site_check.Browser) -> Iterator[Console]:
    """The console of a demo sandbox of its own: what happened in another's would be listed too."""
    with Sandbox("demo", served=True) as sandbox:
        console = Console(chromium, sandbox)
        console.open()
        yield console
        # What the page remembers of its customers is of the next sandbox's address as well.
        console.see("sessionStorage.clear()")
        chromium.open("about:blank")


START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def desk():
    desk = Desk(new_world("quiet", clock=Clock(START, running=False)))
    yield desk
    desk.world.store.close()


@pytest.fixture
def archive():
    archive = Archive()
    yield archive
    archive.world.store.close()
