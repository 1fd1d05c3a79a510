"""Stable tokens in place of names, addresses, numbers and pictures of people.

They are made in the JSON of a chat, before its tables are: so raw JSON and damaged chats have none
of what is replaced, and what is the same in two places has the same token in both.
"""

import os
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Raw

from frontdesk.archives.chats import (
    ArchivedChat,
    ArchivedEvent,
    ArchivedThread,
    ArchivedUser,
    ThreadVisit,
)
from frontdesk.codec.damage import Damage
from frontdesk.codec.decoding import as_json, decode_unreported
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import DecodeError, InvalidArgument, MissingToken
from frontdesk.pseudonyms import NOT_DIGITS, SEPARATORS, KeyedTokens, Kind, composed

__all__ = ["KEY_VARIABLE", "Pseudonyms"]

KEY_VARIABLE: Final = "FRONTDESK_PSEUDONYM_KEY"

# Each repetition has an end, so that no text takes long.
EMAIL: Final = r"[^\s@<>\"'(),:;/?&=\[\]\\%]{1,64}(?:@|%40)[^\s@<>\"'(),:;/?&=\[\]\\%]{0,255}[^\W_]"
IPV4: Final = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
IPV6: Final = r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?!\w)"
DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
PHONE: Final = (
    r"(?<![\w/#.\-])"
    rf"(?!\d{{4}}-\d\d-\d\d(?!\d))(?!{DAY}\.{DAY}\.\d{{2,4}}(?!\d))(?!{DAY}/{DAY}/\d{{2,4}}(?!\d))"
    r"(?:\+|%2B|00)?\(?\d(?:[\s().\-/]{0,2}\d){6,14}(?!\w)"
)
"""A number of 7 to 15 digits in groups, that is no date."""
GAP: Final = r"(?:[\s._+\-]|%20|%2B|%2E|%2D|%5F){0,4}"
"""What may stand between the words of a name: it is part of a file's name, of an address."""
BETWEEN_DIGITS: Final = r"[\s().\-/]{0,3}"
WORD: Final = re.compile(r"[^\W\d_]{3,}")
BARE_PHONE: Final = 9
"""Digits from which on a number without any separator is taken for that of a phone."""
SHORTEST_ANYWHERE: Final = 5
"""Letters of a name that is replaced within words too."""
SHORTEST_PHONE: Final = 7
"""Digits of a known phone number that is looked for in texts."""
LONGEST_LOOSE: Final = 200
"""Characters of a value that is looked for in other spellings too."""
NO_NAMES: Final = frozenset(
    "agent bot assistant support sales customer visitor user guest admin team helper the and "  # noqa: SIM905 - a list of words
    "name email phone avatar address account text".split()
)
"""Words of names that stand for nobody."""
STRUCTURAL: Final = frozenset(
    "id type created_at updated_at started_at ended_at opened_at events_seen_up_to user_agent "  # noqa: SIM905 - a list of words
    "agent_last_event_created_at customer_last_event_created_at content_type visibility latitude "
    "longitude country country_code region city timezone form_id form_type template_id "
    "system_message_type previous_thread_id next_thread_id previous_accessible_thread_id "
    "next_accessible_thread_id author_id custom_id thread_id event_id restricted_access user_ids "
    "routing_status source subtype url".split()
)
"""Fields of the API whose numbers are no telephones: only what is known of the chat's users, and
e-mail addresses, are replaced in them."""
FREE: Final = frozenset(("properties", "content", "elements", "session_fields", "details"))
"""Fields in which applications may have fields of the same names."""
NOT_NAMES: Final = frozenset(("duration", "score", "comment", "count"))
"""Variables of system messages that are no names."""
STEP: Final = re.compile(r"\.([A-Za-z_][\w-]*)|\[\d+\]", re.ASCII)
OWN: Final = FREE | {"text_vars", "fields"}


class Pseudonyms(KeyedTokens):
    """Replaces names, e-mail addresses, IP addresses, phone numbers and avatars by keyed tokens.

    The same key makes the same token of the same value in every run and on every machine, so that
    tables join as before. The key is stored nowhere; keep it to make the same tokens again, or
    throw it away and nobody can. Replaced are:

    - names, e-mail addresses (also those that are ids), phone numbers, avatars, street addresses
      and IP addresses of the users of a chat, wherever they stand in it, and each word of a name;
    - the names in the variables and texts of system messages, and in form fields for names;
    - whatever else looks like an e-mail address, an IP or a phone number in texts, form fields,
      custom content, properties and addresses of pages.

    What people write about themselves or others in their own words stays, and so does what
    attachments show.

    Args:
        key: The key: at least 16 characters, at random. ``Pseudonyms.new_key()`` makes one.

    Raises:
        InvalidArgument: The key is too short.
    """

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Pseudonyms":
        """Read the key from a file; white space around it does not count.

        Raises:
            InvalidArgument: The file cannot be read, or the key is too short.
        """
        try:
            key = Path(path).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InvalidArgument(
                "key", f"cannot be read from {os.fspath(path)}: {reason}"
            ) from None
        return cls(key)

    @classmethod
    def from_environment(cls, variable: str = KEY_VARIABLE) -> "Pseudonyms":
        """Read the key from an environment variable.

        Raises:
            MissingToken: It is not set.
            InvalidArgument: The key is too short.
        """
        key = os.environ.get(variable)
        if not key:
            raise MissingToken(f"set {variable} to the key of the pseudonyms, or name a key file")
        return cls(key)

    def chat(self, raw: Raw) -> tuple[Raw, list[Damage]]:
        """Return the JSON of a chat with tokens, and what had to be repaired to read it."""
        try:
            value, damage = decode_unreported(raw, Any)
        except DecodeError as error:
            return Raw(b"null"), [Damage("$", error.message)]
        scrubbed = _Scrubber(self, value).chat(value)
        return Raw(as_json(scrubbed)), [Damage(self.path(one.path), one.problem) for one in damage]

    @staticmethod
    def path(path: str) -> str:
        """Return the path of damage, without what may be somebody's own words."""
        end = 1
        while (step := STEP.match(path, end)) and step[1] in PUBLIC:
            end = step.end()
            if step[1] in OWN:
                break
        return path[:end]


PUBLIC: Final[set[str | None]] = {
    None,
    *(
        name
        for struct in (ArchivedChat, ArchivedThread, ArchivedEvent, ArchivedUser, ThreadVisit)
        for name in struct.__struct_encode_fields__
    ),
    *STRUCTURAL,
}
"""Names in paths that are those of the API; ``None`` is a place in a list."""


def _kind_of_key(key: str) -> Kind | None:
    """Return what a field of a user holds, by its name, as integrations have many of them."""
    key = key.lower()
    kind: Kind | None = None
    if key == "ip" or key.endswith("_ip"):
        kind = "ip"
    elif "mail" in key:
        kind = "email"
    elif "phone" in key:
        kind = "phone"
    elif "avatar" in key or "pic" in key:
        kind = "avatar"
    elif "name" in key:
        kind = "name"
    elif key in ("address", "postal_code", "street"):
        kind = "address"
    return kind


class _Scrubber:
    """Replaces what identifies people in one chat."""

    def __init__(self, pseudonyms: Pseudonyms, chat: Any) -> None:
        self._token = pseudonyms.token
        self._known: dict[bool, set[tuple[Kind, str]]] = {True: set(), False: set()}
        """What is to be looked for, of agents (true) and of others."""
        self._phones: set[str] = set()
        if is_object(chat):
            self._learn(chat)
        # Agents are in many chats, and a pattern takes long to compile.
        agents, others = frozenset(self._known[True]), frozenset(self._known[False])
        known = [_pattern(others - agents), _pattern(agents)]
        # An e-mail address comes first, for a name may be in it, and keeps its token so.
        self._structural = [EMAILS, *filter(None, known)]
        self._free = [*self._structural, NUMBERS]

    def chat(self, value: Any) -> Any:
        """Replace them in the chat as a whole."""
        if not is_object(value):
            return self._hidden(value, "text") if value is not None else None
        return {
            self._text(name, free=False): (
                self._of_users(item) if name == "users" else self._value(name, item, free=False)
            )
            for name, item in value.items()
        }

    # What is known of the chat's users.

    def _learn(self, chat: dict[str, Any]) -> None:
        self._learn_user(chat.get("users"))
        threads = [chat.get("thread"), *_items(chat.get("threads"))]
        for thread in filter(is_object, threads):
            visit = thread.get("customer_visit")
            if is_object(visit):
                self._learn_value("ip", visit.get("ip"))
            for event in filter(is_object, _items(thread.get("events"))):
                self._learn_event(event)

    def _learn_user(self, value: Any, *, is_agent: bool = False) -> None:
        if is_object(value):
            is_agent = is_agent or value.get("type") == "agent"
            for key, item in value.items():
                kind = _kind_of_key(key)
                if is_object(item) or is_array(item):
                    self._learn_user(item, is_agent=is_agent)
                elif kind is not None:
                    self._learn_value(kind, item, is_agent=is_agent)
        for item in _items(value):
            self._learn_user(item, is_agent=is_agent)

    def _learn_event(self, event: dict[str, Any]) -> None:
        variables = event.get("text_vars")
        if is_object(variables):
            for key, item in variables.items():
                if key not in NOT_NAMES:
                    self._learn_value("name", item)
        for field in filter(is_object, _items(event.get("fields"))):
            kind = field.get("type")
            if kind in ("name", "email"):
                self._learn_value(kind, field.get("answer"))
                self._learn_value(kind, field.get("value"))

    def _learn_value(self, kind: Kind, value: Any, *, is_agent: bool = False) -> None:
        if kind == "phone" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            return
        if kind == "phone":
            self._phones.add(NOT_DIGITS.sub("", value))
        if kind == "name" and re.fullmatch(EMAIL, value.strip()):
            kind = "email"
        self._known[is_agent].add((kind, value.strip()))

    # Replacing.

    def _of_users(self, value: Any) -> Any:
        """Replace what identifies users: whole values, by the names of their fields."""
        if is_array(value):
            return [self._of_users(item) for item in value]
        return self._user(value) if is_object(value) else self._hidden(value, "text")

    def _user(self, value: Any) -> Any:
        if is_object(value):
            made: dict[str, Any] = {}
            for key, item in value.items():
                kind = _kind_of_key(key)
                name = self._text(key, free=True)
                if kind is not None and not (kind == "address" and is_object(item)):
                    made[name] = self._hidden(item, kind)
                elif is_object(item) or (is_array(item) and key not in FREE):
                    made[name] = self._user(item)
                else:
                    made[name] = self._value(key, item, free=key in FREE)
            return made
        if is_array(value):
            return [self._user(item) for item in value]
        return self._value("", value, free=True)

    def _hidden(self, value: Any, kind: Kind) -> Any:
        """Replace every text in a value as a whole, whatever it says."""
        if is_object(value):
            return {
                self._text(key, free=True): self._hidden(item, kind) for key, item in value.items()
            }
        if is_array(value):
            return [self._hidden(item, kind) for item in value]
        if isinstance(value, str):
            return self._whole(value, kind)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and kind == "phone":
            return self._token("phone", str(value))
        return value

    def _whole(self, value: str, kind: Kind) -> str:
        if not value.strip():
            return value
        if kind in ("name", "text") and re.fullmatch(EMAIL, value.strip()):
            kind = "email"
        return self._token(kind, value)

    def _value(self, key: str, value: Any, *, free: bool) -> Any:
        """Replace what identifies people in a value; ``free``: it is somebody's own."""
        if is_object(value):
            free = free or key in FREE
            if key == "text_vars":
                return self._variables(value)
            if key == "customer_visit":
                return self._user(value)
            return {
                self._text(name, free=False): self._value(name, item, free=free)
                for name, item in value.items()
            }
        if is_array(value):
            free = free or key in FREE
            if key == "fields" and not free:
                return [self._field(item) for item in value]
            return [self._value(key, item, free=free) for item in value]
        if isinstance(value, str):
            return self._text(value, free=free or key not in STRUCTURAL)
        if isinstance(value, int) and not isinstance(value, bool) and str(value) in self._phones:
            return self._token("phone", str(value))
        return value

    def _variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {
            self._text(key, free=False): (
                self._value(key, item, free=True)
                if key in NOT_NAMES
                else self._hidden(item, "name")
            )
            for key, item in variables.items()
        }

    def _field(self, field: Any) -> Any:
        """Replace what was filled into a field of a form."""
        kind = field.get("type") if is_object(field) else None
        if kind not in ("name", "email"):
            return self._value("", field, free=False)
        made: dict[str, Any] = {}
        for key, item in field.items():
            if key in ("answer", "value"):
                made[key] = self._hidden(item, kind)
            else:
                made[key] = self._value(key, item, free=False)
        return made

    def _text(self, text: str, *, free: bool) -> str:
        """Replace what identifies people in a text."""
        if text[:1] in ("{", "[") and text[-1:] in ("}", "]"):
            # JSON in a text, such as the details of a system event: its escapes would hide names.
            try:
                inner = msgspec.json.decode(text)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                pass
            else:
                scrubbed = self._value("", inner, free=True)
                return text if scrubbed == inner else as_json(scrubbed).decode()
        for pattern in self._free if free else self._structural:
            text = pattern.sub(self._replaced, text)
        return text

    def _replaced(self, match: re.Match[str]) -> str:
        kind: Any = match.lastgroup
        text = match[0]
        if match.re is NUMBERS:
            if kind == "ip":
                # A colon may end the part of the sentence.
                address = text if text.endswith("::") else text.rstrip(":")
                try:
                    ip_address(address)
                except ValueError:
                    return text
                return self._token(kind, address) + text[len(address) :]
            if kind == "phone" and text.isdigit() and len(text) < BARE_PHONE:
                return text
        return self._token(kind, text)


EMAILS: Final = re.compile(f"(?P<email>{EMAIL})")
NUMBERS: Final = re.compile(f"(?P<ip>{IPV4}|{IPV6})|(?P<phone>{PHONE})", re.IGNORECASE)


@lru_cache(1024)
def _pattern(known: frozenset[tuple[Kind, str]]) -> re.Pattern[str] | None:
    """Return a pattern for values in all their spellings; each kind is a group."""
    groups: list[str] = []
    for kind in ("avatar", "email", "address", "ip", "phone", "name"):
        values = {value for other, value in known if other == kind}
        alternatives = [_spelled(kind, value) for value in _longest_first(values)]
        if kind == "name":
            # A word of a name as it is written there: `will` is no name.
            words = {word for value in values for word in WORD.findall(composed(value))}
            parts = [word for word in _longest_first(words) if word.lower() not in NO_NAMES]
            alternatives += [rf"(?-i:(?<!\w){_loose(part)}(?!\w))" for part in parts]
        alternatives = list(filter(None, alternatives))
        if alternatives:
            groups.append(f"(?P<{kind}>{'|'.join(alternatives)})")
    return re.compile("|".join(groups), re.IGNORECASE) if groups else None


def _spelled(kind: str, value: str) -> str:
    """Return a pattern for a value; empty if it is not to be looked for."""
    if not any(letter.isalnum() for letter in value):
        return ""
    if kind == "phone":
        digits = NOT_DIGITS.sub("", value)
        if len(digits) < SHORTEST_PHONE:
            return ""
        return rf"(?<!\d)(?:\+|%2B|00)?\(?{BETWEEN_DIGITS.join(digits)}(?!\d)"
    if value.lower() in NO_NAMES:
        return ""
    if kind != "name":
        exact = "".join(map(_letter, composed(value)))
        return rf"(?<![\w.]){exact}(?![\w.]*\d)" if kind == "ip" else exact
    if len(value) >= SHORTEST_ANYWHERE:
        return _loose(value)
    return rf"(?<!\w){_loose(value)}(?!\w)"


def _items(value: Any) -> list[Any]:
    return value if is_array(value) else []


def _longest_first(values: Iterable[str]) -> list[str]:
    return sorted(values, key=lambda value: (-len(value), value))


def _loose(value: str) -> str:
    """Return a pattern for a name as it may be written: in an address, a file's name, escaped."""
    if len(value) > LONGEST_LOOSE:
        return re.escape(value)
    words = filter(None, SEPARATORS.split(composed(value)))
    return GAP.join("".join(map(_letter, word)) for word in words)


def _letter(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return letter
    forms = {letter, unicodedata.normalize("NFD", letter)}
    written = [re.escape(form) for form in forms]
    written += [re.escape(quote(form, safe="")) for form in forms]
    written += [re.escape("".join(f"\\u{ord(part):04x}" for part in form)) for form in forms]
    return f"(?:{'|'.join(sorted(written, key=len, reverse=True))})"
