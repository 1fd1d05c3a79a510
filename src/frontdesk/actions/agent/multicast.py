"""Messages to agents outside any chat."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from frontdesk.models import MulticastRecipients
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe

__all__ = ["Multicast"]


class Multicast(Action[None], frozen=True, kw_only=True):
    """Send a message to agents outside any chat; nothing is stored."""

    spec: ClassVar[Spec] = Spec(
        name="multicast",
        group="other",
        scopes=any_of("multicast:rw"),
        push=("incoming_multicast",),
    )
    recipients: Annotated[
        From[MulticastRecipients, MulticastRecipients | Dict],
        Meta(description="All agents, agents by id, or agents of groups."),
    ]
    content: Annotated[Any, Meta(description="Any value that fits into JSON.")]
    type: Annotated[Maybe[str], Meta(description="Type of the message, of your own.")] = NOT_SENT
