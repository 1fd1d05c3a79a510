"""The public names: what users may import, from where, and the anchor that each has."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["MODULES", "anchor_of", "link_targets", "public_names"]

MODULES = (
    "frontdesk",
    "frontdesk.actions",
    "frontdesk.actions.customer",
    "frontdesk.archives",
    "frontdesk.archives.dlt",
    "frontdesk.archives.report",
    "frontdesk.auth",
    "frontdesk.bots",
    "frontdesk.bots.models",
    "frontdesk.bots.registrations",
    "frontdesk.bots.testing",
    "frontdesk.errors",
    "frontdesk.installations",
    "frontdesk.installations.adapters.asgi",
    "frontdesk.installations.adapters.django",
    "frontdesk.installations.adapters.starlette",
    "frontdesk.installations.adapters.wsgi",
    "frontdesk.mcp",
    "frontdesk.models",
    "frontdesk.otel",
    "frontdesk.pushes",
    "frontdesk.recordings",
    "frontdesk.sandbox",
    "frontdesk.testing.plugin",
    "frontdesk.transport",
    "frontdesk.transport.asgi",
    "frontdesk.webhooks",
    "frontdesk.webhooks.adapters.aiohttp",
    "frontdesk.webhooks.adapters.asgi",
    "frontdesk.webhooks.adapters.django",
    "frontdesk.webhooks.adapters.flask",
    "frontdesk.webhooks.adapters.starlette",
    "frontdesk.webhooks.adapters.wsgi",
)
"""The modules that documented code imports from."""

_HOMES = (
    "frontdesk.models",
    "frontdesk.pushes",
    "frontdesk.actions",
    "frontdesk",
    "frontdesk.webhooks",
)
"""Where a name is documented that several modules export, the first that has it."""


def public_names() -> Iterator[tuple[str, str, Any]]:
    """Yield each module, each name of its ``__all__``, and the object of that name."""
    for module in MODULES:
        loaded = import_module(module)
        for name in loaded.__all__:
            value = getattr(loaded, name)
            if not isinstance(value, ModuleType):
                yield module, name, value


def anchor_of(module: str, name: str) -> str:
    """Return the anchor of a public name: that of the module where it is documented."""
    value = getattr(import_module(module), name)
    for home in _HOMES:
        if getattr(import_module(home), name, None) is value:
            return f"{home}.{name}"
    return f"{module}.{name}"


def link_targets() -> dict[str, str]:
    """Return the anchor that a name in a type leads to."""
    targets: dict[str, str] = {}
    for module, name, _ in public_names():
        targets.setdefault(name, anchor_of(module, name))
    # Of the names that stand for several things, models are the ones that types mention.
    models = import_module("frontdesk.models")
    return targets | {name: f"frontdesk.models.{name}" for name in models.__all__}
