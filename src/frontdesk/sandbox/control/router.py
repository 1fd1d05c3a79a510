"""Control over HTTP, at ``/__sandbox__/…``: everything that ``Sandbox`` can do, for any language.

========================== ============================================================
``GET  /``                 what this sandbox is: address, seed, time, tokens
``POST reset``             ``{seed?, random_seed?}``: begin anew
``POST seed``              ``{seed, random_seed?}``: begin anew with something else
``GET  clock``             the time
``POST clock``             ``{advance}`` seconds, or ``{to}`` a moment
``GET  customers``         the customers
``POST customers``         ``{name?, email?, …}``: a new one
``POST customers/ID/…``    speak as one: ``start_chat``, ``send_event``, ``say``, ``rate``,
                           ``leave``, ``visit_page``
``POST events/ID/delete``  delete an event, as agents do in LiveChat's own application
``POST threads/ID/…``      ``restrict``: keep its events from everybody, as plans do
``GET  faults``            what is to go wrong; ``POST`` adds a fault, ``DELETE`` takes back all
``GET  limits``            the rate limits; ``POST`` sets one, ``DELETE`` takes back all
``GET  calls``             the latest calls (``?action=…``); ``DELETE`` forgets them
``GET  webhooks``          who is registered, and how many webhooks wait and were sent
``GET  deliveries``        the webhooks with their attempts (``?state=waiting``, ``delivered``,
                           ``dead``); ``DELETE`` forgets them, those that wait too
``GET  rtm``               the RTM connections; ``POST rtm/…`` breaks them, see ``rtm.control``
``POST tokens``            ``{agent_id, …}``: a new token; ``POST tokens/…`` ends one
``GET  snapshot``          the whole world as bytes, for ``POST restore``
========================== ============================================================

Other parts of the sandbox add their own with ``Control.add``.
"""

import ipaddress
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from frontdesk._checked import Checked
from frontdesk.errors import (
    APIError,
    AuthorizationError,
    InternalError,
    InvalidArgument,
    NotFound,
    StoreError,
    ValidationError,
)
from frontdesk.sandbox.backend import LONGEST_MOVE, Backend
from frontdesk.sandbox.calls.decoding import decode_request
from frontdesk.sandbox.calls.faults import Fault
from frontdesk.sandbox.calls.rate_limits import RateLimit
from frontdesk.sandbox.calls.recording import RecordedCall
from frontdesk.sandbox.calls.responses import EMPTY, HTTPResponse, error_response
from frontdesk.sandbox.control.chats import OfficeApi
from frontdesk.sandbox.control.customers import CustomersApi
from frontdesk.sandbox.store.records import WebhookRecord
from frontdesk.sandbox.webhooks.deliveries import Delivery

__all__ = ["PREFIX", "Control", "ControlCall"]

T = TypeVar("T", bound=Struct)
PREFIX: Final = "/__sandbox__"
_BYTES: Final = "application/octet-stream"
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class ControlCall(Struct, frozen=True, gc=False):
    """A request to a control: the steps of its path after the control's name, query and body."""

    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes

    def read(self, type: type[T]) -> T:
        """The body as a structure; raises ``ValidationError`` that names the field.

        Unlike the API, controls refuse fields they do not know: a fault for the ``method`` of a
        caller who meant ``methods`` would be one for all methods.
        """
        wanted = decode_request(type, self.body)
        known = [field.encode_name for field in msgspec.structs.fields(type)]
        for name in msgspec.json.decode(self.body or EMPTY):
            if name not in known:
                raise ValidationError(f"`{name}` is not known here; there are {', '.join(known)}")
        return wanted


Handler = Callable[[ControlCall], Any]
"""Does what is asked; the result becomes JSON, unless it is an ``HTTPResponse``."""


class _Reset(Checked, frozen=True, kw_only=True):
    seed: str | UnsetType = UNSET
    random_seed: int | UnsetType = UNSET


class _Seed(Checked, frozen=True, kw_only=True):
    seed: str
    random_seed: int | UnsetType = UNSET


class _Clock(Checked, frozen=True, kw_only=True):
    advance: Annotated[float, Meta(ge=0, le=LONGEST_MOVE)] | UnsetType = UNSET
    to: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET

    def _rules(self) -> None:
        if (self.advance is UNSET) == (self.to is UNSET):
            raise InvalidArgument("", "give `advance` in seconds, or `to`, a moment")


class Control:
    """Answers ``/__sandbox__/…``.

    Args:
        backend: what is controlled.
        open_to_all: answer callers from other machines too.
    """

    def __init__(self, backend: Backend, *, open_to_all: bool = False) -> None:
        self._backend = backend
        self._open = open_to_all
        self._handlers: dict[tuple[str, str], Handler] = {}
        customers = CustomersApi(backend)
        office = OfficeApi(backend)
        self.add("GET", "", self._about)
        self.add("POST", "reset", self._reset)
        self.add("POST", "seed", self._seed)
        self.add("GET", "clock", self._now)
        self.add("POST", "clock", self._move_clock)
        self.add("GET", "customers", customers.list)
        self.add("POST", "customers", customers.act)
        self.add("POST", "events", office.events)
        self.add("POST", "threads", office.threads)
        self.add("GET", "faults", self._list_faults)
        self.add("POST", "faults", self._add_fault)
        self.add("DELETE", "faults", self._clear_faults)
        self.add("GET", "limits", self._list_limits)
        self.add("POST", "limits", self._set_limit)
        self.add("DELETE", "limits", self._clear_limits)
        self.add("GET", "calls", self._list_calls)
        self.add("DELETE", "calls", self._clear_calls)
        self.add("GET", "webhooks", self._list_webhooks)
        self.add("GET", "deliveries", self._list_deliveries)
        self.add("DELETE", "deliveries", self._clear_deliveries)
        self.add("GET", "snapshot", self._snapshot)
        self.add("POST", "restore", self._restore)

    def add(self, verb: str, name: str, handler: Handler) -> None:
        """Have ``/__sandbox__/NAME`` answered by a function."""
        self._handlers[verb, name] = handler

    def handle(
        self,
        verb: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        peer: str,
    ) -> HTTPResponse:
        """Answer one request from the machine ``peer``. Never raises."""
        try:
            self._check_caller(peer, headers.get("origin"))
            name, *parts = [unquote(part) for part in path[len(PREFIX) :].strip("/").split("/")]
            call = ControlCall(tuple(parts), dict(parse_qsl(query)), body)
            result = self._find(verb, name)(call)
        except APIError as error:
            return error_response(error)
        except (InvalidArgument, StoreError) as error:
            return error_response(ValidationError(str(error)))
        except Exception:  # noqa: BLE001 - a defect must not end the server
            _LOG.exception("a control failed; this is a defect of the sandbox")
            return error_response(InternalError("Internal server error"))
        if isinstance(result, HTTPResponse):
            return result
        body = EMPTY if result is None else msgspec.json.encode(result)
        return HTTPResponse(status=HTTPStatus.OK, body=body)

    def _find(self, verb: str, name: str) -> Handler:
        handler = self._handlers.get((verb, name))
        if handler is not None:
            return handler
        others = [other for other, known in self._handlers if known == name]
        if others:
            raise ValidationError(f"`{name or '/'}` takes {' or '.join(others)}, not {verb}")
        known = ", ".join(sorted({known for _, known in self._handlers if known}))
        raise NotFound(f"there is no control `{name}`; there are {known}")

    def _check_caller(self, peer: str, origin: str | None) -> None:
        if self._open:
            return
        if not _is_loopback(peer):
            raise AuthorizationError("the controls are for callers on the same machine only")
        # A web page that the developer has open must not be able to use them either.
        if origin is not None and not _is_loopback(urlsplit(origin).hostname or ""):
            raise AuthorizationError("the controls are not for web pages of other sites")

    def _about(self, _: ControlCall) -> Any:
        backend = self._backend
        license_record = backend.world.store.company.license
        return {
            "seed": backend.seed,
            "random_seed": backend.random_seed,
            "now": backend.now(),
            "license_id": license_record.id,
            "organization_id": license_record.organization_id,
            "region": license_record.region,
            "tokens": backend.tokens(),
            "calls": backend.recorder.total,
        }

    def _reset(self, call: ControlCall) -> None:
        wanted = call.read(_Reset)
        self._backend.reset(wanted.seed or None, _or_none(wanted.random_seed))

    def _seed(self, call: ControlCall) -> None:
        wanted = call.read(_Seed)
        self._backend.reset(wanted.seed, _or_none(wanted.random_seed))

    def _now(self, _: ControlCall) -> Any:
        return {"now": self._backend.now()}

    def _move_clock(self, call: ControlCall) -> Any:
        wanted = call.read(_Clock)
        if wanted.to is not UNSET:
            return {"now": self._backend.advance_to(wanted.to)}
        assert wanted.advance is not UNSET
        return {"now": self._backend.advance(wanted.advance)}

    def _list_faults(self, _: ControlCall) -> Any:
        return {"faults": list(self._backend.faults)}

    def _add_fault(self, call: ControlCall) -> None:
        fault = call.read(Fault)
        with self._backend.lock:
            self._backend.faults.add(fault)

    def _clear_faults(self, _: ControlCall) -> None:
        with self._backend.lock:
            self._backend.faults.clear()

    def _list_limits(self, _: ControlCall) -> Any:
        return {"limits": list(self._backend.limits)}

    def _set_limit(self, call: ControlCall) -> None:
        limit = call.read(RateLimit)
        with self._backend.lock:
            self._backend.limits.set(limit)

    def _clear_limits(self, _: ControlCall) -> None:
        with self._backend.lock:
            self._backend.limits.clear()

    def _list_calls(self, call: ControlCall) -> Any:
        with self._backend.lock:
            calls = self._backend.recorder.calls(call.query.get("action"))
            total = self._backend.recorder.total
        return {"total": total, "calls": [_told(one) for one in calls]}

    def _clear_calls(self, _: ControlCall) -> None:
        with self._backend.lock:
            self._backend.recorder.clear()

    def _list_webhooks(self, _: ControlCall) -> Any:
        with self._backend.lock:
            registered = list(self._backend.world.store.company.webhooks.values())
        return {
            "webhooks": [_without_secret(one) for one in registered],
            "counts": self._backend.webhooks.counts,
        }

    def _list_deliveries(self, call: ControlCall) -> Any:
        wanted = call.query.get("state")
        if wanted is not None and wanted not in {"waiting", "delivered", "dead"}:
            raise ValidationError("`state` must be waiting, delivered or dead")
        found = self._backend.webhooks.all()
        return {
            "counts": self._backend.webhooks.counts,
            "deliveries": [
                _told_delivery(one) for one in found if wanted is None or one.state == wanted
            ],
        }

    def _clear_deliveries(self, _: ControlCall) -> None:
        self._backend.webhooks.clear()

    def _snapshot(self, _: ControlCall) -> HTTPResponse:
        return HTTPResponse(
            status=HTTPStatus.OK, body=self._backend.snapshot(), content_type=_BYTES
        )

    def _restore(self, call: ControlCall) -> None:
        self._backend.restore(call.body)


def _told(call: RecordedCall) -> dict[str, Any]:
    return {
        "number": call.number,
        "action": call.action,
        "version": call.version,
        "transport": call.transport,
        "at": call.at,
        "requester_id": call.requester_id,
        "status": call.status,
        "error": call.error,
        "fault": call.fault,
        "request": call.request,
        "response": call.response,
    }


def _without_secret(webhook: WebhookRecord) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(webhook)
    del told["secret_key"]
    return told


def _told_delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "number": delivery.number,
        "state": delivery.state,
        "url": delivery.url,
        "created_at": delivery.created_at,
        "attempts": delivery.attempts,
        "webhook": delivery.webhook,
    }


def _or_none(value: int | UnsetType) -> int | None:
    return None if value is UNSET else value


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)
