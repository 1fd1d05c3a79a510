"""Random values of any model, from the types of its fields."""

import types
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from frontdesk.models import DeletedEvent, RestrictedEvent, UnknownEvent, UnknownUser
from frontdesk.models.events.event import EVENT_TYPES

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MOMENT = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32)
WHOLE = st.integers(-(2**31), 2**31 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SCALARS = {str: TEXT, int: WHOLE, float: NUMBER, bool: st.booleans(), datetime: MOMENT, Any: JSON}

# Stand-ins come from what the API sends, so they are made of that.
NEW_TYPE = TEXT.filter(lambda text: text not in {*EVENT_TYPES, "agent", "customer"})
STAND_INS: dict[Any, Any] = {
    UnknownEvent: st.builds(
        lambda raw, new: UnknownEvent(raw={**raw, "type": new}),
        st.dictionaries(TEXT, JSON, max_size=3),
        NEW_TYPE,
    ),
    UnknownUser: st.builds(
        lambda raw, new: UnknownUser(raw={**raw, "type": new}),
        st.dictionaries(TEXT, JSON, max_size=3),
        NEW_TYPE,
    ),
    DeletedEvent: st.builds(
        DeletedEvent,
        original_type=st.sampled_from([name for name in EVENT_TYPES if name != "custom"]),
        id=TEXT,
        created_at=MOMENT,
        deleted=st.just(True),
    ),
    RestrictedEvent: st.builds(RestrictedEvent, restricted_access=TEXT.filter(bool)),
}


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type."""
    if hint in SCALARS:
        return SCALARS[hint]
    if hint in STAND_INS:
        return STAND_INS[hint]
    if hint is type(None):
        return st.none()
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return values(args[0])
    if origin in (Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is list:
        return st.lists(values(args[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=2)
    assert issubclass(hint, msgspec.Struct), hint
    return structures(hint)


@st.composite
def structures(draw: st.DrawFn, cls: type[msgspec.Struct]) -> msgspec.Struct:
    """Structures of a class; drawn field by field, since a strategy of all would be huge."""
    return cls(**{name: draw(values(hint)) for name, hint in hints_of(cls).items()})


@cache
def hints_of(cls: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {name: hints[name] for name in cls.__struct_fields__}
