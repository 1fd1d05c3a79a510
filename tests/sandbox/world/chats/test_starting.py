"""Starting and resuming chats."""

import json
import re

import msgspec
import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    FollowChat,
    GetCustomer,
    ListArchives,
    RemoveUserFromChat,
    ResumeChat,
    SendEvent,
    StartChat,
)
from frontdesk.errors import (
    CustomerBanned,
    GroupsOffline,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    Access,
    ArchivesFilters,
    FilledForm,
    FilledFormField,
    FormFilter,
    Geolocation,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    SystemMessage,
)
from frontdesk.sandbox.world.people import bans, customer_actions, customers

from ..._desk import BROWN, GARCIA, JONES, MUELLER, NOWAK, SMITH, call_web

SHORT_ID = re.compile(r"[0-9A-Z]{10}")


def agents(*ids):
    return [InitialUser(id=one, type="agent") for one in ids]


def test_an_empty_request_starts_a_chat_with_the_requester(desk):
    started = desk.call(StartChat())
    chat = desk.chat(started.chat_id)
    assert SHORT_ID.fullmatch(started.chat_id)
    assert SHORT_ID.fullmatch(started.thread_id)
    assert started.event_ids is None
    assert [(user.id, user.present) for user in chat.users] == [(SMITH, True)]
    assert chat.access.group_ids == [0]
    assert chat.thread.active
    assert chat.thread.user_ids == [SMITH]
    assert chat.thread.events == []


def test_everything_that_is_sent_along_is_there(desk):
    customer = desk.customer()
    chat_id = desk.start(
        chat=InitialChat(
            access=Access(group_ids=[1, 2]),
            properties={"test": {"int_property": 3}},
            users=[*agents(JONES), InitialUser(id=customer, type="customer")],
            thread=InitialThread(
                events=[Message(text="one"), Message(text="two", visibility="agents")],
                properties={"test": {"bool_property": True}},
            ),
        )
    )
    chat = desk.chat(chat_id)
    assert [user.id for user in chat.users] == [customer, SMITH, JONES]
    assert chat.properties["test"] == {"int_property": 3}
    assert chat.thread.properties["test"] == {"bool_property": True}
    assert [event.text for event in chat.thread.events] == ["one", "two"]
    assert chat.thread.access.group_ids == [1, 2]


def test_initial_events_become_visible_to_all_and_count_from_one(desk):
    events = [Message(text="one", visibility="agents"), Message(text="two")]
    started = desk.call(StartChat(chat=InitialChat(thread=InitialThread(events=events))))
    assert started.event_ids == [f"{started.thread_id}_1", f"{started.thread_id}_2"]
    shown = desk.chat(started.chat_id).thread.events
    assert [event.visibility for event in shown] == ["all", "all"]
    assert [event.author_id for event in shown] == [SMITH, SMITH]


def test_the_requester_has_seen_what_was_sent_along(desk):
    started = desk.start(chat=InitialChat(thread=InitialThread(events=[Message(text="one")])))
    chat = desk.chat(started)
    assert chat.users[0].events_seen_up_to == chat.thread.events[-1].created_at


def test_the_requester_has_seen_a_thread_without_events_from_its_beginning(desk):
    chat = desk.chat(desk.start())
    assert chat.users[0].events_seen_up_to == chat.thread.created_at


def test_incoming_chat_carries_the_events_which_do_not_come_again(desk):
    desk.call(StartChat(chat=InitialChat(thread=InitialThread(events=[Message(text="one")]))))
    (push,) = desk.pushed("incoming_chat")
    assert push.requester_id == SMITH
    assert push.chat.thread.events[0].text == "one"
    assert desk.pushed("incoming_event") == []
    (effect,) = desk.effects("incoming_chat")
    assert effect.recipients.group_ids == (0,)
    assert effect.webhook == "incoming_chat"


def test_an_inactive_chat_can_be_started(desk):
    chat_id = desk.start(
        active=False, chat=InitialChat(thread=InitialThread(events=[Message(text="x")]))
    )
    assert not desk.chat(chat_id).thread.active
    assert desk.texts(chat_id) == ["x"]


def test_four_other_agents_are_the_most(desk):
    desk.start(chat=InitialChat(users=agents(JONES, BROWN, MUELLER, GARCIA)))
    with pytest.raises(ValidationError, match="at most 4 agents"):
        desk.start(chat=InitialChat(users=agents(JONES, BROWN, MUELLER, GARCIA, NOWAK)))


def test_the_requester_may_be_listed(desk):
    chat_id = desk.start(chat=InitialChat(users=agents(SMITH, JONES)))
    assert desk.present(chat_id) == {SMITH, JONES}


@pytest.mark.parametrize("kind", ["agent", "customer"])
def test_users_must_exist(desk, kind):
    with pytest.raises(NotFound, match=r"`chat.users`.*nobody"):
        desk.start(chat=InitialChat(users=[InitialUser(id="nobody", type=kind)]))


def test_groups_must_exist(desk):
    with pytest.raises(ValidationError, match=r"`chat.access.group_ids`: there is no group 77"):
        desk.start(chat=InitialChat(access=Access(group_ids=[77])))


def test_a_banned_customer_cannot_be_brought_in(desk):
    customer = desk.customer()
    desk.unit(lambda world: bans.ban(world, customers.find(world, customer), 1, None))
    with pytest.raises(CustomerBanned):
        desk.start_with(customer)


def test_an_online_group_is_needed_unless_the_chat_is_continuous(desk):
    desk.only()
    with pytest.raises(GroupsOffline, match="continuous"):
        desk.start()
    chat = desk.chat(desk.start(continuous=True))
    assert chat.properties["routing"]["continuous"] is True
    assert chat.thread.properties["routing"]["continuous"] is True


def test_the_online_group_must_be_one_of_the_chat(desk):
    desk.only(JONES)
    with pytest.raises(GroupsOffline):
        desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    assert desk.start(chat=InitialChat(access=Access(group_ids=[3, 1])))


def test_a_failed_start_leaves_nothing(desk):
    before = desk.world.store.chats.count(), desk.world.store.events.count()
    bad = {"nowhere": {"name": "x"}}
    with pytest.raises(ValidationError, match=r"event.properties.nowhere.name"):
        desk.start(
            chat=InitialChat(thread=InitialThread(events=[Message(text="x", properties=bad)]))
        )
    assert (desk.world.store.chats.count(), desk.world.store.events.count()) == before
    assert desk.heard == []


def test_resuming_adds_a_thread_with_neighbours(desk):
    chat_id = desk.start()
    first = desk.chat(chat_id).thread.id
    desk.call(DeactivateChat(id=chat_id))
    resumed = desk.call(
        ResumeChat(
            chat=InitialChat(id=chat_id, thread=InitialThread(events=[Message(text="back")]))
        )
    )
    chat = desk.chat(chat_id)
    assert chat.thread.id == resumed.thread_id != first
    assert resumed.event_ids == [f"{resumed.thread_id}_1"]
    assert chat.thread.previous_thread_id == first
    assert desk.chat(chat_id, first).thread.next_thread_id == resumed.thread_id


def test_an_active_chat_cannot_be_resumed(desk):
    with pytest.raises(ValidationError, match=r"`chat.id`.*active already"):
        desk.call(ResumeChat(chat=InitialChat(id=desk.start())))


def test_resuming_opens_the_chat_to_all_agents_by_default(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[1])))
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    assert desk.chat(chat_id).access.group_ids == [0]


def test_resuming_ends_following_and_lets_old_agents_go(desk):
    chat_id = desk.start(chat=InitialChat(users=agents(JONES)))
    mueller = desk.requester(MUELLER, "chats--access:rw")
    desk.call(FollowChat(id=chat_id), mueller)
    assert desk.chat(chat_id, by=mueller).is_followed
    desk.call(DeactivateChat(id=chat_id))
    assert desk.present(chat_id) == {SMITH, JONES}
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    assert not desk.chat(chat_id, by=mueller).is_followed
    assert desk.present(chat_id) == {SMITH}


def test_resuming_has_each_user_once_and_those_who_come_along_present(desk):
    customer_id = desk.customer()
    chat_id = desk.start_with(customer_id, JONES, BROWN)
    for along in ([JONES], [], [BROWN, JONES]):
        desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
        users = [InitialUser(id=agent, type="agent") for agent in along]
        desk.call(ResumeChat(chat=InitialChat(id=chat_id, users=users), continuous=True))
        ids = [user.id for user in desk.chat(chat_id).users]
        assert sorted(ids) == sorted({customer_id, SMITH, JONES, BROWN})
        assert desk.present(chat_id) == {customer_id, SMITH, *along}


def test_resuming_keeps_the_customer_and_the_mode(desk):
    customer = desk.customer()
    chat_id = desk.start(
        continuous=True, chat=InitialChat(users=[InitialUser(id=customer, type="customer")])
    )
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    chat = desk.chat(chat_id)
    assert customer in desk.present(chat_id)
    assert chat.properties["routing"]["continuous"] is True
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id), continuous=False))
    assert desk.chat(chat_id).properties["routing"]["continuous"] is False


def test_resuming_cannot_change_the_customer(desk):
    chat_id = desk.start_with(desk.customer())
    desk.call(DeactivateChat(id=chat_id))
    other = [InitialUser(id=desk.customer("Bob"), type="customer")]
    with pytest.raises(ValidationError, match="another customer"):
        desk.call(ResumeChat(chat=InitialChat(id=chat_id, users=other)))


def test_statistics_of_the_customer_count_chats_and_threads(desk):
    from frontdesk.actions import GetCustomer

    customer = desk.customer()
    chat_id = desk.start_with(customer)
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    shown = desk.call(GetCustomer(id=customer))
    assert (shown.statistics.chats_count, shown.statistics.threads_count) == (1, 2)
    assert shown.chat_ids == [chat_id]


def test_tags_of_the_first_thread_are_checked(desk):
    chat_id = desk.start(chat=InitialChat(thread=InitialThread(tags=["support"])))
    assert desk.chat(chat_id).thread.tags == ["support"]
    with pytest.raises(NotFound, match=r"`chat.thread.tags`"):
        desk.start(chat=InitialChat(thread=InitialThread(tags=["Support"])))


def test_system_messages_can_be_sent_along(desk):
    event = SystemMessage(system_message_type="mine", text="hi %you%", text_vars={"you": "Ann"})
    chat_id = desk.start(chat=InitialChat(thread=InitialThread(events=[event])))
    (shown,) = desk.chat(chat_id).thread.events
    assert (shown.text, shown.author_id) == ("hi %you%", None)


def test_removing_the_customer_is_not_possible(desk):
    from frontdesk.errors import InvalidArgument

    with pytest.raises(InvalidArgument):
        RemoveUserFromChat(chat_id="x", user_id="y", user_type="customer")


def test_an_inactive_thread_needs_nobody(desk):
    desk.only()
    assert not desk.chat(desk.start(active=False)).thread.active


class TestAuthors:
    """Who wrote the events that a chat begins with."""

    @staticmethod
    def chat(*events, users=(), **kwargs):
        return InitialChat(users=list(users), thread=InitialThread(events=list(events)), **kwargs)

    def test_listed_users_keep_their_events(self, desk):
        customer = desk.customer()
        users = [*agents(JONES), InitialUser(id=customer, type="customer")]
        said = [Message(text=author, author_id=author) for author in (customer, JONES, SMITH)] + [
            Message(text=SMITH)
        ]
        chat_id = desk.start(chat=self.chat(*said, users=users))
        shown = desk.chat(chat_id).thread
        assert [event.author_id for event in shown.events] == [customer, JONES, SMITH, SMITH]
        assert [event.text for event in shown.events] == [customer, JONES, SMITH, SMITH]
        desk.call(DeactivateChat(id=chat_id))
        desk.call(ResumeChat(chat=self.chat(*said[:1], users=users, id=chat_id)))
        (event,) = desk.chat(chat_id).thread.events
        assert event.author_id == customer

    def test_a_customer_who_is_said_to_have_written_waits_for_a_response(self, desk):
        customer = desk.customer()
        users = [InitialUser(id=customer, type="customer")]
        chat_id = desk.start(chat=self.chat(Message(text="?", author_id=customer), users=users))
        assert desk.chat(chat_id).thread.properties["routing"]["unreplied"] is True
        (shown,) = [user for user in desk.chat(chat_id).users if user.id == customer]
        assert shown.customer_last_event_created_at is not None
        assert shown.agent_last_event_created_at is None

    @pytest.mark.parametrize("resumed", [False, True])
    def test_others_are_refused(self, desk, resumed):
        customer = desk.customer()
        chat_id = desk.start_with(customer) if resumed else None
        if chat_id:
            desk.call(DeactivateChat(id=chat_id))
        for author in (JONES, customer, "nobody@example.com"):
            chat = self.chat(
                Message(text="one"),
                Message(text="two", author_id=author),
                **({"id": chat_id} if chat_id else {}),
            )
            action = ResumeChat(chat=chat) if chat_id else StartChat(chat=chat)
            with pytest.raises(
                ValidationError, match=rf"`chat\.thread\.events\[1\]\.author_id`: `{author}`"
            ):
                desk.call(action)

    def test_the_requester_of_other_events_is_their_author(self, desk):
        chat_id = desk.start()
        desk.call(SendEvent(chat_id=chat_id, event=Message(text="hi", author_id=JONES)))
        assert desk.chat(chat_id).thread.events[0].author_id == SMITH


@pytest.mark.parametrize("count", [5, 6])
def test_five_and_more_further_agents_are_the_same_mistake(desk, count):
    users = [
        {"id": agent, "type": "agent"}
        for agent in (JONES, BROWN, MUELLER, GARCIA, NOWAK, "tanaka@example.com")[:count]
    ]
    response = call_web(desk, "start_chat", {"chat": {"users": users}})
    assert response.status == 400
    assert json.loads(response.body)["error"]["type"] == "validation"


class TestOneActiveChat:
    """A customer has at most one active chat, whoever starts it."""

    @pytest.fixture
    def ann(self, desk):
        return desk.visitor("Ann")

    @pytest.fixture
    def active(self, desk, ann):
        return desk.start_with(ann)

    def refused(self, desk, active, action):
        before = len(desk.world.store.chats.of_customer(desk.chat(active).users[0].id))
        with pytest.raises(ValidationError, match=f"has an active chat already: `{active}`"):
            desk.call(action)
        assert len(desk.world.store.chats.of_customer(desk.chat(active).users[0].id)) == before

    def test_started_by_an_agent(self, desk, ann, active):
        users = [InitialUser(id=ann, type="customer")]
        self.refused(desk, active, StartChat(chat=InitialChat(users=users)))
        self.refused(desk, active, StartChat(chat=InitialChat(users=users), continuous=True))

    def test_started_inactive_is_no_second_active_chat(self, desk, ann, active):
        users = [InitialUser(id=ann, type="customer")]
        inactive = desk.start(chat=InitialChat(users=users), active=False)
        assert not desk.chat(inactive).thread.active
        self.refused(desk, active, ResumeChat(chat=InitialChat(id=inactive)))
        desk.call(ResumeChat(chat=InitialChat(id=inactive), active=False))
        desk.call(DeactivateChat(id=active))
        desk.call(ResumeChat(chat=InitialChat(id=inactive)))
        assert desk.chat(inactive).thread.active

    def test_the_customer_is_added_to_none(self, desk, ann, active):
        empty = desk.start()
        self.refused(
            desk,
            active,
            AddUserToChat(chat_id=empty, user_id=ann, user_type="customer", visibility="all"),
        )
        desk.call(DeactivateChat(id=active))
        desk.call(AddUserToChat(chat_id=empty, user_id=ann, user_type="customer", visibility="all"))
        assert ann in desk.present(empty)

    def test_the_customer_starts_none(self, desk, ann, active):
        with pytest.raises(ValidationError, match=f"has an active chat already: `{active}`"):
            desk.unit(customer_actions.open_chat, ann)

    def test_the_customer_writes_into_the_active_chat_even_if_another_is_newer(self, desk, ann):
        older = desk.start_with(ann)
        desk.call(DeactivateChat(id=older))
        newer = desk.start_with(ann)
        desk.call(DeactivateChat(id=newer))
        desk.call(ResumeChat(chat=InitialChat(id=older)))
        desk.say(ann, "here")
        assert desk.texts(older)[-1] == "here"
        desk.call(DeactivateChat(id=older))
        desk.say(ann, "and here again")
        assert desk.texts(older)[-1] == "and here again"


class TestPrechatForms:
    """Forms that a customer fills in before the chat."""

    @staticmethod
    def form(**answers):
        fields = [
            FilledFormField(type=kind, id=str(number), label=kind, answer=answer)
            for number, (kind, answer) in enumerate(answers.items())
        ]
        return FilledForm(form_id="survey", fields=fields)

    def open(self, desk, customer, *events):
        initial = InitialChat(thread=InitialThread(events=list(events)))
        desk.unit(customer_actions.open_chat, customer, initial)
        return desk.chat_of(customer)

    def test_they_count_as_such(self, desk):
        customer = desk.visitor("Ann")
        chat_id = self.open(desk, customer, self.form(name="Ann"))
        (event,) = desk.chat(chat_id).thread.events
        assert event.form_type == "prechat"
        desk.unit(customer_actions.send_event, customer, self.form(question="?"))
        assert desk.chat(chat_id).thread.events[-1].form_type is None
        desk.unit(customer_actions.close_chat, customer)

        def found(kind):
            filters = ArchivesFilters(
                chat_ids=[chat_id], forms=[FormFilter(type=kind, exists=True)]
            )
            return desk.call(ListArchives(filters=filters)).found_chats

        assert (found("pre_chat"), found("post_chat")) == (1, 0)

    def test_they_give_name_and_email(self, desk):
        customer = desk.visitor("Visitor")
        desk.forget()
        form = self.form(name="Ann Lee", email="ann@example.com", question="When?")
        chat_id = self.open(desk, customer, form, Message(text="hello"))
        shown = desk.call(GetCustomer(id=customer))
        assert (shown.name, shown.email, shown.email_verified) == (
            "Ann Lee",
            "ann@example.com",
            False,
        )
        assert [push.name for push in desk.pushed("customer_updated")] == ["Ann Lee"]
        assert desk.system_messages(chat_id) == []

    def test_empty_answers_change_nothing(self, desk):
        customer = desk.visitor("Ann", email="ann@example.com")
        desk.forget()
        self.open(desk, customer, self.form(name="", email="ann@example.com"))
        shown = desk.call(GetCustomer(id=customer))
        assert (shown.name, shown.email) == ("Ann", "ann@example.com")
        assert desk.pushed("customer_updated") == []

    def test_another_type_is_kept_and_gives_nothing(self, desk):
        customer = desk.visitor("Ann")
        form = msgspec.structs.replace(
            self.form(name="Bob"), properties={"lc2": {"form_type": "postchat"}}
        )
        chat_id = self.open(desk, customer, form)
        assert desk.chat(chat_id).thread.events[0].form_type == "postchat"
        assert desk.call(GetCustomer(id=customer)).name == "Ann"

    def test_one_that_comes_later_says_so(self, desk):
        customer = desk.visitor("Visitor")
        desk.say(customer)
        form = msgspec.structs.replace(
            self.form(name="Ann"), properties={"lc2": {"form_type": "prechat"}}
        )
        desk.unit(customer_actions.send_event, customer, form)
        assert desk.call(GetCustomer(id=customer)).name == "Ann"
        desk.unit(customer_actions.send_event, customer, self.form(name="Bob"))
        assert desk.call(GetCustomer(id=customer)).name == "Ann"

    def test_forms_that_agents_fill_in_are_none(self, desk):
        customer = desk.visitor("Ann")
        users = [InitialUser(id=customer, type="customer")]
        events = [self.form(name="Bob")]
        chat_id = desk.start(chat=InitialChat(users=users, thread=InitialThread(events=events)))
        assert desk.chat(chat_id).thread.events[0].form_type is None
        assert desk.call(GetCustomer(id=customer)).name == "Ann"


@pytest.mark.parametrize("place", [None, Geolocation()])
def test_a_visit_of_which_nothing_is_known_is_not_shown(desk, place):
    customer = desk.customer()
    view = customers.PageView(url="https://shop.example/", geolocation=place)
    desk.unit(lambda world: customers.visit(world, customers.find(world, customer), view))
    chat_id = desk.start_with(customer)
    assert desk.chat(chat_id).thread.customer_visit is None
    body = json.loads(call_web(desk, "get_chat", {"chat_id": chat_id}).body)
    assert "customer_visit" not in body["thread"]
