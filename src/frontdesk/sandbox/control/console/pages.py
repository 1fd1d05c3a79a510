"""The files of the console, as a browser gets them."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from frontdesk.errors import NotFound
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.sandbox.control.request import ControlRequest

__all__ = ["show_console"]

PAGE: Final = "index.html"
_FOLDER: Final = Path(__file__).with_name("page")
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing of other hosts, no style or script within the page, and no HTML made of texts: what
customers write is shown to a developer."""
_HEADERS: Final = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-cache"),
)


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _TYPES}


def show_console(request: ControlRequest) -> Any:
    """Return the page, or one of the files that it loads."""
    name = request.parts[0] if request.parts else PAGE
    content = _files().get(name)
    if content is None:
        raise NotFound(f"the console has no file `{name}`")
    return HTTPResponse(
        status=HTTPStatus.OK,
        body=content,
        content_type=_TYPES[Path(name).suffix],
        headers=_HEADERS,
    )
