"""Every method of the sandbox has a sample, which the reference shows; it runs, and calls it."""

import runpy
from pathlib import Path

import pytest
from tools.reference.methods import ALL_ACTIONS, sample_name

SAMPLES = Path(__file__).resolve().parents[2] / "examples" / "methods"
METHODS = {
    sample_name(action): f"customer.{action.spec.name}"
    if action.spec.api == "customer"
    else action.spec.name
    for action in ALL_ACTIONS
}
"""Sample -> the method that it calls, as the record of calls names it."""
REFUSED = {"request_agent_unsuspension": ["authorization"]}
"""The errors of samples that show one: the owner, whose token they have, cannot be suspended."""


def test_there_is_a_sample_for_each_method_and_no_other():
    assert sorted(path.stem for path in SAMPLES.glob("*.py")) == sorted(METHODS)


@pytest.mark.parametrize("sample", METHODS)
def test_the_sample_runs_and_calls_its_method(sample, served, monkeypatch):
    monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["owner"])
    monkeypatch.setenv("FRONTDESK_CUSTOMER_TOKEN", served.customer_token())
    monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", served.organization_id)
    runpy.run_path(str(SAMPLES / f"{sample}.py"), run_name="__main__")
    calls = served.calls(METHODS[sample])
    assert calls
    assert [call.error for call in calls if call.error] == REFUSED.get(sample, [])
