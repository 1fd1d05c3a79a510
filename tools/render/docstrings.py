"""The docstring of a rendered method: purpose, arguments, result, errors, source."""

from collections.abc import Iterable, Iterator
from textwrap import dedent, indent, wrap
from typing import Any

from frontdesk.actions import Action, Spec
from frontdesk.spec.actions import dotted

__all__ = ["docstring", "purpose", "result_text"]

_WIDTH = 84
"""Columns of a docstring's text, indented by 8."""


def purpose(action: type[Action[Any]]) -> tuple[str, str]:
    """Return the first line and the rest of a declaration's docstring."""
    first, _, rest = dedent(action.__doc__ or "").strip().partition("\n")
    return first, dedent(rest).strip()


def docstring(
    paragraphs: Iterable[str], arguments: Iterable[tuple[str, str]], returns: str, spec: Spec
) -> str:
    """Write a docstring, without its quotes.

    Args:
        paragraphs: Its text; empty ones are skipped.
        arguments: Names and descriptions.
        returns: What the method returns, empty for nothing.
        spec: What the API documents of the method.
    """
    parts = [paragraph for paragraph in paragraphs if paragraph]
    if described := list(arguments):
        parts.append(_section("Args", described))
    if returns:
        lines = wrap(returns, _WIDTH - 4, break_long_words=False)
        parts.append("Returns:\n" + indent("\n".join(lines), "    "))
    parts.append(_section("Raises", _errors(spec)))
    parts.append("\n".join(_facts(spec)))
    return "\n\n".join(parts)


def result_text(text: str, returns: Any) -> str:
    """Say what a method returns, in the words of the structure's own docstring."""
    doc = getattr(returns, "__doc__", None) if isinstance(returns, type) else None
    first = (doc or "").strip().partition("\n")[0]
    if not first.endswith("."):
        return f"`{text}`."
    return f"`{text}`: {first[0].lower() if first[1].islower() else first[0]}{first[1:]}"


def _section(heading: str, items: Iterable[tuple[str, str]]) -> str:
    lines = [
        line
        for name, description in items
        for line in wrap(
            f"{name}: {description}",
            _WIDTH,
            initial_indent="    ",
            subsequent_indent="        ",
            break_long_words=False,
        )
    ]
    return "\n".join([f"{heading}:", *lines])


def _errors(spec: Spec) -> Iterator[tuple[str, str]]:
    typical = ", ".join(f"`{name}`" for name in spec.errors)
    yield "InvalidArgument", "An argument breaks a rule; nothing was sent."
    yield (
        "APIError",
        "The API responded with an error" + (f", typically {typical}." if typical else "."),
    )
    yield "TransportError", "No complete response arrived."
    yield "DecodeError", "The response is not what the API documents."


def _facts(spec: Spec) -> Iterator[str]:
    yield from wrap(f"Scopes: {spec.all_scopes}.", _WIDTH, break_long_words=False)
    if spec.until:
        later = f"; later use {spec.replaced_by}" if spec.replaced_by else ""
        versions = f"{dotted(spec.since)} to {dotted(spec.until)}"
        yield from wrap(f"Versions: {versions}{later}.", _WIDTH)
    yield f"Source: {spec.url}"
