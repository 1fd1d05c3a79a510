"""Where webhooks may be sent."""

import pytest

from frontdesk.errors import InvalidArgument, ValidationError
from frontdesk.sandbox.world.webhook_targets import Targets


def served(host="127.0.0.1", port=8080, *, local=True, allowed=()):
    targets = Targets(allowed)
    targets.serve_at(host, port, local=local)
    return targets


@pytest.mark.parametrize(
    ("port", "url"),
    [
        (80, "http://127.0.0.1/hook"),
        (80, "http://localhost/"),
        (80, "http://desk.localhost/"),
        (443, "https://127.0.0.1/hook"),
        (8080, "http://127.0.0.1:8080/__sandbox__/reset"),
        (8080, "http://127.0.0.9:8080/"),
        (8080, "http://[::1]:8080/"),
        (8080, "http://[::ffff:127.0.0.1]:8080/"),
        (8080, "http://0.0.0.0:8080/"),
        (8080, "http://LOCALHOST:8080/"),
    ],
)
def test_the_sandbox_itself_is_no_target_however_it_is_spelled(port, url):
    with pytest.raises(ValidationError, match="not sent to the sandbox itself"):
        served(port=port, allowed=["*"]).check(url)


@pytest.mark.parametrize(
    ("port", "url"),
    [
        (80, "http://127.0.0.1:81/"),
        (81, "http://127.0.0.1/"),
        (443, "http://127.0.0.1/"),
        (80, "https://127.0.0.1/"),
        (444, "https://127.0.0.1/"),
        (8080, "http://localhost:8081/"),
    ],
)
def test_other_ports_of_the_machine_are(port, url):
    served(port=port).check(url)


def test_the_address_that_it_is_bound_to_is_its_own():
    targets = served("192.168.1.5", 8080, local=False, allowed=["192.168.1.0/24"])
    with pytest.raises(ValidationError, match="sandbox itself"):
        targets.check("http://192.168.1.5:8080/")
    targets.check("http://192.168.1.5:8081/")
    targets.check("http://192.168.1.6:8080/")
    assert not targets.permits("name.test", "192.168.1.5", 8080)
    assert not targets.permits("name.test", "::ffff:192.168.1.5", 8080)
    assert targets.permits("name.test", "192.168.1.5", 8081)


def test_every_address_that_it_is_reached_at_is_its_own():
    targets = Targets(["*"])
    own = {"192.168.1.5", "fd00::5"}
    targets.serve_at("0.0.0.0", 8080, local=False, is_own_address=own.__contains__)
    for url in (
        "http://192.168.1.5:8080/",
        "http://[fd00::5]:8080/",
        "http://[::ffff:c0a8:105]:8080/",
    ):
        with pytest.raises(ValidationError, match="sandbox itself"):
            targets.check(url)
    assert not targets.permits("desk.test", "192.168.1.5", 8080)
    assert not targets.permits("desk.test", "fd00:0::5", 8080)
    targets.check("http://192.168.1.5:8081/")
    assert targets.permits("desk.test", "192.168.1.6", 8080)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/"])
def test_a_sandbox_for_other_machines_needs_leave_for_its_own(url):
    served().check(url)
    with pytest.raises(ValidationError, match="where it has leave only"):
        served(local=False).check(url)
    served(local=False, allowed=["localhost"]).check(url)
    served(local=False, allowed=["*"]).check(url)


@pytest.mark.parametrize("url", ["http://10.0.0.7/", "http://receiver.test/"])
def test_a_sandbox_for_this_machine_needs_leave_for_others(url):
    with pytest.raises(ValidationError, match=r"its own machine only, not to .*--webhook-host"):
        served().check(url)
    served(allowed=["10.0.0.0/8"]).check(url)
    served(allowed=["*"]).check(url)


def test_a_name_is_allowed_with_whatever_address_it_has():
    targets = served(allowed=["Receiver.test"])
    targets.check("http://receiver.test/")
    targets.check("http://RECEIVER.test/")
    assert targets.permits("receiver.test", "203.0.113.7", 80)
    assert not targets.permits("other.test", "203.0.113.7", 80)
    with pytest.raises(ValidationError):
        targets.check("http://other.test/")


def test_a_name_of_an_allowed_network_is_looked_up_later():
    targets = served(allowed=["10.0.0.0/8"])
    targets.check("http://receiver.test/")
    assert targets.permits("receiver.test", "10.1.2.3", 80)
    assert not targets.permits("receiver.test", "11.1.2.3", 80)
    assert not targets.permits("receiver.test", "203.0.113.7", 80)


@pytest.mark.parametrize("port", ["0x50", "65536", "-1"])
def test_a_port_is_a_number_up_to_65535(port):
    with pytest.raises(ValidationError, match="port from 1 to 65535"):
        served().check(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "http://x.test",
        "10.0.0.0/33",
        "x.test:80",
        "a b",
        " x.test",
        "x..test",
        ".test",
        "a@b",
        "*.test",
        "[::1]",
        "x?y",
        f"{'x' * 64}.test",
    ],
)
def test_what_is_allowed_is_a_host_an_address_or_a_network(entry):
    with pytest.raises(InvalidArgument, match="host names, addresses, networks or"):
        Targets([entry])


@pytest.mark.parametrize(
    "entry", ["x.test", "X.test.", "bücher.test", "10.0.0.0/8", "::1", "*", "a_b"]
)
def test_hosts_of_all_kinds_can_be_allowed(entry):
    Targets([entry])
