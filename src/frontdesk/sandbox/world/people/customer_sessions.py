"""RTM connections of customers: log-in, and their end.

Each tab of a browser has a connection of its own, and all of them are the same customer, who is on
the website as long as one of them lasts. Connections live in memory: they end with the process, and
so do the visits that they made.

Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-reference#login
"""

from typing import Any
from urllib.parse import urlencode

from msgspec import UNSET

from frontdesk.actions.customer import Login
from frontdesk.errors import GroupNotFound, UsersLimitReached, ValidationError
from frontdesk.models import Customer
from frontdesk.models.customer_chat.session import (
    CustomerGroups,
    CustomerLoginResponse,
    LoginChat,
    LoginConfiguration,
    MonitoringGroup,
    NewCustomerDetails,
)
from frontdesk.pushes.customer_chat import CustomerSideStorageUpdated
from frontdesk.sandbox.store.records import ChatRecord, CustomerRecord
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.login_sessions import CustomerSession
from frontdesk.sandbox.world.people import customers, greetings, website
from frontdesk.sandbox.world.people.own_profile import own_profile
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.routing import availability
from frontdesk.sandbox.world.widget import configuration
from frontdesk.sandbox.world.world import World

__all__ = ["close", "end_lost", "is_logged_in", "log_in"]

SIDE_STORAGE_VISITS = "customer_visits"
"""The key of LiveChat's sample of what clients keep for the server."""
_DETAILS = ("name", "email", "avatar", "session_fields", "address")


def log_in(world: World, customer: CustomerActor, login: Login) -> CustomerLoginResponse:
    """Log in a connection of a customer, who is on the website from then on.

    Args:
        world: Where it happens.
        customer: Whose token it is; ``connection_id`` names the connection.
        login: The request.

    Raises:
        CustomerBanned: The customer is banned, or the address of the last visit is.
        UsersLimitReached: As many customers are connected as the license allows.
        GroupNotFound: There is no group ``group_id``.
        NotFound: There is no such customer.
        ValidationError: The connection is logged in already, or the session fields do not fit.
    """
    record = customers.find(world, customer.id)
    connection_id = customer.connection_id or ""
    if connection_id in world.customer_sessions:
        raise ValidationError("this connection is logged in already")
    refuse_banned(world, record)
    _refuse_too_many(world, customer.id)
    group_id = None if login.group_id is UNSET else login.group_id
    if group_id is not None and group_id not in world.store.company.groups:
        raise GroupNotFound(f"`group_id`: there is no group {group_id}")
    details = {} if login.customer is UNSET else _changes(record.profile, login.customer)
    if "session_fields" in details:
        customers.check_session_fields(details["session_fields"], "customer.session_fields")
    _arrive(world, record, customer, login, group_id)
    if details:
        customers.update(world, record, details, customer)
    session = CustomerSession(
        connection_id=connection_id,
        customer=customer,
        group_id=group_id,
        pushes=None if login.pushes is UNSET else login.pushes,
        side_storage=None
        if login.customer_side_storage is UNSET
        else dict(login.customer_side_storage),
    )
    world.customer_sessions[connection_id] = session
    world.undo_with(lambda: world.customer_sessions.pop(connection_id, None))
    _keep_on_client(world, record, session)
    response = _response(world, record)
    # Afterwards: a greeting that comes of the log-in is pushed, and one from before is repeated.
    website.greet(world, record)
    return response


def _keep_on_client(world: World, record: CustomerRecord, session: CustomerSession) -> None:
    """Have a client that keeps something for the server keep how many visits there were."""
    statistics = record.profile.statistics
    visits = str((statistics.visits_count if statistics else None) or 0)
    if session.side_storage is None or session.side_storage.get(SIDE_STORAGE_VISITS) == visits:
        return
    session.side_storage = session.side_storage | {SIDE_STORAGE_VISITS: visits}
    world.push_to_customers(
        CustomerSideStorageUpdated(customer_side_storage=session.side_storage), (record.id,)
    )


def _refuse_too_many(world: World, customer_id: str) -> None:
    """Refuse one more customer than the license may have online; further tabs are no more."""
    allowed = limits.limit_of(world, "monitored_customers")
    if allowed == limits.UNLIMITED or len(world.customer_sessions) < allowed:
        return
    online = {session.customer.id for session in world.customer_sessions.values()}
    if customer_id not in online and len(online) >= allowed:
        raise UsersLimitReached(f"the license allows {allowed} customers online")


def _changes(profile: Customer, details: NewCustomerDetails) -> dict[str, Any]:
    """Return what a log-in says anew of a customer: clients say the same at each of them."""
    changes: dict[str, Any] = {}
    for name in _DETAILS:
        value = getattr(details, name)
        if value is not UNSET and (value or None) != getattr(profile, name):
            changes[name] = value
    if "email" in changes:
        # An address that is the same as before is no change, so this one is new.
        changes["email_verified"] = False if changes["email"] else None
    return changes


def _arrive(
    world: World,
    record: CustomerRecord,
    customer: CustomerActor,
    login: Login,
    group_id: int | None,
) -> None:
    page = login.customer_page
    customers.visit(
        world,
        record,
        customers.PageView(
            url="" if page is UNSET else page.url,
            title="" if page is UNSET or page.title is UNSET else page.title,
            group_id=group_id,
            referrer=(login.referrer or None) if login.referrer is not UNSET else None,
            ip=customer.ip or None,
            user_agent=customer.user_agent or None,
        ),
    )
    record.connected = True


def _response(world: World, record: CustomerRecord) -> CustomerLoginResponse:
    chats = [
        chat
        for chat_id in world.store.chats.of_customer(record.id)
        if (chat := world.store.chats.get(chat_id)) is not None
    ]
    statuses = availability.of_all(world)
    if world.group_statuses is None:
        world.group_statuses = statuses
    online = [group_id for group_id, status in statuses.items() if status != "offline"]
    return CustomerLoginResponse(
        customer=own_profile(record),
        has_active_thread=any(chat.active for chat in chats),
        chats=[
            LoginChat(
                chat_id=chat.id,
                has_unread_events=_has_unread_events(world, record.id, chat),
                has_active_thread=chat.active,
            )
            for chat in chats
        ],
        greeting=greetings.view(world, record, with_accepted=True),
        dynamic_config=LoginConfiguration(
            online_groups_ids=online or None,
            customer_groups=CustomerGroups(
                monitoring=_monitoring_group(world, website.group_of(world, record))
            ),
            organization_id=world.store.company.license.organization_id,
        ),
    )


def _monitoring_group(world: World, group_id: int) -> MonitoringGroup:
    """Return a group with the paths of its configuration and its phrases."""
    company = world.store.company
    group = company.groups[group_id]
    language = group.language_code

    def path(method: str, **query: str) -> str:
        common = {"organization_id": company.license.organization_id, "group_id": str(group_id)}
        return f"/v3.6/customer/action/{method}?{urlencode(common | query)}"

    return MonitoringGroup(
        id=group_id,
        static_config_url=path(
            "get_configuration", version=configuration.configuration_version(world, group)
        ),
        language_config_url=path(
            "get_localization",
            language=language,
            version=configuration.localization_version(group, language),
        ),
    )


def _has_unread_events(world: World, customer_id: str, chat: ChatRecord) -> bool:
    """Return whether somebody wrote after what the customer has seen of the last thread.

    What is for agents alone does not count: the customer must not learn of it.
    """
    user = chat.user(customer_id)
    if user is None or chat.last_thread is None:
        return False
    seen = user.seen_up_to
    return any(
        getattr(event, "author_id", None) not in (None, customer_id)
        and (seen is None or event.created_at > seen)
        for event in events.visible_to_customer(world, chat.last_thread.num)
    )


def is_logged_in(world: World, customer_id: str) -> bool:
    """Return whether a connection of the customer is logged in."""
    return bool(customers.sessions_of(world, customer_id))


def close(world: World, connection_id: str) -> None:
    """Forget a connection that is gone; after the last one the customer has left the website."""
    session = world.customer_sessions.pop(connection_id, None)
    if session is None:
        return
    world.undo_with(lambda: world.customer_sessions.setdefault(connection_id, session))
    if customers.sessions_of(world, session.customer.id):
        return
    record = world.store.customers.get(session.customer.id)
    if record is not None and record.connected:
        customers.leave_site(world, record)


def end_lost(world: World) -> None:
    """End the visits of connections that are gone, since the world is another one or opened again.

    Visits that were made otherwise go on.
    """
    world.customer_sessions.clear()
    world.group_statuses = None
    world.queue_places.clear()
    ids = [record.id for record in world.store.customers.online(limit=-1) if record.connected]
    for customer_id in ids:
        customers.leave_site(world, customers.find(world, customer_id))
