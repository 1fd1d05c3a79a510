"""Whatever the API may send comes back as it was, and nothing it may send is fatal."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk import models
from frontdesk.codec.decoding import convert, decode, encode
from frontdesk.errors import DecodeError
from frontdesk.models import Custom, Event, File, Message, NewEvent, SystemMessage, User

from .._samples import load, lost
from ..documented import OWN_SAMPLES
from ._strategies import JSON, TEXT, values

ROUND_TRIPS: list[Any] = [
    Event,
    User,
    models.LastEvent,
    models.Chat,
    models.ChatSummary,
    models.ArchivesPage,
    models.LoginResponse,
    models.AutoAccessChange,
    list[models.AgentStatus],
    models.OmnichannelPush,
]
slow = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("hint", ROUND_TRIPS, ids=str)
@slow
@given(data=st.data())
def test_what_is_encoded_decodes_to_the_same(hint: Any, data: st.DataObject) -> None:
    value = data.draw(values(hint))
    wire = encode(value)
    assert decode(wire, hint) == value
    assert convert(json.loads(wire), hint) == value
    assert b'"type":"frontdesk.' not in wire.replace(b" ", b"")


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    custom_id=TEXT,
    content=st.dictionaries(TEXT, JSON, max_size=3),
    variables=st.dictionaries(TEXT, TEXT, max_size=3),
)
def test_events_to_send_read_the_same(
    text: str, custom_id: str, content: dict[str, Any], variables: dict[str, str]
) -> None:
    for event in (
        Message(text=text, custom_id=custom_id),
        Custom(content=content),
        File(url=f"https://{text}"),
        SystemMessage(system_message_type="x", text=text, text_vars=variables),
    ):
        assert decode(encode(event), NewEvent) == event


@given(value=JSON, hint=st.sampled_from([*ROUND_TRIPS, models.ChatsPage, models.Customer]))
def test_anything_else_is_a_decode_error(value: Any, hint: Any) -> None:
    with suppress(DecodeError):
        decode(json.dumps(value), hint)


@given(data=st.binary(max_size=40))
def test_noise_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(b"\x00" + data, models.Chat)


EVENTS = [load(path) for path in sorted((OWN_SAMPLES / "events").glob("*.json"))]


@given(event=st.sampled_from(EVENTS), data=st.data())
def test_no_change_to_an_event_is_fatal_or_loses_it(event: Any, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(event)))
    changed = {**event, field: data.draw(JSON)}
    page = {"threads": [{**load(OWN_SAMPLES / "responses" / "list_threads.json")["threads"][0]}]}
    page["threads"][0]["events"] = [EVENTS[0], changed, EVENTS[1]]
    decoded = decode(json.dumps(page), models.ThreadsPage)
    events = decoded.threads[0].events
    assert events is not None
    assert len(events) == 3
    assert events[0].type == EVENTS[0]["type"]
    assert encode(decode(encode(decoded), models.ThreadsPage)) == encode(decoded)
    if isinstance(events[1], models.UnknownEvent):
        assert lost(changed, events[1].raw) == []
