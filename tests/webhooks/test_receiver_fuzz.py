"""Whatever is posted to a receiver: a clear status, no error, no memory that stays."""

import asyncio
import copy
import gc
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from frontdesk.webhooks import Receiver, UnknownWebhook, Webhook
from frontdesk.webhooks.adapters.asgi import asgi_app

from ._bodies import OWN, SECRET, at, body, places

STATUSES = {200, 400, 401, 413, 415}
SAMPLES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(OWN.glob("*.json"))]
SCRAPS: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    "\0",
    "é☂\u2028",
    "x" * 300,
    [],
    {},
    [[[]]],
    {"action": "incoming_event", "secret_key": "x"},
    {"type": "frontdesk.unknown", "raw": {}},
    {"type": "message"},
]
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"NaN",
    b"-",
    b"1e9999",
    b"9" * 40,
    b"9" * 5000,
    b"\xff",
    b"\xef\xbb\xbf",
    b"\0",
    b'"action":"x",',
    b'"secret_key":"open-sesame",',
    b"[" * 60,
    b"[" * 3000,
    b'{"a":' * 2000,
]


def mutated(rng: random.Random) -> bytes:
    """A body: a webhook with other values, other bytes, or not one at all."""
    webhook = json.loads(json.dumps(rng.choice(SAMPLES)))
    webhook["secret_key"] = SECRET if rng.random() < 0.9 else rng.choice(SCRAPS)
    for _ in range(rng.randrange(4)):
        place = rng.choice(list(places(webhook)))
        if rng.random() < 0.3:
            del at(webhook, place[:-1])[place[-1]]
        else:
            at(webhook, place[:-1])[place[-1]] = copy.deepcopy(rng.choice(SCRAPS))
    data = bytearray(body(webhook))
    if rng.random() < 0.4:
        return bytes(data)
    for _ in range(rng.randrange(1, 4)):
        where = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                del data[where:]
            case 1:
                data[where : where + rng.randrange(1, 30)] = b""
            case 2:
                data[where:where] = rng.choice(TOKENS)
            case _:
                data[where : where + 1] = bytes([rng.randrange(256)])
    if rng.random() < 0.02:
        return rng.randbytes(rng.randrange(2000))
    return bytes(data)


def messages(rng: random.Random, data: bytes) -> list[dict[str, Any]]:
    """The body in one piece, in several, or cut off."""
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 0, 0, 1, 3))))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    sent = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if rng.random() < 0.02:
        return [*sent, {"type": "http.disconnect"}]
    sent[-1]["more_body"] = False
    return sent


async def post(app: Any, rng: random.Random) -> int:
    data = mutated(rng)
    content_type = b"application/json" if rng.random() < 0.95 else rng.randbytes(8)
    headers = [(b"content-type", content_type)]
    if rng.random() < 0.5:
        wrong = rng.random() < 0.1
        headers.append((b"content-length", rng.randbytes(4) if wrong else b"%d" % len(data)))
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    waiting = messages(rng, data)
    responses: list[Any] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(event: Any) -> None:
        responses.append(event)

    await app(scope, receive, send)
    assert [event["type"] for event in responses] == ["http.response.start", "http.response.body"]
    return int(responses[0]["status"])


def resident() -> int:
    """Bytes of memory that this process has now."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


async def flood(bodies: int, journal: Path) -> tuple[Counter[int], int]:
    """Post that many bodies; the statuses, and how much memory the second half took."""
    rng = random.Random(20260302)
    failures: list[Exception] = []
    receiver = Receiver(
        SECRET,
        max_body=4096,
        journal=journal,
        on_error=lambda webhook, error: failures.append(error),
    )

    @receiver.on()
    async def read(webhook: Webhook[Any] | UnknownWebhook) -> None:
        assert webhook.payload is not None or isinstance(webhook, UnknownWebhook)
        repr(webhook)

    app = asgi_app(receiver)
    statuses: Counter[int] = Counter()
    half = 0
    for n in range(bodies):
        statuses[await post(app, rng)] += 1
        if n % 50 == 0:
            await asyncio.sleep(0)
        if n == bodies // 2:
            gc.collect()
            half = resident()
    assert await receiver.close(10) == 0
    assert failures == []
    gc.collect()
    return statuses, resident() - half


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells memory on Linux only")
@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param(2_500, id="bounded"),
        pytest.param(200_000, id="soak", marks=[pytest.mark.soak, pytest.mark.timeout(3000)]),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_any_body_has_a_clear_response(
    bodies: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    statuses, grown = asyncio.run(flood(bodies, tmp_path))
    assert set(statuses) == STATUSES
    assert statuses[200] > bodies / 10
    assert statuses[400] > bodies / 10
    assert grown < 32 * 1024 * 1024
