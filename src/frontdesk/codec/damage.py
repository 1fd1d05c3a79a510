"""What was repaired while decoding, and where it is reported: the result, a function, the log."""

import json
import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Struct

from frontdesk.errors import DecodeError, InvalidArgument
from frontdesk.redaction import log_failure, redacted

__all__ = ["Damage", "DamageReports", "OnDamage", "child"]

KINDS: Final = 1000
"""How many kinds of damage are remembered, so that a hostile server cannot fill the memory."""
LONGEST_KEY: Final = 40
PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
POSITION: Final = re.compile(r"\[\d+\]")

log: Final = logging.getLogger("frontdesk")


class Damage(Struct, frozen=True):
    """One value that was not what the API promises, and was repaired or set aside."""

    path: str
    """Where it stood: ``$.chats[3].thread.queue``."""
    problem: str
    """What was wrong with it, and what became of it. Never the value itself."""
    source: str = ""
    """The method, push or webhook that brought it (``list_archives``); else the name of a type."""

    @property
    def kind(self) -> tuple[str, str, str]:
        """What is the same for the same damage in another item or on another page."""
        return self.source, POSITION.sub("[*]", self.path), self.problem


OnDamage = Callable[[Damage], object]


class DamageReports:
    """Reports damage: raises it, or calls a function with it and logs one line for each kind of it.

    A client has one, and its copies share what was logged already.
    """

    __slots__ = ("_kinds", "_logger", "on_damage", "strict")

    def __init__(
        self,
        *,
        strict: bool = False,
        on_damage: OnDamage | None = None,
        logger: logging.Logger | None = None,
        kinds: set[tuple[str, str, str]] | None = None,
    ) -> None:
        if not isinstance(strict, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("strict", f"must be true or false, not {strict!r}")
        if on_damage is not None and not callable(on_damage):
            raise InvalidArgument("on_damage", "must be a function that takes a Damage")
        self.strict: bool = strict
        self.on_damage: OnDamage | None = on_damage
        self._logger = logger
        self._kinds: set[tuple[str, str, str]] = set() if kinds is None else kinds

    def replaced(self, **options: Any) -> "DamageReports":
        """Return a copy with other options that shares what was logged."""
        return DamageReports(
            strict=options.get("strict", self.strict),
            on_damage=options.get("on_damage", self.on_damage),
            logger=options.get("logger", self._logger),
            kinds=self._kinds,
        )

    def __call__(
        self, damages: Iterable[Damage], source: str, *, excerpt: str = ""
    ) -> tuple[Damage, ...]:
        """Report damage found in what ``source`` brought; return it with its source.

        Raises:
            DecodeError: There is damage, and ``strict`` is true.
        """
        damage = tuple(Damage(redacted(one.path), redacted(one.problem), source) for one in damages)
        if damage and self.strict:
            raise unfit(damage[0].problem, damage[0].path, excerpt)
        logger = self._logger or log
        for damaged in damage:
            kind = damaged.kind
            if kind not in self._kinds and len(self._kinds) < KINDS:
                self._kinds.add(kind)
                logger.warning(
                    "%s: `%s` is not what the API promises: %s", source, kind[1], damaged.problem
                )
            if self.on_damage is not None:
                try:
                    self.on_damage(damaged)
                except Exception as error:  # noqa: BLE001 - it is logged
                    # What was decoded must not be lost to an error of the bookkeeping.
                    log_failure(logger, "on_damage failed for %s", source, error=error)
        return damage


def unfit(problem: str, path: str, excerpt: str = "") -> DecodeError:
    """Return the error for a value that does not fit its type."""
    where = f" - at `{path}`" if path not in ("", "$") else ""
    return DecodeError(
        f"not what the API promises: {problem}{where}",
        path="" if path == "$" else path,
        excerpt=excerpt,
    )


def child(path: str, name: str) -> str:
    """Return the path of a field; a key that may hold anything is quoted and cut."""
    if PLAIN_KEY.fullmatch(name):
        return f"{path}.{name}"
    return f"{path}[{json.dumps(name[:LONGEST_KEY])}]"
