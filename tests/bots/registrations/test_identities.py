"""The bot of each organization: its token, its clients, its webhooks."""

import asyncio
import json

import msgspec
import pytest

from frontdesk.auth import FileTokenStore, MemoryTokenStore
from frontdesk.bots import Bot, Context
from frontdesk.bots.registrations import BotRegistrar, BotRegistrations, InstalledBots
from frontdesk.errors import InvalidArgument, NotInstalled, TokenStoreDamaged
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID, ORGANIZATION_ID

OTHER = "11111111-2222-3333-4444-555555555555"


def echo_bot(**options) -> Bot:
    bot = Bot(name="Echo", **options)

    @bot.message
    async def echo(ctx: Context) -> None:
        await ctx.reply(f"Echo: {ctx.text}")

    return bot


def registered(served: Sandbox, store, bot: Bot, url: str = "http://127.0.0.1:9/"):
    registrar = BotRegistrar(
        bot,
        served.configuration_client(),
        store,
        organization_id=ORGANIZATION_ID,
        client_id=CLIENT_ID,
        url=url,
        base_url=served.url,
    )
    return registrar.register()


def test_it_acts_as_the_registered_bot(served: Sandbox):
    store = MemoryTokenStore()
    registration = registered(served, store, echo_bot())

    async def ask() -> None:
        identities = InstalledBots(store)
        identity = await identities.of(ORGANIZATION_ID)
        assert identity.bot_id == registration.bot_id
        assert await identities.of(ORGANIZATION_ID) is identity
        assert await identities.of("") is identity
        chat_id = served.customer("Ann").start_chat()
        assert (await identity.client.get_chat(chat_id=chat_id)).id == chat_id
        assert await identities.serves(ORGANIZATION_ID)
        await identities.close()

    asyncio.run(ask())


def test_strangers_are_refused(served: Sandbox):
    store = MemoryTokenStore()
    registered(served, store, echo_bot())

    async def ask() -> None:
        identities = InstalledBots(store, "Echo")
        assert not await identities.serves(OTHER)
        assert not await identities.serves("../x")
        with pytest.raises(NotInstalled, match=OTHER) as raised:
            await identities.of(OTHER)
        assert raised.value.organization_id == OTHER
        await identities.close()

    asyncio.run(ask())


def test_another_secret_of_the_bot_is_noticed(served: Sandbox):
    store = MemoryTokenStore()
    registered(served, store, echo_bot())
    registrations = BotRegistrations(store, "Echo")

    async def ask() -> None:
        identities = InstalledBots(store, max_age=0.001)
        first = await identities.of(ORGANIZATION_ID)
        registrations.change(
            ORGANIZATION_ID, lambda present: msgspec.structs.replace(present, bot_secret="new one")
        )
        while await identities.of(ORGANIZATION_ID) is first:
            await asyncio.sleep(0)
        registrations.remove(ORGANIZATION_ID)
        while await identities.serves(ORGANIZATION_ID):
            await asyncio.sleep(0)
        await identities.close()

    asyncio.run(ask())


def test_a_store_that_fails_stops_no_bot_that_knows_who_it_is(served: Sandbox, tmp_path):
    path = tmp_path / "bots.json"
    store = FileTokenStore(path)
    registered(served, store, echo_bot())

    async def ask() -> None:
        identities = InstalledBots(store, "Echo", max_age=0.001)
        first = await identities.of(ORGANIZATION_ID)
        path.write_text("{")
        for _ in range(3):
            assert await identities.of(ORGANIZATION_ID) is first
        await identities.close()
        with pytest.raises(TokenStoreDamaged):
            await identities.of(ORGANIZATION_ID)

    asyncio.run(ask())


def test_all_organizations_share_a_secret_that_a_running_receiver_knows():
    store = MemoryTokenStore()
    registrations = BotRegistrations(store, "Echo")
    secret = registrations.new_secret()

    def made(organization_id):
        from frontdesk.bots.registrations import BotRegistration

        return BotRegistration(
            name="Echo",
            organization_id=organization_id,
            client_id=CLIENT_ID,
            base_url="https://api.livechatinc.com",
            webhook_secret=registrations.new_secret(),
        )

    for organization_id in (ORGANIZATION_ID, OTHER):
        registrations.change(organization_id, lambda _, own=organization_id: made(own))
    assert len(registrations.webhook_secrets()) == 1
    assert registrations.organization_ids() == sorted([ORGANIZATION_ID, OTHER])
    assert secret != registrations.new_secret()


def test_the_receiver_takes_secret_and_organizations_of_the_store(served: Sandbox):
    store = MemoryTokenStore()
    registration = registered(served, store, echo_bot())
    receiver = echo_bot(identities=InstalledBots(store)).receiver()

    def body(organization_id: str, secret: str) -> bytes:
        webhook = {
            "webhook_id": "1",
            "secret_key": secret,
            "action": "thread_untagged",
            "organization_id": organization_id,
            "payload": {"chat_id": "c", "thread_id": "t", "tag": "x"},
        }
        return json.dumps(webhook).encode()

    async def ask() -> list[int]:
        secret = registration.webhook_secret
        statuses = [
            (await receiver.handle(body(organization_id, key))).status
            for organization_id, key in [
                (ORGANIZATION_ID, secret),
                (ORGANIZATION_ID, "another-secret"),
                (OTHER, secret),
            ]
        ]
        await receiver.close()
        return statuses

    assert asyncio.run(ask()) == [200, 401, 404]


def test_the_name_must_say_which_bot_of_the_store():
    store = MemoryTokenStore()
    with pytest.raises(InvalidArgument, match="none yet"):
        InstalledBots(store).webhook_secrets()
    with pytest.raises(InvalidArgument, match="RecordStore"):
        InstalledBots("bots.json")._organization_ids()  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="base_url"):
        InstalledBots(store, base_url="https://elsewhere.example.com")
