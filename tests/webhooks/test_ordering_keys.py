"""Which webhooks wait for each other, and which are handled at the same time."""

import asyncio
from typing import Any

import pytest

from frontdesk.webhooks import Receiver

from ._bodies import OWN, SECRET, body, sample
from .test_receiver import run

OF_A_CHAT = [
    path.stem
    for path in sorted(OWN.glob("*.json"))
    if "QW12ER34TY" in path.read_text(encoding="utf-8")
]
SUBJECTS = [
    ["agent_created", "agent_updated", "agent_suspended", "agent_unsuspended", "agent_deleted"],
    ["bot_created", "bot_updated", "bot_deleted"],
    ["group_created", "group_updated", "group_deleted"],
    ["tag_created", "tag_updated", "tag_deleted"],
]


async def begun_at_once(*webhooks: dict[str, Any]) -> list[str]:
    """The actions that a receiver begins with while no handler finishes."""
    receiver = Receiver(SECRET)
    begun: list[str] = []

    @receiver.on()
    async def wait(webhook: Any) -> None:
        begun.append(webhook.action)
        await asyncio.Event().wait()

    for webhook in webhooks:
        assert (await receiver.handle(body(webhook))).status == 200
    for _ in range(5):
        await asyncio.sleep(0)
    assert await receiver.close(0) == len(webhooks)
    return begun


def test_whatever_is_about_a_chat_waits_for_the_chat() -> None:
    async def test() -> None:
        assert len(OF_A_CHAT) > 15
        first = sample("incoming_event")
        for action in OF_A_CHAT:
            if action == "incoming_event":
                continue  # the same one would be a repeat
            assert await begun_at_once(first, sample(action)) == ["incoming_event"], action

    run(test)


def test_an_unknown_webhook_of_a_chat_waits_for_it() -> None:
    async def test() -> None:
        unknown = {**sample("thread_tagged"), "action": "thread_pinned"}
        assert await begun_at_once(sample("incoming_event"), unknown) == ["incoming_event"]
        other = {**unknown, "payload": {"chat_id": "ANOTHER000"}}
        begun = await begun_at_once(sample("incoming_event"), other)
        assert begun == ["incoming_event", "thread_pinned"]

    run(test)


def with_id(action: str, **ids: Any) -> dict[str, Any]:
    """A webhook of the configuration about the thing with this id."""
    webhook = sample(action)
    payload = webhook["payload"]
    inner = payload.get(action.partition("_")[0])
    (inner if isinstance(inner, dict) else payload).update(ids)
    return webhook


@pytest.mark.parametrize("actions", SUBJECTS, ids=lambda actions: actions[0])
def test_what_is_about_one_agent_bot_group_or_tag_waits(actions: list[str]) -> None:
    async def test() -> None:
        name = "name" if actions[0].startswith("tag") else "id"
        one: Any = 7 if actions[0].startswith("group") else "one"
        another: Any = 8 if actions[0].startswith("group") else "another"
        same = [with_id(action, **{name: one}) for action in actions]
        assert await begun_at_once(*same) == actions[:1]
        other = with_id(actions[-1], **{name: another})
        assert await begun_at_once(same[0], other) == [actions[0], actions[-1]]

    run(test)


def test_the_chats_of_two_organizations_are_two() -> None:
    async def test() -> None:
        first = sample("incoming_event")
        second = {**first, "organization_id": "another"}
        assert len(await begun_at_once(first, second)) == 2

    run(test)


def test_statuses_of_an_agent_wait_for_other_changes_of_the_agent() -> None:
    """The order is that of the pushes of an RTM session."""

    async def test() -> None:
        agent = sample("agent_updated")["payload"]["id"]
        status = sample("routing_status_set")
        status["payload"]["agent_id"] = agent
        status["organization_id"] = sample("agent_updated")["organization_id"]
        assert await begun_at_once(sample("agent_updated"), status) == ["agent_updated"]
        status["payload"]["agent_id"] = "another"
        assert len(await begun_at_once(sample("agent_updated"), status)) == 2

    run(test)


def test_session_fields_of_a_customer_without_a_chat_wait_for_each_other() -> None:
    async def test() -> None:
        first = sample("customer_session_fields_updated")
        del first["payload"]["active_chat"]
        second = {**first, "payload": {**first["payload"], "session_fields": []}}
        assert len(await begun_at_once(first, second)) == 1
        second["payload"]["id"] = "another"
        assert len(await begun_at_once(first, second)) == 2

    run(test)


@pytest.mark.parametrize("action", ["auto_accesses_updated", "brand_new"])
def test_what_is_about_nothing_in_particular_waits_for_its_own_kind(action: str) -> None:
    async def test() -> None:
        first = {**sample("auto_accesses_updated"), "action": action}
        second = {**first, "requester": {"account_id": "another"}}
        assert await begun_at_once(first, second) == [action]
        assert len(await begun_at_once(first, sample("agent_updated"))) == 2

    run(test)
