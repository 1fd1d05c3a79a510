"""The properties that every license has are those that LiveChat documents."""

from frontdesk.sandbox.world.properties.defaults import DEFAULTS

from ....documented import spec

RIGHTS = {"r": ["read"], "w": ["write"], "rw": ["read", "write"]}
LOCATIONS = ("license", "group", "chat", "thread", "event")

ELSEWHERE = {("chats", "chat_between_groups"): ("bool", None, {"license": {"agent": RIGHTS["rw"]}})}
"""Documented where customers get their tokens, and not in the list."""


def documented():
    """The documented properties: type, values and access of each."""
    for namespace, names in spec("structures")["default_properties"].items():
        for name, content in names.items():
            if not isinstance(content, dict):
                continue
            access = {}
            for role, grants in content["a"].items():
                for location, rights in grants.items():
                    for place in LOCATIONS if location == "all" else (location,):
                        access.setdefault(place, {})[role] = RIGHTS[rights]
            described = (content["t"], content.get("enum"), access)
            if name.startswith("<resource>"):
                for resource in names["resources"]:
                    yield (namespace, name.replace("<resource>", resource)), described
            else:
                yield (namespace, name), described


def test_they_are_as_documented():
    kept = {
        key: (record.type, record.domain, record.access, record.public)
        for key, record in DEFAULTS.items()
    }
    expected = {**dict(documented()), **ELSEWHERE}
    assert kept == {key: (*content, True) for key, content in expected.items()}
    assert all(key == (record.namespace, record.name) for key, record in DEFAULTS.items())
