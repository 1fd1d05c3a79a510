"""Speaking as a customer: from Python with ``SandboxCustomer``, over HTTP with the control."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from msgspec import UNSET, UnsetType

from frontdesk.codec.plain import is_object
from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import (
    Cart,
    Customer,
    Event,
    FilledForm,
    NewEvent,
    RichMessagePostback,
)
from frontdesk.sandbox.arguments import checks_arguments
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control import customer_acts as acts
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.people import customer_actions
from frontdesk.spec.checks import Checked, Id

__all__ = ["CustomersControl", "CustomersQuery", "SandboxCustomer", "find_or_create"]

T = TypeVar("T")


@checks_arguments
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
        return self._do(acts.profile)

    @property
    def chat_id(self) -> str | None:
        """The customer's chat, active or not."""
        chat = self._do(customer_actions.last_chat)
        return chat.id if chat else None

    @property
    def thread_id(self) -> str | None:
        """The last thread of the customer's chat."""
        chat = self._do(customer_actions.last_chat)
        return chat.last_thread.id if chat and chat.last_thread else None

    def transcript(self) -> list[Event]:
        """What the customer sees of the last thread."""
        return self._do(customer_actions.transcript)

    def say(self, text: str, *, group_ids: tuple[int, ...] | UnsetType = UNSET) -> Event:
        """Write a message; it starts a chat with the groups when none is active.

        Args:
            text: what to write.
            group_ids: the groups of a new chat; defaults to those of auto access, else 0.
        """
        return self._do(acts.say, acts.Say(text=text, group_ids=_listed(group_ids)))

    def start_chat(
        self,
        *events: NewEvent,
        group_ids: tuple[int, ...] | UnsetType = UNSET,
        continuous: bool | UnsetType = UNSET,
    ) -> str:
        """Start a chat with these events, or resume the one from before; its id.

        Args:
            events: what it begins with.
            group_ids: its groups; defaults to those of auto access, else 0.
            continuous: true needs nobody to be there; defaults to what the chat was before.
        """
        chat = acts.CustomerChat(
            events=list(events), group_ids=_listed(group_ids), continuous=continuous
        )
        return self._do(acts.start_chat, chat)

    def send(self, event: NewEvent) -> Event:
        """Send an event into the active chat."""
        return self._do(acts.send_event, acts.CustomerEvent(event=event))

    def rate(
        self, score: Literal["good", "bad"] | UnsetType = UNSET, comment: str | UnsetType = UNSET
    ) -> None:
        """Rate the chat, comment on it, or both."""
        self._do(acts.rate, acts.Rate(score=score, comment=comment))

    def cancel_rating(self) -> None:
        """Take the rating back."""
        self._do(customer_actions.cancel_rating)

    def fill_survey(self, form: FilledForm) -> Event:
        """Fill in the survey after the chat has ended."""
        return self._do(acts.fill_survey, acts.Survey(form=form))

    def request_transcript(self, email: str) -> None:
        """Ask for the transcript of the active chat by e-mail."""
        self._do(acts.request_transcript, acts.TranscriptRequest(email=email))

    def visit(self, url: str, title: str | UnsetType = UNSET, **details: Any) -> None:
        """Open a page of the website.

        Args:
            url: its address.
            title: its title.
            details: what counts for a new visit only: ``referrer``, ``ip``, ``user_agent``, and
                ``geolocation``, a ``Geolocation`` or a dictionary of its fields.
        """
        self._do(acts.visit_page, acts.VisitPage(url=url, title=title, **details))

    def update(self, **fields: Any) -> None:
        """Change ``name``, ``email``, ``avatar``, ``phone_number`` or ``session_fields``."""
        self._do(acts.update, acts.CustomerUpdate(**fields))

    def set_session_fields(self, *fields: dict[str, str]) -> None:
        """Set what the website knows of the session, in place of what it knew before."""
        self._do(acts.update, acts.SessionFields(session_fields=list(fields)))

    def set_cart(self, cart: Cart) -> None:
        """Fill the cart of a shop, in place of what was in it."""
        self._do(acts.set_cart, acts.CustomerCart(cart=cart))

    def see_greeting(self, greeting_id: int = 1) -> str:
        """Have a greeting of the license shown; the ``unique_id`` of this showing."""
        return self._do(acts.show_greeting, acts.ShowGreeting(greeting_id=greeting_id))["unique_id"]

    def accept_greeting(self, unique_id: str) -> None:
        """Look at the greeting."""
        self._do(acts.accept_greeting, acts.GreetingId(unique_id=unique_id))

    def cancel_greeting(self, unique_id: str) -> None:
        """Close the greeting."""
        self._do(acts.cancel_greeting, acts.GreetingId(unique_id=unique_id))

    def verify_email(self) -> None:
        """Follow the link of the e-mail that ``request_email_verification`` asked for.

        The callbacks of the requests are sent as webhooks are: ``sandbox.webhooks`` lists them.
        """
        self._do(acts.verify_email)

    def leave_ticket(self, *, group_ids: tuple[int, ...] = (0,)) -> str:
        """Leave a ticket while all these groups are offline; its id."""
        return self._do(acts.leave_ticket, acts.NewTicket(group_ids=list(group_ids)))["ticket_id"]

    def delete_ticket(self, ticket_id: str) -> None:
        """Have an agent delete a ticket in HelpDesk."""
        self._do(acts.delete_ticket, acts.TicketId(ticket_id=ticket_id))

    def transfer(self, *group_ids: int) -> None:
        """Have the rules of the website give the customer to other groups."""
        self._do(acts.transfer, acts.CustomerTransfer(group_ids=list(group_ids)))

    def type(self, text: str) -> None:
        """Type without sending; agents see it."""
        self._do(acts.type_text, acts.Typing(text=text))

    def press(self, event_id: str, postback: RichMessagePostback) -> None:
        """Press a button of a rich message."""
        self._do(acts.press, acts.Press(event_id=event_id, postback=postback))

    def see(self) -> None:
        """See everything that was written."""
        self._do(customer_actions.mark_seen)

    def close_chat(self) -> None:
        """End the active chat."""
        self._do(customer_actions.close_chat)

    def leave(self) -> None:
        """Leave the website."""
        self._do(acts.leave)

    def __repr__(self) -> str:
        return f"<SandboxCustomer {self.id}>"

    def _do(self, work: Callable[..., T], *orders: Checked) -> T:
        return self._backend.work(lambda world: work(world, self.id, *orders))


def _listed(group_ids: tuple[int, ...] | UnsetType) -> list[int] | UnsetType:
    return UNSET if group_ids is UNSET else list(group_ids)


def find_or_create(backend: Backend, name: str, fields: Mapping[str, Any]) -> SandboxCustomer:
    """The customer of a name, made when there is none."""

    def work(world: World) -> str:
        record = None if fields else world.store.customers.named(name)
        return record.id if record else acts.create(world, acts.NewCustomer(name=name, **fields)).id

    return SandboxCustomer(backend, backend.work(work))


class CustomersQuery(Checked, frozen=True, kw_only=True):
    """After which customer, by id, a page of them begins."""

    after: Id | UnsetType = UNSET


class CustomersControl:
    """The control ``/__sandbox__/customers``.

    Args:
        backend: whose customers they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, request: ControlRequest) -> Any:
        """A page of customers after ``?after=ID``, or one of them with what they see."""
        query: CustomersQuery = request.query
        if not request.parts:
            after = query.after or ""
            page = self._backend.work(lambda world: world.store.customers.page(after))
            return {"customers": [record.profile for record in page]}
        if query.after is not UNSET:
            raise ValidationError("`after` is for the list of customers")
        customer = SandboxCustomer(self._backend, self._id(request.parts[0]))
        return {"customer": customer.profile, "events": customer.transcript()}

    def act(self, request: ControlRequest) -> Any:
        """Make a customer, or do something as one, named by id or name."""
        if not request.parts:
            new = request.read(acts.NewCustomer)
            return {"customer": self._backend.work(lambda world: acts.create(world, new))}
        customer_id = self._id(request.parts[0])
        name = request.parts[1] if len(request.parts) > 1 else ""
        if name not in acts.ACTS:
            raise NotFound(f"customers cannot `{name}`; they can {', '.join(sorted(acts.ACTS))}")
        work, type_ = acts.ACTS[name]
        orders = [request.read(type_)] if type_ else []
        result = self._backend.work(lambda world: work(world, customer_id, *orders))
        places = self._backend.work(lambda world: _places(world, customer_id))
        if is_object(result):
            return {**places, **result}
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
    return places if chat.last_thread is None else {**places, "thread_id": chat.last_thread.id}
