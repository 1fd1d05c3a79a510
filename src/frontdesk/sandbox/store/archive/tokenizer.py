"""Words of texts: what the archives are searched by, and how matches are marked.

A word is a run of letters and digits, compared without case and accents. Scripts that are written
without spaces are searched by pairs of characters, and an e-mail address is a word besides its
parts. Nothing is stemmed.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["Query", "ascii_of", "words"]

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff"  # Japanese kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
)
_WORD = rf"(?:[^\W{_UNSPACED}]|[\u0300-\u036f])+"
_EMAIL = re.compile(r"[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+")
_RUN = re.compile(rf"[{_UNSPACED}]+")
_PIECES = re.compile(rf"(?P<email>{_EMAIL.pattern})|(?P<run>{_RUN.pattern})|{_WORD}")
_PARTS = re.compile(_WORD)
_PLAIN = re.compile(r"\w+")
_SEPARATORS = {code: " " for code in range(128) if not re.match(r"\w", chr(code))}
_UNUSUAL = re.compile(rf"[\u0300-\u036f{_UNSPACED}]")
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


def _folded(word: str) -> str:
    """Return a word as it is compared: lower case, no accents."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_UNDECOMPOSED)
    return "".join(
        character for character in plain if not unicodedata.combining(character)
    ).casefold()


_fold = lru_cache(maxsize=1 << 16)(_folded)


def ascii_of(text: str) -> str:
    """Return the letters of a text that are left without accents, in lower case."""
    return _fold(text).encode("ascii", "ignore").decode().strip(" .")


def _pairs(run: str) -> Iterator[str]:
    """Return what a run of characters without spaces is found by: each character and each pair."""
    run = unicodedata.normalize("NFKC", run)
    yield from run
    for position in range(len(run) - 1):
        yield run[position : position + 2]


def words(text: str) -> set[str]:
    """Return what a text is found by."""
    if text.isascii():
        terms = set(text.lower().translate(_SEPARATORS).split())
    elif _UNUSUAL.search(text) is None:
        terms = set(map(_fold, set(_PLAIN.findall(text))))
    else:
        terms = set(map(_fold, _PARTS.findall(text)))
        for run in _RUN.findall(text):
            terms.update(_pairs(run))
        terms.discard("")
    if "@" in text:
        for chunk in text.split():
            if "@" in chunk:
                terms.update(map(_fold, _EMAIL.findall(chunk)))
    return terms


class Query:
    """A full-text query: the texts it finds have every one of its words, in any order.

    ``terms`` are what ``words`` must give for a text to be found.
    """

    def __init__(self, text: str) -> None:
        self.terms: set[str] = set()
        self._words: set[str] = set()
        runs: set[str] = set()
        for piece in _PIECES.finditer(text):
            if piece["run"]:
                runs.add(piece[0])
                pairs = list(_pairs(piece[0]))
                self.terms.update([pair for pair in pairs if len(pair) > 1] or pairs)
            elif word := _fold(piece[0]):
                self._words.add(word)
        self.terms |= self._words
        longest_first = sorted(map(re.escape, runs), key=len, reverse=True)
        self._runs = re.compile("|".join(longest_first)) if runs else None

    def may_mark(self, text: str) -> bool:
        """Return whether ``mark`` might change a text, or texts in its JSON.

        A quick look that needs no words: false is certain, true is not.
        """
        if text.isascii():
            folded = text.lower()
            return any(term in folded for term in self.terms)
        # Pairs of characters are compared as they are written, words without case and accents.
        forms = _folded(text), unicodedata.normalize("NFKC", text)
        return any(term in form for term in self.terms for form in forms)

    def mark(self, text: str, before: str, after: str) -> str:
        """Return the text with ``before`` and ``after`` around each word of the query."""
        if self.terms.isdisjoint(words(text)):
            return text

        def marked(piece: re.Match[str]) -> str:
            word = piece[0]
            if _fold(word) in self._words:
                return f"{before}{word}{after}"
            if piece.re is _PIECES and piece["email"]:
                return _PARTS.sub(marked, word)
            if self._runs is not None and piece.re is _PIECES and piece["run"]:
                return self._runs.sub(lambda run: f"{before}{run[0]}{after}", word)
            return word

        return _PIECES.sub(marked, text)
