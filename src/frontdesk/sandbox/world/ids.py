"""New ids in the shapes of the API, drawn from the world's own random numbers."""

import secrets
from random import Random

__all__ = ["Ids"]

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHORT = 36**10


class Ids:
    """Draws ids; the same random numbers give the same ids."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.unguessable = False
        """Whether secrets are drawn from elsewhere: where others reach the sandbox."""

    def use(self, rng: Random) -> None:
        """Draw from other random numbers from now on."""
        self._rng = rng

    def short(self) -> str:
        """Return a chat or thread id: 10 upper-case base-36 characters."""
        rest = self._rng.randrange(_SHORT // 36, _SHORT)
        characters: list[str] = []
        while rest:
            rest, digit = divmod(rest, 36)
            characters.append(_BASE36[digit])
        return "".join(reversed(characters))

    def uuid4(self) -> str:
        """Return a customer id: a UUID of version 4."""
        bits = self._rng.getrandbits(128)
        bits = bits & ~(0xF << 76) | 4 << 76
        bits = bits & ~(0x3 << 62) | 2 << 62
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def hex32(self) -> str:
        """Return a bot id, client id or subscription id: 32 hexadecimal digits."""
        return f"{self._rng.getrandbits(128):032x}"

    def secret(self) -> str:
        """Return a secret or a part of a token: 32 hexadecimal digits."""
        # The number is drawn either way, so that the ids after it are the same.
        drawn = self.hex32()
        return secrets.token_hex(16) if self.unguessable else drawn
