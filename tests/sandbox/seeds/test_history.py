"""The past of the demo company."""


def test_the_history_is_varied(desk):
    store = desk.world.store
    threads = [
        thread for num in range(1, store.chats.next_num()) for thread in store.threads.of_chat(num)
    ]
    assert len(threads) >= 300
    assert not any(thread.active for thread in threads)
    events = [row for thread in threads for row in store.events.of_thread(thread.num)]
    assert {row.type for row in events} == {
        "message",
        "file",
        "filled_form",
        "rich_message",
        "custom",
        "system_message",
    }
    said = b" ".join(row.data for row in events).decode()
    for words in ("Bestellung", "señorita", "Dzień dobry", "mot de passe", "注文", "refund"):
        assert words in said
    assert {tag for thread in threads for tag in thread.tags} >= {"support", "sales", "refund"}
    assert any(thread.summary for thread in threads)
    assert any("rating" in thread.properties for thread in threads)
    assert any(thread.properties.get("ecommerce") for thread in threads)
    assert any(thread.previous_id for thread in threads)
    countries = {thread.customer_visit.geolocation.country_code for thread in threads}
    assert len(countries) >= 8


def test_the_history_is_past_and_nothing_waits(desk):
    store = desk.world.store
    assert store.timers.count("inactivity") == store.timers.count("summary") == 0
    assert store.queue.count() == 0
    assert set(store.chats.loads().values()) == {0}
    last = store.threads.read_at(store.threads.next_num() - 1)
    assert last.closed_at.date() < desk.world.clock.now().date()
