"""Customers: who they are, what they do on the website, and what changes about them."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import UNSET, Struct, structs
from msgspec.structs import replace

from frontdesk.actions.customer.customers import MAX_SESSION_FIELDS
from frontdesk.errors import LimitReached, NotFound, ValidationError
from frontdesk.models import (
    Cart,
    Customer,
    CustomerStatistics,
    FacebookAccount,
    FacebookProfile,
    FilledForm,
    FilledFormEvent,
    Geolocation,
    OmnichannelPush,
    OmnichannelRequest,
    OmnichannelResponse,
    Page,
    TwilioNumber,
    Visit,
)
from frontdesk.pushes import (
    CustomerLeft,
    CustomerPageUpdated,
    CustomerStatisticsUpdated,
    CustomerTransferred,
    CustomerUpdated,
    IncomingCustomer,
    TransferGroups,
)
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import ChatRecord, CustomerRecord, TimerRow
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.access import agent_shares
from frontdesk.sandbox.world.actor import Actor, Requester
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import deadlines, system_messages
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.login_sessions import CustomerSession
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.people.own_profile import changes_for_customer
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.routing import auto_access
from frontdesk.sandbox.world.world import World

__all__ = [
    "active_chats",
    "check_session_fields",
    "count",
    "create",
    "end_session",
    "find",
    "introduce",
    "leave_site",
    "not_found",
    "sessions_of",
    "set_cart",
    "shown",
    "still_verified",
    "transfer",
    "update",
    "visit",
    "watch_visit",
    "with_identities",
]

KEPT_PAGES = 10
"""How many of a visit's pages are kept."""
_MINUTE = 60_000_000


def find(world: World, customer_id: str, field: str = "id") -> CustomerRecord:
    """Return the customer of an id.

    Raises:
        NotFound: There is none; the message names the field of the request.
    """
    record = world.store.customers.get(customer_id)
    if record is None:
        raise not_found(customer_id, field)
    return record


def not_found(customer_id: str, field: str = "id") -> NotFound:
    """Return the error of a customer who is not there."""
    return NotFound(f"`{field}`: there is no customer `{customer_id}`")


def shown(
    world: World, requester: Requester | None, record: CustomerRecord, *, in_full: bool = False
) -> Customer:
    """Return a customer outside of any chat; ``in_full`` is what ``get_customer`` returns."""
    chats = _chats(world, record.id)
    agent = world.store.company.agents.get(requester.id) if requester else None
    state = "chatting" if any(chat.active for chat in chats) else "browsing"
    return replace(
        record.profile,
        chat_ids=[chat.id for chat in chats] or None if in_full else None,
        agent_last_event_created_at=_latest([chat.agent_wrote_at for chat in chats]),
        customer_last_event_created_at=_latest([chat.customer_wrote_at for chat in chats]),
        followed=record.id in agent.followed_customers if agent and not in_full else None,
        online=None if in_full else record.online,
        group_ids=None if in_full else record.group_ids,
        state=state if record.online and not in_full else None,
    )


def _latest(times: list[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def _chats(world: World, customer_id: str) -> list[ChatRecord]:
    chats = map(world.store.chats.read, world.store.chats.of_customer(customer_id))
    return [chat for chat in chats if chat is not None]


def active_chats(world: World, customer_id: str) -> list[ChatRecord]:
    """Return the chats of a customer with an open thread."""
    chats = map(world.store.chats.get, world.store.chats.of_customer(customer_id))
    return [chat for chat in chats if chat is not None and chat.active]


def watchers(world: World, record: CustomerRecord) -> Recipients:
    """Return who gets a push about a customer, as things stand now.

    Who is in the customer's chats is named: what comes next may close them before the push is
    delivered.
    """
    chats = active_chats(world, record.id) if world.listened else []
    agents = (user.id for chat in chats for user in chat.present_agents())
    return Recipients(
        agent_ids=tuple(dict.fromkeys(agents)), customer_id=record.id, chatting=bool(chats)
    )


class CustomerDetails(Struct, kw_only=True, frozen=True):
    """What is known of a new customer; agents of ``group_ids`` get to know about it."""

    name: str | None = None
    email: str | None = None
    avatar: str | None = None
    phone_number: str | None = None
    session_fields: list[dict[str, str]] | None = None
    group_ids: Sequence[int] = (0,)


def create(world: World, details: CustomerDetails, actor: Actor | None = None) -> CustomerRecord:
    """Make a customer, who has not visited the website yet."""
    record = CustomerRecord(
        profile=Customer(
            id=world.ids.uuid4(),
            created_at=world.clock.now(),
            name=_kept(details.name),
            email=_kept(details.email),
            email_verified=False if details.email else None,
            avatar=_kept(details.avatar),
            phone_number=_kept(details.phone_number),
            session_fields=_kept(details.session_fields),
            statistics=CustomerStatistics(
                chats_count=0, threads_count=0, visits_count=0, page_views_count=0
            ),
        ),
        group_ids=list(details.group_ids),
    )
    world.store.customers.add(record)
    _push_incoming(world, record, actor, webhook="incoming_customer")
    return record


def _push_incoming(
    world: World,
    record: CustomerRecord,
    actor: Actor | None = None,
    webhook: str | None = None,
) -> None:
    if world.listened:
        requester = actor if isinstance(actor, Requester) else None
        world.emit(
            Effect(
                payload=shown(world, requester, record),
                push=IncomingCustomer.spec.name,
                # Its webhook is for new customers only.
                webhook=webhook,
                recipients=watchers(world, record),
                actor=actor,
            )
        )


def count(world: World, record: CustomerRecord, **by: int) -> None:
    """Raise counters of a customer's statistics."""
    statistics = record.profile.statistics or CustomerStatistics()
    changes: dict[str, Any] = {
        name: (getattr(statistics, name) or 0) + more for name, more in by.items()
    }
    record.profile.statistics = replace(statistics, **changes)
    if world.listened:
        world.push(
            CustomerStatisticsUpdated(
                customer_id=record.id, statistics=CustomerStatistics(**changes)
            ),
            watchers(world, record),
        )


class PageView(Struct, kw_only=True, frozen=True):
    """A page that a customer opens; the fields after ``group_id`` count for a new visit only.

    Without a ``url`` the customer is on the website, and nobody knows where. ``group_id`` is the
    group that the website names, which counts until the rules of auto access name others.
    """

    url: str
    title: str = ""
    group_id: int | None = None
    referrer: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    geolocation: Geolocation | None = None


def visit(world: World, record: CustomerRecord, view: PageView) -> None:
    """Open a page of the website; a customer who was away begins a new visit.

    Raises:
        CustomerBanned: The customer is banned, or the IP address is.
    """
    refuse_banned(world, record, ip=None if record.online else view.ip)
    before = record.profile.visit
    if record.online and before is not None:
        _turn_page(world, record, before, view)
    else:
        _begin_visit(world, record, before, view)


def _turn_page(world: World, record: CustomerRecord, before: Visit, view: PageView) -> None:
    now = world.clock.now()
    if view.url:
        page = Page(opened_at=now, url=view.url, title=view.title)
        record.profile.visit = replace(before, last_pages=_pages(before, page))
        record.visit_pages += 1
        count(world, record, page_views_count=1)
        world.push(
            CustomerPageUpdated(
                customer_id=record.id,
                visit_id=record.visit_number,
                opened_at=now,
                url=view.url,
                title=view.title,
            ),
            watchers(world, record),
        )
    if _ask_rules(world, record, view.group_id):
        transfer(world, record, record.auto_access or [0])


def _begin_visit(
    world: World, record: CustomerRecord, before: Visit | None, view: PageView
) -> None:
    now = world.clock.now()
    page = Page(opened_at=now, url=view.url, title=view.title)
    record.online = True
    record.left_at = None
    record.visit_number += 1
    record.visit_pages = 1 if view.url else 0
    record.greetings_of_visit = []
    record.profile.visit = Visit(
        started_at=now,
        referrer=view.referrer,
        ip=view.ip or (before.ip if before else None),
        user_agent=view.user_agent or (before.user_agent if before else None),
        geolocation=view.geolocation or (before.geolocation if before else None),
        last_pages=[page] if view.url else [],
    )
    if _ask_rules(world, record, view.group_id):
        record.group_ids = list(record.auto_access or [0])
    count(world, record, visits_count=1, page_views_count=record.visit_pages)
    _push_incoming(world, record)
    watch_visit(world, record)


def _ask_rules(world: World, record: CustomerRecord, group_id: int | None = None) -> bool:
    """Ask the rules of auto access about the page; return whether other groups count now.

    ``group_id`` is the group that the website names with this page, if it names one.
    """
    before, visit = record.auto_access, record.profile.visit
    of_rules = None if visit is None else auto_access.find_groups(world, visit)
    if group_id is not None:
        record.chosen_group = group_id
        record.auto_access = [group_id]
    elif record.chosen_group is None:
        record.auto_access = of_rules
    elif of_rules != record.rule_groups:
        record.auto_access = of_rules or [record.chosen_group]
    record.rule_groups = of_rules
    return record.auto_access != before


def watch_visit(world: World, record: CustomerRecord) -> None:
    """End the visit when nothing happens for ``chats.customer_timeout_after_min``."""
    due = _visit_ends(world, record)
    if due is not None:
        world.store.timers.set("visit", record.id, due)


def check_visit(world: World, timer: TimerRow) -> None:
    """End the visit that a timer is about, unless the customer did something meanwhile."""
    record = world.store.customers.get(timer.subject)
    if record is None or not record.online:
        return
    due = _visit_ends(world, record)
    if due is not None and due <= world.clock.peek():
        leave_site(world, record)
    else:
        watch_visit(world, record)


def _visit_ends(world: World, record: CustomerRecord) -> int | None:
    """Return when a visit ends, in microseconds since 1970; ``None`` is never."""
    minutes = int(properties.license_value(world, "chats", "customer_timeout_after_min", 0))
    visit = record.profile.visit
    pages = (visit.last_pages or []) if visit else []
    wrote = [chat.customer_wrote_at for chat in _chats(world, record.id)]
    began = [visit.started_at] if visit else []
    last = _latest(began + [page.opened_at for page in pages[-1:]] + wrote)
    if minutes <= 0 or last is None:
        return None
    # As a number: a visit may end beyond the last date that there is.
    return to_micros(last) + minutes * _MINUTE


def _pages(visit: Visit, page: Page) -> list[Page]:
    return [*(visit.last_pages or []), page][-KEPT_PAGES:]


def leave_site(world: World, record: CustomerRecord, reason: str = "inactivity_timeout") -> None:
    """Leave the website; session fields end with the session, chats end after a while.

    Connections that are logged in still are to be ended for ``reason``.
    """
    for session in sessions_of(world, record.id):
        end_session(world, session, reason)
    if not record.online:
        return
    now = world.clock.now()
    record.online = False
    record.connected = False
    record.left_at = now
    record.profile.session_fields = None
    if record.chosen_group is not None:
        record.chosen_group, record.auto_access = None, record.rule_groups
        record.group_ids = list(record.auto_access or [0])
    if record.profile.visit is not None:
        record.profile.visit = replace(record.profile.visit, ended_at=now)
    world.store.timers.cancel("visit", record.id)
    for chat in active_chats(world, record.id):
        deadlines.set_timer(world, chat)
    world.push(CustomerLeft(id=record.id, left_at=now), watchers(world, record))


def sessions_of(world: World, customer_id: str) -> list[CustomerSession]:
    """Return the RTM connections of a customer that are logged in."""
    return [
        session
        for session in world.customer_sessions.values()
        if session.customer.id == customer_id
    ]


def end_session(world: World, session: CustomerSession, reason: str) -> None:
    """Have the server end a connection, for one of the reasons of ``customer_disconnected``."""
    if session.ends is None:
        session.ends = reason
        world.undo_with(partial(setattr, session, "ends", None))


def transfer(world: World, record: CustomerRecord, group_ids: Sequence[int]) -> None:
    """Move a customer on the website to other groups, as the rules of the website do.

    Agents who had the customer in one of their groups, and have no more, get
    ``customer_transferred``.
    """
    before, record.group_ids = record.group_ids, list(group_ids)
    transferred_to = TransferGroups(group_ids=record.group_ids)
    for agent in world.store.company.agents.values():
        if agent_shares(agent, before) and not agent_shares(agent, record.group_ids):
            world.push(
                CustomerTransferred(
                    id=record.id,
                    transferred_to=transferred_to,
                    followed=record.id in agent.followed_customers,
                ),
                Recipients(agent_ids=(agent.id,)),
            )


def set_cart(world: World, record: CustomerRecord, cart: Cart) -> None:
    """Keep what is in the customer's cart of a shop, in place of what was in it before."""
    others = [held for held in record.profile.carts or () if held.store_uuid != cart.store_uuid]
    record.profile.carts = [*others, cart]
    push = CustomerUpdated(id=record.id, type="customer", cart=cart)
    world.push(push, watchers(world, record))


def update(
    world: World,
    record: CustomerRecord,
    changes: dict[str, Any],
    actor: Actor | None = None,
) -> None:
    """Change fields of a customer's profile.

    In active chats, agents learn of a new name or e-mail address, and webhooks of new session
    fields, once for each chat.
    """
    before = record.profile
    record.profile = replace(before, **{name: _kept(value) for name, value in changes.items()})
    shown_changes = {name: value for name, value in changes.items() if name != "email_verified"}
    if "omnichannel" in shown_changes:
        shown_changes["omnichannel"] = _pushed_omnichannel(record.profile)
    world.push(
        CustomerUpdated(id=record.id, type="customer", **shown_changes),
        watchers(world, record),
        actor=actor,
    )
    _push_to_customer(world, record, changes, actor)
    for chat in active_chats(world, record.id):
        _push_to_chat(world, chat, before, record.profile, changes, actor)


def with_identities(record: CustomerRecord, asked: OmnichannelRequest) -> OmnichannelResponse:
    """Return the identities in other channels: a request adds or replaces one in each."""
    held = record.profile.omnichannel or OmnichannelResponse()
    facebook, twilio = list(held.fb_messenger or ()), list(held.twilio or ())
    new = asked.fbmessenger
    if new is not UNSET:
        values = {
            name: None if (value := getattr(new, name)) is UNSET else value
            for name in ("id", "name", "first_name", "last_name", "gender", "locale")
        }
        facebook = [account for account in facebook if account.id != new.id]
        facebook.append(
            FacebookProfile(
                profile_pic_url=None if new.profile_pic is UNSET else new.profile_pic,
                is_verified_user=None if new.is_verified_user is UNSET else new.is_verified_user,
                **values,
            )
        )
    if asked.twilio is not UNSET:
        number = asked.twilio.phone_number
        twilio = [numbers for numbers in twilio if number not in numbers]
        twilio.append({number: TwilioNumber(phone_number=number)})
    return OmnichannelResponse(fb_messenger=facebook or None, twilio=twilio or None)


def still_verified(record: CustomerRecord, email: str) -> bool | None:
    """Return whether an e-mail address that the customer gives is verified; ``None`` for none."""
    if not email:
        return None
    return bool(record.profile.email_verified) and email == record.profile.email


def check_session_fields(fields: Sequence[dict[str, str]], field: str) -> None:
    """Check session fields that a customer's side sends.

    Raises:
        LimitReached: There are more than 100.
        ValidationError: An item does not hold exactly one key.
    """
    if sum(map(len, fields)) > MAX_SESSION_FIELDS:
        raise LimitReached(f"`{field}` must hold at most {MAX_SESSION_FIELDS} keys")
    for position, item in enumerate(fields):
        if len(item) != 1:
            raise ValidationError(f"`{field}[{position}]` must hold one key and its value")


def _kept(value: Any) -> Any:
    """Return what is kept of a new value: nothing of an empty one, since only set fields come."""
    if isinstance(value, Struct):
        held = {
            name: None if part in ("", []) else part for name, part in structs.asdict(value).items()
        }
        return structs.replace(value, **held) if any(held.values()) else None
    return None if value in ("", []) else value


def introduce(
    world: World,
    record: CustomerRecord,
    forms: Sequence[FilledForm | FilledFormEvent],
    actor: Actor,
) -> None:
    """Take name and e-mail address from the forms that a customer filled in before a chat."""
    answers: dict[str, Any] = {
        field.type: field.answer
        for form in forms
        for field in form.fields
        if field.type in ("name", "email") and isinstance(field.answer, str) and field.answer
    }
    changes = {
        name: answer for name, answer in answers.items() if answer != getattr(record.profile, name)
    }
    if not changes:
        return
    if "email" in changes:
        changes["email_verified"] = False
    record.profile = replace(record.profile, **changes)
    _push_to_customer(world, record, changes, actor)
    changes.pop("email_verified", None)
    world.push(
        CustomerUpdated(id=record.id, type="customer", **changes),
        watchers(world, record),
        actor=actor,
    )


def _push_to_customer(
    world: World, record: CustomerRecord, changes: dict[str, Any], actor: Actor | None
) -> None:
    push = changes_for_customer(record, changes) if world.customer_sessions else None
    if push is not None:
        world.push_to_customers(push, (record.id,), actor=actor)


def _push_to_chat(
    world: World,
    chat: ChatRecord,
    before: Customer,
    after: Customer,
    changes: dict[str, Any],
    actor: Actor | None,
) -> None:
    name = (after.name or "") if after.name != before.name else None
    email = (after.email or "") if after.email != before.email else None
    if name is not None or email is not None:
        person = isinstance(actor, Requester) and not actor.bot
        system_messages.customer_updated(
            world,
            chat,
            name=name,
            email=email,
            initiator=name_of(world, actor.id) if actor and person else None,
            actor=actor,
        )
    if "session_fields" in changes and chat.last_thread is not None:
        world.emit(
            Effect(
                payload={
                    "id": after.id,
                    "active_chat": {"chat_id": chat.id, "thread_id": chat.last_thread.id},
                    "session_fields": after.session_fields or [],
                },
                # By its wire name: this webhook has no push, whose class would say it.
                webhook="customer_session_fields_updated",
                chat_id=chat.id,
                actor=actor,
            )
        )


def _pushed_omnichannel(profile: Customer) -> OmnichannelPush | None:
    """Return the identities in other channels in the shape of the push."""
    held = profile.omnichannel
    if held is None:
        return None
    return OmnichannelPush(
        fb_messenger=[
            FacebookAccount(id=account.id or "", name=account.name) for account in held.fb_messenger
        ]
        if held.fb_messenger
        else None,
        twilio=[TwilioNumber(phone_number=number) for numbers in held.twilio for number in numbers]
        if held.twilio
        else None,
    )
