"""The Configuration API: several requests of one method in one call.

Each request is done for itself: one that fails does not fail the others, and its place in
``responses`` has an ``error``. They are done in no promised order.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

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
from frontdesk.spec.actions import Action, Spec
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


class BatchCreateAgents(Action[BatchOfAgents], frozen=True, kw_only=True):
    """Make agents, as `create_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_create_agents",
        api="configuration",
        group="batch",
        returns=BatchOfAgents,
        scopes=CreateAgent.spec.scopes,
        extra_scopes=CreateAgent.spec.extra_scopes,
        transports=("web",),
        push=CreateAgent.spec.push,
        webhook=CreateAgent.spec.webhook,
        repeatable=CreateAgent.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[CreateAgent], Sequence[CreateAgent | Dict]],
        Meta(description="The requests, each as `create_agent` takes it."),
    ]


class BatchUpdateAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Change agents, as `update_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_update_agents",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=UpdateAgent.spec.scopes,
        extra_scopes=UpdateAgent.spec.extra_scopes,
        transports=("web",),
        push=UpdateAgent.spec.push,
        webhook=UpdateAgent.spec.webhook,
        repeatable=UpdateAgent.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[UpdateAgent], Sequence[UpdateAgent | Dict]],
        Meta(description="The requests, each as `update_agent` takes it."),
    ]


class BatchDeleteAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Delete agents, as `delete_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_delete_agents",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=DeleteAgent.spec.scopes,
        extra_scopes=DeleteAgent.spec.extra_scopes,
        transports=("web",),
        push=DeleteAgent.spec.push,
        webhook=DeleteAgent.spec.webhook,
        repeatable=DeleteAgent.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[DeleteAgent], Sequence[DeleteAgent | Dict]],
        Meta(description="The requests, each as `delete_agent` takes it."),
    ]


class BatchSuspendAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Suspend agents, as `suspend_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_suspend_agents",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=SuspendAgent.spec.scopes,
        extra_scopes=SuspendAgent.spec.extra_scopes,
        transports=("web",),
        push=SuspendAgent.spec.push,
        webhook=SuspendAgent.spec.webhook,
        repeatable=SuspendAgent.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[SuspendAgent], Sequence[SuspendAgent | Dict]],
        Meta(description="The requests, each as `suspend_agent` takes it."),
    ]


class BatchUnsuspendAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """End suspensions, as `unsuspend_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_unsuspend_agents",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=UnsuspendAgent.spec.scopes,
        extra_scopes=UnsuspendAgent.spec.extra_scopes,
        transports=("web",),
        push=UnsuspendAgent.spec.push,
        webhook=UnsuspendAgent.spec.webhook,
        repeatable=UnsuspendAgent.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[UnsuspendAgent], Sequence[UnsuspendAgent | Dict]],
        Meta(description="The requests, each as `unsuspend_agent` takes it."),
    ]


class BatchApproveAgents(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Approve agents, as `approve_agent` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_approve_agents",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=ApproveAgent.spec.scopes,
        extra_scopes=ApproveAgent.spec.extra_scopes,
        transports=("web",),
        push=ApproveAgent.spec.push,
        webhook=ApproveAgent.spec.webhook,
        repeatable=ApproveAgent.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[ApproveAgent], Sequence[ApproveAgent | Dict]],
        Meta(description="The requests, each as `approve_agent` takes it."),
    ]


class BatchCreateBots(Action[BatchOfBots], frozen=True, kw_only=True):
    """Make bots, as `create_bot` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_create_bots",
        api="configuration",
        group="batch",
        returns=BatchOfBots,
        scopes=CreateBot.spec.scopes,
        extra_scopes=CreateBot.spec.extra_scopes,
        transports=("web",),
        push=CreateBot.spec.push,
        webhook=CreateBot.spec.webhook,
        repeatable=CreateBot.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[CreateBot], Sequence[CreateBot | Dict]],
        Meta(description="The requests, each as `create_bot` takes it."),
    ]


class BatchUpdateBots(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Change bots, as `update_bot` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_update_bots",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=UpdateBot.spec.scopes,
        extra_scopes=UpdateBot.spec.extra_scopes,
        transports=("web",),
        push=UpdateBot.spec.push,
        webhook=UpdateBot.spec.webhook,
        repeatable=UpdateBot.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[UpdateBot], Sequence[UpdateBot | Dict]],
        Meta(description="The requests, each as `update_bot` takes it."),
    ]


class BatchDeleteBots(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Delete bots, as `delete_bot` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_delete_bots",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=DeleteBot.spec.scopes,
        extra_scopes=DeleteBot.spec.extra_scopes,
        transports=("web",),
        push=DeleteBot.spec.push,
        webhook=DeleteBot.spec.webhook,
        repeatable=DeleteBot.spec.repeatable,
        since=(3, 5),
    )
    requests: Annotated[
        From[list[DeleteBot], Sequence[DeleteBot | Dict]],
        Meta(description="The requests, each as `delete_bot` takes it."),
    ]


class BatchUpdateTranslations(Action[BatchOfChanges], frozen=True, kw_only=True):
    """Change phrases, as `update_translations` does with each; those that fail have an `error`."""

    spec: ClassVar[Spec] = Spec(
        name="batch_update_translations",
        api="configuration",
        group="batch",
        returns=BatchOfChanges,
        scopes=UpdateTranslations.spec.scopes,
        extra_scopes=UpdateTranslations.spec.extra_scopes,
        transports=("web",),
        push=UpdateTranslations.spec.push,
        webhook=UpdateTranslations.spec.webhook,
        repeatable=UpdateTranslations.spec.repeatable,
        since=(3, 7),
    )
    requests: Annotated[
        From[list[UpdateTranslations], Sequence[UpdateTranslations | Dict]],
        Meta(description="The requests, each as `update_translations` takes it."),
    ]
