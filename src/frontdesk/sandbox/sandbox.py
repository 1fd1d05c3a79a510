"""``Sandbox``: the sandbox in Python."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from frontdesk.errors import NotFound
from frontdesk.grammar import counted
from frontdesk.models.customer_chat.widget import FormTemplate
from frontdesk.sandbox.arguments import checks_arguments
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.faults import Fault, FaultKind
from frontdesk.sandbox.calls.rate_limits import RateLimit
from frontdesk.sandbox.calls.recording import RecordedCall
from frontdesk.sandbox.clients import SandboxClients
from frontdesk.sandbox.control.customers import SandboxCustomer, find_or_create
from frontdesk.sandbox.control.rtm import SandboxRTM
from frontdesk.sandbox.control.settings import change_settings
from frontdesk.sandbox.seeds.company import BOT_ID
from frontdesk.sandbox.serve.options import ServerOptions
from frontdesk.sandbox.tokens import SECONDS, expire, issue, revoke
from frontdesk.sandbox.webhooks.delivery_queue import DeliveryQueue
from frontdesk.sandbox.world.chats.outside_api import (
    RESTRICTED,
    delete_chat,
    delete_event,
    delete_thread,
    delete_threads,
    restrict_thread,
    update_event,
)
from frontdesk.sandbox.world.properties.plans import Plan
from frontdesk.sandbox.world.widget.forms import FormType

if TYPE_CHECKING:
    from frontdesk.sandbox.serve.server import Server

__all__ = ["Sandbox"]


@checks_arguments
class Sandbox(SandboxClients):
    """A server that speaks LiveChat's API, in this process.

    ::

        with Sandbox() as sandbox:
            client = sandbox.client()
            chat = sandbox.customer("Ann").say("hello")

    Embedded, the default, it has no socket: its clients call it directly. ``served=True`` serves it
    over HTTP on a thread, for programs of any language. Everything works from sync and from async
    code; ``async with`` does as well.

    Args:
        seed: ``demo``, a small company with archives, active chats and a queue; ``quiet``, the same
            without anything going on; ``empty``, one owner; ``bulk:N``, N archived threads.
        random_seed: the same number gives the same ids, history and faults.
        db: a database file, which keeps its world; defaults to memory.
        start: the first time of the clock; defaults to now.
        running: false makes a clock that moves with ``advance`` only.
        served: serve over HTTP; ``url`` says where.
        host: the address to serve at.
        port: the port to serve at; 0 picks a free one.
        tls: serve HTTPS; ``ca_path`` is the certificate authority for clients to trust.
        open_control: let other machines use ``/__sandbox__`` too.
        allow_hosts: names that requests may give as ``Host``, besides those of this machine and
            ``host``; ``.example.com`` stands for all below one.
        allow_origins: web pages that may call the API, such as ``http://localhost:3000``; no other
            page may, and none may use ``/__sandbox__``.
        fixed_tokens: keep the well-known tokens where other machines can reach the sandbox;
            otherwise they are random there.
        webhook_hosts: where webhooks may be sent besides this machine: host names, addresses,
            networks such as ``10.0.0.0/8``, or ``*``. Where other machines can reach the sandbox,
            they are sent there only, ``localhost`` included.
        work_schedules: working hours (``work_scheduler``) change statuses, see ``configure``.

    Raises:
        InvalidArgument: An argument does not fit.
        StoreError: The file cannot be used.
        ServerError: The port cannot be used.
    """

    def __init__(
        self,
        seed: str = "demo",
        *,
        random_seed: int = 0,
        db: str | Path | None = None,
        start: datetime | None = None,
        running: bool = True,
        served: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        open_control: bool = False,
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
        fixed_tokens: bool = False,
        webhook_hosts: Iterable[str] = (),
        work_schedules: bool = False,
    ) -> None:
        options = ServerOptions(
            host=host,
            port=port,
            tls=tls,
            open_control=open_control,
            allow_hosts=allow_hosts,
            allow_origins=allow_origins,
            fixed_tokens=fixed_tokens,
        )
        backend = Backend(
            seed=seed,
            random_seed=random_seed,
            path=db,
            start=start,
            running=running,
            webhook_hosts=webhook_hosts,
            work_schedules=work_schedules,
        )
        super().__init__(backend)
        self._server: Server | None = None
        self._embedded = not served
        if not served:
            self.backend.serve_at(self.url)
            self.backend.webhooks.resume()
            return
        try:
            self._serve(options)
        except BaseException:
            self.backend.close()
            raise
        server = self._serving()
        self.url: str = server.url
        self.ca_path: Path | None = server.authority

    @classmethod
    def serve(cls, seed: str = "demo", **options: Any) -> Self:
        """Make a sandbox that is served over HTTP; the options are those of the class."""
        return cls(seed, served=True, **options)

    @property
    def webhooks(self) -> DeliveryQueue:
        """The webhooks that were sent, that wait, and that were given up."""
        return self.backend.webhooks

    @property
    def rtm_url(self) -> str:
        """Where RTM clients of any language connect: ``ws://…``, followed by the path."""
        return f"ws{self._serving().url.removeprefix('http')}"

    @property
    def rtm(self) -> SandboxRTM:
        """The RTM connections: to look at them, to break them, to push to them."""
        return SandboxRTM(self._serving().app.rtm, self.backend)

    @property
    def bot_id(self) -> str:
        """The bot whose token is ``bot`` in ``tokens``.

        Raises:
            NotFound: The seed has none, such as ``empty``, or it was deleted.
        """
        self.backend.check_open()
        if BOT_ID not in self.backend.world.store.company.agents:
            raise NotFound("there is no bot; create one, or use the seed `demo` or `quiet`")
        return BOT_ID

    def issue_token(
        self, agent_id: str, *, seconds: float = SECONDS, scopes: Iterable[str] | None = None
    ) -> str:
        """A new token of an agent or a bot, with its scheme.

        Args:
            agent_id: whose it is.
            seconds: how long it lives, on the sandbox's clock.
            scopes: what it grants; everything that the role of the agent may have by default.

        Raises:
            NotFound: There is no such agent.
            InvalidArgument: The role may not have one of the scopes.
        """
        return self.backend.work(
            lambda world: issue(world, agent_id, seconds=seconds, scopes=scopes)
        )

    def expire_token(self, token: str) -> None:
        """End the life of a token now; of those of ``tokens``, the name is enough.

        Tokens of customers end so, too.

        Raises:
            NotFound: There is no such token.
        """
        self.backend.work(lambda world: expire(world, self.tokens.get(token, token)))

    def revoke_token(self, token: str) -> None:
        """Take back a token; otherwise as ``expire_token``."""
        self.backend.work(lambda world: revoke(world, self.tokens.get(token, token)))

    def customer(self, name: str = "Ann", **fields: Any) -> SandboxCustomer:
        """The customer of that name, made when there is none; speaks as one.

        ``fields`` are those of a new one: ``email``, ``avatar``, ``session_fields``, ``group_ids``.
        """
        return find_or_create(self.backend, name, fields)

    def delete_event(self, event_id: str) -> None:
        """Delete an event, as agents do in LiveChat's own application.

        Owners and administrators still read it, others see only that it was there. Raises
        ``NotFound``, and ``ValidationError`` for one that is deleted already.
        """
        self.backend.work(lambda world: delete_event(world, event_id))

    def set_properties(
        self, properties: dict[str, dict[str, Any]], *, group_id: int | None = None
    ) -> None:
        """Set properties of the license, or of a group: what routing, queues and times obey.

        Args:
            properties: values by namespace and name, such as
                ``{"chats": {"queue.enabled": False, "max_agent_active_chats": 2}}``.
            group_id: the group; defaults to the license.

        Raises:
            ValidationError: Something is no property there.
            NotFound: There is no such group.
        """
        if group_id is None:
            change_settings(self.backend, properties, {})
        else:
            change_settings(self.backend, {}, {group_id: properties})

    def set_form(
        self, form_type: FormType, form: FormTemplate | None, *, group_id: int = 0
    ) -> None:
        """Give the chat window of a group another form than the plain one that it has.

        Args:
            form_type: ``prechat``, ``postchat`` or ``ticket``.
            form: what customers get from ``get_form``; ``None`` switches the form off.
            group_id: the group.

        Raises:
            NotFound: There is no such group.
        """
        change_settings(self.backend, {}, {}, forms={group_id: {form_type: form}})

    def configure(self, *, plan: Plan | None = None, work_schedules: bool | None = None) -> None:
        """Give the license another plan, or have working hours change statuses.

        Args:
            plan: ``starter``, ``team``, ``enterprise`` or ``enterpriseplus``; its limits of agents,
                groups, queues and so on become properties of the license.
            work_schedules: whether those who are not offline accept chats from the start of a shift
                of their ``work_scheduler`` on, and no more from its end on, by this clock.
        """
        change_settings(self.backend, {}, {}, plan=plan, work_schedules=work_schedules)

    def update_event(self, event_id: str, text: str) -> None:
        """Change the text of a message; agents get ``event_updated``.

        Raises:
            NotFound: There is no such event.
            ValidationError: The event is deleted, or has no text.
        """
        self.backend.work(lambda world: update_event(world, event_id, text))

    def delete_thread(self, thread_id: str) -> None:
        """Delete a closed thread with its events; its chat goes with the only thread.

        Raises:
            NotFound: There is no such thread.
            ValidationError: The thread is active.
        """
        self.backend.work(lambda world: delete_thread(world, thread_id))

    def delete_threads(
        self,
        *,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        tag: str | None = None,
    ) -> int:
        """Delete the closed threads created in a range of dates, those with a tag, or both.

        Args:
            date_from: the earliest creation, included.
            date_to: the latest creation, included.
            tag: the tag that the threads have.

        Returns:
            How many there were.

        Raises:
            ValidationError: Nothing is given.
        """
        return self.backend.work(
            lambda world: delete_threads(world, date_from=date_from, date_to=date_to, tag=tag)
        )

    def delete_chat(self, chat_id: str) -> None:
        """Delete a closed chat with all its threads.

        Raises:
            NotFound: There is no such chat.
            ValidationError: The chat is active.
        """
        self.backend.work(lambda world: delete_chat(world, chat_id))

    def restrict_thread(self, thread_id: str, reason: str = RESTRICTED) -> None:
        """Keep the events of a thread from everybody, as the limits of a plan do.

        Raises:
            NotFound: There is no such thread.
        """
        self.backend.work(lambda world: restrict_thread(world, thread_id, reason))

    @property
    def now(self) -> datetime:
        """The time on the sandbox's clock."""
        return self.backend.now()

    def advance(self, by: float | timedelta) -> datetime:
        """Move the clock forward, in seconds or by a ``timedelta``; does what is due by then."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return self.backend.advance(seconds, field="by")

    def advance_to(self, timestamp: datetime) -> datetime:
        """Move the clock forward to a time."""
        return self.backend.advance_to(timestamp, field="timestamp")

    def reset(self, seed: str | None = None, *, random_seed: int | None = None) -> None:
        """Begin anew, with the same seed or another; faults, limits and calls are gone."""
        self.backend.reset(seed, random_seed)

    def snapshot(self) -> bytes:
        """The whole world as bytes."""
        return self.backend.snapshot()

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot."""
        self.backend.restore(snapshot)

    def fault(
        self,
        kind: FaultKind,
        *methods: str,
        rate: float = 1.0,
        times: int | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Have something go wrong, see ``Fault``.

        Args:
            kind: what goes wrong.
            methods: the wire names of the methods it concerns; none means all.
            rate: the share of their calls, 0 to 1.
            times: how often, until it ends; defaults to without end.
            seconds: how long a ``latency`` or ``slow_body`` lasts.
        """
        fault = Fault(kind=kind, methods=methods, rate=rate, times=times, seconds=seconds)
        with self.backend.lock:
            self.backend.faults.add(fault)

    def clear_faults(self) -> None:
        """Take back all faults."""
        with self.backend.lock:
            self.backend.faults.clear()

    def limit(self, calls: int, seconds: float = 60.0, *, method: str | None = None) -> None:
        """Set a rate limit for each token: of one method, or of each that has none of its own."""
        limit = RateLimit(calls=calls, seconds=seconds, method=method)
        with self.backend.lock:
            self.backend.limits.set(limit)

    def clear_limits(self) -> None:
        """Take back all rate limits."""
        with self.backend.lock:
            self.backend.limits.clear()

    def calls(self, action: str | None = None, **fields: Any) -> list[RecordedCall]:
        """The latest calls, oldest first: of a method, and with these fields in the request.

        Raises:
            InvalidArgument: There is no such method, and nobody called it.
        """
        with self.backend.lock:
            if action is not None:
                self.backend.recorder.check_name(action)
            return self.backend.recorder.calls(action, **fields)

    def assert_called(
        self, action: str, *, times: int | None = None, **fields: Any
    ) -> list[RecordedCall]:
        """Fail unless a method was called with these fields; the calls that match.

        Args:
            action: wire name of the method.
            times: how often exactly; defaults to at least once.
            fields: what the request must have; objects in it may have more.

        Raises:
            AssertionError: They were not; the error lists the calls there were.
        """
        __tracebackhide__ = True
        with self.backend.lock:
            if times == 0:
                # Of a method that does not exist, this would always be true.
                self.backend.recorder.check_name(action)
            calls = self.backend.recorder.calls(action, **fields)
        if len(calls) == times or (times is None and calls):
            return calls
        expected = "at least once" if times is None else counted(times, "time")
        raise AssertionError(
            f"{_shown(action, fields)} should have been called {expected}, "
            f"and was called {counted(len(calls), 'time')}.\n{_listed(self.calls())}"
        )

    def assert_not_called(self, action: str, **fields: Any) -> None:
        """Fail if a method was called with these fields.

        Raises:
            AssertionError: It was; the error lists the calls there were.
            InvalidArgument: There is no such method.
        """
        __tracebackhide__ = True
        self.assert_called(action, times=0, **fields)

    def close(self) -> None:
        """Stop serving and close the database and the sync clients.

        What was recorded can still be read; everything else raises ``ClientClosed`` from then on.
        """
        self._close_clients()
        if self._server is not None:
            self._server.stop()
            self._server = None
        self.backend.close()

    async def aclose(self) -> None:
        """Close the async clients, then all the rest."""
        await self._aclose_clients()
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Sandbox {self.backend.seed} at {self.url}>"

    def _server_url(self) -> str:
        return self._serving().url

    def _serving(self) -> "Server":
        """The server; an embedded sandbox begins to be served without changing its address."""
        if self._server is None:
            self.backend.check_open()
            self._serve(ServerOptions())
            self.backend.serve_at(self.url)
        assert self._server is not None
        return self._server

    def _serve(self, options: ServerOptions) -> None:
        from frontdesk.sandbox.serve.server import Server

        server = Server(self.backend, options)
        server.start()
        self._server = server


def _shown(action: str, fields: dict[str, Any]) -> str:
    return f"{action}({', '.join(f'{name}={value!r}' for name, value in fields.items())})"


def _listed(calls: Iterable[RecordedCall]) -> str:
    lines = [f"  {call}" for call in calls]
    return "\n".join(["There were these calls:", *lines]) if lines else "There were no calls."
