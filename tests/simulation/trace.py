"""What happened in a run, line by line, and a digest that two equal runs share."""

from collections.abc import Callable
from hashlib import blake2b


class Trace:
    """Lines with their simulated time.

    ``keep`` keeps the lines; otherwise only the digest of them is made.
    """

    def __init__(self, clock: Callable[[], float], *, keep: bool = True) -> None:
        self._clock = clock
        self._keep = keep
        self._digest = blake2b(digest_size=16)
        self.lines: list[str] = []
        self.count = 0

    def __call__(self, actor: str, text: str) -> None:
        """Note that something happened."""
        line = f"{self._clock():11.6f}  {actor:<10} {text}"
        self._digest.update(line.encode())
        self._digest.update(b"\n")
        self.count += 1
        if self._keep:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """The digest of all lines so far."""
        return self._digest.hexdigest()
