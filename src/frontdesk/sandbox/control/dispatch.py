"""Which control a request to ``/__sandbox__/…`` is for.

Who may use them is the server's to check, before it reads what is sent: ``serve.callers``.
"""

import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

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
from frontdesk.sandbox.control.accounts.requests import AccountsControl
from frontdesk.sandbox.control.chats import ChatsControl
from frontdesk.sandbox.control.clock import ClockControl
from frontdesk.sandbox.control.console.pages import show_console
from frontdesk.sandbox.control.customers import CustomersControl, CustomersQuery
from frontdesk.sandbox.control.faults import FaultsControl
from frontdesk.sandbox.control.home import home_page
from frontdesk.sandbox.control.rate_limits import RateLimitsControl
from frontdesk.sandbox.control.recorded_calls import CallsQuery, RecordedCallsControl
from frontdesk.sandbox.control.request import ControlRequest, ControlRoute, read_query
from frontdesk.sandbox.control.rtm import RTMControl, SandboxRTM, Selection
from frontdesk.sandbox.control.settings import SettingsControl
from frontdesk.sandbox.control.tokens import TokensControl
from frontdesk.sandbox.control.webhooks import DeliveriesQuery, WebhooksControl
from frontdesk.sandbox.control.worlds import WorldControl

__all__ = ["PREFIX", "Control", "most_bytes"]

PREFIX: Final = "/__sandbox__"
_LOG: Final = logging.getLogger("frontdesk.sandbox")
_Routes = dict[tuple[str, str], ControlRoute]


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
        self._routes = _routes(backend, rtm)

    def home(self, url: str) -> HTTPResponse:
        """Return the page that shows what there is; ``url`` is how its reader reached it."""
        verbs: dict[str, list[str]] = {}
        for verb, name in self._routes:
            verbs.setdefault(name, []).append(verb)
        return home_page(self._backend, url, verbs)

    def handle(self, verb: str, path: str, query: str, body: bytes) -> HTTPResponse:
        """Respond to one request. Never raises.

        Args:
            verb: the method of HTTP.
            path: the whole path as it was sent: a name in it may hold a ``/`` as ``%2F``.
            query: what follows the ``?``, as it was sent.
            body: the body.
        """
        try:
            name, parts = _steps(path)
            route = self._find(verb, name, parts)
            request = ControlRequest(parts, read_query(route.query, query), body)
            result = route.handle(request)
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

    def _find(self, verb: str, name: str, parts: tuple[str, ...]) -> ControlRoute:
        routes = {
            other: route for (other, control), route in self._routes.items() if control == name
        }
        if not routes:
            names = ", ".join(sorted({control for _, control in self._routes if control}))
            raise NotFound(f"there is no control `{name}`; there are {names}")
        shown = "/".join((name, *parts)) or "/"
        most = max(route.steps for route in routes.values())
        if len(parts) > most:
            end = "/".join((name, *parts[:most])) or "/"
            raise NotFound(f"there is no control `{shown}`; the path ends after `{end}`")
        verbs = [other for other, route in routes.items() if len(parts) <= route.steps]
        if verb not in verbs:
            raise ValidationError(f"`{shown}` takes {' or '.join(verbs)}, not {verb}")
        return routes[verb]


def _steps(path: str) -> tuple[str, tuple[str, ...]]:
    """The name of the control that a path names, and the steps after it."""
    steps = [unquote(step) for step in path.removesuffix("/").split("/")]
    if "/".join(steps[:2]) != PREFIX:
        raise NotFound(f"there is nothing here; the controls are at {PREFIX}/")
    name, *parts = steps[2:] or [""]
    return name, tuple(parts)


def _stream_events(_: ControlRequest) -> Any:
    """Refuse; a server responds to it before a control is asked."""
    raise NotFound("events are streamed by a sandbox that is served")


def _routes(backend: Backend, rtm: SandboxRTM | None) -> _Routes:
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
    accounts = AccountsControl(backend)
    routes: _Routes = {
        ("GET", ""): ControlRoute(world.show),
        ("POST", "reset"): ControlRoute(world.reset),
        ("POST", "seed"): ControlRoute(world.seed),
        ("GET", "snapshot"): ControlRoute(world.snapshot),
        ("POST", "restore"): ControlRoute(world.restore),
        ("GET", "clock"): ControlRoute(clock.show),
        ("POST", "clock"): ControlRoute(clock.move),
        ("GET", "customers"): ControlRoute(customers.list, steps=1, query=CustomersQuery),
        ("POST", "customers"): ControlRoute(customers.act, steps=2),
        ("GET", "events"): ControlRoute(_stream_events),
        ("POST", "events"): ControlRoute(chats.act_on_event, steps=2),
        ("POST", "threads"): ControlRoute(chats.act_on_thread, steps=2),
        ("POST", "chats"): ControlRoute(chats.act_on_chat, steps=2),
        ("GET", "faults"): ControlRoute(faults.list),
        ("POST", "faults"): ControlRoute(faults.add),
        ("DELETE", "faults"): ControlRoute(faults.clear),
        ("GET", "settings"): ControlRoute(settings.show),
        ("POST", "settings"): ControlRoute(settings.change),
        ("GET", "limits"): ControlRoute(limits.list),
        ("POST", "limits"): ControlRoute(limits.set),
        ("DELETE", "limits"): ControlRoute(limits.clear),
        ("GET", "calls"): ControlRoute(calls.list, query=CallsQuery),
        ("DELETE", "calls"): ControlRoute(calls.clear),
        ("GET", "webhooks"): ControlRoute(webhooks.list),
        ("GET", "deliveries"): ControlRoute(webhooks.list_deliveries, query=DeliveriesQuery),
        ("DELETE", "deliveries"): ControlRoute(webhooks.clear_deliveries),
        ("GET", "console"): ControlRoute(show_console, steps=1),
        ("GET", "tokens"): ControlRoute(tokens.list),
        ("POST", "tokens"): ControlRoute(tokens.act, steps=1),
        ("GET", "clients"): ControlRoute(accounts.list_clients),
        ("POST", "clients"): ControlRoute(accounts.register_client, steps=1),
        ("DELETE", "clients"): ControlRoute(accounts.remove_client, steps=1),
        ("GET", "organizations"): ControlRoute(accounts.list_organizations),
        ("POST", "organizations"): ControlRoute(accounts.add_organization),
        ("POST", "authorize"): ControlRoute(accounts.authorize),
    }
    if rtm is not None:
        connections = RTMControl(rtm)
        routes |= {
            ("GET", "rtm"): ControlRoute(connections.show, query=Selection),
            ("POST", "rtm"): ControlRoute(connections.act, steps=1),
        }
    return routes
