"""Pages of the archives that were recorded, and an export that gets them.

It imports what an export needs and nothing else: the memory of one is measured with it.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from frontdesk import AgentClient
from frontdesk.actions import ListArchives
from frontdesk.archives import export, make_job, open_target
from frontdesk.archives.plan import first_page, windows
from frontdesk.transport import Reply, Request

LENGTH = 8
"""Bytes that say how long the next page of a recording is."""
JSON = {"content-type": "application/json"}


class Recording:
    """Pages of the archives in a file, one after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while length := file.read(LENGTH):
                yield file.read(int.from_bytes(length, "big"))

    def record(self, client: AgentClient, since: datetime, until: datetime) -> None:
        """Read the archives as an export does."""
        job = make_job(since=since)
        with self.path.open("wb") as file:
            for start, end in windows(since, until):
                action: ListArchives | None = first_page(job, start, end)
                while action is not None:
                    body = client.raw(action).body
                    file.write(len(body).to_bytes(LENGTH, "big") + body)
                    following = json.loads(body).get("next_page_id")
                    action = ListArchives(page_id=following) if following else None

    def begin(self) -> datetime:
        """Return the start of the month of the first thread: a window before would be a page."""
        for page in self:
            for chat in json.loads(page)["chats"]:
                created: str = chat["thread"]["created_at"]
                start = datetime.fromisoformat(created)
                return start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        raise AssertionError("nothing was recorded")


class Replay:
    """Responds to requests with the pages of a recording."""

    def __init__(self, recording: Recording) -> None:
        self._pages = iter(recording)

    def send(self, request: Request) -> Reply:
        if request.url.endswith("list_chats"):
            return Reply(200, JSON, b'{"found_chats": 0}')
        # The months since it was recorded are empty.
        return Reply(200, JSON, next(self._pages, b'{"chats": [], "found_chats": 0}'))

    def close(self) -> None: ...


def client_of(recording: Recording) -> AgentClient:
    return AgentClient("dal:benchmark", transport=Replay(recording))


def frontdesk_export(recording: Recording, since: datetime, folder: Path) -> None:
    target = open_target(folder, format="parquet")
    export(client_of(recording), target, make_job(since=since))
