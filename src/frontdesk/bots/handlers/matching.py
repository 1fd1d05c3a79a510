"""Which happenings a handler is for."""

import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from frontdesk.errors import InvalidArgument
from frontdesk.spec.arguments import check_function

__all__ = [
    "ANYTHING",
    "Anything",
    "Condition",
    "Contains",
    "Matches",
    "Pressed",
    "When",
    "condition_of",
]


class Condition(Struct, frozen=True):
    """Decides whether a handler is for something."""

    def accepts(self, text: str, context: Any) -> Any:
        """Return something true if the handler is for it; a match of a pattern is kept."""
        raise NotImplementedError

    def covers(self, later: "Condition") -> bool:
        """Tell whether nothing is left for a later handler with that condition."""
        return self == later


class Anything(Condition, frozen=True):
    """Everything of the handler's kind."""

    def accepts(self, text: str, context: Any) -> bool:
        """Return true."""
        del text, context
        return True

    def covers(self, later: Condition) -> bool:
        """Tell that nothing is left."""
        del later
        return True


class Contains(Condition, frozen=True):
    """A text that holds another one, whatever the case of the letters."""

    part: str

    def accepts(self, text: str, context: Any) -> bool:
        """Tell whether the text holds it."""
        del context
        return self.part in text.casefold()

    def covers(self, later: Condition) -> bool:
        """Tell whether whatever holds the later one's text holds this one's."""
        return isinstance(later, Contains) and self.part in later.part


class Matches(Condition, frozen=True):
    """A text in which a regular expression is found."""

    pattern: re.Pattern[str]

    def accepts(self, text: str, context: Any) -> "re.Match[str] | None":
        """Return the match."""
        del context
        return self.pattern.search(text)


class When(Condition, frozen=True):
    """What a function says yes to."""

    predicate: Callable[[Any], object]

    def accepts(self, text: str, context: Any) -> bool:
        """Return what the function says of the context."""
        del text
        return bool(self.predicate(context))


class Pressed(Condition, frozen=True):
    """A button with one of these ids."""

    ids: frozenset[str]

    def accepts(self, text: str, context: Any) -> bool:
        """Tell whether the id of the button is one of them."""
        del context
        return text in self.ids

    def covers(self, later: Condition) -> bool:
        """Tell whether this handler has all buttons of the later one."""
        return isinstance(later, Pressed) and later.ids <= self.ids


ANYTHING: Final = Anything()


def condition_of(
    contains: str | None,
    matches: "str | re.Pattern[str] | None",
    when: Callable[[Any], object] | None,
) -> Condition:
    """Make a condition of the arguments of ``@bot.message``.

    Raises:
        InvalidArgument: More than one is given, or one makes no sense.
    """
    given = [
        name
        for name, value in (("contains", contains), ("matches", matches), ("when", when))
        if value is not None
    ]
    if len(given) > 1:
        raise InvalidArgument(given[1], f"cannot be given beside `{given[0]}`; use `when`")
    if contains is not None:
        if not isinstance(contains, str) or not contains:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("contains", "must be a text that is not empty")
        return Contains(contains.casefold())
    if matches is not None:
        return Matches(_pattern(matches))
    if when is not None:
        check_function("when", when, instead=": nothing would await it")
        return When(when)
    return ANYTHING


def _pattern(matches: "str | re.Pattern[str]") -> "re.Pattern[str]":
    if isinstance(matches, re.Pattern):
        if isinstance(matches.pattern, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            return matches
        raise InvalidArgument("matches", "must be a pattern for texts, not for bytes")
    try:
        return re.compile(matches)
    except (re.error, TypeError) as error:
        raise InvalidArgument("matches", f"must be a regular expression: {error}") from None
