"""Scopes that a method needs in some case only: refused without them, and done with them."""

from collections.abc import Callable
from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.actions import CONFIGURATION_ACTIONS, ExtraScopes
from frontdesk.errors import AuthorizationError
from frontdesk.sandbox import Sandbox

NEW: dict[str, Any] = {"id": "new@example.com", "name": "New"}
JONES = "jones@example.com"
CASES: dict[tuple[str, str], tuple[str, Callable[[ConfigurationClient], Any]]] = {
    ("create_agent", "`awaiting_approval` false"): (
        "awaiting_approval",
        lambda client: client.create_agent(**NEW, awaiting_approval=False),
    ),
    ("create_agent", "a role above `normal`"): (
        "role",
        lambda client: client.create_agent(**NEW, role="administrator"),
    ),
    ("update_agent", "another role"): (
        "role",
        lambda client: client.update_agent(id=JONES, role="administrator"),
    ),
    ("delete_agent", "another agent"): ("id", lambda client: client.delete_agent(id=JONES)),
    ("list_canned_responses", "`include_all_private` true"): (
        "include_all_private",
        lambda client: client.list_canned_responses(include_all_private=True),
    ),
}
"""Method and case -> the field that makes the case, and a call of it."""
DECLARED: dict[tuple[str, str], ExtraScopes] = {
    (name, extra.when): extra
    for name, action in CONFIGURATION_ACTIONS.items()
    if action.spec.group != "batch"
    for extra in action.spec.extra_scopes
}


def test_each_case_is_tried() -> None:
    assert CASES.keys() == DECLARED.keys()


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_case_needs_its_scopes(sandbox: Sandbox, case: tuple[str, str]) -> None:
    field, work = CASES[case]
    extra, scopes = DECLARED[case], list(CONFIGURATION_ACTIONS[case[0]].spec.scopes.names)

    def client(*names: str) -> ConfigurationClient:
        token = sandbox.issue_token("smith@example.com", scopes=[*scopes, *names])
        return sandbox.configuration_client(token, version="3.7")

    for lacking in extra.names:
        others = [name for name in extra.names if name != lacking]
        with pytest.raises(AuthorizationError, match=f"`{field}`.*{lacking}"):
            work(client(*others))
    work(client(*extra.names))
