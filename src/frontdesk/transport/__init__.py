"""How bytes move: the only package that imports network libraries."""

from frontdesk.transport.base import AsyncTransport, Body, Reply, Request, Transport

__all__ = ["AsyncTransport", "Body", "Reply", "Request", "Transport"]
