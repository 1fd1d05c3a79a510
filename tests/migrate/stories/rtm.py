"""A bot's connection: log in, talk, log out."""

import json
import os

from livechat.agent.rtm.base import AgentRTM
from livechat.utils.structures import AccessToken, TokenType
from loguru import logger

logger.disable("livechat")

organization_id = "set in the environment"
rtm = AgentRTM.get_client(base_url=os.environ["LC_HOST"])
rtm.open_connection(response_timeout=10)
try:
    login = rtm.login(
        token=AccessToken(scheme=TokenType.BEARER, token=os.environ["LC_TOKEN"]), away=True
    )
    profile = login.payload["my_profile"]
    print(profile["email"], profile["permission"], len(login.payload["chats_summary"]) > 3)
    started = rtm.start_chat(continuous=True)
    chat_id = started.payload.get("chat_id")
    rtm.send_event(chat_id, {"type": "message", "text": "Hello"})
    rtm.send_event(
        chat_id=chat_id, event={"type": "message", "text": "Psst", "visibility": "agents"}
    )
    chat = rtm.get_chat(chat_id=chat_id).payload
    print(
        [
            (event["text"], event["visibility"])
            for event in chat["thread"]["events"]
            if event["type"] == "message"
        ]
    )
    rtm.deactivate_chat(chat_id)
    print(rtm.get_chat(chat_id).payload["thread"]["active"])
    rtm.logout()
finally:
    rtm.close_connection()
print(json.dumps({"done": True}))
