"""A client for each organization: its own token, meter and budget, on shared connections."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from frontdesk import errors
from frontdesk.auth import MemoryTokenStore
from frontdesk.installations import InstallationStore

from ._app import App, MakeApp


def refused(app: App, organization_id: Any) -> Any:
    with pytest.raises(errors.NotInstalled) as caught:
        app.of(organization_id)
    return caught.value


def test_each_organization_has_a_client_with_a_token_and_a_meter_of_its_own(app: App) -> None:
    first, second = app.organization("A"), app.organization("B")
    app.install(first)
    app.install(second)
    app.call(first)
    app.call(first)
    app.call(second)
    assert app.of(first) is app.of(first)
    assert app.of(first) is not app.of(second)
    assert {key: meter.requests for key, meter in app.clients.meters().items()} == {
        first: 2, second: 1,
    }  # fmt: skip


def test_a_budget_is_that_of_one_organization(make_app: MakeApp) -> None:
    app = make_app(budget=1)
    first, second = app.organization(), app.organization()
    app.install(first)
    app.install(second)
    app.call(first)
    with pytest.raises(errors.BudgetExceeded):
        app.call(first)
    app.call(second)


def test_a_budget_may_depend_on_the_installation(make_app: MakeApp) -> None:
    app = make_app(budget=lambda each: 0 if each.organization_id == poor else None)
    poor, rich = app.organization(), app.organization()
    app.install(poor)
    app.install(rich)
    app.call(rich)
    with pytest.raises(errors.BudgetExceeded):
        app.call(poor)


def test_calls_are_told_with_the_organization(make_app: MakeApp) -> None:
    told: list[tuple[str, str]] = []
    app = make_app("sync", on_call=lambda key, call: told.append((key, call.action)))
    organization_id = app.organization()
    app.install(organization_id)
    app.clients[organization_id].list_chats()
    assert told == [(organization_id, "list_chats")]


def test_an_organization_that_has_not_installed_the_app(app: App) -> None:
    stranger = app.organization()
    error = refused(app, stranger)
    assert error.organization_id == stranger
    assert str(error).endswith("Have somebody of the organization install the app")
    for nonsense in ("", "../../etc", "a:token", "x" * 1000, None, ["list"]):
        refused(app, nonsense)
    assert app.api.sent == app.accounts.sent == 0


@pytest.mark.parametrize("waiting", [100])
def test_one_refresh_for_all_who_wait_and_none_for_other_organizations(
    app: App, waiting: int
) -> None:
    first, second = app.organization(), app.organization()
    app.install(first)
    app.install(second)
    app.end_access_tokens()
    if app.is_async:

        async def all_at_once() -> None:
            client = await app.clients.of(first)
            await asyncio.gather(*(client.list_chats() for _ in range(waiting)))

        app.run(all_at_once())
    else:
        barrier = threading.Barrier(20)

        def call() -> None:
            barrier.wait()
            for _ in range(waiting // 20):
                app.call(first)

        with ThreadPoolExecutor(20) as pool:
            for done in [pool.submit(call) for _ in range(20)]:
                done.result()
    assert app.done("refresh_token") == 1
    app.call(second)
    assert app.done("refresh_token") == 2


def test_another_process_uses_the_token_that_was_renewed_here(app: App, make_app: MakeApp) -> None:
    organization_id = app.organization()
    app.install(organization_id)
    other = make_app(app.kind, store=InstallationStore(app.store.tokens))
    other.call(organization_id)
    app.end_access_tokens()
    app.call(organization_id)
    other.call(organization_id)
    assert app.done("refresh_token") == 1


def test_each_of_many_organizations_is_refreshed_once(make_app: MakeApp) -> None:
    app = make_app("async")
    ids = [app.organization() for _ in range(40)]
    for organization_id in ids:
        app.install(organization_id)
    app.end_access_tokens()

    async def call(organization_id: str) -> None:
        client = await app.clients.of(organization_id)
        await client.list_chats()

    async def all_at_once() -> None:
        await asyncio.gather(*(call(key) for key in ids for _ in range(5)))

    app.run(all_at_once())
    assert app.done("refresh_token") == len(ids)
    # Each was refused once: it is the sandbox's clock that was moved.
    assert {meter.requests for meter in app.clients.meters().values()} == {10}


def test_one_client_for_all_who_ask_for_it_first(make_app: MakeApp) -> None:
    app = make_app("sync")
    bystander, organization_id = app.organization(), app.organization()
    app.install(bystander)
    app.of(bystander)
    app.clients._budget = lambda _: app.of(bystander) and None  # may ask for another client
    app.install(organization_id)
    barrier = threading.Barrier(8)

    def ask(_: int) -> Any:
        barrier.wait()
        return app.of(organization_id)

    with ThreadPoolExecutor(8) as pool:
        assert len({id(client) for client in pool.map(ask, range(8))}) == 1


def test_a_client_that_was_handed_out_notices_that_another_process_uninstalled(
    app: App, make_app: MakeApp
) -> None:
    organization_id = app.organization()
    app.install(organization_id)
    client = app.of(organization_id)
    app.run(client.list_chats())
    other = make_app(app.kind, store=InstallationStore(app.store.tokens))
    other.run(other.installer().uninstall(organization_id))
    with pytest.raises(errors.NotInstalled) as caught:
        app.run(client.list_chats())
    assert type(caught.value) is errors.NotInstalled
    assert app.ended == []
    refused(app, organization_id)


def test_revoked_tokens_end_the_installation_and_are_told_once(app: App, make_app: MakeApp) -> None:
    organization_id, bystander = app.organization(), app.organization()
    app.install(organization_id)
    app.install(bystander)
    other = make_app(app.kind, store=InstallationStore(app.store.tokens))
    other.call(organization_id)
    app.call(organization_id)
    grant = app.store.tokens.load(app.store.token_key(organization_id))
    assert grant is not None
    app.run(app.oauth.revoke(grant))  # by the organization's admin, say

    for each in (app, other, app):
        with pytest.raises(errors.InstallationEnded, match="install the app again") as caught:
            each.call(organization_id)
        assert isinstance(caught.value, errors.LoginRequired)
        assert caught.value.organization_id == organization_id
    (told,) = app.ended + other.ended
    assert told.organization_id == organization_id
    assert not told.is_active
    assert "invalid_grant" in told.ended_because
    stored = app.store.load(organization_id)
    assert stored == told
    app.call(bystander)
    # Asking again costs no request.
    sent = app.accounts.sent
    assert isinstance(refused(app, organization_id), errors.InstallationEnded)
    assert app.accounts.sent == sent


def test_what_on_ended_raises_is_logged(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no mail today")

    for kind in ("sync", "async"):
        app = make_app(kind, on_ended=fail)
        organization_id = app.organization()
        app.install(organization_id)
        app.store.tokens.delete(app.store.token_key(organization_id))
        with pytest.raises(errors.InstallationEnded):
            app.call(organization_id)
    assert caplog.text.count("no mail today") >= 2


def test_an_installation_that_was_renewed_meanwhile_is_not_ended(app: App) -> None:
    organization_id = app.organization()
    old = app.install(organization_id)
    client = app.of(organization_id)
    new = app.install(organization_id)
    assert app.store.end(old) is None
    assert app.store.load(organization_id) == new
    app.run(client.list_chats())  # one that was handed out before
    assert app.of(organization_id) is not client
    assert app.of(organization_id).meter is client.meter


def test_installing_again_takes_effect_at_once_after_the_tokens_were_revoked(app: App) -> None:
    organization_id = app.organization()
    app.install(organization_id)
    app.call(organization_id)
    app.run(app.clients.revoke(organization_id))
    with pytest.raises(errors.InstallationEnded):
        app.call(organization_id)
    app.install(organization_id)
    app.call(organization_id)


def test_what_another_process_changes_is_noticed_after_a_while(make_app: MakeApp) -> None:
    app = make_app(recheck=60.0)
    now = 0.0
    app.clients._clock = lambda: now
    organization_id = app.organization()
    app.install(organization_id)
    app.call(organization_id)
    InstallationStore(app.store.tokens).remove(organization_id)
    assert app.of(organization_id)
    now = 61.0
    refused(app, organization_id)


def test_all_organizations_in_turn(app: App) -> None:
    ids = sorted(app.organization() for _ in range(3))
    for organization_id in ids:
        app.install(organization_id)
    installation = app.store.load(ids[1])
    assert installation is not None
    app.store.end(installation)

    if app.is_async:

        async def keys() -> list[str]:
            return [key async for key, _ in app.clients.items()]

        found = app.run(keys())
    else:
        found = [key for key, client in app.clients.items() if client.list_chats()]
    assert found == [ids[0], ids[2]]
    assert app.store.organization_ids() == ids


def test_clients_that_were_closed(app: App) -> None:
    organization_id = app.organization()
    app.install(organization_id)
    client = app.of(organization_id)
    app.run(client.close())
    app.install(organization_id)
    app.call(organization_id)  # closing one leaves the connections to the others
    app.run(app.clients.close())
    with pytest.raises(errors.ClientClosed):
        app.of(organization_id)


def test_no_secret_is_shown(app: App) -> None:
    organization_id = app.organization()
    app.install(organization_id)
    grant = app.store.tokens.load(app.store.token_key(organization_id))
    assert grant is not None
    assert grant.refresh_token is not None
    token = app.run(app.clients.token_of(organization_id))
    shown = " ".join(
        repr(each)
        for each in (
            app.clients,
            app.store,
            app.store.load(organization_id),
            token,
            app.installer(),
        )
    )
    assert grant.refresh_token not in shown
    assert grant.access_token not in shown


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"base_url": ""}, "base_url"),
        ({"timeout": -1}, "timeout"),
        ({"version": "three"}, "version"),
        ({"recheck": -1}, "recheck"),
        ({"budget": -1}, "budget"),
        ({"on_call": 7}, "on_call"),
        ({"on_ended": 7}, "on_ended"),
        ({"transport": object()}, "transport"),
    ],
)
def test_arguments_that_do_not_fit(app: App, options: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        type(app.clients)(app.store, oauth=app.oauth, **{"base_url": app.sandbox.url, **options})
    assert caught.value.field == field


def test_stores_and_log_ins_of_another_kind_are_refused(app: App) -> None:
    other: Any = {"oauth": object()}
    with pytest.raises(errors.InvalidArgument, match="oauth"):
        type(app.clients)(app.store, **other)
    with pytest.raises(errors.InvalidArgument, match="store"):
        type(app.clients)(MemoryTokenStore(), oauth=app.oauth)
    with pytest.raises(errors.InvalidArgument, match="RecordStore"):
        InstallationStore({})  # type: ignore[arg-type]


def moved(app: App, organization_id: str) -> None:
    """Have the store believe that the organization is in another data centre."""
    stored = app.store.load(organization_id)
    assert stored is not None
    app.store.change(stored, lambda each: msgspec.structs.replace(each, region="fra"))


def test_a_region_that_a_server_names_is_kept(make_app: MakeApp) -> None:
    for kind in ("sync", "async"):
        app = make_app(kind)
        organization_id = app.organization()
        app.install(organization_id)
        moved(app, organization_id)
        app.call(organization_id)
        assert app.api.sent == 2, "one that was misdirected, and one to the region named"
        if app.is_async:
            app.run(asyncio.wait(app.clients._keeping))
        stored = app.store.load(organization_id)
        assert stored is not None
        assert stored.region == "dal"
        # A process that begins later sends its first request there.
        later = make_app(kind, store=app.store)
        later.call(organization_id)
        assert later.api.sent == 1


def test_a_store_that_keeps_no_region_does_not_fail_the_call(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    organization_id = app.organization()
    app.install(organization_id)
    moved(app, organization_id)
    client = app.of(organization_id)

    def change(*_: object) -> None:
        raise errors.TokenStoreUnavailable("the disk is full")

    app.store.change = change  # type: ignore[method-assign,assignment]
    app.run(client.list_chats())
    app.run(app.clients.close())
    assert "the disk is full" in caplog.text
