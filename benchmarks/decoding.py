"""Decoding an archives page beside the official SDK's way (``.json()`` to dicts), in one run."""

import json

import httpx
import msgspec

from benchmarks._measure import side_by_side, table
from frontdesk import decode
from frontdesk.models import ArchivesPage

CHATS, EVENTS = 100, 20
STAMP = "2020-05-28T11:45:{:02d}.{:06d}Z"
UNKNOWN = {
    "id": "E_1",
    "type": "hologram",
    "created_at": STAMP.format(1, 1),
    "visibility": "all",
    "depth": 3,
}


def archives_page(*, unknown: bool = False) -> bytes:
    """A page of 100 chats of 20 events, about 900 KB; ``unknown`` puts one new event type in."""
    page = {"chats": [_chat(n) for n in range(CHATS)], "found_chats": 4200, "next_page_id": "MTc="}
    if unknown:
        page["chats"][50]["thread"]["events"][3] = UNKNOWN
    return json.dumps(page).encode()


def _chat(number: int) -> dict:
    customer = f"b7eff798-f8df-4364-8059-{number:012d}"
    return {
        "id": f"PJ0MRS{number:04d}",
        "users": [
            {
                "id": customer,
                "type": "customer",
                "name": f"Customer {number}",
                "email": f"customer.{number}@example.com",
                "created_at": STAMP.format(1, number),
                "present": False,
                "session_fields": [{"plan": "team"}],
                "statistics": {"chats_count": 3, "threads_count": 9, "visits_count": 5},
            },
            {
                "id": "smith@example.com",
                "type": "agent",
                "name": "Agent Smith",
                "email": "smith@example.com",
                "present": True,
                "avatar": "https://cdn.livechat-files.com/api/file/avatar.png",
                "visibility": "all",
            },
        ],
        "thread": {
            "id": f"K600PK{number:04d}",
            "active": False,
            "user_ids": [customer, "smith@example.com"],
            "events": [_event(number, n, customer) for n in range(EVENTS)],
            "properties": {"routing": {"continuous": False, "start_url": "https://example.com/"}},
            "access": {"group_ids": [0]},
            "tags": ["support"],
            "created_at": STAMP.format(0, number),
            "previous_thread_id": "K600PKZOM8",
        },
        "properties": {"source": {"client_id": "0805e283233042b37f460ed8fbf22160"}},
        "access": {"group_ids": [0]},
        "is_followed": False,
    }


def _event(chat: int, number: int, customer: str) -> dict:
    return {
        "id": f"K600PK{chat:04d}_{number}",
        "custom_id": f"31-0C-1C-07-DB-{number:02d}",
        "created_at": STAMP.format(number, chat),
        "visibility": "all",
        "type": "message",
        "properties": {"translation": {"source_lang_code": "en", "target_lang_code": "pl"}},
        "text": "Thank you for waiting. I have looked into your order, and the parcel left our "
        f"warehouse this morning; it arrives on day {number}.",
        "author_id": customer if number % 2 else "smith@example.com",
    }


def run(rounds: int = 5) -> str:
    body, strange = archives_page(), archives_page(unknown=True)

    def repeat(decode_once):
        def work(count: int) -> None:
            for _ in range(count):
                decode_once()

        return work

    result = side_by_side(
        {
            "frontdesk": repeat(lambda: decode(body, ArchivesPage)),
            "frontdesk, one unknown event": repeat(lambda: decode(strange, ArchivesPage)),
            "json.loads": repeat(lambda: json.loads(body)),
            "lc-sdk-python": repeat(lambda: httpx.Response(200, content=body).json()),
            "msgspec to dicts": repeat(lambda: msgspec.json.decode(body)),
        },
        rounds,
    )
    ours = result["frontdesk"]
    rows = [("decoder", "CPU per page", "times frontdesk's", "needed")]
    for name, cpu in result.items():
        needed = "at least 3x" if name == "lc-sdk-python" else ""
        rows.append((name, f"{cpu.median / 1000:.2f} ms", cpu.beside(ours).times(), needed))
    title = f"Decoding an archives page ({CHATS} chats x {EVENTS} events, {len(body) // 1000} KB)"
    return table(title, rows)


if __name__ == "__main__":
    print(run())
