"""The tables of the sandbox.

Configuration (agents, groups, tags, tokens, webhooks, property definitions, the accounts server) is
small and read whole at start; chats, threads, events and customers are many and only ever read by
key or index.

- A record's blob (``data``) is the truth; the columns beside it hold what queries need.
- ``chats.num`` and ``threads.num`` are the integers that other tables refer to; the API's ids are
  ``chats.id`` and ``threads.id``. An event's id is ``<threads.id>_<events.n>``.
- Timestamps are integers: microseconds since 1970 in UTC.
- ``chats.listed_at`` is what chats are listed by: the creation of the last thread, or of the chat
  as long as it has none.
- ``events`` is clustered by thread, so that a thread is read with one seek; its blob is the JSON
  of the event as the API sends it.
- ``chat_agents`` holds the agents present in a chat. ``counts`` is 1 when the chat takes one of
  the agent's places (active, with a customer, visible to all); triggers keep the number of places
  taken per agent in ``loads``, so that routing never counts.
- ``threads.indexed`` is 0 when the archive index does not know the present state of the thread:
  it is 0 for a new thread and is set to 0 again by every change of an inactive one. Triggers do so
  when what changed is the chat's properties, the agents in it, or the customer's name or e-mail.
- ``canned_responses.private_to`` is the only agent who sees a private one.
- ``accounts`` is what the accounts server knows, by kind: clients, organizations, codes, refresh
  tokens, consents, log-ins. Access tokens are among the ``tokens``.
- ``customer_credentials`` are the tokens, cookies and identity transfer tokens of customers, by
  kind; they are dropped some time after ``expires_at``.
- ``deliveries`` are the webhooks that wait to be sent and the latest dead letters, in a file only.
- The archive index is brought up to date when it is next searched, so that nobody else waits for
  it: ``archived`` holds the ids of each thread's terms, ``postings`` the threads of each term, and
  ``term_timestamps`` when it was, for terms that have a time. ``chat_properties`` serves the
  filters of ``list_chats``; triggers fill it from the JSON in ``chats.properties``.
"""

__all__ = ["APPLICATION_ID", "STATEMENTS", "VERSION"]

APPLICATION_ID = 0x46444B53
"""``FDKS``: marks a file as a sandbox of frontdesk."""

VERSION = 7

_CUSTOMER_CREDENTIALS = (
    """CREATE TABLE customer_credentials (
        kind TEXT NOT NULL, id TEXT NOT NULL, customer_id TEXT NOT NULL, client_id TEXT NOT NULL,
        created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (kind, id)) WITHOUT ROWID""",
    """CREATE INDEX customer_credentials_by_customer
        ON customer_credentials (customer_id, kind, created_at)""",
    "CREATE INDEX customer_credentials_by_end ON customer_credentials (expires_at)",
)

MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE chats ADD COLUMN listed_at INTEGER NOT NULL DEFAULT 0",
        """UPDATE chats SET listed_at = coalesce(
            (SELECT created_at FROM threads WHERE num = last_thread), created_at)""",
        "CREATE INDEX chats_by_listing ON chats (listed_at, num)",
    ),
    2: (
        "CREATE TABLE IF NOT EXISTS deliveries (number INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        # What is said of an archived thread may be another since: it is looked at again.
        "UPDATE threads SET indexed = 0",
    ),
    3: (
        "ALTER TABLE moments RENAME TO term_timestamps",
        # An index cannot be renamed.
        "DROP INDEX moments_by_thread",
        "CREATE INDEX term_timestamps_by_thread ON term_timestamps (thread)",
    ),
    4: (
        """CREATE TABLE canned_responses (
            id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL, private_to TEXT,
            data BLOB NOT NULL)""",
        "CREATE INDEX canned_responses_by_group ON canned_responses (group_id, id)",
    ),
    5: (
        """CREATE TABLE accounts (
            kind TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (kind, id)) WITHOUT ROWID""",
    ),
    6: _CUSTOMER_CREDENTIALS,
}
"""What makes of a database of each older format one of the next."""

_INSERT_CHAT_PROPERTIES = """INSERT INTO chat_properties
        SELECT space.key, one.key, one.value, new.num
        FROM json_each(new.properties) AS space, json_each(space.value) AS one"""

STATEMENTS = (
    "CREATE TABLE settings (key TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE agents (id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE groups (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE tags (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tokens (id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE accounts (
        kind TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (kind, id)) WITHOUT ROWID""",
    *_CUSTOMER_CREDENTIALS,
    # An id is not used again, so that a program never changes another text than it means.
    """CREATE TABLE canned_responses (
        id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL, private_to TEXT,
        data BLOB NOT NULL)""",
    "CREATE INDEX canned_responses_by_group ON canned_responses (group_id, id)",
    "CREATE TABLE webhooks (id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE properties (
        namespace TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (namespace, name)) WITHOUT ROWID""",
    """CREATE TABLE customers (
        id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, email TEXT COLLATE NOCASE, name TEXT,
        online INTEGER NOT NULL, banned_until INTEGER, data BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX customers_by_email ON customers (email) WHERE email IS NOT NULL",
    "CREATE INDEX customers_online ON customers (online) WHERE online = 1",
    "CREATE INDEX customers_banned ON customers (banned_until) WHERE banned_until IS NOT NULL",
    """CREATE TABLE chats (
        num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
        customer_id TEXT, active INTEGER NOT NULL, last_thread INTEGER,
        properties TEXT NOT NULL, data BLOB NOT NULL, listed_at INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX chats_by_listing ON chats (listed_at, num)",
    "CREATE INDEX chats_by_customer ON chats (customer_id) WHERE customer_id IS NOT NULL",
    "CREATE INDEX chats_active ON chats (num) WHERE active = 1",
    """CREATE TABLE chat_groups (
        group_id INTEGER NOT NULL, chat INTEGER NOT NULL,
        PRIMARY KEY (group_id, chat)) WITHOUT ROWID""",
    """CREATE TABLE chat_agents (
        agent_id TEXT NOT NULL, chat INTEGER NOT NULL, counts INTEGER NOT NULL,
        PRIMARY KEY (agent_id, chat)) WITHOUT ROWID""",
    "CREATE INDEX chat_agents_by_chat ON chat_agents (chat)",
    "CREATE TABLE loads (agent_id TEXT PRIMARY KEY, chats INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TRIGGER place_taken AFTER INSERT ON chat_agents WHEN new.counts = 1 BEGIN
        INSERT INTO loads VALUES (new.agent_id, 1)
        ON CONFLICT (agent_id) DO UPDATE SET chats = chats + 1; END""",
    """CREATE TRIGGER place_freed AFTER DELETE ON chat_agents WHEN old.counts = 1 BEGIN
        UPDATE loads SET chats = chats - 1 WHERE agent_id = old.agent_id; END""",
    """CREATE TABLE threads (
        num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, chat INTEGER NOT NULL,
        active INTEGER NOT NULL, created_at INTEGER NOT NULL,
        indexed INTEGER NOT NULL DEFAULT 0, data BLOB NOT NULL)""",
    "CREATE INDEX threads_by_chat ON threads (chat, num)",
    "CREATE INDEX threads_by_time ON threads (created_at, num)",
    "CREATE INDEX threads_to_index ON threads (num) WHERE indexed = 0 AND active = 0",
    """CREATE TABLE thread_groups (
        group_id INTEGER NOT NULL, thread INTEGER NOT NULL,
        PRIMARY KEY (group_id, thread)) WITHOUT ROWID""",
    """CREATE TABLE events (
        thread INTEGER NOT NULL, n INTEGER NOT NULL, type TEXT NOT NULL, author_id TEXT,
        created_at INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0, data BLOB NOT NULL,
        PRIMARY KEY (thread, n)) WITHOUT ROWID""",
    """CREATE TABLE chat_properties (
        namespace TEXT NOT NULL, name TEXT NOT NULL, value NOT NULL, chat INTEGER NOT NULL,
        PRIMARY KEY (namespace, name, value, chat)) WITHOUT ROWID""",
    "CREATE INDEX chat_properties_by_chat ON chat_properties (chat)",
    f"""CREATE TRIGGER chat_properties_new AFTER INSERT ON chats WHEN new.properties <> '{{}}' BEGIN
        {_INSERT_CHAT_PROPERTIES}; END""",
    f"""CREATE TRIGGER chat_properties_changed AFTER UPDATE OF properties ON chats
        WHEN old.properties <> new.properties BEGIN
        DELETE FROM chat_properties WHERE chat = new.num;
        {_INSERT_CHAT_PROPERTIES};
        UPDATE threads SET indexed = 0 WHERE chat = new.num AND indexed = 1; END""",  # noqa: S608
    """CREATE TRIGGER chat_customer_changed AFTER UPDATE OF customer_id ON chats
        WHEN old.customer_id IS NOT new.customer_id BEGIN
        UPDATE threads SET indexed = 0 WHERE chat = new.num AND indexed = 1; END""",
    """CREATE TRIGGER chat_agent_came AFTER INSERT ON chat_agents BEGIN
        UPDATE threads SET indexed = 0 WHERE chat = new.chat AND indexed = 1; END""",
    """CREATE TRIGGER chat_agent_left AFTER DELETE ON chat_agents BEGIN
        UPDATE threads SET indexed = 0 WHERE chat = old.chat AND indexed = 1; END""",
    """CREATE TRIGGER customer_renamed AFTER UPDATE OF email, name ON customers
        WHEN old.email IS NOT new.email OR old.name IS NOT new.name BEGIN
        UPDATE threads SET indexed = 0 WHERE indexed = 1
        AND chat IN (SELECT num FROM chats WHERE customer_id = new.id); END""",
    "CREATE TABLE terms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE postings (id INTEGER PRIMARY KEY, threads BLOB NOT NULL)",
    "CREATE TABLE archived (thread INTEGER PRIMARY KEY, terms BLOB NOT NULL)",
    """CREATE TABLE term_timestamps (
        term INTEGER NOT NULL, at INTEGER NOT NULL, thread INTEGER NOT NULL,
        PRIMARY KEY (term, at, thread)) WITHOUT ROWID""",
    "CREATE INDEX term_timestamps_by_thread ON term_timestamps (thread)",
    """CREATE TABLE queue (
        thread INTEGER NOT NULL, group_id INTEGER NOT NULL, chat INTEGER NOT NULL,
        rank INTEGER NOT NULL, queued_at INTEGER NOT NULL,
        PRIMARY KEY (thread, group_id)) WITHOUT ROWID""",
    "CREATE INDEX queue_order ON queue (group_id, rank, queued_at, thread)",
    """CREATE TABLE timers (
        id INTEGER PRIMARY KEY, due INTEGER NOT NULL, kind TEXT NOT NULL,
        subject TEXT NOT NULL, data BLOB)""",
    "CREATE INDEX timers_due ON timers (due, id)",
    "CREATE UNIQUE INDEX timers_subject ON timers (kind, subject)",
    """CREATE TABLE files (
        id TEXT PRIMARY KEY, expires_at INTEGER, data BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL",
    "CREATE TABLE file_contents (id TEXT PRIMARY KEY, content BLOB NOT NULL)",
    "CREATE TABLE deliveries (number INTEGER PRIMARY KEY, data BLOB NOT NULL)",
)
