"""The records: what they are without the fields that nobody gave them."""

import msgspec
import pytest

from frontdesk.sandbox.store import records

DEFAULTS = [
    pytest.param(field.type, default, id=f"{name}.{field.name}")
    for name, record in vars(records).items()
    if isinstance(record, type) and issubclass(record, msgspec.Struct)
    for field in msgspec.structs.fields(record)
    for default in (
        [field.default]
        if field.default is not msgspec.NODEFAULT
        else [field.default_factory()]
        if field.default_factory is not msgspec.NODEFAULT
        else []
    )
]


@pytest.mark.parametrize(("kind", "default"), DEFAULTS)
def test_what_a_record_lacks_is_something_that_can_be_kept(kind, default):
    """A file may have records from before a field was there: they are read, and written again."""
    kept = msgspec.msgpack.encode(default)
    assert msgspec.msgpack.decode(kept, type=kind) == default
