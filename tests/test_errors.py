"""The tree of errors: one class per type, texts that say what to do, errors that can be sent."""

import copy
import inspect
import pickle
from typing import Any

import pytest

from frontdesk import errors
from frontdesk.errors import APIError, FrontdeskError, api_error

from .documented import spec

TYPES = [
    "agent_offline",
    "authentication",
    "authorization",
    "chat_inactive",
    "entity_too_large",
    "internal",
    "license_expired",
    "license_not_found",
    "limit_reached",
    "misdirected_request",
    "missing_access",
    "not_found",
    "pending_requests_limit_reached",
    "request_timeout",
    "requester_already_offline",
    "requester_awaiting_approval",
    "requester_suspended",
    "seats_limit_exceeded",
    "service_unavailable",
    "too_many_requests",
    "unsupported_version",
    "validation",
    "wrong_product_version",
    "already_exists",
    "group_not_found",
    "ownership_transfer",
    "not_allowed",
    "chat_already_active",
    "chat_anonymized",
    "transfer_ownership",
    "customer_banned",
    "greeting_not_found",
    "group_offline",
    "group_unavailable",
    "groups_offline",
    "users_limit_reached",
]

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)
           if issubclass(cls, FrontdeskError)]  # fmt: skip
SPECIAL: dict[type[FrontdeskError], FrontdeskError] = {
    errors.InvalidArgument: errors.InvalidArgument("event.text", "must not be empty"),
    errors.MissingDependency: errors.MissingDependency("x", ["uvicorn"], "frontdesk[sandbox]"),
    errors.UnexpectedArgument: errors.UnexpectedArgument("chat", "is not a field"),
    errors.BudgetExceeded: errors.BudgetExceeded(10),
    errors.ModelBudgetExceeded: errors.ModelBudgetExceeded("tokens", 1_000, 1_200),
    errors.Disconnected: errors.Disconnected("misdirected_connection", "fra"),
    errors.DecodeError: errors.DecodeError("not JSON", path="$.a", excerpt="<html>"),
    errors.NotTheAPI: errors.NotTheAPI("a page", excerpt="<html>"),
}


def an_error(cls: type[FrontdeskError]) -> Any:
    if cls in SPECIAL:
        error: Any = SPECIAL[cls]
    elif issubclass(cls, APIError):
        data = {"region": "fra"}
        error = cls(
            "no way", type=cls.error_type or "brand_new", data=data, status=400, action="x",
            request_id="D1", attempts=2,
        )  # fmt: skip
    elif issubclass(cls, errors.TransportError):
        error = cls("gone", maybe_sent=False)
    else:
        error = cls("no way")
    if isinstance(error, errors.TransportError):
        error.action, error.attempts = "send_event", 3
    if isinstance(error, errors.NotTheAPI):
        error.status = 502
    error.add_note("while testing")
    return error


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize(
    "again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)  # fmt: skip
def test_a_copied_error_is_the_same_error(cls: type[FrontdeskError], again: Any) -> None:
    error = an_error(cls)
    copied = again(error)
    assert type(copied) is cls
    assert vars(copied) == vars(error)
    assert str(copied) == str(error)
    assert copied.args == error.args


@pytest.mark.parametrize("type", TYPES)
def test_each_documented_type_has_a_class(type: str) -> None:
    error = api_error(type, "Some text", data={"a": 1}, status=400, action="get_chat",
                      request_id="D1", attempts=2)  # fmt: skip
    assert error.__class__ is errors.API_ERRORS[type]
    assert error.__class__ is not errors.UnknownAPIError
    assert (error.type, error.message, error.data) == (type, "Some text", {"a": 1})
    assert (error.status, error.action, error.request_id, error.attempts) == (
        400, "get_chat", "D1", 2,
    )  # fmt: skip


def test_each_class_has_one_type_and_is_listed() -> None:
    assert sorted(errors.API_ERRORS) == sorted(TYPES)
    for type, cls in errors.API_ERRORS.items():
        assert cls.error_type == type
        assert cls.__name__ in errors.__all__
    assert {cls.__name__ for cls in CLASSES} <= set(errors.__all__)


def test_every_type_of_the_specification_has_a_class() -> None:
    types = spec("error_types")["error_types"]
    assert len(types) == 23
    assert set(types) <= set(errors.API_ERRORS)


def test_a_new_type_has_a_class_to_catch_and_tells_its_name() -> None:
    error = api_error("moon_phase", "Not today")
    assert isinstance(error, errors.UnknownAPIError)
    assert error.type == "moon_phase"
    assert str(error).startswith("moon_phase: Not today. ")


@pytest.mark.parametrize("cls", [*errors.API_ERRORS.values(), errors.UnknownAPIError])
def test_each_error_of_the_api_says_what_to_do(cls: type[APIError]) -> None:
    text = str(cls("Some text", action="get_chat", status=403, request_id="D1", attempts=2))
    start = f"get_chat: {cls.error_type}: Some text (HTTP 403, 2 attempts, request id D1). "
    assert text == start + cls.next_step
    assert len(cls.next_step) > 10
    assert not cls.next_step.endswith(".")


def test_the_text_leaves_out_what_is_not_known() -> None:
    assert str(errors.NotFound()) == f"not_found. {errors.NotFound.next_step}"
    assert str(errors.EntityTooLarge("Upload limit exceeded (10MB).", status=413)).startswith(
        "entity_too_large: Upload limit exceeded (10MB) (HTTP 413). Send less"
    )


def test_a_transport_error_tells_the_method_and_the_attempts() -> None:
    error = errors.RequestTimeout("no response")
    assert str(error) == "no response"
    error.action, error.attempts = "get_chat", 3
    assert str(error) == "get_chat: no response (tried 3 times)"


def test_what_may_have_been_sent() -> None:
    assert not errors.ConnectError("x").maybe_sent
    assert errors.RequestTimeout("x").maybe_sent
    assert errors.ConnectionClosed("x").maybe_sent
    assert not errors.ConnectionClosed("x", maybe_sent=False).maybe_sent


def test_a_wrong_argument_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match=r"`event\.text` must not be empty"):
        raise errors.InvalidArgument("event.text", "must not be empty")


@pytest.mark.parametrize("data", [None, {}, {"region": 3}, [], "fra"])
def test_a_misdirection_without_a_region_has_none(data: Any) -> None:
    assert errors.MisdirectedRequest(data=data).region is None


def test_a_misdirection_tells_the_region() -> None:
    assert errors.MisdirectedRequest(data={"region": "fra"}).region == "fra"


def test_no_error_hides_a_builtin_when_all_names_are_imported() -> None:
    import builtins

    assert not set(errors.__all__) & set(vars(builtins))


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = errors.__doc__ or ""
    for cls in CLASSES:
        if not issubclass(cls, APIError) or cls in (APIError, errors.UnknownAPIError):
            assert cls.__name__ in drawn


def test_a_message_is_one_line_of_bearable_length() -> None:
    message = "a\x1b[31mred\nCRITICAL forged\x85\u2028" + "y" * 100_000
    error = api_error("validation", message, action="send_event", request_id="1\n2", status=400)
    assert str(error).isprintable()
    assert len(str(error)) < 1_300
    assert "HTTP 400" in str(error)
    assert error.message == message
    assert error.request_id == "1\n2"


def test_a_new_type_is_shown_in_the_same_way() -> None:
    error = api_error("brand\nnew" + "z" * 100_000, "m", action="send_event")
    assert str(error).isprintable()
    assert len(str(error)) < 1_300
    assert error.type.startswith("brand\nnew")


@pytest.mark.parametrize("kind", [errors.ConnectError, errors.ConnectionClosed, errors.NotTheAPI])
def test_what_a_proxy_sent_is_shown_on_one_line(kind: type[FrontdeskError]) -> None:
    error = kind("the proxy says:\n  b'x'\r\nCRITICAL\x1b[31m")
    assert str(error).isprintable()
    assert str(error).startswith("the proxy says:   b'x'")
    assert all(text.isprintable() for text in error.args)
