"""What the sandbox knows of a web address, without asking anybody."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from frontdesk.errors import ValidationError
from frontdesk.models.customer_chat.widget import UrlInfo
from frontdesk.sandbox.store.records import FileRecord
from frontdesk.sandbox.world.world import World

__all__ = ["describe", "web_address"]

_SHOWN: Final = 64


def web_address(url: str, field: str) -> SplitResult:
    """Return the parts of a web address; without a scheme it is one of ``https``.

    Raises:
        ValidationError: It is no web address; the message names the field of the request.
    """
    refusal = ValidationError(
        f"`{field}` must be a web address such as `https://example.com`, not {url[:_SHOWN]!r}"
    )
    text = url.strip()
    if "\\" in text or not all(char.isprintable() and not char.isspace() for char in text):
        raise refusal
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refusal from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise refusal
    if "://" not in text and "." not in host:
        raise refusal
    return parts


def describe(world: World, url: str) -> UrlInfo:
    """Return what is known of a web address: of uploaded files, name and size of the image.

    Raises:
        ValidationError: It is no web address.
    """
    parts = web_address(url, "url")
    address = parts.geturl()
    file = _uploaded_file(world, address)
    if file is None:
        return UrlInfo(url=address, title=f"{parts.hostname}{parts.path.rstrip('/')}")
    is_image = file.content_type.startswith("image/")
    return UrlInfo(
        url=address,
        title=file.name,
        image_url=f"{address}?thumbnail=1" if is_image else None,
        image_original_url=address if is_image else None,
        image_width=file.width if is_image else None,
        image_height=file.height if is_image else None,
    )


def _uploaded_file(world: World, url: str) -> FileRecord | None:
    *_, file_id, _ = ("", "", *url.split("/"))
    file = world.store.files.get(file_id)
    if file is None or file.url != url:
        return None
    is_over = file.expires_at is not None and file.expires_at <= world.clock.now()
    return None if is_over else file
