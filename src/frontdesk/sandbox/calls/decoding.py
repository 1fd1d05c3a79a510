"""From a request's JSON to its declared action, for clients in any language.

The strict decoder comes first and costs nothing extra. Only when it refuses does the request go
through plain dicts: other languages send what is not set as ``null``, as an empty text or as the
time zero, so where one of these does not fit, it counts as not sent. A number never does: a
``limit`` is at least 1, and LiveChat's SDKs leave one of 0 out. What still does not fit is a
``validation`` error that names the field.
"""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct, inspect

from frontdesk.actions import UpdateAgent, UpdateCannedResponse
from frontdesk.actions.customer import SetCustomerSessionFields, UpdateCustomer
from frontdesk.actions.customer.customers import MAX_SESSION_FIELDS
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import InvalidArgument, LimitReached, ValidationError
from frontdesk.spec.checks import read

__all__ = ["decode_request", "decode_requests", "refusal_of"]

A = TypeVar("A", bound=Struct)
Token = str | int | None
"""A step into JSON: a member, an item, or a member that the decoder does not name."""

_KEY: Final = " - at `key` in `$"
_NAMES: Final = "names: "
"""Begins what is said of the names in an object, and not of what they stand for."""
_PATH: Final = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]|\[(\.\.\.)\]")
_EXPECTED: Final = re.compile(r"Expected `([^`]+)`(.*?)(?:, got `([^`]+)`)?")
_MISSING: Final = re.compile(r"Object missing required field `([^`]+)`")
_INVALID: Final = re.compile(r"Invalid (?:enum )?value (.+)", re.DOTALL)
_TIME_ZERO: Final = "0001-01-01T00:00:00"
_OUT_OF_RANGE: Final = "out of range"
_IS_REQUIRED: Final = "is required"
_NOT_EMPTY: Final = "must not be empty"
_SHOWN: Final = 60
_TRIES: Final = 500
_TRIES_OF_LONG: Final = 50
_LONG: Final = 256 * 1024
"""How often a request is tried again, and one of more bytes, so that a hostile one costs little."""

_REFUSING_NULL: Final = frozenset({UpdateAgent})
"""Where ``null`` is an error: what is not sent stays as it is, so it might be meant to empty."""

_REFUSING_EMPTY: Final[dict[type[Struct], tuple[str, ...]]] = {UpdateCannedResponse: ("text",)}
"""Where an empty text is an error, as one of blanks is, and does not count as not sent."""

_LIMITED: Final[dict[type[Struct], str]] = {
    UpdateCustomer: "session_fields",
    SetCustomerSessionFields: "session_fields",
}
"""Where too many items are ``limit_reached``."""

_WORDS: Final = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "an array",
    "datetime": "a time in RFC 3339",
    "bytes": "a Base64 string",
}


class _Refusal(Exception):
    """Where a request does not fit, and the rule it breaks there.

    ``spans_fields``: the rule is about several fields; ``free``: the last step is a key that the
    user chose, not a field of the API.
    """

    def __init__(
        self,
        path: tuple[Token, ...],
        rule: str,
        *,
        spans_fields: bool = False,
        free: bool = False,
    ) -> None:
        self.path = path
        self.rule = rule
        self.spans_fields = spans_fields
        self.free = free
        super().__init__(rule)


def decode_request(action: type[A], body: bytes) -> A:
    """Decode the body of a request; an empty one counts as ``{}``.

    Raises ``ValidationError`` that names the field, and ``LimitReached`` for too many session
    fields.
    """
    body = body or b"{}"
    try:
        try:
            result: A = read(_decoder(action), body)
        except msgspec.ValidationError as error:
            tries = _TRIES if len(body) <= _LONG else _TRIES_OF_LONG
            request = _plain(body, error)
            if action in _REFUSING_NULL:
                _refuse_null(action, request)
            _refuse_empty(action, request)
            _refuse_too_many(action, request)
            return _leniently(action, request, error, tries)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ValidationError(f"the request is not valid JSON: {error}") from None
    except RecursionError:
        raise ValidationError("the request is nested too deeply") from None
    return result


def refusal_of(type: type[Struct], body: bytes, error: msgspec.ValidationError) -> ValidationError:
    """Why a decoder refuses a body, which names the field; for JSON that no lenience is for.

    Raises ``msgspec.DecodeError`` if the body is no JSON.
    """
    try:
        refusal = _refusal(type, _plain(body, error), error)
    except ValidationError as out_of_range:
        return out_of_range
    return _named(refusal.path, refusal.rule)


def _refuse_null(action: type[Struct], request: Any) -> None:
    if is_object(request):
        for name in action.__struct_fields__:
            if name in request and request[name] is None:
                raise ValidationError(f"`{name}` must not be null: leave out what is to stay")


def _refuse_empty(action: type[Struct], request: Any) -> None:
    if is_object(request):
        for name in _REFUSING_EMPTY.get(action, ()):
            if request.get(name) == "":
                raise ValidationError(f"`{name}` {_NOT_EMPTY}")


def _refuse_too_many(action: type[Struct], request: Any) -> None:
    name = _LIMITED.get(action)
    items = request.get(name) if name is not None and is_object(request) else None
    if is_array(items) and sum(map(_keys, items)) > MAX_SESSION_FIELDS:
        raise LimitReached(f"`{name}` must hold at most {MAX_SESSION_FIELDS} keys")


def _keys(item: object) -> int:
    return len(item) if is_object(item) else 1


class _Batch(Struct):
    requests: list[Any]


def decode_requests(action: type[A], body: bytes) -> list[A | ValidationError]:
    """Decode the body of a batch: what does not fit is the error of its own place.

    Raises ``ValidationError`` if the body has no list of ``requests``.
    """
    encode = msgspec.json.encode
    return [_or_error(action, encode(item)) for item in decode_request(_Batch, body).requests]


def _or_error(action: type[A], body: bytes) -> A | ValidationError:
    try:
        return decode_request(action, body)
    except ValidationError as error:
        return error


@cache
def _decoder(action: type[A]) -> Callable[[bytes], A]:
    return msgspec.json.Decoder(action).decode


@cache
def _converter(action: type[A]) -> Callable[[Any], A]:
    return partial(msgspec.convert, type=action)


def _plain(body: bytes, error: msgspec.ValidationError) -> Any:
    """The JSON as it is; raises ``ValidationError`` for a number that no decoder can hold.

    Such a number ends the decoding wherever it stands, so ``error`` may be the one to name it.
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:
        text, path = _split(error)
        exact = path[: path.index(None)] if None in path else path
        raise _named(
            exact if text.endswith(_OUT_OF_RANGE) else (),
            "must not hold a number that is out of range",
        ) from None


def _leniently(action: type[A], request: Any, error: msgspec.ValidationError, tries: int) -> A:
    """Remove what does not fit and stands for nothing, until all fits or something is wrong."""
    rules: dict[tuple[Token, ...], str] = {}
    for _ in range(tries):
        refusal = _refusal(action, request, error)
        removed = _without(request, refusal)
        if not removed:
            raise _named(refusal.path, rules.get(refusal.path, refusal.rule))
        rules.update(removed)
        try:
            result: A = read(_converter(action), request)
        except msgspec.ValidationError as next_error:
            error = _without_frames(next_error)
        else:
            return result
    raise ValidationError(f"more than {tries} values of the request are null or empty")


def _without_frames(error: msgspec.ValidationError) -> msgspec.ValidationError:
    """Let an error go of the frames that lead to whoever keeps it, and of all that they hold."""
    for part in (error, error.__cause__, error.__context__):
        if part is not None:
            part.__traceback__ = None
    return error


def _without(request: Any, refusal: _Refusal) -> dict[tuple[Token, ...], str]:
    """Remove the value that is refused, if it stands for nothing.

    A rule that spans several fields may name one that is missing because of another that stands
    for nothing. Returns each path removed, with the rule for the message should it be required.
    """
    *parents, name = refusal.path or (None,)
    holder = _at(request, parents)
    if not is_object(holder) or refusal.free:
        return {}
    names: list[Any] = [name] if name in holder else []
    if not names and refusal.spans_fields:
        names = list(holder)
    removed: dict[tuple[Token, ...], str] = {}
    for candidate in names:
        value = holder[candidate]
        if _stands_for_nothing(value):
            del holder[candidate]
            rule = _IS_REQUIRED if candidate == name else refusal.rule
            removed[(*parents, candidate)] = rule
    return removed


def _stands_for_nothing(value: Any) -> bool:
    match value:
        case None | "":
            return True
        case str():
            return value.startswith(_TIME_ZERO)
        case _:
            return False


def _refusal(action: type[Struct], request: Any, error: msgspec.ValidationError) -> _Refusal:
    text, steps = _split(error)
    path = _exact(action, request, steps, text)
    cause = error.__cause__
    if isinstance(cause, InvalidArgument):
        return _Refusal((*path, *_steps(f".{cause.field}")), cause.rule, spans_fields=True)
    missing = _MISSING.fullmatch(text)
    if missing:
        return _Refusal((*path, missing[1]), _IS_REQUIRED)
    free = (bool(steps) and steps[-1] is None) or text.startswith(_NAMES)
    return _Refusal(path, _rule(action, path, text), free=free)


def _split(error: msgspec.ValidationError) -> tuple[str, tuple[Token, ...]]:
    text, separator, path = str(error).rpartition(_KEY)
    if separator:
        return f"{_NAMES}{text}", _steps(path)
    text, separator, path = str(error).rpartition(" - at `$")
    return (text, _steps(path)) if separator else (str(error), ())


def _steps(path: str) -> tuple[Token, ...]:
    return tuple(
        match[1] if match[1] is not None else int(match[2]) if match[2] else None
        for match in _PATH.finditer(path)
    )


def _exact(
    action: type[Struct], request: Any, path: tuple[Token, ...], text: str
) -> tuple[Token, ...]:
    """Find the members that the decoder calls ``[...]``: with them alone it complains as well."""
    exact = path
    for position, token in enumerate(path):
        holder = _at(request, exact[:position]) if token is None else None
        if not is_object(holder):
            continue
        name = _member(holder, lambda: _complaint(action, request) == (text, path))
        if name is not None:
            exact = (*exact[:position], name, *exact[position + 1 :])
    return exact


def _member(holder: dict[str, Any], complains: Callable[[], bool]) -> str | None:
    """Find the member that the decoder complains about: by halves, as there may be very many."""
    members = list(holder.items())
    left = members
    try:
        while len(left) > 1:
            half = left[: len(left) // 2]
            holder.clear()
            holder.update(half)
            left = half if complains() else left[len(half) :]
        holder.clear()
        holder.update(left)
        return left[0][0] if left and complains() else None
    finally:
        holder.clear()
        holder.update(members)


def _complaint(action: type[Struct], request: Any) -> tuple[str, tuple[Token, ...]] | None:
    try:
        read(_converter(action), request)
    except msgspec.ValidationError as error:
        return _split(error)
    return None


def _at(value: Any, path: list[Token] | tuple[Token, ...]) -> Any:
    for token in path:
        try:
            value = value[token]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _named(path: tuple[Token, ...], rule: str) -> ValidationError:
    field = ""
    for token in path:
        if token is None:
            # A member that could not be found out: what holds it is named.
            break
        if isinstance(token, int):
            field += f"[{token}]"
        else:
            name = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}…"
            field += f".{name}" if field else name
    if field:
        return ValidationError(f"`{field}` {rule}")
    return ValidationError(f"the request {rule}" if rule.startswith("must ") else rule)


def _rule(action: type[Struct], path: tuple[Token, ...], text: str) -> str:
    """Say in the words of JSON what the decoder says in those of Python."""
    if text.startswith(_NAMES):
        rule = _rule(action, path, text.removeprefix(_NAMES))
        return "must not have an empty name" if rule == _NOT_EMPTY else f"has a name that {rule}"
    invalid = _INVALID.fullmatch(text)
    if invalid:
        allowed = sorted(_allowed(inspect.type_info(action), path), key=str)
        value = invalid[1] if len(invalid[1]) <= _SHOWN else "what was sent"
        if allowed:
            return f"must be one of {', '.join(f'`{text}`' for text in allowed)}, not {value}"
        return f"must not be {value}"
    if text.startswith("Invalid RFC3339"):
        return "must be a time in RFC 3339, such as 2026-01-31T12:00:00.000000Z"
    expected = _EXPECTED.fullmatch(text)
    if expected is None:
        return f"must fit: {text[:1].lower()}{text[1:]}"
    kinds, limit, kind = expected.groups()
    if limit == " of length >= 1":
        return _NOT_EMPTY
    rule = f"must be {_words(kinds)}{limit}"
    return f"{rule}, not {_words(kind)}" if kind else rule


def _words(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))


def _allowed(kind: inspect.Type, path: tuple[Token, ...]) -> set[Any]:
    """The values that a text may have at a path, empty if it is not one of a few."""
    match kind:
        case inspect.Metadata():
            return _allowed(kind.type, path)
        case inspect.UnionType():
            return set[Any]().union(*(_allowed(part, path) for part in kind.types))
        case inspect.LiteralType() if not path:
            return set(kind.values)
        case inspect.StructType() if path:
            if path == (kind.tag_field,):
                return {kind.tag}
            fields = [field.type for field in kind.fields if field.encode_name == path[0]]
            return set[Any]().union(*(_allowed(part, path[1:]) for part in fields))
        case inspect.ListType() if path:
            return _allowed(kind.item_type, path[1:])
        case inspect.DictType() if path:
            return _allowed(kind.value_type, path[1:])
        case _:
            return set()
