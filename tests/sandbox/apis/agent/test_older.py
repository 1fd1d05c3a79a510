"""Methods of older versions that clients still call."""

import json

import pytest

from frontdesk.actions import ChangePushNotifications, GetLicenseInfo
from frontdesk.errors import InvalidArgument

from ..._desk import call_web
from ..._rtm_line import Refused


def test_the_license(desk):
    license = desk.world.store.company.license
    info = desk.call(GetLicenseInfo())
    assert info.license_id == license.id
    assert (info.expires_at, info.created_at) == (license.expires_at, license.created_at)
    assert info.in_trial is False
    body = json.loads(call_web(desk, "get_license_info", {}, "3.5").body)
    assert sorted(body) == ["created_at", "expires_at", "in_trial", "license_id"]


def test_any_client_may_ask_for_it(sandbox):
    for version in ("3.5", "3.6", "3.7"):
        assert sandbox.client(version=version).get_license_info().license_id
    assert {call.version for call in sandbox.calls("get_license_info")} == {"3.5"}
    with pytest.raises(InvalidArgument, match=r"3\.5 or later"):
        sandbox.client(version="3.4").get_license_info()


def test_notifications_of_mobile_devices(dial):
    line = dial(version="3.4")
    request = {"firebase_token": "8daDAD9", "platform": "ios", "enabled": True}
    assert line.call("change_push_notifications", **request) == {}
    with pytest.raises(Refused, match="`platform` must be one of"):
        line.call("change_push_notifications", **request | {"platform": "windows"})
    with pytest.raises(Refused, match=r"exists up to version 3\.4"):
        dial(version="3.5").call("change_push_notifications", **request)


def test_the_token_of_a_device_is_not_shown():
    action = ChangePushNotifications(firebase_token="8daDAD9", platform="ios", enabled=True)
    assert "8daDAD9" not in repr(action)
