"""The export lists of the subpackages: what their public modules name in ``__all__``.

The lists are read, not imported: what is new cannot be imported before it is exported.
"""

import ast
from pathlib import Path

from tools.render.files import SRC, python_text

__all__ = ["exports_of", "files"]

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
        "frontdesk.actions.customer": ["CUSTOMER_ACTIONS"],
    },
    "actions/customer": {"frontdesk.spec.actions": ["CUSTOMER_ACTIONS"]},
    "auth": {
        "frontdesk.auth._tokens": [
            "BearerToken",
            "PersonalAccessToken",
            "Token",
            "TokenGetter",
            "TokenLike",
            "TokenProvider",
            "as_token",
        ],
        "frontdesk.auth.bot_tokens": ["BotToken"],
        "frontdesk.auth.customer_grants": [
            "CustomerCookies",
            "CustomerTokenInfo",
            "IdentityTransfer",
        ],
        "frontdesk.auth.customer_tokens": ["CustomerToken", "CustomerTokenOptions"],
        "frontdesk.auth.grants": ["LoginAttempt", "TokenGrant", "TokenInfo"],
        "frontdesk.auth.oauth": ["AsyncOAuth", "AsyncOAuthToken", "OAuth", "OAuthToken"],
        "frontdesk.auth.stores": [
            "FileTokenStore",
            "KeyringTokenStore",
            "MemoryTokenStore",
            "Record",
            "RecordStore",
            "RedisTokenStore",
            "TokenStore",
        ],
    },
    "bots": {
        "frontdesk.bots.bot": ["Bot"],
        "frontdesk.bots.context": ["Context", "HandOver", "SyncContext"],
        "frontdesk.bots.engines.base": [
            "Claim",
            "DeadLetter",
            "Engine",
            "PartitionStatus",
            "QueueStatus",
            "Work",
        ],
        "frontdesk.bots.engines.local": ["LocalEngine"],
        "frontdesk.bots.engines.nats": ["NatsEngine"],
        "frontdesk.bots.identity": ["Identities", "Identity", "OneBot"],
        "frontdesk.bots.items": ["QueueItem"],
        "frontdesk.bots.handlers.router": ["Router"],
        "frontdesk.bots.handlers.routes": ["CallNext"],
        "frontdesk.bots.work.schedule": ["Tick"],
        "frontdesk.bots.service": ["BotService"],
        "frontdesk.bots.states.base": ["StateStore", "StoredState"],
        "frontdesk.bots.states.memory": ["MemoryStateStore"],
        "frontdesk.bots.states.nats": ["NatsStateStore"],
        "frontdesk.bots.states.redis": ["RedisStateStore"],
        "frontdesk.bots.states.sqlite": ["SQLiteStateStore"],
        "frontdesk.bots.work.worker": ["BotCounts"],
        "frontdesk.webhooks.processing": ["HandlerRetry"],
    },
    "models": {"frontdesk.models.base": ["Model", "Properties"]},
    "pushes": {"frontdesk.pushes.base": ["PUSHES", "Push", "PushSpec", "UnknownPush"]},
}
"""What else a package exports: from its own modules, and from other packages."""

_SOURCES: dict[str, tuple[str, ...]] = {
    "auth": (),
    "bots": (),
    "actions": ("agent", "configuration"),
    # Names such as `SendEvent` are in both chat APIs, so that these are in a package of their own.
    "actions/customer": (
        "chats",
        "configuration",
        "customers",
        "events",
        "greetings",
        "other",
        "properties",
        "status",
    ),
    "models": (
        "chats",
        "configuration",
        "customer_chat",
        "events",
        "requests",
        "responses",
        "users",
    ),
    "pushes": (
        "chats",
        "configuration",
        "customer_chat",
        "customers",
        "decoding",
        "indicators",
        "multicast",
        "queues",
        "session",
    ),
}
"""The modules and packages of each package whose ``__all__`` it exports as a whole."""


_LATER: dict[str, tuple[tuple[str, ...], ...]] = {
    "actions": (("configuration",), ("customer",)),
    "auth": (("bot_tokens", "grants", "oauth", "stores"), ("customer_grants", "customer_tokens")),
    "models": (("customer_chat",),),
    "pushes": (("customer_chat",),),
}
"""The sources of a package that are loaded when one of their names is first asked for: most
programs use no method of the Configuration API, whose declarations are a tenth of what they import,
are no customers, and have a token that was given to them. One group is loaded after the other,
until one has the name."""


def files() -> dict[Path, str]:
    """Return the text of each package's ``__init__.py``; their docstrings stay as they are."""
    return {SRC / package / "__init__.py": _text(package) for package in _ALSO}


def exports_of(package: str, exports: dict[str, list[str]], later: list[list[str]]) -> str:
    """Return the text of an ``__init__.py`` that exports names of modules.

    ``later`` are the groups of modules that are loaded when one of their names is first asked for.
    """
    docstring = ast.get_docstring(ast.parse((SRC / package / "__init__.py").read_text()))
    names = [name for names in exports.values() for name in names]
    return python_text(
        "exports.py.j2",
        docstring=docstring,
        exports=exports,
        names=names,
        groups=later,
        later=[module for group in later for module in group],
    )


def _text(package: str) -> str:
    exports = dict(_ALSO[package])
    for source in _SOURCES[package]:
        for path in _modules(SRC / package / source):
            exports[".".join(path.relative_to(SRC.parent).with_suffix("").parts)] = _names(path)
    later: list[list[str]] = []
    for parts in _LATER.get(package, ()):
        modules = tuple(f"frontdesk.{package}.{part}" for part in parts)
        later.append([name for name in exports if name.startswith(modules)])
    return exports_of(package, exports, later)


def _modules(source: Path) -> list[Path]:
    """The module of a name, or those of the package of that name."""
    if source.is_dir():
        return sorted(path for path in source.glob("*.py") if path.stem != "__init__")
    return [source.with_suffix(".py")]


def _names(path: Path) -> list[str]:
    for statement in ast.parse(path.read_text()).body:
        match statement:
            case ast.Assign(targets=[ast.Name("__all__")], value=value):
                names: list[str] = ast.literal_eval(value)
                return names
    raise ValueError(f"{path} has no `__all__`")
