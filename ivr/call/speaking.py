"""What the caller is being told: a queue at the carrier, and what they have really heard of it.

Each line is sent with a mark behind it. A returned mark means "played" only where nothing was
flushed meanwhile: after `clear` Twilio returns the marks of what was thrown away too.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.audio.frames import RATE
from ivr.call.line import Line
from ivr.incident.model import HeardBy


@dataclass(slots=True)
class _Queued:
    mark: str
    line: str
    seconds: float
    starts_at: datetime
    flushed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    line: str
    heard: HeardBy


class Speaking:
    """The outgoing half of one call."""

    def __init__(self, line: Line, now: Callable[[], datetime]) -> None:
        self._line = line
        self._now = now
        self._queue: deque[_Queued] = deque()
        self._count = 0
        self._ends_at = now()

    @property
    def idle(self) -> bool:
        return not self._queue

    @property
    def left_s(self) -> float:
        """Seconds until the last queued sound is played, by our own reckoning."""
        if self.idle:
            return 0.0
        return max(0.0, (self._ends_at - self._now()).total_seconds())

    async def say(self, line: str, audio: bytes) -> None:
        """Queue a line (mu-law, 8000 bytes a second) behind what is queued."""
        now = self._now()
        starts = max(now, self._ends_at)
        seconds = len(audio) / RATE
        self._count += 1
        self._ends_at = starts + timedelta(seconds=seconds)
        self._queue.append(_Queued(f"{line}.{self._count}", line, seconds, starts))
        await self._line.play(audio)
        await self._line.mark(f"{line}.{self._count}")

    async def stop(self) -> None:
        """Flush everything; the marks come back and tell how far each line got."""
        now = self._now()
        for queued in self._queue:
            queued.flushed_at = queued.flushed_at or now
        self._ends_at = now
        await self._line.clear()

    def returned(self, mark: str) -> Finished | None:
        """Take a mark that came back; None for one we do not wait for."""
        for index, queued in enumerate(self._queue):
            if queued.mark == mark:
                del self._queue[index]
                return Finished(queued.line, self._heard(queued))
        return None

    def _heard(self, queued: _Queued) -> HeardBy:
        if queued.flushed_at is None:
            return HeardBy.WHOLE
        played = (queued.flushed_at - queued.starts_at).total_seconds()
        if played <= 0:
            return HeardBy.NONE
        return HeardBy.PART if played < queued.seconds else HeardBy.WHOLE

    def abandoned(self) -> list[Finished]:
        """The line is gone: what of the queue was heard by now."""
        now = self._now()
        for queued in self._queue:
            queued.flushed_at = queued.flushed_at or now
        lost = [Finished(q.line, self._heard(q)) for q in self._queue]
        self._queue.clear()
        return lost
