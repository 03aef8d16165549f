"""Writes a live call's records in order, off the event loop.

The call never waits for a disk: a write that fails is tried again a few times, and then the call
is told (`failed`), because an incident that cannot be written must reach a person by voice.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

TRIES = 3
BETWEEN_TRIES_S = 0.2


@dataclass(frozen=True, slots=True)
class Entry:
    act: Callable[[], None]
    vital: bool
    """True: the incident itself. False: journal and counts, whose loss is only logged."""


class Clerk:
    """One call's writer."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self._queue: asyncio.Queue[Entry | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._work(), name="clerk")

    def write(self, act: Callable[[], None], *, vital: bool = False) -> None:
        self._queue.put_nowait(Entry(act, vital))

    async def close(self) -> None:
        """Finish what is queued."""
        self._queue.put_nowait(None)
        await self._task

    async def _work(self) -> None:
        while (entry := await self._queue.get()) is not None:
            if not await self._try(entry) and entry.vital:
                self._failed("store")

    async def _try(self, entry: Entry) -> bool:
        for tried in range(1, TRIES + 1):
            try:
                await asyncio.to_thread(entry.act)
            except Exception as error:  # noqa: BLE001 - boundary: ends at a person by `failed`
                # the kind only: its text may hold the caller's words
                log.error("record not written, try %d: %s", tried, type(error).__name__)  # noqa: TRY400
                await asyncio.sleep(BETWEEN_TRIES_S)
            else:
                return True
        return False
