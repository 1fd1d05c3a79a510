"""The Configuration API: several requests of one method in one call.

Each request is done for itself: one that fails does not fail the others, and its place in
``responses`` has an ``error``. They are done in no promised order.
"""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from msgspec import Meta
from msgspec.structs import replace

from frontdesk.actions.configuration.agents import (
    ApproveAgent,
    CreateAgent,
    DeleteAgent,
    SuspendAgent,
    UnsuspendAgent,
    UpdateAgent,
)
from frontdesk.actions.configuration.bots import CreateBot, DeleteBot, UpdateBot
from frontdesk.actions.configuration.widget import UpdateTranslations
from frontdesk.models import BatchOfAgents, BatchOfBots, BatchOfChanges
from frontdesk.models.base import Result
from frontdesk.spec.actions import Action, Spec, Version
from frontdesk.spec.fields import Dict, From

__all__ = [
    "BatchApproveAgents",
    "BatchCreateAgents",
    "BatchCreateBots",
    "BatchDeleteAgents",
    "BatchDeleteBots",
    "BatchSuspendAgents",
    "BatchUnsuspendAgents",
    "BatchUpdateAgents",
    "BatchUpdateBots",
    "BatchUpdateTranslations",
]


def _batch(
    name: str, single: type[Action[Any]], returns: type[Result], since: Version = (3, 5)
) -> Spec:
    """What the docs say of a batch: in all else it is as its single method."""
    return replace(single.spec, name=name, group="batch", returns=returns, errors=(), since=since)


class BatchCreateAgents(Action[BatchOfAgents], frozen=True, kw_only=True):
    """Make agents, as `create_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_create_agents", CreateAgent, BatchOfAgents)
    requests: Annotated[
        From[list[CreateAgent], Sequence[CreateAgent | Dict]],
        Meta(description="The requests, each as `create_agent` takes it."),
    ]


class BatchUpdateAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Change agents, as `update_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_update_agents", UpdateAgent, BatchOfChanges)
    requests: Annotated[
        From[list[UpdateAgent], Sequence[UpdateAgent | Dict]],
        Meta(description="The requests, each as `update_agent` takes it."),
    ]


class BatchDeleteAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Delete agents, as `delete_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_delete_agents", DeleteAgent, BatchOfChanges)
    requests: Annotated[
        From[list[DeleteAgent], Sequence[DeleteAgent | Dict]],
        Meta(description="The requests, each as `delete_agent` takes it."),
    ]


class BatchSuspendAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Suspend agents, as `suspend_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_suspend_agents", SuspendAgent, BatchOfChanges)
    requests: Annotated[
        From[list[SuspendAgent], Sequence[SuspendAgent | Dict]],
        Meta(description="The requests, each as `suspend_agent` takes it."),
    ]


class BatchUnsuspendAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """End suspensions, as `unsuspend_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_unsuspend_agents", UnsuspendAgent, BatchOfChanges)
    requests: Annotated[
        From[list[UnsuspendAgent], Sequence[UnsuspendAgent | Dict]],
        Meta(description="The requests, each as `unsuspend_agent` takes it."),
    ]


class BatchApproveAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Approve agents, as `approve_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_approve_agents", ApproveAgent, BatchOfChanges)
    requests: Annotated[
        From[list[ApproveAgent], Sequence[ApproveAgent | Dict]],
        Meta(description="The requests, each as `approve_agent` takes it."),
    ]


class BatchCreateBots(Action[BatchOfBots], frozen=True, kw_only=True):
    """Make bots, as `create_bot` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_create_bots", CreateBot, BatchOfBots)
    requests: Annotated[
        From[list[CreateBot], Sequence[CreateBot | Dict]],
        Meta(description="The requests, each as `create_bot` takes it."),
    ]


class BatchUpdateBots(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Change bots, as `update_bot` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_update_bots", UpdateBot, BatchOfChanges)
    requests: Annotated[
        From[list[UpdateBot], Sequence[UpdateBot | Dict]],
        Meta(description="The requests, each as `update_bot` takes it."),
    ]


class BatchDeleteBots(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Delete bots, as `delete_bot` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch("batch_delete_bots", DeleteBot, BatchOfChanges)
    requests: Annotated[
        From[list[DeleteBot], Sequence[DeleteBot | Dict]],
        Meta(description="The requests, each as `delete_bot` takes it."),
    ]


class BatchUpdateTranslations(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Change phrases, as `update_translations` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = _batch(
        "batch_update_translations", UpdateTranslations, BatchOfChanges, since=(3, 7)
    )
    requests: Annotated[
        From[list[UpdateTranslations], Sequence[UpdateTranslations | Dict]],
        Meta(description="The requests, each as `update_translations` takes it."),
    ]
