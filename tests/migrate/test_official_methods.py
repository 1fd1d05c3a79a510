"""The table of lc-sdk-python's methods is that of the installed package."""

import pytest

from frontdesk.migrate import official_methods
from frontdesk.migrate.official_methods import CONSTRUCTORS, FACTORIES, METHODS
from frontdesk.migrate.references import OURS, action_of

pytest.importorskip("livechat")


def test_the_table_is_that_of_the_package():
    from tools.render.official_methods import tables

    expected = tables()
    assert expected["methods"] == METHODS
    assert expected["factories"] == FACTORIES
    assert expected["constructors"] == CONSTRUCTORS
    assert expected["names"] == official_methods.NAMES


@pytest.mark.parametrize("key", OURS)
def test_the_parameters_of_methods_are_those_of_ours(key):
    """The names are those of the wire on both sides, so that they are converted one to one."""
    # A bot's id until 3.5, what is called ``pushes`` on the wire, and what the API does not have.
    others = {
        "send_event": {"author_id"},
        "login": {"push_notifications"},
        "create_agent": {"avatar_path"},
        "update_agent": {"avatar_path", "name"},
        "create_bot": {"timezone"},
        "update_bot": {"timezone"},
    }
    for method, parameters in METHODS[key].items():
        action = action_of(key, method)
        if action is not None:
            more = set(parameters) - set(action.__struct_fields__) - {"payload", "headers"}
            assert more <= others.get(method, set()), (key, method)


def test_every_method_of_the_agent_chat_api_is_here():
    own = {"get_headers", "modify_header", "remove_header", "open_connection", "close_connection"}
    for key in ("agent_web", "agent_rtm"):
        assert [name for name in METHODS[key] if action_of(key, name) is None] == sorted(
            own & set(METHODS[key])
        )
