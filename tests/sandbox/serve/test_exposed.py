"""A sandbox that other machines can reach: its tokens, its webhooks, the addresses of its files."""

import http.client
import json
import socket
import struct
import sys
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest

from frontdesk import CustomerToken
from frontdesk.errors import AuthenticationError, InvalidArgument, ValidationError
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, BOT_SECRET, CLIENT_ID
from frontdesk.sandbox.serve.server import _own_addresses
from frontdesk.sandbox.tokens import FIXED
from frontdesk.sandbox.webhooks.courier import HEADERS

SIOCGIFADDR = 0x8915
OWNER = "Bearer dal:sandbox-owner"
EVERYWHERE = {"served": True, "host": "0.0.0.0", "seed": "demo"}


def register(sandbox, url, **options):
    sandbox.configuration_client().register_webhook(
        action=options.pop("action", "incoming_event"),
        url=url,
        secret_key="s",
        owner_client_id=url,
        type="license",
    )


def works(sandbox, token):
    try:
        sandbox.client(token).list_chats()
    except AuthenticationError:
        return False
    return True


def test_its_tokens_are_random():
    with Sandbox(**EVERYWHERE) as sandbox, Sandbox(**EVERYWHERE) as other:
        assert sandbox.tokens.keys() == other.tokens.keys() == FIXED.keys()
        assert not set(sandbox.tokens.values()) & set(other.tokens.values())
        assert not works(sandbox, OWNER)
        assert works(sandbox, "owner")
        assert works(sandbox, "pat")
        assert not works(sandbox, "expired")


def test_they_stay_the_same_over_resets_and_restores():
    with Sandbox("demo") as local:
        foreign = local.snapshot()
    with Sandbox(**EVERYWHERE) as sandbox:
        tokens = sandbox.tokens
        own = sandbox.snapshot()
        for change in (
            sandbox.reset,
            lambda: sandbox.restore(own),
            lambda: sandbox.restore(foreign),
            lambda: sandbox.reset("empty"),
            lambda: sandbox.reset("demo"),
        ):
            change()
            assert tokens.items() >= sandbox.tokens.items()
            assert works(sandbox, tokens["owner"])
            assert not works(sandbox, OWNER)


def test_a_file_keeps_them_and_a_local_sandbox_has_the_fixed_ones_again(tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox(**EVERYWHERE, db=path) as sandbox:
        tokens = sandbox.tokens
        sandbox.revoke_token("bot")
    with Sandbox(**EVERYWHERE, db=path) as sandbox:
        del tokens["bot"]
        assert sandbox.tokens == tokens
    with Sandbox(served=True, db=path) as sandbox:
        assert sandbox.tokens["owner"] == OWNER
        assert not works(sandbox, tokens["owner"])
        local = sandbox.snapshot()
    with Sandbox(**EVERYWHERE, db=path, fixed_tokens=True) as sandbox:
        assert works(sandbox, OWNER)
    with Sandbox(db=path) as sandbox:
        sandbox.restore(local)
        assert works(sandbox, OWNER)


def test_they_are_the_well_known_ones_on_demand():
    with Sandbox(**EVERYWHERE, fixed_tokens=True) as sandbox:
        assert works(sandbox, OWNER)
    with pytest.raises(InvalidArgument, match="fixed_tokens"):
        Sandbox(served=True, fixed_tokens="yes")  # type: ignore[arg-type]


LOOPBACK = ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://a.localhost/"]


@pytest.mark.parametrize("url", LOOPBACK)
def test_its_webhooks_need_leave_for_its_own_machine(url):
    with Sandbox(**EVERYWHERE) as sandbox, pytest.raises(ValidationError, match="webhook-host"):
        register(sandbox, url)


@pytest.mark.parametrize("url", LOOPBACK[:3])
@pytest.mark.parametrize("hosts", [["localhost"], ["*"], ["127.0.0.0/8", "::1", "localhost"]])
def test_its_operator_can_give_it(url, hosts):
    with Sandbox(**EVERYWHERE, webhook_hosts=hosts) as sandbox:
        register(sandbox, url)


def test_what_was_registered_before_is_not_sent_there(tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox(db=path) as sandbox:
        register(sandbox, "http://127.0.0.1:9/")
        register(sandbox, "http://localhost:9/", action="incoming_chat")
    with Sandbox(**EVERYWHERE, db=path) as sandbox:
        ann = sandbox.customer("Ann")
        ann.start_chat()
        ann.say("hello")
        sandbox.webhooks.settle()
        errors = [delivery.attempts[0].error for delivery in sandbox.webhooks.all()]
        assert errors == ["localhost is not allowed", "127.0.0.1 is not allowed"]


OWN = [
    "http://127.0.0.1:{port}/__sandbox__/reset",
    "http://127.0.0.1:{port}/",
    "http://127.9.9.9:{port}/%5f_sandbox__/reset",
    "http://localhost:{port}//__sandbox__/reset",
    "http://LOCALHOST:{port}/",
    "http://x.localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://user:word@127.0.0.1:{port}/",
]


@pytest.mark.parametrize("url", OWN)
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_webhook_is_never_for_the_sandbox_itself(url, host):
    with Sandbox("empty", served=True, host=host, webhook_hosts=["*"]) as sandbox:
        own = url.format(port=urlsplit(sandbox.url).port)
        with pytest.raises(ValidationError, match="the sandbox itself"):
            register(sandbox, own)


def own_addresses():
    """The addresses that other machines know this one by, as far as Linux tells."""
    if sys.platform != "linux":
        return []
    import fcntl

    addresses = []
    with socket.socket(type=socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode())
            try:
                entry = fcntl.ioctl(any_socket, SIOCGIFADDR, request)
            except OSError:
                continue
            addresses.append(socket.inet_ntoa(entry[20:24]))
    return [address for address in addresses if not ip_address(address).is_loopback]


def test_a_webhook_is_not_for_the_sandbox_at_any_address_of_the_machine():
    addresses = own_addresses()
    if not addresses:
        pytest.skip("this machine has loopback only")
    with Sandbox(**EVERYWHERE, webhook_hosts=["*"]) as sandbox:
        port = urlsplit(sandbox.url).port
        for address in addresses:
            own = f"[{address}]" if ":" in address else address
            with pytest.raises(ValidationError, match="the sandbox itself"):
                register(sandbox, f"http://{own}:{port}/")
            register(sandbox, f"http://{own}:{port - 1}/")
            assert not sandbox.backend.world.targets.permits("desk.test", address, port)


def test_which_addresses_a_socket_listens_at():
    with socket.socket() as one, socket.socket() as all_of_them:
        one.bind(("127.0.0.5", 0))
        all_of_them.bind(("0.0.0.0", 0))
        is_own = _own_addresses(one)
        assert is_own("127.0.0.5")
        assert is_own("::ffff:127.0.0.5")
        assert not is_own("127.0.0.6")
        is_own = _own_addresses(all_of_them)
        for address in ("127.0.0.1", *own_addresses()):
            assert is_own(address)
        assert not is_own("198.51.100.7")
        assert not is_own("2001:db8:1:2:3::7")


@pytest.mark.parametrize("path", ["/", "/v3.6/agent/action/list_chats", "/__sandbox__/reset"])
def test_a_webhook_that_comes_back_by_another_way_is_refused(path):
    """Behind a forwarded port, the sandbox has an address that this machine does not know."""
    with Sandbox("empty", served=True) as sandbox:
        connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)
        for headers in ({}, HEADERS):
            connection.request("POST", path, b"{}", {"Authorization": OWNER, **headers})
            response = connection.getresponse()
            response.read()
        connection.close()
        assert response.status == 403
        assert all(call.error != "authorization" for call in sandbox.calls())


def test_a_port_that_is_none_is_refused(sandbox):
    with pytest.raises(ValidationError, match="`url`"):
        sandbox.backend.world.targets.check("http://127.0.0.1:99999/")


def test_a_registration_from_before_does_not_reach_the_controls_either():
    """An embedded sandbox that is served later may have one for its own port by chance."""
    with Sandbox("demo") as sandbox, Sandbox("demo", served=True) as other:
        register(sandbox, f"{other.url}/__sandbox__/customers/Ann/leave")
        ann = sandbox.customer("Ann")
        ann.start_chat()
        ann.say("hello")
        sandbox.webhooks.settle()
        (delivery,) = sandbox.webhooks.all()
        assert delivery.attempts[0].status == 403, "the controls of any sandbox refuse webhooks"
        own = urlsplit(sandbox.rtm_url)
        targets = sandbox.backend.world.targets
        assert not targets.permits("own.example", "127.0.0.1", own.port)
        assert targets.permits("127.0.0.1", "127.0.0.1", 9)


def upload(sandbox, host):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
    )
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)
    headers = {
        "Host": host,
        "Authorization": sandbox.tokens["owner"],
        "Content-Type": "multipart/form-data; boundary=b",
    }
    connection.request("POST", "/v3.6/agent/action/upload_file", body, headers)
    url = json.loads(connection.getresponse().read())["url"]
    connection.request("GET", urlsplit(url).path, headers={"Host": host})
    content = connection.getresponse().read()
    connection.close()
    return url, content


def test_files_have_the_address_that_the_caller_reaches_it_by():
    with Sandbox(**EVERYWHERE, allow_hosts=["desk"]) as sandbox:
        assert urlsplit(sandbox.url).hostname == "127.0.0.1"
        client = sandbox.client()
        chat_id = client.start_chat(continuous=True).chat_id
        for host in ("desk:8080", "localhost", urlsplit(sandbox.url).netloc):
            url, content = upload(sandbox, host)
            assert urlsplit(url).netloc == host
            assert content == b"hello"
            client.send_event(chat_id=chat_id, event={"type": "file", "url": url})
        sent = client.get_chat(chat_id=chat_id).thread.events
        assert urlsplit(sent[-3].url).netloc == "desk:8080"


def test_a_file_of_another_site_is_not_taken_for_one_of_its_own(sandbox):
    client = sandbox.client()
    chat_id = client.start_chat(continuous=True).chat_id
    uploaded = client.upload_file(b"hello", name="a.txt")
    moved = uploaded.url.replace("frontdesk.sandbox", "evil.example")
    with pytest.raises(ValidationError, match=r"`event\.url`"):
        client.send_event(chat_id=chat_id, event={"type": "file", "url": moved})


@pytest.mark.parametrize(
    ("agent_id", "scopes"),
    [
        ("jones@example.com", ["chats--all:rw"]),
        ("jones@example.com", ["chats--access:rw", "webhooks--all:rw"]),
        ("smith@example.com", ["no--such:rw"]),
        ("smith@example.com", "chats--all:rw"),
        ("bot", ["chats--all:ro"]),
    ],
)
def test_no_token_grants_more_than_the_role(sandbox, agent_id, scopes):
    if agent_id == "bot":
        agent_id = next(a.id for a in sandbox.backend.world.store.company.agents.values() if a.bot)
    with pytest.raises(InvalidArgument, match="scopes"):
        sandbox.issue_token(agent_id, scopes=scopes)


def test_a_token_may_grant_less(sandbox):
    token = sandbox.issue_token("smith@example.com", scopes=["chats--access:ro"])
    sandbox.client(token).list_chats()
    jones = sandbox.issue_token("jones@example.com", scopes=["chats--access:ro"])
    sandbox.client(jones).list_chats()


def test_the_secret_of_its_bot_is_none_that_everybody_knows():
    def bot_token(sandbox):
        configuration = sandbox.configuration_client()
        return configuration.issue_bot_token(
            bot_id=BOT_ID,
            client_id=CLIENT_ID,
            bot_secret=BOT_SECRET,
            organization_id=sandbox.organization_id,
        ).token

    with Sandbox(**EVERYWHERE) as sandbox:
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                bot_token(sandbox)
            sandbox.reset()
    with Sandbox("demo") as sandbox:
        assert works(sandbox, bot_token(sandbox))


def test_nobody_can_guess_a_secret_that_it_makes():
    def made(sandbox):
        bot = sandbox.configuration_client().create_bot(name="x")
        secret = sandbox.configuration_client().reset_bot_secret(id=bot.id).secret
        return bot.id, {bot.secret, secret, sandbox.issue_token("jones@example.com")}

    with Sandbox(**EVERYWHERE) as sandbox, Sandbox(**EVERYWHERE) as other:
        of_one, of_other = made(sandbox), made(other)
        # Ids may be guessed, so that tests are repeatable.
        assert of_one[0] == of_other[0]
        assert not of_one[1] & of_other[1]
        sandbox.reset()
        assert not made(sandbox)[1] & of_one[1]
    with Sandbox("demo") as sandbox, Sandbox("demo") as other:
        assert made(sandbox) == made(other)


def test_nobody_can_guess_what_lets_in_a_customer_or_opens_a_file():
    def made(sandbox):
        app = sandbox.accounts.register_client("http://localhost:3000/")
        visitor = CustomerToken.with_cookies(
            client_id=app.client_id,
            organization_id=sandbox.organization_id,
            redirect_uri="http://localhost:3000/",
            accounts_url=sandbox.accounts_url,
            expires_in=60,
        )
        secrets = {visitor.token().authorization, visitor.cookies.cst}
        secrets |= {visitor.transfer_identity().code, sandbox.customer_token(visitor.customer_id)}
        visitor.close()
        for client in (sandbox.customer_client(visitor.customer_id), sandbox.client()):
            url = client.upload_file(b"for the other end", name="a.txt").url
            secrets.add(url.removeprefix(sandbox.url))
        return visitor.customer_id, secrets

    with Sandbox(**EVERYWHERE) as sandbox, Sandbox(**EVERYWHERE) as other:
        of_one, of_other = made(sandbox), made(other)
        assert of_one[0] == of_other[0]
        assert len(of_one[1]) == 6
        assert not of_one[1] & of_other[1]
    with Sandbox("demo", served=True) as sandbox, Sandbox("demo", served=True) as other:
        assert made(sandbox) == made(other)
