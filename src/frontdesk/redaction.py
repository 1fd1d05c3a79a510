"""The one place that keeps secrets out of texts: errors, excerpts, logs.

Two things are replaced by ``…``: the secrets in use (tokens, passwords of proxies), which
``register`` is given by value, in whatever spelling a server or proxy gives them back; and what
looks like a credential to anyone who reads it, such as ``Bearer x`` or ``user:password@host``.

Whoever turns foreign text (a response, a close reason, the message of a library's exception) into
a message of our own calls ``redacted`` or ``excerpt``. ``FrontdeskError`` does so with whatever it
is given, so that no place can forget it.
"""

import logging
import re
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, TypeVar

from frontdesk.concurrency.forks import ForkSafeLock

__all__ = [
    "DISTINCT",
    "SHORTEST",
    "SecretText",
    "excerpt",
    "likeness",
    "log_failure",
    "one_line",
    "redacted",
    "redacted_data",
    "register",
    "without_secrets",
]

E = TypeVar("E", bound=BaseException)

GONE: Final = "…"
MOST_SECRETS: Final = 1024
"""Secrets to remember; the one registered longest ago is forgotten first."""
SHORTEST: Final = 3
"""Characters of a password that is looked for by itself; less is found by its neighbours only."""
DISTINCT: Final = 8
"""Characters from which on a secret is looked for inside of words, too; tokens have more."""
WINDOW: Final = 1024
"""How much more of a body an excerpt looks at than it shows: secrets in it shrink."""
LONG: Final = 16 * 1024
"""From how many characters on a text is searched less deeply."""
FEW: Final = 100
"""Up to how many beginnings of secrets are looked for one by one."""
DEEPEST: Final = 32
"""How deep data is walked; what lies deeper is dropped."""

ENTITIES: Final = {
    "amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'",
    "sol": "/", "colon": ":", "equals": "=", "plus": "+",
}  # fmt: skip
SHORTHANDS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
ESCAPES: Final = {
    "\\": re.compile(
        r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([nrtbf\"'/\\]))"
    ),
    "%": re.compile(r"%([0-9a-fA-F]{2})"),
    "&": re.compile(r"&(?:#[xX]0*([0-9a-fA-F]{1,6})|#0*([0-9]{1,7})|([a-z]{2,6}));"),
}
"""Characters as JSON and Python, as URLs, and as HTML write them, by the sign they begin with."""
LAYERS: Final = 4
"""How many escapings may lie on top of each other, such as JSON within JSON."""
LAYERS_OF_LONG: Final = 2
"""The same for what is longer than any message is."""

MEMBER: Final = (
    r"[\w.-]{0,64}(?:token|secret|password|passwd|authorization|api[_-]?key|private[_-]?key"
    r"|code_verifier)[\w.-]{0,64}"
)
# Every repetition that may start anywhere has an end, so that no text takes long.
MEMBERS: Final = re.compile(MEMBER, re.IGNORECASE)
PROSE: Final = r"(?:access|auth\w*|credentials?|header|is|or|realm|schemes?|tokens?)"
SCHEME: Final = r"(?:Digest|Token|Negotiate|ApiKey|AWS\S*)"
PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # A member of JSON, also of a Python dict; what cuts it short may cut the last quote.
        rf'["\']{MEMBER}["\']\s*:\s*"(?P<secret>(?:[^"\\]|\\.)*)',
        rf"[\"']{MEMBER}[\"']\s*:\s*'(?P<secret>(?:[^'\\]|\\.)*)",
        # One that is no text but should be: whatever it holds.
        rf"[\"']{MEMBER}[\"']\s*:\s*(?P<secret>[\[{{][^\]}}]*)",
        # A parameter of a query or a form.
        rf"(?<![\w.-]){MEMBER}=(?P<secret>[^&\s\"'`<>#;,]+)",
        r"[?&]code=(?P<secret>[^&\s\"'`<>#;,]+)",
        # A header; a word behind the scheme is prose ("Bearer token missing").
        rf"\b(?:Bearer|Basic)[\s+:]+(?!{PROSE}\b)(?P<secret>[^\s\"'`<>,;]+)",
        rf"\bAuthorization[\"']?\s*[:=]\s*[\"']?{SCHEME}\s+(?P<secret>[^\r\n\"'<>]+)",
        # The account in an address.
        r"(?<=://)(?P<secret>[^\s/?#\"'<>@]{1,512})@",
        # A token of LiveChat, which begins with its data centre.
        r"(?<![a-z0-9-])(?:dal|fra)(?:-[a-z]+)?:(?P<secret>[\w.~+/=-]+)",
        r"(?<![a-z0-9-])[a-z]+-[a-z]+[0-9]+(?:-[a-z]+)?:(?P<secret>[\w.~+/=-]{8,})",
    )
)
REGION: Final = re.compile(r"\A[a-z]+(?:-[a-z]+[0-9]+)?(?:-[a-z]+)?(?::|%3A)", re.IGNORECASE)


class SecretText(str):
    """A text that no ``repr`` shows: not in the variables of a traceback, alone or in a dict.

    Whether it is registered as well is up to whoever makes it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(GONE)


def register(*secrets: str, shortest: int = DISTINCT) -> None:
    """Remember secrets by value, so that no text shows them; the same one again costs little.

    Of a token, its part after the data centre is remembered as well. What has fewer than
    ``shortest`` characters is left alone, since it may be a word of every other text.
    """
    for secret in secrets:
        for value in {secret, REGION.sub("", secret)}:
            if len(value) >= shortest:
                _secrets.add(value)


def redacted(text: str) -> str:
    """Return the text with ``…`` in place of every secret; the same object if there is none."""
    spans = [span for layer in _layers(text) for span in layer.spans()]
    return _without(text, spans) if spans else text


def redacted_data(value: Any) -> Any:
    """Return a copy of JSON-like data with every text redacted, and members that name a secret."""
    return _redacted_data(value, 0)


def excerpt(data: bytes | bytearray | str, length: int) -> str:
    """Return the first characters of a body, redacted before they are cut.

    Cut first, the remaining half of a token would not be recognised.
    """
    # As long as any escaped spelling of a secret, or the window's end may cut one in two.
    margin = 8 * _secrets.longest
    window = WINDOW + length + margin
    text = data[:window]
    if not isinstance(text, str):
        text = bytes(text).decode("utf-8", "replace")
    text = redacted(text)
    if len(data) > window:
        text = text[: max(0, len(text) - margin)]
    return text if len(text) <= length else text[: length - 1] + GONE


def one_line(text: str) -> str:
    """Return the text with a space in place of each character that is not printable.

    A line break could forge a line of a log, an escape sequence does things to a terminal.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def without_secrets(error: E, *libraries: str) -> E:
    """Free an error, and what caused it, of the exceptions and frames of the given libraries.

    Their attributes and variables hold headers, and so the token, and whatever the server sent.
    A library is named by its package, or by a single module whose frames are to go.
    A redacted likeness takes the place of such an exception. Call it where the error has its
    context already, that is in the ``except`` clause of a caller of whoever raised it.
    """
    seen: set[int] = set()
    rest: list[BaseException] = [error]
    while rest:
        link = rest.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        link.__traceback__ = _own_frames(link.__traceback__, libraries)
        suppressed = link.__suppress_context__
        if link.__cause__ is not None:
            link.__cause__ = likeness(link.__cause__, *libraries)
            rest.append(link.__cause__)
        if link.__context__ is not None:
            link.__context__ = likeness(link.__context__, *libraries)
            rest.append(link.__context__)
        link.__suppress_context__ = suppressed
    return error


def likeness(error: BaseException, *libraries: str) -> BaseException:
    """Return what may be shown of an exception: itself, unless it is one of the libraries'.

    An ``OSError`` stays one of its kind, with its number and its text; others become a
    ``LibraryError`` with the name and the text.
    """
    kind = type(error)
    text = str(error)
    shown = redacted(text)
    foreign = kind.__module__.partition(".")[0] in libraries or isinstance(error, UnicodeError)
    if not foreign and not (kind.__module__ == "builtins" and shown != text):
        return error
    if isinstance(error, OSError) and type(error.errno) is int:
        reason = redacted(error.strerror) if isinstance(error.strerror, str) else ""
        for base in kind.__mro__:
            if base.__module__ in ("builtins", "socket", "ssl"):
                return base(error.errno, reason)  # type: ignore[no-any-return]
    return LibraryError(f"{kind.__module__}.{kind.__qualname__}: {shown}")


def log_failure(logger: logging.Logger, message: str, *args: object, error: BaseException) -> None:
    """Log the error of somebody else's function with its traceback.

    One that shows a secret is logged as text, redacted, for whoever formats a record takes the
    texts of exceptions as they are.
    """
    if not logger.isEnabledFor(logging.ERROR):
        return
    trace = "".join(traceback.format_exception(error))
    shown = redacted(trace)
    if shown == trace:
        logger.error(message, *args, exc_info=error)
    else:
        logger.error("%s\n%s", message % args, shown.rstrip())


class LibraryError(Exception):
    """Stands for the exception of a library, which may hold what is not to be shown."""


class _Layer:
    """A text after some escapes were undone, and where each of its characters comes from."""

    def __init__(self, text: str, places: list[int] | None = None) -> None:
        self.text = text
        self._places = places

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield where secrets are in the original text."""
        for start, end in _spans(self.text):
            yield (start, end) if self._places is None else (self._places[start], self._places[end])

    def without(self, sign: str) -> "_Layer | None":
        """Undo the escapes that begin with a sign, once; ``None`` if there are none."""
        if sign not in self.text:
            return None
        parts: list[str] = []
        places: list[int] = []
        done = 0
        for match in ESCAPES[sign].finditer(self.text):
            start = match.start()
            character = _ESCAPED[sign](match)
            parts += self.text[done:start], character
            places += range(done, start)
            places += [start] * len(character)
            done = match.end()
        if not parts:
            return None
        parts.append(self.text[done:])
        places += range(done, len(self.text) + 1)
        if self._places is not None:
            places = [self._places[place] for place in places]
        return _Layer("".join(parts), places)


def _layers(text: str) -> Iterator[_Layer]:
    """Yield the text as it is, and as it reads with its escapes undone, in whatever order."""
    layers = [_Layer(text)]
    yield layers[0]
    seen = {text}
    for _ in range(LAYERS if len(text) <= LONG else LAYERS_OF_LONG):
        above, layers = layers, list[_Layer]()
        for layer in (layer.without(sign) for layer in above for sign in ESCAPES):
            if layer is not None and layer.text not in seen:
                seen.add(layer.text)
                layers.append(layer)
                yield layer


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            yield match.span("secret")
    yield from _secrets.spans(text)


class _Secrets:
    """The secrets in use, found in a text in time that hardly depends on how many they are."""

    def __init__(self) -> None:
        self._lock = ForkSafeLock()
        self._spellings: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._starts: dict[str, list[str]] | None = {}
        """The spellings by their first characters; made anew when a text is searched."""
        self._short: list[str] = []
        self.longest = 0

    def add(self, secret: str) -> None:
        """Remember a secret."""
        with self._lock:
            if secret in self._spellings:
                self._spellings.move_to_end(secret)
                return
            self._spellings[secret] = ()
            if len(self._spellings) > MOST_SECRETS:
                self._spellings.popitem(last=False)
            self._starts = None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where secrets are."""
        with self._lock:
            starts = self._index() if self._starts is None else self._starts
            short = self._short
        # Headers lose their case on the way; a few letters change their length with it.
        lower = text.lower()
        text = lower if len(lower) == len(text) else text
        for place, start in _places(text, starts):
            for spelling in starts[start]:
                if text.startswith(spelling, place):
                    yield place, place + len(spelling)
        for spelling in short:
            for place in _all_places(text, spelling):
                if _stands_alone(text, place, place + len(spelling)):
                    yield place, place + len(spelling)

    def _index(self) -> dict[str, list[str]]:
        starts: dict[str, list[str]] = {}
        short: list[str] = []
        longest = 0
        for secret, spellings in self._spellings.items():
            if not spellings:
                plain = _spellings(secret)
                self._spellings[secret] = tuple(plain | {spelling.lower() for spelling in plain})
            for spelling in self._spellings[secret]:
                if len(spelling) < DISTINCT:
                    short.append(spelling)
                else:
                    starts.setdefault(spelling[:DISTINCT], []).append(spelling)
            longest = max(longest, len(secret))
        self._short, self.longest, self._starts = short, longest, starts
        return starts


_secrets = _Secrets()


def _places(text: str, starts: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    """Yield where one of the beginnings is, and which."""
    if len(starts) <= FEW:
        for start in starts:
            for place in _all_places(text, start):
                yield place, start
        return
    for place in range(len(text) - DISTINCT + 1):
        start = text[place : place + DISTINCT]
        if start in starts:
            yield place, start


def _all_places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum() or before in ("_", "-") or after in ("_", "-"))


def _spellings(secret: str) -> set[str]:
    """Return the secret as it looks once escapes are undone: plain, misread, in Base64 or hex."""
    utf8 = secret.encode("utf-8", "surrogatepass")
    spellings = {secret, utf8.decode("latin-1"), utf8.decode("utf-8", "replace")}
    encoded = {utf8}
    if not secret.isascii():
        spellings.add(utf8.decode("cp1252", "replace"))
        spellings.add(secret.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
        spellings.add("".join(_halves(secret)))
        narrow = secret.encode("latin-1", "replace")
        spellings |= {narrow.decode("latin-1"), narrow.decode("utf-8", "replace")}
        spellings.add(secret.encode("ascii", "replace").decode())
        encoded.add(narrow)
        # A text of question marks is no spelling of anything.
        spellings = {text for text in spellings if len(text.strip("?\ufffd")) >= SHORTEST}
    for data in encoded:
        if 2 * len(data) >= DISTINCT:
            spellings |= set(_as_numbers(data))
        if len(data) >= DISTINCT:
            spellings |= set(_in_base64(data))
    return spellings


def _as_numbers(data: bytes) -> Iterator[str]:
    """Yield the data byte by byte, as dumps and lists of bytes show it."""
    for separator in ("", " ", ":", "-"):
        yield data.hex(separator) if separator else data.hex()
    for separator in (",", ", ", " "):
        yield separator.join(map(str, data))


def _halves(text: str) -> Iterator[str]:
    """Yield the characters, those beyond 16 bits as the two halves that JSON writes."""
    for character in text:
        code = ord(character)
        if code < 0x10000:  # noqa: PLR2004 - the end of the basic plane
            yield character
        else:
            yield chr(0xD800 + ((code - 0x10000) >> 10)) + chr(0xDC00 + ((code - 0x10000) & 0x3FF))


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield the characters that tell the data, wherever in a longer Base64 text it begins."""
    yield b64encode(data).decode("ascii")
    yield urlsafe_b64encode(data).decode("ascii")
    for before in range(3):
        text = b64encode(b"\0" * before + data).decode("ascii")
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        whole = text[first:last]
        yield whole
        yield whole.replace("+", "-").replace("/", "_")


def _of_backslash(match: "re.Match[str]") -> str:
    sign = match[4]
    return SHORTHANDS.get(sign, sign) if sign else _of_code(match[1] or match[2] or match[3], 16)


def _of_percent(match: "re.Match[str]") -> str:
    return chr(int(match[1], 16))


def _of_entity(match: "re.Match[str]") -> str:
    if match[3]:
        return ENTITIES.get(match[3], match[0])
    return _of_code(match[1], 16) if match[1] else _of_code(match[2], 10)


def _of_code(digits: str, base: int) -> str:
    code = int(digits, base)
    return chr(code) if code < 0x110000 else "\ufffd"  # noqa: PLR2004 - the end of Unicode


_ESCAPED: Final = {"\\": _of_backslash, "%": _of_percent, "&": _of_entity}


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start >= end or end <= done:
            continue
        if start > done or not parts:
            parts += text[done:start], GONE
        done = end
    return "".join((*parts, text[done:]))


def _redacted_data(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, (bytes, bytearray)):
        return redacted(bytes(value).decode("utf-8", "replace")).encode()
    if depth >= DEEPEST:
        return value if isinstance(value, (int, float, bool, type(None))) else GONE
    if isinstance(value, Mapping):
        members: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {
            redacted(name) if isinstance(name, str) else name: GONE
            if isinstance(name, str) and isinstance(item, str) and MEMBERS.fullmatch(name)
            else _redacted_data(item, depth + 1)
            for name, item in members.items()
        }
    if isinstance(value, Sequence):
        items: Sequence[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [_redacted_data(item, depth + 1) for item in items]
    return value


def _own_frames(
    traceback: TracebackType | None, libraries: tuple[str, ...]
) -> TracebackType | None:
    kept: list[TracebackType] = []
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__", "")
        if name not in libraries and name.partition(".")[0] not in libraries:
            kept.append(traceback)
        traceback = traceback.tb_next
    for place, following in zip(kept, [*kept[1:], None], strict=False):
        place.tb_next = following
    return kept[0] if kept else None
