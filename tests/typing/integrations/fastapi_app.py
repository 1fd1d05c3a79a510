"""A FastAPI service in front of the archives: search them, with a page a request."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request

from frontdesk import APIError, AsyncAgentClient, InvalidArgument
from frontdesk.models import Chat


def make_app(client: AsyncAgentClient) -> FastAPI:
    """Return the service; it closes the client at its end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        async with client:
            yield {"client": client}

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/archives", archives)
    return app


def the_client(request: Request) -> AsyncAgentClient:
    """Return the client that lives as long as the service."""
    client: AsyncAgentClient = request.state.client
    return client


def shown(chat: Chat) -> dict[str, Any]:
    """Return what the service tells of a thread."""
    return {
        "chat": chat.id,
        "thread": chat.thread.id,
        "events": len(chat.thread.events),
        "customers": [customer.name for customer in chat.customers.values()],
    }


async def archives(
    client: Annotated[AsyncAgentClient, Depends(the_client)],
    query: str | None = None,
    page: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Search the archives."""
    try:
        filters = {"query": query} if query else None
        found = await client.list_archives(filters=filters, page_id=page, limit=limit)
    except InvalidArgument as error:
        raise HTTPException(422, str(error)) from error
    except APIError as error:
        raise HTTPException(502, error.type) from error
    return {"next": found.next_page_id, "threads": [shown(chat) for chat in found.chats]}
