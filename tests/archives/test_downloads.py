import asyncio
import hashlib
import json
import os
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.archives import export, export_async, make_job, open_target
from frontdesk.archives.downloads import Downloads, files_folder
from frontdesk.errors import ExportError, InvalidArgument
from frontdesk.sandbox import Sandbox

from ..loopback import Loopback, drip, head, raw, reply, silence
from .rows import page, thread

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)
SUM = hashlib.sha256(CONTENT).hexdigest()


def attachments(*files):
    """A page with files: (event id, name, address) and more fields each."""
    rows = [
        {"event_id": event_id, "position": place, "name": name, "url": url} | dict(*more)
        for place, (event_id, name, url, *more) in enumerate(files)
    ]
    return page(thread(1, files=rows))


def filled(folder, made, **options):
    with Downloads(folder, **options) as downloads:
        return downloads.fill(made).tables["files"].to_pylist()


@pytest.fixture
def server():
    with Loopback() as server:
        server.default = reply(CONTENT, headers={"Content-Type": "image/png", "ETag": '"1"'})
        yield server


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "chats" / "_files"


def parts(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_stored_with_its_path_and_checksum(server, folder):
    (row,) = filled(folder, attachments(("T1_0", "a b.png", f"{server.url}/a%20b.png")))
    assert (row["path"], row["sha256"], row["download_error"]) == ("_files/T1_0-a b.png", SUM, None)
    assert (folder.parent / row["path"]).read_bytes() == CONTENT
    assert parts(folder) == ["T1_0-a b.png"]


def test_no_token_and_no_cookie_is_sent(server, folder):
    server.respond(
        reply(status=302, headers={"Location": "/b", "Set-Cookie": "session=1"}),
    )
    filled(folder, attachments(("T1_0", "a", f"{server.url}/a")))
    assert [got.target for got in server.requests] == ["/a", "/b"]
    for got in server.requests:
        assert set(got.headers) == {"host", "accept-encoding", "user-agent"}


def test_pages_without_files_make_no_folder(folder):
    made = page(thread(1))
    with Downloads(folder) as downloads:
        assert downloads.fill(made) is made
    assert not folder.exists()


def test_a_whole_file_is_not_downloaded_again(server, folder):
    made = attachments(("T1_0", "a", f"{server.url}/a"))
    filled(folder, made)
    with Downloads(folder) as downloads:
        (row,) = downloads.fill(made).tables["files"].to_pylist()
        assert (downloads.downloaded, downloads.reused, downloads.failed) == (0, 1, 0)
    assert row["sha256"] == SUM
    assert len(server.requests) == 1


def cut(length, *, total=SIZE, etag='"1"'):
    tag = {"ETag": etag} if etag else {}
    return raw(head(200, {"Content-Length": str(total), **tag}) + CONTENT[:length])


def rest(start, *, total=SIZE, status=206):
    async def send(connection, got):
        data = CONTENT[start:]
        sent = {"Content-Length": str(len(data)), "ETag": '"1"'}
        sent["Content-Range"] = f"bytes {start}-{len(CONTENT) - 1}/{total}"
        connection.send(head(status, sent) + data)
        return False

    return send


@pytest.mark.parametrize("etag", ['"1"', None])
def test_a_part_is_continued_within_the_run(server, folder, etag):
    server.respond(cut(1000, etag=etag), rest(1000))
    (row,) = filled(folder, attachments(("T1_0", "a", f"{server.url}/a")))
    assert row["sha256"] == SUM
    assert server.last.headers["range"] == "bytes=1000-"
    assert server.last.headers.get("if-range") == etag
    assert parts(folder) == ["T1_0-a"]


def test_a_part_is_continued_by_the_next_run(server, folder):
    made = attachments(("T1_0", "a", f"{server.url}/a"))
    server.respond(cut(1000), raw(b""))
    (row,) = filled(folder, made)
    assert row["path"] is None
    assert row["download_error"]
    server.respond(rest(1000))
    (row,) = filled(folder, made)
    assert (row["sha256"], row["download_error"]) == (SUM, None)
    assert server.last.headers["range"] == "bytes=1000-"


@pytest.mark.parametrize(
    "response",
    [
        reply(CONTENT, headers={"ETag": '"2"'}),  # no ranges, or another file by now
        rest(500),
        rest(1000, total=99),
        reply(b"", status=206),
        reply(b"", status=416, headers={"Content-Range": "bytes */7"}),
    ],
    ids=["whole", "elsewhere", "another-length", "no-range", "too-far"],
)
def test_what_does_not_fit_the_part_is_downloaded_anew(server, folder, response):
    server.respond(cut(1000), response)
    (row,) = filled(folder, attachments(("T1_0", "a", f"{server.url}/a")))
    assert row["sha256"] == SUM
    assert parts(folder) == ["T1_0-a"]


def test_a_part_of_another_address_is_not_continued(server, folder):
    server.respond(cut(1000), raw(b""))
    filled(folder, attachments(("T1_0", "a", f"{server.url}/a")))
    (row,) = filled(folder, attachments(("T1_0", "a", f"{server.url}/b")))
    assert row["sha256"] == SUM
    assert "range" not in server.last.headers


def test_a_part_that_is_whole_already_is_taken(server, folder):
    made = attachments(("T1_0", "a", f"{server.url}/a"))
    server.respond(cut(1000), raw(b""))
    filled(folder, made)
    (folder / ".T1_0-a.part").write_bytes(CONTENT)
    total = f"bytes */{len(CONTENT)}"
    server.respond(reply(b"", status=416, headers={"Content-Range": total}))
    (row,) = filled(folder, made)
    assert row["sha256"] == SUM


FAILURES = {
    "missing": (reply(status=404), "the server responded with status 404"),
    "forbidden": (reply(status=403), "status 403"),
    "cut": (cut(1000), "ended after 1000 of 10240 bytes|ended before the file did"),
    "nothing": (raw(b""), "ended before the file did"),
    "no-http": (raw(b"nonsense\r\n\r\n"), "ended before the file did"),
    "encoded": (reply(b"x", headers={"Content-Encoding": "br"}), "encoded with 'br'"),
    "ftp": (reply(status=302, headers={"Location": "ftp://x/y"}), "neither https:// nor http://"),
    "file": (reply(status=302, headers={"Location": "file:///etc/passwd"}), "neither https"),
    "bad": (reply(status=302, headers={"Location": "http://[/"}), "not valid"),
}


@pytest.mark.parametrize(("response", "message"), FAILURES.values(), ids=FAILURES)
def test_a_file_that_fails_costs_that_file(server, folder, response, message):
    async def respond(connection, got):
        return await (response if got.target == "/a" else whole)(connection, got)

    whole, server.default = server.default, respond
    made = attachments(("T1_0", "a", f"{server.url}/a"), ("T1_1", "b", f"{server.url}/b"))
    failed, stored = filled(folder, made)
    assert failed["path"] is None
    assert failed["sha256"] is None
    assert re.search(message, failed["download_error"])
    assert stored["sha256"] == SUM


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.com/a", "neither https:// nor http://"),
        ("file:///etc/passwd", "neither https:// nor http://"),
        ("javascript:alert(1)", "neither https:// nor http://"),
        ("/relative", "neither https:// nor http://"),
        ("http://", "not valid"),
        ("http://[::1", "not valid"),
        ("http://example.com:99999/", "not valid"),
        ("http://exa mple.com/", "not valid"),
        ("http://127.0.0.1:1/a", "no connection to 127.0.0.1"),
    ],
)
def test_addresses_that_lead_nowhere_cost_that_file(folder, url, message):
    (row,) = filled(folder, attachments(("T1_0", "a", url)))
    assert message in row["download_error"]
    assert row["url"] == url


def test_redirects_have_an_end(server, folder):
    server.default = reply(status=302, headers={"Location": "/again"})
    (row,) = filled(folder, attachments(("T1_0", "a", f"{server.url}/a")))
    assert row["download_error"] == "more than 5 redirects"
    assert len(server.requests) == 6


def test_a_redirect_from_elsewhere_into_a_private_network_is_refused():
    from frontdesk.transport.files import TransferFailed, _redirected

    for location in ("http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "//[::1]/"):
        with pytest.raises(TransferFailed, match="private network"):
            _redirected("http://files.example.com/a", location)
    with pytest.raises(TransferFailed, match="from https to http"):
        _redirected("https://files.example.com/a", "http://files.example.com/a")
    assert _redirected("http://127.0.0.1:1/a", "/b") == "http://127.0.0.1:1/b"


@pytest.mark.parametrize("told", [True, False])
def test_files_above_the_limit_are_not_stored(server, folder, told):
    if not told:
        server.default = raw(b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT)
    made = attachments(("T1_0", "a", f"{server.url}/a"))
    (row,) = filled(folder, made, max_bytes=len(CONTENT) - 1)
    assert row["download_error"] == "it has more than 10239 bytes, which is the limit"
    assert parts(folder) == []
    (row,) = filled(folder, made, max_bytes=len(CONTENT))
    assert row["sha256"] == SUM


def test_a_file_whose_size_is_above_the_limit_is_not_asked_for(server, folder):
    made = attachments(("T1_0", "a", f"{server.url}/a", {"size": 10**9}))
    (row,) = filled(folder, made, max_bytes=10**6)
    assert "which is the limit" in row["download_error"]
    assert server.requests == []


def test_a_body_without_length_that_ends_early_is_noticed_by_its_size(server, folder):
    server.default = raw(b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT[:100])
    made = attachments(("T1_0", "a", f"{server.url}/a", {"size": len(CONTENT)}))
    (row,) = filled(folder, made)
    assert row["download_error"] == "it ended after 100 of 10240 bytes"


def test_silence_and_dripping_have_an_end(server, folder):
    made = attachments(("T1_0", "a", f"{server.url}/a"))
    server.default = silence()
    (row,) = filled(folder, made, timeout=0.1)
    assert row["download_error"] == "127.0.0.1 sent nothing for 0.1 s"
    server.default = drip(10**6, 0.01)
    (row,) = filled(folder, made, longest=0.3)
    assert row["download_error"] == "it took too long"


def test_files_of_the_same_name_do_not_meet(server, folder):
    bodies = {"/a": b"a", "/b": b"b", "/c": b"c"}

    async def respond(connection, got):
        return await reply(bodies[got.target])(connection, got)

    server.default = respond
    made = attachments(
        ("T1_0", "../x.png", f"{server.url}/a"),
        ("T1_1", "../x.png", f"{server.url}/b"),
        ("T1_1", "../x.png", f"{server.url}/c"),
        ("T1_1", "../x.png", f"{server.url}/c"),
        (None, "x.png", f"{server.url}/a"),
        ("no-address", "x.png", None),
    )
    rows = filled(folder, made)
    paths = [row["path"] for row in rows[:-1]]
    assert len(set(paths)) == 5
    contents = [(folder.parent / path).read_bytes() for path in paths]
    assert contents == [b"a", b"b", b"c", b"c", b"a"]
    assert (rows[-1]["path"], rows[-1]["download_error"]) == (None, None)
    assert all(path.resolve().parent == folder.resolve() for path in folder.iterdir())


def test_no_more_files_at_once_than_allowed(server, folder):
    busy, most, lock = 0, 0, threading.Lock()

    async def respond(connection, got):
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        await asyncio.sleep(0)
        with lock:
            busy -= 1
        return await reply(CONTENT)(connection, got)

    server.default = respond
    made = attachments(*((f"T1_{n}", "a", f"{server.url}/{n}") for n in range(20)))
    rows = filled(folder, made, concurrency=3)
    assert {row["sha256"] for row in rows} == {SUM}
    assert 1 <= most <= 3


def test_a_full_disk_ends_the_run(server, folder, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ExportError, match="no space left on device; run the same command again"):
        filled(folder, attachments(("T1_0", "a", f"{server.url}/a")))


def test_a_folder_that_cannot_be_made_ends_the_run(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot store files"):
        filled(tmp_path / "file" / "x", attachments(("T1_0", "a", f"{server.url}/a")))


@pytest.mark.parametrize("options", [{"max_bytes": 0}, {"concurrency": 0}])
def test_limits_are_checked(folder, options):
    with pytest.raises(InvalidArgument):
        Downloads(folder, **options)


def test_a_cancelled_download_ends(server, folder):
    server.default = drip(10**6, 0.001)
    made = attachments(("T1_0", "a", f"{server.url}/a"))

    async def cancelled():
        with Downloads(folder) as downloads:
            task = asyncio.create_task(downloads.fill_async(made))
            await asyncio.to_thread(server.wait_until, lambda: bool(server.requests))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    server.wait_until(lambda: server.open == 0)
    assert not (folder / "T1_0-a").exists()


@pytest.mark.parametrize(
    ("target", "folder"),
    [
        ("chats", "chats/_files"),
        ("chats/", "chats/_files"),
        ("delta:chats", "chats/_files"),
        ("a/chats.duckdb", "a/chats.duckdb.files"),
        ("chats.jsonl.gz", "chats.jsonl.gz.files"),
        ("chats.csv", "chats.csv.files"),
    ],
)
def test_files_lie_within_folders_and_beside_files(target, folder):
    assert files_folder(target).as_posix() == folder


@pytest.mark.parametrize("target", ["-", "s3://bucket/chats", "memory://chats"])
def test_files_need_a_path(target):
    with pytest.raises(InvalidArgument, match="path on this machine"):
        files_folder(target)


@pytest.fixture
def chat_with_file():
    with Sandbox.serve("quiet") as sandbox:
        with sandbox.client() as client:
            chat = client.start_chat(active=True)
            uploaded = client.upload_file(CONTENT, name="plan.png")
            client.send_event(chat_id=chat.chat_id, event={"type": "file", "url": uploaded.url})
            client.deactivate_chat(id=chat.chat_id)
        yield sandbox


def whole_job():
    return make_job(since=datetime.now(UTC) - timedelta(minutes=5), files=True)


def stored(path):
    (line,) = map(json.loads, path.read_text().splitlines())
    (file,) = line["files"]
    return file


def test_an_export_brings_the_files_of_the_sandbox_along(chat_with_file, tmp_path):
    path = tmp_path / "chats.jsonl"
    with chat_with_file.client() as client, Downloads(files_folder(path)) as downloads:
        export(client, open_target(path), whole_job(), downloads=downloads.fill)
        assert (downloads.downloaded, downloads.bytes) == (1, len(CONTENT))
    file = stored(path)
    assert file["sha256"] == SUM
    assert (tmp_path / file["path"]).read_bytes() == CONTENT


def test_an_async_export_brings_them_along(chat_with_file, tmp_path):
    path = tmp_path / "chats.jsonl"

    async def run():
        async with chat_with_file.async_client() as client:
            with Downloads(files_folder(path)) as downloads:
                return await export_async(
                    client, open_target(path), whole_job(), downloads=downloads.fill_async
                )

    summary = asyncio.run(run())
    assert stored(path)["sha256"] == SUM
    assert summary.threads == 1
    # The file is no request to the API.
    assert summary.requests == 1
