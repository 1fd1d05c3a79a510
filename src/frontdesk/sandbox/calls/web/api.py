"""The Web APIs: from a request over HTTP to its response."""

import re
from collections.abc import Mapping
from typing import Final

from frontdesk.sandbox.calls.pipeline import Pipeline
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.sandbox.calls.routes import Route
from frontdesk.sandbox.calls.web.calls import WebCall
from frontdesk.sandbox.calls.web.customer_calls import CustomerWebCall, is_customers

__all__ = ["WebApi"]

_DEBUG_ID: Final = re.compile(r"[!-~]{1,64}")


class WebApi:
    """Responds to requests to the Web APIs.

    Args:
        pipeline: carries out the calls.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._routes: dict[str, Route] = {}
        self._responses = 0

    def respond(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        address: str = "",
    ) -> HTTPResponse:
        """Respond to one request; names of headers are in lower case. Never raises.

        ``address`` is where it comes from, empty where there is no socket.
        """
        call = self._call(verb, path, headers, body, address)
        self._pipeline.carry_out(call)
        return HTTPResponse(
            status=call.status,
            body=call.response,
            debug_id=self.debug_id(headers),
            headers=call.response_headers,
            fault=call.fault,
        )

    def reads_body(
        self, verb: str, path: str, headers: Mapping[str, str], *, address: str = ""
    ) -> bool:
        """Whether the response to a request depends on its body."""
        return self._pipeline.admits(self._call(verb, path, headers, b"", address))

    def _call(
        self, verb: str, path: str, headers: Mapping[str, str], body: bytes, address: str
    ) -> WebCall:
        if is_customers(path):
            return CustomerWebCall(self._routes, verb, path, headers, body, address=address)
        return WebCall(self._routes, verb, path, headers, body)

    def debug_id(self, headers: Mapping[str, str]) -> str:
        """The id of a response: the one that the request asks for, or the next."""
        asked = headers.get("x-debug-id")
        if asked and _DEBUG_ID.fullmatch(asked):
            return asked
        self._responses += 1
        return f"{self._responses:016x}"
