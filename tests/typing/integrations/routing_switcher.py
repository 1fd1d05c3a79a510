"""Switch the routing statuses of a team by a plan: who accepts chats at which hour."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime, time
from typing import Literal, NamedTuple

from frontdesk import APIError, AsyncAgentClient

Status = Literal["accepting_chats", "not_accepting_chats"]


class Shift(NamedTuple):
    """When an agent works."""

    agent_id: str
    start: time
    end: time

    def status(self, now: time) -> Status:
        """Return the status at a time of day."""
        return "accepting_chats" if self.start <= now < self.end else "not_accepting_chats"


async def switch(
    client: AsyncAgentClient, shifts: Sequence[Shift], now: time
) -> dict[str, Status | str]:
    """Set the statuses that differ; return what changed, or the error."""
    present = {each.agent_id: each.status for each in await client.list_routing_statuses()}
    changed: dict[str, Status] = {}
    for shift in shifts:
        status = shift.status(now)
        if present.get(shift.agent_id) != status:
            changed[shift.agent_id] = status

    async def change(agent_id: str, status: Status) -> str:
        try:
            await client.set_routing_status(status=status, agent_id=agent_id)
        except APIError as error:
            return error.type
        return status

    results = await asyncio.gather(*(change(*each) for each in changed.items()))
    return dict(zip(changed, results, strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Switch once, as cron would."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agents", nargs="+")
    shifts = [Shift(agent, time(9), time(17)) for agent in parser.parse_args(arguments).agents]

    async def run() -> None:
        async with AsyncAgentClient() as client:
            for agent, status in (
                await switch(client, shifts, datetime.now().astimezone().time())
            ).items():
                print(f"{agent}: {status}")

    asyncio.run(run())
