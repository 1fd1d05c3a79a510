"""Nothing that is for agents alone, and nothing of other customers, reaches a customer.

A chat has a canary in everything that its customer may not see; then each method is called and
each push is caused, and whatever comes back is searched.
"""

import json

import pytest

from frontdesk import actions as of_agents
from frontdesk.actions import customer as actions
from frontdesk.errors import APIError
from frontdesk.models import (
    AISummary,
    Cart,
    InitialChat,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
    Target,
)
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES, SHARED
from frontdesk.sandbox import apis
from frontdesk.sandbox.calls.versions import converted
from frontdesk.sandbox.store.records import PropertyRecord
from frontdesk.sandbox.world.chats import customer_views, outside_api
from frontdesk.sandbox.world.people import customers, tickets

from ..._desk import BROWN, JONES, SMITH
from ._window import Window

CANARY = "Canary"
"""In everything that customers may not see."""

PROPERTIES = {"canaries": {"of_agents": f"{CANARY}OfAgents", "unpublished": f"{CANARY}Private"}}
YES = RichMessagePostback(id="y", toggled=True)


@pytest.fixture
def ann(desk):
    desk.only(JONES)
    return Window(desk, "Ann", email="ann@customers.test")


@pytest.fixture
def bob(desk, ann):
    bob = Window(desk, f"{CANARY}Bob", email=f"{CANARY}@customers.test")
    bob.start(f"{CANARY} of Bob")
    return bob


def register(desk):
    places = ("chat", "thread", "event", "license", "group")
    both = ["read", "write"]
    for name, of_customers in (("of_agents", []), ("unpublished", both)):
        record = PropertyRecord(
            namespace="canaries", name=name, type="string",
            access={place: {"agent": both, "customer": of_customers} for place in places},
            owner_client_id=desk.owner.client_id, public=name == "of_agents",
        )  # fmt: skip
        desk.unit(lambda world, record=record: world.store.company.save_property(record))


def note_at_company(desk):
    """Let license and group have what customers may not read."""

    def note(world):
        license, group = world.store.company.license, world.store.company.groups[0]
        license.properties = {**license.properties, **PROPERTIES}
        group.properties = {**group.properties, **PROPERTIES}
        world.store.company.save_license(license)
        world.store.company.save_group(group)

    desk.unit(note)


def visit(desk, ann):
    """What agents know of a visit: where from, with what, and what is in the cart."""
    desk.leave_site(ann.id)

    def arrive(world):
        record = customers.find(world, ann.id)
        page = customers.PageView(
            url="https://shop.example/", title="Shop", referrer=f"https://{CANARY}.example/",
            ip="203.0.113.77", user_agent=f"{CANARY}Browser",
        )  # fmt: skip
        customers.visit(world, record, page)
        customers.set_cart(world, record, Cart(store_uuid=f"{CANARY}Store", total=10))

    desk.unit(arrive)


def leave_ticket(desk, ann):
    desk.only()
    ticket_id = desk.unit(lambda world: tickets.leave(world, customers.find(world, ann.id), [0]))
    desk.only(JONES)
    return ticket_id


def restrict(desk, ann):
    """Start a chat with a thread that is restricted; its id."""
    started = ann.start("old")
    desk.write(started.chat_id, f"{CANARY} of old", by=desk.agent)
    ann.call(actions.DeactivateChat(id=started.chat_id))
    desk.unit(outside_api.restrict_thread, started.thread_id, f"{CANARY} of a plan")
    # It came while it was to be seen.
    ann.forget()
    return started.chat_id


def summarize(desk, thread_id):
    def keep(world):
        thread = world.store.threads.get(thread_id)
        thread.summary = AISummary(status="ok", text=f"{CANARY} summary")
        thread.tags = [f"{CANARY}Tag"]

    desk.unit(keep)


def hidden_agent(desk, ids, event_id):
    """Brown is in the chat for agents only, and does there what agents do."""
    brown = desk.requester(BROWN, "chats--all:rw", "chats--all:ro")
    chat_id = ids["chat_id"]
    desk.call(
        of_agents.AddUserToChat(
            chat_id=chat_id, user_id=BROWN, user_type="agent", visibility="agents",
            ignore_requester_presence=True,
        )
    )  # fmt: skip
    whisper = Message(text=f"{CANARY} whisper", visibility="agents")
    whisper_id = desk.call(of_agents.SendEvent(chat_id=chat_id, event=whisper), brown).event_id
    typing = {"chat_id": chat_id, "visibility": "agents"}
    desk.call(of_agents.SendTypingIndicator(**typing, is_typing=True), brown)
    desk.call(of_agents.SendThinkingIndicator(**typing, title=f"{CANARY} thought"), brown)
    now = desk.world.clock.now()
    desk.call(of_agents.MarkEventsAsSeen(chat_id=chat_id, seen_up_to=now), brown)
    press = of_agents.SendRichMessagePostback(**ids, event_id=event_id, postback=YES)
    desk.call(press, brown)
    desk.call(
        of_agents.UpdateEventProperties(**ids, event_id=whisper_id, properties=PROPERTIES), brown
    )
    desk.unit(outside_api.update_event, whisper_id, f"{CANARY} whisper, again")
    desk.unit(outside_api.delete_event, whisper_id)
    return desk.call(of_agents.SendEvent(chat_id=chat_id, event=whisper), brown).event_id


def by_agents(desk, ids, event_id):
    """What agents do in a chat that its customer learns of in part."""
    chat_id = ids["chat_id"]
    rich = RichMessage(
        template_id="cards",
        elements=[RichMessageElement(buttons=[RichMessageButton(text="Yes", postback_id="y")])],
    )
    rich_id = desk.call(of_agents.SendEvent(chat_id=chat_id, event=rich), desk.agent).event_id
    hidden_id = hidden_agent(desk, ids, rich_id)
    press = of_agents.SendRichMessagePostback(**ids, event_id=rich_id, postback=YES)
    desk.call(press, desk.agent)
    both = {**PROPERTIES, "test": {"string_property": "for all"}}
    names = {namespace: list(values) for namespace, values in both.items()}
    desk.call(of_agents.UpdateChatProperties(id=chat_id, properties=both))
    desk.call(of_agents.DeleteChatProperties(id=chat_id, properties=names))
    desk.call(of_agents.UpdateChatProperties(id=chat_id, properties=both))
    desk.call(of_agents.UpdateThreadProperties(**ids, properties=both))
    desk.call(of_agents.DeleteThreadProperties(**ids, properties=names))
    desk.call(of_agents.UpdateThreadProperties(**ids, properties=both))
    place = {**ids, "event_id": event_id}
    desk.call(of_agents.UpdateEventProperties(**place, properties=both))
    desk.call(of_agents.DeleteEventProperties(**place, properties=names))
    desk.call(of_agents.UpdateEventProperties(**place, properties=both))
    desk.call(of_agents.SendTypingIndicator(chat_id=chat_id, is_typing=True), desk.agent)
    desk.call(of_agents.SendThinkingIndicator(chat_id=chat_id), desk.agent)
    now = desk.world.clock.now()
    desk.call(of_agents.MarkEventsAsSeen(chat_id=chat_id, seen_up_to=now), desk.agent)
    preview = of_agents.SendEventPreview(chat_id=chat_id, event=Message(text="I am"))
    desk.call(preview, desk.agent)
    wrong = desk.write(chat_id, f"right, not {CANARY.lower()}", by=desk.agent)
    desk.unit(outside_api.update_event, wrong, "right")
    deleted = desk.write(chat_id, "deleted", by=desk.agent)
    desk.unit(outside_api.delete_event, deleted)
    desk.call(of_agents.FollowChat(id=chat_id))
    to_smith = Target(type="agent", ids=[SMITH])
    desk.call(of_agents.TransferChat(id=chat_id, target=to_smith), desk.agent)
    user = {"chat_id": chat_id, "user_id": JONES, "user_type": "agent"}
    desk.call(of_agents.AddUserToChat(**user, visibility="all"))
    desk.call(of_agents.RemoveUserFromChat(**user))
    return hidden_id


def calls(desk, ann, ids, events):
    """Each method of customers, as the customer calls it, and with what is not hers."""
    chat_id, now = ids["chat_id"], desk.world.clock.now()
    values, names = {"rating": {"score": 1}}, {"rating": ["score"]}
    place = {**ids, "event_id": events["own"]}
    versions = ann.call(actions.GetDynamicConfiguration()).livechat
    yield actions.Login(token="Bearer t")
    yield from (
        actions.ListChats(), actions.ListThreads(chat_id=chat_id),
        actions.ListThreads(chat_id=chat_id, min_events_count=100),
        actions.GetChat(chat_id=chat_id),
        actions.SendEvent(chat_id=chat_id, event=Message(text="one more")),
        actions.SendSneakPeek(chat_id=chat_id, sneak_peek_text="typ"),
        actions.MarkEventsAsSeen(chat_id=chat_id, seen_up_to=now),
        actions.UploadFile(file=b"text"),
        actions.SendRichMessagePostback(**ids, event_id=events["rich"], postback=YES),
        actions.UpdateChatProperties(id=chat_id, properties=values),
        actions.DeleteChatProperties(id=chat_id, properties=names),
        actions.UpdateThreadProperties(**ids, properties=values),
        actions.DeleteThreadProperties(**ids, properties=names),
        actions.UpdateEventProperties(**place, properties=values),
        actions.DeleteEventProperties(**place, properties=names),
        actions.DeleteEvent(**place),
        actions.ListLicenseProperties(), actions.ListGroupProperties(id=0),
        actions.ListGroupStatuses(all=True), actions.GetCustomer(),
        actions.UpdateCustomer(name="Anna"),
        actions.UpdateCustomerPage(url="https://shop.example/2"),
        actions.SetCustomerSessionFields(session_fields=[{"a": "b"}]),
        actions.AcceptGreeting(greeting_id=1, unique_id="x"),
        actions.CancelGreeting(unique_id="x"),
        actions.SendGreetingButtonClicked(greeting_unique_id="x", button_id="y"),
        actions.GetPredictedAgent(), actions.RequestWelcomeMessage(),
        actions.GetDynamicConfiguration(),
        actions.GetConfiguration(group_id=0, version=versions.config_version),
        actions.GetLocalization(
            group_id=0, language="en", version=versions.localization_version
        ),
        actions.CheckGoals(session_fields=[], group_id=0, page_url="https://shop.example/"),
        actions.GetForm(group_id=0, type="prechat"),
        actions.GetUrlInfo(url="https://shop.example/"),
        actions.RequestEmailVerification(callback_uri="https://shop.example/"),
        actions.StartChat(),
        actions.DeactivateChat(id=chat_id),
        actions.ResumeChat(chat=InitialChat(id=chat_id)),
        actions.ListChats(),
    )  # fmt: skip
    for event_id in (events["hidden"], events["of bob"]):
        yield actions.DeleteEvent(**ids, event_id=event_id)
        yield actions.UpdateEventProperties(**ids, event_id=event_id, properties=PROPERTIES)
        yield actions.SendRichMessagePostback(**ids, event_id=event_id, postback=YES)
    thread_id = events["of bob"].rpartition("_")[0]
    yield actions.GetChat(chat_id=chat_id, thread_id=thread_id)
    yield actions.UpdateThreadProperties(
        chat_id=chat_id, thread_id=thread_id, properties=PROPERTIES
    )


@pytest.fixture
def story(desk, ann, bob):
    """What a customer gets of a chat with a canary in all that is hidden.

    Texts by the name of the push or method, and the texts that may be in none of them.
    """
    register(desk)
    note_at_company(desk)
    ticket_id = leave_ticket(desk, ann)
    visit(desk, ann)
    old_chat_id = restrict(desk, ann)
    resumed = ann.call(actions.ResumeChat(chat=InitialChat(id=old_chat_id)))
    ids = {"chat_id": old_chat_id, "thread_id": resumed.thread_id}
    own_id = ann.write(old_chat_id, "hello")
    summarize(desk, resumed.thread_id)
    hidden_id = by_agents(desk, ids, own_id)
    desk.call(of_agents.UpdateCustomer(id=ann.id, name="Anne"))
    rich = next(e for e in ann.chat(old_chat_id).thread.events if e.type == "rich_message")
    of_bob = bob.chat(desk.chat_of(bob.id))
    texts = []
    called = set()
    events = {
        "own": own_id, "hidden": hidden_id, "rich": rich.id, "of bob": of_bob.thread.events[0].id,
    }  # fmt: skip
    for action in calls(desk, ann, ids, events):
        called.add(type(action))
        try:
            text = ann.raw(action, connection_id="another tab").decode()
        except APIError as error:
            # The client said these itself.
            text = str(error)
            for said in (hidden_id, of_bob.thread.events[0].id, of_bob.thread.id):
                text = text.replace(said, "")
            text = text.replace("canaries.of_agents", "").replace("canaries.unpublished", "")
        texts.append((action.spec.name, text))
    assert called == {handler.action for handler in apis.customer.HANDLERS}
    texts += [(name, json.dumps(payload)) for name, payload in ann.pushes]
    forbidden = [
        CANARY, "@example.com", "203.0.113.77", "has changed customer's",
        customer_views.shown_id(desk.world, BROWN), hidden_id, "of_agents", "unpublished",
        bob.id, of_bob.id, of_bob.thread.id, "pinned", "unassigned", '"tags"', "is_followed",
        "restricted", '"visibility"', "customer_visit", ticket_id,
    ]  # fmt: skip
    return texts, forbidden, ann


def test_no_canary_reaches_a_customer(story):
    texts, forbidden, _ = story
    found = [(name, text) for name, content in texts for text in forbidden if text in content]
    assert found == []


def test_nor_does_it_in_other_versions(story):
    texts, forbidden, _ = story
    for name, content in texts:
        if not content.startswith("{"):
            continue
        push = name if name in CUSTOMER_PUSHES else None
        for version in ((3, 4), (3, 5), (3, 7)):
            shown = converted(version, content.encode(), push, "customer") or b""
            # Rich messages of 3.7 say that they are for all.
            shown = shown.replace(b'"visibility":"all"', b"")
            assert [text for text in forbidden if text.encode() in shown] == []


def test_the_story_tells_all_that_agents_and_customers_share(story):
    _, _, ann = story
    shared = {push.spec.name for push in SHARED}
    # Agents cannot address customers any more, and no status of a group has changed.
    assert shared - set(ann.names()) <= {"incoming_multicast", "groups_status_updated"}


def test_the_customer_still_sees_the_conversation(story):
    texts, _, _ = story
    everything = " ".join(content for _, content in texts)
    for text in ("hello", "right", "for all", "Agent Smith", "ann@customers.test", "rich_message"):
        assert text in everything
