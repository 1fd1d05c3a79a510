"""upload_file: what is refused before anything is sent, what is sent, and what a repeat sends."""

import email.parser
import email.policy
import io
import os
import tempfile
import tracemalloc
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import errors
from frontdesk.actions import UploadFile
from frontdesk.actions.agent.events import MAX_FILE_BYTES
from frontdesk.clients.uploads import EXECUTABLE_SUFFIXES, Multipart, is_executable
from frontdesk.models import UploadedFile

from ..loopback import Loopback, error, reply, reset
from ..web import Kit

UPLOADED = {"url": "https://cdn.example/1"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


def part_of(body: bytes, content_type: str) -> EmailMessage:
    """Read a multipart body as any server would."""
    whole = f"Content-Type: {content_type}\r\n\r\n".encode() + body
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(whole)
    (part,) = message.iter_parts()
    assert isinstance(part, EmailMessage)
    return part


def uploaded(server: Loopback) -> EmailMessage:
    return part_of(server.last.body, server.last.headers["content-type"])


def content_of(part: EmailMessage) -> Any:
    return part.get_payload(decode=True)


class Pipe(io.RawIOBase):
    """A stream that cannot seek and gives little at a time, as pipes and sockets do."""

    def __init__(self, content: bytes, at_once: int = 3) -> None:
        self.rest = content
        self.at_once = at_once

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        count = self.at_once if size < 0 else min(size, self.at_once)
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken


# What arrives


def test_bytes_arrive_as_a_part_of_a_form(kit: Kit, server: Loopback) -> None:
    server.default = reply(UPLOADED)
    result = kit.client(server).upload_file(PNG, name="shot.png")
    assert result == UploadedFile(url="https://cdn.example/1")
    assert server.last.target == "/v3.6/agent/action/upload_file"
    part = uploaded(server)
    assert part.get_content_disposition() == "form-data"
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_filename() == "shot.png"
    assert part.get_content_type() == "image/png"
    assert content_of(part) == PNG
    assert "transfer-encoding" not in server.last.headers


@pytest.mark.parametrize("convert", [bytes, bytearray, memoryview, io.BytesIO, Pipe])
def test_whatever_holds_the_bytes(kit: Kit, server: Loopback, convert: Any) -> None:
    server.default = reply(UPLOADED)
    kit.client(server).upload_file(convert(b"hello"), name="a.txt")
    assert content_of(uploaded(server)) == b"hello"


def test_a_wide_memoryview_is_measured_in_bytes(kit: Kit, server: Loopback) -> None:
    import array

    numbers = array.array("i", [1, 2, 3])
    server.default = reply(UPLOADED)
    kit.client(server).upload_file(memoryview(numbers))
    assert content_of(uploaded(server)) == numbers.tobytes()


@pytest.mark.parametrize("as_text", [True, False])
def test_a_path_gives_its_name(kit: Kit, server: Loopback, tmp_path: Path, as_text: bool) -> None:
    path = tmp_path / "notes é.txt"
    path.write_bytes(b"hello")
    server.default = reply(UPLOADED)
    kit.client(server).upload_file(str(path) if as_text else path)
    assert b'filename="notes \xc3\xa9.txt"' in server.last.body
    assert uploaded(server).get_content_type() == "text/plain"
    assert content_of(uploaded(server)) == b"hello"


def test_a_file_object_is_sent_from_where_it_stands_and_stays_open(
    kit: Kit, server: Loopback, tmp_path: Path
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"skipped" + b"wanted")
    server.default = reply(UPLOADED)
    with path.open("rb") as file:
        file.seek(7)
        kit.client(server).upload_file(file)
        assert not file.closed
    assert content_of(uploaded(server)) == b"wanted"
    assert uploaded(server).get_filename() == "a.bin"


@pytest.mark.parametrize(
    ("name", "content_type", "shown"),
    [
        (None, None, "application/octet-stream"),
        ("a.unknown-kind", None, "application/octet-stream"),
        ("a.json", None, "application/json"),
        ("a.json", "text/x-notes", "text/x-notes"),
    ],
)
def test_the_type_is_given_or_guessed(
    kit: Kit, server: Loopback, name: Any, content_type: Any, shown: str
) -> None:
    server.default = reply(UPLOADED)
    kit.client(server).upload_file(b"hello", name=name, content_type=content_type)
    assert uploaded(server).get_content_type() == shown


@given(
    content=st.binary(min_size=1, max_size=300).filter(lambda b: not is_executable("x", b)),
    name=st.text(min_size=1, max_size=20).filter(lambda n: not is_executable(n, b"")),
)
def test_any_content_and_name_make_one_wellformed_part(content: bytes, name: str) -> None:
    body = Multipart(content, name=name, content_type="text/plain")
    sent = b"".join(body.chunks())
    assert len(sent) == body.length
    assert content_of(part_of(sent, body.content_type)) == content
    assert len(sent.partition(b"\r\n\r\n")[0].split(b"\r\n")) == 3


def test_an_action_uploads_too(kit: Kit, server: Loopback) -> None:
    server.default = reply(UPLOADED)
    assert kit.client(server)(UploadFile(file=b"hello")).url == "https://cdn.example/1"
    assert content_of(uploaded(server)) == b"hello"


# Progress, memory


def test_progress_is_told_up_to_the_size(kit: Kit, server: Loopback) -> None:
    steps: list[tuple[int, int]] = []
    server.default = reply(UPLOADED)
    kit.client(server).upload_file(
        b"x" * 200_000, on_progress=lambda sent, size: steps.append((sent, size))
    )
    assert steps == [(65536, 200_000), (131072, 200_000), (196608, 200_000), (200_000, 200_000)]


def test_what_progress_raises_ends_the_upload_and_comes_out(kit: Kit, server: Loopback) -> None:
    def stop(sent: int, size: int) -> None:
        raise LookupError("the user pressed cancel")

    client = kit.client(server)
    with pytest.raises(LookupError, match="the user pressed cancel"):
        client.upload_file(b"x" * 200_000, on_progress=stop)
    server.default = reply(UPLOADED)
    assert client.upload_file(b"hello").url, "the client goes on"
    assert content_of(uploaded(server)) == b"hello"


def test_a_large_file_is_streamed(kit: Kit, server: Loopback, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        for _ in range(9):
            file.write(b"x" * 1024 * 1024)

    server.default = reply(UPLOADED)
    client = kit.client(server)
    client.upload_file(b"warm up")
    peaks: list[int] = []

    def note(sent: int, size: int) -> None:
        if sent % 2**21 == 0:
            of_the_client = [tracemalloc.Filter(True, "*/frontdesk/*")]
            shot = tracemalloc.take_snapshot().filter_traces(of_the_client)
            peaks.append(sum(trace.size for trace in shot.traces))

    tracemalloc.start()
    try:
        client.upload_file(path, on_progress=note)
    finally:
        tracemalloc.stop()
    assert peaks
    assert max(peaks) < 1024 * 1024


# Repeats


def test_a_repeat_sends_the_same_bytes(kit: Kit, server: Loopback, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(100_000))
    server.respond(error("service_unavailable", status=503), error("internal"), reply(UPLOADED))
    kit.client(server).upload_file(path)
    first, second, third = (got.body for got in server.requests)
    assert first == second == third
    assert content_of(uploaded(server)) == path.read_bytes()


@pytest.mark.parametrize("make", [Pipe, io.BytesIO])
def test_a_repeat_sends_a_stream_again(kit: Kit, server: Loopback, make: Any) -> None:
    server.respond(reset(), error("too_many_requests", status=429), reply(UPLOADED))
    kit.client(server).upload_file(make(b"hello"))
    assert [content_of(part_of(g.body, g.headers["content-type"])) for g in server.requests] == [
        b"hello"
    ] * 3


def test_a_refusal_of_the_server_is_told(kit: Kit, server: Loopback) -> None:
    server.default = error("entity_too_large", "Upload limit exceeded (10MB).", status=413)
    with pytest.raises(errors.EntityTooLarge, match="a file has at most 10 MB"):
        kit.client(server).upload_file(b"x" * 1_000_000)


# Refused before it is sent


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (b"", {}, "`file` must hold at least one byte"),
    (io.BytesIO(), {}, "`file` must hold at least one byte"),
    (Pipe(b""), {}, "`file` must hold at least one byte"),
    (b"x" * (MAX_FILE_BYTES + 1), {}, "`file` must have at most 10485760 bytes"),
    (Pipe(b"x" * (MAX_FILE_BYTES + 5), 2**20), {}, "`file` must have at most 10485760 bytes"),
    (b"hello", {"name": "setup.exe"}, "`file` must not be an executable, as 'setup.exe' is"),
    (b"hello", {"name": "SETUP.EXE. "}, "`file` must not be an executable"),
    (b"hello", {"name": "run.sh"}, "`file` must not be an executable"),
    (b"MZ\x90\x00", {"name": "photo.jpg"}, "`file` must not be an executable"),
    (b"\x7fELF\x02", {}, "`file` must not be an executable"),
    (b"#!/bin/sh\n", {"name": "notes.txt"}, "`file` must not be an executable"),
    (io.StringIO("text"), {}, "`file` must return bytes from `read`, not str"),
    (5, {}, "`file` must be bytes, a path or a binary file, not int"),
    (None, {}, "`file` must be bytes, a path or a binary file, not NoneType"),
    ("/nowhere/at-all.txt", {}, "`file` cannot be read: "),
    ("nul\0byte", {}, "`file` cannot be read: "),
    (Path("/"), {}, "`file` cannot be read: "),
    (b"hello", {"content_type": "text/plain\r\nX: y"}, "`content_type` must be one line"),
]


@pytest.mark.parametrize(("file", "options", "message"), REFUSED)
def test_what_cannot_be_uploaded_is_refused_before_it_is_sent(
    kit: Kit, server: Loopback, file: Any, options: Any, message: str
) -> None:
    if isinstance(file, Pipe):
        file = Pipe(file.rest, file.at_once)
    with pytest.raises(errors.InvalidArgument) as caught:
        kit.client(server).upload_file(file, **options)
    assert message in str(caught.value)
    assert server.opened == 0


def test_a_refused_path_is_not_left_open(kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "setup.exe"
    path.write_bytes(b"MZ")
    with pytest.raises(errors.InvalidArgument, match="executable"):
        kit.client().upload_file(path)


def test_the_largest_file_is_allowed() -> None:
    assert Multipart(b"x" * MAX_FILE_BYTES).size == MAX_FILE_BYTES


class Shrinking(io.BytesIO):
    """Loses its end after it was measured."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(size) if self.tell() < 70_000 else b""


def test_a_file_that_has_become_shorter_is_told(kit: Kit, server: Loopback) -> None:
    with pytest.raises(errors.InvalidArgument, match="`file` has become shorter: 131072 of 200000"):
        kit.client(server).upload_file(Shrinking(b"x" * 200_000))


class Unreadable(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_disk_that_fails_is_not_taken_for_the_network(kit: Kit, server: Loopback) -> None:
    with pytest.raises(OSError, match="Input/output error") as caught:
        kit.client(server).upload_file(Unreadable(b"x" * 200_000))
    assert not isinstance(caught.value, errors.FrontdeskError)
    assert server.requests == []


def test_a_header_that_only_looks_like_one_stays_in_the_name(kit: Kit, server: Loopback) -> None:
    server.default = reply(UPLOADED)
    kit.client(server).upload_file(b"hello", name='a"\r\nX-Evil: 1\r\n.txt')
    assert uploaded(server).get("x-evil") is None


# What is read, and under which name.


class Bare:
    """Reads, and can do nothing else."""

    def __init__(self, content: bytes) -> None:
        self.inner = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self.inner.read(size)


class Named(io.BytesIO):
    def __init__(self, name: Any) -> None:
        super().__init__(b"hello")
        self.name = name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/var/tmp/a.txt", "a.txt"), ("a.txt", "a.txt"), (7, "file"), (b"/tmp/a.txt", "file"),
        (None, "file"), ("", "file"), ("/tmp/", "file"), ("<fdopen>", "file"), (Path("a"), "file"),
        (True, "file"),
    ],
)  # fmt: skip
def test_a_name_is_taken_from_a_real_text_only(name: Any, shown: str) -> None:
    body = Multipart(Named(name))
    assert part_of(b"".join(body.chunks()), body.content_type).get_filename() == shown


def test_the_callers_name_wins_over_that_of_the_file() -> None:
    body = Multipart(Named("a.txt"), name="b.json")
    part = part_of(b"".join(body.chunks()), body.content_type)
    assert (part.get_filename(), part.get_content_type()) == ("b.json", "application/json")


def test_files_of_the_system_have_names_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    with tempfile.TemporaryFile() as anonymous, os.fdopen(os.open(path, os.O_RDONLY), "rb") as file:
        anonymous.write(b"hello")
        anonymous.seek(0)
        for stream in (anonymous, file):
            body = Multipart(stream)
            part = part_of(b"".join(body.chunks()), body.content_type)
            assert (part.get_filename(), content_of(part)) == ("file", b"hello")


class BytesPath:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> bytes:
        return os.fsencode(self.path)


def test_a_path_of_bytes_gives_its_name_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    body = Multipart(BytesPath(path))  # type: ignore[arg-type]
    assert part_of(b"".join(body.chunks()), body.content_type).get_filename() == "a.txt"
    body.close()


@pytest.mark.parametrize("character", ['"', "\r", "\n", "\0", "\x1f", "\x7f"])
def test_no_character_of_a_name_ends_the_header(character: str) -> None:
    body = Multipart(b"hello", name=f"a{character}b.txt", content_type="text/plain")
    head = b"".join(body.chunks()).partition(b"\r\n\r\n")[0]
    assert b'filename="a%%%02Xb.txt"' % ord(character) in head


def test_half_a_surrogate_pair_in_a_name_is_replaced() -> None:
    body = Multipart(b"hello", name="a\ud800.txt")
    assert b'filename="a?.txt"' in b"".join(body.chunks())


@pytest.mark.parametrize("field", ["name", "content_type"])
@pytest.mark.parametrize("value", [7, b"a.txt", Path("a.txt")])
def test_name_and_type_are_texts(kit: Kit, field: str, value: Any) -> None:
    with pytest.raises(errors.InvalidArgument, match="must be a text") as caught:
        kit.client().upload_file(b"hello", **{field: value})
    assert caught.value.field == field


def test_progress_is_a_function(kit: Kit) -> None:
    with pytest.raises(errors.InvalidArgument, match="`on_progress` must be a function"):
        kit.client().upload_file(b"hello", on_progress=7)


def test_a_stream_that_only_reads_is_sent_and_sent_again(kit: Kit, server: Loopback) -> None:
    server.respond(error("service_unavailable", status=503), reply(UPLOADED))
    kit.client(server).upload_file(Bare(b"x" * 200_000))
    parts = [part_of(got.body, got.headers["content-type"]) for got in server.requests]
    assert [content_of(part) for part in parts] == [b"x" * 200_000] * 2


@pytest.mark.parametrize("seekable", [False, True])
def test_a_stream_that_stands_at_its_end_has_nothing_to_send(seekable: bool) -> None:
    stream: Any = io.BytesIO(b"hello") if seekable else Bare(b"hello")
    stream.read()
    with pytest.raises(errors.InvalidArgument, match="must hold at least one byte"):
        Multipart(stream)


def test_a_stream_beyond_its_end_has_nothing_to_send() -> None:
    stream = io.BytesIO(b"hello")
    stream.seek(100)
    with pytest.raises(errors.InvalidArgument, match="must hold at least one byte"):
        Multipart(stream)


def test_a_closed_file_is_refused() -> None:
    stream = io.BytesIO(b"hello")
    stream.close()
    with pytest.raises(errors.InvalidArgument, match=r"`file` cannot be read: .*closed file"):
        Multipart(stream)


def test_a_stream_that_has_nothing_yet_is_refused() -> None:
    class Waiting(Bare):
        def read(self, size: int = -1) -> Any:
            return None

    with pytest.raises(
        errors.InvalidArgument,
        match="must return bytes from `read`, not None; open it in blocking mode",
    ):
        Multipart(Waiting(b""))  # type: ignore[arg-type]


@pytest.mark.parametrize("convert", [bytearray, memoryview])
def test_a_stream_may_give_any_kind_of_bytes(convert: Any) -> None:
    class Converting(Bare):
        def read(self, size: int = -1) -> Any:
            return convert(super().read(size))

    body = Multipart(Converting(b"hello"))  # type: ignore[arg-type]
    assert b"\r\n\r\nhello\r\n--" in b"".join(body.chunks())


class Generous(io.BytesIO):
    """Gives more than it is asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(-1 if size is None or size < 0 else size + 10)


def test_never_more_than_announced_is_sent() -> None:
    body = Multipart(Generous(b"x" * 200_000))
    sent = b"".join(body.chunks())
    assert len(sent) == body.length
    assert content_of(part_of(sent, body.content_type)) == b"x" * 200_000


def test_of_a_file_that_grows_its_first_bytes_are_sent(
    kit: Kit, server: Loopback, tmp_path: Path
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"a" * 150_000)
    server.default = reply(UPLOADED)
    steps: list[tuple[int, int]] = []

    def grow(sent: int, size: int) -> None:
        steps.append((sent, size))
        with path.open("ab") as log:
            log.write(b"b" * 100_000)

    client = kit.client(server)
    client.upload_file(path, on_progress=grow)
    assert content_of(uploaded(server)) == b"a" * 150_000
    assert steps[-1] == (150_000, 150_000)
    assert client.meter.requests == 1


def test_an_upload_that_breaks_off_in_the_middle_is_counted(
    kit: Kit, server: Loopback, tmp_path: Path
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 1_000_000)
    client = kit.client(server)
    with pytest.raises(errors.InvalidArgument, match="has become shorter: 327680 of 1000000 bytes"):
        client.upload_file(
            path, on_progress=lambda sent, size: os.truncate(path, 327_680) if sent < 200_000 else 0
        )
    assert client.meter.reading().by_action == {"upload_file": 1}


def test_an_upload_that_was_refused_beforehand_is_not_counted(kit: Kit) -> None:
    client = kit.client()
    with pytest.raises(errors.InvalidArgument):
        client.upload_file(b"")
    assert client.meter.requests == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
def test_a_file_without_a_size_is_read_to_its_end() -> None:
    body = Multipart("/proc/self/status")
    assert body.size > 100
    assert len(b"".join(body.chunks())) == body.length


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_with_a_name_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    keep = os.open(path, os.O_RDWR)
    os.write(keep, b"hello")
    writer = os.open(path, os.O_WRONLY)
    reader = os.fdopen(os.open(path, os.O_RDONLY), "rb")
    os.close(keep)
    os.close(writer)
    with reader:
        body = Multipart(reader)
    assert body.size == 5
    assert b"pipe" not in b"".join(body.chunks()), "its name is the number of the descriptor"


@pytest.mark.parametrize(
    "head",
    [b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe",
     b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf"],
)  # fmt: skip
def test_executables_are_known_by_their_first_bytes(head: bytes) -> None:
    assert is_executable("photo.jpg", head + b"\0" * 8)
    assert not is_executable("photo.jpg", b"\0" + head)
    assert not is_executable("photo.jpg", head[:-1])


@pytest.mark.parametrize(
    "suffix",
    sorted(EXECUTABLE_SUFFIXES),
)
def test_executables_are_known_by_their_names(suffix: str) -> None:
    assert suffix == suffix.lower()
    assert is_executable(f"tool{suffix.upper()}. ", b"")
    assert not is_executable(f"tool{suffix}.txt", b"")
    assert not is_executable(f"tool{suffix}x", b"")


def test_the_suffixes_of_executables_are_known() -> None:
    assert {".exe", ".bat", ".msi", ".sh", ".jar", ".dmg", ".apk", ".ps1"} <= EXECUTABLE_SUFFIXES
    assert len(EXECUTABLE_SUFFIXES) == 30


def test_the_limit_is_ten_mebibytes() -> None:
    assert MAX_FILE_BYTES == 10_485_760
