"""The log-in of customers as a call; what it does in the world is tested there."""

import pytest

from frontdesk.actions.customer import Login
from frontdesk.errors import AuthorizationError
from frontdesk.sandbox.world.actor import CustomerActor

from ..._website import Tab


def test_a_log_in_is_for_connections(desk):
    actor = CustomerActor(desk.customer())
    with pytest.raises(AuthorizationError, match="RTM"):
        desk.call(Login(token="Bearer dal:x"), by=actor)


def test_what_the_client_wants_is_kept_for_the_connection(desk):
    ann = Tab(desk, desk.customer())
    ann.log_in(pushes={"3.6": ["incoming_chat"]}, customer_side_storage={"visits": "1"}, group_id=1)
    session = desk.world.customer_sessions["tab-1"]
    assert session.customer.id == ann.id
    assert session.pushes == {"3.6": ["incoming_chat"]}
    assert session.side_storage == {"visits": "1"}
    assert session.group_id == 1
