"""``frontdesk bot queue``: what waits in the queue of a bot, and what was given up."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from frontdesk.bots.engines.base import DeadLetter, Engine, QueueStatus
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.cli.bots.loading import load_engine
from frontdesk.cli.output.tables import fits, print_details, print_table
from frontdesk.cli.output.terminal import print_json, print_line, say
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import counted

__all__ = ["queue"]

ALL: Final = "all"
SHOWN: Final = 60
"""How many characters of a reason a table shows at least."""


def queue(
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE:NAME",
            help="A file and the name of the engine in it, such as a NatsEngine.",
            show_default=False,
        ),
    ] = None,
    dead_letters: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY", help="The dead letters of a bot that runs in one process."
        ),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY",
            help="Its journal: shows what waits, also in a bot that runs. Replayed dead letters go "
            "there; the bot takes them over at its next start.",
        ),
    ] = None,
    replay: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Have a dead letter handled again, or `all` of them. Can be given several times.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show the queue of a bot, and replay dead letters.

    Dead letters are what was given up; each says why.

    A dead letter that is replayed is handled under a new id, after what waits in its chat.
    """
    engine = _engine(place, dead_letters, journal, replays=bool(replay))
    status, letters = asyncio.run(_look(engine, replay or []))
    fields: dict[str, Any] = {**msgspec.to_builtins(status), "letters": list(map(_fields, letters))}
    # In the memory of another process, or in a directory that was not named.
    if isinstance(engine, LocalEngine) and not engine.is_durable:
        fields["waiting"] = None
        say("frontdesk: what waits is shown with the journal of the bot: --journal DIRECTORY")
    if place is None and dead_letters is None:
        fields["dead_letters"] = None
        say("frontdesk: what was given up is shown with --dead-letters DIRECTORY")
    if as_json:
        print_json(msgspec.json.encode(fields))
        return
    counts = (("item", " waiting", fields["waiting"]), ("dead letter", "", fields["dead_letters"]))
    print_line(
        ", ".join(counted(count, what) + more for what, more, count in counts if count is not None)
    )
    _print_tables(status, letters)


def _engine(
    place: str | None, dead_letters: Path | None, journal: Path | None, *, replays: bool
) -> Engine:
    if place is not None:
        if dead_letters is not None or journal is not None:
            raise InvalidArgument("--dead-letters", "cannot be given with the engine of a file")
        return load_engine(place)
    if dead_letters is None and (replays or journal is None):
        raise InvalidArgument(
            "--dead-letters",
            "is required, or --journal for what waits: the directory that the bot was given (or "
            "FILE:NAME of its engine)",
        )
    if dead_letters is not None and not dead_letters.is_dir():
        raise InvalidArgument("--dead-letters", f"must be a directory, and {dead_letters} is none")
    if replays and journal is None:
        raise InvalidArgument(
            "--journal", "is required with `--replay`: without it nobody would handle them"
        )
    if journal is not None and not replays and not journal.is_dir():
        raise InvalidArgument("--journal", f"must be a directory, and {journal} is none")
    return LocalEngine(dead_letters=dead_letters, journal=journal)


async def _look(engine: Engine, replay: list[str]) -> tuple[QueueStatus, list[DeadLetter]]:
    """Replay dead letters, and return what is there after that."""
    # Started, it would take over what waits in the journal, from under a bot that starts now.
    is_local = isinstance(engine, LocalEngine)
    if replay or not is_local:
        await engine.start()
    try:
        if replay:
            await _replay(engine, replay)
            if is_local:
                await engine.close(0)
        return await engine.status(), [letter async for letter in engine.dead_letters()]
    finally:
        await engine.close(0)


async def _replay(engine: Engine, ids: list[str]) -> None:
    if ALL in ids:
        ids = [letter.id async for letter in engine.dead_letters() if letter.item is not None]
    replayed = 0
    for letter_id in ids:
        try:
            await engine.replay(letter_id)
        except FrontdeskError as error:
            say(f"frontdesk: {counted(replayed, 'dead letter')} replayed before that")
            if isinstance(error, InvalidArgument) and error.field == "dead_letter_id":
                raise InvalidArgument("--replay", error.rule) from None
            raise
        replayed += 1
    say(f"frontdesk: {counted(replayed, 'dead letter')} replayed")


def _print_tables(status: QueueStatus, letters: list[DeadLetter]) -> None:
    busy = [part for part in status.partitions if part.waiting or part.in_progress]
    if busy:
        print_table(
            ("partition", "waiting", "in progress", "oldest"),
            [(part.number, part.waiting, part.in_progress, _time(part.oldest_at)) for part in busy],
        )
    if letters:
        _print_letters(letters)


COLUMNS: Final = ("id", "given up", "attempts", "action", "key", "reason")


def _print_letters(letters: list[DeadLetter]) -> None:
    """Print dead letters as a table if their reasons have room in it, else below each other."""
    rows = [_row(letter) for letter in letters]
    if fits(COLUMNS, [(*row[:-1], row[-1][:SHOWN]) for row in rows]):
        print_table(COLUMNS, rows)
        return
    for row in rows:
        print_line("")
        print_details(dict(zip(COLUMNS, row, strict=True)))


def _row(letter: DeadLetter) -> tuple[Any, ...]:
    item = letter.item
    return (
        letter.id,
        _time(letter.failed_at or None),
        letter.attempts,
        "" if item is None else item.webhook.action,
        "" if item is None else item.key,
        letter.reason,
    )


def _fields(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "failed_at": letter.failed_at,
        "attempts": letter.attempts,
        "reason": letter.reason,
        "action": None if letter.item is None else letter.item.webhook.action,
        "key": None if letter.item is None else letter.item.key,
    }


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
