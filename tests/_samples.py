"""Samples of what the API sends, and how to see that decoding them loses nothing."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def parse_timestamp(text: str) -> datetime | None:
    try:
        return msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None


def lost(before: Any, after: Any, path: str = "$") -> list[str]:
    """Where ``after`` lacks or changes something of ``before``; null is the same as absent."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            place
            for name, value in before.items()
            if value is not None or name in after
            for place in lost(value, after.get(name), f"{path}.{name}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [place for n, (a, b) in pairs for place in lost(a, b, f"{path}[{n}]")]
    if isinstance(before, str) and isinstance(after, str) and before != after:
        same = parse_timestamp(before) is not None and parse_timestamp(before) == parse_timestamp(
            after
        )
        return [] if same else [path]
    return [] if before == after and isinstance(before, bool) == isinstance(after, bool) else [path]
