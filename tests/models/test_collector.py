"""The garbage collector rests while a large response is decoded, and is as before afterwards."""

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk import DecodeError, decode, decoding

LARGE = json.dumps(["x" * 100] * 1000)
SMALL = json.dumps(["x" * 100] * 10)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    was = gc.isenabled()
    yield
    (gc.enable if was else gc.disable)()


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the collector ran while something was decoded."""
    seen: list[bool] = []
    real = decoding._decoder

    class Watched:
        def __init__(self, type: Any) -> None:
            self.inner = real(type)

        def decode(self, data: Any) -> Any:
            seen.append(gc.isenabled())
            return self.inner.decode(data)

    monkeypatch.setattr(decoding, "_decoder", Watched)
    return seen


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("data", [LARGE, LARGE.encode(), SMALL])
def test_it_is_as_it_was(enabled: bool, data: Any) -> None:
    (gc.enable if enabled else gc.disable)()
    decode(data, list[str])
    assert gc.isenabled() is enabled


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("data", [LARGE, LARGE[:-1], LARGE + "\ud800", LARGE.encode() + b"\xff"])
def test_it_is_as_it_was_after_an_error(enabled: bool, data: Any) -> None:
    (gc.enable if enabled else gc.disable)()
    with pytest.raises(DecodeError):
        decode(data, int)
    assert gc.isenabled() is enabled


def test_it_rests_for_a_large_response_only(during: list[bool]) -> None:
    gc.enable()
    decode(LARGE, list[str])
    decode(SMALL, list[str])
    assert during == [False, True]


@pytest.mark.parametrize(("size", "runs"), [(64 * 1024 - 1, True), (64 * 1024, False)])
def test_large_begins_at_64_kib(during: list[bool], size: int, runs: bool) -> None:
    gc.enable()
    decode(json.dumps("x" * (size - 2)), str)
    assert during == [runs]
