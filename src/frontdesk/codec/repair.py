"""Reading JSON that is not what the API promises: as much of it as there is.

A ``Plan`` knows one type. It reads a piece of JSON with the strict decoder, and takes it apart only
where that refuses: objects into fields, lists into items, down to the value that does not fit.
There a field takes its default, a list loses the item, and an item that has a stand-in becomes one.
Each repair is written into a report.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeAlias, TypeGuard, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Raw, Struct, UnsetType

from frontdesk.codec.damage import Damage, child
from frontdesk.models.base import Model, in_utc, odd_date
from frontdesk.models.chats.chat import Chat, ChatSummary, UnknownChat, UnknownChatSummary
from frontdesk.models.chats.thread import Thread, ThreadSummary, UnknownThread, UnknownThreadSummary
from frontdesk.models.fallback import Fallback, Unknown
from frontdesk.models.users.user import Customer, UnknownCustomer

__all__ = ["ANYTHING", "Plan", "Unfit", "as_utf8", "plan_of", "refusal_of", "split_object"]

Report: TypeAlias = list[Damage]
Json: TypeAlias = bytes | Raw
Pieces: TypeAlias = dict[str, Raw | list[Raw] | UnsetType]

STAND_INS: Final[dict[type[Any], type[Any]]] = {
    Chat: UnknownChat,
    ChatSummary: UnknownChatSummary,
    Thread: UnknownThread,
    ThreadSummary: UnknownThreadSummary,
    Customer: UnknownCustomer,
}
"""What stands for a structure that lacks a required field; those of events and users are in their
unions."""

SURROGATE: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
AT_ITEM: Final = re.compile(r"`\$(?:\.([^.\[`]+))?\[(\d+)\]")
"""The item at which the strict decoder gave up, in the text of its error; and the list's name."""
MISSING: Final = "is missing"
NOT_UTF8: Final = "not UTF-8"
NO_DATE: Final = "not a date; only `raw` has it"
TOO_DEEP: Final = "nested too deeply"
REPLACEMENT: Final = "�".encode()

_pieces: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_items: Final = msgspec.json.Decoder(list[Raw]).decode
_text: Final = msgspec.json.Decoder(str).decode


class Unfit(Exception):
    """A value cannot be read as its type, nor repaired."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(path, problem)

    def report(self, report: Report, consequence: str) -> None:
        """Add it to the report, with what became of the value."""
        report.append(Damage(self.path, f"{self.problem}; {consequence}"))


def as_utf8(raw: Json) -> bytes:
    """Replace what is not UTF-8, surrogates included, by U+FFFD."""
    data = SURROGATE.sub(REPLACEMENT, bytes(raw))
    return data.decode("utf-8", "replace").encode()


def split_object(raw: Json, path: str, report: Report) -> dict[str, Raw]:
    """Take an object apart; names that are not UTF-8 are repaired."""
    try:
        return _pieces(raw)
    except UnicodeError:
        report.append(Damage(path, "a name is not UTF-8; U+FFFD is in its place"))
        return _pieces(as_utf8(raw))
    except msgspec.DecodeError as error:
        raise Unfit(path, problem_of(str(error))) from None
    except RecursionError:
        raise Unfit(path, TOO_DEEP) from None


def split_list(raw: Json, path: str) -> list[Raw]:
    """Take a list apart."""
    try:
        return _items(raw)
    except msgspec.DecodeError as error:
        raise Unfit(path, problem_of(str(error))) from None
    except RecursionError:
        raise Unfit(path, TOO_DEEP) from None


def refusal_of(error: Exception) -> str:
    """Return why the strict decoder refused JSON."""
    if isinstance(error, UnicodeError):
        return NOT_UTF8
    return TOO_DEEP if isinstance(error, RecursionError) else str(error)


def problem_of(text: str) -> str:
    """Return what the strict decoder said, without the path."""
    return text.partition(" - at `")[0]


class Plan:
    """How to read one type; this one knows types that nothing can be repaired in."""

    stand_in: Callable[[Any], Any] | None = None
    """Makes an item of whatever stood in its place."""

    def __init__(self, type: Any) -> None:
        self.decode: Callable[..., Any] = msgspec.json.Decoder(type).decode

    def fit(self, raw: Json, path: str, report: Report) -> Any:
        """Read JSON as the type; raise ``Unfit`` if that is not possible."""
        try:
            return self.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            problem = refusal_of(error)
        return self.mend(raw, path, report, problem)

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read what the strict decoder refused."""
        if problem == NOT_UTF8:
            report.append(Damage(path, f"{problem}; U+FFFD is in its place"))
            return self.fit(as_utf8(raw), path, report)
        raise Unfit(path, problem_of(problem))


class DatePlan(Plan):
    """A date, or one among other simple types."""

    def fit(self, raw: Json, path: str, report: Report) -> Any:
        """Read a date and bring it into UTC."""
        value = super().fit(raw, path, report)
        try:
            return in_utc(value) if isinstance(value, datetime) else value
        except ValueError as error:
            raise Unfit(path, str(error).capitalize()) from None

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read other spellings of ISO 8601, such as an offset without a colon."""
        try:
            date = odd_date(_text(raw))
        except ValueError:  # msgspec's errors are ones, too
            date = None
        if date is not None:
            return date
        return super().mend(raw, path, report, problem)


class AnythingPlan(Plan):
    """JSON of any kind: what cannot be held in Python becomes null."""

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Take apart what holds the value at fault."""
        match bytes(memoryview(raw)[:1]):
            case b"{":
                pieces = split_object(raw, path, report)
                return {
                    name: self.or_null(piece, child(path, name), report)
                    for name, piece in pieces.items()
                }
            case b"[":
                items = split_list(raw, path)
                return [
                    self.or_null(piece, f"{path}[{n}]", report) for n, piece in enumerate(items)
                ]
            case _:
                return super().mend(raw, path, report, problem)

    def or_null(self, raw: Json, path: str, report: Report) -> Any:
        """Read anything; null if it cannot be held at all."""
        try:
            return self.fit(raw, path, report)
        except Unfit as unfit:
            unfit.report(report, "null is in its place")
            return None


ANYTHING: Final = AnythingPlan(Any)


class ListPlan(Plan):
    """A list; ``whole`` says that no item of it may be dropped."""

    def __init__(self, type: Any, item: Plan, *, whole: bool) -> None:
        super().__init__(type)
        self._item = item
        self._whole = whole

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read item by item; null stands for an empty list."""
        if bytes(raw) == b"null":
            return []
        at = AT_ITEM.search(problem)
        odd = int(at[2]) if at and at[1] is None else None
        return self.of(split_list(raw, path), path, report, odd)

    def of(self, pieces: list[Raw], path: str, report: Report, odd: int | None) -> list[Any]:
        """Read item by item; the one at ``odd`` is known to be damaged.

        Joining the sound ones to decode them in one go takes longer than it saves: it copies them.
        """
        items: list[Any] = []
        decode = self._item.decode
        for position, piece in enumerate(pieces):
            if position != odd:
                try:
                    items.append(decode(piece))
                    continue
                except (msgspec.DecodeError, UnicodeError, RecursionError):
                    pass
            self._add(items, piece, f"{path}[{position}]", report)
        return items

    def _add(self, items: list[Any], piece: Raw, path: str, report: Report) -> None:
        try:
            items.append(self._item.fit(piece, path, report))
        except Unfit as unfit:
            if self._item.stand_in is not None:
                items.append(self._item.stand_in(ANYTHING.or_null(piece, path, report)))
                unfit.report(report, "a stand-in keeps the item")
            elif self._whole:
                raise
            else:
                unfit.report(report, "the item is dropped")


class DictPlan(Plan):
    """An object with free names."""

    def __init__(self, type: Any, item: Plan) -> None:
        super().__init__(type)
        self._item = item

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read value by value; null and ``[]``, which some back ends write, are an empty one."""
        if bytes(raw) in (b"null", b"[]"):
            return {}
        values: dict[str, Any] = {}
        for name, piece in split_object(raw, path, report).items():
            try:
                values[name] = self._item.fit(piece, child(path, name), report)
            except Unfit as unfit:
                unfit.report(report, "the entry is dropped")
        return values


class StructPlan(Plan):
    """A structure."""

    def __init__(self, cls: type[Struct]) -> None:
        super().__init__(cls)
        self._cls = cls
        self._fields = msgspec.structs.fields(cls)
        self._never_guessed: frozenset[str] = getattr(cls, "never_guessed", frozenset())
        self._whole: frozenset[str] = getattr(cls, "kept_whole", frozenset())
        self._of_stand_in = stand_in = STAND_INS.get(cls)
        if stand_in is not None:
            self.stand_in: Callable[[Any], Any] | None = lambda plain: stand_in(raw=plain)
        config = cls.__struct_config__
        self._tag_field, self._tag = config.tag_field, config.tag
        # Long lists are at once cut into items, instead of being read over twice.
        self._lists = [field for field in self._fields if get_origin(field.type) is list]
        kinds = {field.encode_name: list[Raw] for field in self._lists}
        parts = [
            (
                f"field_{n}",
                kinds.get(field.encode_name, Raw) | UnsetType,
                msgspec.field(name=field.encode_name, default=UNSET),
            )
            for n, field in enumerate(self._fields)
        ]
        self._names = [field.encode_name for field in self._fields]
        self._cut = msgspec.json.Decoder(msgspec.defstruct("Parts", parts)).decode

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read field by field."""
        pieces = self._pieces_of(raw, path, report)
        values: dict[str, Any] = {}
        lacking: dict[str, Unfit] = {}
        at = AT_ITEM.search(problem)
        for field in self._fields:
            name, where = field.name, child(path, field.encode_name)
            piece = pieces.get(field.encode_name, UNSET)
            if piece is UNSET:
                if field.required:
                    lacking[name] = Unfit(where, MISSING)
                continue
            plan = plan_of(field.type, whole=name in self._whole)
            mark = len(report)
            try:
                if isinstance(piece, Raw):
                    values[name] = plan.fit(piece, where, report)
                elif isinstance(plan, ListPlan):
                    odd = int(at[2]) if at and at[1] == field.encode_name else None
                    values[name] = plan.of(piece, where, report, odd)
            except Unfit as unfit:
                del report[mark:]
                if field.required or name in self._never_guessed:
                    lacking[name] = unfit
                else:
                    unfit.report(report, "the default is in its place")
        self._check_tag(pieces, path, report)
        if lacking:
            return self._rescued(values, lacking, raw, path, report)
        return self._cls(**values)

    def _pieces_of(self, raw: Json, path: str, report: Report) -> Pieces:
        if self._lists and self._tag is None:
            try:
                parts = self._cut(raw)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                pass
            else:
                return dict(zip(self._names, msgspec.structs.astuple(parts), strict=True))
        return dict(split_object(raw, path, report))

    def _check_tag(self, pieces: Pieces, path: str, report: Report) -> None:
        """Take a structure for what it stands as, even if it does not say so itself."""
        if self._tag is None or self._tag_field is None:
            return
        piece = pieces.get(self._tag_field)
        if not isinstance(piece, Raw) or bytes(piece) != msgspec.json.encode(self._tag):
            where = child(path, self._tag_field)
            report.append(Damage(where, f"is not `{self._tag}`; taken for it nevertheless"))

    def _rescued(
        self,
        values: dict[str, Any],
        lacking: dict[str, Unfit],
        raw: Json,
        path: str,
        report: Report,
    ) -> Any:
        """Make a structure without what it lacks, if it is of use without."""
        first = next(iter(lacking.values()))
        # A structure with a single field may be of use with a placeholder, unless it is empty.
        single = len(self._fields) == 1 and first.problem != MISSING
        if not single and all(value is None for value in values.values()):
            raise first
        if self._of_stand_in is None and issubclass(self._cls, Model):
            for name, unfit in lacking.items():
                values[name] = self._cls.placeholder(name, values)
                if values[name] is NODEFAULT:
                    raise unfit
                unfit.report(report, "a placeholder is in its place")
            return self._cls(**values)
        if self._of_stand_in is None:
            raise first
        plain = ANYTHING.or_null(raw, path, [])
        for unfit in lacking.values():
            unfit.report(report, "a stand-in keeps the item")
        return self._of_stand_in(raw=plain, **values)


class TaggedPlan(Plan):
    """One of several structures, chosen by a field, or a stand-in."""

    def __init__(self, type: Any, structs: list[type[Struct]]) -> None:
        super().__init__(type)
        config = structs[0].__struct_config__
        self._tag_field = config.tag_field or "type"
        stand_ins = [cls for cls in structs if issubclass(cls, Fallback)]
        self._stand_ins = sorted(stand_ins, key=lambda cls: issubclass(cls, Unknown))
        self._known = {
            cls.__struct_config__.tag: cls for cls in structs if not issubclass(cls, Fallback)
        }
        unknown = next((cls for cls in stand_ins if issubclass(cls, Unknown)), None)
        if unknown is not None:
            self.stand_in: Callable[[Any], Any] | None = unknown.claim

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read it as what its tag says; else as a stand-in for it."""
        pieces = split_object(raw, path, [])
        try:
            tag = _text(pieces.get(self._tag_field, b""))
        except (msgspec.DecodeError, UnicodeError):
            tag = None
        unfit: Unfit | None = None
        if tag is None:
            unfit = Unfit(child(path, self._tag_field), "is not a text, or missing")
        elif tag in self._known:
            mark = len(report)
            try:
                return plan_of(self._known[tag]).fit(raw, path, report)
            except Unfit as lacking:
                del report[mark:]
                unfit = lacking
        plain = ANYTHING.or_null(raw, path, report)
        for cls in self._stand_ins:
            claim = cls.claim(plain)
            if claim is not None:
                if unfit is not None and isinstance(claim, Unknown):
                    unfit.report(report, "a stand-in keeps the item")
                if isinstance(claim, Unknown):
                    report += _odd_dates(claim, path, unfit)
                return claim
        raise unfit or Unfit(path, "is of an unknown type")


def _odd_dates(item: Unknown, path: str, unfit: Unfit | None) -> Report:
    """Report the dates of a stand-in that cannot be read, unless it is one for their sake."""
    places = [child(path, name) for name in item.unreadable_dates()]
    return [Damage(place, NO_DATE) for place in places if unfit is None or unfit.path != place]


class UnionPlan(Plan):
    """One of several types, told apart by how its JSON begins."""

    def __init__(self, type: Any, parts: tuple[Any, ...], *, whole: bool) -> None:
        super().__init__(type)
        structs = [part for part in parts if _is_struct(part)]
        others = {get_origin(part): part for part in parts if get_origin(part) in (list, dict)}
        self._parts: dict[bytes, Plan] = {}
        if len(structs) > 1:
            self._parts[b"{"] = TaggedPlan(type, structs)
        elif structs:
            self._parts[b"{"] = plan_of(structs[0])
        if dict in others:
            empty = plan_of(others[dict])
            self._parts |= {b"{": empty, b"[": empty}
        if list in others:
            self._parts[b"["] = plan_of(others[list], whole=whole)
        if others and NoneType not in parts:
            self._parts[b"n"] = next(iter(self._parts.values()))
        self.stand_in: Callable[[Any], Any] | None = (
            self._parts[b"{"].stand_in if b"{" in self._parts else None
        )

    def mend(self, raw: Json, path: str, report: Report, problem: str) -> Any:
        """Read it as the type that it looks like."""
        plan = self._parts.get(bytes(memoryview(raw)[:1]))
        if plan is None:
            return super().mend(raw, path, report, problem)
        return plan.mend(raw, path, report, problem)


def _is_struct(part: Any) -> TypeGuard[type[Struct]]:
    return isinstance(part, type) and issubclass(part, Struct)


@cache
def plan_of(type: Any, *, whole: bool = False) -> Plan:
    """Return the plan for a type; ``whole`` if it is a list that must not lose an item."""
    origin, arguments = get_origin(type), get_args(type)
    if origin is Annotated:
        return plan_of(arguments[0], whole=whole)
    if type is Any or type is object:
        return ANYTHING
    if _is_struct(type):
        return StructPlan(type)
    if origin is list:
        return ListPlan(type, plan_of(arguments[0]), whole=whole)
    if type in (list, dict):
        return ANYTHING_LIST if type is list else ANYTHING_OBJECT
    if origin is dict:
        return DictPlan(type, plan_of(arguments[1]))
    if origin in (Union, UnionType):
        parts = tuple(part for part in arguments if part is not UnsetType)
        if any(_is_struct(part) or get_origin(part) in (list, dict) for part in parts):
            return UnionPlan(type, parts, whole=whole)
        return DatePlan(type) if datetime in parts else Plan(type)
    return DatePlan(type) if type is datetime else Plan(type)


ANYTHING_LIST: Final = ListPlan(list[Any], ANYTHING, whole=False)
ANYTHING_OBJECT: Final = DictPlan(dict[str, Any], ANYTHING)
