"""The driver of the async RTM client of customers: that of agents, with another log-in."""

from typing import Any, ClassVar, Unpack, cast

from frontdesk.clients.customer_options import customer_token_source, organization_of
from frontdesk.clients.options import TokenSource
from frontdesk.clients.rtm.customer_options import CustomerRTMOptions, side_of
from frontdesk.errors import ClientClosed
from frontdesk.models.customer_chat.session import CustomerLoginResponse
from frontdesk.rendered.async_listening import AsyncListeningRTM

__all__ = ["AsyncCustomerRTMDriver"]


class AsyncCustomerRTMDriver(AsyncListeningRTM):
    """What the async RTM client of customers can do, whatever its methods."""

    _is_of_customers: ClassVar[bool] = True

    def __init__(
        self, token: TokenSource | None = None, **options: Unpack[CustomerRTMOptions]
    ) -> None:
        """Make a client of one customer; it connects in its ``with`` block, or with ``connect``.

        A connection that is lost, or that the server ends in passing, is made again, with a new
        token once the present one has ended: a connection has one token for all of its life, and
        there is no log-out. What was missed meanwhile is read back, unless ``recover`` is false.

        Arguments:

        - ``token``: that of the customer, as for ``CustomerClient``.
        - ``organization_id``: defaults to ``FRONTDESK_ORGANIZATION_ID``.
        - ``customer``, ``customer_page``, ``customer_side_storage``, ``is_mobile``, ``group_id``,
          ``referrer``, ``application``, ``tab_id``: see ``login``; said with each log-in.
        - ``options``: all others are those of the RTM clients of agents: ``base_url``,
          ``version``, ``region``, ``pushes``, ``recover``, ``reconnect``, ``backoff``, ``timeout``,
          ``open_timeout``, ``close_timeout``, ``ping``, ``ping_interval``, ``ping_timeout``,
          ``max_frame``, ``concurrency``, ``retry``, ``budget``, ``headers``, ``client_id``,
          ``proxy``, ``ssl_context``, ``limiter``, ``on_call``, ``strict``, ``on_damage``,
          ``logger``.

        Raises:
            MissingToken: There is no token.
            InvalidArgument: An argument does not fit.
        """
        others = cast("dict[str, Any]", options)
        others["organization_id"] = organization_of(others.get("organization_id"))
        # First of all: the line is made with it.
        self._side = side_of(others)
        try:
            super().__init__(token, logout=False, **others)
        finally:
            # A traceback would show the token.
            del token

    def _source_of(self, token: TokenSource | None) -> TokenSource:
        try:
            return customer_token_source(token, needed=True)
        finally:
            del token

    @property
    def login_response(self) -> CustomerLoginResponse:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """The server's response to the last log-in: the customer, chats, a greeting.

        Raises:
            ClientClosed: There has been none yet.
        """
        login: Any = self._line.login
        if login is None:
            raise ClientClosed("the session has not logged in yet")
        response: CustomerLoginResponse = login
        return response
