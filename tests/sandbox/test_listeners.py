"""Functions that hear of calls and of webhooks."""

import logging

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.listeners import Listeners


def test_each_hears_until_it_is_stopped():
    listeners: Listeners[int] = Listeners()
    first, second = [], []
    stop = listeners.add(first.append)
    listeners.add(second.append)
    listeners.tell(1)
    stop()
    stop()
    listeners.tell(2)
    assert (first, second) == ([1], [1, 2])


def test_what_one_raises_changes_nothing(sandbox: Sandbox, caplog):
    heard = []
    sandbox.webhooks.subscribe(lambda delivery: 1 / 0)
    sandbox.webhooks.subscribe(heard.append)
    sandbox.backend.recorder.subscribe(lambda call: 1 / 0)
    sandbox.configuration_client().register_webhook(
        action="incoming_chat",
        url="http://127.0.0.1:9/",
        secret_key="x",
        owner_client_id="x",
        type="license",
    )
    assert sandbox.customer("Ann").start_chat()
    assert heard[0].action == "incoming_chat"
    records = [record for record in caplog.records if record.name == "frontdesk.sandbox"]
    assert {record.getMessage() for record in records} == {"a listener of the sandbox failed"}
    assert {record.levelno for record in records} == {logging.ERROR}


@pytest.mark.parametrize("listener", [None, 5, "print"])
def test_what_is_no_function_is_refused(sandbox: Sandbox, listener):
    with pytest.raises(InvalidArgument, match="`listener` must be a function"):
        sandbox.webhooks.subscribe(listener)
