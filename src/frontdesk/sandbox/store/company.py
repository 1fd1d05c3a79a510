"""The configuration of the license: small, read whole at start, written through."""

from collections.abc import Callable
from typing import Any

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import (
    AgentRecord,
    GroupRecord,
    LicenseRecord,
    PropertyRecord,
    TagRecord,
    TokenRecord,
    WebhookRecord,
)

__all__ = ["Company", "nobody_listens"]


def nobody_listens() -> None:
    """Do nothing about webhooks that were registered or removed."""


class Company:
    """License, agents and bots, groups, tags, tokens, webhooks, property definitions.

    The dictionaries are for reading; every change goes through a ``save_…`` or ``remove_…``.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._license = Codec(LicenseRecord)
        self._agent = Codec(AgentRecord)
        self._group = Codec(GroupRecord)
        self._tag = Codec(TagRecord)
        self._token = Codec(TokenRecord)
        self._property = Codec(PropertyRecord)
        self._webhook = Codec(WebhookRecord)
        self._changed = False
        self.on_webhooks: Callable[[], object] = nobody_listens
        """Called when webhooks may have been registered or removed."""
        self.load()

    def load(self) -> None:
        """Read everything again, as after a restore or an undone unit of work."""
        rows = self._db.rows
        row = self._db.row("SELECT data FROM settings WHERE key = 'license'")
        self._license_record = self._license.decode(row[0]) if row else None
        self.agents: dict[str, AgentRecord] = {
            row[0]: self._agent.decode(row[1]) for row in rows("SELECT id, data FROM agents")
        }
        self.groups: dict[int, GroupRecord] = {
            row[0]: self._group.decode(row[1]) for row in rows("SELECT id, data FROM groups")
        }
        self.tags: dict[str, TagRecord] = {
            row[0]: self._tag.decode(row[1]) for row in rows("SELECT name, data FROM tags")
        }
        self.tokens: dict[str, TokenRecord] = {
            row[0]: self._token.decode(row[1]) for row in rows("SELECT id, data FROM tokens")
        }
        self.properties: dict[tuple[str, str], PropertyRecord] = {
            (row[0], row[1]): self._property.decode(row[2])
            for row in rows("SELECT namespace, name, data FROM properties")
        }
        self.webhooks: dict[str, WebhookRecord] = {
            row[0]: self._webhook.decode(row[1]) for row in rows("SELECT id, data FROM webhooks")
        }
        self.generation = getattr(self, "generation", 0) + 1
        self._changed = False
        self.on_webhooks()

    @property
    def license(self) -> LicenseRecord:
        """The license; a database without one is still to be seeded."""
        if self._license_record is None:
            raise LookupError("the database has no license yet: seed it first")
        return self._license_record

    @property
    def seeded(self) -> bool:
        """Whether the database has a license."""
        return self._license_record is not None

    def save_license(self, record: LicenseRecord) -> None:
        """Keep the license."""
        self._license_record = record
        self._put("license", self._license.encode(record))

    def save_agent(self, agent: AgentRecord) -> None:
        """Keep an agent or a bot."""
        if not agent.number:
            agent.number = 1 + max((other.number for other in self.agents.values()), default=0)
        self.agents[agent.id] = agent
        self._write(
            "INSERT OR REPLACE INTO agents VALUES (?, ?)", agent.id, self._agent.encode(agent)
        )

    def remove_agent(self, agent_id: str) -> None:
        """Forget an agent or a bot, and its tokens."""
        self.agents.pop(agent_id, None)
        self._write("DELETE FROM agents WHERE id = ?", agent_id)
        for token in [token for token in self.tokens.values() if token.user_id == agent_id]:
            self.remove_token(token.id)

    def save_group(self, group: GroupRecord) -> None:
        """Keep a group."""
        self.groups[group.id] = group
        self._write(
            "INSERT OR REPLACE INTO groups VALUES (?, ?)", group.id, self._group.encode(group)
        )

    def remove_group(self, group_id: int) -> None:
        """Forget a group."""
        self.groups.pop(group_id, None)
        self._write("DELETE FROM groups WHERE id = ?", group_id)

    def save_tag(self, tag: TagRecord) -> None:
        """Keep a tag."""
        self.tags[tag.name] = tag
        self._write("INSERT OR REPLACE INTO tags VALUES (?, ?)", tag.name, self._tag.encode(tag))

    def remove_tag(self, name: str) -> None:
        """Forget a tag."""
        self.tags.pop(name, None)
        self._write("DELETE FROM tags WHERE name = ?", name)

    def save_token(self, token: TokenRecord) -> None:
        """Keep a token."""
        self.tokens[token.id] = token
        self._write(
            "INSERT OR REPLACE INTO tokens VALUES (?, ?)", token.id, self._token.encode(token)
        )

    def remove_token(self, token_id: str) -> None:
        """Revoke a token."""
        self.tokens.pop(token_id, None)
        self._write("DELETE FROM tokens WHERE id = ?", token_id)

    def save_property(self, definition: PropertyRecord) -> None:
        """Keep the definition of a property."""
        self.properties[definition.namespace, definition.name] = definition
        self._write(
            "INSERT OR REPLACE INTO properties VALUES (?, ?, ?)",
            definition.namespace,
            definition.name,
            self._property.encode(definition),
        )

    def remove_property(self, namespace: str, name: str) -> None:
        """Forget the definition of a property."""
        self.properties.pop((namespace, name), None)
        self._write("DELETE FROM properties WHERE namespace = ? AND name = ?", namespace, name)

    def save_webhook(self, webhook: WebhookRecord) -> None:
        """Keep the registration of a webhook."""
        self.webhooks[webhook.id] = webhook
        self._write(
            "INSERT OR REPLACE INTO webhooks VALUES (?, ?)",
            webhook.id,
            self._webhook.encode(webhook),
        )
        self.on_webhooks()

    def remove_webhook(self, webhook_id: str) -> None:
        """Forget the registration of a webhook."""
        self.webhooks.pop(webhook_id, None)
        self._write("DELETE FROM webhooks WHERE id = ?", webhook_id)
        self.on_webhooks()

    def setting(self, key: str) -> bytes | None:
        """Return a value that the sandbox keeps about itself."""
        row = self._db.row("SELECT data FROM settings WHERE key = ?", key)
        return row[0] if row else None

    def save_setting(self, key: str, data: bytes) -> None:
        """Keep a value about the sandbox itself."""
        self._put(key, data)

    def end_unit(self, *, keep: bool) -> None:
        """Read again what an undone unit of work had changed."""
        if self._changed and not keep:
            self.load()
        self._changed = False

    def _put(self, key: str, data: bytes) -> None:
        self._write("INSERT OR REPLACE INTO settings VALUES (?, ?)", key, data)

    def _write(self, sql: str, *values: Any) -> None:
        self._changed = True
        self.generation += 1
        self._db.write(sql, *values)
