"""A small RTM server on loopback: scripted answers, pushes, a few chats, and ways to break."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.protocol import State

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ME = "smith@example.com"


class Refuse(Exception):
    """Raised by an answer to make the server fail the request."""

    def __init__(self, type: str, message: str = "", data: Any = None) -> None:
        self.error = {"type": type, "message": message}
        if data is not None:
            self.error["data"] = data
        super().__init__(type)


class Silent(Exception):
    """Raised by an answer to make the server say nothing."""


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Chats:
    """Chats with threads and events, as far as reading back needs them."""

    def __init__(self) -> None:
        self.now = START
        self.threads: dict[str, list[dict[str, Any]]] = {}
        self.users: dict[str, list[dict[str, Any]]] = {}
        self.last: dict[str, dict[str, Any]] = {}

    def open(self, chat_id: str, *, member: bool = True) -> str:
        self.now += timedelta(seconds=1)
        threads = self.threads.setdefault(chat_id, [])
        thread = {
            "id": f"{chat_id}T{len(threads) + 1}",
            "active": True,
            "created_at": stamp(self.now),
            "user_ids": [ME] if member else ["jones@example.com"],
            "events": [],
        }
        threads.append(thread)
        self.users[chat_id] = [{"id": "customer-1", "type": "customer", "present": True}]
        if member:
            self.users[chat_id].append(
                {"id": ME, "type": "agent", "name": "Agent Smith", "present": True}
            )
        return thread["id"]

    def close(self, chat_id: str) -> None:
        self.threads[chat_id][-1]["active"] = False

    def say(self, chat_id: str, text: str) -> dict[str, Any]:
        self.now += timedelta(milliseconds=10)
        thread = self.threads[chat_id][-1]
        event = {
            "id": f"{thread['id']}_{len(thread['events']) + 1}",
            "type": "message",
            "text": text,
            "author_id": "customer-1",
            "visibility": "all",
            "created_at": stamp(self.now),
        }
        thread["events"].append(event)
        self.last.setdefault(chat_id, {})["message"] = {
            "thread_id": thread["id"],
            "thread_created_at": thread["created_at"],
            "event": event,
        }
        return {"chat_id": chat_id, "thread_id": thread["id"], "event": event}

    def summary(self, chat_id: str) -> dict[str, Any]:
        thread = {k: v for k, v in self.threads[chat_id][-1].items() if k != "events"}
        return {
            "id": chat_id,
            "users": self.users[chat_id],
            "last_thread_summary": thread,
            "last_event_per_type": self.last.get(chat_id, {}),
        }

    def list_chats(self, payload: dict[str, Any]) -> dict[str, Any]:
        if "page_id" in payload:
            active, offset, limit = json.loads(payload["page_id"])
        else:
            active, offset = payload.get("filters", {}).get("active"), 0
            limit = payload.get("limit", 10)
        chosen = [
            chat_id
            for chat_id, threads in self.threads.items()
            if active is None or threads[-1]["active"] is active
        ]
        chosen.sort(key=lambda chat_id: self.threads[chat_id][-1]["created_at"], reverse=True)
        page = {
            "chats_summary": [self.summary(c) for c in chosen[offset : offset + limit]],
            "found_chats": len(chosen),
        }
        if offset + limit < len(chosen):
            page["next_page_id"] = json.dumps([active, offset + limit, limit])
        return page

    def list_threads(self, payload: dict[str, Any]) -> dict[str, Any]:
        if "page_id" in payload:
            offset, limit = json.loads(payload["page_id"])
        else:
            offset, limit = 0, payload.get("limit", 3)
        threads = list(reversed(self.threads[payload["chat_id"]]))
        page = {"threads": threads[offset : offset + limit], "found_threads": len(threads)}
        if offset + limit < len(threads):
            page["next_page_id"] = json.dumps([offset + limit, limit])
        return page

    def get_chat(self, payload: dict[str, Any]) -> dict[str, Any]:
        chat_id = payload["chat_id"]
        threads = self.threads.get(chat_id)
        if threads is None:
            raise Refuse("not_found")
        wanted = payload.get("thread_id", threads[-1]["id"])
        thread = next(thread for thread in threads if thread["id"] == wanted)
        return {"id": chat_id, "users": self.users[chat_id], "thread": thread}


class FakeRTM:
    """The server; ``answers`` maps actions to functions of the payload."""

    def __init__(self) -> None:
        self.port = 0
        self.chats = Chats()
        self.requests: list[dict[str, Any]] = []
        self.handshakes: list[tuple[str, Headers]] = []
        self.live: list[ServerConnection] = []
        self.present: set[ServerConnection] = set()
        self.frozen: set[ServerConnection] = set()
        self.logged_in = 0
        self.refuse_handshake: Callable[[Request], Response | None] | None = None
        self.on_open: Callable[[ServerConnection], Any] | None = None
        self.after_login: Callable[[], None] | None = None
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "login": self.login,
            "ping": lambda _: {},
            "send_event": lambda _: {"event_id": "K600PKZON8_1"},
            "list_chats": self.chats.list_chats,
            "list_threads": self.chats.list_threads,
            "get_chat": self.chats.get_chat,
        }
        self._changed = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def login(self, payload: dict[str, Any]) -> dict[str, Any]:
        return {
            "license": {"id": "104130623", "organization_id": "org-1", "plan": "enterprise"},
            "my_profile": {
                "id": ME,
                "type": "agent",
                "name": "Agent Smith",
                "email": ME,
                "permission": "owner",
            },
            "chats_summary": [self.chats.summary(c) for c in self.chats.threads],
        }

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [request for request in self.requests if request.get("action") == action]

    def wait_for(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:
        """Wait until the server has seen what the test waits for."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), "the server did not see it"

    # ------------------------------------------------------------ from any thread

    def run(self, function: Callable[[], Any]) -> None:
        """Do something in the server's loop."""
        self._loop.call_soon_threadsafe(function)

    def push(self, action: str, payload: Any, **more: Any) -> None:
        self.send_raw(
            json.dumps(
                {"version": "3.6", "action": action, "type": "push", "payload": payload, **more}
            )
        )

    def send_raw(self, data: str | bytes) -> None:
        def send() -> None:
            for connection in self.present - self.frozen:
                if connection.state is State.OPEN and not connection.transport.is_closing():
                    connection.protocol.send_text(data.encode() if isinstance(data, str) else data)
                    connection.send_data()

        self.run(send)

    def say(self, chat_id: str, text: str) -> None:
        """Let the customer write, and push it."""
        self.push("incoming_event", self.chats.say(chat_id, text))

    def close_connections(self, code: int = 1001) -> None:
        def close() -> None:
            for connection in list(self.live):
                self._tasks.append(self._loop.create_task(connection.close(code)))

        self.run(close)

    def reset_connections(self) -> None:
        self.run(lambda: [connection.transport.abort() for connection in list(self.live)])

    def freeze_connections(self) -> None:
        """Keep them open, and never say anything again."""
        self.run(lambda: self.frozen.update(self.live))

    # ------------------------------------------------------------ the server itself

    async def _serve_one(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        self.handshakes.append((request.path, request.headers))
        self.live.append(connection)
        self._note()
        if self.on_open is not None:
            self.on_open(connection)
        try:
            async for message in connection:
                if connection in self.frozen:
                    continue
                frame = json.loads(message)
                self.requests.append(frame)
                self._answer(connection, frame)
                self._note()
        except Exception:
            pass
        finally:
            self.live.remove(connection)
            self.present.discard(connection)
            self.frozen.discard(connection)
            self._note()

    def _answer(self, connection: ServerConnection, frame: dict[str, Any]) -> None:
        action = frame["action"]
        response = {"request_id": frame.get("request_id"), "action": action, "type": "response"}
        try:
            payload = self.answers.get(action, lambda _: {})(frame.get("payload", {}))
        except Silent:
            return
        except Refuse as refusal:
            response |= {"success": False, "payload": {"error": refusal.error}}
        else:
            response |= {"success": True, "payload": payload}
        if connection.state is not State.OPEN or connection.transport.is_closing():
            return
        connection.protocol.send_text(json.dumps(response).encode())
        connection.send_data()
        if action == "login" and response["success"]:
            self.logged_in += 1
            self.present.add(connection)
            if self.after_login is not None:
                self.after_login()

    def _note(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        return self.refuse_handshake(request) if self.refuse_handshake is not None else None

    async def _main(self, ready: threading.Event, ssl_context: Any) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []
        self._stop = self._loop.create_future()

        def dated(connection: Any, request: Any, response: Response) -> Response:
            if "Date" in response.headers:
                del response.headers["Date"]
            response.headers["Date"] = "Sun, 01 Mar 2026 09:00:00 GMT"
            return response

        async with serve(
            self._serve_one,
            "127.0.0.1",
            0,
            compression=None,
            ping_interval=None,
            close_timeout=1,
            max_size=None,
            process_request=self._process_request,
            process_response=dated,
            ssl=ssl_context,
        ) as server:
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await self._stop
            for connection in list(self.live):
                connection.transport.abort()


@contextmanager
def fake_rtm(ssl_context: Any = None) -> Iterator[FakeRTM]:
    """Run the server in a thread of its own."""
    server = FakeRTM()
    ready = threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(server._main(ready, ssl_context)), daemon=True
    )
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        server.run(lambda: server._stop.set_result(None))
        thread.join(10)
