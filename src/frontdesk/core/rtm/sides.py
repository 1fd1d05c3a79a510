"""What an agent says at the log-in, and which pushes an agent gets."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET, UnsetType

from frontdesk.actions import Action, Login
from frontdesk.auth import Token
from frontdesk.core.rtm.reasons import VERDICTS, Verdict
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.settings import LoginOptions, Side
from frontdesk.pushes import PUSHES, Push

__all__ = ["AGENT"]


class _AgentSide:
    dismissal = "agent_disconnected"
    swaps_tokens = True
    pushes: Mapping[str, type[Push]] = PUSHES
    verdicts: Mapping[str, Verdict] = VERDICTS

    def login(
        self, token: Token, options: LoginOptions, *, again: bool, away: bool | UnsetType
    ) -> Action[Any]:
        return Login(
            token=token.authorization,
            timezone=options.timezone,
            reconnect=True if again else UNSET,
            application=options.application,
            away=away,
            customer_monitoring_level=options.customer_monitoring_level,
            pushes=options.pushes,
        )

    def recovery(self) -> Recovery:
        return Recovery()


AGENT: Final[Side] = _AgentSide()
