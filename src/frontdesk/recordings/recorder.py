"""Writes what goes over the wire into a recording, safe to share, each entry as it comes."""

import logging
import os
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.codec.plain import is_array, is_object
from frontdesk.core.http_messages import Body
from frontdesk.errors import InvalidArgument
from frontdesk.hosts import is_loopback
from frontdesk.pseudonyms import KeyedTokens
from frontdesk.recordings.entries import (
    FORMAT,
    CloseEntry,
    EndEntry,
    Entry,
    Header,
    OpenEntry,
    PushEntry,
    RequestEntry,
    ResponseEntry,
    WebhookEntry,
)
from frontdesk.recordings.scrubbing import Scrubber
from frontdesk.redaction import redacted_data, register
from frontdesk.transport.failures import EMBEDDED
from frontdesk.version import __version__

__all__ = ["Recorder"]

MODE: Final = 0o600
FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
PATH: Final = re.compile(r"(?:/v(\d{1,2}\.\d{1,2}))?/(agent|configuration|customer)/action/(\w+)/?")
RTM_PATH: Final = re.compile(r"(?:/v(\d{1,2}\.\d{1,2}))?/(agent|customer)/rtm/ws/?")
HEADERS: Final = frozenset(("content-type", "retry-after", "legacy", "deprecation"))
"""Headers of responses that are kept, as far as they say what is known."""
PLAIN_HEADER: Final = re.compile(
    r"application/json(?:; ?charset=utf-8)?|text/(?:html|plain)(?:; ?charset=utf-8)?"
    r"|\d{1,6}|\d{4}-\d\d-\d\d(?:T[\d:.]{5,12}Z)?",
    re.IGNORECASE,
)
_LOG: Final = logging.getLogger("frontdesk.recordings")
_encode: Final = msgspec.json.Encoder().encode


class Recorder:
    """Writes a recording.

    Nothing of the traffic gets into the file unless it is known to be safe: see the guide. The key
    of the pseudonyms is made anew for each recording and stored nowhere. Each entry is on the disk
    before the call that it records goes on. May be used from any thread.

    A recorder that cannot write any more, because the disk is full, lets the application go on:
    it stops, logs an error once, and ``failure`` says why.

    Args:
        path: The file, which must not be there yet.
        base_url: The service that is recorded; defaults to LiveChat. Only its kind is written.

    Raises:
        InvalidArgument: The file exists, or cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str], *, base_url: str | None = None) -> None:
        self.path: Path = Path(path)
        self.entries: int = 0
        """How many entries are written."""
        self.failure: str | None = None
        self._scrubber = Scrubber(KeyedTokens(KeyedTokens.new_key()))
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._numbers = self._connections = 0
        self._requests: dict[tuple[int, Any], int] = {}
        self._versions: dict[int, tuple[str, str]] = {}
        try:
            # Only its owner may read it until its owner has looked at it.
            handle = os.open(self.path, FLAGS, MODE)
        except FileExistsError:
            rule = f"must be a new file, and {self.path} exists"
            raise InvalidArgument("FILE", rule) from None
        except OSError as error:
            rule = f"cannot be made: {self.path}: {error.strerror or type(error).__name__}"
            raise InvalidArgument("FILE", rule) from None
        self._file = os.fdopen(handle, "wb")
        header = Header(
            frontdesk_recording=FORMAT,
            recorded_at=f"{datetime.now(UTC):%Y-%m-%d}",
            service=_service(base_url),
            made_with=__version__,
        )
        self._write(_encode(header))

    def request(
        self, verb: str, url: str, headers: Mapping[str, str], body: bytes | Body
    ) -> int | None:
        """Record a request over HTTP.

        Returns:
            The number to record its response with; None once the recorder has stopped.
        """
        number: int | None = self._guarded(self._request, verb, url, headers, body)
        return number

    def response(
        self, number: int | None, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Record the response to a request."""
        self._guarded(self._response, number, status, headers, body)

    def failed(self, number: int | None, error: BaseException) -> None:
        """Record that no complete response arrived."""
        if number is not None:
            entry = ResponseEntry(to=number, failure=type(error).__name__)
            self._guarded(self._add, entry)

    def connected(self, url: str) -> int | None:
        """Record an RTM connection, and return its number."""
        number: int | None = self._guarded(self._connected, url)
        return number

    def frame(self, connection: int | None, data: bytes, *, is_client: bool) -> None:
        """Record a message on an RTM connection, of the client or of the server."""
        self._guarded(self._frame, connection, data, is_client)

    def disconnected(
        self, connection: int | None, code: int | None = None, *, by_client: bool = True
    ) -> None:
        """Record the end of an RTM connection, and who ended it."""
        if connection is not None:
            by: Literal["client", "server"] = "client" if by_client else "server"
            self._guarded(self._add, CloseEntry(connection=connection, code=code, by=by))

    def webhook(self, body: bytes, status: int | None) -> None:
        """Record a webhook, and the status that the application responded with."""
        self._guarded(self._webhook, body, status)

    def close(self) -> None:
        """Write the last line and close the file."""
        with self._lock:
            if not self._file.closed and self.failure is None:
                self._guarded_write(EndEntry(entries=self.entries, at=self._at()))
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _guarded(self, record: Any, *values: Any) -> Any:
        """Record something; whatever goes wrong in it must not reach the application."""
        with self._lock:
            if self.failure is not None or self._file.closed:
                return None
            try:
                return record(*values)
            except OSError as error:
                self._stop(error)
            except Exception as error:  # noqa: BLE001 - it must not reach the application
                # The text of the error may hold what was to be recorded.
                _LOG.error("something could not be recorded: %s", type(error).__name__)
            return None

    def _guarded_write(self, entry: Entry) -> None:
        try:
            self._write(_encode(entry))
        except OSError as error:
            self._stop(error)

    def _stop(self, error: OSError) -> None:
        self.failure = error.strerror or type(error).__name__
        _LOG.error("the recording %s has stopped: %s", self.path, self.failure)

    def _request(self, verb: str, url: str, headers: Mapping[str, str], body: bytes | Body) -> int:
        parts = urlsplit(url)
        match = PATH.search(parts.path)
        names = {name.lower(): value for name, value in headers.items()}
        version, api, name = match.groups() if match is not None else ("", "", parts.path)
        authorization = names.get("authorization")
        if authorization:
            register(authorization.rpartition(" ")[2])
        self._numbers += 1
        is_file = not isinstance(body, bytes) or names.get("content-type", "").startswith(
            "multipart/"
        )
        entry = RequestEntry(
            number=self._numbers,
            api=api,
            method=self._scrubber.method(api, name),
            version=version or self._scrubber.word("version", names.get("x-api-version", "")),
            verb=verb if verb in ("POST", "GET", "PUT", "DELETE", "PATCH") else "OTHER",
            caller=self._scrubber.caller(authorization) if authorization else None,
            query=self._safe(dict(parse_qsl(parts.query))),
            body={"file_bytes": _length(body)} if is_file else self._body(body),
        )
        self._add(entry)
        return self._numbers

    def _response(
        self, number: int | None, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        if number is None:
            return
        names = {name.lower(): value for name, value in headers.items()}
        kept = {
            name: value
            for name, value in names.items()
            if name in HEADERS and PLAIN_HEADER.fullmatch(value)
        }
        content = self._body(body)
        self._add(ResponseEntry(to=number, status=status, headers=kept, body=content))

    def _connected(self, url: str) -> int:
        parts = urlsplit(url)
        match = RTM_PATH.search(parts.path)
        version, api = match.groups() if match is not None else ("", "")
        self._connections += 1
        self._versions[self._connections] = (api, version or "")
        query = self._safe(dict(parse_qsl(parts.query)))
        self._add(
            OpenEntry(connection=self._connections, api=api, version=version or "", query=query)
        )
        return self._connections

    def _frame(self, connection: int | None, data: bytes, is_client: bool) -> None:
        if connection is None:
            return
        frame = parsed(data)
        if not is_object(frame):
            frame = {"payload": {"body_bytes": len(data)}}
        action = frame.get("action")
        name = self._scrubber.word("action", action if isinstance(action, str) else "")
        request_id = frame.get("request_id")
        key = (connection, request_id if isinstance(request_id, str) else None)
        api, version = self._versions.get(connection, ("", ""))
        if is_client:
            _register_tokens(frame)
            self._numbers += 1
            self._requests[key] = self._numbers
            self._add(
                RequestEntry(
                    number=self._numbers,
                    api=api,
                    method=name,
                    version=self._scrubber.word("version", str(frame.get("version") or version)),
                    via="rtm",
                    connection=connection,
                    body=self._safe(frame.get("payload", msgspec.UNSET)),
                )
            )
        elif frame.get("type") == "push" or key not in self._requests:
            body = self._safe(frame)
            self._add(PushEntry(connection=connection, action=name, body=body))
        else:
            self._add(
                ResponseEntry(
                    to=self._requests.pop(key),
                    success=frame.get("success") is not False,
                    body=self._safe(frame.get("payload", msgspec.UNSET)),
                )
            )

    def _webhook(self, body: bytes, status: int | None) -> None:
        content = self._body(body)
        action = content.get("action") if is_object(content) else None
        name = self._scrubber.word("action", action if isinstance(action, str) else "")
        self._add(WebhookEntry(action=name, body=content, status=status))

    def _body(self, body: bytes | Body) -> Any:
        data = body if isinstance(body, bytes) else b""
        if not data:
            return msgspec.UNSET
        value = parsed(data)
        return {"body_bytes": len(data)} if value is None else self._safe(value)

    def _safe(self, value: Any) -> Any:
        if value is msgspec.UNSET:
            return value
        return redacted_data(self._scrubber.value(value))

    def _add(self, entry: Entry) -> None:
        entry.at = self._at()
        self._write(_encode(entry))
        self.entries += 1

    def _at(self) -> float:
        return round(time.monotonic() - self._began, 3)

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def parsed(data: bytes) -> Any:
    """Return the object or list that a JSON text holds; ``None`` for anything else."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return value if is_object(value) or is_array(value) else None


def _register_tokens(frame: dict[str, Any]) -> None:
    payload = frame.get("payload")
    token = payload.get("token") if is_object(payload) else None
    if isinstance(token, str):
        register(token.rpartition(" ")[2])


def _length(body: bytes | Body) -> int:
    return len(body) if isinstance(body, bytes) else body.length


def _service(base_url: str | None) -> Literal["livechat", "sandbox", "other"]:
    host = urlsplit(base_url or DEFAULT_BASE_URL).hostname or ""
    if is_loopback(host) or host == EMBEDDED:
        return "sandbox"
    return "livechat" if host == urlsplit(DEFAULT_BASE_URL).hostname else "other"
