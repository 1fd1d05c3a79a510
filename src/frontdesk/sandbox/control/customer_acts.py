"""What can be done as a customer: how each thing is asked for, and what does it.

The names are those of the Customer Chat API where it has a method for it.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from frontdesk.actions.agent.customers import check_phone_number
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    Cart,
    Customer,
    Event,
    FilledForm,
    Geolocation,
    InitialChat,
    InitialThread,
    NewEvent,
    RichMessagePostback,
)
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import starting
from frontdesk.sandbox.world.people import (
    customer_actions,
    customers,
    email_verification,
    greetings,
    tickets,
    website,
)
from frontdesk.spec.checks import Checked, Id, given

__all__ = ["ACTS", "NewCustomer", "create", "profile"]

HOME: Final = "https://www.example.com/"
"""The page that a customer opens who speaks without having opened one."""
_SCORES: Final = {"good": 1, "bad": 0}
_record: Final = partial(customers.find, field="customer_id")


class NewCustomer(Checked, frozen=True, kw_only=True):
    """A customer to make."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    avatar: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    session_fields: list[dict[str, str]] | UnsetType = UNSET
    group_ids: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET

    def _rules(self) -> None:
        check_phone_number(self.phone_number)


class CustomerUpdate(Checked, frozen=True, kw_only=True):
    """What changes of a customer's profile."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    avatar: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    session_fields: list[dict[str, str]] | UnsetType = UNSET

    def _rules(self) -> None:
        if not given(**asdict(self)):
            raise InvalidArgument("", f"give one of {', '.join(self.__struct_fields__)}")
        check_phone_number(self.phone_number)


class SessionFields(Checked, frozen=True, kw_only=True):
    """What the website knows of the customer's session."""

    session_fields: list[dict[str, str]]


class CustomerCart(Checked, frozen=True, kw_only=True):
    """What is in the customer's cart of a shop."""

    cart: Cart


class ShowGreeting(Checked, frozen=True, kw_only=True):
    """The greeting of the license that is shown."""

    greeting_id: Annotated[int, Meta(ge=1)]


class GreetingId(Checked, frozen=True, kw_only=True):
    """The showing of a greeting, as ``show_greeting`` names it."""

    unique_id: Id


class NewTicket(Checked, frozen=True, kw_only=True):
    """The groups that a ticket is for."""

    group_ids: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET


class TicketId(Checked, frozen=True, kw_only=True):
    """A ticket of the customer."""

    ticket_id: Id


class Survey(Checked, frozen=True, kw_only=True):
    """The survey that the customer fills in after the chat."""

    form: FilledForm


class TranscriptRequest(Checked, frozen=True, kw_only=True):
    """Where the transcript goes."""

    email: Id


class CustomerTransfer(Checked, frozen=True, kw_only=True):
    """The groups that have the customer from now on."""

    group_ids: Annotated[list[int], Meta(min_length=1)]


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
    ip: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    geolocation: Geolocation | UnsetType = UNSET


class Typing(Checked, frozen=True, kw_only=True):
    """What the customer is typing."""

    text: str


class Press(Checked, frozen=True, kw_only=True):
    """The button of a rich message that the customer presses."""

    event_id: Id
    postback: RichMessagePostback


def _sent(order: Checked) -> dict[str, Any]:
    """Return the fields that were given, and their values."""
    return {name: value for name, value in asdict(order).items() if value is not UNSET}


def create(world: World, new: NewCustomer) -> Customer:
    """Make a customer; returns the profile."""
    if new.group_ids is not UNSET:
        starting.check_groups(world, new.group_ids, "group_ids")
    return customers.create(world, customers.CustomerDetails(**_sent(new))).profile


def profile(world: World, customer_id: str) -> Customer:
    """Return the customer as ``get_customer`` shows it to the owner."""
    return customers.shown(world, None, customers.find(world, customer_id), in_full=True)


def arrive(world: World, customer_id: str) -> None:
    """Whoever chats is on the website."""
    record = _record(world, customer_id)
    if not record.online:
        customers.visit(world, record, customers.PageView(url=HOME, title="Home"))


def say(world: World, customer_id: str, message: Say) -> Event:
    arrive(world, customer_id)
    groups = None if message.group_ids is UNSET else message.group_ids
    return customer_actions.say(world, customer_id, message.text, group_ids=groups)


def start_chat(world: World, customer_id: str, start: CustomerChat) -> str:
    arrive(world, customer_id)
    chat = customer_actions.open_chat(
        world,
        customer_id,
        InitialChat(thread=InitialThread(events=start.events)),
        group_ids=None if start.group_ids is UNSET else start.group_ids,
        continuous=None if start.continuous is UNSET else start.continuous,
    )
    return chat.id


def send_event(world: World, customer_id: str, order: CustomerEvent) -> Event:
    arrive(world, customer_id)
    return customer_actions.send_event(world, customer_id, order.event)


def rate(world: World, customer_id: str, rating: Rate) -> None:
    score = None if rating.score is UNSET else _SCORES[rating.score]
    comment = None if rating.comment is UNSET else rating.comment
    customer_actions.rate(world, customer_id, score, comment)


def visit_page(world: World, customer_id: str, page: VisitPage) -> None:
    website.open_page(
        world,
        _record(world, customer_id),
        customers.PageView(
            url=page.url,
            title=page.title or "",
            referrer=page.referrer or None,
            ip=page.ip or None,
            user_agent=page.user_agent or None,
            geolocation=page.geolocation or None,
        ),
    )


def update(world: World, customer_id: str, update: CustomerUpdate | SessionFields) -> None:
    record = _record(world, customer_id)
    customers.update(world, record, _sent(update), CustomerActor(customer_id))


def set_cart(world: World, customer_id: str, order: CustomerCart) -> None:
    customers.set_cart(world, _record(world, customer_id), order.cart)


def show_greeting(world: World, customer_id: str, order: ShowGreeting) -> dict[str, str]:
    arrive(world, customer_id)
    record = _record(world, customer_id)
    return {"unique_id": greetings.show(world, record, order.greeting_id)}


def accept_greeting(world: World, customer_id: str, order: GreetingId) -> None:
    record = _record(world, customer_id)
    greetings.accept(world, record, order.unique_id)


def cancel_greeting(world: World, customer_id: str, order: GreetingId) -> None:
    greetings.close(world, _record(world, customer_id), order.unique_id)


def verify_email(world: World, customer_id: str) -> None:
    email_verification.verify(world, _record(world, customer_id))


def leave_ticket(world: World, customer_id: str, order: NewTicket) -> dict[str, str]:
    arrive(world, customer_id)
    record = _record(world, customer_id)
    return {"ticket_id": tickets.leave(world, record, order.group_ids or [0])}


def delete_ticket(world: World, customer_id: str, order: TicketId) -> None:
    tickets.delete(world, _record(world, customer_id), order.ticket_id)


def fill_survey(world: World, customer_id: str, survey: Survey) -> Event:
    return customer_actions.fill_survey(world, customer_id, survey.form)


def request_transcript(world: World, customer_id: str, order: TranscriptRequest) -> None:
    customer_actions.request_transcript(world, customer_id, order.email)


def transfer(world: World, customer_id: str, order: CustomerTransfer) -> None:
    starting.check_groups(world, order.group_ids, "group_ids")
    record = _record(world, customer_id)
    customers.transfer(world, record, order.group_ids)


def type_text(world: World, customer_id: str, typing: Typing) -> None:
    customer_actions.sneak_peek(world, customer_id, typing.text)


def press(world: World, customer_id: str, press: Press) -> None:
    customer_actions.press(world, customer_id, press.event_id, press.postback)


def leave(world: World, customer_id: str) -> None:
    customers.leave_site(world, _record(world, customer_id))


ACTS: Final[dict[str, tuple[Callable[..., Any], type[Checked] | None]]] = {
    "start_chat": (start_chat, CustomerChat),
    "send_event": (send_event, CustomerEvent),
    "say": (say, Say),
    "rate": (rate, Rate),
    "visit_page": (visit_page, VisitPage),
    "type": (type_text, Typing),
    "press": (press, Press),
    "see": (customer_actions.mark_seen, None),
    "close_chat": (customer_actions.close_chat, None),
    "leave": (leave, None),
    "update_customer": (update, CustomerUpdate),
    "set_customer_session_fields": (update, SessionFields),
    "set_cart": (set_cart, CustomerCart),
    "show_greeting": (show_greeting, ShowGreeting),
    "accept_greeting": (accept_greeting, GreetingId),
    "cancel_greeting": (cancel_greeting, GreetingId),
    "verify_email": (verify_email, None),
    "leave_ticket": (leave_ticket, NewTicket),
    "delete_ticket": (delete_ticket, TicketId),
    "fill_survey": (fill_survey, Survey),
    "cancel_rating": (customer_actions.cancel_rating, None),
    "request_transcript": (request_transcript, TranscriptRequest),
    "transfer": (transfer, CustomerTransfer),
}
