"""Responses to calls that fail: HTTP status and envelope."""

import json

import pytest

from frontdesk.errors import API_ERRORS, MisdirectedRequest, NotFound, ValidationError
from frontdesk.sandbox.calls.responses import MAX_MESSAGE, STATUSES, error_response, status_of


def test_the_envelope_has_type_and_message_and_data_if_there_are_any():
    response = error_response(ValidationError("`a` is missing"))
    assert (response.status, response.content_type) == (400, "application/json")
    assert json.loads(response.body) == {
        "error": {"type": "validation", "message": "`a` is missing"}
    }
    response = error_response(MisdirectedRequest("Wrong region", data={"region": "fra"}))
    assert response.status == 421
    assert json.loads(response.body)["error"]["data"] == {"region": "fra"}


@pytest.mark.parametrize(("error", "status"), [(NotFound("x"), 404), (ValidationError("x"), 400)])
def test_the_status_follows_the_type(error, status):
    assert status_of(error) == status


def test_statuses_are_of_types_that_there_are():
    assert STATUSES.keys() <= API_ERRORS.keys()


@pytest.mark.parametrize("length", [1, MAX_MESSAGE, MAX_MESSAGE + 1, 200_000])
def test_no_message_is_longer_than_the_limit(length):
    sent = "a" + "x" * (length - 2) + "z" if length > 1 else "a"
    message = json.loads(error_response(NotFound(sent)).body)["error"]["message"]
    assert len(message) == min(length, MAX_MESSAGE)
    assert (message[0], message[-1]) == (sent[0], sent[-1])
    assert (message == sent) is (length <= MAX_MESSAGE)
