"""Tokens in place of people: none is left in any column, and tables join as before."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from frontdesk import InvalidArgument, MissingToken
from frontdesk.archives import Pseudonyms, make_job
from frontdesk.sandbox import Sandbox

from .served import SINCE, chat, event, page_of, read, rows, tables

KEY = "0123456789abcdef-key"
HIDDEN = Pseudonyms(KEY)


class Person:
    """What is known of somebody; all of it is canaries."""

    def __init__(self, first: str, last: str, email: str, phone: str, ip: str) -> None:
        self.first, self.last = first, last
        self.name = f"{first} {last}"
        self.email, self.phone, self.ip = email, phone, ip
        self.avatar = f"https://cdn.example.com/{quote(first)}.png"

    def canaries(self) -> list[str]:
        digits = "".join(filter(str.isdigit, self.phone))
        return [self.first, self.last, self.email, digits, self.phone, self.ip, self.avatar]

    def user(self, id: str, type: str) -> dict[str, Any]:
        return {
            "id": id,
            "type": type,
            "name": self.name,
            "email": self.email,
            "phone_number": self.phone,
            "avatar": self.avatar,
            "visit": {"ip": self.ip, "last_pages": [{"url": f"https://x/?q={self.email}"}]},
        }


# Letters that no word of the API or of a chat here is made of.
LETTERS = st.text("QXZJKŻÄÑÉØ漢Я", min_size=3, max_size=8)


def number(digits: int) -> str:
    text = str(digits)
    return f"+48 {text[:3]}-{text[3:6]} {text[6:]}"


def address(bits: int) -> str:
    return ":".join(f"{bits >> 16 * part & 0xFFFF:x}" for part in range(7, -1, -1))


PEOPLE = st.builds(
    Person,
    first=LETTERS.map("Q{}".format),
    last=st.one_of(
        LETTERS, st.builds("{}-{}".format, LETTERS, LETTERS), LETTERS.map("O'{}".format)
    ),
    email=LETTERS.map("{}.x+1@zqjk.example".format),
    phone=st.integers(10**9, 10**10 - 1).map(number),
    ip=st.one_of(st.ip_addresses(v=4).map(str), st.integers(2**120, 2**126).map(address)),
)


def everywhere(customer: Person, agent: Person, stranger: Person) -> dict[str, Any]:
    """A chat that names three people wherever it can; the third is no user of it."""
    said = (
        f"I am {customer.name} ({customer.email}), call {customer.phone}; "
        f"{agent.name.upper()} knows, {agent.first} too. From {stranger.ip}: {stranger.email}, "
        f"{stranger.phone}."
    )
    digits = "".join(filter(str.isdigit, customer.phone))
    inner = json.dumps({"note": said, customer.email: [said]})
    made = chat(
        events=[
            event(text=said, custom_id=customer.email, author_id=agent.email),
            event(
                type="filled_form",
                form_id="F",
                fields=[
                    {"type": "name", "id": "0", "label": "Name", "answer": stranger.name},
                    {"type": "email", "id": "1", "label": "E-mail", "answer": stranger.email},
                    {"type": "textarea", "id": "2", "label": "More", "answer": said},
                    {"type": "radio", "id": "3", "label": said, "answer": {"label": said}},
                ],
            ),
            event(
                type="system_message",
                system_message_type="agent_added",
                text=f"{agent.name} added {stranger.name} to the chat",
                text_vars={"initiator": agent.name, "agent": stranger.name},
            ),
            event(type="custom", content={customer.name: said, "p": int(digits), "d": [[said]]}),
            event(type="rich_message", template_id="cards", elements=[{"title": said}]),
            event(type="system", source="x", subtype="y", version=1, details=inner),
            event(type="hologram", beam={"of": said}, by=customer.name),
            event(
                type="file",
                name=f"{customer.first}_{customer.last}.pdf",
                url=f"https://cdn.example.com/{quote(customer.name)}.pdf?for={quote(customer.email)}",
                content_type="application/pdf",
                alternative_text=said,
            ),
            event(properties={"app": {"said": said, customer.email: customer.name}}),
        ],
        properties={
            "routing": {
                "start_url": f"https://shop.example.com/?name={quote_plus(customer.name)}"
                f"&mail={quote(customer.email)}&tel={quote(customer.phone)}",
                "referrer": f"https://x/{customer.email}",
            },
            "rating": {"score": 1, "comment": said},
        },
        tags=[f"vip {customer.name}", stranger.email],
        summary={"status": "ok", "text": said},
        user_ids=["b7eff798", agent.email],
        customer_visit={"ip": customer.ip, "user_agent": f"Mozilla {customer.ip}"},
    )
    made["users"] = [
        customer.user("b7eff798", "customer") | {"session_fields": [{"who": said}]},
        agent.user(agent.email, "agent"),
    ]
    made["properties"] = {"app": {"said": said}}
    return made


def assert_none_left(found: Any, *people: Person) -> None:
    text = json.dumps(found, ensure_ascii=False, default=str)
    spelled = text.casefold()
    for person in people:
        for canary in person.canaries():
            for form in (canary, quote(canary), json.dumps(canary)[1:-1], quote_plus(canary)):
                assert form.casefold() not in spelled, form


# Shrinking what is drawn from so many alternatives takes minutes, and shows no more.
@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])
@given(customer=PEOPLE, agent=PEOPLE, stranger=PEOPLE)
def test_nobody_is_in_any_column(customer: Person, agent: Person, stranger: Person) -> None:
    made = rows([everywhere(customer, agent, stranger)], pseudonyms=HIDDEN, raw=True)
    assert made["threads"][0]["damage"] is None
    assert_none_left(made, customer, agent, stranger)


# Shrinking what is drawn from so many alternatives takes minutes, and shows no more.
@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])
@given(
    customer=PEOPLE,
    agent=PEOPLE,
    damage=st.sampled_from(
        [
            b'"created_at": 5, "x@y": NaN',
            b'"created_at": "@"',
            b'"user_ids": [5]',
            b'"text_vars": {"@": 1}',
            b'"summary": "@"',
            b'"access": {"group_ids": ["@"]}',
            b'"properties": {"app": {"@": NaN}}',
            b'"properties": {"@": "\xff@"}',
            b'"tags": ["@", "\xff@", 5]',
            b'"customer_visit": "@"',
            b'"customer_visit": {"ip": "@", "geolocation": {"latitude": "@"}}',
        ]
    ),
    where=st.sampled_from(["name", "email"]),
)
def test_nobody_is_in_what_is_damaged(
    customer: Person, agent: Person, damage: bytes, where: str
) -> None:
    made = everywhere(customer, agent, agent)
    value = json.dumps(getattr(customer, where))[1:-1].encode()
    raw = json.dumps(made).encode()
    odd = raw.replace(b'"thread": {', b'"thread": {' + damage.replace(b"@", value) + b", ", 1)
    # Of a name that stands twice the last one counts.
    inserted, name = damage.replace(b"@", value), damage.partition(b":")[0]
    head, _, rest = odd.partition(inserted)
    odd = head + inserted + rest.replace(name + b":", b'"other":')
    found = tables(read(page_of(odd), pseudonyms=HIDDEN, raw=True))
    assert_none_left(found, customer, agent)


@pytest.mark.parametrize(
    "odd",
    [
        "Quark Zöllner",
        ["Quark Zöllner"],
        {"id": "A", "users": {"name": "Quark Zöllner"}, "thread": "for Quark Zöllner"},
        {"id": "A", "users": ["Quark Zöllner", ["Quark Zöllner"]]},
        {"id": "A", "users": [{"name": ["Quark Zöllner"], "email": {"of": "Quark Zöllner"}}]},
        {"id": "A", "users": [{"omnichannel": {"fb_messenger": [{"Name": "Quark Zöllner"}]}}]},
    ],
)
def test_nobody_is_in_what_is_no_chat(odd: Any) -> None:
    found = rows([odd], pseudonyms=HIDDEN, raw=True)
    text = json.dumps(found, ensure_ascii=False, default=str)
    assert "Quark" not in text
    assert "Zöllner" not in text


def test_tables_join_as_before(sandbox: Sandbox) -> None:
    from frontdesk.archives import read_archives

    def read_all(**named: Any) -> dict[str, list[dict[str, Any]]]:
        now = sandbox.now
        since = now.replace(year=now.year - 1)
        pages = read_archives(sandbox.client(), since=since, clock=lambda: now, **named)
        return tables(list(pages))

    plain, hidden = read_all(), read_all(pseudonyms=HIDDEN)
    for name, columns in {
        "events": ("thread_id", "author_id", "author_type", "type", "created_at"),
        "thread_users": ("thread_id", "user_id", "type"),
        "users": ("date", "user_id", "type", "name", "email", "phone_number"),
        "visits": ("thread_id", "customer_id", "ip", "country"),
        "threads": ("thread_id", "customer_id", "created_at", "rating_score"),
    }.items():
        assert len(plain[name]) == len(hidden[name])
        for column in columns:
            tokens: dict[Any, Any] = {}
            for before, after in zip(plain[name], hidden[name], strict=True):
                assert tokens.setdefault(before[column], after[column]) == after[column]
            assert len(set(map(str, tokens.values()))) == len(tokens)
    ids = {row["user_id"] for row in hidden["users"]}
    assert {row["user_id"] for row in hidden["thread_users"]} <= ids
    names = {row["name"] for row in hidden["users"] if row["name"]}
    assert all(name.startswith("name-") for name in names)


def test_same_key_makes_the_same_tokens_and_another_one_others() -> None:
    again, other = Pseudonyms(KEY.encode()), Pseudonyms("another key, as long")
    assert again.token("email", "Ann@Example.com") == HIDDEN.token("email", "ann@example.com")
    assert again.fingerprint == HIDDEN.fingerprint
    assert other.token("email", "ann@example.com") != HIDDEN.token("email", "ann@example.com")
    assert other.fingerprint != HIDDEN.fingerprint
    # So it stays in the next version, for the tables of this one.
    assert HIDDEN.token("email", "ann@example.com") == "email-698cf9d51977a8c0"
    assert HIDDEN.fingerprint == "10e585e1810456eb"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+48 600-700-800", "+48600700800"),
        ("name", "Ann Moor", "ann_moor"),
        ("name", "Zoë", "Zoe\u0308"),
        ("ip", "2001:DB8:0:0::1", "2001:db8::1"),
        ("email", "ann%40example.com", "ANN@example.com"),
    ],
)
def test_spelling_does_not_matter(kind: Any, one: str, other: str) -> None:
    assert HIDDEN.token(kind, one) == HIDDEN.token(kind, other)


@pytest.mark.parametrize(
    "text",
    [
        "order 12345 of 2026-03-01, 25.11.2026 or 1/2/26, 18:30",
        "version 3.6, 100 % of 1,234,567 pieces, 99.90 EUR",
        "she will, and may too; the agent said so",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    made = rows([chat(events=[event(text=text)])], pseudonyms=HIDDEN)
    assert made["events"][0]["text"] == text


def test_key_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    monkeypatch.setenv("FRONTDESK_PSEUDONYM_KEY", KEY)
    for made in (Pseudonyms.from_file(file), Pseudonyms.from_environment()):
        assert made.fingerprint == HIDDEN.fingerprint
        assert KEY not in repr(made)
        assert KEY not in repr(vars(made))
    assert len(Pseudonyms.new_key()) > 40


def test_key_that_is_missing_or_short_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRONTDESK_PSEUDONYM_KEY", raising=False)
    with pytest.raises(MissingToken, match="FRONTDESK_PSEUDONYM_KEY"):
        Pseudonyms.from_environment()
    with pytest.raises(InvalidArgument, match="`key` must have at least 16"):
        Pseudonyms("  short          ")
    with pytest.raises(InvalidArgument, match=f"cannot be read from .*{os.sep}none: No such file"):
        Pseudonyms.from_file(tmp_path / "none")
    with pytest.raises(InvalidArgument, match="attachments show names"):
        make_job(since=SINCE, files=True, pseudonyms="x")
