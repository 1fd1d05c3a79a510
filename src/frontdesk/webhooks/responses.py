"""What a receiver responds to a request."""

from typing import Final

from msgspec import Struct

__all__ = ["ACCEPTED", "WebhookResponse"]


class WebhookResponse(Struct, frozen=True):
    """The response to an HTTP request; LiveChat counts 200 alone as success."""

    status: int
    text: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers beside Content-Length."""
        headers = {"content-type": "text/plain; charset=utf-8"}
        if self.status == 503:  # noqa: PLR2004
            headers["retry-after"] = "5"
        if self.status == 405:  # noqa: PLR2004
            headers["allow"] = "POST"
        return headers

    @property
    def body(self) -> bytes:
        """The text as bytes."""
        return self.text.encode()


ACCEPTED: Final = WebhookResponse(200, "ok\n")
