"""A conversation with the served sandbox at an address; runs in a fresh environment."""

import asyncio
import sys

from frontdesk import AgentClient, AgentRTM, AsyncAgentClient
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox

TOKEN = "dal:sandbox-agent"  # every sandbox of this machine takes it


async def count_chats(url: str) -> int:
    async with AsyncAgentClient(TOKEN, base_url=url) as client:
        return len((await client.list_chats()).chats_summary)


def main() -> None:
    url = sys.argv[1]
    with AgentClient(TOKEN, base_url=url) as client:
        chats = client.list_chats().chats_summary
        assert chats, "the sandbox has no chats"
        assert asyncio.run(count_chats(url)) == len(chats)
    with AgentRTM(TOKEN, base_url=url) as rtm:
        assert rtm.list_chats().chats_summary
    # … and one in this process, as tests have it.
    with Sandbox() as sandbox:
        ann = sandbox.customer("Ann")
        chat_id = ann.start_chat(Message("Where is my parcel?"))
        sandbox.client().send_event(chat_id=chat_id, event=Message("It arrives today."))
        assert ann.transcript()[-1].author_id == "smith@example.com"


if __name__ == "__main__":
    main()
