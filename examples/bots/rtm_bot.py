"""The echo bot on RTM: no address that LiveChat reaches is needed.

Bots cannot log in to RTM since 3.6: an agent's session listens, and the bot replies over Web.
Set FRONTDESK_TOKEN to the agent's token, FRONTDESK_BOT_TOKEN and FRONTDESK_BOT_ID to the bot's.
"""

import asyncio
import os

from echo import bot


async def main() -> None:
    await bot.run_rtm(
        listen_as=os.environ["FRONTDESK_TOKEN"],
        organization_id=os.environ.get("FRONTDESK_ORGANIZATION_ID", ""),
        on_ready=lambda: print("ready", flush=True),
    )


if __name__ == "__main__":
    asyncio.run(main())
