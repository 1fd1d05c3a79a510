"""What the tests of bots share."""

from frontdesk.models import CreatedBot
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID


def token_of(
    sandbox: Sandbox, bot: CreatedBot, client: str = CLIENT_ID, **wrong: str
) -> str:  # fmt: skip
    arguments = {
        "bot_id": bot.id,
        "client_id": client,
        "bot_secret": bot.secret,
        "organization_id": sandbox.organization_id,
    }
    return sandbox.configuration_client().issue_bot_token(**(arguments | wrong)).token


def only_bots_take_chats(sandbox: Sandbox) -> None:
    client = sandbox.client()
    for status in client.list_routing_statuses():
        if status.status == "accepting_chats" and "@" in status.agent_id:
            client.set_routing_status(status="not_accepting_chats", agent_id=status.agent_id)


def serving(sandbox: Sandbox, chat_id: str) -> list[str]:
    users = sandbox.client().get_chat(chat_id=chat_id).users
    return [user.id for user in users if user.type == "agent" and user.present]


def status_of(sandbox: Sandbox, bot_id: str) -> str:
    statuses = sandbox.client().list_routing_statuses()
    return {status.agent_id: status.status for status in statuses}[bot_id]
