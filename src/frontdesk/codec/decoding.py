"""From JSON to the types of frontdesk and back.

The strict decoder comes first and costs nothing extra. Only when it refuses is the JSON taken
apart, and read as far as it can be (see ``frontdesk.codec.repair``): one odd value costs that
value. What was repaired is reported.
"""

import builtins
import gc
import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TypeGuard, TypeVar, overload

import msgspec
from msgspec import Raw

from frontdesk.codec.damage import Damage, DamageReports, OnDamage, unfit
from frontdesk.codec.lexical import Cleaned, cleaned, fault, patched
from frontdesk.codec.plain import is_object
from frontdesk.codec.repair import Unfit, plan_of, refusal_of
from frontdesk.errors import DecodeError
from frontdesk.models.base import Model, attach
from frontdesk.models.fallback import MARK, RELEASES
from frontdesk.redaction import excerpt

__all__ = [
    "as_json",
    "convert",
    "decode",
    "decode_result",
    "decode_unreported",
    "encode",
    "is_decodable",
    "readable",
    "to_dict",
]

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode
_STAND_IN: Final = f'{{"type":"{MARK}'
"""How the JSON of a stand-in begins; nothing within a text does, where quotes are escaped."""
_parse_at = json.JSONDecoder().raw_decode
_EXCERPT: Final = 80
_LARGE: Final = 64 * 1024


@overload
def decode(
    data: bytes | str, type: None, *, strict: bool = ..., on_damage: OnDamage | None = ...
) -> None: ...
@overload
def decode(
    data: bytes | str,
    type: builtins.type[T],
    *,
    strict: bool = ...,
    on_damage: OnDamage | None = ...,
) -> T: ...
@overload
def decode(
    data: bytes | str, type: Any, *, strict: bool = ..., on_damage: OnDamage | None = ...
) -> Any: ...
def decode(
    data: bytes | str, type: Any, *, strict: bool = False, on_damage: OnDamage | None = None
) -> Any:
    """Decode JSON into ``type``: a structure, a list of them, a union such as ``Event``.

    One odd value costs that value. A malformed optional field takes its default; an event, user,
    chat or thread that cannot be repaired becomes an ``UnknownEvent``, ``UnknownUser``,
    ``UnknownChat`` or ``UnknownThread`` that keeps its JSON. What was repaired is in the result's
    ``damage`` (where it is a result of a method, a push or a webhook) and in the log, one line for
    each kind. New fields and new types of events are no damage. Of a name that stands twice in an
    object the last one counts, and nothing is reported.

    Args:
        data: JSON; a byte order mark is skipped.
        type: What to make of it. With ``None``, only check that it is JSON.
        strict: Raise ``DecodeError`` instead of repairing.
        on_damage: Called with each ``Damage``; what it raises is logged.

    Raises:
        DecodeError: It is not JSON, or not what ``type`` promises and of no use; with the path of
            the first value that does not fit.
    """
    reports = DamageReports(strict=strict, on_damage=on_damage)
    return decode_result(data, type, reports, _name_of(type))


def decode_result(
    data: bytes | str | Raw,
    type: Any,
    reports: DamageReports,
    source: str,
    before: tuple[Damage, ...] = (),
) -> Any:
    """Decode what ``source`` brought, as ``decode`` does, and report damage.

    ``before`` is what was repaired on the way here.
    """
    if type is None:
        _check(data)
        return None
    # Without a call for what nearly every response is.
    size = len(data) if data.__class__ is bytes else _size(data)
    if not before and size < _LARGE:
        try:
            return _decoder(type).decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass
    # JSON makes no cycles: the dicts of a large response would set off the garbage collector
    # several times, in vain.
    pause = size >= _LARGE and gc.isenabled()
    if pause:
        gc.disable()
    try:
        value, damages = decode_unreported(data, type)
    finally:
        if pause:
            gc.enable()
    if before or damages:
        excerpt = _excerpt(data) if reports.strict else ""
        attach(value, reports((*before, *damages), source, excerpt=excerpt))
    return value


def decode_unreported(data: bytes | str | Raw, type: Any) -> tuple[Any, Sequence[Damage]]:
    """Decode JSON as ``decode`` does, and return what was repaired beside it.

    Raises:
        DecodeError: It is not JSON, or not what ``type`` promises and of no use.
    """
    try:
        return _decoder(type).decode(data), ()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        refusal = error
    return _read(data, type, refusal)


@overload
def convert(value: Any, type: builtins.type[T]) -> T: ...
@overload
def convert(value: Any, type: Any) -> Any: ...
def convert(value: Any, type: Any) -> Any:
    """Convert parsed JSON into ``type``, as ``decode`` does; ``value`` stays as it is.

    Raises:
        DecodeError: A value does not fit; the error has the path of the first one.
    """
    try:
        return msgspec.convert(value, type)
    except (msgspec.ValidationError, RecursionError):
        return decode(as_json(value), type)


def as_json(value: Any) -> bytes:
    """Encode parsed JSON, whatever texts are in it."""
    try:
        return _encode(value)
    except (UnicodeError, RecursionError, TypeError, ValueError, msgspec.MsgspecError):
        pass
    try:
        return json.dumps(value).encode()
    except (RecursionError, TypeError, ValueError) as error:
        raise DecodeError(f"cannot be JSON: {error}") from None


def encode(value: Any) -> bytes:
    """Encode a structure as JSON, as the API sends it.

    Stand-ins for unknown items come out as they came in, a push as its payload.
    """
    data = _encode(_on_the_wire(value))
    return _released(data.decode()).encode() if _STAND_IN.encode() in data else data


def to_dict(value: Any) -> Any:
    """Turn a structure into plain data that ``json.dumps`` takes, with the names on the wire.

    Dates are texts, as the API sends them; fields that are ``None`` and were not sent are not
    there; stand-ins for unknown items come out as they came in. Lists and dicts of structures
    become lists and dicts of plain data.
    """
    return json.loads(encode(value))


def _on_the_wire(value: Any) -> Any:
    if isinstance(value, Model):
        return value.on_the_wire()
    if _is_sequence(value):
        return [_on_the_wire(item) for item in value]
    if is_object(value):
        return {name: _on_the_wire(item) for name, item in value.items()}
    return value


def _is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, (list, tuple))


def _size(data: bytes | str | Raw) -> int:
    return len(memoryview(data) if isinstance(data, Raw) else data)


@cache
def _decoder(type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type)


def is_decodable(type: Any) -> bool:
    """Tell whether JSON can be decoded, and repaired, into a type."""
    try:
        return _is_decodable(type)
    except (TypeError, ValueError, NameError):
        # NameError: an annotation of a structure that names nothing.
        return False


@cache
def _is_decodable(type: Any) -> bool:
    from msgspec import inspect  # only those need it who bring a type of their own

    # msgspec takes a class of any kind, and then refuses whatever it is to make one of.
    if isinstance(inspect.type_info(type), inspect.CustomType):
        return False
    _decoder(type)
    plan_of(type)
    return True


def _read(data: bytes | str | Raw, type: Any, refusal: Exception) -> tuple[Any, list[Damage]]:
    """Read what the strict decoder refused, and return what was repaired."""
    raw = _bytes(data)
    if _is_json(refusal):
        try:
            return _mended(Cleaned(raw), type, refusal)
        except Unfit as error:
            if fault(raw) is None:
                raise unfit(error.problem, error.path, _excerpt(data)) from None
            # The strict decoder gave up before it came to what is not JSON.
    elif not isinstance(refusal, RecursionError):
        try:
            return _reread(patched(raw, str(refusal)), type)
        except (Unfit, DecodeError):
            pass  # there is more of it, further on
    whole = cleaned(raw)
    try:
        return _reread(whole, type)
    except Unfit as error:
        malformed = fault(whole.data)
        if malformed is None:
            raise unfit(error.problem, error.path, _excerpt(data)) from None
        raise DecodeError(f"not valid JSON: {malformed}", excerpt=_excerpt(data)) from None
    except DecodeError as error:
        raise DecodeError(error.message, excerpt=_excerpt(data)) from None


def _reread(whole: Cleaned, type: Any) -> tuple[Any, list[Damage]]:
    """Read JSON in which something was replaced.

    Raises ``DecodeError`` if it is none yet, and ``Unfit`` if it is not what ``type`` promises.
    """
    try:
        return _decoder(type).decode(whole.data), whole.damage()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        refusal = error
    if not _is_json(refusal) and (malformed := fault(whole.data)) is not None:
        raise DecodeError(f"not valid JSON: {malformed}")
    return _mended(whole, type, refusal)


def _mended(whole: Cleaned, type: Any, refusal: Exception) -> tuple[Any, list[Damage]]:
    """Read JSON that is not what ``type`` promises. Raises ``Unfit`` if it is of no use."""
    damages: list[Damage] = []
    try:
        value = plan_of(type).mend(whole.data, "$", damages, refusal_of(refusal))
    except RecursionError:
        raise Unfit("", "nested too deeply") from None
    return value, [*whole.damage(), *damages]


def _is_json(refusal: Exception) -> bool:
    """Whether the strict decoder took it for JSON as far as it came."""
    return isinstance(refusal, (msgspec.ValidationError, UnicodeError))


def readable(data: bytes | str | Raw, *, cut: bool = True) -> tuple[bytes, list[Damage]]:
    """Return JSON with nothing in it that keeps it from being taken apart, and what was replaced.

    What is nested too deeply is replaced only if it may be ``cut``.

    Raises:
        DecodeError: It is not JSON.
    """
    raw = _bytes(data)
    if fault(raw) is None:
        return raw, []
    whole = cleaned(raw, cut=cut)
    if (malformed := fault(whole.data)) is not None:
        raise DecodeError(f"not valid JSON: {malformed}", excerpt=_excerpt(data))
    return whole.data, whole.damage()


def _check(data: bytes | str | Raw) -> None:
    """Check that it is JSON, whatever it holds."""
    readable(data)


def _bytes(data: bytes | str | Raw) -> bytes:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def _name_of(type: Any) -> str:
    return type.__name__ if isinstance(type, builtins.type) else "JSON"


def _released(text: str) -> str:
    """Take the stand-ins out of JSON; the rest of it, which may be large, stays untouched."""
    parts: list[str] = []
    done = 0
    while (start := text.find(_STAND_IN, done)) >= 0:
        wrapped, end = _parse_at(text, start)
        parts += text[done:start], _encode(RELEASES[wrapped["type"]](wrapped)).decode()
        done = end
    return "".join((*parts, text[done:]))


def _excerpt(data: bytes | str | Raw) -> str:
    """The first characters, without secrets."""
    return excerpt(bytes(data) if isinstance(data, Raw) else data, _EXCERPT)
