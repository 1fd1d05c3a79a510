"""``frontdesk report``: figures over an export."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.output.terminal import TextPrinter, print_json, say
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import counted

__all__ = ["WIDTH", "register"]

WIDTH: Final = 80
PAGE: Final = Path("report.html")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", cls=PlainCommand)(report)


def report(
    export: Annotated[
        str | None,
        typer.Argument(
            metavar="EXPORT",
            help="What `frontdesk export` wrote: a folder, a URL or a .duckdb file.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="First day, or a time; defaults to that of the last calendar month that the "
            "export holds as a whole.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="The day after the last, or a time; defaults to the end of that month, or, with "
            "--since, of the export.",
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="The time zone of days and hours, such as Europe/Berlin; defaults to this "
            "machine's.",
        ),
    ] = None,
    groups: Annotated[
        list[int] | None,
        typer.Option(
            "--group", metavar="ID", help="Only chats of this group; can be given several times."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the page is written; defaults to report.html here."
        ),
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no page.")] = False,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Write the figures as CSV too: into one file (*.csv), or a file a figure into a "
            "folder.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON instead of tables.")
    ] = False,
    names: Annotated[
        bool,
        typer.Option(
            "--names",
            help="Name and quote customers: who came most, who left the queue, what they wrote "
            "with ratings. Agents are always named.",
        ),
    ] = False,
    queries: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="SQL files of your own: those named like one of the report's replace it, others "
            "are shown too.",
        ),
    ] = None,
    write_queries: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the report's SQL files there, to be changed, and exit."
        ),
    ] = None,
) -> None:
    """Show what happened in exported chats.

    Chats by day and hour, response times, durations, queues, missed chats, ratings, tags, groups,
    agents, bots, customers and countries, against the period before: in the terminal, and as one
    HTML page that needs no network. Customers are neither named nor quoted without --names.
    """
    from frontdesk.extras import importing_extra

    if no_html and html is not None:
        raise InvalidArgument("no_html", "cannot be given with `--html`")
    with importing_extra("report", "frontdesk report"):
        from frontdesk.archives.report import files, html_page, load_queries, report_on, screen
        from frontdesk.archives.report import write_queries as write_files
        from frontdesk.archives.report.period import machine_zone, parse_time, zone_of

    if write_queries is not None:
        written = write_files(write_queries)
        say(f"{counted(len(written), 'file')} written to {write_queries}; files there stay as are")
        return
    if export is None:
        raise InvalidArgument("export", "is required: the path of what `frontdesk export` wrote")
    page = None if no_html else html or PAGE
    if html is None and page is not None:
        files.check_page(page)
    zone = zone_of(machine_zone() if timezone is None else timezone)
    begin = None if since is None else parse_time(since, zone, "since")
    end = None if until is None else parse_time(until, zone, "until")
    if begin is not None and end is not None and begin >= end:
        raise InvalidArgument("since", "must be before the end of the period, `--until`")
    made = report_on(
        export,
        since=begin,
        until=end,
        timezone=timezone,
        groups=groups or (),
        names=names,
        queries=load_queries(queries),
    )
    if page is not None:
        files.write_text(page, html_page(made))
    if csv is not None:
        files.write_csv(made, csv)
    if as_json:
        print_json(files.json_report(made))
    else:
        screen.show_report(made, TextPrinter(WIDTH))
    places = [os.fspath(path) for path in (page, csv) if path is not None]
    if places:
        say(f"written: {', '.join(places)}")
