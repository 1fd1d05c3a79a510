"""The token of a bot, which renews itself."""

import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from frontdesk.actions import IssueBotToken
from frontdesk.auth._tokens import BearerToken, Token
from frontdesk.auth.renewal import TRY_AGAIN, RenewedToken
from frontdesk.auth.steps import Steps, carry_out, sent
from frontdesk.codec.damage import DamageReports
from frontdesk.codec.decoding import decode_result
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.http_messages import Headers, Reply, Request
from frontdesk.core.responses import error_of
from frontdesk.core.retry import Retry, as_retry
from frontdesk.errors import FrontdeskError, InvalidArgument, MisdirectedRequest, TransportError
from frontdesk.redaction import register
from frontdesk.spec.addresses import checked_address, seconds
from frontdesk.spec.checks import encoded
from frontdesk.transport.base import Transport
from frontdesk.version import __version__

__all__ = ["BotToken"]

DEFAULT_BASE_URL: Final = "https://api.livechatinc.com"
LIFE: Final = 24 * 3600.0
"""Seconds that a token of a bot lives."""
RENEW_BEFORE: Final = 1800.0
PATH: Final = "/v3.6/configuration/action/issue_bot_token"
NAME: Final = "issue_bot_token"


class BotToken(RenewedToken):
    """The token of a bot, issued by ``issue_bot_token`` and renewed before its 24 hours are over.

    Give it to any number of Web clients in place of a token, sync and async ones. It is issued with
    their first call, and again when a server refuses it, once for all who wait for it. Issuing one
    is a request to the Configuration API, which needs no token.
    Source: https://platform.text.com/docs/authorization/bot-authorization
    """

    def __init__(
        self,
        *,
        bot_id: str,
        client_id: str,
        bot_secret: str,
        organization_id: str,
        base_url: str | None = None,
        region: str | None = None,
        renew_before: float = RENEW_BEFORE,
        timeout: float = 20.0,
        retry: Retry | int | None = Retry(),  # noqa: B008 - immutable
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Name the bot; nothing is sent yet.

        Arguments:

        - ``bot_id``: the bot.
        - ``client_id``: the app that owns it.
        - ``bot_secret``: what ``create_bot`` or ``reset_bot_secret`` returned.
        - ``organization_id``: your organization.
        - ``base_url``: where the API is. Defaults to ``FRONTDESK_BASE_URL``, else LiveChat's.
        - ``region``: ``dal`` or ``fra``; defaults to the one the server names.
        - ``renew_before``: seconds before its end at which the token is renewed.
        - ``timeout``, ``retry``, ``proxy``, ``ssl_context``: as for the clients.
        - ``transport``: something else than HTTP over urllib3; a sync one, also for async clients,
          which wait for it in a thread.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        super().__init__()
        register(bot_secret if isinstance(bot_secret, str) else "")  # pyright: ignore[reportUnnecessaryIsInstance]
        self._action = IssueBotToken(
            bot_id=bot_id,
            client_id=client_id,
            bot_secret=bot_secret,
            organization_id=organization_id,
        )
        del bot_secret
        self.bot_id: str = bot_id
        """The bot."""
        if base_url is None:
            base_url = os.environ.get("FRONTDESK_BASE_URL") or DEFAULT_BASE_URL
        self._base_url = checked_address("base_url", base_url)
        if region not in (None, "dal", "fra"):
            raise InvalidArgument("region", "must be `dal` or `fra`")
        if not 0 < seconds("renew_before", renew_before) < LIFE:
            raise InvalidArgument("renew_before", "must be below the 24 hours that a token lives")
        if transport is not None and not callable(getattr(transport, "send", None)):
            raise InvalidArgument("transport", "must have `send` and `close`, as Transport says")
        self._region = region
        self._renew_before = renew_before
        self._timeout = seconds("timeout", timeout)
        self._retry = as_retry(retry)
        self._proxy = proxy
        self._ssl_context = ssl_context
        self._connecting = ForkSafeLock()
        self._transport = transport
        self._issued: tuple[BearerToken, float] | None = None
        """The last token, and when it ends, in the clock's time."""

    def close(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            self._transport.close()

    def _renewed(self, refused: Token | None) -> Token:
        try:
            return carry_out(self._issuing(), self._connected())
        except FrontdeskError as error:
            last, end = self._issued or (None, 0.0)
            left = end - self._clock()
            if (
                last is None
                or last == refused
                or left <= 0
                or not isinstance(error, TransportError)
            ):
                raise
            return self._token(last.authorization, end, renew_in=min(TRY_AGAIN, left))

    def _issuing(self) -> Steps[Token]:
        body = encoded(self._action)
        while True:
            request = Request(self._base_url + PATH, self._headers(), body, self._timeout)
            sent_at = self._clock()
            failure_of: Callable[[Reply], FrontdeskError | None] = partial(error_of, action=NAME)
            reply = yield from sent(request, failure_of, self._retry, repeatable=True)
            failure = error_of(reply, NAME)
            if failure is None:
                break
            named = failure.region if isinstance(failure, MisdirectedRequest) else None
            if named is None or named == self._region:
                raise failure
            self._region = named
        result = decode_result(reply.body, IssueBotToken.spec.returns, DamageReports(), NAME)
        end = sent_at + LIFE
        return self._token(f"Bearer {result.token}", end, renew_in=LIFE - self._renew_before)

    def _token(self, authorization: str, end: float, *, renew_in: float) -> Token:
        now = self._clock()
        token = BearerToken(
            authorization,
            expires_at=datetime.now(UTC) + timedelta(seconds=end - now),
            renew_at=now + renew_in,
        )
        self._issued = (token, end)
        return token

    def _headers(self) -> Headers:
        headers = Headers(
            {
                "User-Agent": f"frontdesk/{__version__} Application {self._action.client_id}",
                "Content-Type": "application/json",
            }
        )
        if self._region is not None:
            headers["X-Region"] = self._region
        return headers

    def _connected(self) -> Transport:
        with self._connecting:
            if self._transport is None:
                from frontdesk.transport.urllib3 import Urllib3Transport

                self._transport = Urllib3Transport(
                    self._base_url, proxy=self._proxy, ssl_context=self._ssl_context
                )
            return self._transport

    def __repr__(self) -> str:
        action: IssueBotToken | None = self.__dict__.get("_action")
        return f"<BotToken bot_id={action.bot_id!r}>" if action else "<BotToken>"
