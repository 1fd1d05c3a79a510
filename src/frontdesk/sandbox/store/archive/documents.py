"""What an archived thread is found by.

A thread's document is the set of its terms: words (``refund``), which have no colon, values of some
kind (``tag:vip``, ``country:PL``), and kinds alone for "has any" (``tag:``). ``Terms`` spells them
for the index and the filters alike.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

import msgspec
from msgspec import Struct

from frontdesk.sandbox.store.archive.tokenizer import words
from frontdesk.sandbox.store.records import (
    ChatRecord,
    CustomerRecord,
    EventRow,
    Properties,
    ThreadRecord,
)
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = ["FORM_TYPES", "AgentKind", "Document", "Terms", "document"]

AgentKind = Literal["human", "chatbot", "ai_agent"]
Location = Literal["chat", "thread"]

FORM_TYPES = ("pre_chat", "post_chat", "other")
_FORM_TYPES = {"prechat": "pre_chat", "postchat": "post_chat"}
_RESPONSES = frozenset(("message", "file", "rich_message"))
_SEARCHED = frozenset((*_RESPONSES, "filled_form", "form"))
_LONGEST = 200


def _short(term: str) -> str:
    """Return the term, or for a very long one a digest instead of its end."""
    if len(term) <= _LONGEST:
        return term
    return f"{term[:_LONGEST]}…{blake2b(term.encode(), digest_size=16).hexdigest()}"


class Terms:
    """How terms are spelt."""

    EVERY = "every:"

    @staticmethod
    def has(kind: str) -> str:
        """Return any value of a kind: ``tag:``."""
        return f"{kind}:"

    @staticmethod
    def value(kind: str, value: object) -> str:
        """Return a value of a kind: ``tag:vip``."""
        return _short(f"{kind}:{value}")

    @staticmethod
    def form(kind: str, form_type: str, answer: str | None = None) -> str:
        """Forms of a type (``form``), those with a survey id (``survey``), or with an answer."""
        return f"{kind}:{form_type}" if answer is None else _short(f"{kind}:{form_type}:{answer}")

    @staticmethod
    def has_property(location: Location, namespace: str, name: str) -> str:
        """Return a property that is set."""
        return _short(f"{location}:{namespace}:{name}")

    @staticmethod
    def property_is(location: Location, namespace: str, name: str, value: Any) -> str:
        """Return a property with a value; ``1``, ``"1"`` and ``true`` are different ones."""
        spelt = msgspec.json.encode(value).decode()
        return _short(f"{location}:{namespace}:{name}={spelt}")

    @staticmethod
    def property_word(location: Location, namespace: str, name: str, word: str) -> str:
        """Return a tokenized property with a word."""
        return _short(f"{location}:{namespace}:{name}~{word}")


class Document(Struct):
    """The terms of a thread; ``dated`` says of some when it was (microseconds since 1970)."""

    terms: set[str]
    dated: set[tuple[str, int]]


class _Element(Struct, gc=False):
    title: str | None = None
    subtitle: str | None = None


class _Answer(Struct, gc=False):
    id: str | int
    label: str | None = None


class _FormField(Struct, gc=False):
    answer: str | _Answer | None = None
    answers: list[_Answer] | None = None


class _Content(Struct, gc=False):
    """What of an event is searched."""

    visibility: str | None = None
    text: str | None = None
    name: str | None = None
    elements: list[_Element] | None = None
    fields: list[_FormField] | None = None
    form_id: str | None = None
    form_type: str | None = None
    properties: Properties | None = None


_contents = msgspec.json.Decoder(list[_Content]).decode


def document(
    thread: ThreadRecord,
    chat: ChatRecord,
    customer: CustomerRecord | None,
    rows: Iterable[EventRow],
    *,
    agents: Mapping[str, AgentKind],
    is_tokenized: Callable[[str, str], bool],
) -> Document:
    """Collect what a thread is found by.

    Args:
        thread: The thread.
        chat: Its chat.
        customer: The chat's customer.
        rows: The thread's events.
        agents: The agents among the thread's users, and of what kind they are.
        is_tokenized: Whether a property is searched by its words.
    """
    result = Document({Terms.EVERY}, set())
    terms = result.terms
    _add(terms, "group", thread.group_ids)
    _add(terms, "tag", thread.tags)
    _add(terms, "sale", thread.sales)
    _add(terms, "goal", thread.goals)
    if (thread.properties.get("ecommerce") or {}).get("has_sale") is True:
        terms.add(Terms.has("sale"))
    _add(terms, "agent", agents)
    _add(terms, "kind", agents.values())
    _add(terms, "in", [user.id for user in chat.present_agents()])
    visit = thread.customer_visit
    if visit is not None and visit.geolocation is not None and visit.geolocation.country_code:
        _add(terms, "country", (visit.geolocation.country_code.upper(),))
    _properties(terms, "chat", chat.properties, is_tokenized)
    _properties(terms, "thread", thread.properties, is_tokenized)
    greeting = (thread.properties.get("lc2") or {}).get("greeting_id")
    if greeting is not None:
        _date(
            result,
            (Terms.has("greeting"), Terms.value("greeting", greeting)),
            to_micros(thread.created_at),
        )
    texts: list[str] = []
    if customer is not None:
        texts += (customer.profile.name or "", customer.profile.email or "")
    if thread.restricted_access is None:
        _events(result, rows, agents, texts)
    terms |= words("\n".join(texts))
    return result


def _add(terms: set[str], kind: str, values: Iterable[object]) -> None:
    for value in values:
        terms.add(Terms.value(kind, value))
        terms.add(Terms.has(kind))


def _date(result: Document, terms: Iterable[str], at: int) -> None:
    result.terms.update(terms)
    result.dated.update((term, at) for term in terms)


def _properties(
    terms: set[str],
    location: Location,
    properties: Properties,
    is_tokenized: Callable[[str, str], bool],
) -> None:
    for namespace, names in properties.items():
        for name, value in names.items():
            terms.update(_property(location, namespace, name, value))
            if isinstance(value, str) and is_tokenized(namespace, name):
                for word in words(value):
                    terms.add(Terms.property_word(location, namespace, name, word))


@lru_cache(maxsize=4096, typed=True)
def _property(location: Location, namespace: str, name: str, value: Any) -> tuple[str, str]:
    """Return the terms of a value."""
    return (
        Terms.has_property(location, namespace, name),
        Terms.property_is(location, namespace, name, value),
    )


def _events(
    result: Document, rows: Iterable[EventRow], agents: Mapping[str, AgentKind], texts: list[str]
) -> None:
    """Add what events are to the document, and what they say to the texts."""
    terms = result.terms
    searched: list[EventRow] = []
    for row in rows:
        terms.add("event:" + row.type)
        if row.type in _SEARCHED and not row.deleted:
            searched.append(row)
    contents = _contents(b"[" + b",".join([row.data for row in searched]) + b"]")
    for row, content in zip(searched, contents, strict=True):
        lc2 = (content.properties or {}).get("lc2") or {}
        greeting = lc2.get("greeting_id")
        if greeting is not None:
            _date(
                result, (Terms.has("greeting"), Terms.value("greeting", greeting)), row.created_at
            )
        elif (
            row.author_id in agents
            and row.type in _RESPONSES
            and content.visibility == "all"
            and lc2.get("welcome_message") is not True
        ):
            if Terms.has("reply") not in terms:
                terms.add(Terms.value("first", row.author_id))
            _add(terms, "reply", (row.author_id,))
        if row.type == "message":
            texts.append(content.text or "")
        else:
            texts.extend(_texts(row.type, content))
            if row.type == "filled_form":
                _form(result, row, content, lc2)


def _texts(kind: str, content: _Content) -> Iterator[str]:
    if kind == "file":
        yield content.name or ""
    elif kind == "rich_message":
        for element in content.elements or ():
            yield element.title or ""
            yield element.subtitle or ""
    elif kind == "filled_form":
        for answer in _answers(content):
            yield answer if isinstance(answer, str) else answer.label or ""


def _answers(content: _Content) -> Iterator[str | _Answer]:
    for field in content.fields or ():
        if field.answer is not None:
            yield field.answer
        yield from field.answers or ()


def _form(result: Document, row: EventRow, content: _Content, lc2: dict[str, Any]) -> None:
    named = content.form_type or lc2.get("form_type") or ""
    form_type = _FORM_TYPES.get(named, "other")
    terms = [Terms.form("form", form_type)]
    if content.form_id:
        terms.append(Terms.form("survey", form_type))
    terms += [
        Terms.form("answer", form_type, str(answer.id))
        for answer in _answers(content)
        if isinstance(answer, _Answer)
    ]
    _date(result, terms, row.created_at)
