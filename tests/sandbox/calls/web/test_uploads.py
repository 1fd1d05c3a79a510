"""Forms with files, as the clients of several languages send them."""

import json
import sys

import pytest

from frontdesk.actions.agent.events import MAX_FILE_BYTES
from frontdesk.errors import EntityTooLarge, ValidationError
from frontdesk.sandbox.apis.agent.files import Upload
from frontdesk.sandbox.calls.web.uploads import MAX_BODY, MAX_PARTS, read_upload

from .... import forked

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x03\x08\x06\x00\x00\x00"


def form(*parts, boundary="b0undary"):
    body = b""
    for disposition, extra, content in parts:
        body += f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n".encode()
        body += extra + b"\r\n" + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def upload(http, *parts, **options):
    content_type, body = form(*parts)
    return http("upload_file", body, headers={"content-type": content_type}, **options)


def test_the_file_is_read_byte_for_byte():
    content = bytes(range(256)) * 3 + b"\r\n--b0undar\r\n"
    kind, body = form(('name="file"; filename="a.bin"', b"Content-Type: image/png\r\n", content))
    assert read_upload(kind, body) == Upload("a.bin", "image/png", content)


def test_other_parts_and_quoted_boundaries_are_fine():
    kind, body = form(('name="note"', b"", b"x"), ('name="file"; filename="é.txt"', b"", b"hi"))
    kind = kind.replace("b0undary", '"b0undary"; charset=utf-8')
    assert read_upload(kind, body) == Upload("é.txt", "", b"hi")


@pytest.mark.parametrize("content_type", [b"te\x01xt/plain", b"nonsense", b"text/\xff", b"a/b c"])
def test_content_types_that_are_none_count_as_not_given(content_type):
    kind, body = form(
        ('name="file"; filename="a"', b"Content-Type: " + content_type + b"\r\n", b"x")
    )
    assert read_upload(kind, body).content_type == ""


def test_a_part_without_a_file_name_is_a_file_too():
    kind, body = form(('name="file"', b"", b"hi"))
    assert read_upload(kind, body) == Upload("file", "", b"hi")


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", b"{}", "`Content-Type` must be multipart/form-data"),
        ("multipart/form-data", b"", "`Content-Type` must be multipart/form-data"),
        ("", b"", "`Content-Type` must be multipart/form-data"),
        ("multipart/form-data; boundary=b", b"", "`file` is required"),
        ("multipart/form-data; boundary=b", b"no form", "not a valid form"),
        (f"multipart/form-data; boundary={'b' * 300}", b"no form", "not a valid form"),
        (*form(('name="picture"; filename="a"', b"", b"x")), "`file` is required"),
    ],
)
def test_other_bodies_are_refused(content_type, body, message):
    with pytest.raises(ValidationError, match=message):
        read_upload(content_type, body)


def test_a_body_that_is_too_long_is_refused():
    with pytest.raises(EntityTooLarge):
        read_upload("multipart/form-data; boundary=b", b"x" * (MAX_BODY + 1))


def test_an_uploaded_file_is_served_back(http):
    response = upload(
        http, ('name="file"; filename="pixel.png"', b"Content-Type: image/png\r\n", PNG)
    )
    url = json.loads(response.body)["url"]
    assert url.startswith(http.sandbox.url)
    got = http.sandbox.backend.respond("GET", url.removeprefix(http.sandbox.url), {})
    assert (got.status, got.body, got.content_type) == (200, PNG, "image/png")
    assert ("X-Content-Type-Options", "nosniff") in got.headers


def test_an_uploaded_file_can_be_sent(http):
    response = upload(
        http, ('name="file"; filename="pixel.png"', b"Content-Type: image/png\r\n", PNG)
    )
    url = json.loads(response.body)["url"]
    chat_id = http.ok("start_chat")["chat_id"]
    http.ok("send_event", {"chat_id": chat_id, "event": {"type": "file", "url": url}})
    (event,) = [
        event
        for event in http.ok("get_chat", {"chat_id": chat_id})["thread"]["events"]
        if event["type"] == "file"
    ]
    assert (event["name"], event["url"], event["width"], event["height"]) == (
        "pixel.png",
        url,
        2,
        3,
    )


def test_unused_files_are_gone_after_a_day(http):
    response = upload(http, ('name="file"; filename="a.txt"', b"", b"hi"))
    path = json.loads(response.body)["url"].removeprefix(http.sandbox.url)
    http.sandbox.advance(24 * 3600 - 1)
    assert http.sandbox.backend.respond("GET", path, {}).status == 200
    http.sandbox.advance(2)
    assert http.sandbox.backend.respond("GET", path, {}).status == 404


def test_files_of_more_than_10_mb_are_too_large(http):
    part = 'name="file"; filename="a.dat"'
    response = upload(http, (part, b"", b"x" * (MAX_FILE_BYTES + 1)))
    assert response.status == 413
    assert json.loads(response.body)["error"] == {
        "type": "entity_too_large",
        "message": "Upload limit exceeded (10MB).",
    }
    assert upload(http, (part, b"", b"x" * MAX_FILE_BYTES)).status == 200


@pytest.mark.parametrize(
    ("name", "content"), [("setup.exe", b"hi"), ("notes.txt", b"MZ\x90"), ("run", b"#!/bin/sh\n")]
)
def test_executables_are_refused(http, name, content):
    response = upload(http, (f'name="file"; filename="{name}"', b"", content))
    assert (response.status, json.loads(response.body)["error"]["type"]) == (400, "validation")


def test_uploads_need_a_token_and_no_scope(http):
    part = ('name="file"; filename="a.txt"', b"", b"hi")
    assert upload(http, part, token=None).status == 401
    assert upload(http, part, token="few_scopes").status == 200


@pytest.mark.parametrize("path", ["/files/lc/att/", "/files/lc/att/1/2/3", "/files/lc/att/../../x"])
def test_there_are_no_other_files(sandbox, path):
    response = sandbox.backend.respond("GET", path, {})
    assert (response.status, json.loads(response.body)["error"]["type"]) == (404, "not_found")


def test_forms_of_very_many_parts_are_refused():
    few = [(f'name="p{number}"', b"", b"1") for number in range(MAX_PARTS - 1)]
    file = ('name="file"; filename="a"', b"", b"hi")
    assert read_upload(*form(*few, file)).content == b"hi"
    with pytest.raises(ValidationError, match="more than 100 parts"):
        read_upload(*form(*few, file, file))
    kind, body = form(few[0])
    with pytest.raises(ValidationError, match="more than 100 parts"):
        read_upload(kind, body.removesuffix(b"--b0undary--\r\n") * 90_000)


def test_a_missing_file_is_told_in_few_words():
    parts = [(f'name="{"p" * 2000}{number}"', b"", b"1") for number in range(50)]
    with pytest.raises(ValidationError, match="`file` is required") as caught:
        read_upload(*form(*parts))
    assert len(str(caught.value)) < 1000


def test_what_is_wrong_with_a_form_is_no_news_for_the_terminal():
    program = """if True:
        from frontdesk.errors import ValidationError
        from frontdesk.sandbox.calls.web.uploads import read_upload
        try:
            read_upload('multipart/form-data; boundary="b"', b"--b is not the boundary")
        except ValidationError as error:
            print(error.message)
    """
    ran = forked.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.startswith("the request is not a valid form")
    assert ran.stderr == ""
