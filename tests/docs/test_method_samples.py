"""Every method of the sandbox has a sample, which the reference shows; it runs, and calls it."""

import runpy
from pathlib import Path

import pytest

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.sandbox.apis import HANDLERS

SAMPLES = Path(__file__).resolve().parents[2] / "examples" / "methods"
METHODS = sorted(
    action.spec.name
    for action in (*ACTIONS.values(), *CONFIGURATION_ACTIONS.values())
    if action in HANDLERS
)


def test_there_is_a_sample_for_each_method_and_no_other():
    assert sorted(path.stem for path in SAMPLES.glob("*.py")) == METHODS


@pytest.mark.parametrize("method", METHODS)
def test_the_sample_runs_and_calls_its_method(method, served, monkeypatch):
    monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["owner"])
    monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", served.organization_id)
    runpy.run_path(str(SAMPLES / f"{method}.py"), run_name="__main__")
    calls = served.calls(method)
    assert calls
    assert [call.error for call in calls if call.error] == []
