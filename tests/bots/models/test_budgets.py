"""What a model may cost in a chat, kept in the chat's state."""

import pickle
from types import SimpleNamespace

import msgspec
import pytest
from msgspec import Struct, field

from frontdesk.bots.models import ModelBudget, ModelUsage, tokens_of
from frontdesk.errors import BotError, InvalidArgument, ModelBudgetExceeded


class State(Struct):
    usage: ModelUsage = field(default_factory=ModelUsage)


def test_calls_and_tokens_add_up():
    budget, usage = ModelBudget(tokens=100, calls=10), ModelUsage()
    budget.charge(usage, 30)
    budget.charge(usage, 12)
    assert usage == ModelUsage(tokens=42, calls=2)


def test_the_last_call_may_exceed_the_tokens_and_the_next_is_refused():
    budget, usage = ModelBudget(tokens=100), ModelUsage()
    budget.check(usage)
    budget.charge(usage, 250)
    with pytest.raises(ModelBudgetExceeded) as caught:
        budget.check(usage)
    error = caught.value
    assert (error.unit, error.limit, error.used) == ("tokens", 100, 250)


def test_calls_are_exact():
    budget, usage = ModelBudget(calls=3), ModelUsage()
    for _ in range(3):
        budget.check(usage)
        budget.charge(usage)
    assert budget.is_spent(usage)
    with pytest.raises(ModelBudgetExceeded, match="budget of 3 calls"):
        budget.check(usage)


def test_the_error_says_what_to_do():
    error = ModelBudgetExceeded("tokens", 1, 1_500)
    assert isinstance(error, BotError)
    assert "1 token of a language model is spent (1,500 used)" in str(error)
    assert "ctx.hand_over" in str(error)


def test_the_error_survives_a_process_boundary():
    error = pickle.loads(pickle.dumps(ModelBudgetExceeded("calls", 3, 4)))
    assert (error.unit, error.limit, error.used) == ("calls", 3, 4)


def test_usage_survives_a_restart_in_the_state():
    state = State()
    ModelBudget().charge(state.usage, 70)
    later = msgspec.json.decode(msgspec.json.encode(state), type=State)
    assert later.usage == ModelUsage(tokens=70, calls=1)
    with pytest.raises(ModelBudgetExceeded):
        ModelBudget(tokens=70).check(later.usage)


def test_a_state_from_before_there_was_a_budget_has_spent_nothing():
    assert msgspec.json.decode(b"{}", type=State).usage == ModelUsage()


def test_without_limits_nothing_is_refused():
    budget, usage = ModelBudget(), ModelUsage(tokens=10**12, calls=10**9)
    budget.check(usage)
    assert not budget.is_spent(usage)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (None, 0),
        (0, 0),
        (7, 7),
        (SimpleNamespace(total_tokens=9, prompt_tokens=1, completion_tokens=1), 9),
        ({"prompt_tokens": 4, "completion_tokens": 5}, 9),
        ({"input_tokens": 4, "output_tokens": 5}, 9),
        (
            SimpleNamespace(
                input_tokens=4,
                output_tokens=5,
                cache_read_input_tokens=100,
                cache_creation_input_tokens=None,
            ),
            109,
        ),
    ],
)
def test_usage_of_the_providers_is_read(usage, tokens):
    assert tokens_of(usage) == tokens


@pytest.mark.parametrize(
    "usage",
    [
        -1,
        1.5,
        "7",
        True,
        [],
        {},
        object(),
        {"total_tokens": -1},
        {"input_tokens": "4"},
        float("nan"),
    ],
)
def test_what_is_no_usage_is_refused_and_nothing_counted(usage):
    spent = ModelUsage()
    with pytest.raises(InvalidArgument, match="tokens"):
        ModelBudget().charge(spent, usage)
    assert spent == ModelUsage()


def test_the_error_says_what_it_was():
    with pytest.raises(InvalidArgument, match="must be a number or a usage, not list"):
        tokens_of([])


@pytest.mark.parametrize("calls", [-1, 1.5, True])
def test_calls_that_are_no_number_are_refused(calls):
    spent = ModelUsage()
    with pytest.raises(InvalidArgument, match="calls"):
        ModelBudget().charge(spent, 1, calls=calls)
    assert spent == ModelUsage()


@pytest.mark.parametrize("limits", [{"tokens": 0}, {"calls": -1}, {"tokens": "1"}, {"calls": True}])
def test_limits_that_are_none_are_refused(limits):
    with pytest.raises(InvalidArgument, match=next(iter(limits))):
        ModelBudget(**limits)
