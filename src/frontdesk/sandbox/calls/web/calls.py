"""Calls over HTTP, from a socket or from this process: paths, headers, forms and JSON."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final, Literal

from frontdesk.actions import RequestAgentUnsuspension, UploadFile
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    AuthorizationError,
    NotFound,
    RequesterAwaitingApproval,
    RequesterSuspended,
    UnsupportedVersion,
    ValidationError,
)
from frontdesk.sandbox.calls.call import IncomingCall
from frontdesk.sandbox.calls.identification import NOBODY, check_region
from frontdesk.sandbox.calls.routes import Route, find_route
from frontdesk.sandbox.calls.versions import parse_version
from frontdesk.sandbox.calls.web.uploads import read_upload
from frontdesk.sandbox.world import Identities, World
from frontdesk.sandbox.world.actor import Actor
from frontdesk.spec.actions import Version

__all__ = ["WebCall"]

_PATH: Final = re.compile(r"(?:/v(\d{1,3}\.\d{1,3}))?/(agent|configuration)/action/([^/]+)/?")
_SHOWN: Final = 200
_JSON_TYPES: Final = ("application/json", "")


class _WrongVerb(ValidationError):
    """Something else than what the method takes, which is POST for most."""

    error_type = "validation"


class WebCall(IncomingCall):
    """A request over HTTP.

    Args:
        routes: the paths that earlier calls asked for, with their routes.
        verb, path, headers, body: the request; names of headers are in lower case.
    """

    transport: ClassVar[Literal["web", "rtm"]] = "web"
    pattern: ClassVar[re.Pattern[str]] = _PATH
    """Matches the paths of methods: version, API and name."""
    example: ClassVar[str] = "/v3.6/agent/action/<method>"

    def __init__(
        self,
        routes: dict[str, Route],
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        self.body = body
        self._routes = routes
        self._verb = verb
        self._path = path
        self._headers = headers

    @property
    def asked(self) -> tuple[str, str]:
        """The path, since what is asked for is not understood without a route."""
        return self._path[:_SHOWN], ""

    @property
    def response_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of the response, besides those that every response has."""
        headers = () if self.route is None else self.route.headers
        if isinstance(self.error, _WrongVerb) and self.route is not None:
            return (*headers, ("Allow", self.route.handler.action.spec.verb))
        return headers

    @property
    def recorded_body(self) -> bytes:
        """The body, unless it is a file or was sent to no method."""
        if self.route is None or issubclass(self.route.handler.action, UploadFile):
            return b""
        return self.body

    def find_route(self) -> Route:
        """Read the path, and the version of the path or of a header."""
        route = self._routes.get(self._path) or self._read_path()
        self.route: Route | None = route
        verb = route.handler.action.spec.verb
        if self._verb != verb:
            raise _WrongVerb(f"`{route.name}` takes {verb}, not {self._verb}")
        return route

    def _read_path(self) -> Route:
        match = self.pattern.fullmatch(self._path)
        if match is None:
            raise NotFound(f"there is nothing at {self._path!r}; methods are at {self.example}")
        dotted, api, name = match.groups()
        version = parse_version(dotted) if dotted else None
        if version is None:
            return find_route(api, name, _version(self._headers.get("x-api-version")), "web")
        route = self._routes[self._path] = find_route(api, name, version, "web")
        return route

    def authenticate(self, world: World, identities: Identities) -> Actor:
        """Whose token the header ``Authorization`` holds."""
        authorization = self._headers.get("authorization")
        if not authorization:
            if self.route is not None and not self.route.handler.action.spec.needs_token:
                return NOBODY
            raise AuthenticationError("`Authorization` is required: Bearer or Basic and a token")
        try:
            requester = identities.requester(authorization)
        except RequesterSuspended:
            if self.route is None or self.route.handler.action is not RequestAgentUnsuspension:
                raise AuthorizationError(
                    "the agent is suspended; request_agent_unsuspension asks the owner to end it"
                ) from None
            requester = identities.suspended(authorization)
        except RequesterAwaitingApproval:
            # The log-in over RTM alone has errors of its own for such agents.
            raise AuthorizationError("the agent is not approved yet") from None
        check_region(world, requester, self._headers.get("x-region"))
        return requester

    @property
    def author(self) -> tuple[str, str] | None:
        """The bot that the header ``X-Author-Id`` names."""
        bot_id = self._headers.get("x-author-id")
        return ("X-Author-Id", bot_id) if bot_id else None

    def decode(self, route: Route) -> Any:
        """The action that JSON asks for, or the file of a form."""
        content_type = self._headers.get("content-type", "")
        if issubclass(route.handler.action, UploadFile):
            return read_upload(content_type, self.body)
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in _JSON_TYPES:
            raise ValidationError(f"`Content-Type` must be application/json, not {kind[:64]}")
        return super().decode(route)

    def fail(self, error: APIError) -> None:
        """Make an error the response; HTTP has a status for another verb."""
        super().fail(error)
        if isinstance(error, _WrongVerb):
            self.status: int = HTTPStatus.METHOD_NOT_ALLOWED


def _version(text: str | None) -> Version:
    if not text:
        raise UnsupportedVersion("the version is required, in the path or in `X-API-Version`")
    version = parse_version(text.removeprefix("v"))
    if version is None:
        raise UnsupportedVersion(f"`X-API-Version` must look like 3.6, not {text[:16]!r}")
    return version
