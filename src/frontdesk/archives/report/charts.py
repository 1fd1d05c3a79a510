"""Charts as SVG that takes its colours from the page, so that they follow light and dark."""

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

from markupsafe import Markup

__all__ = ["Series", "area_chart", "bar_chart", "stacked_chart"]

WIDE: Final = 720
NARROW: Final = 330
"""Widths in pixels: a chart is drawn for a desk and for a phone, so that texts keep their size."""
ROOM: Final = 64
"""Pixels for a label of the time below a chart."""
BAR: Final = 22
"""Pixels for a bar with the gap beside it."""
LONGEST_LABEL: Final = {WIDE: 34, NARROW: 17}
_SVG: Final = "http://www.w3.org/2000/svg"
_UNUSED: Final = {"defs", "style", "script", "desc", "title"}
_INVISIBLE: Final = {"overlay", "text-overlay", "tooltip-overlay", "background", "titles"}
_CLASSES: Final = {
    "axis", "x", "y", "guide", "line", "major", "reactive", "rect", "bar", "legends", "legend",
    "series", "guides", "always_show",
}  # fmt: skip


class Series(NamedTuple):
    """Values in the order of the labels; ``None`` where there is none."""

    name: str
    values: Sequence[float | None]


def area_chart(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Draw values over time: the first series as an area, the next as a dashed line."""

    def draw(width: int) -> Any:
        chart = _chart("Line", width, 230 if width == WIDE else 200)
        # As many labels as fit; the others would overlap.
        step = max(1, -(-len(labels) * ROOM // width))
        chart.x_labels = list(labels)
        chart.x_labels_major = list(labels)[::step]
        chart.show_minor_x_labels = False
        chart.truncate_label = -1
        for number, each in enumerate(series):
            dash = {"dasharray": "4, 4"} if number else {}
            chart.add(
                each.name,
                list(each.values),
                fill=not number,
                show_dots=len(labels) == 1,
                stroke_style={"width": 2, **dash},
            )
        return chart

    return _both(title, "area", draw)


def bar_chart(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Draw horizontal bars for each label, one below the other for each series."""

    def draw(width: int) -> Any:
        bars = len(labels) * max(len(series), 1)
        chart = _chart("HorizontalBar", width, 70 + bars * BAR * (0.7 if len(series) > 1 else 1))
        _label(chart, labels, width)
        for each in series:
            chart.add(each.name, list(reversed(each.values)))
        return chart

    return _both(title, "bars", draw)


def stacked_chart(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Draw one horizontal bar for each label, made of all series."""

    def draw(width: int) -> Any:
        chart = _chart("HorizontalStackedBar", width, 76 + len(labels) * 34)
        _label(chart, labels, width)
        for each in series:
            chart.add(each.name, list(reversed(each.values)))
        return chart

    return _both(title, "bars stacked", draw)


def _label(chart: Any, labels: Sequence[str], width: int) -> None:
    longest = LONGEST_LABEL[width]
    # XML has no control characters, and the library writes what it is given.
    plain = ["".join(char if char.isprintable() else " " for char in label) for label in labels]
    chart.x_labels = [
        label if len(label) <= longest else f"{label[: longest - 1]}…" for label in reversed(plain)
    ]


def _chart(kind: str, width: int, height: float) -> Any:
    pygal = _pygal()
    style: Any = pygal.style.Style(
        background="transparent",
        plot_background="transparent",
        font_family="inherit",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=12,
    )
    return getattr(pygal, kind)(
        style=style,
        js=[],
        width=width,
        height=round(height),
        explicit_size=False,
        include_x_axis=True,
        min_scale=3,
        max_scale=6 if width == WIDE else 4,
        margin=4,
        margin_right=14,
        spacing=8,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        legend_box_size=10,
        show_y_guides=kind == "Line",
        show_x_guides=kind != "Line",
        value_formatter=_number,
        truncate_legend=-1,
        truncate_label=-1,
        print_values=False,
    )


@cache
def _pygal() -> Any:
    """Import the library, which has no types."""
    hooks = list(sys.meta_path)
    pygal: Any = importlib.import_module("pygal")
    # Its hook for maps knows only an interface that Python 3.12 dropped: until then each import of
    # a missing module would warn, wherever in the program.
    sys.meta_path[:] = [
        hook for hook in sys.meta_path if hook in hooks or hasattr(hook, "find_spec")
    ]
    importlib.import_module("pygal.style")
    return pygal


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _both(title: str, kind: str, draw: Callable[[int], Any]) -> Markup:
    """Draw a chart for both widths; the page shows the one that fits."""
    images = Markup("").join(
        _clean(draw(width).render(), title, f"{name} {kind}")
        for width, name in ((WIDE, "wide"), (NARROW, "narrow"))
    )
    return Markup('<div class="chart">{}</div>').format(images)


def _clean(svg: bytes, title: str, classes: str) -> Markup:
    """Return an image without the styles and scripts of the library: the page has its own."""
    root = ET.fromstring(svg)  # noqa: S314 - the library's own output, which escapes labels
    _drop(root)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        names = element.get("class", "").split()
        kept = [name for name in names if name in _CLASSES or name.startswith("color-")]
        element.attrib.pop("class", None)
        if kept:
            element.set("class", " ".join(kept))
        for attribute in list(element.attrib):
            if attribute.startswith(("data-", "{")) or attribute in ("id", "rx", "ry", "style"):
                del element.attrib[attribute]
        for attribute, value in element.attrib.items():
            if attribute in ("d", "x", "y", "width", "height", "transform", "x1", "x2", "y1", "y2"):
                element.set(attribute, _shortened(value))
    root.set("role", "img")
    root.set("aria-label", title)
    root.set("class", classes)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - text is escaped in it


def _shortened(value: str) -> str:
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", value)


def _drop(element: ET.Element) -> None:
    for child in list(element):
        name = child.tag.rpartition("}")[2]
        if name in _UNUSED or _INVISIBLE & set(child.get("class", "").split()):
            element.remove(child)
        else:
            _drop(child)
