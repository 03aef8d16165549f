"""The one place that knows what time it is and that may wait. Tests wind their own."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Cancellable(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Return aware UTC."""
        ...

    def later(self, after_s: float, act: Callable[[], None]) -> Cancellable:
        """Call `act` on the event loop in `after_s` seconds."""
        ...


class SystemClock:
    """The machine's clock and the running event loop's timers."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def later(self, after_s: float, act: Callable[[], None]) -> Cancellable:
        return asyncio.get_running_loop().call_later(after_s, act)
