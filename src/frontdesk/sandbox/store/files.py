"""Uploaded files: what they are, and their bytes."""

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import FileRecord
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = ["FileTable"]


class FileTable:
    """The uploaded files."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._codec = Codec(FileRecord)

    def insert(self, file: FileRecord, content: bytes) -> None:
        """Keep a new file."""
        self._write(file)
        self._db.write("INSERT INTO file_contents VALUES (?, ?)", file.id, content)

    def get(self, file_id: str) -> FileRecord | None:
        """Return what a file is."""
        row = self._db.row("SELECT data FROM files WHERE id = ?", file_id)
        return self._codec.decode(row[0]) if row else None

    def content(self, file_id: str) -> bytes | None:
        """Return the bytes of a file."""
        row = self._db.row("SELECT content FROM file_contents WHERE id = ?", file_id)
        return row[0] if row else None

    def save(self, file: FileRecord) -> None:
        """Keep a changed file."""
        self._write(file)

    def remove_expired(self, now: int) -> int:
        """Drop the files that nobody used in time; how many they were."""
        rows = self._db.rows("SELECT id FROM files WHERE expires_at <= ?", now)
        for row in rows:
            self._db.write("DELETE FROM file_contents WHERE id = ?", row[0])
            self._db.write("DELETE FROM files WHERE id = ?", row[0])
        return len(rows)

    def _write(self, file: FileRecord) -> None:
        self._db.write(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
            file.id,
            to_micros(file.expires_at) if file.expires_at else None,
            self._codec.encode(file),
        )
