"""Which threads each filter of list_archives leaves."""

from datetime import timedelta

import pytest

from frontdesk.actions import (
    DeactivateChat,
    ListArchives,
    SendEvent,
    TagThread,
    UntagThread,
    UpdateChatProperties,
    UpdateCustomer,
    UpdateThreadProperties,
)
from frontdesk.errors import InvalidArgument, ValidationError
from frontdesk.models import (
    AgentResponseFilter,
    AgentTypesFilter,
    ArchivesFilters,
    Custom,
    EventTypesFilter,
    FormFilter,
    GreetingsFilter,
    IntegerFilter,
    Message,
    PropertyFilter,
    StringFilter,
    SurveyFilter,
    ValueFilter,
)
from frontdesk.sandbox.world.chats import events

from ..._archive import ASSISTANT, BOT, CLIENT, JONES, KHAN, SMITH, requester


def has(**condition):
    return ValueFilter(**condition)


def prop(name, namespace="test", **condition):
    return {namespace: {name: PropertyFilter(**condition)}}


class TestIds:
    def test_thread_ids_leave_out_everything_else(self, archive):
        first, _, third = (archive.add() for _ in range(3))
        assert archive.found_ids([third, first, "UNKNOWN"]) == [third, first]

    def test_up_to_20_thread_ids_fit_on_one_page(self, archive):
        ids = [archive.add() for _ in range(20)]
        assert archive.found_ids(ids) == ids[::-1]

    def test_thread_ids_exclude_pages_and_their_order(self):
        filters = ArchivesFilters(thread_ids=["T"])
        for name, value in (("limit", 10), ("sort_order", "asc"), ("sort_order", "desc")):
            with pytest.raises(InvalidArgument, match=f"`{name}`.*`filters.thread_ids`"):
                ListArchives(filters=filters, **{name: value})
        with pytest.raises(InvalidArgument, match="`filters`"):
            ListArchives(filters=filters, page_id="x")

    def test_thread_ids_and_another_filter_are_refused(self):
        with pytest.raises(InvalidArgument, match="`query`"):
            ArchivesFilters(thread_ids=["A"], query="x")

    def test_chat_ids(self, archive):
        chats = [archive.start() for _ in range(3)]
        again = archive.resume(chats[0].chat_id)
        wanted = [chats[0].chat_id, chats[2].chat_id, "UNKNOWN"]
        assert archive.found(chat_ids=wanted) == {chats[0].thread_id, again, chats[2].thread_id}

    def test_1000_chat_ids_and_no_more(self, archive):
        assert archive.found(chat_ids=["X"] * 1000) == set()
        with pytest.raises(InvalidArgument, match="chat_ids"):
            ArchivesFilters(chat_ids=["X"] * 1001)

    def test_empty_lists_leave_nothing(self, archive):
        archive.add()
        assert archive.found(chat_ids=[]) == set()
        assert archive.found(group_ids=[]) == set()
        assert archive.found_ids([]) == []

    def test_group_ids(self, archive):
        everybody, one, both = (archive.add(groups=groups) for groups in ([0], [1], [1, 2]))
        assert archive.found(group_ids=[1]) == {one, both}
        assert archive.found(group_ids=[0, 2]) == {everybody, both}

    def test_customer_id_and_email(self, archive):
        ann = archive.customer("Ann", "ann@example.com")
        bob = archive.customer("Bob", "bob@example.com")
        of_ann, of_bob, _ = archive.add(customer=ann), archive.add(customer=bob), archive.add()
        assert archive.found(customer_id=ann) == {of_ann}
        assert archive.found(customer_email="BOB@example.com") == {of_bob}
        assert archive.found(customer_id=ann, customer_email="bob@example.com") == set()
        assert archive.found(customer_email="ann") == set()


class TestTime:
    def test_from_and_to_are_included(self, archive):
        ids = []
        timestamps = []
        for _ in range(4):
            archive.advance(seconds=60)
            ids.append(archive.add())
            timestamps.append(archive.archives(limit=1).chats[0].thread.created_at)
        assert archive.found(from_=timestamps[1], to=timestamps[2]) == set(ids[1:3])
        assert archive.found(from_=timestamps[3] + timedelta(microseconds=1)) == set()
        assert archive.found(to=timestamps[0]) == {ids[0]}

    def test_to_before_from_is_refused(self, archive):
        now = archive.now()
        for filters in (
            ArchivesFilters(from_=now, to=now - timedelta(seconds=1)),
            ArchivesFilters(greetings=GreetingsFilter(from_=now, to=now - timedelta(seconds=1))),
            ArchivesFilters(forms=[FormFilter(from_=now, to=now - timedelta(seconds=1))]),
        ):
            with pytest.raises(ValidationError, match=r"`filters\..*to` must not be before"):
                archive.archives(filters=filters)


class TestProperties:
    def test_of_the_thread_and_not_of_its_chat(self, archive):
        gold = archive.add(thread={"test": {"string_property": "gold"}})
        of_chat = archive.add(chat={"test": {"string_property": "gold"}})
        silver = archive.add(
            chat={"test": {"string_property": "gold"}},
            thread={"test": {"string_property": "silver"}},
        )
        assert archive.found(properties=prop("string_property", values=["gold"])) == {gold}
        assert archive.found(properties=prop("string_property", exclude_values=["gold"])) == {
            of_chat,
            silver,
        }
        assert archive.found(properties=prop("string_property", exists=True)) == {gold, silver}
        assert archive.found(properties=prop("string_property", exists=False)) == {of_chat}

    def test_of_the_chat_where_threads_cannot_have_them(self, archive):
        name = "in_chats_only"
        first = archive.start(chat={CLIENT: {name: "x"}})
        second = archive.resume(first.chat_id)
        other = archive.add(chat={CLIENT: {name: "y"}})
        bare = archive.add()
        both = {first.thread_id, second}
        assert archive.found(properties=prop(name, CLIENT, values=["x"])) == both
        assert archive.found(properties=prop(name, CLIENT, exclude_values=["x"])) == {other, bare}
        assert archive.found(properties=prop(name, CLIENT, exists=True)) == {*both, other}
        assert archive.found(properties=prop(name, CLIENT, exists=False)) == {bare}

    def test_each_thread_of_a_chat_counts_for_itself(self, archive):
        first = archive.start(thread={"test": {"int_property": 1}})
        second = archive.resume(first.chat_id)
        assert archive.found(properties=prop("int_property", exists=True)) == {first.thread_id}
        assert archive.found(properties=prop("int_property", exists=False)) == {second}

    @pytest.fixture
    def numbered(self, archive):
        """Threads by the numbers and texts they have."""
        return {
            (number, text): archive.add(
                thread={
                    "test": {
                        **({"int_property": number} if number else {}),
                        **({"tokenized_string_property": text} if text else {}),
                    }
                }
            )
            for number in (None, 1, 2)
            for text in (None, "red apple", "green pear", "red pear")
        }

    def test_several_values(self, archive, numbered):
        def having(*numbers):
            return {thread for (number, _), thread in numbered.items() if number in numbers}

        assert archive.found(properties=prop("int_property", values=[1])) == having(1)
        assert archive.found(properties=prop("int_property", values=[1, 2])) == having(1, 2)
        assert archive.found(properties=prop("int_property", values=[2, 3])) == having(2)
        assert archive.found(properties=prop("int_property", exclude_values=[1])) == having(2, None)
        assert archive.found(properties=prop("int_property", exclude_values=[1, 2])) == having(None)
        assert archive.found(properties=prop("int_property", exclude_values=[2, 3])) == having(
            1, None
        )

    def test_every_value(self, archive, numbered):
        name = "tokenized_string_property"

        def having(*texts):
            return {thread for (_, text), thread in numbered.items() if text in texts}

        def found(**condition):
            return archive.found(properties=prop(name, **condition))

        every = {"require_every_value": True}
        assert found(values=["red", "pear"]) == having("red apple", "green pear", "red pear")
        assert found(values=["red", "pear"], **every) == having("red pear")
        assert found(values=["red", "plum"], **every) == set()
        assert found(values=["red"], **every) == having("red apple", "red pear")
        assert found(exclude_values=["red", "pear"]) == having(None)
        assert found(exclude_values=["red", "pear"], **every) == having(
            None, "red apple", "green pear"
        )
        one = {"require_every_value": True, "values": [1, 2]}
        assert archive.found(properties=prop("int_property", **one)) == set()

    def test_values_have_types(self, archive):
        number = archive.add(thread={"test": {"int_property": 1}})
        text = archive.add(thread={"test": {"string_property": "1"}})
        truth = archive.add(thread={"test": {"bool_property": True}})
        assert archive.found(properties=prop("int_property", values=[1])) == {number}
        assert archive.found(properties=prop("int_property", values=["1", True])) == set()
        assert archive.found(properties=prop("string_property", values=[1])) == set()
        assert archive.found(properties=prop("string_property", values=["1"])) == {text}
        assert archive.found(properties=prop("bool_property", values=[True])) == {truth}
        assert archive.found(properties=prop("bool_property", values=[False])) == set()

    def test_tokenized_strings_are_found_by_their_words(self, archive):
        said = archive.add(
            thread={"test": {"tokenized_string_property": "Send it to Łódź, please"}}
        )
        whole = archive.add(thread={"test": {"string_property": "Send it to Łódź, please"}})
        name = "tokenized_string_property"
        assert archive.found(properties=prop(name, values=["lodz send"])) == {said}
        assert archive.found(properties=prop(name, values=["lodz nothing"])) == set()
        assert archive.found(properties=prop("string_property", values=["send"])) == set()
        assert whole in archive.found(properties=prop(name, exclude_values=["send"]))

    def test_all_conditions_must_hold(self, archive):
        both = archive.add(thread={"test": {"int_property": 1, "string_property": "a"}})
        archive.add(thread={"test": {"int_property": 1}})
        wanted = {
            "test": {
                "int_property": PropertyFilter(values=[1]),
                "string_property": PropertyFilter(exists=True),
            }
        }
        assert archive.found(properties=wanted) == {both}

    def test_what_the_client_may_not_read_counts_as_not_set(self, archive):
        hidden = archive.add(thread={CLIENT: {"secret": "x"}})
        wanted = prop("secret", CLIENT, values=["x"])
        stranger = requester(SMITH, "all", "owner", client_id="another")
        assert archive.found(properties=wanted) == {hidden}
        assert archive.found(stranger, properties=wanted) == set()
        assert archive.found(stranger, properties=prop("secret", CLIENT, exists=False)) == {hidden}

    def test_an_unknown_property_is_not_set_anywhere(self, archive):
        thread = archive.add()
        assert archive.found(properties=prop("nothing", exists=True)) == set()
        assert archive.found(properties=prop("nothing", exists=False)) == {thread}

    def test_changes_are_found(self, archive):
        started = archive.start()
        wanted = prop("int_property", values=[7])
        assert archive.found(properties=wanted) == set()
        seven = {"test": {"int_property": 7}}
        archive.call(UpdateChatProperties(id=started.chat_id, properties=seven))
        assert archive.found(properties=wanted) == set()
        for value in (7, 8):
            archive.call(
                UpdateThreadProperties(
                    chat_id=started.chat_id,
                    thread_id=started.thread_id,
                    properties={"test": {"int_property": value}},
                )
            )
            assert archive.found(properties=wanted) == (
                {started.thread_id} if value == 7 else set()
            )

    def test_changes_of_the_chat_are_found(self, archive):
        started = archive.start()
        wanted = prop("in_chats_only", CLIENT, values=["x"])
        assert archive.found(properties=wanted) == set()
        for value in ("x", "y"):
            archive.call(
                UpdateChatProperties(
                    id=started.chat_id, properties={CLIENT: {"in_chats_only": value}}
                )
            )
            assert archive.found(properties=wanted) == (
                {started.thread_id} if value == "x" else set()
            )


class TestValues:
    """exists, values, exclude_values and require_every_value, by the example of tags."""

    @pytest.fixture
    def tagged(self, archive):
        return {
            "none": archive.add(),
            "vip": archive.add(tags=["vip"]),
            "refund": archive.add(tags=["refund"]),
            "both": archive.add(tags=["vip", "refund"]),
        }

    @pytest.mark.parametrize(
        ("condition", "left"),
        [
            ({"exists": True}, {"vip", "refund", "both"}),
            ({"exists": False}, {"none"}),
            ({"values": ["vip"]}, {"vip", "both"}),
            ({"values": ["vip", "refund"]}, {"vip", "refund", "both"}),
            ({"values": ["vip", "refund"], "require_every_value": True}, {"both"}),
            ({"values": ["vip", "unknown"], "require_every_value": True}, set()),
            ({"values": ["vip", "unknown"], "require_every_value": False}, {"vip", "both"}),
            ({"values": []}, set()),
            ({"exclude_values": ["vip"]}, {"none", "refund"}),
            ({"exclude_values": ["vip", "refund"]}, {"none"}),
            (
                {"exclude_values": ["vip", "refund"], "require_every_value": True},
                {"none", "vip", "refund"},
            ),
            ({"exclude_values": []}, {"none", "vip", "refund", "both"}),
            ({"values": ["Refund"]}, set()),
        ],
    )
    def test_tags(self, archive, tagged, condition, left):
        assert archive.found(tags=has(**condition)) == {tagged[name] for name in left}

    def test_tagging_changes_what_is_found(self, archive):
        started = archive.start()
        which = {"chat_id": started.chat_id, "thread_id": started.thread_id, "tag": "vip"}
        assert archive.found(tags=has(values=["vip"])) == set()
        archive.call(TagThread(**which))
        assert archive.found(tags=has(values=["vip"])) == {started.thread_id}
        archive.call(UntagThread(**which))
        assert archive.found(tags=has(exists=True)) == set()

    def test_sales_and_goals(self, archive):
        sold, reached, neither = archive.add(), archive.add(), archive.add()
        archive.change_thread(sold, sales=[3])
        archive.change_thread(reached, goals=[3, 4])
        assert archive.found(sales=has(exists=True)) == {sold}
        assert (
            archive.found(sales=has(values=[3])) == archive.found(sales=has(values=["3"])) == {sold}
        )
        assert archive.found(sales=has(exclude_values=[3])) == {reached, neither}
        assert archive.found(goals=has(values=[3, 4], require_every_value=True)) == {reached}
        assert archive.found(goals=has(exists=False)) == {sold, neither}

    def test_a_thread_with_the_property_has_sale_has_a_sale(self, archive):
        thread = archive.add()
        archive.change_thread(thread, properties={"ecommerce": {"has_sale": True}})
        assert archive.found(sales=has(exists=True)) == {thread}

    def test_customer_countries(self, archive):
        pole = archive.add(customer=archive.customer(country="PL"))
        german = archive.add(customer=archive.customer(country="DE"))
        unknown = archive.add()
        assert archive.found(customer_countries=has(values=["pl", "FR"])) == {pole}
        assert archive.found(customer_countries=has(exclude_values=["PL"])) == {german, unknown}
        assert archive.found(customer_countries=has(exists=False)) == {unknown}


class TestAgents:
    def test_agents_and_unassigned_threads(self, archive):
        alone = archive.add()
        both = archive.add(agents=[JONES])
        unassigned = archive.add(customer=archive.customer())
        archive.change_thread(unassigned, user_ids=["customer"])
        assert archive.found(agents=has(exists=True)) == {alone, both}
        assert archive.found(agents=has(exists=False)) == {unassigned}
        assert archive.found(agents=has(values=[JONES])) == {both}
        assert archive.found(agents=has(exclude_values=[JONES])) == {alone, unassigned}
        assert archive.found(agents=has(values=[JONES, SMITH], require_every_value=True)) == {both}

    @pytest.mark.parametrize(
        ("condition", "left"),
        [
            ({"any_values": ["chatbot"]}, {"bot", "all"}),
            ({"any_values": ["chatbot", "ai_agent"]}, {"bot", "ai", "all"}),
            ({"all_values": ["chatbot", "ai_agent"]}, {"all"}),
            ({"exclude_values": ["ai_agent"]}, {"human", "bot"}),
            ({"all_values": ["human"], "exclude_values": ["chatbot"]}, {"human", "ai"}),
            ({"any_values": ["chatbot"], "all_values": ["ai_agent"]}, {"all"}),
            ({}, {"human", "bot", "ai", "all"}),
        ],
    )
    def test_agent_types(self, archive, condition, left):
        threads = {
            "human": archive.add(),
            "bot": archive.add(agents=[BOT]),
            "ai": archive.add(agents=[ASSISTANT]),
            "all": archive.add(agents=[BOT, ASSISTANT]),
        }
        found = archive.found(agent_types=AgentTypesFilter(**condition))
        assert found == {threads[name] for name in left}

    def test_agent_types_names_each_type_once(self):
        with pytest.raises(InvalidArgument, match="exclude_values"):
            AgentTypesFilter(any_values=["human"], exclude_values=["human"])


class TestAgentResponse:
    @pytest.fixture
    def threads(self, archive):
        def responded(*who, groups=(0,)):
            started = archive.start(agents=[JONES], groups=groups, active=False)
            for by in who:
                archive.call(
                    SendEvent(
                        chat_id=started.chat_id,
                        event=Message(text="hi"),
                        attach_to_last_thread=True,
                    ),
                    by,
                )
            return started.thread_id

        return {
            "none": responded(),
            "smith": responded(archive.owner),
            "jones first": responded(archive.jones, archive.owner),
            "in group 1": responded(archive.owner, groups=(1,)),
        }

    @pytest.mark.parametrize(
        ("condition", "left"),
        [
            ({"exists": True}, {"smith", "jones first", "in group 1"}),
            ({"exists": False}, {"none"}),
            ({"agents": StringFilter(values=[JONES])}, {"jones first"}),
            ({"agents": StringFilter(values=[SMITH])}, {"smith", "jones first", "in group 1"}),
            ({"first": True, "agents": StringFilter(values=[SMITH])}, {"smith", "in group 1"}),
            ({"agents": StringFilter(exclude_values=[JONES])}, {"none", "smith", "in group 1"}),
            (
                {"first": True, "exists": True, "agents": StringFilter(exclude_values=[SMITH])},
                {"jones first"},
            ),
            ({"groups": IntegerFilter(values=[1])}, {"in group 1"}),
            ({"groups": IntegerFilter(exclude_values=[1])}, {"smith", "jones first"}),
            ({"first": True}, {"none", "smith", "jones first", "in group 1"}),
        ],
    )
    def test_agent_response(self, archive, threads, condition, left):
        found = archive.found(agent_response=AgentResponseFilter(**condition))
        assert found == {threads[name] for name in left}

    def test_what_only_agents_see_is_no_response(self, archive):
        started = archive.start(active=True)
        archive.call(
            SendEvent(
                chat_id=started.chat_id, event=Message(text="note to self", visibility="agents")
            )
        )
        archive.call(DeactivateChat(id=started.chat_id))
        assert archive.found(agent_response=AgentResponseFilter(exists=True)) == set()


class TestEventTypes:
    @pytest.mark.parametrize(
        ("condition", "left"),
        [
            ({"values": ["message"]}, {"message", "both"}),
            ({"values": ["message", "custom", "message"]}, {"message", "custom", "both"}),
            ({"values": ["message", "custom"], "require_every_value": True}, {"both"}),
            (
                {"values": ["message", "custom", "custom"], "require_every_value": True},
                {"both"},
            ),
            ({"exclude_values": ["custom"]}, {"empty", "message"}),
            (
                {"exclude_values": ["message", "custom"], "require_every_value": True},
                {"empty", "message", "custom"},
            ),
        ],
    )
    def test_event_types(self, archive, condition, left):
        threads = {
            "empty": archive.add(),
            "message": archive.add("hello"),
            "custom": archive.add(Custom(content={"a": 1})),
            "both": archive.add("hello", Custom(content={"a": 1})),
        }
        found = archive.found(event_types=EventTypesFilter(**condition))
        assert found == {threads[name] for name in left}


class TestForms:
    @pytest.fixture
    def threads(self, archive):
        return {
            "none": archive.add("no form"),
            "pre a": archive.filled(("a", "prechat")),
            "post a": archive.filled(("a", "postchat"), groups=(1,)),
            "pre b, post c": archive.filled(("b", "prechat"), ("c", "postchat")),
        }

    @pytest.mark.parametrize(
        ("conditions", "left"),
        [
            ([{}], {"pre a", "post a", "pre b, post c"}),
            ([{"type": "pre_chat"}], {"pre a", "pre b, post c"}),
            ([{"type": "post_chat"}], {"post a", "pre b, post c"}),
            ([{"values": ["a"]}], {"pre a", "post a"}),
            ([{"values": ["a", "c"]}], {"pre a", "post a", "pre b, post c"}),
            ([{"type": "pre_chat", "values": ["a", "c"]}], {"pre a"}),
            ([{"exclude_values": ["a"]}], {"none", "pre b, post c"}),
            ([{"type": "pre_chat", "exclude_values": ["a"]}], {"none", "post a", "pre b, post c"}),
            ([{"type": "post_chat", "answer_id": "a"}], {"post a"}),
            ([{"answer_id": "c"}], {"pre b, post c"}),
            ([{"groups": IntegerFilter(values=[1])}], {"post a"}),
            ([{"groups": IntegerFilter(exclude_values=[1])}], {"pre a", "pre b, post c"}),
            ([{"exists": True, "type": "pre_chat"}], {"pre a", "pre b, post c"}),
            ([{"exists": False}], {"none"}),
            ([{"values": ["b"]}, {"type": "post_chat", "values": ["c"]}], {"pre b, post c"}),
            ([{"values": ["b"]}, {"values": ["a"]}], set()),
            ([], {"none", "pre a", "post a", "pre b, post c"}),
        ],
    )
    def test_forms(self, archive, threads, conditions, left):
        found = archive.found(forms=[FormFilter(**one) for one in conditions])
        assert found == {threads[name] for name in left}

    def test_the_older_surveys(self, archive, threads):
        wanted = [SurveyFilter(type="post_chat", answer_id="c")]
        assert archive.found(surveys=wanted) == {threads["pre b, post c"]}

    def test_when_the_form_was_filled_in(self, archive):
        started = archive.start()
        archive.advance(days=1)
        noon = archive.now()
        archive.call(
            SendEvent(chat_id=started.chat_id, event=archive.form("a"), attach_to_last_thread=True)
        )
        before, after = noon - timedelta(hours=1), noon + timedelta(hours=1)
        assert archive.found(forms=[FormFilter(from_=before)]) == {started.thread_id}
        assert archive.found(forms=[FormFilter(to=before)]) == set()
        inside = FormFilter(from_=before, to=after, values=["a"])
        assert archive.found(forms=[inside]) == {started.thread_id}
        assert archive.found(forms=[FormFilter(from_=after, exclude_values=["a"])]) == {
            started.thread_id
        }


class TestGreetings:
    @pytest.fixture(params=["of the thread", "of an event"])
    def threads(self, archive, request):
        greeted = archive.greeted if request.param == "of the thread" else archive.greeted_in_chat
        return {
            "none": archive.add(),
            "one": greeted(1),
            "two": greeted(2),
            "one in group 1": greeted(1, groups=[1]),
        }

    @pytest.mark.parametrize(
        ("condition", "left"),
        [
            ({"exists": True}, {"one", "two", "one in group 1"}),
            ({"exists": False}, {"none"}),
            ({"values": [1]}, {"one", "one in group 1"}),
            ({"values": [1, 2], "groups": IntegerFilter(values=[0])}, {"one", "two"}),
            ({"exclude_values": [1]}, {"none", "two"}),
            ({"groups": IntegerFilter(exclude_values=[1])}, {"one", "two"}),
            ({}, {"one", "two", "one in group 1"}),
        ],
    )
    def test_greetings(self, archive, threads, condition, left):
        found = archive.found(greetings=GreetingsFilter(**condition))
        assert found == {threads[name] for name in left}

    def test_when_the_greeting_was_sent(self, archive):
        first = archive.greeted(1)
        archive.advance(days=2)
        between = archive.now()
        archive.advance(days=2)
        second = archive.greeted(1)
        assert archive.found(greetings=GreetingsFilter(to=between)) == {first}
        assert archive.found(greetings=GreetingsFilter(from_=between, values=[1])) == {second}


class TestTogether:
    def test_all_filters_must_hold(self, archive):
        wanted = archive.add("refund please", tags=["vip"], groups=[1])
        archive.add("refund please", tags=["vip"])
        archive.add("refund please", groups=[1])
        archive.add("thanks", tags=["vip"], groups=[1])
        found = archive.found(query="refund", tags=has(values=["vip"]), group_ids=[1])
        assert found == {wanted}

    def test_only_closed_threads_are_listed(self, archive):
        started = archive.start("still going", active=True)
        assert archive.found() == archive.found(query="going") == set()
        archive.call(DeactivateChat(id=started.chat_id))
        assert archive.found() == archive.found(query="going") == {started.thread_id}

    def test_a_renamed_customer_is_found_by_the_new_name(self, archive):
        customer = archive.customer("Ann")
        thread = archive.add(customer=customer)
        assert archive.found(query="ann") == {thread}
        archive.call(UpdateCustomer(id=customer, name="Beatrix", email="bea@example.com"))
        assert archive.found(query="ann") == set()
        assert archive.found(query="beatrix bea@example.com") == {thread}
        assert archive.found(customer_email="bea@example.com") == {thread}

    def test_what_is_deleted_is_not_found(self, archive):
        started = archive.start("my card number", "anything else")
        assert archive.found(query="card number") == {started.thread_id}
        archive.do(
            lambda world: events.delete(
                world,
                world.store.chats.get(started.chat_id),
                world.store.threads.get(started.thread_id),
                f"{started.thread_id}_1",
            )
        )
        assert archive.found(query="card number") == set()
        assert archive.found(query="anything") == {started.thread_id}
        assert archive.found(event_types=EventTypesFilter(values=["message"])) == {
            started.thread_id
        }

    def test_what_is_restricted_is_not_found_by_its_words(self, archive):
        thread = archive.add("hidden words", tags=["vip"])
        archive.change_thread(thread, restricted_access="too old for the plan")
        assert archive.found(query="hidden") == set()
        assert archive.found(tags=has(values=["vip"])) == {thread}

    def test_khan_is_an_agent_who_reads_nothing_of_group_1(self, archive):
        archive.add("secret plans", groups=[1])
        assert archive.found(archive.khan, query="secret") == set()
        assert archive.found(archive.khan, group_ids=[1]) == set()
        assert archive.found(archive.khan, agents=has(exclude_values=[KHAN])) == set()
