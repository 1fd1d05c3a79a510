"""Draw the picture of a report on the home page of the documentation, out of a run of its own.

``python -m tools.report_picture`` exports the archives of a sandbox, reports on the last month, and
writes the top of the page as an SVG; with ``--check`` it fails when one byte differs. The picture
follows light and dark as the page does, and loads nothing.
"""

import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from tools.picture import keep

from frontdesk.archives import export, make_job, open_target
from frontdesk.archives.report import html_page, report_on
from frontdesk.sandbox import Sandbox

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "assets" / "report.svg"
START = datetime(2026, 6, 15, 12, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WIDTH, HEIGHT = 1008, 1262
SPACE = 'xmlns="http://www.w3.org/2000/svg"'
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>A report: key figures, chats per day, chats by weekday and hour</title>
<style>{style}
main {{ padding: 1.6rem 1.5rem; }}
details, .narrow, .part:first-of-type {{ display: none !important; }}
svg {{ border-radius: 12px; }}
</style>
<foreignObject width="{width}" height="{height}">
<body xmlns="http://www.w3.org/1999/xhtml" style="min-height: {height}px"><main>
{page}
</main></body>
</foreignObject>
</svg>
"""


def picture() -> str:
    """Make a report, and return the top of its page."""
    with tempfile.TemporaryDirectory() as folder, Sandbox("quiet", start=START) as sandbox:
        with sandbox.client() as client:
            export(client, open_target(folder), make_job(since=SINCE), clock=lambda: START)
        page = html_page(report_on(folder, timezone="Europe/Berlin"))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    head = re.search(r"<header>.*?</section>\s*<section.*?</section>", page, re.DOTALL)
    assert style is not None
    assert head is not None
    # What is HTML without an end has one in XML; on a phone the picture shrinks as a whole.
    svg = SVG.format(
        width=WIDTH,
        height=HEIGHT,
        style=re.sub(r"@media \((max-width).*?\n}\n", "", style[1], flags=re.DOTALL),
        page=head[0].replace("<br>", "<br/>").replace("<svg ", f"<svg {SPACE} "),
    )
    ET.fromstring(svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> int:
    return keep(PICTURE, picture, "tools.report_picture", __doc__)


if __name__ == "__main__":
    sys.exit(main())
