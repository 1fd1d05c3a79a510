"""The session of a customer.

Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-reference
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET, UnsetType

from frontdesk.actions import Action
from frontdesk.actions.customer.status import Login
from frontdesk.auth import Token
from frontdesk.core.rtm.reasons import Verdict
from frontdesk.core.rtm.recovery.customer_recovery import CustomerRecovery
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.settings import LoginOptions
from frontdesk.models.customer_chat.session import (
    CustomerApplication,
    CustomerPage,
    NewCustomerDetails,
)
from frontdesk.pushes import Push
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES
from frontdesk.spec.checks import Checked, GroupId, Id

__all__ = ["CustomerLogin", "CustomerSide"]

VERDICTS: Final = {
    "access_token_expired": Verdict.RENEW,
    "access_token_revoked": Verdict.RENEW,
    "connection_evicted": Verdict.RECONNECT,
    "connection_timeout": Verdict.RECONNECT,
    "internal_error": Verdict.RECONNECT,
    "service_temporarily_unavailable": Verdict.RECONNECT,
    "too_many_unauthorized_connections": Verdict.RECONNECT,
    "misdirected_connection": Verdict.HOP,
    "misdirected_request": Verdict.HOP,
    "customer_banned": Verdict.STOP,
    "customer_temporarily_blocked": Verdict.STOP,
    "inactivity_timeout": Verdict.STOP,
    "license_expired": Verdict.STOP,
    "license_not_found": Verdict.STOP,
    "logged_out_remotely": Verdict.STOP,
    "product_version_changed": Verdict.STOP,
    "too_many_connections": Verdict.STOP,
    "unsupported_version": Verdict.STOP,
}
"""Unlike for agents, an evicted connection is made anew, and a revoked token is replaced."""


class CustomerLogin(Checked, frozen=True, kw_only=True):
    """What the log-in of a customer says beside the token and the pushes."""

    customer: NewCustomerDetails | UnsetType = UNSET
    customer_page: CustomerPage | UnsetType = UNSET
    customer_side_storage: dict[str, str] | UnsetType = UNSET
    is_mobile: bool | UnsetType = UNSET
    group_id: GroupId | UnsetType = UNSET
    referrer: str | UnsetType = UNSET
    application: CustomerApplication | UnsetType = UNSET
    tab_id: Id | UnsetType = UNSET


class CustomerSide:
    """What a session of a customer says, gets, and does when the server ends it."""

    dismissal = "customer_disconnected"
    swaps_tokens = False
    pushes: Mapping[str, type[Push]] = CUSTOMER_PUSHES
    verdicts: Mapping[str, Verdict] = VERDICTS

    def __init__(self, login: CustomerLogin) -> None:
        self._login = login

    def login(
        self, token: Token, options: LoginOptions, *, again: bool, away: bool | UnsetType
    ) -> Action[Any]:
        """Return the request that logs in."""
        login = self._login
        return Login(
            token=token.authorization,
            customer=login.customer,
            customer_page=login.customer_page,
            customer_side_storage=login.customer_side_storage,
            is_mobile=login.is_mobile,
            group_id=login.group_id,
            referrer=login.referrer,
            application=login.application,
            pushes=options.pushes,
            tab_id=login.tab_id,
        )

    def recovery(self) -> Recovery:
        """Return what finds out what an interruption has cost, for a new session."""
        return CustomerRecovery()
