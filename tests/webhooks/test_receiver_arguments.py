"""Arguments of receivers, journals and policies, and their defaults."""

import inspect
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk import Backoff, Retry
from frontdesk.errors import InvalidArgument
from frontdesk.webhooks import HandlerRetry, IncomingEvent, Journal, MemorySeen, Receiver

from ._bodies import SECRET, message

SECRETS = "`secret` must be a text that is not empty, or several"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"secret": ""}, "`secret` must be a text that is not empty, or several"),
        ({"max_body": 0}, "`max_body` must be greater than 0"),
        ({"stall_timeout": 0.0}, "`stall_timeout` must be greater than 0"),
        ({"body_timeout": -1.0}, "`body_timeout` must be greater than 0"),
        ({"stall_timeout": math.nan}, "`stall_timeout` must be greater than 0"),
        ({"stall_timeout": "5"}, "`stall_timeout` must be a number, not '5'"),
        ({"threads": 1.5}, "`threads` must be a whole number, not 1.5"),
        ({"capacity": True}, "`capacity` must be a whole number, not True"),
        ({"window": None}, "`window` must be a whole number, not None"),
        ({"retry": 3}, "`retry` must be a HandlerRetry, not 3"),
        ({"journal": 5}, "`journal` must be a directory or a Journal, not 5"),
        ({"journal": b"x"}, "`journal` must be a directory or a Journal, not b'x'"),
        ({"journal": ""}, '`directory` must not be empty; "." is the present one'),
        ({"strict": "yes"}, "`strict` must be true or false, not 'yes'"),
        ({"on_error": 5}, "`on_error` must be a function, not 5"),
        ({"seen": 5}, "`seen` must have a method `swap`, not be 5"),
        ({"on_damage": 5}, "`on_damage` must be a function that takes a Damage"),
        ({"secret": {"old": "open-sesame"}}, SECRETS),
        ({"secret": [b"open-sesame"]}, SECRETS),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Receiver(**{"secret": SECRET, **arguments})
    assert str(caught.value) == text


def test_an_error_hook_that_would_never_run_is_refused() -> None:
    async def report(webhook: object, error: Exception) -> None: ...

    def lazily(webhook: object, error: Exception) -> Iterator[None]:
        yield

    with pytest.raises(
        InvalidArgument, match=r"^`on_error` must not be an async function: nothing"
    ):
        Receiver(SECRET, on_error=report)
    with pytest.raises(InvalidArgument, match=r"^`on_error` must not be a generator: nothing"):
        Receiver(SECRET, on_error=lazily)


@pytest.mark.parametrize("secret", ["7-chars", ["open-sesame", "s"]])
def test_a_short_secret_works_with_a_warning(secret: Any, caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver(secret)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("a secret has fewer than 8 characters: it can be guessed")
    assert "7-chars" not in line
    short = secret if isinstance(secret, str) else secret[-1]
    assert receiver.handle_sync(message(secret=short)).status == 200
    receiver.close_sync()


def test_a_secret_of_eight_characters_is_no_cause_for_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Receiver("8 chars!")
    assert not caplog.records


def test_bodies_are_bytes() -> None:
    receiver = Receiver(SECRET)
    data = message()
    assert receiver.handle_sync(bytearray(data)).status == 200
    assert receiver.handle_sync(memoryview(data)).status == 200  # type: ignore[arg-type]
    for wrong in (data.decode(), None):
        with pytest.raises(InvalidArgument, match=r"^`body` must be bytes, not (str|NoneType)$"):
            receiver.handle_sync(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=r"^`timeout` must be a number of seconds or None"):
        receiver.close_sync("soon")  # type: ignore[arg-type]
    assert receiver.close_sync(0.0) == 0


def test_only_functions_can_be_handlers() -> None:
    receiver = Receiver(SECRET)

    async def lazily(webhook: object) -> AsyncIterator[None]:
        yield

    with pytest.raises(InvalidArgument, match=r"^`handler` must be a function, not 5$"):
        receiver.on(IncomingEvent)(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=r"^`handler` must not be a generator"):
        receiver.on()(lazily)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"directory": 5}, "`directory` must be the path of a directory, not 5"),
        ({"directory": b"x"}, "`directory` must be the path of a directory, not b'x'"),
        ({"directory": "a\0b"}, "`directory` must be the path of a directory, not 'a\\x00b'"),
        ({"limit": 0}, "`limit` must be 1 or more"),
        ({"limit": True}, "`limit` must be a whole number, not True"),
        ({"limit": 1e6}, "`limit` must be a whole number, not 1000000.0"),
        ({"sync": 1}, "`sync` must be true or false, not 1"),
    ],
)
def test_wrong_arguments_of_a_journal_are_named(
    arguments: dict[str, Any], text: str, folder: Path
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Journal(**{"directory": folder, **arguments})
    assert str(caught.value) == text
    assert not folder.exists()


@pytest.mark.parametrize("limit", [0, -1, "7", True, 1.5, None])
def test_a_memory_has_room_for_something(limit: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^`limit` must be"):
        MemorySeen(limit)


def test_pauses_do_not_begin_above_the_longest_one() -> None:
    text = r"^`first_pause` must not be above `longest_pause` \(2 s\)$"
    for policy in (HandlerRetry, Retry, Backoff):
        with pytest.raises(InvalidArgument, match=text):
            policy(first_pause=2.1, longest_pause=2.0)
        assert policy(first_pause=2.0, longest_pause=2.0).first_pause == 2.0
        # Whoever sets the longest pause alone means all of them.
        assert policy(longest_pause=0.01).longest_pause == 0.01


def test_the_smallest_limits_are_allowed() -> None:
    smallest = dict.fromkeys(["max_body", "concurrency", "capacity", "threads", "window"], 1)
    Receiver(SECRET, **smallest, stall_timeout=None)  # type: ignore[arg-type]


def test_a_wrong_payload_is_named() -> None:
    with pytest.raises(InvalidArgument) as caught:
        Receiver(SECRET).on(int)
    text = "`payloads` must be payloads of frontdesk.webhooks, not <class 'int'>"
    assert str(caught.value) == text


def test_an_unusable_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidArgument) as caught:
        Receiver(SECRET, journal=tmp_path / "file")
    assert str(caught.value) == "`journal` must be a directory to write in: File exists"


def defaults(function: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def test_the_defaults_are_those_that_people_tuned_their_servers_for() -> None:
    assert defaults(Receiver) == {
        "max_body": 1024 * 1024,
        "body_timeout": 10.0,
        "concurrency": 100,
        "capacity": 10_000,
        "threads": 32,
        "seen": None,
        "window": 300,
        "journal": None,
        "retry": None,
        "on_error": None,
        "stall_timeout": 10.0,
        "strict": False,
        "on_damage": None,
        "organizations": None,
        "queue": None,
    }
    assert defaults(Journal) == {"limit": 4 * 1024 * 1024, "sync": False, "disk": None}
    assert defaults(MemorySeen)["limit"] == 100_000
    assert [HandlerRetry().pause_after(attempt) for attempt in (1, 2, 3)] == [1.0, 2.0, None]
    assert HandlerRetry(attempts=100).pause_after(50) == 60.0
    assert repr(Receiver(SECRET).counts) == (
        "Counts(accepted=0, repeated=0, refused=0, handled=0, failed=0, retried=0)"
    )


def test_pauses_begin_with_the_first() -> None:
    retry = HandlerRetry(attempts=3, first_pause=0.5)
    assert [retry.pause_after(n) for n in (1, 2, 3)] == [0.5, 1.0, None]
    patient = HandlerRetry(attempts=100, first_pause=1e-18, longest_pause=10.0)
    assert patient.pause_after(99) == 1e-18 * 2.0**60


@pytest.mark.parametrize("secret", ["open-sesame\ud83d", ["open-sesame", "\udfffopen-sesame"]])
def test_a_secret_with_half_a_character_is_refused_without_being_shown(secret: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Receiver(secret)
    assert caught.value.field == "secret"
    assert "sesame" not in f"{caught.value!r} {caught.value} {caught.value.args}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_journal_needs_a_path_that_the_system_can_spell(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="`directory` has characters") as caught:
        Receiver(SECRET, journal=f"{tmp_path}/\ud83d")
    assert caught.value.__cause__ is None
