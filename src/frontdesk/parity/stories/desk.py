"""What stories call, with the guard that keeps them from everything that is not their own."""

from typing import Any, Final, Protocol

from frontdesk.actions import (
    Action,
    CreateBot,
    CreateGroup,
    DeleteBot,
    GetBot,
    RegisterWebhook,
    StartChat,
)
from frontdesk.errors import (
    APIError,
    AuthorizationError,
    FrontdeskError,
    GroupNotFound,
    LimitReached,
    NotFound,
)
from frontdesk.models import InitialChat, InitialThread, Message
from frontdesk.parity.marks import MARK, NAME_MARK, is_name
from frontdesk.parity.stories.things import (
    NOWHERE,
    READING,
    Made,
    Thing,
    made_by,
    taken_by,
    things_of,
)

__all__ = ["Caller", "Desk", "NotOwn", "NotPossible"]

NAMELESS: Final[dict[type[Action[Any]], str]] = {
    StartChat: "a chat",
    CreateGroup: "a group",
    CreateBot: "a bot",
    RegisterWebhook: "a webhook",
}
"""What is known by an id alone, which comes with the response."""


class NotOwn(FrontdeskError):
    """A story would have touched something that it has not made; nothing was sent."""


class NotPossible(FrontdeskError):
    """The token, or the plan of the licence, does not allow a call of a story."""


class Caller(Protocol):
    """A client, over Web or RTM."""

    def __call__(self, action: Any) -> Any:
        """Carry out an action."""
        ...


class Desk:
    """What a story calls: one of the services.

    Args:
        client: Carries out the calls.
        run: Ends the names of all that is made: the same on both services, and like no other's.
    """

    def __init__(self, client: Caller, run: str = "0") -> None:
        self._client = client
        self.run = run
        self._made: dict[Thing, Made] = {}
        self._uncertain: list[str] = []
        self._own: set[Thing] = set()

    @property
    def own_ids(self) -> set[Any]:
        """The ids of all chats, groups, bots and webhooks that were made here."""
        return {key for kind, key in self._own if kind in ("chat", "group", "bot", "webhook")}

    @property
    def left(self) -> list[str]:
        """What was made here and was not taken away again, in words."""
        return [*(made.shown for made in self._made.values()), *self._uncertain]

    def __call__(self, action: Action[Any]) -> Any:
        """Carry out an action about things of this desk.

        Raises:
            NotOwn: It is about something else.
            NotPossible: The token may not, or the plan has no room for more.
        """
        try:
            return self._send(action)
        except AuthorizationError as error:
            spec = type(action).spec
            raise NotPossible(f"{spec.name} needs {spec.scopes}") from error
        except LimitReached as error:
            raise NotPossible(f"{action.spec.name}: the plan has no room for another") from error

    def refused(self, action: Action[Any]) -> None:
        """Carry out an action that is expected to be refused; what happens is compared."""
        try:
            self._send(action)
        except APIError:
            """The comparison looks at it."""

    def start(self, *texts: str) -> Any:
        """Start a chat of the requester alone, without a customer."""
        events = [Message(text=f"{MARK}: {text}") for text in texts]
        chat = InitialChat(thread=InitialThread(events=events)) if events else None
        return self(StartChat(chat=chat, continuous=True))

    def name(self, text: str) -> str:
        """Return a name for something that the story makes, which nothing else has."""
        return f"{MARK} {text} {self.run}"

    def property_name(self, text: str) -> str:
        """Return a name as ``name`` does, for a property: without blanks."""
        return f"{NAME_MARK}_{text}_{self.run}"

    def client_id(self) -> str:
        """Return the client id of the token: that of a bot made with it, in three calls."""
        bot_id = self(CreateBot(name=self.name("owner"), max_chats_count=0)).id
        owner: str = self(GetBot(id=bot_id)).owner_client_id
        self(DeleteBot(id=bot_id))
        self._own.add(("client id", owner))
        return owner

    def close(self) -> None:
        """Take away what is still there, the newest first; ``left`` has what could not be."""
        for thing, made in reversed(list(self._made.items())):
            try:
                self._client(made.undo)
            except (NotFound, GroupNotFound):
                """It was never made, or somebody else has taken it away."""
            except FrontdeskError:
                continue
            del self._made[thing]

    def _send(self, action: Action[Any]) -> Any:
        self._check(action)
        # What is known by a name can be taken away even if no response comes.
        named = made_by(action)
        is_new = named is not None and named.thing not in self._made
        if named is not None and is_new:
            self._keep(named)
        try:
            result = self._client(action)
        except APIError:
            if named is not None and is_new:
                del self._made[named.thing]
            raise
        except BaseException:
            # Whether it was made, nobody knows.
            noun = NAMELESS.get(type(action))
            if noun is not None:
                name = getattr(action, "name", None) or getattr(action, "description", None)
                self._uncertain.append(
                    f"{noun} whose start was interrupted"
                    if name is None
                    else f"{noun} `{name}`, if it was made"
                )
            raise
        made = made_by(action, result)
        if made is not None:
            self._keep(made)
        taken = taken_by(action)
        if taken is not None:
            self._made.pop(taken, None)
        return result

    def _keep(self, made: Made) -> None:
        self._made[made.thing] = made
        self._own.add(made.thing)

    def _check(self, action: Action[Any]) -> None:
        if type(action) in READING:
            return
        things = things_of(action)
        if type(action) is StartChat and not things:
            return
        if not things or not all(map(self._is_own, things)):
            raise NotOwn(f"{action.spec.name} would touch something that is not the story's own")

    def _is_own(self, thing: Thing) -> bool:
        kind, key = thing
        if kind == "name":
            # The case of letters is part of what is compared.
            return is_name(key, self.run)
        return thing in NOWHERE or thing in self._own
