"""Responses that may be plain text."""

import json

import pytest

from frontdesk.codec.plain_text import as_object


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b'{"transcript": "hello"}', "application/json", "hello"),
        (b'{"transcript": "hello"}', "", "hello"),
        (b'{"transcript": "hello"}', "text/plain", "hello"),
        (b'"hello"', "application/json; charset=utf-8", "hello"),
        (b'"hello"', "", "hello"),
        (b'"hello"', "text/plain", "hello"),
        (b"hello", "text/plain", "hello"),
        ("\ufeffZażółć".encode(), "text/plain; charset=utf-8", "Zażółć"),
        (b"42", "Text/Plain", "42"),
        (b"[1]", "text/plain", "[1]"),
        (b"{not json", "text/plain", "{not json"),
    ],
)
def test_each_becomes_the_object(body, content_type, text):
    assert json.loads(as_object(body, "transcript", content_type)) == {"transcript": text}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"hello", "application/json"),
        (b"<html>", "text/html"),
        (b"[1]", ""),
        (b"null", ""),
        (b"\xff", ""),
    ],
)
def test_the_rest_is_left_to_the_decoder(body, content_type):
    assert as_object(body, "transcript", content_type) == body
