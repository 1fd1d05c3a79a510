"""Rendered by ``make render`` from ``listening.py.j2``; not to be edited by hand."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, Unpack, overload

from frontdesk.clients.rtm.async_rtm import AsyncRTMDriver
from frontdesk.clients.rtm.subscriptions import AsyncSubscription, check_match, first_match_async
from frontdesk.core.rtm.filters import Ids, Options, Where, make_filter
from frontdesk.core.rtm.notices import Notice
from frontdesk.core.rtm.subscriptions import QUEUE
from frontdesk.pushes import Push

__all__ = ["AsyncListeningRTM"]

A = TypeVar("A", bound=Push | Notice)
B = TypeVar("B", bound=Push | Notice)
C = TypeVar("C", bound=Push | Notice)
D = TypeVar("D", bound=Push | Notice)


class AsyncListeningRTM(AsyncRTMDriver):
    """Subscribing to pushes, and waiting for them."""

    @overload
    def pushes(self, **options: Unpack[Options]) -> AsyncSubscription[Push]: ...
    @overload
    def pushes(
        self,
        kind: type[A],
        /,
        **options: Unpack[Options],
    ) -> AsyncSubscription[A]: ...
    @overload
    def pushes(
        self,
        kind: type[A],
        kind2: type[B],
        /,
        **options: Unpack[Options],
    ) -> AsyncSubscription[A | B]: ...
    @overload
    def pushes(
        self,
        kind: type[A],
        kind2: type[B],
        kind3: type[C],
        /,
        **options: Unpack[Options],
    ) -> AsyncSubscription[A | B | C]: ...
    @overload
    def pushes(
        self,
        kind: type[A],
        kind2: type[B],
        kind3: type[C],
        kind4: type[D],
        /,
        **options: Unpack[Options],
    ) -> AsyncSubscription[A | B | C | D]: ...
    @overload
    def pushes(
        self, *kinds: type[Push | Notice], **options: Unpack[Options]
    ) -> AsyncSubscription[Push | Notice]: ...
    def pushes(
        self,
        *kinds: type[Any],
        chat_id: Ids = None,
        author_id: Ids = None,
        queue: int = QUEUE,
    ) -> AsyncSubscription[Any]:
        """Subscribe to pushes, from now on: ``async for push in rtm.pushes(IncomingEvent): …``.

        Args:
            kinds: Classes of pushes, or of notices (``ConnectionLost``, ``Reconnected``,
                ``PushesLost``). Defaults to all pushes.
            chat_id: Only pushes about this chat, or about one of these. Notices come always.
            author_id: Only pushes that this user wrote, typed or clicked, or one of these.
            queue: How many may wait for this subscriber. When it is full, the oldest are dropped
                and logged; a ``PushesLost`` takes their place if it is among the kinds.

        Raises:
            ClientClosed: The session was closed.
            ConnectionClosed: The session has ended for another reason.
        """
        where = make_filter(chat_id, author_id)
        return AsyncSubscription(self._line, self._keeper, kinds, queue, where)

    @overload
    def wait_for(
        self,
        kind: type[A],
        /,
        *,
        check: Callable[[A], object] | None = None,
        timeout: float | None = None,
        **where: Unpack[Where],
    ) -> Coroutine[Any, Any, A]: ...

    @overload
    def wait_for(
        self,
        kind: type[A],
        kind2: type[B],
        /,
        *,
        check: Callable[[A | B], object] | None = None,
        timeout: float | None = None,
        **where: Unpack[Where],
    ) -> Coroutine[Any, Any, A | B]: ...

    @overload
    def wait_for(
        self,
        kind: type[A],
        kind2: type[B],
        kind3: type[C],
        /,
        *,
        check: Callable[[A | B | C], object] | None = None,
        timeout: float | None = None,
        **where: Unpack[Where],
    ) -> Coroutine[Any, Any, A | B | C]: ...
    def wait_for(
        self,
        *kinds: type[Any],
        check: Callable[[Any], object] | None = None,
        timeout: float | None = None,
        chat_id: Ids = None,
        author_id: Ids = None,
    ) -> Coroutine[Any, Any, Any]:
        """Wait for a push: ``reply = await rtm.wait_for(IncomingEvent, chat_id=…, timeout=60)``.

        What comes after this call counts, even before the result is awaited.

        Args:
            kinds: One class of pushes or notices, or up to three.
            check: Called with each; the first for which it returns something true is the one.
            timeout: Seconds to wait. Defaults to no limit.
            chat_id: Only pushes about this chat, or about one of these.
            author_id: Only pushes that this user wrote, typed or clicked, or one of these.

        Raises:
            TimeoutError: No such push came in time.
            ClientClosed: The session was closed before.
            ConnectionClosed: The session has ended for another reason.
        """
        check_match(check, timeout)
        subscription = self.pushes(*kinds, chat_id=chat_id, author_id=author_id)
        return first_match_async(subscription, check, timeout)
