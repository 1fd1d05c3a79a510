"""Uploaded files."""

import struct

import pytest

from frontdesk.actions import SendEvent, UploadFile
from frontdesk.actions.agent.events import MAX_FILE_BYTES
from frontdesk.errors import EntityTooLarge, ValidationError
from frontdesk.models import File
from frontdesk.sandbox.world.chats import uploaded_files

from ..._desk import SMITH

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480) + b"rest"


def upload(desk, content=b"hello", name="hello.txt", **kwargs):
    return desk.unit(uploaded_files.upload, name=name, content=content, uploaded_by=SMITH, **kwargs)


def send(desk, url, **kwargs):
    chat_id = desk.start()
    desk.call(SendEvent(chat_id=chat_id, event=File(url=url, **kwargs)))
    return desk.chat(chat_id).thread.events[0]


def file_id(file):
    return file.id


def test_a_file_is_kept_and_sent(desk):
    file = upload(desk)
    assert uploaded_files.find(desk.world, file.id)[1] == b"hello"
    event = send(desk, file.url)
    assert (event.type, event.name, event.url) == ("file", "hello.txt", file.url)
    assert (event.content_type, event.size, event.width) == ("text/plain", None, None)


def test_an_image_has_measures_and_thumbnails(desk):
    event = send(desk, upload(desk, PNG, "a picture.png").url, alternative_text="A lamp")
    assert event.url.endswith("/a%20picture.png")
    assert (event.content_type, event.size) == ("image/png", len(PNG))
    assert (event.width, event.height, event.alternative_text) == (640, 480, "A lamp")
    assert event.thumbnail_url.startswith(event.url)
    assert event.thumbnail2x_url.startswith(event.url)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"GIF89a" + struct.pack("<HH", 3, 4), (3, 4)),
        (
            b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08"
            + struct.pack(">HH", 7, 9)
            + b"\x01" * 6,
            (9, 7),
        ),
        (b"\x89PNG\r\n\x1a\n", (None, None)),
        (b"\xff\xd8\xff", (None, None)),
    ],
)
def test_measures_of_other_images(desk, content, size):
    file = upload(desk, content, "x.bmp")
    assert (file.width, file.height) == size


def test_a_file_may_have_another_address_of_the_sandbox(desk):
    """The one that the call of its upload came to, such as that of a container."""
    served_at = desk.world.files_url
    desk.world.files_url = "http://sandbox:8080/files/lc/att/"
    file = upload(desk, PNG, "lamp.png")
    desk.world.files_url = served_at
    event = send(desk, file.url, alternative_text="A lamp")
    assert (event.name, event.url, event.width) == ("lamp.png", file.url, 640)
    assert event.alternative_text == "A lamp"
    desk.advance(days=2)
    assert uploaded_files.find(desk.world, file.id)
    with pytest.raises(ValidationError, match="upload_file"):
        send(desk, file.url.replace("sandbox", "elsewhere"))


def test_an_unused_file_lives_for_a_day(desk):
    file = upload(desk)
    desk.advance(hours=23, minutes=59)
    assert uploaded_files.find(desk.world, file.id)
    desk.advance(minutes=2)
    assert uploaded_files.find(desk.world, file.id) is None
    with pytest.raises(ValidationError, match="expired"):
        send(desk, file.url)


def test_a_used_file_stays(desk):
    file = upload(desk)
    send(desk, file.url)
    desk.advance(days=400)
    upload(desk)
    assert uploaded_files.find(desk.world, file.id)[1] == b"hello"


def test_expired_files_are_dropped(desk):
    file = upload(desk)
    desk.advance(days=2)
    upload(desk)
    assert desk.world.store.files.content(file.id) is None


def test_ten_megabytes_are_the_most(desk):
    upload(desk, b"x" * MAX_FILE_BYTES)
    with pytest.raises(EntityTooLarge, match="10MB"):
        upload(desk, b"x" * (MAX_FILE_BYTES + 1))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("setup.exe", b"x"),
        ("setup.exe. .", b"x"),
        ("SETUP.EXE", b"x"),
        ("run.sh", b"x"),
        ("innocent.txt", b"MZ\x90\x00"),
        ("innocent.png", b"\x7fELF\x02"),
        ("script", b"#!/bin/sh\n"),
    ],
)
def test_executables_are_refused(desk, name, content):
    with pytest.raises(ValidationError, match="executable"):
        upload(desk, content, name)


NAMES = (
    "apk app bat cmd com cpl dll dmg elf exe hta jar js jse lnk msi msp pif ps1 reg run scr sh vb "
    "vbe vbs wsf wsh"
)
STARTS = (
    "4d5a 7f454c46 2321 feedface feedfacf cefaedfe cffaedfe cafebabe 6465780a"
)  # fmt: skip


@pytest.mark.parametrize("ending", NAMES.split())
def test_executables_are_refused_by_their_names(desk, ending):
    with pytest.raises(ValidationError, match="executable"):
        upload(desk, b"x", f"file.{ending}")
    assert upload(desk, b"x", f"file.{ending}.txt")


@pytest.mark.parametrize("start", STARTS.split())
def test_executables_are_refused_by_their_first_bytes(desk, start):
    with pytest.raises(ValidationError, match="executable"):
        upload(desk, bytes.fromhex(start) + b"rest", "file.bin")
    assert upload(desk, b"not " + bytes.fromhex(start), "file.bin")


def test_empty_files_are_refused(desk):
    with pytest.raises(ValidationError, match="empty"):
        upload(desk, b"")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("", "file"),
        ("ä ö.txt", "ä ö.txt"),
    ],
)
def test_names_lose_their_folders(desk, name, kept):
    assert upload(desk, name=name).name == kept


def test_the_type_is_taken_from_the_request_or_the_name(desk):
    assert upload(desk, name="a.pdf").content_type == "application/pdf"
    assert upload(desk, name="a.pdf", content_type="text/csv").content_type == "text/csv"
    generic = upload(desk, name="a.pdf", content_type="application/octet-stream")
    assert generic.content_type == "application/pdf"
    assert upload(desk, name="a.unknown").content_type == "application/octet-stream"


def test_other_urls_must_be_on_the_cdn(desk):
    event = send(desk, "https://cdn.livechat-files.com/elsewhere/old%20photo.jpg")
    assert (event.name, event.content_type) == ("old photo.jpg", "image/jpeg")
    with pytest.raises(ValidationError, match=r"`event.url`"):
        send(desk, "https://example.com/x.png")
    with pytest.raises(ValidationError, match=r"`event.url`"):
        send(desk, f"{desk.world.files_url}{desk.world.store.company.license.id}/nope/x.png")


def test_a_server_serves_files_at_its_own_address(desk):
    desk.world.files_url = "http://127.0.0.1:1234/files/"
    file = upload(desk)
    assert file.url.startswith("http://127.0.0.1:1234/files/")
    assert send(desk, file.url).name == "hello.txt"


def test_the_method_returns_the_url(desk):
    response = desk.call(UploadFile(file=b"hello"))
    assert send(desk, response.url).url == response.url
