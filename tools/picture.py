"""Draw the picture of the README: the screen of ``frontdesk demo``, as it runs here and now.

``python -m tools.picture`` writes the file, with ``--check`` it fails when one byte differs. The
picture has its own dark background, so that it looks the same on light and dark pages, and it loads
nothing: neither fonts nor anything else.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from frontdesk.cli import demo

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "assets" / "demo.svg"
THEME = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [
        (72, 79, 88),
        (255, 123, 114),
        (63, 185, 80),
        (210, 153, 34),
        (88, 166, 255),
        (188, 140, 255),
        (118, 227, 234),
        (230, 237, 243),
    ],
)
# Rich's own format loads a font from elsewhere, which pages do not do for pictures.
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>frontdesk demo: a customer asks, an agent responds, a failure is retried</title>
<style>
.{unique_id}-matrix {{
font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """Run the demo and return its screen."""
    with Path("/dev/null").open("w") as nowhere:
        console = Console(
            file=nowhere,
            record=True,
            width=demo.WIDTH,
            force_terminal=True,
            color_system="truecolor",
            legacy_windows=False,
            highlight=False,
        )
        console.print(Text.assemble(("$ ", "dim"), "frontdesk demo"))
        # It leaves an export and a report in the current folder.
        with TemporaryDirectory() as folder, chdir(folder):
            demo.play(lambda text: console.print(text, no_wrap=True, overflow="ignore"))
        console.print()
        svg = console.export_svg(
            title="frontdesk demo", theme=THEME, code_format=FORMAT, unique_id="demo"
        )
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> int:
    return keep(PICTURE, picture, "tools.picture", __doc__)


def keep(file: Path, picture: Callable[[], str], program: str, description: str | None) -> int:
    """Write a picture, or with ``--check`` compare it; return the exit code."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--check", action="store_true", help="only compare; fail on a difference")
    check = parser.parse_args().check
    text = picture()
    if file.exists() and file.read_text() == text:
        return 0
    if check:
        print(f"differs: {file}; run `make picture`")
        return 1
    file.write_text(text)
    print(f"wrote: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
