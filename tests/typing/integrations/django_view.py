"""A Django page that shows a chat to the support team, and takes their notes."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.urls import path

from frontdesk import AgentClient, FrontdeskError, InvalidArgument, NotFound
from frontdesk.models import Event, MessageEvent


@cache
def get_client() -> AgentClient:
    """Return the client of this process; its connections are kept."""
    return AgentClient()


def row(event: Event) -> dict[str, Any]:
    """Return what the page shows of an event."""
    if isinstance(event, MessageEvent):
        return {"kind": "message", "author": event.author_id, "text": event.text}
    return {"kind": event.type}


def chat(request: HttpRequest, chat_id: str) -> HttpResponse:
    """Show a chat, or add a note that only agents see."""
    try:
        if request.method == "POST":
            note = {"type": "message", "text": request.POST.get("note"), "visibility": "agents"}
            get_client().send_event(chat_id=chat_id, event=note)
        found = get_client().get_chat(chat_id=chat_id, thread_id=request.GET.get("thread"))
    except NotFound:
        return HttpResponseNotFound("no such chat")
    except InvalidArgument as error:
        return JsonResponse({"field": error.field, "error": error.rule}, status=400)
    except FrontdeskError as error:
        return JsonResponse({"error": str(error)}, status=502)
    return JsonResponse({"id": found.id, "events": [row(event) for event in found.thread.events]})


urlpatterns = [path("chats/<str:chat_id>/", chat)]
