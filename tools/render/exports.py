"""The export lists of the subpackages: what their public modules name in ``__all__``."""

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

from tools.render.files import SRC, python_text

from frontdesk.webhooks import PAYLOADS

__all__ = ["files"]

_ALSO = {
    "actions": {
        "frontdesk.spec.actions": [
            "ACTIONS",
            "Action",
            "ExtraScopes",
            "Paging",
            "Scopes",
            "Spec",
        ],
        "frontdesk.actions.configuration": ["CONFIGURATION_ACTIONS"],
    },
    "models": {"frontdesk.models.base": ["Model", "Properties"]},
    "pushes": {"frontdesk.pushes.base": ["PUSHES", "Push", "PushSpec", "UnknownPush"]},
    "webhooks": {
        "frontdesk.pushes": [
            payload.__name__
            for payload in PAYLOADS.values()
            if payload.__module__.startswith("frontdesk.pushes.")
        ],
        "frontdesk.webhooks.responses": ["WebhookResponse"],
        "frontdesk.webhooks.handlers": ["AnyWebhook"],
        "frontdesk.webhooks.journal": ["Journal"],
        "frontdesk.webhooks.parsing": [
            "AdditionalData",
            "Initiator",
            "UnknownWebhook",
            "Webhook",
            "parse",
        ],
        "frontdesk.webhooks.payloads": [
            "PAYLOADS",
            "ActiveChat",
            "CustomerSessionFieldsUpdated",
            "Payload",
            "RoutingStatusSet",
        ],
        "frontdesk.webhooks.processing": ["Counts", "HandlerRetry"],
        "frontdesk.webhooks.receiver": ["Receiver"],
        "frontdesk.webhooks.deduplication": ["MemorySeen", "SeenStore"],
    },
}
"""What else a package exports: from its underscored modules, and from other packages."""

_SOURCES = {
    "actions": ("agent", "configuration"),
    "models": (
        "chats",
        "configuration",
        "events",
        "requests",
        "responses",
        "users",
    ),
    "pushes": (
        "chats",
        "configuration",
        "customers",
        "decoding",
        "indicators",
        "multicast",
        "queues",
        "session",
    ),
    "webhooks": (),
}
"""The modules and packages of each package whose ``__all__`` it exports as a whole."""


_LATER = {"actions": "configuration"}
"""The source of a package that is loaded when one of its names is first asked for: most programs
use no method of the Configuration API, and its declarations are a tenth of what they import."""


def files() -> dict[Path, str]:
    """Return the text of each package's ``__init__.py``; their docstrings stay as they are."""
    return {SRC / package / "__init__.py": _text(package) for package in _ALSO}


def _text(package: str) -> str:
    exports = dict(_ALSO[package])
    for source in _SOURCES[package]:
        for name in _modules(f"frontdesk.{package}.{source}"):
            exports[name] = import_module(name).__all__
    part = _LATER.get(package)
    later = [name for name in exports if part and name.startswith(f"frontdesk.{package}.{part}")]
    docstring = ast.get_docstring(ast.parse((SRC / package / "__init__.py").read_text()))
    names = [name for names in exports.values() for name in names]
    return python_text(
        "exports.py.j2", docstring=docstring, exports=exports, names=names, later=later
    )


def _modules(name: str) -> list[str]:
    """The module of a name, or those of the package of that name."""
    path = getattr(import_module(name), "__path__", None)
    if path is None:
        return [name]
    return [f"{name}.{module.name}" for module in pkgutil.iter_modules(path)]
