"""What the text of a token says about itself."""

import base64

import pytest

from frontdesk.cli.accounts.token_texts import findings_of
from frontdesk.redaction import redacted

from ...canary import CANARY

ACCOUNT = "6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20"
BARE = f"{CANARY}Token"
TOKEN = f"dal:{BARE}"


def b64(text):
    return base64.b64encode(text.encode()).decode()


PAIR = b64(f"{ACCOUNT}:{TOKEN}")


@pytest.mark.parametrize(
    "text",
    [TOKEN, f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Basic {PAIR}", f"fra:{BARE}", f"fra-a:{BARE}",
     f"dal%3A{BARE}"],
)  # fmt: skip
def test_a_token_in_order(text):
    (finding,) = findings_of(text)
    assert finding.verdict == "ok"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("Bearer", "the token after it is missing"),
        ("Basic ", "the token after it is missing"),
        (f"Bearer {PAIR}", "write `Basic` for `Bearer`"),
        (f"bearer  {PAIR}", "write `Basic` for `Bearer`"),
        (PAIR, "put `Basic ` before it"),
        (f"Basic {TOKEN}", "an access token goes with `Bearer`"),
        (f"Basic fra:{BARE}", "an access token goes with `Bearer`"),
        (f"Basic {ACCOUNT}:{TOKEN}", "not Base64-encoded"),
        (f"{ACCOUNT}:{TOKEN}", "the Base64 of `account_id:token`"),
        (f"Bearer {ACCOUNT}:{TOKEN}", "the Base64 of `account_id:token`"),
        (f"Basic {b64(TOKEN)}", "the token without the account id"),
        (f"Bearer {b64(TOKEN)}", "an access token that was Base64-encoded"),
        (f"Basic {b64(BARE)}", "a text without a colon"),
        (f"Basic {b64(ACCOUNT)}", "a text without a colon"),
        (f"Basic {b64(f'{ACCOUNT}:{TOKEN}' + chr(10))}", "`echo` without `-n`"),
        (f"Basic {b64(f'Basic {ACCOUNT}:{TOKEN}')}", "was Base64-encoded, too"),
        (f"Basic {b64(PAIR)}", "twice"),
        (f"Basic {b64(f'{TOKEN}:{ACCOUNT}')}", "wrong order"),
        (f"Basic {b64(f'jones@example.com:{TOKEN}')}", "e-mail address"),
        (f"Basic {b64(f'{ACCOUNT}:')}", "missing"),
        (f"Basic {b64(f':{TOKEN}')}", "missing"),
        (f"Basic {PAIR[:-5]}", "not whole"),
        (f"Basic {b64(f'{ACCOUNT}:{TOKEN}' + chr(0x200B))}", "ZERO WIDTH SPACE"),
        (f"Bearer Basic {PAIR}", "two schemes"),
        (f"Bearer Bearer {TOKEN}", "two schemes"),
        (f"Authorization: Bearer {TOKEN}", "name of the header"),
        (f"authorization:Bearer {TOKEN}", "name of the header"),
        (f'"{TOKEN}"', "quotation marks"),
        (f"'Bearer {TOKEN}'", "quotation marks"),
        (f"“{TOKEN}”", "quotation marks"),
        (f'{{"access_token": "{TOKEN}"}}', "`access_token` alone"),
        (f"FRONTDESK_TOKEN={TOKEN}", "name of a variable"),
        (f"https://app.example/#access_token={TOKEN}", "it is an address"),
        ("<your token>", "placeholder"),
        ("$TOKEN", "placeholder"),
        ("your-access-token", "placeholder"),
        (f"Token {TOKEN}", "neither `Bearer` nor `Basic`"),
        ("0805e283233042b37f460ed8fbf22160", "client id or a secret"),
        (f"dal:{CANARY}\u200bToken", f"ZERO WIDTH SPACE (U+200B) at character {len(CANARY) + 5}"),
        (f"\ufeff{TOKEN}", "ZERO WIDTH NO-BREAK SPACE (U+FEFF) at character 1"),
        (f"{TOKEN}\u2060", "WORD JOINER"),
        (f"Bearer\xa0{TOKEN}", "NO-BREAK SPACE"),
        (f"dal:{CANARY}\nToken", "a control character (U+000A)"),
        (f"dal:{CANARY}\tToken", "a control character (U+0009)"),
        (f"d\u0430l:{BARE}", "CYRILLIC SMALL LETTER A"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_without_showing_it(text, words):
    findings = findings_of(text)
    assert findings[-1].verdict == "failed"
    assert words in findings[-1].text
    # What is shown goes through the redaction: it must not touch these words.
    assert redacted(findings[-1].text) == findings[-1].text
    assert CANARY not in findings[-1].text
    assert ACCOUNT not in findings[-1].text


@pytest.mark.parametrize(
    "text",
    [TOKEN, f"Bearer {PAIR}", PAIR, f"Basic {b64(PAIR)}", f'"{TOKEN}"', f"{ACCOUNT}:{TOKEN}",
     f"Authorization: Bearer {TOKEN}", f"Basic {b64(TOKEN)}"],
)  # fmt: skip
def test_whatever_it_is_it_is_kept_secret_from_then_on(text):
    findings_of(text)
    for echo in (text, TOKEN, PAIR if PAIR in text else TOKEN, b64(TOKEN)):
        if echo in text:
            assert CANARY not in redacted(f"the server says: {echo}, is wrong")
            assert PAIR not in redacted(f"the server says: {echo}, is wrong")


@pytest.mark.parametrize("space", [" ", "\n", "\r\n"])
def test_space_around_it_does_no_harm_here(space):
    first, second = findings_of(f"Bearer {TOKEN}{space}")
    assert (first.verdict, second.verdict) == ("warning", "ok")
    assert "around it" in first.text


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        (BARE, "warning", "begins with no region"),
        (f"Basic {b64(f'{ACCOUNT}:{BARE}')}", "warning", "begins with no region"),
        (f"DAL:{BARE}", "failed", "capital letters: write `dal:`"),
        (f"Bearer Fra:{BARE}", "failed", "capital letters: write `fra:`"),
        (f"ams:{BARE}", "warning", "a region that frontdesk does not know"),
    ],
)
def test_the_region_that_it_begins_with(text, verdict, words):
    finding = findings_of(text)[-1]
    assert (finding.check, finding.verdict) == ("region", verdict)
    assert words in finding.text
    assert redacted(finding.text) == finding.text
