"""JSON of the API made safe to share: what is not known to be safe gets a pseudonym.

Kept are the names of declared fields, the words that they may hold, timestamps where they belong,
booleans and small numbers. All else is replaced: an id by one of the same shape, an e-mail address
by one at ``example.com``, and every other text by a token. The same value has the same pseudonym
wherever it stands.
"""

import re
from ipaddress import ip_address
from typing import Any, Final

from frontdesk.codec.plain import is_array, is_object
from frontdesk.pseudonyms import KeyedTokens
from frontdesk.recordings.declared import declared
from frontdesk.redaction import DEEPEST, GONE, MEMBERS, redacted

__all__ = ["Scrubber"]

FREE: Final = frozenset(
    "properties content session_fields session_field elements details text_vars customer_data "  # noqa: SIM905 - a list of words
    "integrations customer_side_storage default_value".split()
)
"""Members in which applications and customers have members of their own."""
PLACES: Final = frozenset(("latitude", "longitude"))
ZONES: Final = ("Europe/Warsaw", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "UTC")
NUMBER_LIMIT: Final = 1_000_000
"""From seven digits on, a number may be that of a telephone."""
SHORT: Final = 8
"""Letters and digits below which two ids may get the same pseudonym, unless somebody looks."""

# Each repetition has an end, so that no text takes long.
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?")
VERSION: Final = re.compile(r"v?\d{1,2}\.\d{1,2}")
CLOCK: Final = re.compile(r"\d\d:\d\d(?::\d\d)?")
COLOR: Final = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3}){0,1}")
EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
URL: Final = re.compile(r"(https?|wss?)://\S{1,8000}", re.IGNORECASE)
ID: Final = re.compile(
    r"[A-Z0-9]{10,11}(?:_\d{1,4})?|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""Ids of chats, threads and events, of apps and bots, of customers and webhooks."""
HEX: Final = re.compile(r"[0-9a-f-]*[0-9][0-9a-f-]*")
ID_NAME: Final = re.compile(r"(?:.*_)?(?:u?u?id|ids)|.*Id|ID")
FORMATS: Final[dict[str, re.Pattern[str]]] = {
    "version": VERSION,
    "start": CLOCK,
    "end": CLOCK,
    "color": COLOR,
}
"""Fields whose texts say nothing of anybody when they have this form."""


class Scrubber:
    """Replaces what is not known to be safe.

    Args:
        pseudonyms: Makes the tokens; those of another key differ.
    """

    def __init__(self, pseudonyms: KeyedTokens) -> None:
        self._token = pseudonyms.token
        self._declared = declared()
        self._short: dict[str, str] = {}
        self._taken: set[str] = set()

    def value(self, value: Any) -> Any:
        """Return a copy of parsed JSON that is safe to share."""
        return self._value("", "", value, free=False, depth=0)

    def word(self, name: str, text: str) -> str:
        """Return a text that stands for a field: itself if it is one of the words of the field."""
        return self._text(name, "", text, free=False)

    def id(self, text: str) -> str:
        """Return the pseudonym of an id, of the same shape."""
        return self._special(text) or self._shaped(text)

    def caller(self, authorization: str) -> str:
        """Return what stands for the owner of a token."""
        return self._token("account", authorization).replace("account", "caller")

    def method(self, api: str, name: str) -> str:
        """Return the name of a method, if there is such a method."""
        return name if (api, name) in self._declared.methods else self._token("text", name)

    def _value(self, name: str, parent: str, value: Any, *, free: bool, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if MEMBERS.fullmatch(name):
                return GONE
            return self._text(name, parent, value, free=free)
        if isinstance(value, (int, float)):
            return self._number(name, value, free=free)
        if depth >= DEEPEST:
            return GONE
        if is_array(value):
            return [self._value(name, parent, item, free=free, depth=depth + 1) for item in value]
        if is_object(value):
            inside = free or name in FREE
            return {
                self._name(key, free=inside): self._value(
                    key, name, item, free=inside, depth=depth + 1
                )
                for key, item in value.items()
            }
        return GONE

    def _name(self, name: str, *, free: bool) -> str:
        """Return the name of a member, which may be an id or somebody's own word."""
        if name in self._declared.names or not name:
            return name
        return self._text("", "", name, free=free)

    def _number(self, name: str, value: float, *, free: bool) -> int | float:
        if free or name not in self._declared.numbers or abs(value) >= NUMBER_LIMIT:
            if isinstance(value, float) and not value.is_integer():
                return float(f"0.{self._digits(repr(value), 6)}")
            return int(self._numeral(str(int(value)))) if value else value
        is_id = ID_NAME.fullmatch(name) is not None
        return int(self._numeral(str(value))) if is_id and value else value

    def _numeral(self, text: str) -> str:
        """Return another number of as many digits, which does not begin with a zero."""
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        return sign + self._shaped(digits)

    def _text(self, name: str, parent: str, text: str, *, free: bool) -> str:
        if not text:
            return text
        known = self._declared
        if not free:
            if known.allows(name, parent, text):
                return text
            if name in known.dates and DATE.fullmatch(text):
                return text
            form = FORMATS.get(name)
            if form is not None and form.fullmatch(text):
                return text
            if name == "timezone":
                return ZONES[int(self._digits(text, 4)) % len(ZONES)]
            if ID_NAME.fullmatch(name) or name in PLACES:
                return self.id(text)
        return self._special(text) or self._token("text", redacted(text))

    def _special(self, text: str) -> str | None:
        """Return the pseudonym of a text that has the form of an address or an id."""
        if ID.fullmatch(text):
            # The number behind the id of a thread is that of the event in it.
            stem, line, number = text.partition("_")
            return self._shaped(stem) + line + number
        if EMAIL.fullmatch(text):
            return f"{self._token('email', text)}@example.com"
        match = URL.fullmatch(text)
        if match is not None:
            host = self._token("address", text).removeprefix("address-")
            return f"{match[1].lower()}://{host[:8]}.example.com/{host[8:]}"
        try:
            address = ip_address(text)
        except ValueError:
            return None
        digits = self._token("ip", text).removeprefix("ip-")
        # Addresses that are set aside for tests and for documentation.
        if address.version == 4:  # noqa: PLR2004 - of the Internet Protocol
            return f"198.18.{int(digits[:2], 16)}.{int(digits[2:4], 16)}"
        return f"2001:db8::{digits[:4]}:{digits[4:8]}"

    def _shaped(self, text: str) -> str:
        """Return letters for letters and digits for digits; two short ids never become the same."""
        made = self._short.get(text)
        if made is not None:
            return made
        short = sum(map(str.isalnum, text)) < SHORT
        for attempt in range(1000):
            # A shape that is used up, such as that of one digit, grows.
            made = self._spelled(text, attempt, extra=attempt // 40)
            if made != text and made not in self._taken:
                break
        assert made is not None
        if short:
            self._short[text] = made
            self._taken.add(made)
        return made

    def _spelled(self, text: str, attempt: int, extra: int) -> str:
        digits = self._digits(f"{attempt}\0{text}", 3 * (len(text) + extra))
        draws = [int(digits[at : at + 3]) for at in range(0, len(digits), 3)]
        hexadecimal = HEX.fullmatch(text) is not None
        made = "".join(
            _letter(sign, draw, first=place == 0, hexadecimal=hexadecimal)
            for place, (sign, draw) in enumerate(zip(text, draws, strict=False))
        )
        return made + "".join(str(draw % 10) for draw in draws[len(text) :])

    def _digits(self, text: str, count: int) -> str:
        """Return decimal digits that the key and a text decide."""
        made = ""
        part = 0
        while len(made) < count:
            token = self._token("account", f"{part}\0{text}").removeprefix("account-")
            made += f"{int(token, 16) % 10**18:018d}"
            part += 1
        return made[:count]


def _letter(sign: str, draw: int, *, first: bool, hexadecimal: bool) -> str:
    if sign.isdecimal():
        if first:
            return str(1 + draw % 9)
        return str(draw % 10)
    if sign in "-_.:":
        return sign
    if hexadecimal:
        return "abcdef"[draw % 6]
    letter = chr(ord("a") + draw % 26)
    return letter.upper() if sign.isupper() else letter
