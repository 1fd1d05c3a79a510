"""Comparing the sandbox with the service that it stands for.

Stories are run on both, or a recording is replayed into the sandbox, and the differences are
listed. They name fields, types and documented words, and never what somebody wrote.
"""

from frontdesk.parity.comparing import Comparison, Difference
from frontdesk.parity.corpus_run import compare_corpus
from frontdesk.parity.report import Report, update_verified
from frontdesk.parity.run import Plan, Side, plan_of, run_stories
from frontdesk.parity.stories import NO_HOST, STORIES, Story

__all__ = [
    "NO_HOST",
    "STORIES",
    "Comparison",
    "Difference",
    "Plan",
    "Report",
    "Side",
    "Story",
    "compare_corpus",
    "plan_of",
    "run_stories",
    "update_verified",
]
