"""The fixtures of the tests about webhooks, whose receivers these deliver to."""

from ...webhooks.conftest import register, target

__all__ = ["register", "target"]
