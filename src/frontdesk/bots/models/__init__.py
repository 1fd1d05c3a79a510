"""Language models behind a bot: what they are given, what they may do, and what they cost.

No model's library is needed: these are messages, tools and texts, and the client of any provider
sends them.
"""

from frontdesk.bots.models.budgets import ModelBudget, ModelUsage, tokens_of
from frontdesk.bots.models.fakes import FakeModel
from frontdesk.bots.models.handing_over import SUMMARY_PROMPT, HandedOver, SummaryModel, summarize
from frontdesk.bots.models.messages import ModelAttachment, ModelMessage, Transcript
from frontdesk.bots.models.scripts import FakeReply, FakeRequest, FakeToolCall, ScriptEnded
from frontdesk.bots.models.streaming import StreamedReply, stream
from frontdesk.bots.models.transcripts import fetch_transcript, transcript
from frontdesk.clients.tools import AsyncTools, ToolResult, Tools, tools
from frontdesk.spec.tools import ToolDescription

__all__ = [
    "SUMMARY_PROMPT",
    "AsyncTools",
    "FakeModel",
    "FakeReply",
    "FakeRequest",
    "FakeToolCall",
    "HandedOver",
    "ModelAttachment",
    "ModelBudget",
    "ModelMessage",
    "ModelUsage",
    "ScriptEnded",
    "StreamedReply",
    "SummaryModel",
    "ToolDescription",
    "ToolResult",
    "Tools",
    "Transcript",
    "fetch_transcript",
    "stream",
    "summarize",
    "tokens_of",
    "tools",
    "transcript",
]
