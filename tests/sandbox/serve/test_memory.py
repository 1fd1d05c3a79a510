"""Memory stays flat, however many calls a sandbox has responded to."""

import resource
from pathlib import Path

import pytest

from frontdesk.models import Message
from frontdesk.sandbox import Sandbox

PAGE = resource.getpagesize()


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def talk(client, calls):
    """Make that many calls: start a chat, write and read in it, close it, begin anew."""
    made = 0
    while made < calls:
        chat_id = client.start_chat(continuous=True).chat_id
        for number in range(20):
            client.send_event(chat_id=chat_id, event=Message(text=f"Message {number} of a chat"))
            client.send_typing_indicator(chat_id=chat_id, is_typing=bool(number % 2))
            client.get_chat(chat_id=chat_id)
        client.deactivate_chat(id=chat_id)
        made += 62


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@pytest.mark.parametrize(
    ("warm_up", "calls"),
    [
        pytest.param(3_000, 6_000, id="short"),
        pytest.param(
            100_000, 900_000, id="soak", marks=[pytest.mark.soak, pytest.mark.timeout(3000)]
        ),
    ],
)
def test_memory_stays_flat(tmp_path, warm_up, calls):
    with Sandbox("empty", db=tmp_path / "desk.db") as sandbox:
        client = sandbox.client()
        talk(client, warm_up)
        before = resident_bytes()
        talk(client, calls)
        grown = resident_bytes() - before
    print(f"{calls:,} calls: {before / 1e6:.1f} MB before, {grown / 1e6:+.1f} MB")  # noqa: T201 - the soak's figure
    assert grown < 12_000_000
