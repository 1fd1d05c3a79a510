"""Bots: handlers declared on a ``Bot``, run in one process or on many machines.

Nothing here needs an extra: engines and state stores that do are modules of their own.
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from frontdesk.bots.bot import Bot
from frontdesk.bots.context import Context, HandOver, SyncContext
from frontdesk.bots.engines.base import (
    Claim,
    DeadLetter,
    Engine,
    PartitionStatus,
    QueueStatus,
    Work,
)
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.handlers.router import Router
from frontdesk.bots.handlers.routes import CallNext
from frontdesk.bots.identity import Identities, Identity, OneBot
from frontdesk.bots.items import QueueItem
from frontdesk.bots.service import BotService
from frontdesk.bots.states.base import StateStore, StoredState
from frontdesk.bots.states.memory import MemoryStateStore
from frontdesk.bots.states.nats import NatsStateStore
from frontdesk.bots.states.redis import RedisStateStore
from frontdesk.bots.states.sqlite import SQLiteStateStore
from frontdesk.bots.work.schedule import Tick
from frontdesk.bots.work.worker import BotCounts
from frontdesk.webhooks.processing import HandlerRetry

__all__ = [
    "Bot",
    "BotCounts",
    "BotService",
    "CallNext",
    "Claim",
    "Context",
    "DeadLetter",
    "Engine",
    "HandOver",
    "HandlerRetry",
    "Identities",
    "Identity",
    "LocalEngine",
    "MemoryStateStore",
    "NatsEngine",
    "NatsStateStore",
    "OneBot",
    "PartitionStatus",
    "QueueItem",
    "QueueStatus",
    "RedisStateStore",
    "Router",
    "SQLiteStateStore",
    "StateStore",
    "StoredState",
    "SyncContext",
    "Tick",
    "Work",
]
