"""The page: whole in itself, safe against what customers write, with what it assumes."""

import datetime as dt
import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markupsafe import escape

from frontdesk.archives.report import ASSUMPTIONS
from frontdesk.archives.report.page import html_page

from ._exports import BOT, system

START = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
ADA = "ada@example.com"
EVIL = "</title></svg><script>alert(1)</script><img src=https://evil.example onerror=x>\"'&"
VOID = {"meta", "br", "img", "link"}


class Elements(HTMLParser):
    """Every element with its attributes, and whether all that open close in order."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open, self.errors = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append((tag, self.getpos()))


def evil(export):
    """An export in which everything that somebody writes is hostile."""
    for number in range(3):
        export.thread(
            START + dt.timedelta(minutes=number),
            (0, "customer"),
            (5, ADA),
            (9, BOT),
            (20, None, system("rating.chat_rated")),
            tags=[EVIL, "plain"],
            country=EVIL,
            customer="CEVIL",
            rating_score=0,
            rating_comment=EVIL,
        )
    export.thread(START, (0, "customer"), queues_duration=9, customer="CEVIL",
                  start_url=f"javascript:{EVIL}")  # fmt: skip
    for user in ("CEVIL", ADA, BOT):
        export.user(START.date(), user, EVIL, email=EVIL)
    return export


@pytest.fixture
def page(export, report_of):
    return html_page(report_of(evil(export), names=True))


def test_what_people_write_is_text(page):
    elements = Elements(page)
    assert (elements.open, elements.errors) == ([], [])
    names = {tag for tag, _ in elements.elements}
    assert not names & {
        "script",
        "img",
        "iframe",
        "link",
        "object",
        "a",
        "base",
        "form",
        "foreignobject",
    }
    # It is there, as text: as a tag, a country, a name, an address and a comment.
    assert page.count(str(escape(EVIL))) >= 5


def test_nothing_is_loaded_and_nothing_runs(page):
    for _, attributes in Elements(page).elements:
        assert not {name for name in attributes if name.startswith("on")}
        assert not {"src", "href", "srcset", "action", "xlink:href"} & attributes.keys()
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert "url(" not in styles
    assert "@import" not in styles
    assert "default-src 'none'" in page


def test_charts_are_images_with_a_name_and_a_table_behind_them(page):
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) >= 10
    for chart in charts:
        root = ET.fromstring(chart)
        assert root.get("role") == "img"
        assert root.get("aria-label")
    assert page.count('<div class="chart">') == page.count("<summary>The numbers</summary>")


def test_every_table_has_a_caption_and_headings(page):
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) > 8
    for table in tables:
        assert "<caption>" in table
        assert '<th scope="col"' in table
        assert '<th scope="row">' in table


def test_every_assumption_stands_on_the_page(page):
    text = html.unescape(page)
    for assumption in ASSUMPTIONS.values():
        # With its figure, and in the list at the end.
        assert text.count(assumption.text) >= 2, assumption.name


def test_customers_are_neither_named_nor_quoted_unless_asked_for(export, report_of):
    export.thread(START, (0, "customer", {"text": "secret words"}), (5, ADA), customer="C7",
                  rating_score=0, rating_comment="rude", start_url="https://shop.example/x",
                  queues_duration=5)  # fmt: skip
    export.thread(START, (0, "customer"), customer="C7", queues_duration=5,
                  start_url="https://shop.example/x")  # fmt: skip
    export.user(START.date(), "C7", "Grace Hopper", email="grace@example.org")
    export.user(START.date(), ADA, "Ada King")
    private = ("Grace Hopper", "grace@example.org", "rude", "shop.example", "secret words", "C7")
    page = html_page(report_of(export))
    assert [text for text in private if text in page] == []
    assert "Ada King" in page
    page = html_page(report_of(export, names=True, path="again"))
    for text in private[:4]:
        assert text in page
    assert "secret words" not in page


def test_a_large_report_stays_a_small_page(export, report_of):
    for number in range(400):
        export.thread(
            START + dt.timedelta(minutes=number),
            (0, "customer"),
            (5, f"agent{number}@example.com"),
            tags=[f"a tag with a long name, number {number}"],
            groups=(number % 50,),
            country=f"Country {number % 180}",
            customer=f"C{number % 60}",
        )
    page = html_page(report_of(export, names=True))
    assert len(page.encode()) < 500_000
    assert "The first 200 of 400" in page


def test_without_data_before_the_page_says_so(export, report_of):
    export.thread(START, (0, "customer"), (5, ADA))
    held = {
        "since": dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
        "until": dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
    }
    page = html_page(report_of(export, held=held))
    assert "There is no data before" in page
    assert "no data before" in page
    assert "Before" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_tables_that_were_not_exported_are_named(export, report_of):
    export.thread(START, (0, "customer"), (5, ADA), tags=["vip"])
    page = html_page(report_of(export, tables=("threads", "events")))
    assert "which lacks the table tags" in page
    assert "which lacks the tables thread_users, users" in page
    assert "which lacks the table visits" in page


def test_the_same_report_is_the_same_page(export, report_of):
    evil(export)
    first, second = (html_page(report_of(export, path=path)) for path in ("a", "b"))
    assert first == second


@pytest.mark.parametrize("days", [1, 90, 200, 730])
def test_periods_of_any_length_have_a_chart(export, report_of, days):
    until = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    since = until - dt.timedelta(days=days)
    export.thread(since, (0, "customer"))
    held = {"since": since - dt.timedelta(days=days), "until": until}
    page = html_page(report_of(export, since, until, held=held))
    step = "day" if days <= 100 else "week" if days <= 700 else "month"
    assert f'aria-label="Chats per {step}"' in page
