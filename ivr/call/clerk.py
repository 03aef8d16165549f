"""Writes a live call's records in order, off the event loop.

The call never waits for a disk: a write that fails is tried again a few times, and then the call
is told (`failed`), because an incident that cannot be written must reach a person by voice.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

TRIES = 3
BETWEEN_TRIES_S = 0.2
INSIST_EVERY_S = 2.0
INSIST_TRIES = 300
"""An incident that could not be written is tried for ten minutes more: disks are emptied."""


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
                insist = threading.Thread(target=_insist, args=(entry.act,), daemon=True)
                insist.start()

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


def _insist(act: Callable[[], None]) -> None:
    """Go on trying to write an incident, though the call may long be over."""
    pause = threading.Event()
    for _ in range(INSIST_TRIES):
        pause.wait(INSIST_EVERY_S)
        try:
            act()
        except Exception as error:  # noqa: BLE001 - boundary of this thread
            log.error("incident still not written: %s", type(error).__name__)  # noqa: TRY400
        else:
            log.warning("incident written late")
            return
