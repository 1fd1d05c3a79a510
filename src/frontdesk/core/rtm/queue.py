"""The calls that wait for a place in the request window."""

from collections import deque
from collections.abc import Hashable, Iterator

from frontdesk.core.rtm.rtm_call import RTMCall

__all__ = ["FairQueue"]


class FairQueue:
    """Calls in lanes that take turns: a thousand calls in one lane delay another by one call.

    Within a lane the order is that of the calls. ``add_first`` is for the session's own requests
    and for calls that have been on the wire before.
    """

    def __init__(self) -> None:
        self.size: int = 0
        """How many wait; those that are over since they came are counted too."""
        self._first: deque[RTMCall] = deque()
        self._lanes: dict[Hashable, deque[RTMCall]] = {}

    def add(self, call: RTMCall) -> None:
        """Put a call at the end of its lane."""
        lane = self._lanes.get(call.lane)
        if lane is None:
            lane = self._lanes[call.lane] = deque()
        lane.append(call)
        self.size += 1

    def add_first(self, call: RTMCall) -> None:
        """Put a call before all lanes."""
        self._first.append(call)
        self.size += 1

    def pop(self) -> RTMCall | None:
        """Take the call whose turn it is; ``None`` when nobody waits."""
        while self._first:
            call = self._first.popleft()
            self.size -= 1
            if not call.done:
                return call
        while self._lanes:
            name = next(iter(self._lanes))
            lane = self._lanes.pop(name)
            call = lane.popleft()
            self.size -= 1
            if lane:
                self._lanes[name] = lane
            if not call.done:
                return call
        return None

    def discard_done(self) -> None:
        """Forget the calls that are over, such as cancelled ones."""
        self._first = deque(call for call in self._first if not call.done)
        lanes = {name: deque(c for c in lane if not c.done) for name, lane in self._lanes.items()}
        self._lanes = {name: lane for name, lane in lanes.items() if lane}
        self.size = len(self._first) + sum(map(len, self._lanes.values()))

    def __iter__(self) -> Iterator[RTMCall]:
        yield from self._first
        for lane in self._lanes.values():
            yield from lane
