"""``frontdesk export``: the archives into files, tables and databases."""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from msgspec import Struct
from typer.core import TyperGroup

from frontdesk.cli.arguments.confirmation import confirm_for_good
from frontdesk.cli.arguments.dates import read_time
from frontdesk.cli.arguments.filters import read_filters
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.output.prices import PRICE
from frontdesk.cli.output.services import service
from frontdesk.cli.output.tables import print_table
from frontdesk.cli.output.terminal import check_names, print_json, printable, say
from frontdesk.codec.decoding import encode, to_dict
from frontdesk.errors import BudgetExceeded, FrontdeskError, InvalidArgument
from frontdesk.grammar import counted
from frontdesk.suggestions import did_you_mean

if TYPE_CHECKING:
    from frontdesk import AgentClient
    from frontdesk.archives import Downloads, Job, Plan, State, Summary
    from frontdesk.archives import Progress as ExportProgress
    from frontdesk.archives import Target as ExportTarget
    from frontdesk.archives.erasure import Erasure
    from frontdesk.archives.pseudonyms import Pseudonyms
    from frontdesk.archives.run import OnProgress

__all__ = ["register"]

ERASE: Final = "erase"
KEY_VARIABLE: Final = "FRONTDESK_PSEUDONYM_KEY"
RESERVED: Final = {
    "from": "`--since` decides that",
    "to": "`--until` decides that",
    "thread_ids": "an export reads whole periods",
}
"""Filters that an export sets itself, or that exclude those it needs."""


class ExportGroup(TyperGroup):
    """Whatever does not begin with the name of a command is an export."""

    default = "run"
    """The command that is meant then."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command in that is meant."""
        first = args[0] if args else ""
        if first != ERASE and did_you_mean(first, [ERASE]) and not Path(first).exists():
            ctx.fail(f"No such command '{first}'. Did you mean '{ERASE}'?")
        return super().parse_args(ctx, args if args[:1] == [ERASE] else [self.default, *args])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command; the one that is meant has no name in the help."""
        name, command, rest = super().resolve_command(ctx, args)
        return ("" if name == self.default else name), command, rest


class ExportCommand(PlainCommand):
    """A command whose usage has no gap where its name would be."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how it is called."""
        formatter.write_usage(ctx.command_path.strip(), " ".join(self.collect_usage_pieces(ctx)))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=ExportGroup, rich_markup_mode=None)
    group.command(ExportGroup.default, cls=ExportCommand, no_args_is_help=True)(export)
    group.command(ERASE, cls=PlainCommand)(erase)
    app.add_typer(group, name="export", help="Export the archives, or erase a customer from them.")


Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="Where to: a folder or URL (Parquet by day), `delta:FOLDER` (a Delta table), or a "
        "file ending with .duckdb, .jsonl, .jsonl.gz or .csv; `-` for the standard output.",
    ),
]


def export(
    target: Target = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="Threads created on that day in UTC or later; also a time with its zone.",
        ),
    ] = "",
    until: Annotated[
        str,
        typer.Option(
            metavar="DATE", help="Threads created before that day or time; defaults to now."
        ),
    ] = "",
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Bring an export up to now: reads what was open at the last run or created in "
            "the day before it, and what is new, and replaces what was there.",
        ),
    ] = False,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan", help="Only show what would be read, for one counted request a month."
        ),
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="With `--plan`: make no request at all.")
    ] = False,
    budget: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="End after this many requests; the same command goes on later.",
        ),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="NAME=VALUE",
            help="A filter of the archives, such as tags=refund, agents.exists=false, "
            "properties.rating.score=0 or query=parcel; or all of them as JSON. Can be given "
            "several times.",
        ),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES",
            help="Only these tables, separated by commas: threads, events, users, thread_users, "
            "tags, properties, visits, files.",
        ),
    ] = None,
    files: Annotated[
        bool, typer.Option("--files", help="Download attachments too, with their checksums.")
    ] = False,
    pseudonymize: Annotated[
        bool,
        typer.Option(
            "--pseudonymize",
            help="Replace names, e-mail addresses, phone numbers and IP addresses with tokens made "
            f"with the key in {KEY_VARIABLE}.",
        ),
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Keep the JSON of each chat beside its rows.")
    ] = False,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="parquet, delta, duckdb, jsonl or csv; defaults to what "
            "the name of the target says.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done, or the plan, as JSON.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show no progress; only errors are reported.")
    ] = False,
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Export archived chats as tables.

    Ctrl-C ends it in order, and the same command goes on where it was, also after a crash: every
    page is stored before the next one is paid for. `frontdesk export erase --help` removes a
    customer from an export.

    Exit codes: 0 all is there; 1 it failed, and the message says whether the same
    command goes on; 2 the command is wrong, or the target holds something else; 130 Ctrl-C.
    """
    options = JobOptions(
        since=since,
        until=until,
        filters=filters or [],
        tables=tables or [],
        files=files,
        raw=raw,
        pseudonymize=pseudonymize,
    )
    if offline and not plan:
        raise InvalidArgument("--offline", "belongs to `--plan`: an export asks the API")
    if not (target or plan):
        raise InvalidArgument("TARGET", "is required, such as a folder: chats/")
    connection = Connection(base_url=base_url, token=token, budget=budget)
    if plan:
        place = Place(target, format) if target else None
        _show_plan(place, options, None if offline else connection, update=update, as_json=as_json)
        return
    _run(
        Place(target, format),
        options,
        connection,
        update=update,
        as_json=as_json,
        quiet=quiet,
    )


def erase(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The export: a folder, URL or file.")
    ],
    customer: Annotated[str, typer.Option(metavar="ID", help="The customer's id.")],
    format: Annotated[
        str | None, typer.Option(metavar="NAME", help="The format, where it cannot be told.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was erased and searched as JSON.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Erase a customer from an export.

    Every thread that the customer took part in goes, with all that belongs to it; afterwards the
    whole export is searched for what is known of the customer, and later updates do not bring the
    customer back. LiveChat still has the chats: have them anonymized there too.

    Exit codes: 0 the customer is gone; 1 something of them is still there, or the export has no
    such customer; 2 the command is wrong, or there is no export.
    """
    from frontdesk.archives.erasure import erase_customer

    if not yes:
        confirm_for_good(f"Erase the customer {printable(customer)}?", printable(target))
    try:
        erasure = erase_customer(
            target, customer, format=format, on_step=lambda step: say(f"frontdesk: {step}")
        )
    except InvalidArgument as error:
        names = {"customer_id": "--customer", "format": "--format", "target": "TARGET"}
        raise InvalidArgument(names.get(error.field, error.field), error.rule) from None
    if as_json:
        print_json(encode(_erasure_as_json(erasure)))
    else:
        rows = [(table, f"{number:,}") for table, number in erasure.rows.items()]
        print_table(("table", "rows erased"), rows)
    for line in _proof(erasure):
        say(f"frontdesk: {line}")
    if not (erasure.is_known and erasure.is_clean):
        raise typer.Exit(1)


def _proof(erasure: "Erasure") -> Generator[str]:
    """Yield what was erased, and what the search afterwards found, as sentences."""
    if not erasure.is_known:
        yield "no customer with that id is in this export; check the id"
        yield "should one come with a later run, it is dropped"
        return
    yield (
        f"erased {counted(erasure.threads, 'thread')} and "
        f"{counted(erasure.files, 'downloaded file')}"
    )
    yield (
        f"searched {counted(erasure.rows_searched, 'row')} and "
        f"{counted(erasure.files_searched, 'file')} for {counted(len(erasure.terms), 'text')} "
        "that were known of the customer"
    )
    if erasure.is_clean:
        yield "found nothing: the customer is gone from this export"
    for finding in erasure.findings:
        place = f"{finding.place}, {counted(finding.count, 'time')}"
        yield f"still there, in what others wrote: the {finding.term.kind} in {place}"


def _erasure_as_json(erasure: "Erasure") -> dict[str, Any]:
    """Return the proof without the texts that were searched for: logs keep what commands print."""
    return {
        "customer_id": erasure.customer_id,
        "threads": erasure.threads,
        "rows": erasure.rows,
        "files": erasure.files,
        "searched": {
            "texts": len(erasure.terms),
            "rows": erasure.rows_searched,
            "files": erasure.files_searched,
            "bytes": erasure.bytes_searched,
        },
        "is_known": erasure.is_known,
        "findings": [
            {"kind": finding.term.kind, "place": finding.place, "count": finding.count}
            for finding in erasure.findings
        ],
        "is_clean": erasure.is_clean,
    }


class Place(Struct, frozen=True):
    """Where an export goes to, as it was given."""

    path: str
    format: str | None = None

    def target(self) -> "ExportTarget":
        """Return the target."""
        from frontdesk.archives import open_target

        try:
            return open_target(self.path, format=self.format)
        except InvalidArgument as error:
            name = "--format" if error.field == "format" else "TARGET"
            raise InvalidArgument(name, error.rule) from None


class Connection(Struct, frozen=True, kw_only=True):
    """What calls are made with, as it was given."""

    base_url: str | None = None
    token: Token = None
    budget: int | None = None

    def client(self) -> "AgentClient":
        """Return a client."""
        from frontdesk import AgentClient

        return AgentClient(self.token, base_url=self.base_url, budget=self.budget)


class JobOptions(Struct, frozen=True, kw_only=True):
    """What is to be exported, as it was given; what was not is that of the export that is there."""

    since: str = ""
    until: str = ""
    filters: list[str] = []
    tables: list[str] = []
    files: bool = False
    raw: bool = False
    pseudonymize: bool = False

    def job(self, stored: "Job | None", fingerprint: str | None) -> "Job":
        """Check it and put it together.

        Args:
            stored: the job of the export that the target holds.
            fingerprint: that of the key for pseudonyms.

        Raises:
            InvalidArgument: an option does not fit; ``field`` is the option.
        """
        from frontdesk.archives import TABLES, make_job

        if not self.since and stored is None:
            raise InvalidArgument("--since", "is required for a new export, such as 2026-01-31")
        tables = [name for names in self.tables for name in names.split(",")]
        check_names(tables, TABLES, "table", "--tables")
        filters = read_filters(self.filters, reserved=RESERVED)
        since = read_time("--since", self.since) if self.since else None
        until = read_time("--until", self.until) if self.until else None
        if since is not None and until is not None and until < since:
            raise InvalidArgument("--until", "must not be before `--since`")
        if stored is None:
            assert since is not None
            return make_job(
                since=since,
                until=until,
                filters=filters,
                tables=tables or None,
                raw=self.raw,
                files=self.files,
                pseudonyms=fingerprint,
            )
        return make_job(
            since=since or stored.since,
            until=until or stored.until,
            filters=filters or stored.filters,
            tables=tables or stored.tables,
            raw=self.raw or stored.raw,
            files=self.files or stored.files,
            pseudonyms=fingerprint,
        )


def _run(
    place: Place,
    options: JobOptions,
    connection: Connection,
    *,
    update: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Export, and say what was done."""
    from frontdesk.archives import export as run_export

    target = place.target()
    if update and not target.can_update:
        raise InvalidArgument(
            "--update",
            "belongs to targets whose rows can be replaced: a folder of Parquet, a Delta table or "
            "a .duckdb file; export to another path without it",
        )
    state = _stored(target)
    stored = None if state is None else state.job
    pseudonyms = _pseudonyms(needed=options.pseudonymize or bool(stored and stored.pseudonyms))
    job = options.job(stored, None if pseudonyms is None else pseudonyms.fingerprint)
    with ExitStack() as stack:
        client = stack.enter_context(connection.client())
        downloads = _downloads(place.path, stack) if job.files else None
        fill = None if downloads is None else downloads.fill
        if not quiet:
            where = service(connection.base_url)
            say(f"frontdesk: exporting from {where} to {printable(place.path)}")
        progress = stack.enter_context(_shown_progress(shown=not quiet and sys.stderr.isatty()))
        stack.enter_context(_orderly_end())
        try:
            summary = run_export(
                client,
                target,
                job,
                update=update,
                on_progress=progress,
                downloads=fill,
                pseudonyms=pseudonyms,
            )
        except KeyboardInterrupt:
            say(f"frontdesk: stopped{_goes_on(target)}")
            raise
        except BudgetExceeded as error:
            spent = counted(error.limit, "request")
            raise FrontdeskError(f"the budget of {spent} is spent{_goes_on(target)}") from None
    if as_json:
        print_json(encode({**to_dict(summary), **_attachments(downloads)}))
    if not quiet:
        say(f"frontdesk: {_told(summary)}")
        if downloads is not None:
            say(f"frontdesk: {_told_of_files(downloads)}")


def _show_plan(
    place: Place | None,
    options: JobOptions,
    connection: Connection | None,
    *,
    update: bool,
    as_json: bool,
) -> None:
    """Show what an export would read, and what that costs."""
    from frontdesk.archives import plan as make_plan
    from frontdesk.archives.plan import utc_now
    from frontdesk.archives.run import update_position

    state = None if place is None else _stored(place.target())
    pseudonyms = state.job.pseudonyms if state else None
    job = options.job(None if state is None else state.job, pseudonyms)
    position = None if state is None else state.position
    if position is not None and position.done:
        if not update:
            say("frontdesk: nothing to do: the export is complete; --update brings it up to now")
            return
        position = update_position(job, position, utc_now())
    with ExitStack() as stack:
        client = None if connection is None else stack.enter_context(connection.client())
        plan = make_plan(client, job, position=position)
    if as_json:
        print_json(encode(_plan_as_json(plan)))
        return
    rows = [
        (
            f"{window.since:%Y-%m-%d %H:%M}",
            f"{window.until:%Y-%m-%d %H:%M}",
            *(() if client is None else (f"{window.threads:,}", f"{window.requests:,}")),
        )
        for window in plan.windows
    ]
    print_table(("from (UTC)", "to", *(() if client is None else ("threads", "requests"))), rows)
    say(f"frontdesk: {_cost(plan)}")


def _plan_as_json(plan: "Plan") -> dict[str, Any]:
    windows = [
        {
            "since": window.since,
            "until": window.until,
            "threads": window.threads,
            "requests": window.requests,
        }
        for window in plan.windows
    ]
    total = {"threads": plan.threads, "requests": plan.requests, "asked": plan.asked}
    return {**total, "windows": windows}


def _cost(plan: "Plan") -> str:
    """Return what an export costs, as a sentence."""
    if plan.requests is None:
        least = counted(len(plan.windows) + 1, "request")
        return f"at least {least}: one for each month, and one for each 100 threads more"
    total = counted(plan.requests, "request")
    price = f"${plan.requests / 1000 * PRICE:.2f} at ${PRICE} for 1,000"
    asked = f"; this plan took {counted(plan.asked, 'request')}" if plan.asked else ""
    return f"about {counted(plan.threads or 0, 'thread')} in {total}, {price}{asked}"


def _goes_on(target: "ExportTarget") -> str:
    return "; the same command goes on where it was" if target.can_resume else ""


def _stored(target: "ExportTarget") -> "State | None":
    """Return what a target remembers of the export in it."""
    try:
        return target.open()
    finally:
        target.close()


def _pseudonyms(*, needed: bool) -> "Pseudonyms | None":
    """Return what replaces names, made with the key in the environment."""
    if not needed:
        return None
    from frontdesk.archives.pseudonyms import Pseudonyms

    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise InvalidArgument("--pseudonymize", f"needs a key in {KEY_VARIABLE}")
    try:
        return Pseudonyms(key)
    except InvalidArgument as error:
        raise InvalidArgument(KEY_VARIABLE, error.rule) from None


def _downloads(path: str, stack: ExitStack) -> "Downloads":
    """Return what downloads the attachments of each page."""
    from frontdesk.archives import Downloads, files_folder

    return stack.enter_context(Downloads(files_folder(path)))


def _attachments(downloads: "Downloads | None") -> dict[str, Any]:
    if downloads is None:
        return {}
    names = ("downloaded", "reused", "failed", "bytes")
    return {"files": {name: getattr(downloads, name) for name in names}}


def _told_of_files(downloads: "Downloads") -> str:
    """Return what became of the attachments, as a sentence."""
    there = counted(downloads.downloaded + downloads.reused, "attachment")
    if not downloads.failed:
        return f"{there} downloaded"
    return f"{there} downloaded, {downloads.failed:,} failed: see `files.download_error`"


def _told(summary: "Summary") -> str:
    """Return what was done as a sentence."""
    if summary.outcome == "unchanged":
        return (
            f"nothing to do: the export holds all threads up to {summary.until:%Y-%m-%d %H:%M} UTC"
        )
    parts = [
        counted(summary.threads, "thread"),
        counted(summary.events, "event"),
        counted(summary.requests, "request"),
        f"{summary.seconds:.1f} s",
    ]
    damaged = (
        f"; {counted(summary.damaged, 'thread')} could not be read whole, see `threads.damage`"
        if summary.damaged
        else ""
    )
    return f"{summary.outcome} {', '.join(parts)}{damaged}"


@contextmanager
def _orderly_end() -> Generator[None]:
    """Let the system's request to end do what Ctrl-C does."""

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored already, as under `nohup`, stays ignored.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shown_progress(*, shown: bool) -> Generator["OnProgress | None"]:
    """Show a bar on the standard error while an export runs."""
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0, rows="")

        def show(progress: "ExportProgress") -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            position = progress.position
            rate = f", {position.threads / elapsed:,.0f}/s" if elapsed else ""
            rows = (
                f"{counted(position.threads, 'thread')}{rate}, "
                f"{counted(position.requests, 'request')}"
            )
            bar.update(task, completed=progress.part, rows=rows)

        yield show
