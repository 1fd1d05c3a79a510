"""A target of each kind, in an empty place."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.targets.base import Target
from frontdesk.archives.targets.days import DayTarget
from frontdesk.archives.targets.open import open_target

from ._pages import JOB, done, position
from ._targets import KINDS, Rows, TargetKind, parameters


@pytest.fixture(params=parameters(KINDS))
def kind(request) -> TargetKind:
    return request.param


class Exports:
    """Runs into one target, each as a process of its own would make it."""

    def __init__(self, kind: TargetKind, address: str, job: Job = JOB) -> None:
        self.kind = kind
        self.address = address
        self.job = job

    def target(self) -> Target:
        return open_target(self.address, format=self.kind.format)

    def start(
        self, pages: list[ArchivePage], *, job: Job | None = None, start: Position | None = None
    ) -> Target:
        """Begin a run and write pages; the target stays open."""
        target = self.target()
        target.open()
        try:
            target.begin(job or self.job, start or position())
            for page in pages:
                target.write(page)
        except BaseException:
            target.close()
            raise
        return target

    def run(
        self, pages: list[ArchivePage], *, job: Job | None = None, start: Position | None = None
    ) -> None:
        """Make a whole run."""
        target = self.start(pages, job=job, start=start)
        target.finish(done(pages[-1].position if pages else start or position()))
        target.close()

    def resume(self, pages: list[ArchivePage], after: Position) -> None:
        """Go on in another process, to the end."""
        target = self.target()
        target.open()
        for page in pages:
            target.write(page)
        target.finish(done(pages[-1].position if pages else after))
        target.close()

    def go_on(self, pages: list[ArchivePage], *, start: Position | None = None) -> None:
        """Do what a run does when it is called again: begin, or go on where the target is."""
        target = self.target()
        try:
            state = target.open()
            positions = [page.position for page in pages]
            count = 0
            if state is None or state.position.done:
                target.begin(self.job, start or position())
            elif state.position in positions:
                count = 1 + positions.index(state.position)
            else:
                assert state.position == (start or position())
            for page in pages[count:]:
                target.write(page)
            target.finish(done(positions[-1]))
        finally:
            target.close()

    def state(self) -> State | None:
        target = self.target()
        try:
            return target.open()
        finally:
            target.close()

    def rows(self) -> Rows:
        return self.kind.read(self.address)


class Runs:
    """Whole runs, made once and copied: what a target holds after a run is the same each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, int], tuple[Path, list[ArchivePage]]] = {}

    def copy(self, exports: Exports, pages: list[ArchivePage], folder: Path) -> None:
        """Put what a run of these pages leaves into a folder."""
        kind = exports.kind
        key = (kind.name, id(pages))
        if key not in self._made:
            original = self._folder / str(len(self._made))
            original.mkdir()
            Exports(kind, kind.at(original), exports.job).run(pages)
            # With the pages, so that no others get their id.
            self._made[key] = original, pages
        shutil.copytree(self._made[key][0], folder, dirs_exist_ok=True)


@pytest.fixture(autouse=True)
def _empty_memory() -> Iterator[None]:
    yield
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def have_run(exports: Exports, runs: Runs, tmp_path: Path) -> Callable[[list[ArchivePage]], None]:
    """Begin a test with a whole run into the new target."""

    def have_run(pages: list[ArchivePage]) -> None:
        if exports.kind.is_local:
            runs.copy(exports, pages, tmp_path)
        else:
            exports.run(pages)

    return have_run


@pytest.fixture
def exports(kind: TargetKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exports:
    if kind.commits_each_page:
        monkeypatch.setattr(DayTarget, "pages_per_commit", 1)
    return Exports(kind, kind.at(tmp_path))
