"""Webhooks of many organizations: each with a client of its own, and those of strangers."""

import logging
from typing import Any

import pytest

from frontdesk import errors
from frontdesk.auth import MemoryTokenStore
from frontdesk.installations import InstallationStore
from frontdesk.webhooks import IncomingEvent, Receiver, Webhook, WebhookResponse

from ..webhooks._bodies import SECRET, body, sample
from ._app import App


def incoming(organization_id: str, text: str = "hello") -> bytes:
    webhook = sample("incoming_event")
    webhook["secret_key"] = SECRET
    webhook["organization_id"] = organization_id
    webhook["payload"]["event"] |= {"id": f"E{len(text)}_1", "text": text}
    return body(webhook)


def receive(app: App, receiver: Receiver, *bodies: bytes) -> list[WebhookResponse]:
    async def main() -> list[WebhookResponse]:
        responses = [await receiver.handle(each) for each in bodies]
        await receiver.close()
        return responses

    return app.runner.run(main())


def test_a_webhook_reaches_the_client_of_its_organization(app: App) -> None:
    first, second = app.organization(), app.organization()
    app.install(first)
    app.install(second)
    receiver = Receiver(SECRET, organizations=app.clients)

    async def reply_async(webhook: Webhook[IncomingEvent]) -> None:
        client = await app.clients.of(webhook.organization_id)
        await client.list_chats()

    def reply(webhook: Webhook[IncomingEvent]) -> None:
        app.clients.of(webhook.organization_id).list_chats()

    if app.is_async:
        receiver.on(IncomingEvent)(reply_async)
    else:
        receiver.on(IncomingEvent)(reply)
    responses = receive(
        app, receiver, incoming(first), incoming(second), incoming(first, "once more")
    )
    assert [each.status for each in responses] == [200, 200, 200]
    meters = app.clients.meters()
    assert (meters[first].requests, meters[second].requests) == (2, 1)


def test_a_handler_gets_the_client_of_the_organization(app: App) -> None:
    first, second = app.organization(), app.organization()
    app.install(first)
    app.install(second)
    receiver = Receiver(SECRET, organizations=app.clients)
    got: list[tuple[str, Any]] = []

    async def note_async(webhook: Webhook[IncomingEvent], client: Any) -> None:
        got.append((webhook.organization_id, client))

    def note(webhook: Webhook[IncomingEvent], client: Any) -> None:
        got.append((webhook.organization_id, client))

    right, wrong = (note_async, note) if app.is_async else (note, note_async)
    assert app.clients.on(receiver, IncomingEvent)(right) is right
    with pytest.raises(errors.InvalidArgument, match="handler"):
        app.clients.on(receiver, IncomingEvent)(wrong)
    receive(app, receiver, incoming(first), incoming(second))
    assert sorted(got, key=str) == sorted(
        [(first, app.of(first)), (second, app.of(second))], key=str
    )


def test_a_handler_of_an_organization_that_left_meanwhile_fails_with_a_typed_error(
    app: App,
) -> None:
    class All:
        async def serves(self, organization_id: str) -> bool:
            return True

    failed: list[Exception] = []
    receiver = Receiver(SECRET, organizations=All(), on_error=lambda _, error: failed.append(error))

    async def note_async(_webhook: Any, _client: Any) -> None: ...

    app.clients.on(receiver)(note_async if app.is_async else lambda _webhook, _client: None)
    (response,) = receive(app, receiver, incoming("org-1"))
    assert response.status == 200
    assert [type(each) for each in failed] == [errors.NotInstalled]


@pytest.mark.parametrize("name", ["", "never-heard-of", "a:token", "../x", "ö" * 500])
def test_a_webhook_of_a_stranger_is_refused(
    app: App, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    handled: list[Any] = []
    receiver = Receiver(SECRET, organizations=app.clients)
    receiver.on(IncomingEvent)(handled.append)
    with caplog.at_level(logging.WARNING):
        (response,) = receive(app, receiver, incoming(name))
    assert response.status == 404
    assert "has not installed this app" in response.text
    assert len(response.text) < 200
    assert handled == []
    assert receiver.counts.refused == 1
    assert "refused a webhook: 404" in caplog.text


def test_an_organization_that_has_uninstalled_the_app_is_a_stranger(app: App) -> None:
    organization_id = app.organization()
    installer = app.installer()
    app.install(organization_id, installer)
    receiver = Receiver(SECRET, organizations=app.clients)
    receiver.on(IncomingEvent)(lambda _: None)
    app.run(installer.uninstall(organization_id))
    (response,) = receive(app, receiver, incoming(organization_id))
    assert response.status == 404


def test_webhooks_of_an_installation_that_has_ended_are_accepted(app: App) -> None:
    """They may be handled without the API, and kept until somebody logs in again."""
    organization_id = app.organization()
    app.store.end(app.install(organization_id))
    failed: list[Exception] = []
    receiver = Receiver(
        SECRET, organizations=app.clients, on_error=lambda _, error: failed.append(error)
    )

    @receiver.on(IncomingEvent)
    async def reply(webhook: Webhook[IncomingEvent]) -> None:
        client = app.clients.of(webhook.organization_id)
        await client

    (response,) = receive(app, receiver, incoming(organization_id))
    assert response.status == 200
    assert [type(each) for each in failed] == [errors.InstallationEnded]


def test_a_wrong_secret_does_not_tell_who_has_installed_the_app(app: App) -> None:
    asked: list[str] = []

    class Asked:
        async def serves(self, organization_id: str) -> bool:
            asked.append(organization_id)
            return True

    receiver = Receiver("another-secret", organizations=Asked())
    (response,) = receive(app, receiver, incoming("org-1"))
    assert response.status == 401
    assert asked == []


class Broken(MemoryTokenStore):
    def read(self, key: str) -> Any:
        raise errors.TokenStoreUnavailable("the disk is gone")


def test_webhooks_come_again_when_the_store_fails(app: App) -> None:
    app.clients.store = InstallationStore(Broken())
    receiver = Receiver(SECRET, organizations=app.clients)
    (response,) = receive(app, receiver, incoming("org-1"))
    assert response.status == 503
    assert response.headers["retry-after"]


def test_what_cannot_tell_is_refused() -> None:
    nobody: Any = ["org-1"]
    with pytest.raises(errors.InvalidArgument, match="organizations"):
        Receiver(SECRET, organizations=nobody)
