"""Which control a request to ``/__sandbox__/…`` is for.

Who may use them is the server's to check, before it reads what is sent: ``serve.callers``.
"""

import logging
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote

import msgspec

from frontdesk.errors import (
    APIError,
    ForeignFile,
    InternalError,
    InvalidArgument,
    NotFound,
    StoreError,
    ValidationError,
)
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.responses import EMPTY, HTTPResponse, error_response
from frontdesk.sandbox.control.chats import ChatsControl
from frontdesk.sandbox.control.clock import ClockControl
from frontdesk.sandbox.control.customers import CustomersControl
from frontdesk.sandbox.control.faults import FaultsControl
from frontdesk.sandbox.control.home import home_page
from frontdesk.sandbox.control.rate_limits import RateLimitsControl
from frontdesk.sandbox.control.recorded_calls import RecordedCallsControl
from frontdesk.sandbox.control.request import ControlHandler, ControlRequest
from frontdesk.sandbox.control.rtm import RTMControl, SandboxRTM
from frontdesk.sandbox.control.settings import SettingsControl
from frontdesk.sandbox.control.tokens import TokensControl
from frontdesk.sandbox.control.webhooks import WebhooksControl
from frontdesk.sandbox.control.worlds import WorldControl

__all__ = ["PREFIX", "Control", "most_bytes"]

PREFIX: Final = "/__sandbox__"
_LOG: Final = logging.getLogger("frontdesk.sandbox")
_Routes = dict[tuple[str, str], ControlHandler]


MAX_SNAPSHOT: Final = 2**30
"""Bytes of the longest snapshot that is taken."""
MAX_REQUEST: Final = 2**20
"""Bytes of the longest body of every other control."""


def most_bytes(path: str) -> int:
    """The longest body that a control takes, in bytes."""
    return MAX_SNAPSHOT if path.removeprefix(PREFIX).strip("/") == "restore" else MAX_REQUEST


class Control:
    """Responds to requests to ``/__sandbox__/…``.

    Args:
        backend: what is controlled.
        rtm: its RTM connections, when it is served.
    """

    def __init__(self, backend: Backend, rtm: SandboxRTM | None = None) -> None:
        self._backend = backend
        self._handlers = _handlers(backend, rtm)

    def home(self, url: str) -> HTTPResponse:
        """Return the page that shows what there is; ``url`` is how its reader reached it."""
        verbs: dict[str, list[str]] = {}
        for verb, name in self._handlers:
            verbs.setdefault(name, []).append(verb)
        return home_page(self._backend, url, verbs)

    def handle(self, verb: str, path: str, query: str, body: bytes) -> HTTPResponse:
        """Respond to one request. Never raises."""
        try:
            steps = path.removeprefix(PREFIX).strip("/").split("/")
            name, *parts = [unquote(step) for step in steps]
            request = ControlRequest(tuple(parts), dict(parse_qsl(query)), body)
            result = self._find(verb, name)(request)
        except APIError as error:
            return error_response(error)
        except (InvalidArgument, ForeignFile) as error:
            return error_response(ValidationError(str(error)))
        except StoreError as error:
            return error_response(InternalError(str(error)))
        except Exception:  # noqa: BLE001 - a defect must not end the server
            _LOG.exception("a control failed; this is a defect of the sandbox")
            return error_response(InternalError("Internal server error"))
        if isinstance(result, HTTPResponse):
            return result
        content = EMPTY if result is None else msgspec.json.encode(result)
        return HTTPResponse(status=HTTPStatus.OK, body=content)

    def _find(self, verb: str, name: str) -> ControlHandler:
        handler = self._handlers.get((verb, name))
        if handler is not None:
            return handler
        verbs = [other for other, control in self._handlers if control == name]
        if verbs:
            raise ValidationError(f"`{name or '/'}` takes {' or '.join(verbs)}, not {verb}")
        names = ", ".join(sorted({control for _, control in self._handlers if control}))
        raise NotFound(f"there is no control `{name}`; there are {names}")


def _handlers(backend: Backend, rtm: SandboxRTM | None) -> _Routes:
    """The table of the controls."""
    world = WorldControl(backend)
    clock = ClockControl(backend)
    customers = CustomersControl(backend)
    chats = ChatsControl(backend)
    faults = FaultsControl(backend)
    limits = RateLimitsControl(backend)
    settings = SettingsControl(backend)
    calls = RecordedCallsControl(backend)
    webhooks = WebhooksControl(backend)
    tokens = TokensControl(backend)
    handlers: _Routes = {
        ("GET", ""): world.show,
        ("POST", "reset"): world.reset,
        ("POST", "seed"): world.seed,
        ("GET", "snapshot"): world.snapshot,
        ("POST", "restore"): world.restore,
        ("GET", "clock"): clock.show,
        ("POST", "clock"): clock.move,
        ("GET", "customers"): customers.list,
        ("POST", "customers"): customers.act,
        ("POST", "events"): chats.act_on_event,
        ("POST", "threads"): chats.act_on_thread,
        ("POST", "chats"): chats.act_on_chat,
        ("GET", "faults"): faults.list,
        ("POST", "faults"): faults.add,
        ("DELETE", "faults"): faults.clear,
        ("GET", "settings"): settings.show,
        ("POST", "settings"): settings.change,
        ("GET", "limits"): limits.list,
        ("POST", "limits"): limits.set,
        ("DELETE", "limits"): limits.clear,
        ("GET", "calls"): calls.list,
        ("DELETE", "calls"): calls.clear,
        ("GET", "webhooks"): webhooks.list,
        ("GET", "deliveries"): webhooks.list_deliveries,
        ("DELETE", "deliveries"): webhooks.clear_deliveries,
        ("GET", "tokens"): tokens.list,
        ("POST", "tokens"): tokens.act,
    }
    if rtm is not None:
        connections = RTMControl(rtm)
        handlers |= {("GET", "rtm"): connections.show, ("POST", "rtm"): connections.act}
    return handlers
