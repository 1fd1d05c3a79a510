"""What a story is."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.parity.stories.desk import Desk

__all__ = ["Story", "Via"]

Via: TypeAlias = Literal["web", "rtm"]


class Story(Struct, frozen=True, kw_only=True):
    """A few calls, and the rules of the sandbox that they show.

    ``makes`` names what is made and taken away again. ``calls`` is how many calls they are, closing
    what was started included; ``spare``, how many more they become if the service makes what it
    should refuse. ``covers`` names rules by the method or
    subject they stand under, and by what their texts begin with. ``needs`` are the scopes in words,
    where they are not those of the methods; ``needs_client_id`` is for tokens that have a client
    id, which personal access tokens have not.
    """

    name: str
    title: str
    run: Callable[[Desk], None]
    makes: tuple[str, ...] = ("chat",)
    calls: int
    spare: int = 0
    methods: tuple[str, ...]
    covers: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()
    needs_client_id: bool = False

    @property
    def actions(self) -> tuple[type[Action[Any]], ...]:
        """The declarations of its methods."""
        return tuple(ACTIONS.get(name) or CONFIGURATION_ACTIONS[name] for name in self.methods)

    @property
    def via(self) -> tuple[Via, ...]:
        """The transports that all its methods have."""
        ways: tuple[Via, ...] = ("web", "rtm")
        return tuple(
            way for way in ways if all(way in action.spec.transports for action in self.actions)
        )

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the token needs, in words."""
        shown = self.needs or tuple(str(action.spec.scopes) for action in self.actions)
        return tuple(dict.fromkeys(text for text in shown if text != "none"))
