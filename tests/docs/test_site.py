"""The built documentation: what its search finds, what its pages have, how wide they are."""

import json
import re

import pytest
from tools import site_check

QUERIES = {
    "rate limit": "guide/errors",
    "tag a thread": "reference/methods/thread_tags",
    "date": "guide/dates-and-filters",
    "pandas": "guide/pandas",
    "webhook": "guide/webhooks",
    "django": "guide/django",
    "journal": "guide/webhooks",
    "start_chat": "reference/methods/chats",
    "CustomerStatistics": "reference/models/people",
}
"""What people look for, and the page that has to be found."""

needs_chromium = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to measure the pages"
)


@pytest.fixture(scope="module")
def index(built_site):
    return json.loads((built_site / "search" / "search_index.json").read_text())


@pytest.mark.parametrize("query", QUERIES)
def test_the_index_has_what_people_look_for(index, query):
    separator = re.compile(index["config"]["separator"])

    def words(text):
        return {word.lower() for word in separator.split(text) if word}

    wanted = {word for word in words(query) if len(word) > 1}
    entries = [
        entry
        for entry in index["docs"]
        if wanted <= words(f"{entry['title']} {re.sub('<[^>]+>', ' ', entry['text'])}")
    ]
    assert any(entry["location"].startswith(QUERIES[query]) for entry in entries)


def test_the_index_separates_the_parts_of_names(index):
    separator = re.compile(index["config"]["separator"])
    assert [word for word in separator.split("tag_thread") if word] == ["tag", "thread"]


def test_a_page_has_tabs_a_footer_and_a_switch_for_dark_mode(built_site):
    page = (built_site / "guide" / "webhooks" / "index.html").read_text()
    assert 'class="md-tabs"' in page
    assert 'class="md-footer__inner' in page
    assert 'data-md-color-scheme="slate"' in page
    assert 'data-md-component="palette"' in page


def test_nothing_is_fetched_from_other_hosts(built_site):
    for path in built_site.rglob("index.html"):
        fetched = re.findall(
            r'<(?:script|img|link|iframe)\b[^>]*?(?:src|href)="(https?://[^"]+)"', path.read_text()
        )
        assert [url for url in fetched if "canonical" not in url] == [], path


def test_every_page_is_reached_from_the_navigation(built_site):
    home = (built_site / "index.html").read_text()
    for path in site_check.pages(built_site):
        if path:
            assert f'href="{path}/"' in home, path


def too_wide(built_site, paths):
    """Return what is wider than a phone's screen, or a laptop's."""
    chromium = site_check.chromium()
    with site_check.served(built_site) as url, site_check.browser(chromium) as tab:
        return [
            problem
            for width in site_check.WIDTHS
            for problem in site_check.too_wide(tab, url, paths, width)
        ]


@needs_chromium
def test_pages_of_each_kind_are_not_wider_than_their_screens(built_site):
    kinds = ["", "guide/webhooks", "reference/methods/chats", "reference/sandbox", "performance"]
    assert too_wide(built_site, kinds) == []


@pytest.mark.soak
@needs_chromium
def test_no_page_is_wider_than_its_screen(built_site):
    assert too_wide(built_site, site_check.pages(built_site)) == []


WIDE_TABLE = """
<div class='md-typeset__scrollwrap' style='overflow: auto'>
<table style='width: 900px'><td>Wide</td></table></div>
"""


@needs_chromium
@pytest.mark.parametrize(
    ("page", "named"),
    [("<p style='width: 900px'>Wide</p>", "P."), (WIDE_TABLE, "a table: Wide")],
    ids=["page", "table"],
)
def test_what_is_too_wide_is_noticed(tmp_path, page, named):
    (tmp_path / "index.html").write_text(page)
    (problem,) = [each for each in too_wide(tmp_path, [""]) if "at 390 px" in each]
    assert named in problem


@needs_chromium
def test_the_search_finds_what_people_look_for(built_site):
    chromium = site_check.chromium()
    with site_check.served(built_site) as url, site_check.browser(chromium) as tab:
        tab.resize(1280)
        for query, page in QUERIES.items():
            assert f"/{page}/" in site_check.found(tab, url, query)[:3]
