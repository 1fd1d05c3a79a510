"""The demo company: its license, people, groups, tags and tokens.

Everything in here is fixed, so that docs, examples and tests can name it.
"""

from datetime import timedelta
from typing import Final

from frontdesk.models import (
    CompanyDetails,
    Greeting,
    GreetingProperties,
    GreetingRule,
    ProductSource,
)
from frontdesk.sandbox.store.records import (
    AgentRecord,
    CannedResponseRecord,
    GroupRecord,
    LicenseRecord,
    Priority,
    PropertyRecord,
    RoutingStatus,
    TagRecord,
    TokenRecord,
)
from frontdesk.sandbox.world.people import greetings
from frontdesk.sandbox.world.properties.defaults import initial_license_properties
from frontdesk.sandbox.world.staff import bots, roles
from frontdesk.sandbox.world.world import World
from frontdesk.well_known import CLIENT_ID, ORGANIZATION_ID, OWNER_TOKEN

__all__ = [
    "AGENT_TOKEN",
    "BOT_ID",
    "BOT_SECRET",
    "BOT_TOKEN",
    "CLIENT_ID",
    "EXPIRED_TOKEN",
    "FEW_SCOPES_TOKEN",
    "LICENSE_ID",
    "ORGANIZATION_ID",
    "OWNER_TOKEN",
    "PAT_ACCOUNT_ID",
    "PAT_TOKEN",
    "demo_company",
    "empty_company",
]

LICENSE_ID = "104130623"
BOT_ID = "5c9871d5372c824cbf22d860a707a578"
PAT_ACCOUNT_ID = "6f5c1f3e-2b7a-4a55-9c1f-0d4b8f7a1e20"

AGENT_TOKEN = "dal:sandbox-agent"  # noqa: S105 - sandbox tokens open nothing
PAT_TOKEN = "dal:sandbox-pat"  # noqa: S105
BOT_TOKEN = "dal:sandbox-bot"  # noqa: S105
FEW_SCOPES_TOKEN = "dal:sandbox-few-scopes"  # noqa: S105
EXPIRED_TOKEN = "dal:sandbox-expired"  # noqa: S105

AGENT_SCOPES = roles.NORMAL_SCOPES

ALL_SCOPES = roles.ALL_SCOPES
BOT_SCOPES = bots.TOKEN_SCOPES
BOT_SECRET = "641e2ae6d997d2009a3ac92a05f37fc3"  # noqa: S105 - opens nothing

GROUPS = (
    (0, "General", "en"),
    (1, "Support", "en"),
    (2, "Sales", "en"),
    (3, "Kundenservice", "de"),
)

TAGS: tuple[tuple[str, list[int]], ...] = (
    ("support", [0]),
    ("sales", [0]),
    ("positive feedback", [0]),
    ("complaint", [0]),
    ("spam", [0]),
    ("refund", [1]),
    ("lead", [2]),
    ("rückruf", [3]),
)

CANNED_RESPONSES: tuple[tuple[int, str, list[str]], ...] = (
    (0, "Hello! What can I do for you?", ["hello", "greeting"]),
    (1, "Could you give me the number of your order, please?", ["order"]),
    (2, "Delivery is free for orders above $500.", ["delivery", "free"]),
    (3, "Guten Tag! Wie kann ich Ihnen helfen?", ["hallo"]),
)

GREETINGS: Final = (
    (0, "Welcome", "Hello! Do you have a question? We are here.", "visit_time_site", "30"),
    (1, "Help with an order", "Is something wrong with your order?", "url_current", "/orders"),
    (2, "Help with a choice", "Can I help you to find the right chair?", "url_current", "/shop"),
    (2, "Back again", "Good to see you again! Shall we go on?", "visits_number", "3"),
    (3, "Willkommen", "Guten Tag! Kann ich Ihnen helfen?", "geolocation", "Germany"),
    (2, "Long look", "Still undecided? I know this table well.", "visit_time_page", "120"),
    (1, "Returns", "Do you want to send something back?", "url_current", "/returns"),
)
"""The group, name, text and one rule of each greeting; their ids are 1 to 7."""
_AT_LEAST: Final = ("visit_time_site", "visit_time_page", "visits_number")

Person = tuple[str, str, str, dict[int, Priority], RoutingStatus]

PEOPLE: tuple[Person, ...] = (
    ("smith@example.com", "Agent Smith", "owner", {0: "normal", 1: "normal"}, "accepting_chats"),
    ("jones@example.com", "Agent Jones", "normal", {0: "normal", 1: "normal"}, "accepting_chats"),
    (
        "brown@example.com",
        "Agent Brown",
        "administrator",
        {0: "last", 1: "supervisor", 2: "first"},
        "accepting_chats",
    ),
    (
        "garcia@example.com",
        "Lucía García",
        "administrator",
        {0: "supervisor", 2: "normal", 3: "normal"},
        "not_accepting_chats",
    ),
    ("mueller@example.com", "Jörg Müller", "normal", {0: "last", 3: "first"}, "accepting_chats"),
    ("nowak@example.com", "Anna Nowak", "normal", {0: "normal", 2: "normal"}, "offline"),
    ("tanaka@example.com", "Yuki Tanaka", "normal", {0: "normal", 2: "last"}, "offline"),
)


def _license(world: World, plan: str) -> None:
    now = world.clock.now()
    values = initial_license_properties()
    values["statistics"] = {
        "first_chat_date": f"{now - timedelta(days=90):%Y-%m-%d}",
        "website_last_activity": f"{now:%Y-%m-%d}",
    }
    world.store.company.save_license(
        LicenseRecord(
            id=LICENSE_ID,
            organization_id=ORGANIZATION_ID,
            plan=plan,
            created_at=now - timedelta(days=365),
            expires_at=now + timedelta(days=3650),
            properties=values,
            source=ProductSource(
                source_id="create_account_link",
                source_type="accounts",
                source_url="https://accounts.livechat.com",
            ),
            company=CompanyDetails(
                company="Example Furniture",
                company_size="5-19",
                audience="customers",
                chat_purpose="support and sales",
                city="Dallas",
                country="United States",
                url="https://www.example.com",
            ),
        )
    )


def _account_id(position: int) -> str:
    return f"{PAT_ACCOUNT_ID[:-2]}{position + 20:02x}"


def _people(world: World, people: tuple[Person, ...]) -> None:
    for position, (agent_id, name, role, groups, status) in enumerate(people):
        first = agent_id.partition("@")[0]
        world.store.company.save_agent(
            AgentRecord(
                id=agent_id,
                name=name,
                account_id=PAT_ACCOUNT_ID if position == 0 else _account_id(position),
                role=role,
                avatar=f"https://cdn.livechat-files.com/api/file/avatars/{first}.png",
                groups=dict(groups),
                status=status,
            )
        )


def _token(world: World, token: str, name: str, user_id: str, scopes: tuple[str, ...]) -> None:
    """Issue a token that lives as long as the license."""
    _issue(
        world,
        TokenRecord(
            id=token,
            kind="bearer",
            user_id=user_id,
            client_id=CLIENT_ID,
            scopes=list(scopes),
            name=name,
        ),
        days=3650,
    )


def _issue(world: World, token: TokenRecord, days: float) -> None:
    token.expires_at = world.clock.now() + timedelta(days=days)
    world.store.company.save_token(token)


def _pat(world: World, user_id: str, scopes: tuple[str, ...]) -> None:
    world.store.company.save_token(
        TokenRecord(
            id=f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}",
            kind="pat",
            user_id=user_id,
            client_id=CLIENT_ID,
            scopes=list(scopes),
            name="personal access token of the owner",
        )
    )


def _owner(world: World) -> None:
    _token(world, OWNER_TOKEN, "owner", "smith@example.com", ALL_SCOPES)
    _token(world, FEW_SCOPES_TOKEN, "too few scopes", "smith@example.com", ("chats--access:ro",))
    expired = TokenRecord(
        id=EXPIRED_TOKEN,
        kind="bearer",
        user_id="smith@example.com",
        client_id=CLIENT_ID,
        scopes=list(ALL_SCOPES),
        name="expired",
    )
    _issue(world, expired, days=-1)
    _pat(world, "smith@example.com", ALL_SCOPES)


def _tags(world: World) -> None:
    for name, group_ids in TAGS:
        world.store.company.save_tag(
            TagRecord(name=name, group_ids=group_ids, created_at=world.clock.now())
        )


def _canned_responses(world: World) -> None:
    now = world.clock.now()
    for group_id, text, tags in CANNED_RESPONSES:
        world.store.canned_responses.add(
            CannedResponseRecord(
                id=0,
                text=text,
                tags=tags,
                group_id=group_id,
                is_private=False,
                owner_id="smith@example.com",
                author_id="smith@example.com",
                created_at=now,
                updated_at=now,
            )
        )


def _greetings(world: World) -> None:
    for group_id, name, text, kind, value in GREETINGS:
        rule = GreetingRule(
            condition="and",
            type=kind,
            operator="greater_or_equal" if kind in _AT_LEAST else "contains",
            value=value,
        )
        greeting = Greeting(
            id=greetings.new_id(world),
            type="normal",
            active=True,
            name=name,
            group=group_id,
            rules=[rule],
            properties=GreetingProperties(message_text=text),
        )
        greetings.save(world, greeting)


def _bot(world: World) -> None:
    world.store.company.save_agent(
        AgentRecord(
            id=BOT_ID,
            name="Helper Bot",
            bot=True,
            groups={0: "last", 1: "last"},
            status="not_accepting_chats",
            max_chats=6,
            owner_client_id=CLIENT_ID,
            secret=BOT_SECRET,
        )
    )
    token = TokenRecord(
        id=BOT_TOKEN,
        kind="bot",
        user_id=BOT_ID,
        client_id=CLIENT_ID,
        scopes=list(BOT_SCOPES),
        name="bot",
    )
    _issue(world, token, days=3650)


def _own_properties(world: World) -> None:
    everywhere = {
        location: {"agent": ["read", "write"], "customer": ["read"]}
        for location in ("chat", "thread", "event")
    }
    for name, kind in (("string_property", "string"), ("int_property", "int")):
        world.store.company.save_property(
            PropertyRecord(
                namespace=CLIENT_ID,
                name=name,
                type=kind,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
                access=everywhere,
                owner_client_id=CLIENT_ID,
                public=True,
                public_access=["read", "write"],
            )
        )


def demo_company(world: World) -> None:
    """A small company: an owner, administrators, agents, a bot, four groups, tags, tokens."""
    _license(world, "enterprise")
    for group_id, name, language in GROUPS:
        world.store.company.save_group(GroupRecord(id=group_id, name=name, language_code=language))
    _people(world, PEOPLE)
    _bot(world)
    _tags(world)
    _greetings(world)
    _canned_responses(world)
    _own_properties(world)
    _owner(world)
    _token(world, AGENT_TOKEN, "agent", "jones@example.com", AGENT_SCOPES)


def empty_company(world: World) -> None:
    """One owner in the group of everybody, and the owner's tokens."""
    _license(world, "enterprise")
    world.store.company.save_group(GroupRecord(id=0, name="General"))
    _people(
        world, (("smith@example.com", "Agent Smith", "owner", {0: "normal"}, "accepting_chats"),)
    )
    _owner(world)
