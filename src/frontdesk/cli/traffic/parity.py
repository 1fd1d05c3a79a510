"""``frontdesk parity``: compare the sandbox with the service that it stands for."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli.arguments.confirmation import confirm_for_good
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.arguments.organizations import OrganizationId
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.terminal import print_json, print_line, say
from frontdesk.cli.traffic.replay import read_recording
from frontdesk.clients.options import base_url_of
from frontdesk.errors import InvalidArgument, MissingToken
from frontdesk.grammar import counted, listed

if TYPE_CHECKING:
    from frontdesk.parity import Plan, Report

__all__ = ["register_commands"]


class Way(StrEnum):
    """A transport of the API."""

    WEB = "web"
    RTM = "rtm"


def register_commands(app: typer.Typer) -> None:
    """Add the command."""
    app.command("parity", cls=PlainCommand)(parity)


def parity(
    story: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Run this story alone. Can be given several times."),
    ] = None,
    via: Annotated[
        list[Way] | None,
        typer.Option(
            metavar="[web|rtm]",
            help="Over this transport alone; `rtm` leaves out the stories of the Configuration "
            "API. Can be given several times.",
        ),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Compare with a recording of `frontdesk record` instead: nothing is sent.",
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="NUMBER",
            help="Most requests that the service may get.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done and what it costs.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Add to this file which rules of the sandbox were verified and which differ: "
            "src/frontdesk/sandbox/describe/verified.json of a clone.",
        ),
    ] = None,
    organization_id: OrganizationId = None,
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Compare the sandbox with your licence, or with a recording.

    Runs a few short stories on the service and on a sandbox in this process, and prints in what
    they differ: fields, types, words, errors, statuses, order, pushes. Use a trial licence. Stories
    start chats without customers, make groups, tags, bots, properties and webhooks that nobody
    uses, touch nothing else, and take all of it away in the end, also after Ctrl-C. Those of the
    Configuration API run over Web alone. Exit code 0: no differences; 1: some, or nothing could be
    compared.
    """
    if corpus is not None:
        _refuse(story=story, via=via, budget=budget, dry_run=dry_run, save=save)
        from frontdesk.parity import compare_corpus

        _show(compare_corpus(read_recording(corpus, "--corpus")), as_json=as_json)
        return
    from frontdesk.parity import STORIES, plan_of

    target = base_url_of(base_url)
    plan = plan_of(STORIES, story or (), [way.value for way in via or Way])
    if save is not None and is_local(target):
        raise InvalidArgument("--save", "is for comparisons with LiveChat, not with a sandbox")
    if dry_run:
        _show_plan(plan, target)
        return
    if budget is not None and budget < plan.calls:
        raise InvalidArgument("--budget", f"must be at least {plan.calls}: the plan takes as much")
    if token is None:
        raise MissingToken("set FRONTDESK_TOKEN to a token of a trial licence, or log in")
    if "rtm" in plan.via and not organization_id and not is_local(target):
        raise InvalidArgument("--organization-id", "is required for RTM; or give `--via web`")
    if not yes and not is_local(target):
        _show_plan(plan, target)
        confirm_for_good("Shall the stories run?", service(target))
    report = _run(plan, target, token, organization_id, budget)
    if save is not None:
        from frontdesk.parity import update_verified

        verdicts = report.verdicts(_today())
        count = update_verified(save, verdicts)
        say(f"frontdesk: {counted(len(verdicts), 'rule')} added to {save}, which has {count} now")
    _show(report, as_json=as_json)


def _refuse(**others: Any) -> None:
    for name, value in others.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise InvalidArgument(option, "cannot be given together with `--corpus`")


def _run(
    plan: "Plan", target: str, token: Any, organization_id: str | None, budget: int | None
) -> "Report":
    from frontdesk.core.retry import Meter
    from frontdesk.parity import NO_HOST, Side, run_stories
    from frontdesk.sandbox import Sandbox

    meter = Meter(plan.calls if budget is None else budget)
    say(f"frontdesk: comparing the sandbox with {service(target)}")
    with Sandbox("quiet", served="rtm" in plan.via, webhook_hosts=(NO_HOST,)) as sandbox:
        ours = Side(
            sandbox.url,
            sandbox.tokens["owner"],
            organization_id=sandbox.organization_id,
            transport=None if "rtm" in plan.via else _embedded(sandbox),
        )
        theirs = Side(target, token, organization_id=organization_id, meter=meter)
        return run_stories(
            plan,
            theirs,
            ours,
            on_story=lambda story, way: say(f"frontdesk: {story.name} over {way}: {story.title}"),
            on_left=lambda left: say(
                f"frontdesk: still there, please close or delete: {', '.join(left)} (the texts and "
                "names begin with `frontdesk parity`)"
            ),
        )


def _embedded(sandbox: Any) -> Any:
    from frontdesk.sandbox.serve.embedded import DirectTransport

    return lambda: DirectTransport(sandbox.backend, sandbox.url)


def _show_plan(plan: "Plan", target: str) -> None:
    say(f"frontdesk: what would be done on {service(target)}:")
    width = max(len(story.name) for story in plan.stories)
    for story in plan.stories:
        cost = counted(plan.cost(story), "request")
        over = "" if len(story.via) > 1 else " (over Web alone)"
        say(f"  {story.name:<{width}} {cost:>12}  {story.title}{over}")
    say(f"  together {counted(plan.calls, 'request')} at most over {' and '.join(plan.via)}")
    made = plan.makes
    chats = made.pop("chat", 0)
    if chats:
        say(
            f"  {counted(chats, 'chat')} without customers, started and closed again; they stay in "
            "the archives"
        )
    if made:
        things = listed([counted(count, noun) for noun, count in made.items()])
        say(f"  {things} that nobody uses, made and deleted again")
    say(f"  the token needs: {'; '.join(plan.scopes) or 'no scope'}")


def _show(report: "Report", *, as_json: bool) -> None:
    for result in report.skipped:
        way = f" over {result.via}" if result.via else ""
        say(f"frontdesk: {result.story}{way} was not compared: {result.skipped}")
    for result in report.problems:
        say(f"frontdesk: {result.story} over {result.via} ended early: {result.problem}")
    if as_json:
        print_json(report.as_json(_today()))
    else:
        for difference in report.differences:
            print_line(f"{difference.story} over {difference.via}: {difference}")
    compared = len(report.results) - len(report.skipped)
    say(
        f"frontdesk: {counted(len(report.differences), 'difference')}; {compared} of "
        f"{len(report.results)} compared, {counted(report.requests, 'request')} sent to the service"
    )
    if not report.equal:
        raise typer.Exit(1)


def _today() -> Any:
    return datetime.now(UTC).date()
