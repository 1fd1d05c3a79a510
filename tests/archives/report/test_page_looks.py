"""How the page looks: colours that can be read, and no wider than a phone."""

import datetime as dt
import re
from importlib.resources import files

import pytest
from tools import site_check

from frontdesk.archives.report.page import html_page

CSS = files("frontdesk.archives.report").joinpath("templates/page.css").read_text()
SCHEMES = dict(
    zip(("light", "dark", "print"), re.findall(r":root \{(.*?)\}", CSS, re.DOTALL), strict=True)
)
TEXT_ON = (
    [
        (text, ground)
        for text in ("ink", "quiet", "good", "bad", "c0")
        for ground in ("card", "page")
    ]
    + [("on-light", f"s{number}") for number in range(1, 5)]
    + [("on-dark", "s5"), ("on-dark", "s6")]
)
LEAST = 4.5
"""The contrast that WCAG 2 asks of texts, level AA."""

needs_chromium = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to measure the page"
)


def luminance(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_stand_out_from_their_ground(scheme):
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", SCHEMES[scheme]))
    weak = {}
    for text, ground in TEXT_ON:
        high, low = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
        contrast = (high + 0.05) / (low + 0.05)
        if contrast < LEAST:
            weak[text, ground] = round(contrast, 2)
    assert weak == {}


@needs_chromium
def test_the_page_is_as_wide_as_its_screen(export, report_of, tmp_path):
    start = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
    for number in range(40):
        export.thread(
            start + dt.timedelta(hours=7 * number),
            (0, "customer"),
            (5 * number, f"somebody.with.a.long.name.{number}@mail.example.com"),
            tags=[f"a-tag-without-any-place-to-break-it-{number}"],
            country="The United States of Somewhere",
            queues_duration=number,
            customer=f"C{number % 9}",
            rating_score=number % 2,
        )
    path = tmp_path / "report.html"
    path.write_text(html_page(report_of(export, names=True)), encoding="utf-8")
    with site_check.browser(site_check.chromium()) as tab:
        for width in site_check.WIDTHS:
            tab.resize(width)
            tab.open(path.as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") == width
