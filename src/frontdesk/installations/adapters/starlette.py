"""An installer as an endpoint of Starlette or FastAPI.

::

    app.add_route("/livechat/install", endpoint(installer))
"""

from collections.abc import Awaitable, Callable

from frontdesk.errors import InvalidArgument
from frontdesk.extras import importing_package
from frontdesk.installations.installer import AsyncInstaller

with importing_package("Starlette", "frontdesk.installations.adapters.starlette"):
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["endpoint"]


def endpoint(installer: AsyncInstaller) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of an installer, for ``add_route`` at the path of ``redirect_uri``.

    Raises:
        InvalidArgument: It is no ``AsyncInstaller``.
    """
    if not isinstance(installer, AsyncInstaller):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("installer", "must be an AsyncInstaller")

    async def install(request: Request) -> Response:
        # HTTP/2 may have a header for each cookie.
        cookies = "; ".join(request.headers.getlist("cookie"))
        responded = await installer.respond(request.method, request.url.query, cookies)
        response = Response(responded.body, responded.status)
        for name, value in responded.headers:
            response.headers[name] = value
        return response

    return install
