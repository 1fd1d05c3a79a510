"""Tokens: their forms, the header they make, and the data centre they belong to."""

import base64
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import AgentClient, BearerToken, InvalidArgument, PersonalAccessToken
from frontdesk.auth import Token, as_token
from frontdesk.models import ChatsFilters


def pair(account: str, token: str) -> str:
    return base64.b64encode(f"{account}:{token}".encode()).decode()


FORMS: list[tuple[Any, str, str | None]] = [
    ("Bearer dal:abc", "Bearer dal:abc", "dal"),
    ("bearer   fra:abc", "Bearer fra:abc", "fra"),
    ("dal:abc", "Bearer dal:abc", "dal"),
    ("  dal:abc\n", "Bearer dal:abc", "dal"),
    ("fra-a:abc", "Bearer fra-a:abc", "fra"),
    ("fra%3Aabc", "Bearer fra:abc", "fra"),
    ("Bearer fra%3aabc", "Bearer fra:abc", "fra"),
    ("fra-b%3Aabc%3Ad", "Bearer fra-b:abc%3Ad", "fra"),
    ("eyJhbGciOi.J9.x", "Bearer eyJhbGciOi.J9.x", None),
    ("us-south:abc", "Bearer us-south:abc", None),
    ("dallas:abc", "Bearer dallas:abc", None),
    ("dal", "Bearer dal", None),
    (f"Basic {pair('account', 'dal:abc')}", f"Basic {pair('account', 'dal:abc')}", "dal"),
    (f"BASIC {pair('account', 'fra:abc')}", f"Basic {pair('account', 'fra:abc')}", "fra"),
    (f"Basic {pair('account', 'abc')}", f"Basic {pair('account', 'abc')}", None),
    ("Basic not-base-64!", "Basic not-base-64!", None),
    # What is no Base64 is not read as if it were.
    (f"Basic !{pair('account', 'dal:abc')}", f"Basic !{pair('account', 'dal:abc')}", None),
    (BearerToken("fra:abc"), "Bearer fra:abc", "fra"),
    (PersonalAccessToken("account", "fra:abc"), f"Basic {pair('account', 'fra:abc')}", "fra"),
    (PersonalAccessToken("account", "abc"), f"Basic {pair('account', 'abc')}", None),
]


@pytest.mark.parametrize(("value", "authorization", "region"), FORMS)
def test_each_form_makes_a_header_and_tells_the_region(
    value: Any, authorization: str, region: str | None
) -> None:
    token = as_token(value)
    assert token.authorization == authorization
    assert token.region == region


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "`token` must not be empty"),
        ("   ", "`token` must not be empty"),
        (None, "`token` must be a text or a token, not NoneType"),
        (b"dal:abc", "`token` must be a text or a token, not bytes"),
        (7, "`token` must be a text or a token, not int"),
        ("Bearer", "`token` must be `Bearer …`, `Basic …` or a bare access token"),
        ("basic ", "`token` must be `Bearer …`, `Basic …` or a bare access token"),
        ("Digest abc", "`token` must be `Bearer …`, `Basic …` or a bare access token"),
        ("dal:a\nb", "check for a line break"),
        ("dal:…", "must be printable ASCII"),
    ],
)
def test_anything_else_is_refused(value: Any, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        as_token(value)
    assert message in str(caught.value)


@pytest.mark.parametrize("account", ["", " ", "a:b", 7])
def test_an_account_id_has_a_shape(account: Any) -> None:
    with pytest.raises(InvalidArgument, match="`account_id`"):
        PersonalAccessToken(account, "abc")


def test_a_moment_of_expiry_has_a_time_zone() -> None:
    expires_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert BearerToken("dal:abc", expires_at=expires_at).expires_at == expires_at
    with pytest.raises(InvalidArgument, match="`expires_at` must have a time zone"):
        BearerToken("dal:abc", expires_at=datetime(2026, 1, 1))
    seconds: Any = 1_767_225_600
    with pytest.raises(InvalidArgument, match="`expires_at` must be a datetime, not int"):
        BearerToken("dal:abc", expires_at=seconds)


@pytest.mark.parametrize("text", ["Bearer dal:abc", "bearer  dal%3Aabc ", " BEARER dal:abc"])
def test_the_scheme_of_a_bearer_token_is_not_sent_twice(text: str) -> None:
    token = BearerToken(text)
    assert (token.authorization, token.region) == ("Bearer dal:abc", "dal")


@pytest.mark.parametrize("text", ["dal:a b", "Basic abc", "bearer"])
def test_nothing_but_the_scheme_of_a_bearer_token_is_taken_off(text: str) -> None:
    assert BearerToken(text).authorization == f"Bearer {text}"


def test_tokens_are_equal_when_they_say_the_same() -> None:
    assert as_token("dal:abc") == BearerToken("dal:abc") == Token("Bearer dal:abc", "dal")
    assert hash(as_token("dal:abc")) == hash(BearerToken("dal:abc"))
    assert as_token("dal:abc") != as_token("dal:abd")
    assert as_token("dal:abc") != "Bearer dal:abc"


@given(st.text(max_size=40) | st.binary(max_size=5) | st.none())
def test_no_value_makes_it_crash(value: Any) -> None:
    try:
        token = as_token(value)
    except InvalidArgument:
        return
    assert token.authorization.isascii()
    assert token.authorization.isprintable()
    assert token.region in (None, "dal", "fra")


@pytest.mark.parametrize("secret", ["", " ", 7, None, b"abc"])
def test_the_wrong_part_is_named(secret: Any) -> None:
    for build in (lambda: PersonalAccessToken("account", secret), lambda: BearerToken(secret)):
        with pytest.raises(InvalidArgument) as caught:
            build()
        assert caught.value.field == "token"
        assert caught.value.rule.startswith("must ")


def test_blanks_around_the_parts_do_not_count() -> None:
    assert PersonalAccessToken(" account ", " dal:abc\n") == PersonalAccessToken(
        "account", "dal:abc"
    )
    assert BearerToken(" dal:abc ") == BearerToken("dal:abc")


def test_an_account_id_with_a_colon_is_explained() -> None:
    with pytest.raises(InvalidArgument) as caught:
        PersonalAccessToken("a:b", "abc")
    assert str(caught.value) == "`account_id` must not contain a colon"


def test_letters_beyond_ascii_fit_into_a_personal_access_token() -> None:
    token = PersonalAccessToken("kontó", "abc")
    assert base64.b64decode(token.authorization.removeprefix("Basic ")).decode() == "kontó:abc"


def test_a_region_of_ones_own_and_an_end_are_kept() -> None:
    end = datetime(2026, 1, 1, tzinfo=UTC)
    token = Token("Bearer x", "fra", expires_at=end)
    assert (token.authorization, token.region, token.expires_at) == ("Bearer x", "fra", end)
    assert Token("Bearer x").region is None
    assert Token("Bearer x").expires_at is None
    assert PersonalAccessToken("a", "b").expires_at is None


def test_nothing_but_the_scheme_is_shown() -> None:
    assert repr(BearerToken("dal:abc")) == "<BearerToken Bearer…>"
    assert str(PersonalAccessToken("account", "abc")) == "<PersonalAccessToken Basic…>"
    assert repr(Token("abc")) == "<Token …>"


def test_a_pair_that_is_no_text_tells_no_region() -> None:
    pair_of_bytes = base64.b64encode(b"\xff\xfe:fra:abc").decode()
    assert as_token(f"Basic {pair_of_bytes}").region == "fra"
    assert as_token("Basic ====").region is None
    assert as_token("Basic YWJj\u00a0".strip()).region is None


@pytest.mark.parametrize(
    "make",
    [
        lambda secret: BearerToken(f"dal:{secret}\n1"),
        lambda secret: BearerToken(f"dal:{secret}é"),
        lambda secret: PersonalAccessToken("a:b", secret),
        lambda secret: PersonalAccessToken("", secret),
    ],
)
def test_a_token_that_is_refused_shows_in_no_variable_of_a_traceback(make: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        make("s3cr3t-f00d")
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)][2:]
    assert frames
    assert all("s3cr3t" not in repr(frame.f_locals) for frame in frames)


def test_no_part_of_a_secret_with_blanks_is_shown() -> None:
    assert repr(Token("Basic first second")) == "<Token Basic…>"


@pytest.mark.parametrize("turn", ["in one test", "in the next"])
def test_a_token_that_is_a_word_hides_it_in_no_other_test(turn: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        ChatsFilters(properties={"a": {"b": [1]}})  # type: ignore[dict-item]
    assert caught.value.field == "properties.a.b", turn
    BearerToken("properties")


HALF = "sesame\ud83d"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: BearerToken(HALF), "token"),
        (lambda: as_token(HALF), "token"),
        (lambda: PersonalAccessToken("account", HALF), "token"),
        (lambda: PersonalAccessToken(HALF, "token"), "account_id"),
        (lambda: AgentClient("dal:x", headers={"X-Key": HALF}), "headers.X-Key"),
        (lambda: AgentClient("dal:x", client_id=HALF), "client_id"),
        (lambda: AgentClient("dal:x", base_url=f"https://{HALF}"), "base_url"),
        (lambda: AgentClient("dal:x", proxy=f"http://me:{HALF}@127.0.0.1"), "proxy"),
        (lambda: AgentClient("dal:x", proxy=f"http://{HALF}"), "proxy"),
    ],
)
def test_half_a_character_is_refused_without_being_shown(make: Any, field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert caught.value.field == field
    error: BaseException | None = caught.value
    while error is not None:
        assert "sesame" not in f"{error!r} {error} {error.args}"
        error = error.__cause__ or error.__context__
