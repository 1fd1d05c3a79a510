"""Types as a reader sees them: code, with a link at each name that the reference has."""

import re
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from msgspec import Meta, UnsetType
from tools.reference.public import link_targets
from tools.render.annotations import Imports, argument_text, type_text

__all__ = ["argument_html", "limits", "linked", "type_html"]

_NAME = re.compile(r"(?<![\w.\"'])[A-Z]\w+")
_ESCAPES = str.maketrans({character: f"&#{ord(character)};" for character in "&<>|[]_*`\\\"'{}"})


def linked(text: str) -> str:
    """Return HTML of a type: Markdown has nothing to find in it, and names are links."""
    targets = _targets()
    parts: list[str] = []
    end = 0
    for name in _NAME.finditer(text):
        target = targets.get(name[0])
        if target is None:
            continue
        parts.append(_escaped(text[end : name.start()]))
        parts.append(f'<autoref identifier="{target}" optional>{name[0]}</autoref>')
        end = name.end()
    parts.append(_escaped(text[end:]))
    return f"<code>{''.join(parts)}</code>"


def type_html(hint: Any) -> str:
    """Return a type as a structure holds it; that something was not sent shows as None."""
    text = type_text(_without_unset(hint), Imports())
    return linked(text)


def argument_html(name: str, hint: Any, *, required: bool = True) -> str:
    """Return the type of an argument as it takes it."""
    text = argument_text(hint, Imports(), is_exact=name == "fields")
    return linked(text if required or text.endswith("None") else f"{text} | None")


def limits(hint: Any) -> str:
    """Say what a value must keep to besides its type: ``1 to 100``, ``at most 20 items``."""
    return "; ".join(dict.fromkeys(_limits(hint)))


def _limits(hint: Any) -> list[str]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        is_list = get_origin(args[0]) in (list, dict)
        own = [_limit(meta, is_list=is_list) for meta in args[1:] if isinstance(meta, Meta)]
        return [text for text in (*own, *_limits(args[0])) if text]
    if args:
        return [text for arg in args for text in _limits(arg)]
    return []


def _limit(meta: Meta, *, is_list: bool) -> str:
    texts = []
    low, high = meta.ge, meta.le
    if low is not None and high is not None:
        texts.append(f"{low:g} to {high:g}")
    elif low is not None:
        texts.append(f"{low:g} or more")
    elif high is not None:
        texts.append(f"at most {high:g}")
    if meta.gt is not None:
        texts.append(f"above {meta.gt:g}")
    if meta.lt is not None:
        texts.append(f"below {meta.lt:g}")
    unit = "items" if is_list else "characters"
    if meta.max_length is not None:
        texts.append(f"at most {meta.max_length:,} {unit}")
    if meta.min_length:
        texts.append("not empty" if meta.min_length == 1 else f"at least {meta.min_length} {unit}")
    if meta.pattern:
        texts.append(f"matches `{meta.pattern}`")
    if meta.tz:
        texts.append("with a time zone")
    return ", ".join(texts)


def _without_unset(hint: Any) -> Any:
    """Show a field that may be unset as one that may be None, which is how it is given."""
    if get_origin(hint) is Annotated:
        return _without_unset(get_args(hint)[0])
    args = get_args(hint)
    if UnsetType in args:
        return Union[(*(arg for arg in args if arg is not UnsetType), None)]
    return hint


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


@cache
def _targets() -> dict[str, str]:
    return link_targets()
