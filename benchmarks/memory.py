"""Memory while iterating 100,000 archived chats: one page at a time."""

import tracemalloc

from benchmarks._measure import table
from benchmarks.decoding import archives_page
from frontdesk import AgentClient
from frontdesk.transport import Reply, Request

PAGES = 1000


class Archive:
    """Responds with the same page again and again, the last one without a next page."""

    def __init__(self, pages: int) -> None:
        self.left = pages
        self.page = archives_page()

    def send(self, request: Request) -> Reply:
        self.left -= 1
        changed = b'"next_page_id": "%d"' % self.left if self.left else b'"x": 1'
        return Reply(200, {}, self.page.replace(b'"next_page_id": "MTc="', changed))

    def close(self) -> None:
        pass


def peak(pages: int) -> tuple[int, float]:
    """Return the chats seen and the peak in MB."""
    client = AgentClient("dal:benchmark", transport=Archive(pages))
    tracemalloc.start()
    seen = sum(1 for _ in client.iter_archives())
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seen, megabytes


def run() -> str:
    rows = [("chats", "peak of Python memory")]
    for pages in (10, 100, PAGES):
        seen, megabytes = peak(pages)
        rows.append((f"{seen:,}", f"{megabytes:.1f} MB"))
    return table("Iterating archives", rows)


if __name__ == "__main__":
    print(run())
