"""Whoever asked for the verification of an e-mail address hears of it, once."""

import asyncio
from pathlib import Path

import pytest

from frontdesk.errors import ValidationError
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.webhooks.delivery import RETRIES

from ...webhooks._target import Target, settled

EMAIL = "ann@example.com"


def test_the_callbacks_follow_the_link(sandbox: Sandbox, target: Target) -> None:
    ann = sandbox.customer("Ann", email=EMAIL)
    client = sandbox.customer_client(ann.id)
    client.request_email_verification(callback_uri=f"{target.url}/first")
    asyncio.run(
        sandbox.async_customer_client(ann.id).request_email_verification(
            callback_uri=f"{target.url}/second"
        )
    )
    settled(sandbox)
    assert target.got == []
    ann.verify_email()
    settled(sandbox)
    assert sorted(target.paths) == ["/webhooks/first", "/webhooks/second"]
    assert target.got == [{"email": EMAIL}] * 2
    first, _ = sandbox.webhooks.all("delivered")
    assert (first.action, first.webhook_id) == ("request_email_verification", "")
    assert first.webhook == {"email": EMAIL}


def test_a_verified_address_is_called_back_at_once(sandbox: Sandbox, target: Target) -> None:
    ann = sandbox.customer("Ann", email=EMAIL)
    client = sandbox.customer_client(ann.id)
    client.request_email_verification(callback_uri=target.url)
    ann.verify_email()
    client.request_email_verification(callback_uri=target.url)
    settled(sandbox)
    assert target.got == [{"email": EMAIL}] * 2


def test_a_callback_that_fails_is_not_repeated(target: Target) -> None:
    with Sandbox(running=False) as sandbox:
        target.respond = lambda _: 503
        ann = sandbox.customer("Ann", email=EMAIL)
        sandbox.customer_client(ann.id).request_email_verification(callback_uri=target.url)
        ann.verify_email()
        settled(sandbox)
        sandbox.advance(RETRIES[-1] + 1)
        settled(sandbox)
        (letter,) = sandbox.webhooks.dead_letters()
        assert [attempt.status for attempt in letter.attempts] == [503]
        assert letter.next_attempt_at is None
        assert len(target.got) == 1
        assert sandbox.webhooks.counts.retries == 0


@pytest.mark.parametrize("uri", ["https://shop.example/verified", "http://10.0.0.1/"])
def test_nothing_is_sent_where_webhooks_may_not_go(sandbox: Sandbox, uri: str) -> None:
    ann = sandbox.customer("Ann", email=EMAIL)
    sandbox.customer_client(ann.id).request_email_verification(callback_uri=uri)
    ann.verify_email()
    assert ann.profile.email_verified is True
    (letter,) = sandbox.webhooks.dead_letters()
    assert letter.url == uri
    assert "`callback_uri`: this sandbox sends webhooks" in (letter.attempts[0].error or "")


def test_the_sandbox_never_calls_itself_back(served: Sandbox) -> None:
    ann = served.customer("Ann", email=EMAIL)
    uri = f"{served.url}/__sandbox__/reset"
    served.customer_client(ann.id).request_email_verification(callback_uri=uri)
    ann.verify_email()
    (letter,) = served.webhooks.dead_letters()
    assert "to the sandbox itself" in (letter.attempts[0].error or "")


def test_a_request_is_for_the_address_of_its_time(sandbox: Sandbox, target: Target) -> None:
    ann = sandbox.customer("Ann", email=EMAIL)
    client = sandbox.customer_client(ann.id)
    client.request_email_verification(callback_uri=target.url)
    client.update_customer(email="other@example.com")
    with pytest.raises(ValidationError, match="asked for"):
        ann.verify_email()
    assert ann.profile.email_verified is False
    settled(sandbox)
    assert target.got == []


def test_requests_and_callbacks_outlive_the_process(tmp_path: Path, target: Target) -> None:
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path) as sandbox:
        ann = sandbox.customer("Ann", email=EMAIL)
        sandbox.customer_client(ann.id).request_email_verification(callback_uri=target.url)
    with Sandbox("empty", db=path) as sandbox:
        sandbox.customer("Ann").verify_email()
        settled(sandbox)
        assert target.got == [{"email": EMAIL}]


def test_nobody_listens_to_the_world_for_callbacks_alone(sandbox: Sandbox, target: Target) -> None:
    ann = sandbox.customer("Ann", email=EMAIL)
    sandbox.customer_client(ann.id).request_email_verification(callback_uri=target.url)
    listened = sandbox.backend.world.listened
    ann.verify_email()
    settled(sandbox)
    assert target.got
    assert sandbox.backend.world.listened is listened is False


def test_the_console_tells_of_a_callback_once(sandbox: Sandbox, target: Target) -> None:
    from frontdesk.sandbox.control.console.feed import Feed

    feed = Feed(sandbox.backend)
    feed.listen()
    ann = sandbox.customer("Ann", email=EMAIL)
    sandbox.customer_client(ann.id).request_email_verification(callback_uri=target.url)
    ann.verify_email()
    settled(sandbox)
    told = b"\n".join(feed.after(0).happenings)
    feed.stop()
    assert told.count(b'"state":"delivered"') == 1
    assert b'"kind":"push"' in told
    assert b'"action":""' not in told
