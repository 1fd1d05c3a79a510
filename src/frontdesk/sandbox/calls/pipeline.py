"""The Web API on the wire: from an HTTP request to an answer, in one synchronous call.

::

    path ── version, method ──▶ fault? ──▶ token, region, rate limit
        ──▶ action (leniently decoded) ──▶ World.call ──▶ result or error envelope ──▶ recorded

Nothing in here waits, so a server and an in-process transport use the same code. Whoever calls
``Wire.handle`` holds the world's lock, and calls ``World.commit`` before the answer leaves.
"""

import logging
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action, UploadFile
from frontdesk.decoding import encode
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    InternalError,
    MisdirectedRequest,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
    UnsupportedVersion,
    ValidationError,
)
from frontdesk.models import UploadedFile
from frontdesk.sandbox.calls.decoding import decode_request
from frontdesk.sandbox.calls.faults import BEFORE_THE_WORK, Fault, Faults
from frontdesk.sandbox.calls.rate_limits import Limits
from frontdesk.sandbox.calls.recording import Recorder
from frontdesk.sandbox.calls.responses import EMPTY, Answer, error_answer
from frontdesk.sandbox.calls.uploads import read_upload
from frontdesk.sandbox.calls.versions import (
    CURRENT,
    SERVED,
    Version,
    dotted,
    older_request,
    other_answer,
)
from frontdesk.sandbox.world import HANDLERS, Requester, World
from frontdesk.sandbox.world.chats import files
from frontdesk.sandbox.world.identity import Identities

__all__ = ["Wire", "as_bot", "check_region"]

_PATH: Final = re.compile(r"(?:/v(\d{1,3})\.(\d{1,3}))?/(agent|configuration)/action/([^/]+)/?")
_DEBUG_ID: Final = re.compile(r"[!-~]{1,64}")
_AUTHOR_ID_UNTIL: Final = (3, 5)
_SHOWN: Final = 200
_REGIONS: Final = ("dal", "fra")
_OTHER_REGION: Final = {"dal": "fra", "fra": "dal"}
_NOBODY: Final = Requester(id="")
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class _Route(Struct, frozen=True, gc=False):
    """A method at a version."""

    name: str
    action: type[Action[Any]]
    version: Version
    headers: tuple[tuple[str, str], ...]


class _Call:
    """How far a call has come."""

    __slots__ = ("fault", "requester", "route")

    def __init__(self) -> None:
        self.route: _Route | None = None
        self.requester: Requester | None = None
        self.fault: Fault | None = None


class _WrongVerb(ValidationError):
    """Something else than POST."""

    error_type = "validation"


class Wire:
    """Answers requests to the API.

    Args:
        world: what the requests act upon.
        faults: what is to go wrong.
        limits: the rate limits.
        recorder: keeps the calls.
    """

    def __init__(self, world: World, faults: Faults, limits: Limits, recorder: Recorder) -> None:
        self.world = world
        self.faults = faults
        self.limits = limits
        self.recorder = recorder
        self.identities = Identities(world)
        self._routes: dict[str, _Route] = {}
        self._answered = 0

    def handle(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request; names of headers are in lower case. Never raises."""
        call = _Call()
        failure: APIError | None = None
        try:
            answer = Answer(status=HTTPStatus.OK, body=self._work(call, verb, path, headers, body))
        except APIError as error:
            failure = error
            answer = error_answer(error)
        except Exception:  # noqa: BLE001 - a defect must not end the server
            _LOG.exception("%s failed; this is a defect of the sandbox", path)
            failure = InternalError("Internal server error")
            answer = error_answer(failure)
        route, requester, fault = call.route, call.requester, call.fault
        answer.debug_id = self.debug_id(headers)
        answer.fault = fault
        if route is not None:
            answer.headers = route.headers
        if isinstance(failure, _WrongVerb):
            answer.status = HTTPStatus.METHOD_NOT_ALLOWED
            answer.headers = (*answer.headers, ("Allow", "POST"))
        self.recorder.add(
            action=route.name if route else path[:_SHOWN],
            version=dotted(route.version) if route else "",
            micros=self.world.clock.peek(),
            status=answer.status,
            requester_id=requester.id if requester else None,
            error=failure.type if failure else None,
            fault=fault.kind if fault else None,
            request_body=body if route and route.action is not UploadFile else b"",
            answer_body=answer.body,
        )
        return answer

    def _work(
        self, call: "_Call", verb: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> bytes:
        route = call.route = self._routes.get(path) or self._find_route(path, headers)
        if verb != "POST":
            raise _WrongVerb(f"`{route.name}` takes POST, not {verb}")
        if self.faults:
            fault = call.fault = self.faults.strike(route.name)
            if fault is not None and fault.kind in BEFORE_THE_WORK:
                raise self.refusal(fault)
        requester = call.requester = self._requester(route, headers)
        return self._perform(route, requester, headers, body)

    def _find_route(self, path: str, headers: Mapping[str, str]) -> _Route:
        match = _PATH.fullmatch(path)
        if match is None:
            raise NotFound(
                f"there is nothing at {path!r}; methods are at /v3.6/agent/action/<method>"
            )
        major, minor, api, name = match.groups()
        version = (int(major), int(minor)) if major else _version(headers.get("x-api-version"))
        route = _route(api, name, version)
        if major:
            self._routes[path] = route
        return route

    def _requester(self, route: _Route, headers: Mapping[str, str]) -> Requester:
        authorization = headers.get("authorization")
        if not authorization and not route.action.spec.needs_token:
            return _NOBODY
        if not authorization:
            raise AuthenticationError("`Authorization` is required: Bearer or Basic and a token")
        requester = self.identities.requester(authorization)
        check_region(self.world, requester, headers.get("x-region"))
        if self.limits:
            self.limits.count(requester.token_id, route.name, self.world.clock.peek())
        if route.version <= _AUTHOR_ID_UNTIL:
            bot_id = headers.get("x-author-id")
            if bot_id:
                return as_bot(self.world, requester, bot_id)
        return requester

    def _perform(
        self, route: _Route, requester: Requester, headers: Mapping[str, str], body: bytes
    ) -> bytes:
        content_type = headers.get("content-type", "")
        if route.action is UploadFile:
            result: Any = self._upload(requester, content_type, body)
        else:
            _check_json(content_type)
            if route.version < CURRENT:
                body = older_request(route.name, body)
            result = self.world.call(requester, decode_request(route.action, body))
        if result is None:
            return EMPTY
        if route.version != CURRENT:
            result = other_answer(route.version, result)
        return encode(result)

    def _upload(self, requester: Requester, content_type: str, body: bytes) -> UploadedFile:
        upload = read_upload(content_type, body)
        self.world.run_due_timers()
        work = partial(
            files.upload,
            self.world,
            name=upload.name,
            content=upload.content,
            content_type=upload.content_type,
            uploaded_by=requester.id,
        )
        return UploadedFile(url=self.world.unit(work).url)

    def refusal(self, fault: Fault) -> APIError:
        """The error that a fault answers instead of the work."""
        match fault.kind:
            case "too_many_requests":
                return TooManyRequests("Too many requests")
            case "service_unavailable":
                return ServiceUnavailable("Service unavailable")
            case "wrong_region":
                home = self.world.store.company.license.region
                return MisdirectedRequest(
                    "Wrong region", data={"region": _OTHER_REGION.get(home, "dal")}
                )
            case "expired_token":
                return AuthenticationError("the access token has expired")
            case _:
                return InternalError("Internal server error")

    def debug_id(self, headers: Mapping[str, str]) -> str:
        """The id of an answer: the one that the request asks for, or the next."""
        asked = headers.get("x-debug-id")
        if asked and _DEBUG_ID.fullmatch(asked):
            return asked
        self._answered += 1
        return f"{self._answered:016x}"


def check_region(world: World, requester: Requester, asked: str | None) -> None:
    """Raise ``MisdirectedRequest`` when the license lives in another data centre than asked for."""
    home = world.store.company.license.region
    wanted = asked or requester.region
    if wanted == home:
        return
    if wanted not in _REGIONS:
        raise ValidationError("`X-Region` must be `dal` or `fra`")
    raise MisdirectedRequest("Wrong region", data={"region": home})


def _route(api: str, name: str, version: Version) -> _Route:
    headers = SERVED.get(version)
    if headers is None:
        served = ", ".join(map(dotted, SERVED))
        raise UnsupportedVersion(f"version {dotted(version)} is not served; {served} are")
    action = _actions().get((api, name))
    if action is None:
        close = get_close_matches(name, [known for of, known in _actions() if of == api], n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise NotFound(f"there is no method `{name[:64]}`{hint}")
    spec = action.spec
    if "web" not in spec.transports:
        raise NotFound(f"`{name}` exists over RTM only")
    if version < spec.since:
        raise NotFound(f"`{name}` exists from version {dotted(spec.since)} on")
    if spec.until is not None and version > spec.until:
        raise NotFound(f"`{name}` exists up to version {dotted(spec.until)}")
    return _Route(name, action, version, headers)


def _actions() -> dict[tuple[str, str], type[Action[Any]]]:
    """Each method that is declared or has a handler, by API and name."""
    known = [*ACTIONS.values(), *CONFIGURATION_ACTIONS.values(), *HANDLERS]
    return {(action.spec.api, action.spec.name): action for action in known}


def _version(text: str | None) -> Version:
    if not text:
        raise UnsupportedVersion("the version is required, in the path or in `X-API-Version`")
    match = re.fullmatch(r"v?(\d{1,3})\.(\d{1,3})", text)
    if match is None:
        raise UnsupportedVersion(f"`X-API-Version` must look like 3.6, not {text[:16]!r}")
    return int(match[1]), int(match[2])


def _check_json(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind != "application/json":
        raise ValidationError(f"`Content-Type` must be application/json, not {kind[:64]}")


def as_bot(
    world: World, requester: Requester, bot_id: str, field: str = "X-Author-Id"
) -> Requester:
    """The requester acting as a bot, as a field asks for; raises ``ValidationError``."""
    bot = world.store.company.agents.get(bot_id)
    if bot is None or not bot.bot:
        raise ValidationError(f"`{field}`: there is no bot `{bot_id[:64]}`")
    return msgspec.structs.replace(requester, id=bot.id, bot=True, role="normal")
