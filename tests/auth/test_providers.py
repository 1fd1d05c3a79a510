"""Providers of tokens in every kind of client: they learn which token was refused."""

import asyncio
from typing import Any

import pytest

from frontdesk import InvalidArgument
from frontdesk.auth import Token, TokenProvider, as_token
from frontdesk.sandbox import Sandbox


class Vault:
    """Gives out an expired token first, and good ones afterwards."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.tokens = [as_token(sandbox.tokens["expired"]), as_token(sandbox.tokens["owner"])]
        self.refused: list[Token | None] = []

    def token(self, refused: Token | None = None) -> Token:
        self.refused.append(refused)
        return self.tokens[min(len(self.refused), 2) - 1]

    async def token_async(self, refused: Token | None = None) -> Token:
        await asyncio.sleep(0)
        return self.token(refused)


def test_web_clients_tell_what_was_refused(served: Sandbox) -> None:
    vault = Vault(served)
    assert isinstance(vault, TokenProvider)
    with served.client(vault) as client:
        client.list_chats()
        client.list_chats()
    assert vault.refused == [None, vault.tokens[0]]

    async def main() -> None:
        async with served.async_client(other) as client:
            await asyncio.gather(*(client.list_chats() for _ in range(20)))

    other = Vault(served)
    asyncio.run(main())
    assert other.refused == [None, other.tokens[0]]


def test_rtm_sessions_tell_what_was_refused(served: Sandbox) -> None:
    vault = Vault(served)
    with served.rtm_client(vault) as rtm:
        rtm.list_chats()
    assert vault.refused == [None, vault.tokens[0]]

    async def main() -> None:
        async with served.async_rtm_client(other) as rtm:
            await rtm.list_chats()

    other = Vault(served)
    asyncio.run(main())
    assert other.refused == [None, other.tokens[0]]


def test_what_a_provider_returns_is_checked(sandbox: Sandbox) -> None:
    class Broken:
        def token(self, refused: Token | None = None) -> Any:
            return 7

        async def token_async(self, refused: Token | None = None) -> Any:
            return 7

    with pytest.raises(InvalidArgument, match="is not what the function for it returned"):
        sandbox.client(Broken()).list_chats()
    with pytest.raises(InvalidArgument, match="is not what the function for it returned"):
        asyncio.run(sandbox.async_client(Broken()).list_chats())  # type: ignore[arg-type]
