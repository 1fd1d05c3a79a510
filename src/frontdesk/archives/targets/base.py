"""What every target of an export does."""

from typing import Protocol

from frontdesk.archives.pages import ArchivePage, Job, Position, State

__all__ = ["Target"]


class Target(Protocol):
    """Where an export writes its rows, and remembers how far it is.

    A run calls ``open``, ``begin`` unless it resumes, ``write`` for each page, ``finish``, and
    ``close`` in any case. Whatever ``write`` has returned from survives a killed process.
    """

    address: str
    """The path or URL, as messages name it."""
    can_resume: bool
    """Whether a killed run goes on where it was."""
    can_update: bool
    """Whether a later run replaces rows."""

    def open(self) -> State | None:
        """Lock the target, remove what was written halfway, and return what it remembers.

        Returns:
            ``None`` if nothing was exported to it yet.

        Raises:
            TargetInUse: Another run is writing to it.
            ForeignTarget: Something else is there, or an export of another schema or format.
        """
        ...

    def begin(self, job: Job, position: Position) -> None:
        """Start a run. One with ``position.is_update`` replaces every row from its ``since`` on."""
        ...

    def write(self, page: ArchivePage) -> None:
        """Store the rows of a page with its position, whole or not at all."""
        ...

    def finish(self, position: Position) -> None:
        """Complete the run: what is replaced by nothing is gone, and all rows can be read."""
        ...

    def close(self) -> None:
        """Unlock the target; its state is that of the last page written."""
        ...
