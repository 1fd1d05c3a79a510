"""Bans through the Configuration API: listed, ended, and made for customers and addresses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk import AgentClient, ConfigurationClient
from frontdesk.errors import (
    AuthorizationError,
    CustomerBanned,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import Ban, Message
from frontdesk.pushes import CustomerBanned as CustomerBannedPush
from frontdesk.sandbox import Sandbox, SandboxCustomer

from ._raw_calls import call, refusal

SMITH = "smith@example.com"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOME = "https://www.example.com/"
IP = "203.0.113.7"
IP_6 = "2001:db8::1"


@pytest.fixture
def sandbox() -> Any:
    with Sandbox("quiet", start=START, running=False) as sandbox:
        yield sandbox


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client(version="3.7")


@pytest.fixture
def agent_client(sandbox: Sandbox) -> AgentClient:
    return sandbox.client()


@pytest.fixture
def customer(sandbox: Sandbox) -> SandboxCustomer:
    return visitor(sandbox, "Ann", IP)


def visitor(sandbox: Sandbox, name: str, ip: str) -> SandboxCustomer:
    customer = sandbox.customer(name, email=f"{name}@example.com")
    customer.visit(HOME, ip=ip)
    return customer


def comes_in(customer: SandboxCustomer, **details: Any) -> bool:
    """Whether the website lets a customer in."""
    try:
        customer.visit(HOME, **details)
    except CustomerBanned:
        return False
    return True


def test_a_ban_of_an_agent_is_listed(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    customer.start_chat(Message("Hi"))
    thread_id = customer.thread_id
    agent_client.ban_customer(id=customer.id, ban=Ban(days=3))
    (ban,) = configuration.list_customer_bans()
    assert (ban.agent_id, ban.customer_id, ban.thread_id, ban.ip) == (
        SMITH, customer.id, thread_id, IP,
    )  # fmt: skip
    # The clock passes by itself, if only by microseconds.
    assert timedelta() <= sandbox.now - ban.created_at < timedelta(seconds=1)
    assert ban.expires_at - ban.created_at == timedelta(days=3)


def test_what_is_not_known_is_not_shown(sandbox: Sandbox, agent_client: AgentClient) -> None:
    customer = sandbox.customer("Ann", email="ann@example.com")
    agent_client.ban_customer(id=customer.id, ban=Ban(days=1))
    (ban,) = call(sandbox, "list_customer_bans", {})
    assert ban.keys() == {"agent_id", "customer_id", "created_at", "expires_at"}


def test_the_newest_ban_comes_first_and_those_that_ended_do_not(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient
) -> None:
    people = [visitor(sandbox, name, IP) for name in ("a", "b", "c")]
    for days, customer in zip((2, 1, 3), people, strict=True):
        agent_client.ban_customer(id=customer.id, ban=Ban(days=days))
        sandbox.advance(timedelta(seconds=1))
    ids = [customer.id for customer in people]
    assert [ban.customer_id for ban in configuration.list_customer_bans()] == ids[::-1]
    sandbox.advance(timedelta(days=1))
    listed = [ban.customer_id for ban in configuration.list_customer_bans()]
    assert listed == [ids[2], ids[0]]
    sandbox.advance(timedelta(days=2))
    assert configuration.list_customer_bans() == []


def test_a_second_ban_takes_the_place_of_the_first(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    agent_client.ban_customer(id=customer.id, ban=Ban(days=9))
    agent_client.ban_customer(id=customer.id, ban=Ban(days=1))
    (ban,) = configuration.list_customer_bans()
    assert ban.expires_at - ban.created_at == timedelta(days=1)
    sandbox.advance(timedelta(days=1))
    assert comes_in(customer)


@pytest.mark.parametrize("by", ["customer_id", "ip"])
def test_the_customer_may_come_back(
    configuration: ConfigurationClient, agent_client: AgentClient, customer: SandboxCustomer,
    by: str,
) -> None:  # fmt: skip
    agent_client.ban_customer(id=customer.id, ban=Ban(days=3))
    assert not comes_in(customer)
    configuration.unban_customer(**{by: {"customer_id": customer.id, "ip": IP}[by]})
    assert configuration.list_customer_bans() == []
    assert comes_in(customer)
    chat_id = customer.start_chat(Message("I am sorry"))
    assert agent_client.get_chat(chat_id=chat_id).thread.active
    # And may be banned again.
    configuration.ban_customer(customer_id=customer.id, seconds=60)
    assert not comes_in(customer)


def test_an_address_lifts_every_ban_that_has_it(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient
) -> None:
    here, there = visitor(sandbox, "a", IP), visitor(sandbox, "b", "203.0.113.8")
    for customer in (here, there):
        agent_client.ban_customer(id=customer.id, ban=Ban(days=3))
    configuration.ban_customer(ip=IP, seconds=60)
    configuration.unban_customer(ip=IP)
    assert [ban.customer_id for ban in configuration.list_customer_bans()] == [there.id]
    assert comes_in(here)
    assert not comes_in(there)


def test_bans_that_are_not_there_cannot_end(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    with pytest.raises(NotFound, match="`customer_id`"):
        configuration.unban_customer(customer_id=customer.id)
    with pytest.raises(NotFound, match="`ip`"):
        configuration.unban_customer(ip=IP)
    agent_client.ban_customer(id=customer.id, ban=Ban(days=1))
    sandbox.advance(timedelta(days=1))
    for names in ({"customer_id": customer.id}, {"ip": IP}):
        with pytest.raises(NotFound):
            configuration.unban_customer(**names)


@pytest.mark.parametrize("request_", [{}, {"ip": IP, "customer_id": "x"}])
def test_one_of_address_and_customer_is_unbanned(sandbox: Sandbox, request_: Any) -> None:
    assert refusal(sandbox, "unban_customer", request_) == ("validation", "ip")


# Since 3.7


def test_a_customer_is_banned_for_seconds(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    chat_id = customer.start_chat(Message("Hi"))
    configuration.ban_customer(customer_id=customer.id, seconds=90_000)
    thread = agent_client.get_chat(chat_id=chat_id).thread
    assert not thread.active
    assert thread.events is not None
    assert getattr(thread.events[-1], "system_message_type", None) == "customer_banned"
    (ban,) = configuration.list_customer_bans()
    assert (ban.customer_id, ban.thread_id) == (customer.id, thread.id)
    sandbox.advance(89_999)
    assert not comes_in(customer)
    sandbox.advance(2)
    assert comes_in(customer)


def test_a_ban_of_a_customer_is_pushed_in_whole_days(
    sandbox: Sandbox, configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    with sandbox.rtm_client() as rtm:
        rtm.subscribe_customers()
        pushes = rtm.pushes(CustomerBannedPush)
        configuration.ban_customer(ip=IP_6, seconds=60)
        configuration.ban_customer(customer_id=customer.id, seconds=86_401)
        push = pushes.get(10)
    assert push is not None
    assert (push.customer_id, push.ban.days) == (customer.id, 2)


def test_an_address_keeps_everybody_out(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    chat_id = customer.start_chat(Message("Hi"))
    other, elsewhere = visitor(sandbox, "b", IP), visitor(sandbox, "c", "203.0.113.8")
    configuration.ban_customer(ip=IP, seconds=60)
    (ban,) = configuration.list_customer_bans()
    assert (ban.ip, ban.customer_id, ban.thread_id) == (IP, None, None)
    assert not agent_client.get_chat(chat_id=chat_id).thread.active
    for banned in (customer, other):
        assert not comes_in(banned)
        with pytest.raises(CustomerBanned):
            banned.say("Hello?")
    assert comes_in(elsewhere)
    # A newcomer, and somebody who comes from another place now.
    assert not comes_in(sandbox.customer("d", email="d@example.com"), ip=IP)
    assert comes_in(other, ip="198.51.100.1")
    sandbox.advance(60)
    assert comes_in(customer)


def test_both_are_banned_at_once(
    sandbox: Sandbox, configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    other = visitor(sandbox, "b", "198.51.100.1")
    configuration.ban_customer(ip="198.51.100.1", customer_id=customer.id, seconds=60)
    (ban,) = configuration.list_customer_bans()
    assert (ban.ip, ban.customer_id) == ("198.51.100.1", customer.id)
    assert not comes_in(customer)
    assert not comes_in(other)
    configuration.unban_customer(customer_id=customer.id)
    assert comes_in(customer)
    assert comes_in(other)


def test_the_longest_of_several_bans_counts(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    agent_client.ban_customer(id=customer.id, ban=Ban(days=2))
    configuration.ban_customer(ip="198.51.100.1", customer_id=customer.id, seconds=60)
    assert len(configuration.list_customer_bans()) == 2
    sandbox.advance(timedelta(days=1))
    assert not comes_in(customer)
    configuration.unban_customer(ip=IP)
    assert comes_in(customer)


def test_spellings_of_an_address_are_one(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    customer = visitor(sandbox, "a", "2001:0DB8:0:0:0:0:0:1")
    configuration.ban_customer(ip="2001:DB8::0:1", seconds=60)
    assert configuration.list_customer_bans()[0].ip == IP_6
    assert not comes_in(customer)
    configuration.unban_customer(ip="2001:db8:0::1")
    assert comes_in(customer)


@pytest.mark.parametrize(
    ("request_", "error", "field"),
    [
        ({"seconds": 60}, "validation", "customer_id"),
        ({"seconds": 0, "ip": IP}, "validation", "seconds"),
        ({"seconds": -1, "ip": IP}, "validation", "seconds"),
        ({"seconds": 1.5, "ip": IP}, "validation", "seconds"),
        ({"seconds": 10**12, "ip": IP}, "validation", "seconds"),
        ({"ip": IP}, "validation", "seconds"),
        ({"seconds": 60, "ip": "the house"}, "validation", "ip"),
        ({"seconds": 60, "ip": "203.0.113.0/24"}, "validation", "ip"),
        ({"seconds": 60, "ip": 5}, "validation", "ip"),
        ({"seconds": 60, "ip": IP, "customer_id": "nobody"}, "not_found", "customer_id"),
    ],
)
def test_a_ban_that_does_not_fit_is_refused(
    sandbox: Sandbox, configuration: ConfigurationClient, request_: Any, error: str, field: str
) -> None:
    assert refusal(sandbox, "ban_customer", request_, version="3.7") == (error, field)
    assert configuration.list_customer_bans() == []


def test_it_is_there_from_3_7_on(sandbox: Sandbox) -> None:
    request = {"seconds": 60, "ip": IP}
    assert refusal(sandbox, "ban_customer", request)[0] == "not_found"
    for name in ("list_customer_bans", "unban_customer"):
        assert refusal(sandbox, name, {"ip": IP}, version="3.5")[0] == "not_found"


@pytest.mark.parametrize(
    ("mask", "refused"),
    [
        ("203.0.113.7", True),
        ("198.51.100.1, 203.0.113.7", True),
        ("203.0.113.0/24", True),
        ("203.0.*", True),
        ("203.0.112.*;198.51.100.0/24", False),
        ("", False),
        ("2001:db8::/32", False),
    ],
)
def test_addresses_of_the_mask_are_not_banned(
    configuration: ConfigurationClient, mask: str, refused: bool
) -> None:
    configuration.update_license_properties(properties={"monitoring": {"ip_mask": mask}})
    if refused:
        with pytest.raises(ValidationError, match=r"`ip` matches .*ip_mask"):
            configuration.ban_customer(ip=IP, seconds=60)
    else:
        configuration.ban_customer(ip=IP, seconds=60)
    assert len(configuration.list_customer_bans()) == (0 if refused else 1)


def test_bans_of_all_kinds_are_limited_together(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    sandbox.set_properties({"limits": {"banned.base": 2}})
    agent_client.ban_customer(id=customer.id, ban=Ban(days=1))
    configuration.ban_customer(ip="198.51.100.1", seconds=60)
    other = visitor(sandbox, "b", "203.0.113.8")
    for refused in (
        lambda: configuration.ban_customer(ip="198.51.100.2", seconds=60),
        lambda: agent_client.ban_customer(id=other.id, ban=Ban(days=1)),
    ):
        with pytest.raises(LimitReached, match="2"):
            refused()
    assert comes_in(other)
    configuration.ban_customer(ip="198.51.100.1", seconds=120)
    configuration.unban_customer(ip="198.51.100.1")
    agent_client.ban_customer(id=other.id, ban=Ban(days=1))
    assert len(configuration.list_customer_bans()) == 2


def test_scopes_are_needed(
    sandbox: Sandbox, configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    reader = sandbox.configuration_client(
        sandbox.issue_token(SMITH, scopes=["banlist_read"]), version="3.7"
    )
    assert reader.list_customer_bans() == []
    with pytest.raises(AuthorizationError, match="banlist_write"):
        reader.ban_customer(customer_id=customer.id, seconds=60)
    with pytest.raises(AuthorizationError):
        sandbox.configuration_client("agent").list_customer_bans()


def test_bans_stay_in_a_database_file(tmp_path: Any) -> None:
    path = tmp_path / "company.db"
    with Sandbox("quiet", db=path) as sandbox:
        customer_id = visitor(sandbox, "Ann", IP).id
        sandbox.client().ban_customer(id=customer_id, ban=Ban(days=1))
    with Sandbox("quiet", db=path) as sandbox:
        client = sandbox.configuration_client()
        assert [ban.customer_id for ban in client.list_customer_bans()] == [customer_id]
        client.unban_customer(customer_id=customer_id)
        assert comes_in(SandboxCustomer(sandbox.backend, customer_id))
