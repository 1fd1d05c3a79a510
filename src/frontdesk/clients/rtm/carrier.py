"""What every session of an RTM client is made with."""

from msgspec import Struct

from frontdesk.clients.options import TokenSource
from frontdesk.core.call_cycle import ClientSettings
from frontdesk.core.rtm.settings import SessionSettings, Side
from frontdesk.core.rtm.sides import AGENT
from frontdesk.transport.address import ServerAddress

__all__ = ["Carrier"]


class Carrier(Struct, frozen=True, kw_only=True):
    """What a line needs to know."""

    source: TokenSource
    settings: ClientSettings
    session: SessionSettings
    address: ServerAddress
    recover: bool
    concurrency: int
    side: Side = AGENT
    """Whose sessions they are."""

    def __repr__(self) -> str:
        return f"Carrier({self.settings.base_url!r})"
