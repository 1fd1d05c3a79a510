"""The connections of one client, used by another."""

import ssl
from pathlib import Path

from ..loopback import Loopback, reply
from ..web import Blocking, Kit


def test_the_client_of_another_api_makes_no_second_tls_handshake(
    kit: Kit, secure: Loopback, bundle: Path
) -> None:
    secure.default = reply([])
    client = kit.client(secure, ssl_context=ssl.create_default_context(cafile=str(bundle)))
    if kit.is_async:
        configuration = Blocking(client.client.configuration(), kit.runner)  # type: ignore[arg-type]
    else:
        configuration = client.configuration()
    assert configuration.list_tags() == []
    assert client.list_routing_statuses() == []
    assert configuration.list_tags() == []
    # The server counts a connection once its handshake is done.
    assert secure.opened == 1
    configuration.close()
    assert client.list_routing_statuses() == []
    assert secure.opened == 1
