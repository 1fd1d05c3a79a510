"""What a language model may cost in one chat."""

from typing import Any

from msgspec import Struct

from frontdesk.errors import InvalidArgument, ModelBudgetExceeded
from frontdesk.spec.arguments import check_count

__all__ = ["ModelBudget", "ModelUsage", "tokens_of"]


class ModelUsage(Struct):
    """What a language model has cost in a chat so far: a field of the chat's state.

    ::

        class State(Struct):
            usage: ModelUsage = field(default_factory=ModelUsage)
    """

    tokens: int = 0
    """Tokens of what it was given and of what it wrote."""
    calls: int = 0
    """How often it was called."""


class ModelBudget(Struct, frozen=True, kw_only=True):
    """What a language model may cost in a chat.

    What was used is in the chat's state, and survives restarts with it. The state is saved when the
    handler has succeeded: what a handler has used before it failed is not counted.
    """

    tokens: int | None = None
    """The most tokens; ``None`` is no limit. They are counted after a call, since nobody knows them
    before: the last call may exceed the limit."""
    calls: int | None = None
    """The most calls; ``None`` is no limit."""

    def __post_init__(self) -> None:
        for name in ("tokens", "calls"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))

    def check(self, usage: ModelUsage) -> None:
        """Call this before each call of the model.

        Raises:
            ModelBudgetExceeded: The tokens or the calls are used up.
        """
        if self.calls is not None and usage.calls >= self.calls:
            raise ModelBudgetExceeded("calls", self.calls, usage.calls)
        if self.tokens is not None and usage.tokens >= self.tokens:
            raise ModelBudgetExceeded("tokens", self.tokens, usage.tokens)

    def charge(self, usage: ModelUsage, tokens: Any = 0, *, calls: int = 1) -> None:
        """Call this after each call of the model, also after one that failed.

        Args:
            usage: The chat's, which grows.
            tokens: How many the call took: a number, or the ``usage`` of a response of OpenAI's or
                Anthropic's client (see ``tokens_of``).
            calls: How many calls it were.

        Raises:
            InvalidArgument: A number is negative, or none at all; nothing was counted.
        """
        if type(calls) is not int or calls < 0:
            raise InvalidArgument("calls", f"must be a whole number of at least 0, not {calls!r}")
        usage.tokens += tokens_of(tokens)
        usage.calls += calls

    def is_spent(self, usage: ModelUsage) -> bool:
        """Tell whether ``check`` would raise."""
        try:
            self.check(usage)
        except ModelBudgetExceeded:
            return True
        return False


FIELDS = (
    # What is read from a cache or written to one is not in Anthropic's `input_tokens`.
    ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"),
    ("prompt_tokens", "completion_tokens"),
)


def tokens_of(usage: Any) -> int:
    """Return the tokens of a call, those that were read and those that were written.

    Args:
        usage: A number, ``None`` for none, or an object or dict with ``total_tokens``, with
            ``prompt_tokens`` and ``completion_tokens``, or with ``input_tokens`` and
            ``output_tokens``, as responses of OpenAI's and Anthropic's clients have it in
            ``usage``.

    Raises:
        InvalidArgument: It is none of these, or negative.
    """
    if usage is None:
        return 0
    if isinstance(usage, int):
        return _count(usage)
    total = _get(usage, "total_tokens")
    if total is not None:
        return _count(total)
    for names in FIELDS:
        counts = [_get(usage, name) for name in names]
        if any(count is not None for count in counts):
            return sum(_count(count) for count in counts if count is not None)
    raise InvalidArgument("tokens", f"must be a number or a usage, not {type(usage).__name__}")


def _get(usage: Any, name: str) -> Any:
    return usage.get(name) if isinstance(usage, dict) else getattr(usage, name, None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise InvalidArgument("tokens", f"must be a whole number of at least 0, not {value!r}")
    return value
