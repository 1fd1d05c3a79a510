"""An app for many organizations: who has installed it, and a client for each of them.

The modules ``asgi``, ``wsgi``, ``starlette`` (FastAPI) and ``django`` of ``adapters`` connect an
installer to a web framework; none is loaded from here.
"""

from frontdesk.installations.clients import AsyncClients, ClientOptions, Clients
from frontdesk.installations.installer import AsyncInstaller, Installer, LoginStart
from frontdesk.installations.pages import InstallResponse
from frontdesk.installations.store import Installation, InstallationStore

__all__ = [
    "AsyncClients",
    "AsyncInstaller",
    "ClientOptions",
    "Clients",
    "InstallResponse",
    "Installation",
    "InstallationStore",
    "Installer",
    "LoginStart",
]
