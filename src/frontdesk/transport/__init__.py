"""How bytes move: the only package that imports network libraries."""

from frontdesk.core.http_messages import Body, Reply, Request
from frontdesk.transport.base import AsyncTransport, Transport

__all__ = ["AsyncTransport", "Body", "Reply", "Request", "Transport"]
