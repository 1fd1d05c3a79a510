"""Speaking as a customer: from Python with ``SandboxCustomer``, over HTTP with the control."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from frontdesk.errors import InvalidArgument, NotFound
from frontdesk.models import (
    Customer,
    Event,
    InitialChat,
    InitialThread,
    NewEvent,
    RichMessagePostback,
)
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.chats import starting
from frontdesk.sandbox.world.people import customer_actions, customers
from frontdesk.spec.checks import Checked, Id

__all__ = ["CustomersControl", "SandboxCustomer", "find_or_create"]

T = TypeVar("T")
HOME: Final = "https://www.example.com/"
"""The page that a customer opens who speaks without having opened one."""
_SCORES: Final = {"good": 1, "bad": 0}


class NewCustomer(Checked, frozen=True, kw_only=True):
    """A customer to make."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    avatar: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    session_fields: list[dict[str, str]] | UnsetType = UNSET
    group_ids: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET


class CustomerChat(Checked, frozen=True, kw_only=True):
    """How a customer starts a chat."""

    events: list[NewEvent] | UnsetType = UNSET
    group_ids: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET
    continuous: bool | UnsetType = UNSET


class CustomerEvent(Checked, frozen=True, kw_only=True):
    """What a customer sends."""

    event: NewEvent


class Say(Checked, frozen=True, kw_only=True):
    """A message; it starts a chat when none is active."""

    text: Annotated[str, Meta(min_length=1)]
    group_ids: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET


class Rate(Checked, frozen=True, kw_only=True):
    """A rating, a comment, or both."""

    score: Literal["good", "bad"] | UnsetType = UNSET
    comment: str | UnsetType = UNSET

    def _rules(self) -> None:
        if self.score is UNSET and self.comment is UNSET:
            raise InvalidArgument("", "give a `score`, a `comment`, or both")


class VisitPage(Checked, frozen=True, kw_only=True):
    """A page of the website that the customer opens."""

    url: Id
    title: str | UnsetType = UNSET
    referrer: str | UnsetType = UNSET


class Typing(Checked, frozen=True, kw_only=True):
    """What the customer is typing."""

    text: str


class Press(Checked, frozen=True, kw_only=True):
    """The button of a rich message that the customer presses."""

    event_id: Id
    postback: RichMessagePostback


class SandboxCustomer:
    """A customer of a sandbox; each method is something that a customer does on the website.

    They raise the ``APIError`` that a chat window would get, such as ``GroupsOffline``.
    """

    def __init__(self, backend: Backend, customer_id: str) -> None:
        self._backend = backend
        self.id = customer_id

    @property
    def profile(self) -> Customer:
        """The customer as ``get_customer`` shows it to the owner."""
        return self._do(_profile)

    @property
    def chat_id(self) -> str | None:
        """The customer's chat, active or not."""
        chat = self._do(customer_actions.last_chat)
        return chat.id if chat else None

    @property
    def thread_id(self) -> str | None:
        """The last thread of the customer's chat."""
        chat = self._do(customer_actions.last_chat)
        return chat.thread.id if chat and chat.thread else None

    def transcript(self) -> list[Event]:
        """What the customer sees of the last thread."""
        return self._do(customer_actions.transcript)

    def say(self, text: str, *, group_ids: tuple[int, ...] = (0,)) -> Event:
        """Write a message; it starts a chat with the groups when none is active."""
        return self._do(_say, Say(text=text, group_ids=list(group_ids)))

    def start_chat(
        self,
        *events: NewEvent,
        group_ids: tuple[int, ...] = (0,),
        continuous: bool | UnsetType = UNSET,
    ) -> str:
        """Start a chat with these events, or resume the one from before; its id."""
        chat = CustomerChat(events=list(events), group_ids=list(group_ids), continuous=continuous)
        return self._do(_start_chat, chat)

    def send(self, event: NewEvent) -> Event:
        """Send an event into the active chat."""
        return self._do(_send_event, CustomerEvent(event=event))

    def rate(
        self, score: Literal["good", "bad"] | UnsetType = UNSET, comment: str | UnsetType = UNSET
    ) -> None:
        """Rate the chat, comment on it, or both."""
        self._do(_rate, Rate(score=score, comment=comment))

    def visit(
        self, url: str, title: str | UnsetType = UNSET, *, referrer: str | UnsetType = UNSET
    ) -> None:
        """Open a page of the website."""
        self._do(_visit_page, VisitPage(url=url, title=title, referrer=referrer))

    def type(self, text: str) -> None:
        """Type without sending; agents see it."""
        self._do(_type, Typing(text=text))

    def press(self, event_id: str, postback: RichMessagePostback) -> None:
        """Press a button of a rich message."""
        self._do(_press, Press(event_id=event_id, postback=postback))

    def see(self) -> None:
        """See everything that was written."""
        self._do(customer_actions.mark_seen)

    def close_chat(self) -> None:
        """End the active chat."""
        self._do(customer_actions.close_chat)

    def leave(self) -> None:
        """Leave the website."""
        self._do(_leave)

    def __repr__(self) -> str:
        return f"<SandboxCustomer {self.id}>"

    def _do(self, work: Callable[..., T], *orders: Checked) -> T:
        return self._backend.work(lambda world: work(world, self.id, *orders))


def find_or_create(backend: Backend, name: str, fields: Mapping[str, Any]) -> SandboxCustomer:
    """The customer of a name, made when there is none."""

    def work(world: World) -> str:
        record = None if fields else world.store.customers.named(name)
        return record.id if record else _create(world, NewCustomer(name=name, **fields)).id

    return SandboxCustomer(backend, backend.work(work))


class CustomersControl:
    """The control ``/__sandbox__/customers``.

    Args:
        backend: whose customers they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, request: ControlRequest) -> Any:
        """A page of customers after ``?after=ID``, or one of them with what they see."""
        if not request.parts:
            after = request.query.get("after", "")
            page = self._backend.work(lambda world: world.store.customers.page(after))
            return {"customers": [record.profile for record in page]}
        customer = SandboxCustomer(self._backend, self._id(request.parts[0]))
        return {"customer": customer.profile, "events": customer.transcript()}

    def act(self, request: ControlRequest) -> Any:
        """Make a customer, or do something as one, named by id or name."""
        if not request.parts:
            new = request.read(NewCustomer)
            return {"customer": self._backend.work(lambda world: _create(world, new))}
        customer_id = self._id(request.parts[0])
        name = request.parts[1] if len(request.parts) > 1 else ""
        if name not in _ACTS:
            raise NotFound(f"customers cannot `{name}`; they can {', '.join(sorted(_ACTS))}")
        work, type_ = _ACTS[name]
        orders = [request.read(type_)] if type_ else []
        result = self._backend.work(lambda world: work(world, customer_id, *orders))
        places = self._backend.work(lambda world: _places(world, customer_id))
        is_event = isinstance(getattr(result, "type", None), str)
        return {**places, "event": result} if is_event else places

    def _id(self, name: str) -> str:
        def find(world: World) -> str:
            store = world.store.customers
            record = store.get(name) or store.named(name)
            if record is None:
                raise NotFound(f"there is no customer `{name}`, neither by id nor by name")
            return record.id

        return self._backend.work(find)


def _places(world: World, customer_id: str) -> dict[str, str]:
    """The last chat of a customer, and its last thread."""
    chat = customer_actions.last_chat(world, customer_id)
    if chat is None:
        return {}
    places = {"chat_id": chat.id}
    return places if chat.thread is None else {**places, "thread_id": chat.thread.id}


def _create(world: World, new: NewCustomer) -> Customer:
    if new.group_ids is not UNSET:
        starting.check_groups(world, new.group_ids, "group_ids")
    given = {name: value for name, value in asdict(new).items() if value is not UNSET}
    return customers.create(world, customers.CustomerDetails(**given)).profile


def _profile(world: World, customer_id: str) -> Customer:
    return customers.shown(world, None, customers.find(world, customer_id), in_full=True)


def _arrive(world: World, customer_id: str) -> None:
    """Whoever chats is on the website."""
    record = customers.find(world, customer_id, "customer_id")
    if not record.online:
        customers.visit(world, record, customers.PageView(url=HOME, title="Home"))


def _say(world: World, customer_id: str, message: Say) -> Event:
    _arrive(world, customer_id)
    groups = [0] if message.group_ids is UNSET else message.group_ids
    return customer_actions.say(world, customer_id, message.text, group_ids=groups)


def _start_chat(world: World, customer_id: str, start: CustomerChat) -> str:
    _arrive(world, customer_id)
    chat = customer_actions.open_chat(
        world,
        customer_id,
        InitialChat(thread=InitialThread(events=start.events)),
        group_ids=[0] if start.group_ids is UNSET else start.group_ids,
        continuous=None if start.continuous is UNSET else start.continuous,
    )
    return chat.id


def _send_event(world: World, customer_id: str, order: CustomerEvent) -> Event:
    _arrive(world, customer_id)
    return customer_actions.send_event(world, customer_id, order.event)


def _rate(world: World, customer_id: str, rating: Rate) -> None:
    score = None if rating.score is UNSET else _SCORES[rating.score]
    comment = None if rating.comment is UNSET else rating.comment
    customer_actions.rate(world, customer_id, score, comment)


def _visit_page(world: World, customer_id: str, page: VisitPage) -> None:
    customers.visit(
        world,
        customers.find(world, customer_id, "customer_id"),
        customers.PageView(
            url=page.url,
            title=page.title or "",
            referrer=None if page.referrer is UNSET else page.referrer,
        ),
    )


def _type(world: World, customer_id: str, typing: Typing) -> None:
    customer_actions.sneak_peek(world, customer_id, typing.text)


def _press(world: World, customer_id: str, press: Press) -> None:
    customer_actions.press(world, customer_id, press.event_id, press.postback)


def _leave(world: World, customer_id: str) -> None:
    customers.leave_site(world, customers.find(world, customer_id, "customer_id"))


_ACTS: Final[dict[str, tuple[Callable[..., Any], type[Checked] | None]]] = {
    "start_chat": (_start_chat, CustomerChat),
    "send_event": (_send_event, CustomerEvent),
    "say": (_say, Say),
    "rate": (_rate, Rate),
    "visit_page": (_visit_page, VisitPage),
    "type": (_type, Typing),
    "press": (_press, Press),
    "see": (customer_actions.mark_seen, None),
    "close_chat": (customer_actions.close_chat, None),
    "leave": (_leave, None),
}
