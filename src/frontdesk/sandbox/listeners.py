"""Functions that hear of what happens in a sandbox."""

import logging
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from frontdesk.redaction import log_failure
from frontdesk.spec.arguments import check_handler

__all__ = ["Listeners"]

H = TypeVar("H")
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class Listeners(Generic[H]):
    """The functions that are called with each happening.

    What one of them raises is logged, and changes nothing: neither for the others, nor for the
    call that they hear of.
    """

    def __init__(self) -> None:
        # A tuple, for one may come or go while another thread goes through them.
        self._all: tuple[Callable[[H], object], ...] = ()

    def add(self, listener: Callable[[H], object]) -> Callable[[], None]:
        """Have a function called from now on.

        Returns:
            How to stop it; it may be called several times.

        Raises:
            InvalidArgument: It is no function.
        """
        check_handler("listener", listener)
        self._all = (*self._all, listener)

        def remove() -> None:
            self._all = tuple(other for other in self._all if other is not listener)

        return remove

    def tell(self, happening: H) -> None:
        """Call them all."""
        for listener in self._all:
            try:
                listener(happening)
            except Exception as error:  # noqa: BLE001 - it is the listener's own
                log_failure(_LOG, "a listener of the sandbox failed", error=error)
