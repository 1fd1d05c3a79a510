"""What every sandbox has from the start, for those who talk to one without loading it."""

from typing import Final

__all__ = ["CLIENT_ID", "ORGANIZATION_ID", "OWNER_TOKEN"]

ORGANIZATION_ID: Final = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
CLIENT_ID: Final = "0805e283233042b37f460ed8fbf22160"
"""The application that the fixed tokens belong to; owns a namespace of published properties."""
OWNER_TOKEN: Final = "dal:sandbox-owner"  # noqa: S105 - sandbox tokens open nothing
