"""Allowed domains and translations of 3.7."""

from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import (
    AlreadyExists,
    AuthorizationError,
    GroupNotFound,
    NotFound,
    ValidationError,
)
from frontdesk.sandbox import Sandbox

from ..._desk import call_web


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client(version="3.7")


def test_domains_are_listed_as_they_were_added(configuration: ConfigurationClient) -> None:
    assert configuration.list_allowed_domains().domains == []
    for domain in ("Shop.example", "*.example.com", "localhost:3000"):
        configuration.add_allowed_domain(domain=domain)
    with pytest.raises(AlreadyExists, match=r"Shop\.example"):
        configuration.add_allowed_domain(domain="shop.EXAMPLE")
    configuration.delete_allowed_domain(domain="*.Example.com")
    with pytest.raises(NotFound, match="`domain`"):
        configuration.delete_allowed_domain(domain="*.example.com")
    assert configuration.list_allowed_domains().domains == ["Shop.example", "localhost:3000"]


@pytest.mark.parametrize(
    "domain", ["https://example.com", "example.com/shop", "a b.example", "me@example.com", "*"]
)
def test_what_is_no_domain_is_refused(configuration: ConfigurationClient, domain: str) -> None:
    with pytest.raises(ValidationError, match="`domain`"):
        configuration.add_allowed_domain(domain=domain)
    assert configuration.list_allowed_domains().domains == []


def test_the_longest_domain(desk: Any) -> None:
    for length, status in ((255, 200), (256, 400)):
        domain = {"domain": "a" * length}
        response = call_web(desk, "add_allowed_domain", domain, "3.7", api="configuration")
        assert response.status == status


def test_translations_are_of_one_group_and_one_language(
    configuration: ConfigurationClient,
) -> None:
    configuration.update_translations(
        group_id=1, language="en", phrases={"Welcome_title": "Hi", "Client": "You"}
    )
    configuration.update_translations(group_id=1, language="en", phrases={"Client": "Guest"})
    configuration.update_translations(group_id=1, language="de", phrases={"Client": "Gast"})
    phrases = {
        (group_id, language): configuration.list_translations(
            group_id=group_id, language=language
        ).phrases
        for group_id in (0, 1)
        for language in ("en", "de")
    }
    assert phrases == {
        (0, "en"): {},
        (0, "de"): {},
        (1, "en"): {"Welcome_title": "Hi", "Client": "Guest"},
        (1, "de"): {"Client": "Gast"},
    }


def test_translations_of_an_unknown_group_or_key(
    desk: Any, configuration: ConfigurationClient
) -> None:
    with pytest.raises(GroupNotFound, match="`group_id`: there is no group 999"):
        configuration.update_translations(group_id=999, language="en", phrases={"Client": "x"})
    with pytest.raises(GroupNotFound, match="`group_id`"):
        configuration.list_translations(group_id=999, language="en")
    body = {"group_id": 0, "language": "en", "phrases": {"Client": "x", "Offline_form": "y"}}
    response = call_web(desk, "update_translations", body, "3.7", api="configuration")
    assert response.status == 400
    body = {"group_id": 0, "language": "en"}
    response = call_web(desk, "list_translations", body, "3.7", api="configuration")
    assert response.body == b'{"phrases":{}}'


def test_a_batch_changes_what_it_can(configuration: ConfigurationClient) -> None:
    done, failed = configuration.batch_update_translations(
        requests=[
            {"group_id": 1, "language": "en", "phrases": {"Client": "You"}},
            {"group_id": 999, "language": "en", "phrases": {"Client": "You"}},
        ]
    ).responses
    assert done.error is None
    assert failed.error is not None
    assert failed.error.type == "group_not_found"
    assert configuration.list_translations(group_id=1, language="en").phrases == {"Client": "You"}


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("add_allowed_domain", {"domain": "example.com"}),
        ("list_allowed_domains", {}),
        ("list_translations", {"group_id": 0, "language": "en"}),
        ("update_translations", {"group_id": 0, "language": "en", "phrases": {"Client": "x"}}),
        ("delete_allowed_domain", {"domain": "example.com"}),
    ],
)
def test_the_methods_are_those_of_3_7(desk: Any, method: str, body: dict[str, Any]) -> None:
    if method == "delete_allowed_domain":
        call_web(desk, "add_allowed_domain", body, "3.7", api="configuration")
    for version, status in (("3.5", 404), ("3.6", 404), ("3.7", 200)):
        assert call_web(desk, method, body, version, api="configuration").status == status


def test_each_needs_its_scope(sandbox: Sandbox) -> None:
    token = sandbox.issue_token("smith@example.com", scopes=["languages_read"])
    limited = sandbox.configuration_client(token, version="3.7")
    limited.list_translations(group_id=0, language="en")
    with pytest.raises(AuthorizationError, match="languages_write"):
        limited.update_translations(group_id=0, language="en", phrases={"Client": "x"})
    with pytest.raises(AuthorizationError, match="domain_manage"):
        limited.list_allowed_domains()
