"""Conversion of programs from lc-sdk-python to frontdesk: what ``frontdesk migrate`` does."""

from frontdesk.extras import importing_extra

with importing_extra("migrate", "frontdesk.migrate"):
    from frontdesk.migrate.program import Migration, migrate_source
    from frontdesk.migrate.work import MARK, Mark

__all__ = ["MARK", "Mark", "Migration", "migrate_source"]
