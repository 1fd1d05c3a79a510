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
        "frontdesk.actions._base": [
            "ACTIONS",
            "CONFIGURATION_ACTIONS",
            "Action",
            "Page",
            "Scopes",
            "Spec",
        ]
    },
    "models": {"frontdesk.models._base": ["Model", "Properties"]},
    "pushes": {"frontdesk.pushes._base": ["PUSHES", "Push", "PushSpec", "UnknownPush"]},
    "webhooks": {
        "frontdesk.pushes": [
            payload.__name__
            for payload in PAYLOADS.values()
            if payload.__module__.startswith("frontdesk.pushes.")
        ],
        "frontdesk.webhooks._answers": ["Answer"],
        "frontdesk.webhooks._handlers": ["AnyWebhook"],
        "frontdesk.webhooks._journal": ["Journal"],
        "frontdesk.webhooks._parsing": [
            "AdditionalData",
            "Initiator",
            "UnknownWebhook",
            "Webhook",
            "parse",
        ],
        "frontdesk.webhooks._payloads": [
            "PAYLOADS",
            "ActiveChat",
            "CustomerSessionFieldsUpdated",
            "Payload",
            "RoutingStatusSet",
        ],
        "frontdesk.webhooks._processing": ["Counts", "HandlerRetry"],
        "frontdesk.webhooks._receiver": ["Receiver"],
        "frontdesk.webhooks._seen": ["MemorySeen", "SeenStore"],
    },
}
"""What else a package exports: from its underscored modules, and from other packages."""

_APART = {
    "pushes": ["subjects"],
    "webhooks": ["aiohttp", "asgi", "django", "flask", "starlette", "wsgi"],
}
"""Modules that users import by their own names."""


def files() -> dict[Path, str]:
    """Return the text of each package's ``__init__.py``; their docstrings stay as they are."""
    return {SRC / package / "__init__.py": _text(package) for package in _ALSO}


def _text(package: str) -> str:
    exports = dict(_ALSO[package])
    for module in pkgutil.iter_modules([str(SRC / package)]):
        if not module.name.startswith("_") and module.name not in _APART.get(package, ()):
            name = f"frontdesk.{package}.{module.name}"
            exports[name] = import_module(name).__all__
    docstring = ast.get_docstring(ast.parse((SRC / package / "__init__.py").read_text()))
    names = [name for names in exports.values() for name in names]
    return python_text("exports.py.j2", docstring=docstring, exports=exports, names=names)
