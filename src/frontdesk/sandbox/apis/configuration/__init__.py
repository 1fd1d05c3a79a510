"""One function per method of the Configuration API."""

from frontdesk.sandbox.apis.configuration import webhooks

__all__ = ["webhooks"]
