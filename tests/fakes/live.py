"""Fakes of the ports a live call works with: a clock to wind, a line, a voice, ears."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.audio.endpointing import Activity
from ivr.audio.mulaw import Pcm
from ivr.call.line import LineEnded, LineInput, MarkReturned
from ivr.call.session import Tools
from ivr.incident.model import Lang, Place
from ivr.speech.recognizer import Heard

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Alarm:
    due: datetime
    act: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeClock:
    """Stands still until it is wound; rings its alarms in order on the way."""

    at: datetime = NOON
    alarms: list[Alarm] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def later(self, after_s: float, act: Callable[[], None]) -> Alarm:
        alarm = Alarm(self.at + timedelta(seconds=after_s), act)
        self.alarms.append(alarm)
        return alarm

    async def wind(self, seconds: float) -> None:
        until = self.at + timedelta(seconds=seconds)
        while True:
            await settled()
            waiting = [a for a in self.alarms if not a.cancelled and a.due <= until]
            if not waiting:
                break
            first = min(waiting, key=lambda a: a.due)
            self.alarms.remove(first)
            self.at = max(self.at, first.due)
            first.act()
        self.at = until
        await settled()


async def settled() -> None:
    """Let every task that can go on do so; threads of the call get their turn too."""
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.to_thread(lambda: None)
    await asyncio.sleep(0.01)


class FakeLine:
    """A line whose loudspeaker the test plays: marks come back when `played()` is called."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[LineInput | None] = asyncio.Queue()
        self.queued: list[str] = []
        self.sent: list[str] = []
        self.cleared = 0
        self.closed = False

    async def inputs(self) -> AsyncIterator[LineInput]:
        while (received := await self.inbox.get()) is not None:
            yield received

    async def play(self, audio: bytes) -> None:
        pass

    async def mark(self, name: str) -> None:
        self.queued.append(name)
        self.sent.append(name.rsplit(".", 1)[0])

    async def clear(self) -> None:
        self.cleared += 1
        self.played()

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.give(LineEnded(clean=True))
            self.inbox.put_nowait(None)

    def give(self, received: LineInput) -> None:
        self.inbox.put_nowait(received)

    def played(self) -> None:
        """All that is queued has been heard."""
        for name in self.queued:
            self.give(MarkReturned(name))
        self.queued.clear()

    def breaks(self) -> None:
        self.give(LineEnded(clean=False))
        self.inbox.put_nowait(None)

    def rings_off(self) -> None:
        self.give(LineEnded(clean=True))
        self.inbox.put_nowait(None)


class OneSecondVoice:
    """Every line lasts a second; `mute` lines cannot be spoken."""

    def __init__(self, mute: frozenset[str] = frozenset()) -> None:
        self.mute = mute

    def line(self, line: str, lang: Lang, *, slow: bool) -> bytes:
        if line in self.mute:
            message = f"{line} cannot be spoken"
            raise RuntimeError(message)
        return b"\xff" * 8000

    def place(self, place: Place, lang: Lang, *, slow: bool) -> bytes:
        return b"\xff" * 8000


class DeafRecognizer:
    """Hears nothing by itself; tests post what was heard."""

    engine = "deaf"

    def start(self, lang: Lang | None) -> "DeafTurn":
        return DeafTurn()


class DeafTurn:
    def feed(self, pcm: Pcm) -> None: ...
    def pause(self) -> None: ...
    def partial(self) -> str | None:
        return None

    def finish(self) -> Future[Heard]:
        return Future()

    def abandon(self) -> None: ...


class QuietDetector:
    def add(self, pcm: Pcm) -> list[tuple[Activity, Pcm]]:
        return []


def tools(clock: FakeClock, voice: OneSecondVoice | None = None) -> Tools:
    return Tools(clock, voice or OneSecondVoice(), DeafRecognizer(), QuietDetector)
