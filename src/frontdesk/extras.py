"""The packages beyond the base, and the error that says how to install those that are missing."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final

from frontdesk.errors import MissingDependency

__all__ = ["EXTRAS", "importing_extra", "importing_package"]

EXTRAS: Final[dict[str, dict[str, str]]] = {
    "cli": {"typer": "typer", "rich": "rich"},
    "sandbox": {
        "uvicorn": "uvicorn",
        "httptools": "httptools",
        "python_multipart": "python-multipart",
        "trustme": "trustme",
    },
    "migrate": {"libcst": "libcst"},
    "archives": {"pyarrow": "pyarrow", "filelock": "filelock", "fsspec": "fsspec"},
    "delta": {"deltalake": "deltalake"},
    "duckdb": {"duckdb": "duckdb"},
    "dlt": {"dlt": "dlt"},
    "report": {"duckdb": "duckdb", "pygal": "pygal", "jinja2": "jinja2", "tzlocal": "tzlocal"},
    "keyring": {"keyring": "keyring"},
    "redis": {"redis": "redis"},
    "nats": {"nats": "nats-py"},
    "mcp": {"mcp": "mcp"},
    "otel": {"opentelemetry": "opentelemetry-api"},
}
"""Extra -> module -> package. uvloop makes the sandbox faster, and is not required."""


@contextmanager
def importing_extra(
    extra: str, user: str, *, install: str | None = None
) -> Generator[None, None, None]:
    """Import what needs an extra; raises ``MissingDependency`` for the packages that are missing.

    All packages of the extra must be there, even those that are imported later: so one error names
    them all.

    Args:
        extra: a key of ``EXTRAS``.
        user: what needs them, as a message names it.
        install: the extra to install; defaults to ``extra``.
    """
    packages = EXTRAS[extra]
    target = f"frontdesk[{install or extra}]"
    missing = [package for module, package in packages.items() if not _is_installed(module)]
    if missing:
        raise MissingDependency(user, missing, target)
    try:
        yield
    except ModuleNotFoundError as error:
        package = packages.get(_top(error))
        if package is None:
            raise
        raise MissingDependency(user, [package], target) from None


@contextmanager
def importing_package(package: str, user: str) -> Generator[None, None, None]:
    """Import a package that comes with no extra; raises ``MissingDependency`` if it is missing.

    Args:
        package: the package as its own docs write it; its module is the same in lower case.
        user: what needs it, as a message names it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if _top(error) != package.lower():
            raise
        raise MissingDependency(user, [package], package.lower()) from None


def _top(error: ModuleNotFoundError) -> str:
    return (error.name or "").partition(".")[0]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        # An import hook that refuses it, or something else under its name.
        return False
