"""The driver of the sync client of customers: that of agents, with an organization."""

from typing import ClassVar, Unpack

from msgspec.structs import replace

from frontdesk.clients.customer_options import (
    CustomerOptions,
    customer_token_source,
    organization_of,
)
from frontdesk.clients.options import TokenSource
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.transport import Transport

__all__ = ["SyncCustomerDriver"]


class SyncCustomerDriver(SyncDriver):
    """What the sync client of customers can do, whatever its methods."""

    _is_of_customers: ClassVar[bool] = True

    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        organization_id: str | None = None,
        transport: Transport | None = None,
        **options: Unpack[CustomerOptions],
    ) -> None:
        """Make a client of one customer; it connects with the first call.

        Arguments:

        - ``token``: that of the customer: a ``CustomerToken``, ``"Bearer dal:…"``, a bare access
          token, a ``BearerToken``, or a function that returns one of these. Tokens of agents are
          of no use here. Defaults to the environment variable ``FRONTDESK_CUSTOMER_TOKEN``; some
          methods, such as ``get_dynamic_configuration``, need none.
        - ``organization_id``: the organization to chat with, sent with every request. Defaults to
          ``FRONTDESK_ORGANIZATION_ID``.
        - ``transport``: something else than HTTP.
        - ``options``: all others are those of the clients of agents: ``base_url``, ``version``,
          ``region``, ``timeout``, ``max_response_bytes``, ``retry``, ``budget``, ``headers``,
          ``client_id``, ``proxy``, ``ssl_context``, ``limiter``, ``on_call``, ``strict``,
          ``on_damage``, ``logger``.

        Raises:
            InvalidArgument: An argument does not fit, or there is no organization.
        """
        try:
            organization_id = organization_of(organization_id)
            super().__init__(customer_token_source(token), transport=transport, **options)
        finally:
            # A traceback would show the token.
            del token
        self._settings = replace(self._settings, organization_id=organization_id)
