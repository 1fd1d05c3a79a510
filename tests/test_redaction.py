"""Secrets are found in whatever spelling a server or proxy gives them back."""

import base64
import html
import json
import logging
import re
import traceback
import urllib.parse
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from frontdesk import BearerToken, PersonalAccessToken, errors
from frontdesk import redaction as _redact
from frontdesk.redaction import (
    MOST_SECRETS,
    WINDOW,
    LibraryError,
    excerpt,
    log_failure,
    redacted,
    redacted_data,
    register,
    without_secrets,
)
from frontdesk.transport.tls import proxy_for

numbers = count()


@pytest.fixture(autouse=True)
def _secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_redact, "_secrets", _redact._Secrets())


def fresh(text: str) -> str:
    """A secret that no other test has registered."""
    return f"{text}{next(numbers)}-{id(numbers):x}"


def json_escaped(text: str) -> str:
    pairs = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[place : place + 4]}" for place in range(0, len(pairs), 4))


def in_longer_base64(text: str, before: str = "") -> str:
    return base64.b64encode(f"{before}{text} and more".encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
    "hex byte by byte": lambda text: text.encode().hex(" "),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with dashes": lambda text: text.encode().hex("-"),
    "a list of bytes": lambda text: str(list(text.encode())),
    "a list of bytes in compact JSON": lambda text: json.dumps(
        list(text.encode()), separators=(",", ":")
    ),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON, all escaped": json_escaped,
    "JSON, slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "a path or query": lambda text: urllib.parse.quote(text, safe=""),
    "quoted twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
    "all quoted": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "HTML": html.escape,
    "HTML, all escaped": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(character):X};" for character in text),
    "a repr": repr,
    "a repr of bytes": lambda text: repr(text.encode()),
    "misread as Latin-1": lambda text: text.encode().decode("latin-1"),
    "a Python escape": ascii,
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "longer Base64": lambda text: in_longer_base64(text, "a"),
    "longer Base64 by two": lambda text: in_longer_base64(text, "ab"),
}
VALUES = ["s3cr3t/f00d+x=y&z", 'quo"ted\\back', "geheimé-Größe", "gehe€im-κλειδί", "k😀y-emoji"]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("value", VALUES)
def test_a_registered_secret_is_found_in_every_spelling(value: str, spelling: str) -> None:
    secret = fresh(value)
    spelt = SPELLINGS[spelling](secret)
    register(secret)
    shown = redacted(f"before {spelt} after")
    assert "…" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    # Of Base64, the characters at the ends also tell what is around the secret.
    assert len(shown) < len("before  after") + (20 if "longer" in spelling else 8)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8, max_size=40),
    st.sampled_from(sorted(SPELLINGS)),
)
def test_any_text_can_be_a_secret(value: str, spelling: str) -> None:
    assume(len(set(value)) > 4)
    register(value)
    spelt = SPELLINGS[spelling](value)
    assert spelt not in redacted(f"({spelt})")


@pytest.mark.parametrize(
    ("secret", "misread"),
    [
        ("pässword-1", "pässword-1".encode("latin-1").decode("utf-8", "replace")),
        ("p€ssword-1", "p€ssword-1".encode().decode("cp1252")),
        ("p€ssword-1", "p?ssword-1"),
        ("p€ssword-1", base64.b64encode("p€ssword-1".encode("latin-1", "replace")).decode()),
    ],
)
def test_a_secret_that_was_misread_is_found_too(secret: str, misread: str) -> None:
    register(secret)
    assert redacted(f"<{misread}>") == "<…>"


def test_a_short_secret_is_no_part_of_a_word() -> None:
    register("cat", shortest=3)
    assert redacted("the cat, concatenated") == "the …, concatenated"


def test_very_short_secrets_do_not_empty_every_text() -> None:
    register("e", "")
    assert redacted("the rest") == "the rest"


def test_the_secrets_of_long_ago_are_forgotten_one_by_one() -> None:
    first, second = fresh("first-secret"), fresh("second-secret")
    register(first, second)
    for _ in range(MOST_SECRETS - 1):
        register(fresh("another-secret"))
        register(second)
    assert redacted(second) == "…"
    assert redacted(first) == first


def test_many_secrets_are_found_as_a_few_are() -> None:
    many = [fresh(f"{number:x}-secret-of-many-é") for number in range(MOST_SECRETS)]
    register(*many)
    for secret in (many[0], many[500], many[-1]):
        for spell in SPELLINGS.values():
            assert len(redacted(f"<{spell(secret)}>")) < 24
    assert redacted("nothing of this is one") == "nothing of this is one"


LIKE_SECRETS = [
    ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer …"),
    ("authorization: basic YWJj=", "authorization: basic …"),
    ("Proxy-Authorization: Basic YWJj\r\nHost: x", "Proxy-Authorization: Basic …\r\nHost: x"),
    ("Authorization: Digest a=b, c=d", "Authorization: Digest …"),
    ('{"access_token": "abc", "x": 1}', '{"access_token": "…", "x": 1}'),
    ('{"access_token": "a\\"bc", "x": 1}', '{"access_token": "…", "x": 1}'),
    ('{"refresh_token":"cut sho', '{"refresh_token":"…'),
    ('{\\"client_secret\\":\\"abc\\"}', '{\\"client_secret\\":\\"…\\"}'),
    ("{'secret_key': 'abc'}", "{'secret_key': '…'}"),
    ('{"password":"a b c"}', '{"password":"…"}'),
    ("dal:AbC-d_e.f", "dal:…"),
    ("fra-a:AbC, next", "fra-a:…, next"),
    ("dal%3AAbCdEf", "dal%3A…"),
    ("us-south1:AbCdEfGh", "us-south1:…"),
    ("http://ann:pass@proxy:80/x", "http://…@proxy:80/x"),
    ("https://token@proxy", "https://…@proxy"),
    ("/cb?code=abc&state=1", "/cb?code=…&state=1"),
    ("client_secret=abc&refresh_token=def&x=1", "client_secret=…&refresh_token=…&x=1"),
]


@pytest.mark.parametrize(("text", "shown"), LIKE_SECRETS)
def test_what_looks_like_a_credential_is_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown, "a second time changes nothing"


@pytest.mark.parametrize(
    "text",
    [
        "Bearer token is missing",
        "Basic authentication required",
        "send_event: authorization: not allowed",
        "the sandal: nice",
        "infra:eu and dal: unknown",
        "connect to https://api.livechatinc.com:443/v3.6",
        "http://127.0.0.1:80/a@b",
        "us-south1:443",
        '{"next_page_id": "abc"}',
        "100 % of it",
        "a\\nb",
    ],
)
def test_prose_stays_as_it_is(text: str) -> None:
    assert redacted(text) is text


@pytest.mark.parametrize(
    "part",
    ["a", "token", "\\", "a://:", '"token":"', "Bearer ", "%25", "&amp;", "dal:", "a-b1", "\\u00",
     "authorization:", "&#x", "Authorization: Token "],
)  # fmt: skip
def test_hostile_texts_take_time_in_proportion_to_their_size(part: str) -> None:
    # Quadratic time would need minutes, and so be ended.
    redacted(part * (1_000_000 // len(part)))


def test_data_is_redacted_to_its_leaves() -> None:
    register(secret := fresh("deep-secret"))
    data = {"a": [{"b": secret, secret: 1}], "access_token": "x", "n": 1, "z": None, "t": True}
    assert redacted_data(data) == {
        "a": [{"b": "…", "…": 1}],
        "access_token": "…",
        "n": 1,
        "z": None,
        "t": True,
    }


def test_data_of_any_depth_is_taken() -> None:
    deep: Any = fresh("x")
    for _ in range(5000):
        deep = [deep]
    assert "…" in str(redacted_data(deep))


def test_an_excerpt_never_cuts_a_secret_in_two() -> None:
    register(secret := fresh("a-long-secret-" * 5))
    for before in range(0, 200, 7):
        body = b"x" * before + secret.encode() * 3
        assert secret[:10] not in excerpt(body, 100)
    for before in range(0, 4 * WINDOW, 61):
        body = b" " * before + secret.encode() * 3 + b" " * 9000
        assert secret[:10] not in excerpt(body, 2 * WINDOW)


def test_an_excerpt_says_that_it_goes_on() -> None:
    assert excerpt(b"abc", 3) == "abc"
    assert excerpt("abcd", 3) == "ab…"
    assert excerpt(b"\xff\xfe", 3) == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "error",
    [
        errors.ConnectError,
        lambda text: errors.NotTheAPI("what", excerpt=text),
        lambda text: errors.DecodeError(text, path=text),
        lambda text: errors.InvalidArgument("token", text),
        lambda text: errors.InvalidArgument(text, "rule"),
        errors.Disconnected,
        errors.ClientClosed,
        lambda text: errors.api_error(
            text, text, data={"a": [text], text: 1}, request_id=text, action="list_chats"
        ),
    ],
)
def test_no_error_shows_a_secret_it_was_given(error: Callable[[str], BaseException]) -> None:
    register(secret := fresh("given-secret"))
    raised = error(f"it is {secret}.")
    shown = f"{raised} {raised!r} {raised.args} {vars(raised)}"
    assert secret not in shown
    assert "…" in shown


@pytest.mark.parametrize("kind", [BearerToken, lambda text: PersonalAccessToken("acc-1", text)])
@pytest.mark.parametrize("region", ["", "dal:", "fra-a:", "us-south1:"])
def test_tokens_are_registered_when_they_are_made(kind: Any, region: str) -> None:
    secret = fresh("AbCdEf")
    token = kind(region + secret)
    assert secret not in redacted(f"<{secret}> <{region}{secret}>")
    assert token.authorization.partition(" ")[2] not in redacted(f"<{token.authorization}>")


def test_a_token_that_is_refused_is_registered_all_the_same() -> None:
    secret = fresh("AbCdEf-é")
    with pytest.raises(errors.InvalidArgument):
        BearerToken(secret)
    assert redacted(secret) == "…"


def test_the_account_of_a_proxy_is_registered_as_written_and_as_sent() -> None:
    password = fresh("p@ss/wörd")
    written = urllib.parse.quote(password, safe="")
    proxy_for("https://api.example", f"http://ann:{written}@proxy.example:3128")
    sent = base64.b64encode(f"ann:{password}".encode()).decode()
    for spelling in (password, written, sent):
        assert redacted(f"<{spelling}>") == "<…>"


def test_a_wrong_proxy_is_registered_all_the_same() -> None:
    password = fresh("geheim")
    with pytest.raises(errors.InvalidArgument):
        proxy_for("https://api.example", f"socks5://ann:{password}@proxy.example")
    assert redacted(password) == "…"


class ForeignError(Exception):
    """Stands for the exception of a library."""


class ForeignRefusal(ConnectionRefusedError):
    """Stands for an ``OSError`` of a library."""


HERE = __name__.partition(".")[0]


def failing(error: Exception) -> BaseException:
    try:
        try:
            raise error  # noqa: TRY301 - it needs a context
        except Exception as inner:
            raise errors.ConnectionClosed("lost") from inner
    except errors.ConnectionClosed as outer:
        return without_secrets(outer, HERE)


def test_the_exception_of_a_library_gives_way_to_its_likeness() -> None:
    register(secret := fresh("held-secret"))
    raised = failing(ForeignError({"Authorization": secret}))
    assert isinstance(raised.__cause__, LibraryError)
    assert raised.__context__ is not None
    shown = "".join(
        traceback.TracebackException.from_exception(raised, capture_locals=True).format()
    )
    assert secret not in shown + repr(raised.__cause__) + repr(raised.__context__)
    assert re.search(r"ForeignError: \{'Authorization': '…'\}", shown)


def test_an_os_error_keeps_its_kind_and_number() -> None:
    raised = failing(ForeignRefusal(111, "Connection refused"))
    assert type(raised.__cause__) is ConnectionRefusedError
    assert raised.__cause__.args == (111, "Connection refused")


def test_an_error_of_the_users_own_stays_the_same() -> None:
    own = LookupError("vault down")
    assert failing(own).__cause__ is own


def test_a_body_that_is_no_text_does_not_stay_in_the_error() -> None:
    register(secret := fresh("body-secret"))
    try:
        (secret.encode() + b"\xff").decode()
    except UnicodeDecodeError as error:
        raised = failing(error)
    assert secret not in repr(raised.__cause__) + repr(vars(raised.__cause__))


def test_a_circle_of_contexts_is_walked_once() -> None:
    first, second = errors.ClientClosed("a"), errors.ClientClosed("b")
    first.__cause__, second.__cause__ = second, first
    assert without_secrets(first) is first


def test_logging_an_error_of_ours_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    register(secret := fresh("logged-secret"))
    try:
        failure = failing(ForeignError(secret))
        raise failure
    except errors.ConnectionClosed:
        logging.getLogger("desk").exception("failed")
    assert "ForeignError" in caplog.text
    assert secret not in caplog.text


@pytest.mark.parametrize("chained", [False, True])
def test_the_error_of_a_function_is_logged_without_secrets(
    chained: bool, caplog: pytest.LogCaptureFixture
) -> None:
    register("s3cr3t-of-the-user")
    failure = RuntimeError("failed" if chained else "no s3cr3t-of-the-user")
    if chained:
        failure.__cause__ = KeyError("s3cr3t-of-the-user")
    log_failure(logging.getLogger("frontdesk"), "handler %s failed", "h", error=failure)
    assert "s3cr3t" not in caplog.text
    assert "handler h failed" in caplog.text
    assert "RuntimeError: " in caplog.text


def test_an_error_without_secrets_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failure = RuntimeError("100% plain")
    log_failure(logging.getLogger("frontdesk"), "work failed", error=failure)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is failure
