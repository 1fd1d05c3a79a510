"""Requests of connections, carried out as those of the Web API are."""

import logging
import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from frontdesk.actions import ACTIONS, Action, Login, Logout, UpdateSession
from frontdesk.decoding import encode
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    InternalError,
    LicenseExpired,
    NotFound,
    RequesterAlreadyOffline,
    UnsupportedVersion,
    ValidationError,
)
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.decoding import decode_request
from frontdesk.sandbox.calls.faults import BEFORE_THE_WORK, Fault
from frontdesk.sandbox.calls.pipeline import as_bot, check_region
from frontdesk.sandbox.calls.responses import EMPTY, error_body, status_of
from frontdesk.sandbox.calls.versions import (
    CURRENT,
    SERVED,
    Version,
    dotted,
    older_request,
    other_answer,
)
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.serve.rtm.frames import RequestFrame, error_frame, success_frame
from frontdesk.sandbox.serve.rtm.push_delivery import LoggedIn, read_filter
from frontdesk.sandbox.world import Requester

__all__ = ["Calls", "Outcome"]

VERSION: Final = re.compile(r"(\d{1,3})\.(\d{1,3})")
AUTHOR_ID_UNTIL: Final = (3, 5)
_LOG: Final = logging.getLogger("frontdesk.sandbox")

MakeRoom = Callable[[str], bool]
"""Makes room for one more connection of an agent; false when that is not to be."""


class Outcome(Struct, kw_only=True, gc=False):
    """What became of a request: the frame that answers it, and what is to happen then.

    ``refused`` is why the connection is ended instead of being answered; ``leaves`` that it ends
    after the answer.
    """

    connection: Connection
    request: RequestFrame
    frame: bytes = b""
    fault: Fault | None = None
    refused: str | None = None
    leaves: bool = False


class _NoRoom(Exception):
    """The agent has too many connections already."""


class Calls:
    """Carries out requests; its caller holds the world's lock, and commits before answers leave.

    Args:
        backend: whose world it is.
        logged_in: where connections go when they log in.
        make_room: asked before a connection of an agent is added.
    """

    def __init__(self, backend: Backend, logged_in: LoggedIn, make_room: MakeRoom) -> None:
        self._backend = backend
        self._world = backend.world
        self._wire = backend.wire
        self._logged_in = logged_in
        self._make_room = make_room

    def carry_out(self, connection: Connection, request: RequestFrame) -> Outcome:
        """Do what is asked. Never raises."""
        outcome = Outcome(connection=connection, request=request)
        error: APIError | None = None
        payload = EMPTY
        try:
            payload = self._work(outcome, connection, request)
        except _NoRoom:
            outcome.refused = "too_many_connections"
        except APIError as failure:
            error = failure
        except Exception:  # noqa: BLE001 - a defect must not end the server
            _LOG.exception("%s failed; this is a defect of the sandbox", request.action[:64])
            error = InternalError("Internal server error")
        if error is None:
            outcome.frame = success_frame(request, payload)
        else:
            outcome.frame = error_frame(request, error)
        self._record(outcome, connection, payload, error)
        return outcome

    def _record(
        self, outcome: Outcome, connection: Connection, payload: bytes, error: APIError | None
    ) -> None:
        self._backend.recorder.add(
            action=outcome.request.action,
            version=outcome.request.version or dotted(connection.version),
            micros=self._world.clock.peek(),
            status=HTTPStatus.OK if error is None else status_of(error),
            requester_id=connection.agent_id,
            error=None if error is None else error.type,
            fault=outcome.fault.kind if outcome.fault else None,
            request_body=outcome.request.body,
            answer_body=payload if error is None else error_body(error),
            transport="rtm",
        )

    def _work(self, outcome: Outcome, connection: Connection, request: RequestFrame) -> bytes:
        version = _version(connection, request)
        action = _method(request.action, version)
        faults = self._backend.faults
        if faults:
            fault = outcome.fault = faults.strike(request.action)
            if fault is not None and fault.kind in BEFORE_THE_WORK:
                raise self._wire.refusal(fault)
        body = request.body
        if version < CURRENT:
            body = older_request(request.action, body)
        decoded: Action[Any] = decode_request(action, body)
        if isinstance(decoded, Login):
            result: Any = self._log_in(connection, request, decoded)
        else:
            requester = self._requester(connection, request, version)
            result = self._world.call(requester, decoded)
            if isinstance(decoded, UpdateSession):
                connection.authorization = decoded.token
            elif isinstance(decoded, Logout):
                outcome.leaves = connection.id not in self._world.sessions
        if result is None:
            return EMPTY
        return encode(result if version == CURRENT else other_answer(version, result))

    def _log_in(self, connection: Connection, request: RequestFrame, login: Login) -> Any:
        if connection.agent_id is not None:
            raise ValidationError("the connection is logged in already")
        requester = self._wire.identities.requester(login.token, connection.id)
        check_region(self._world, requester, connection.region)
        self._count(requester, "login")
        wanted = None if login.pushes is UNSET else read_filter(login.pushes)
        # What happened until now is in the answer; later on, it must not come as a push.
        self._world.commit()
        if not requester.bot and not self._make_room(requester.id):
            raise _NoRoom
        answer = self._world.call(replace(requester, request_id=request.request_id), login)
        connection.agent_id = requester.id
        connection.authorization = login.token
        connection.generation = self._world.store.company.generation
        connection.filter = wanted
        self._logged_in.add(requester.id, connection)
        return answer

    def _requester(
        self, connection: Connection, request: RequestFrame, version: Version
    ) -> Requester:
        if connection.agent_id is None:
            raise AuthenticationError("the connection is not logged in; `login` comes first")
        session = self._world.sessions.get(connection.id)
        if session is None:
            raise RequesterAlreadyOffline("the connection is logged out")
        requester = replace(session.requester, request_id=request.request_id)
        self._count(requester, request.action)
        if request.author_id and version <= AUTHOR_ID_UNTIL:
            return as_bot(self._world, requester, request.author_id, "author_id")
        return requester

    def _count(self, requester: Requester, method: str) -> None:
        limits = self._backend.limits
        if limits:
            limits.count(requester.token_id, method, self._world.clock.peek())

    def standing(self, connection: Connection) -> str | None:
        """Why a logged-in connection must end now; None while it may go on.

        Takes over what has changed about its agent.
        """
        company = self._world.store.company
        session = self._world.sessions.get(connection.id)
        if session is None:
            return None
        expires = session.requester.expires
        if expires is not None and expires <= self._world.clock.peek():
            return "access_token_expired"
        if connection.generation == company.generation:
            return None
        connection.generation = company.generation
        try:
            fresh = self._wire.identities.requester(connection.authorization, connection.id)
        except LicenseExpired:
            return "license_expired"
        except AuthenticationError:
            known = session.requester.token_id in company.tokens
            return "access_token_expired" if known else "access_token_revoked"
        except APIError:
            return "agent_disconnected_by_server"
        if fresh.role != session.requester.role:
            return "role_permissions_changed"
        session.requester = fresh
        return None


def _version(connection: Connection, request: RequestFrame) -> Version:
    """The version a request is made in: the connection's, or a higher one."""
    if request.version is None:
        return connection.version
    match = VERSION.fullmatch(request.version)
    if match is None:
        raise ValidationError(f"`version` must look like 3.6, not {request.version[:16]!r}")
    version = int(match[1]), int(match[2])
    if version < connection.version:
        raise ValidationError(
            f"`version` must not be lower than the connection's, {dotted(connection.version)}"
        )
    if version not in SERVED:
        served = ", ".join(map(dotted, SERVED))
        raise UnsupportedVersion(f"version {dotted(version)} is not served; {served} are")
    return version


@cache
def _method(name: str, version: Version) -> type[Action[Any]]:
    action = ACTIONS.get(name)
    if action is None:
        close = get_close_matches(name[:64], ACTIONS, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise NotFound(f"there is no method `{name[:64]}`{hint}")
    spec = action.spec
    if "rtm" not in spec.transports:
        raise NotFound(f"`{name}` exists over Web only")
    if version < spec.since:
        raise NotFound(f"`{name}` exists from version {dotted(spec.since)} on")
    if spec.until is not None and version > spec.until:
        raise NotFound(f"`{name}` exists up to version {dotted(spec.until)}")
    return action
