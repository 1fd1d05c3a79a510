"""The methods of the official SDK with their parameters, read from the installed package."""

import inspect
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.render.files import SRC, python_text

__all__ = ["files"]

_VERSIONS = ("3.5", "3.6", "3.7")
_CLIENTS = {
    "agent_web": ("livechat.agent.web", "AgentWeb", "AgentWebV"),
    "agent_rtm": ("livechat.agent.rtm", "AgentRTM", "AgentRtmV"),
    "configuration": ("livechat.configuration", "ConfigurationApi", "ConfigurationApiV"),
    "customer_web": ("livechat.customer.web", "CustomerWeb", "CustomerWebV"),
    "customer_rtm": ("livechat.customer.rtm", "CustomerRTM", "CustomerRtmV"),
    "reports": ("livechat.reports", "ReportsApi", "ReportsApiV"),
}


def files() -> dict[Path, str]:
    """Return the text of the table."""
    path = SRC / "migrate" / "official_methods.py"
    return {path: python_text("official_methods.py.j2", **tables())}


def tables() -> dict[str, Any]:
    """Return the parameters of all methods, of making clients, and the newest version of each."""
    methods: dict[str, dict[str, tuple[str, ...]]] = {}
    factories: dict[str, tuple[str, ...]] = {}
    constructors: dict[str, tuple[str, ...]] = {}
    for key, (package, factory, versioned) in _CLIENTS.items():
        base = getattr(import_module(f"{package}.base"), factory)
        factories[key] = _parameters(base.get_client)
        methods[key] = {}
        # The stable version last but one: its parameters count where the versions differ.
        for version in ("3.5", "3.7", "3.6"):
            short = version.replace(".", "")
            cls = getattr(import_module(f"{package}.api.v{short}"), f"{versioned}{short}")
            constructors[key] = _parameters(cls.__init__)
            methods[key] |= {
                name: _parameters(function)
                for name, function in inspect.getmembers(cls, inspect.isfunction)
                if not name.startswith("_")
            }
    return {
        "methods": {key: dict(sorted(table.items())) for key, table in methods.items()},
        "factories": factories,
        "constructors": constructors,
        "names": {key: names[1:] for key, names in _CLIENTS.items()},
    }


def _parameters(function: Any) -> tuple[str, ...]:
    names: Iterable[str] = inspect.signature(function).parameters
    return tuple(name for name in names if name != "self")
