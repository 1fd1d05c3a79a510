"""What a unit of work saves by itself."""

import pytest

from frontdesk.actions import GetChat, ListChats, StartChat
from frontdesk.sandbox.world.people import customers


class TestSaving:
    def test_what_changed_in_a_record_is_saved(self, desk):
        chat_id = desk.start()
        desk.unit(lambda world: world.store.chats.get(chat_id).followers.append("x"))
        assert desk.world.store.chats.get(chat_id).followers == ["x"]

    def test_changes_deep_inside_are_saved_too(self, desk):
        chat_id = desk.start()

        def change(world):
            chat = world.store.chats.get(chat_id)
            chat.properties["test"] = {"string_property": "x"}
            chat.users[0].visibility = "agents"

        desk.unit(change)
        chat = desk.world.store.chats.get(chat_id)
        assert chat.properties["test"] == {"string_property": "x"}
        assert chat.users[0].visibility == "agents"

    def test_one_object_for_each_id(self, desk):
        chat_id = desk.start()

        def look(world):
            chats = world.store.chats
            return (
                chats.read(chat_id)
                is chats.get(chat_id)
                is chats.read_many([chats.get(chat_id).num])[0]
            )

        assert desk.unit(look)

    def test_queries_see_what_was_changed_before_them(self, desk):
        customer_id = desk.customer("Ann")

        def change(world):
            world.store.customers.get(customer_id).online = True
            return [record.id for record in world.store.customers.online()]

        assert customer_id in desk.unit(change)

    def test_a_new_record_is_there_for_queries(self, desk):
        before = desk.world.store.customers.count()

        def add(world):
            customers.create(world, customers.CustomerDetails(name="Ann"))
            return world.store.customers.count()

        assert desk.unit(add) == before + 1

    def test_what_an_undone_unit_changed_is_lost(self, desk):
        chat_id = desk.start()

        def work(world):
            world.store.chats.get(chat_id).followers.append("x")
            world.store.flush()
            world.store.chats.get(chat_id).followers.append("y")
            raise RuntimeError

        with pytest.raises(RuntimeError):
            desk.unit(work)
        assert desk.world.store.chats.get(chat_id).followers == []


class TestWriting:
    @pytest.fixture
    def written(self, desk, monkeypatch):
        """The statements that the store writes."""
        statements = []
        write = desk.world.store.db.write

        def noted(sql, *values):
            statements.append(" ".join(sql.split()[:3]))
            return write(sql, *values)

        monkeypatch.setattr(desk.world.store.db, "write", noted)
        return statements

    def test_reading_writes_nothing(self, desk, written):
        chat_id = desk.start()
        written.clear()
        desk.call(GetChat(chat_id=chat_id))
        desk.call(ListChats())
        assert written == []

    def test_a_record_that_changes_twice_is_written_once(self, desk, written):
        chat_id = desk.start()
        written.clear()

        def change(world):
            world.store.chats.get(chat_id).followers.append("x")
            world.store.chats.get(chat_id).followers.append("y")

        desk.unit(change)
        assert written == ["UPDATE chats SET"]

    def test_a_new_chat_is_written_once(self, desk, written):
        desk.call(StartChat())
        assert written.count("INSERT INTO chats") == 1
        assert "UPDATE chats SET" not in written


class TestRemembering:
    """The next unit need not ask the database for what the last one had."""

    def test_what_was_written_is_remembered(self, desk):
        chat_id = desk.start()
        desk.unit(lambda world: world.store.chats.get(chat_id).followers.append("x"))
        assert desk.unit(lambda world: world.store.chats.get(chat_id).followers) == ["x"]

    def test_nothing_is_remembered_of_an_undone_unit(self, desk):
        chat_id = desk.start()
        desk.unit(lambda world: world.store.chats.get(chat_id))

        def work(world):
            world.store.chats.get(chat_id).followers.append("x")
            world.store.flush()
            raise RuntimeError

        with pytest.raises(RuntimeError):
            desk.unit(work)
        assert desk.unit(lambda world: world.store.chats.get(chat_id).followers) == []

    def test_nothing_is_remembered_of_what_a_snapshot_replaced(self, desk):
        chat_id = desk.start()
        image = desk.world.store.snapshot()
        desk.unit(lambda world: world.store.chats.get(chat_id).followers.append("x"))
        desk.world.store.restore(image)
        assert desk.unit(lambda world: world.store.chats.get(chat_id).followers) == []

    def test_more_records_than_are_remembered(self, desk, monkeypatch):
        monkeypatch.setattr("frontdesk.sandbox.store.tracked.RECENT", 3)
        ids = [desk.start() for _ in range(12)]
        for chat_id in ids:
            desk.unit(lambda world, key=chat_id: world.store.chats.get(key).followers.append(key))
        for chat_id in ids:
            found = desk.unit(lambda world, key=chat_id: world.store.chats.get(key).followers)
            assert found == [chat_id]


class TestTables:
    """What other tables repeat of a record goes along with it."""

    def groups(self, desk, chat_id):
        rows = desk.world.store.db.rows(
            "SELECT group_id FROM chat_groups JOIN chats ON chats.num = chat WHERE id = ?", chat_id
        )
        return {row[0] for row in rows}

    def agents(self, desk, chat_id):
        return dict(
            desk.world.store.db.rows(
                "SELECT agent_id, counts FROM chat_agents JOIN chats ON chats.num = chat "
                "WHERE id = ?",
                chat_id,
            )
        )

    def test_groups(self, desk):
        chat_id = desk.start()
        assert self.groups(desk, chat_id) == {0}

        def move(world):
            world.store.chats.get(chat_id).group_ids = [1, 2]

        desk.unit(move)
        assert self.groups(desk, chat_id) == {1, 2}

    def test_agents_and_the_places_they_take(self, desk):
        chat_id = desk.start_with(desk.customer())
        assert self.agents(desk, chat_id) == {"smith@example.com": 1}

        def hide(world):
            world.store.chats.get(chat_id).user("smith@example.com").visibility = "agents"

        desk.unit(hide)
        assert self.agents(desk, chat_id) == {"smith@example.com": 0}
        assert desk.world.store.chats.loads()["smith@example.com"] == 0

        def leave(world):
            world.store.chats.get(chat_id).user("smith@example.com").present = False

        desk.unit(leave)
        assert self.agents(desk, chat_id) == {}
