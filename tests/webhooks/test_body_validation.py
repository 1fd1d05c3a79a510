"""The checks of a body beyond its secret, one by one."""

import json

import pytest

from frontdesk.errors import DecodeError
from frontdesk.webhooks.body_validation import duplicate_key, is_json, length_of, without_secret
from frontdesk.webhooks.parsing import secret_in


@pytest.mark.parametrize("check", [duplicate_key, without_secret, secret_in])
@pytest.mark.parametrize(
    ("ending", "message"),
    [
        (b"01}", "not valid JSON: "),
        (b"1", "not valid JSON: "),
    ],
    ids=["number", "cut off"],
)
def test_errors_say_what_is_wrong(check: object, ending: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        check(b'{"secret_key":"x","\\u0061":' + ending)  # type: ignore[operator]
    text = str(caught.value)
    assert text.startswith(message)
    assert len(text) > len("not valid JSON: None")
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("check", [duplicate_key, without_secret, secret_in])
def test_what_is_nested_too_deeply_and_cut_off(check: object) -> None:
    with pytest.raises(DecodeError, match=r"^nested too deeply$") as caught:
        check(b'{"secret_key":"x","\\u0061":' + b"[" * 100_000)  # type: ignore[operator]
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("data", [b"[]", b"7", b" null", b'"x"', b"\xef\xbb\xbf[NaN]"])
def test_what_is_no_object_is_no_webhook_and_has_no_secret(data: bytes) -> None:
    with pytest.raises(DecodeError, match=r"^a webhook must be a JSON object$") as caught:
        secret_in(data)
    assert caught.value.__suppress_context__


def test_the_secret_is_taken_out_and_the_rest_stays() -> None:
    data = b'{"a": [1, 2.50], "secret_key": "x", "\\u00e9": "\\u2028"}'
    kept = without_secret(data)
    assert json.loads(kept) == {"a": [1, 2.5], "é": "\u2028"}
    assert b"[1, 2.50]" in kept
    assert without_secret(b'{"secret_key":"x","a":"\xff"}') == b'{"a":"\xff"}'


def test_the_secret_is_found_in_what_has_to_be_repaired() -> None:
    assert secret_in(b'{"a":"\xff","secret_key":"x"}') == "x"
    assert secret_in(b'{"a":"\xff","secret_key":7}') is None
    assert secret_in(b'{"a":"\xff"}') is None
    assert secret_in(b'{"a":1}') is None


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("12", 12),
        ("0", 0),
        ("1" * 18, int("1" * 18)),
        ("1" * 19, int("1" * 18)),
        ("", None),
        (None, None),
        ("-1", None),
        ("\u00b2", None),
        ("\u0661", None),
        ("12 ", None),
    ],
)
def test_lengths(value: str | None, length: int | None) -> None:
    assert length_of(value) == length


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", True),
        (" Application/JSON ; charset=utf-8;x=y", True),
        ("application/json+x", False),
        ("text/json", False),
        (";application/json", False),
        ("", False),
        (None, False),
    ],
)
def test_content_types(value: str | None, expected: bool) -> None:
    assert is_json(value) is expected


def test_only_keys_of_the_outer_object_count() -> None:
    assert duplicate_key(b'{"action":1,"a":{"action":1,"action":2}}') is None
    assert duplicate_key(b'{"a":[{"action":1}],"action":1}') is None
    assert duplicate_key(b'{"\\u0061":1,"a":2,"b":1,"b":2}') == "a"
    assert duplicate_key(b'{"action":1,"a":{"action":1},"payload":1,"payload":2}') == "payload"
