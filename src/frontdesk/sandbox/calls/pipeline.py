"""The one way of a call, whether it comes over HTTP, over RTM or from this process.

::

    route ──▶ fault? ──▶ token, region, rate limit ──▶ scope ──▶ decode
        ──▶ perform (one unit of work) ──▶ response in the call's version ──▶ record

Nothing in here waits, so a server and an embedded transport use the same code. Whoever has a call
carried out holds the world's lock, and calls ``World.commit`` before the response leaves.
"""

import logging
from functools import partial
from typing import Final

from msgspec.structs import replace

from frontdesk.errors import APIError, InternalError, StoreError
from frontdesk.sandbox.calls.call import IncomingCall
from frontdesk.sandbox.calls.faults import BEFORE_THE_WORK, Faults, error_of
from frontdesk.sandbox.calls.identification import NOBODY, acting_as
from frontdesk.sandbox.calls.rate_limits import RateLimits
from frontdesk.sandbox.calls.recording import RecordedCall, Recorder, kept_request, kept_response
from frontdesk.sandbox.calls.responses import EMPTY
from frontdesk.sandbox.calls.versions import encode_for
from frontdesk.sandbox.world import Identities, Requester, World

__all__ = ["Pipeline"]

_AUTHOR_UNTIL: Final = (3, 5)
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class Pipeline:
    """Carries out calls.

    Args:
        world: what they act upon.
        faults: what is to go wrong.
        limits: the rate limits.
        recorder: keeps the calls.
    """

    def __init__(
        self, world: World, faults: Faults, limits: RateLimits, recorder: Recorder
    ) -> None:
        self.world = world
        self.identities: Identities = Identities(world)
        self._faults = faults
        self._limits = limits
        self._recorder = recorder

    def admits(self, call: IncomingCall) -> bool:
        """Whether a call is of a method, and of somebody: then its body is read."""
        try:
            call.route = call.find_route()
            call.authenticate(self.world, self.identities)
        except APIError:
            return False
        return True

    def carry_out(self, call: IncomingCall) -> None:
        """Carry out a call, which then holds its response. Never raises."""
        try:
            call.response = self._result_of(call)
        except APIError as error:
            call.fail(error)
        except StoreError as error:
            call.fail(InternalError(str(error)))
        except Exception:  # noqa: BLE001 - a defect must not end the server
            _LOG.exception("%s failed; this is a defect of the sandbox", call.asked[0])
            call.fail(InternalError("Internal server error"))
        self._record(call)

    def _result_of(self, call: IncomingCall) -> bytes:
        world = self.world
        route = call.route = call.find_route()
        if self._faults:
            fault = call.fault = self._faults.strike(route.call_name)
            if fault is not None and fault.kind in BEFORE_THE_WORK:
                raise error_of(fault, world.store.company.license.region)
        requester = call.requester = call.authenticate(world, self.identities)
        if self._limits and requester.token_id:
            self._limits.count(requester.token_id, route.call_name, world.clock.peek())
        if (
            route.version <= _AUTHOR_UNTIL
            and call.author is not None
            and isinstance(requester, Requester)
            and requester is not NOBODY
        ):
            requester = call.requester = acting_as(world, requester, *call.author)
        if requester.version != route.version:
            requester = call.requester = replace(requester, version=route.version)
        route.handler.check_scopes(requester)
        action = call.decode(route)
        result = call.perform(world, route, requester, action)
        if result is None:
            return EMPTY
        return encode_for(route.version, result, route.handler.action.spec.api)

    def _record(self, call: IncomingCall) -> None:
        route, error, fault = call.route, call.error, call.fault
        action, version = route.asked if route else call.asked
        number = self._recorder.next_number()
        if self.world.writing:
            self.world.undo_with(partial(self._recorder.refuse, number))
        self._recorder.add(
            RecordedCall(
                number=number,
                action=action,
                version=version,
                micros=self.world.clock.peek(),
                status=call.status,
                transport=call.transport,
                requester_id=call.caller_id,
                error=error.type if error else None,
                fault=fault.kind if fault else None,
                request_body=kept_request(call.recorded_body),
                response_body=kept_response(
                    call.response, None if route is None else route.handler.action
                ),
            )
        )
