"""What customers and agents of the seeded worlds say, in seven languages.

Each language has a text file in ``texts``. A conversation begins with ``= TAG OUTCOME``, and
``bot`` if it is one that the bot has; each of its lines begins with who does what:

- ``c`` the customer writes, ``a`` the agent or the bot;
- ``n`` the agent writes a note that only agents see;
- ``f`` the customer sends a file of that name;
- ``r`` the agent shows a product on a card.

``{order}``, ``{model}``, ``{city}`` and ``{agent}`` are filled in. The outcome says how a customer
may rate the conversation: ``+`` lines are comments on one that is ``solved``, ``-`` on one that is
``unsolved``, ``?`` on one that is ``unanswered``.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, Literal, NamedTuple, cast

from frontdesk.sandbox.seeds import texts

__all__ = [
    "LANGUAGE_CODES",
    "MODELS",
    "Conversation",
    "Outcome",
    "Phrasebook",
    "ScriptLine",
    "phrasebook",
]

LANGUAGE_CODES: Final = ("en", "de", "es", "pl", "fr", "pt", "ja")

MODELS: Final = (
    "Aurora", "Breeze", "Canvas", "Delta", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper",
    "Kestrel", "Lumen", "Meadow", "Nimbus", "Orbit", "Pebble", "Quartz", "Ridge", "Summit", "Terra",
)  # fmt: skip
"""Names of furniture, the same in every language."""

Outcome = Literal["solved", "unsolved", "unanswered"]


class ScriptLine(NamedTuple):
    """One thing that somebody does in a conversation; ``kind`` is the letter of the file."""

    kind: str
    text: str


class Conversation(NamedTuple):
    """What a customer and an agent talk about."""

    language: str
    tag: str
    outcome: Outcome
    by_bot: bool
    lines: Sequence[ScriptLine]


class Phrasebook(NamedTuple):
    """A language's conversations, and how customers comment on them by their outcome."""

    with_people: Sequence[Conversation]
    with_bots: Sequence[Conversation]
    comments: dict[Outcome, list[str]]


_COMMENTS: Final[dict[str, Outcome]] = {"+": "solved", "-": "unsolved", "?": "unanswered"}


@cache
def phrasebook(language: str) -> Phrasebook:
    """Return what is said in a language, one of ``LANGUAGE_CODES``."""
    text = texts.read(f"{language}.txt")
    conversations: list[Conversation] = []
    comments: dict[Outcome, list[str]] = {outcome: [] for outcome in _COMMENTS.values()}
    lines: list[ScriptLine] = []
    for mark, rest in _marked(text):
        if mark == "=":
            lines = []
            conversations.append(_conversation(language, rest, lines))
        elif mark in _COMMENTS:
            comments[_COMMENTS[mark]].append(rest)
        else:
            lines.append(ScriptLine(mark, rest))
    return Phrasebook(
        with_people=[talk for talk in conversations if not talk.by_bot],
        with_bots=[talk for talk in conversations if talk.by_bot],
        comments=comments,
    )


def _marked(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line:
            yield line[0], line[2:]


def _conversation(language: str, title: str, lines: list[ScriptLine]) -> Conversation:
    by_bot = title.endswith(" bot")
    # Tags may have spaces in them, outcomes have none.
    tag, _, outcome = title.removesuffix(" bot").rpartition(" ")
    return Conversation(language, tag, cast("Outcome", outcome), by_bot, lines)
