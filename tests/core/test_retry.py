"""When a call is tried again, at the edges of the rules."""

import pytest

from frontdesk import InvalidArgument, Retry
from frontdesk.errors import ServiceUnavailable


def test_the_defaults() -> None:
    retry = Retry()
    assert (retry.attempts, retry.first_pause, retry.longest_pause) == (3, 0.5, 30.0)


@pytest.mark.parametrize(
    ("retry_after", "allowed"), [(None, True), (4.9, True), (5.0, True), (5.1, False)]
)
def test_a_pause_up_to_the_longest_is_waited_for(retry_after: float | None, allowed: bool) -> None:
    error = ServiceUnavailable("so")
    retry = Retry(longest_pause=5)
    assert retry.allows(error, attempt=1, repeatable=False, retry_after=retry_after) is allowed


def test_the_last_attempt_is_the_last() -> None:
    retry, error = Retry(attempts=2), ServiceUnavailable("so")
    assert retry.allows(error, attempt=1, repeatable=False)
    assert not retry.allows(error, attempt=2, repeatable=False)


def test_a_first_pause_above_the_longest_is_refused() -> None:
    with pytest.raises(
        InvalidArgument, match=r"must not be above `longest_pause` \(5 s\)"
    ) as caught:
        Retry(first_pause=6, longest_pause=5)
    assert caught.value.field == "first_pause"
    assert Retry(first_pause=5, longest_pause=5).first_pause == 5


def test_the_default_first_pause_may_be_above_the_longest() -> None:
    assert Retry(longest_pause=0.1).longest_pause == 0.1
