"""The controls of the sandbox as a whole: what it is, begin anew, snapshots."""

from http import HTTPStatus
from typing import Any, Final

from msgspec import UNSET, UnsetType

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.spec.checks import Checked

__all__ = ["WorldControl"]

_BYTES: Final = "application/octet-stream"


class Reset(Checked, frozen=True, kw_only=True):
    """How to begin anew; defaults to the present seeds."""

    seed: str | UnsetType = UNSET
    random_seed: int | UnsetType = UNSET


class Reseed(Checked, frozen=True, kw_only=True):
    """What to begin anew with."""

    seed: str
    random_seed: int | UnsetType = UNSET


class WorldControl:
    """Shows the sandbox, begins anew, keeps and restores snapshots.

    Args:
        backend: what is controlled.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def show(self, _: ControlRequest) -> Any:
        """What this sandbox is: address, seed, time, tokens."""
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

    def reset(self, request: ControlRequest) -> None:
        """Begin anew."""
        reset = request.read(Reset)
        self._backend.reset(reset.seed or None, _or_none(reset.random_seed))

    def seed(self, request: ControlRequest) -> None:
        """Begin anew with another seed."""
        reseed = request.read(Reseed)
        self._backend.reset(reseed.seed, _or_none(reseed.random_seed))

    def snapshot(self, _: ControlRequest) -> HTTPResponse:
        """The whole world as bytes."""
        body = self._backend.snapshot()
        return HTTPResponse(status=HTTPStatus.OK, body=body, content_type=_BYTES)

    def restore(self, request: ControlRequest) -> None:
        """Go back to a snapshot."""
        self._backend.restore(request.body)


def _or_none(value: int | UnsetType) -> int | None:
    return None if value is UNSET else value
