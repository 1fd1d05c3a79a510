"""``Sandbox`` in Python: worlds, clocks, snapshots, clients and customers."""

import ssl
import threading
from datetime import UTC, datetime, timedelta, timezone

import anyio
import pytest

from frontdesk.errors import (
    APIError,
    ChatInactive,
    ConnectError,
    ForeignFile,
    InvalidArgument,
    StoreError,
    StoreInUse,
)
from frontdesk.models import (
    Custom,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
)
from frontdesk.sandbox import Sandbox


def texts(events):
    return [event.text for event in events if event.type == "message"]


def test_a_customer_and_an_agent_talk(sandbox, agent_client, customer):
    said = customer.say("hello")
    agent_client.send_event(chat_id=customer.chat_id, event=Message(text="Hi, Ann"))
    assert texts(customer.transcript()) == ["hello", "Hi, Ann"]
    assert said.author_id == customer.id
    assert customer.profile.chat_ids == [customer.chat_id]


def test_normal_agents_see_only_the_trace_of_a_deleted_event(sandbox, customer):
    said = customer.say("my PIN")
    sandbox.delete_event(said.id)
    shown = sandbox.client("agent").get_chat(chat_id=customer.chat_id).thread.events[0]
    assert (shown.type, shown.original_type, shown.deleted) == ("deleted", "message", True)
    assert not hasattr(shown, "text")


def test_nobody_sees_the_events_of_a_restricted_thread(sandbox, agent_client, customer):
    thread_id = customer.say("long ago").id.rpartition("_")[0]
    sandbox.restrict_thread(thread_id, "older than 60 days")
    thread = agent_client.get_chat(chat_id=customer.chat_id).thread
    assert (thread.restricted_access, thread.events) == ("older than 60 days", [])


def test_the_async_client_sees_the_same_world(sandbox, async_agent_client, customer):
    customer.say("hello")

    async def read():
        chat = await async_agent_client.get_chat(chat_id=customer.chat_id)
        return texts(chat.thread.events)

    assert anyio.run(read) == ["hello"]


def test_it_is_an_async_context_too():
    async def use():
        async with Sandbox("empty") as sandbox:
            return await sandbox.async_client().start_chat()

    assert anyio.run(use).chat_id


def test_customers_are_found_by_name(sandbox):
    assert sandbox.customer("Ann").id == sandbox.customer("Ann").id
    assert sandbox.customer("Ann").id != sandbox.customer("Ben").id
    one = sandbox.customer("Cid", email="cid@example.com", session_fields=[{"plan": "gold"}])
    assert (one.profile.email, one.profile.session_fields) == (
        "cid@example.com",
        [{"plan": "gold"}],
    )


def test_customers_do_what_customers_do(sandbox, agent_client):
    customer = sandbox.customer("Ann")
    customer.visit("https://example.com/shop", "Shop")
    chat_id = customer.start_chat(Message(text="hello"), group_ids=(1,))
    assert chat_id == customer.chat_id
    customer.send(Custom(content={"cart": 3}))
    customer.type("I wo")
    elements = [
        RichMessageElement(
            buttons=[RichMessageButton(text="Yes", postback_id="yes", type="message", value="Yes!")]
        )
    ]
    card = RichMessage(template_id="quick_replies", elements=elements)
    sent = agent_client.send_event(chat_id=chat_id, event=card)
    customer.press(sent.event_id, RichMessagePostback(id="yes", toggled=True))
    customer.see()
    customer.rate("bad", "too slow")
    customer.close_chat()
    customer.leave()
    chat = agent_client.get_chat(chat_id=chat_id)
    assert chat.thread is not None
    assert chat.thread.id == customer.thread_id
    assert texts(chat.thread.events) == ["hello", "Yes!"]
    assert chat.thread.properties["rating"] == {"score": 0, "comment": "too slow"}
    assert customer.profile.visit.last_pages[0].title == "Shop"
    with pytest.raises(ChatInactive):
        customer.send(Message(text="one more"))


def test_what_customers_are_refused_changes_nothing(sandbox, customer):
    with pytest.raises(InvalidArgument):
        customer.say("")
    with pytest.raises(APIError):
        customer.start_chat(group_ids=(77,))
    assert customer.chat_id is None


def test_the_clock_is_moved_forward(sandbox):
    before = sandbox.now
    assert sandbox.advance(60) - before >= timedelta(seconds=60)
    assert sandbox.advance(timedelta(hours=1)) - before >= timedelta(seconds=3660)
    noon = sandbox.now + timedelta(days=2)
    assert sandbox.advance_to(noon) >= noon
    with pytest.raises(InvalidArgument, match="only goes forward"):
        sandbox.advance_to(before)
    with pytest.raises(InvalidArgument, match="time zone"):
        sandbox.advance_to(datetime(2030, 1, 1))
    with pytest.raises(InvalidArgument):
        sandbox.advance(-1)


def test_a_stopped_clock_starts_where_it_is_told():
    start = datetime(2030, 5, 4, 12, tzinfo=UTC)
    with Sandbox("empty", start=start, running=False) as sandbox:
        assert sandbox.now - start < timedelta(seconds=1)
        sandbox.advance(3600)
        assert sandbox.now - start < timedelta(seconds=3601)
    with pytest.raises(InvalidArgument, match="time zone"):
        Sandbox(start=datetime(2030, 1, 1))


def story(sandbox):
    client = sandbox.client()
    chat_id = client.start_chat(continuous=True).chat_id
    events = [client.send_event(chat_id=chat_id, event=Message(text=str(n))) for n in range(3)]
    return chat_id, [event.event_id for event in events], sandbox.customer("Zed").id


def test_the_same_random_seed_gives_the_same_ids():
    stories = []
    for random_seed in (7, 7, 8):
        with Sandbox("empty", random_seed=random_seed) as sandbox:
            stories.append(story(sandbox))
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


def test_reset_repeats_the_same_ids(sandbox):
    first = story(sandbox)
    sandbox.reset()
    assert story(sandbox) == first
    sandbox.reset("empty")
    assert sandbox.backend.seed == "empty"


def test_a_snapshot_brings_back_everything(sandbox, agent_client):
    chat_id = agent_client.start_chat().chat_id
    sandbox.advance(60)
    snapshot, then = sandbox.snapshot(), sandbox.now
    after = story(sandbox)
    agent_client.deactivate_chat(id=chat_id)
    sandbox.advance(3600)
    sandbox.restore(snapshot)
    assert agent_client.get_chat(chat_id=chat_id).thread.active
    assert sandbox.now - then < timedelta(seconds=60)
    assert story(sandbox) == after
    with pytest.raises(ForeignFile):
        sandbox.restore(b"something else")


def test_a_snapshot_of_another_sandbox_is_welcome(sandbox):
    chat_id = sandbox.client().start_chat().chat_id
    with Sandbox("empty") as other:
        other.restore(sandbox.snapshot())
        assert other.client().get_chat(chat_id=chat_id).id == chat_id


def test_a_database_file_keeps_the_world(tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path) as sandbox:
        first = story(sandbox)
        with pytest.raises(StoreInUse):
            Sandbox(db=path)
    with Sandbox("demo", db=path) as sandbox:
        assert texts(sandbox.client().get_chat(chat_id=first[0]).thread.events) == ["0", "1", "2"]
        assert story(sandbox)[0] != first[0]
        sandbox.reset("empty")
    with Sandbox(db=path) as sandbox, pytest.raises(APIError):
        sandbox.client().get_chat(chat_id=first[0])


@pytest.mark.parametrize(
    "part", ["seed_of", "Faults", "Pipeline", "DeliveryQueue", "shifts.follow", "RateLimits"]
)
@pytest.mark.parametrize("error", [StoreError("full"), RuntimeError("defect"), KeyboardInterrupt()])
def test_what_fails_after_the_file_is_open_closes_it(tmp_path, monkeypatch, part, error):
    """The error is still there, and with it everything that was begun."""
    path = tmp_path / "desk.db"
    Sandbox("empty", db=path).close()

    def fail(*_, **__):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(f"frontdesk.sandbox.backend.{part}", fail)
        with pytest.raises(type(error)) as raised:
            Sandbox("empty", db=path, work_schedules=True)
    assert raised.value is error
    Sandbox("empty", db=path).close()


def test_a_world_knows_what_it_began_with(tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox("empty", random_seed=-7, db=path) as sandbox:
        first = story(sandbox)
    with Sandbox("quiet", random_seed=5, db=path) as sandbox:
        assert (sandbox.backend.seed, sandbox.backend.random_seed) == ("empty", -7)
        assert repr(sandbox).startswith("<Sandbox empty ")
        sandbox.reset()
        assert len(sandbox.client().list_routing_statuses()) == 1
        assert story(sandbox) == first
        sandbox.reset("quiet", random_seed=10**30)
        snapshot = sandbox.snapshot()
    with Sandbox("empty", db=path) as sandbox, Sandbox("empty") as other:
        for desk in (sandbox, other):
            desk.restore(snapshot)
            desk.reset(random_seed=4)
            assert (desk.backend.seed, desk.backend.random_seed) == ("quiet", 4)


def test_the_draws_of_faults_follow_the_random_seed_of_the_world():
    def draws(sandbox):
        sandbox.fault("internal", "list_chats", rate=0.5)
        client = sandbox.client(retry=None)
        outcomes = []
        for _ in range(30):
            try:
                client.list_chats()
            except APIError:
                outcomes.append(False)
            else:
                outcomes.append(True)
        return outcomes

    with Sandbox("empty", random_seed=9) as sandbox, Sandbox("empty", random_seed=8) as other:
        expected = draws(sandbox)
        assert draws(other) != expected
        other.reset(random_seed=9)
        assert draws(other) == expected


def test_a_moved_clock_goes_on_when_the_file_is_opened_again(tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path) as sandbox:
        before = sandbox.snapshot()
        left = sandbox.advance(timedelta(days=10))
        sandbox.client().start_chat()
    with Sandbox(db=path) as sandbox:
        assert left < sandbox.now < left + timedelta(days=1)
        sandbox.restore(before)
    with Sandbox(db=path) as sandbox:
        assert sandbox.now < left - timedelta(days=9)


def test_the_clock_stops_before_the_calendar_ends():
    with (
        Sandbox("empty", start=datetime(8950, 1, 1, tzinfo=UTC)) as sandbox,
        pytest.raises(InvalidArgument, match="beyond the year 9000"),
    ):
        sandbox.advance(timedelta(days=36500))


@pytest.mark.parametrize(
    "timestamp",
    [
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 1),
    ],
)
def test_timestamps_have_a_time_in_utc(sandbox, timestamp):
    for field, use in {
        "timestamp": sandbox.advance_to,
        "date_from": lambda timestamp: sandbox.delete_threads(date_from=timestamp),
        "date_to": lambda timestamp: sandbox.delete_threads(date_to=timestamp),
        "start": lambda timestamp: Sandbox("empty", start=timestamp),
    }.items():
        with pytest.raises(InvalidArgument) as caught:
            use(timestamp)
        assert caught.value.field == field


@pytest.mark.parametrize("year", [1, 1969, 9000, 9999])
def test_the_clock_does_not_begin_where_it_could_not_go_on(year):
    with pytest.raises(InvalidArgument) as caught:
        Sandbox("empty", start=datetime(year, 6, 1, tzinfo=UTC))
    assert str(caught.value) == "`start` must be in the years 1970 to 8999"


@pytest.mark.parametrize("year", [1970, 8999])
def test_a_company_has_its_history_in_every_year(year):
    with Sandbox("demo", start=datetime(year, 1, 1, tzinfo=UTC), running=False) as sandbox:
        threads = sandbox.client().list_archives(limit=100).found_chats
        sandbox.restore(sandbox.snapshot())
        assert sandbox.now.year == year
        assert sandbox.client().list_archives(limit=100).found_chats == threads > 0


def test_tokens_and_license_last_for_ten_years():
    def outcome(sandbox, token):
        try:
            sandbox.client(token).list_chats()
        except APIError as error:
            return error.error_type
        return "ok"

    with Sandbox("empty", running=False) as sandbox:
        sandbox.advance(timedelta(days=3649))
        names = ("owner", "pat")
        assert [outcome(sandbox, name) for name in names] == ["ok", "ok"]
        sandbox.advance(timedelta(days=1))
        assert [outcome(sandbox, name) for name in names] == ["authentication", "license_expired"]
        sandbox.reset()
        assert [outcome(sandbox, name) for name in names] == ["ok", "ok"]


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("shopping list " * 100)
    with pytest.raises(ForeignFile):
        Sandbox(db=path)
    assert path.read_text().startswith("shopping list")


def test_unknown_seeds_are_refused():
    with pytest.raises(InvalidArgument, match="seed"):
        Sandbox("galaxy")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", None),
        ("random_seed", "7"),
        ("random_seed", True),
        ("start", "2026-01-01"),
        ("running", 1),
        ("served", "no"),
        ("tls", None),
        ("open_control", "false"),
    ],
)
def test_arguments_of_another_type_are_refused(name, value):
    with pytest.raises(InvalidArgument) as caught:
        Sandbox(**{name: value})
    assert caught.value.field == name


def test_each_token_has_a_name(sandbox):
    assert list(sandbox.tokens) == ["owner", "agent", "pat", "bot", "few_scopes", "expired"]
    assert sandbox.client("agent").list_chats().found_chats >= 0
    assert sandbox.client("dal:sandbox-owner").list_chats().found_chats >= 0


def test_clients_may_share_it_between_threads(sandbox, agent_client):
    chat_id = agent_client.start_chat(continuous=True).chat_id
    failures = []

    def write(name):
        try:
            client = sandbox.client()
            for n in range(50):
                client.send_event(chat_id=chat_id, event=Message(text=f"{name}{n}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    ids = [event.id for event in agent_client.get_chat(chat_id=chat_id).thread.events]
    assert len(set(ids)) == len(ids) >= 200


def test_served_over_http(served):
    assert served.url.startswith("http://127.0.0.1:")
    with served.client() as client:
        served.customer("Ann").say("hello")
        assert texts(client.get_chat(chat_id=served.customer("Ann").chat_id).thread.events)


def test_served_to_async_clients(served):
    async def use():
        async with served.async_client() as client:
            return await client.start_chat()

    assert anyio.run(use).chat_id


def test_uploads_are_served_back_over_http(served):
    import urllib.request

    with served.client() as client:
        url = client.upload_file(b"hello", name="a.txt").url
    with urllib.request.urlopen(url) as response:
        assert response.read() == b"hello"


def test_served_over_tls_with_its_own_authority():
    with Sandbox.serve("empty", tls=True) as sandbox:
        assert sandbox.url.startswith("https://")
        with sandbox.client() as client:
            assert client.start_chat(continuous=True).chat_id
        with (
            pytest.raises(ConnectError),
            sandbox.client(ssl_context=ssl.create_default_context(), retry=None) as stranger,
        ):
            stranger.start_chat()
        authority = sandbox.ca_path
    assert not authority.exists()


def test_the_message_of_a_taken_port_helps(served):
    from frontdesk import ServerError

    port = int(served.url.rpartition(":")[2])
    with pytest.raises(ServerError, match=f"port {port} of 127.0.0.1 is taken"):
        Sandbox.serve("empty", port=port)


def test_its_repr_tells_where_it_is(sandbox):
    assert repr(sandbox) == "<Sandbox demo at http://frontdesk.sandbox>"
    assert sandbox.customer("Ann").id in repr(sandbox.customer("Ann"))


@pytest.mark.parametrize("db", [None, "desk.db"])
def test_closing_twice_does_nothing_more(tmp_path, db):
    sandbox = Sandbox("empty", db=db and tmp_path / db)
    sandbox.close()
    sandbox.close()
