"""Registering a bot: twice changes nothing, and what is left half-way is finished."""

import pytest

from frontdesk.auth import FileTokenStore, MemoryTokenStore
from frontdesk.bots import Bot, Context
from frontdesk.bots.registrations import BotRegistrar, BotRegistrations
from frontdesk.errors import APIError, AuthorizationError, InvalidArgument, TokenStoreError
from frontdesk.models import WebhookFilters
from frontdesk.pushes import IncomingEvent
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID, ORGANIZATION_ID

URL = "http://127.0.0.1:9/webhooks/Zr8Qw1kT0uYb"
COUNT = 6
"""How many webhooks a bot with a handler of messages has."""


def echo_bot() -> Bot:
    bot = Bot(name="Echo")

    @bot.message
    async def echo(ctx: Context) -> None:
        await ctx.reply(ctx.text)

    return bot


@pytest.fixture
def store():
    return MemoryTokenStore()


@pytest.fixture
def registrar(sandbox: Sandbox, store):
    def make(bot: Bot | None = None, token: str = "owner", **options) -> BotRegistrar:
        settings = {"organization_id": ORGANIZATION_ID, "client_id": CLIENT_ID, "url": URL}
        settings["base_url"] = sandbox.url
        client = sandbox.configuration_client(token)
        return BotRegistrar(bot or echo_bot(), client, store, **settings | options)

    return make


@pytest.fixture
def hooks(sandbox: Sandbox):
    client = sandbox.configuration_client()
    return lambda: client.list_webhooks(owner_client_id=CLIENT_ID)


@pytest.fixture
def bots(sandbox: Sandbox):
    client = sandbox.configuration_client()
    return lambda: {bot.id: bot.name for bot in client.list_bots()}


def changes(steps) -> list[str]:
    return [str(step) for step in steps if step.is_change]


def test_the_bot_and_its_webhooks_are_made_and_stored(registrar, hooks, bots, store):
    steps = []
    registration = registrar().register(steps.append)
    assert bots()[registration.bot_id] == "Echo"
    assert registration.webhooks == {hook.action: hook.id for hook in hooks()}
    assert len(registration.webhooks) == COUNT
    assert {hook.url for hook in hooks()} == {URL}
    (events,) = [hook for hook in hooks() if hook.action == "incoming_event"]
    assert events.filters is not None
    assert events.filters.author_type == "customer"
    assert str(steps[0]) == f"create bot Echo ({registration.bot_id})"
    assert BotRegistrations(store, "Echo").load(ORGANIZATION_ID) == registration


def test_the_second_time_nothing_changes(registrar, hooks, bots):
    first = registrar().register()
    before = (hooks(), bots())
    steps = []
    assert registrar().register(steps.append) == first
    assert changes(steps) == []
    assert len(steps) == 1 + COUNT
    assert (hooks(), bots()) == before


def test_a_plan_changes_nothing_and_says_what_would_be(registrar, hooks, bots, store):
    before = (hooks(), bots())
    plan = registrar().plan()
    assert changes(plan)[:2] == ["create bot Echo", "register webhook incoming_chat"]
    assert (hooks(), bots()) == before
    assert list(store.keys()) == []
    registrar().register()
    assert changes(registrar().plan()) == []


@pytest.mark.parametrize("failure", range(1, 2 + COUNT))
def test_a_failure_halfway_is_finished_by_the_next_call(
    registrar, hooks, bots, sandbox: Sandbox, failure
):
    """The request fails before it is carried out."""
    before = len(bots())
    registrar()  # its clients are made before the fault
    changing = ["create_bot", *["register_webhook"] * COUNT]
    method = changing[failure - 1]
    skip = sum(name == method for name in changing[: failure - 1])
    attempts = iter(range(skip))

    def interrupt(step) -> None:
        if step.is_change and next(attempts, None) is None and step.subject != "bot":
            raise KeyboardInterrupt

    if method == "create_bot":
        sandbox.fault("service_unavailable", method, times=20)
        with pytest.raises(APIError):
            registrar().register()
        sandbox.clear_faults()
    else:
        with pytest.raises(KeyboardInterrupt):
            registrar().register(interrupt)
    done = registrar().register()
    assert len(bots()) == before + 1
    assert sorted(done.webhooks.values()) == sorted(hook.id for hook in hooks())
    assert len(hooks()) == COUNT


def test_a_webhook_whose_response_was_lost_is_not_registered_again(registrar, hooks, store):
    done = registrar().register()
    BotRegistrations(store, "Echo").change(
        ORGANIZATION_ID, lambda present: type(done)(**{**_fields(present), "webhooks": {}})
    )
    steps = []
    assert registrar().register(steps.append) == done
    assert changes(steps) == []


def _fields(registration) -> dict:
    return {name: getattr(registration, name) for name in registration.__struct_fields__}


def test_a_webhook_that_somebody_unregistered_is_registered_again(registrar, hooks, sandbox):
    done = registrar().register()
    sandbox.configuration_client().unregister_webhook(
        id=done.webhooks["incoming_chat"], owner_client_id=CLIENT_ID
    )
    steps = []
    registrar().register(steps.append)
    assert [step.name for step in steps if step.is_change] == ["incoming_chat"]
    assert len(hooks()) == COUNT


def test_another_address_takes_the_place_of_the_old_one(registrar, hooks):
    registrar().register()
    registration = registrar(url="http://127.0.0.1:7/hooks").register()
    assert {hook.url for hook in hooks()} == {"http://127.0.0.1:7/hooks"}
    assert len(hooks()) == COUNT
    assert len(registration.webhooks) == COUNT


def test_handlers_that_need_other_events_get_them(registrar, hooks):
    registrar().register()
    bot = echo_bot()

    @bot.on(IncomingEvent)
    async def hear(ctx: Context) -> None:
        raise NotImplementedError

    registrar(bot).register()
    (events,) = [hook for hook in hooks() if hook.action == "incoming_event"]
    assert events.filters is None or events.filters.author_type is None
    assert len(hooks()) == COUNT


def test_a_webhook_with_an_unknown_secret_is_replaced(registrar, hooks, sandbox, store):
    """Its secret is told by nobody, and the bot would refuse what it sends."""
    registrar().register()
    store.delete(next(iter(store.keys())))
    before = {hook.id for hook in hooks()}
    registrar().register()
    assert len(hooks()) == COUNT
    assert not before & {hook.id for hook in hooks()}


def test_webhooks_of_others_stay(registrar, hooks, sandbox):
    other = sandbox.configuration_client().register_webhook(
        action="incoming_event",
        url="http://127.0.0.1:5/",
        secret_key="another-secret",
        owner_client_id=CLIENT_ID,
        type="license",
        filters=WebhookFilters(author_type="customer"),
    )
    registrar().register()
    registrar().unregister()
    assert [hook.id for hook in hooks()] == [other.id]


def test_a_bot_of_that_name_is_taken_over_with_a_new_secret(registrar, sandbox, bots):
    client = sandbox.configuration_client()
    made = client.create_bot(name="Echo")
    before = len(bots())
    steps = []
    registration = registrar().register(steps.append)
    assert registration.bot_id == made.id
    assert registration.bot_secret != made.secret
    assert "renew secret of bot Echo" in str(steps[1])
    assert len(bots()) == before


def test_a_secret_that_is_given_is_not_replaced(registrar, sandbox):
    made = sandbox.configuration_client().create_bot(name="Echo")
    steps = []
    registration = registrar(bot_secret=made.secret).register(steps.append)
    assert registration.bot_secret == made.secret
    assert not [step for step in steps if step.verb == "renew"]


def test_several_bots_of_one_name_are_refused(registrar, sandbox, hooks):
    client = sandbox.configuration_client()
    ids = [client.create_bot(name="Echo").id for _ in range(2)]
    with pytest.raises(InvalidArgument, match="2 bots") as raised:
        registrar().register()
    assert all(bot_id in str(raised.value) for bot_id in ids)
    assert hooks() == []


def test_a_deleted_bot_is_made_again(registrar, sandbox, bots):
    first = registrar().register()
    sandbox.configuration_client().delete_bot(id=first.bot_id)
    second = registrar().register()
    assert second.bot_id in bots()
    assert second.bot_secret != first.bot_secret


def test_the_way_back(registrar, hooks, bots, store):
    before = bots()
    registrar().register()
    steps = []
    registrar().unregister(steps.append)
    assert hooks() == []
    assert bots() == before
    assert list(store.keys()) == []
    assert [step.verb for step in steps] == ["remove"] * (COUNT + 1)
    with pytest.raises(InvalidArgument, match="no bot which is registered here"):
        registrar().unregister()


def test_the_way_back_goes_on_where_it_stopped(registrar, hooks, bots, sandbox):
    before = bots()
    registrar().register()

    def interrupt(step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        registrar().unregister(interrupt)
    registrar().unregister()
    assert hooks() == []
    assert bots() == before


def test_a_bot_that_was_there_before_is_not_deleted(registrar, sandbox, bots):
    made = sandbox.configuration_client().create_bot(name="Echo")
    registrar().register()
    registrar().unregister()
    assert made.id in bots()


def test_properties_are_registered_once(registrar, sandbox):
    bot = echo_bot()
    access = {"chat": {"agent": ["read", "write"]}}
    bot.declare_property("order", type="string", access=access, description="The order")
    with pytest.raises(InvalidArgument, match="declared already"):
        bot.declare_property("order", type="int", access=access)
    registrar(bot).register()
    definitions = sandbox.configuration_client().list_properties(owner_client_id=CLIENT_ID)
    assert definitions["order"].type == "string"
    assert definitions["order"].description == "The order"
    assert changes(registrar(bot).plan()) == []
    other = echo_bot()
    other.declare_property("order", type="int", access=access)
    assert [str(step) for step in registrar(other).plan() if step.verb == "warn"] == [
        "warn property order: it is registered as string, not int, which cannot be changed"
    ]


def test_a_wrong_property_is_refused_where_it_is_declared():
    bot = echo_bot()
    with pytest.raises(InvalidArgument, match="range"):
        bot.declare_property(
            "order",
            type="string",
            access={"chat": {"agent": ["read"]}},
            range={"from": 1, "to": 2},
        )


def test_a_token_without_the_scopes_changes_nothing(registrar, hooks, bots):
    before = bots()
    with pytest.raises(AuthorizationError):
        registrar(token="few_scopes").register()
    assert hooks() == []
    assert bots() == before


def test_a_store_that_cannot_be_written_is_noticed_before_a_bot_is_made(
    registrar, sandbox, bots, tmp_path, monkeypatch
):
    before = bots()
    store = FileTokenStore(tmp_path / "file" / "bots.json")
    (tmp_path / "file").write_text("no folder")
    made = BotRegistrar(
        echo_bot(),
        sandbox.configuration_client(),
        store,
        organization_id=ORGANIZATION_ID,
        client_id=CLIENT_ID,
        url=URL,
        base_url=sandbox.url,
    )
    with pytest.raises(TokenStoreError):
        made.register()
    assert bots() == before


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"url": "bot.example.com"}, "absolute address"),
        ({"client_id": ""}, "client_id"),
        ({"organization_id": "no such/id"}, "organization_id"),
        ({"name": "two\nlines"}, "one line"),
    ],
)
def test_wrong_arguments(registrar, options, rule):
    with pytest.raises(InvalidArgument, match=rule):
        registrar(**options).plan()


def test_a_bot_without_a_name_is_refused(registrar):
    with pytest.raises(InvalidArgument, match="name"):
        registrar(Bot())


def test_the_secrets_go_to_no_other_server(registrar):
    registrar().register()
    with pytest.raises(InvalidArgument, match="base_url"):
        registrar(base_url="https://elsewhere.example.com").register()


def test_no_secret_is_shown(registrar):
    registration = registrar().register()
    assert registration.bot_secret not in repr(registration)
    assert registration.webhook_secret not in repr(registration)


def test_other_bots_of_the_organization_stay(registrar, bots):
    registrar().register()
    registrar().unregister()
    assert BOT_ID in bots()
