"""What a comparison has found, and what it says of the sandbox's rules."""

import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.errors import InvalidArgument
from frontdesk.parity.comparing import Difference
from frontdesk.parity.stories import STORIES, Story
from frontdesk.sandbox.describe.verified import (
    Verdict,
    all_rules,
    read_verdicts,
    rule_id_of,
    write_verdicts,
)

__all__ = ["Report", "StoryResult", "rules_of", "update_verified"]


class StoryResult(Struct, kw_only=True, omit_defaults=True):
    """A story over one transport, or one call of a recording."""

    story: str
    via: str = ""
    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    """Why it was not compared."""
    problem: str = ""
    """The name of an error that ended it although no difference was found before."""
    methods: tuple[str, ...] = ()


class Report(Struct, kw_only=True):
    """What was found."""

    results: list[StoryResult]
    requests: int = 0
    """Requests that the service got."""

    @property
    def differences(self) -> list[Difference]:
        """All differences."""
        return [difference for result in self.results for difference in result.differences]

    @property
    def skipped(self) -> list[StoryResult]:
        """What was not compared."""
        return [result for result in self.results if result.skipped]

    @property
    def problems(self) -> list[StoryResult]:
        """What ended before its end."""
        return [result for result in self.results if result.problem]

    @property
    def equal(self) -> bool:
        """Whether something was compared, all of it to its end, and nothing differs."""
        compared = len(self.results) > len(self.skipped)
        return compared and not self.differences and not self.problems

    def verdicts(self, on: date, stories: Iterable[Story] = STORIES) -> dict[str, Verdict]:
        """Return what stories say of the rules that they cover, by the ids of the rules.

        A rule is verified when all runs of its stories were compared to their end without a
        difference at its method, and differs when one was found there.
        """
        verdicts: dict[str, Verdict] = {}
        for story in stories:
            runs = [result for result in self.results if result.story == story.name]
            if not runs or any(run.skipped or run.problem for run in runs):
                continue
            for owner, rule_id in rules_of(story):
                found = [
                    str(difference)
                    for run in runs
                    for difference in run.differences
                    if owner not in story.methods or difference.method in (owner, "")
                ]
                before = verdicts.get(rule_id)
                if found:
                    verdicts[rule_id] = Verdict(state="differs", on=on, note=found[0])
                elif before is None:
                    verdicts[rule_id] = Verdict(state="verified", on=on)
        return verdicts

    def as_json(self, on: date) -> bytes:
        """Return the report as JSON, with what it says of rules."""
        rules = {
            rule_id: {
                "state": verdict.state,
                "on": verdict.on.isoformat(),
                "note": verdict.note,
                "rule": all_rules()[rule_id][1].text,
            }
            for rule_id, verdict in self.verdicts(on).items()
        }
        content: dict[str, Any] = {
            "equal": self.equal,
            "requests": self.requests,
            "differences": [msgspec.to_builtins(difference) for difference in self.differences],
            "skipped": [
                {"story": one.story, "via": one.via, "why": one.skipped} for one in self.skipped
            ],
            "problems": [
                {"story": one.story, "via": one.via, "error": one.problem} for one in self.problems
            ],
            "rules": rules,
        }
        return json.dumps(content).encode()


def rules_of(story: Story) -> list[tuple[str, str]]:
    """Return the rules that a story covers: what they stand under, and their ids."""
    return [(owner, rule_id_of(owner, begin)) for owner, begin in story.covers]


def update_verified(path: str | os.PathLike[str], verdicts: dict[str, Verdict]) -> int:
    """Add verdicts to the data file of the fidelity page; later ones replace earlier ones.

    Returns:
        How many rules the file has a verdict of now.

    Raises:
        InvalidArgument: The file is no data file of verdicts.
    """
    path = Path(path)
    try:
        before = read_verdicts(path) if path.exists() else {}
    except (msgspec.DecodeError, UnicodeError, OSError) as error:
        raise InvalidArgument("FILE", f"{path} is no file of verdicts: {error}") from None
    merged = {**before, **verdicts}
    write_verdicts(path, merged)
    return len(merged)
