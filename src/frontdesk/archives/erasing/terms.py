"""What is known of a customer, and the search for what is left of it."""

import json
import re
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

__all__ = ["Finding", "Known", "Term", "terms_of"]

Kind = Literal["id", "email", "name", "phone"]

EDGE: Final = r"[^\p{L}\p{N}_]"
"""What may stand around a name, in the syntax of Arrow and DuckDB."""


class Term(Struct, frozen=True, order=True):
    """A text that is searched for."""

    kind: Kind
    """``id``, ``email``, ``name`` or ``phone``."""
    text: str

    @property
    def spellings(self) -> list[str]:
        """The text, and how JSON writes it."""
        forms = (
            self.text,
            json.dumps(self.text)[1:-1],
            json.dumps(self.text, ensure_ascii=False)[1:-1],
        )
        return list(dict.fromkeys(forms))

    @property
    def re2(self) -> str:
        """A pattern for Arrow and DuckDB; names are found as whole words only."""
        text = "|".join(map(re.escape, self.spellings))
        return f"(?i)(?:^|{EDGE})(?:{text})(?:$|{EDGE})" if self._is_word else f"(?i)(?:{text})"

    @property
    def pattern(self) -> re.Pattern[str]:
        """The same for Python."""
        text = "|".join(map(re.escape, self.spellings))
        pattern = rf"(?<!\w)(?:{text})(?!\w)" if self._is_word else text
        return re.compile(pattern, re.IGNORECASE)

    @property
    def _is_word(self) -> bool:
        return self.kind == "name"


class Finding(Struct, frozen=True, order=True):
    """Where a text still occurs."""

    term: Term
    place: str
    """The column (``events.text``) or the file."""
    count: int
    """Rows or lines with it; 1 for a file of bytes."""


class Known(Struct):
    """What an export knows of customers who are being erased."""

    customers: set[str]
    threads: set[str] = set()
    names: set[str] = set()
    emails: set[str] = set()
    phones: set[str] = set()
    files: set[str] = set()
    """Names of downloaded files, as far as the rows tell them."""
    staff: set[str] = set()
    """Those of the ids that are agents or bots."""

    def add_user(
        self, type: str | None, id: str, name: str | None, email: str | None, phone: str | None
    ) -> None:
        """Take note of a row of ``users``."""
        if type in ("agent", "bot"):
            self.staff.add(id)
        for texts, text in ((self.names, name), (self.emails, email), (self.phones, phone)):
            if text and text.strip():
                texts.add(text.strip())

    def add(self, other: "Known") -> None:
        """Take over what another one knows."""
        for field in self.__struct_fields__:
            getattr(self, field).update(getattr(other, field))


def terms_of(known: Known) -> list[Term]:
    """Return what is to be searched for."""
    kinds: Iterable[tuple[Kind, set[str]]] = (
        ("id", known.customers),
        ("email", known.emails),
        ("name", known.names),
        ("phone", known.phones),
    )
    return [Term(kind, text) for kind, texts in kinds for text in sorted(texts)]
