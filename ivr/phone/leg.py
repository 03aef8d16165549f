"""One telephone connection inside the carrier: 20 ms by 20 ms, what is played and what is said."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from ivr.phone import happenings as told
from ivr.phone.caller import SHUT, TICK_S, Caller, Doing, Floor
from ivr.phone.playout import FRAME, Playout
from ivr.phone.recording import Recording
from ivr.phone.timing import Timing, first_audible

T = TypeVar("T")


class HungUp(Exception):
    """The person on this leg has put the phone down."""


class TooLong(Exception):
    """The call has reached the length it was given at most."""


@dataclass(frozen=True, slots=True)
class Tick:
    doing: Doing
    marks: list[str]
    """Marks that were passed: played."""


class Leg:
    """A person's end of the line. `pace` 1 is real time, 0 as fast as it goes."""

    def __init__(
        self,
        person: Caller,
        on_event: told.OnEvent = told.unheard,
        *,
        pace: float = 1.0,
        max_s: float = 600.0,
    ) -> None:
        self.person = person
        self.playout = Playout()
        self.recording = Recording()
        self.timing = Timing()
        self._tell = on_event
        self._pace = pace
        self._max_ticks = round(max_s / TICK_S)
        self._ticks = 0
        self._started = 0.0
        self._sounding = False
        self._quiet = 0
        self._told_replies = 0

    @property
    def now_s(self) -> float:
        """Seconds of call since the first tick."""
        return self._ticks * TICK_S

    def happened(self, happening: told.Happening) -> None:
        self._tell(happening)

    async def tick(self, floor: Floor) -> Tick:
        """Let 20 ms pass.

        Raises:
            HungUp: the person rang off.
            TooLong: `max_s` is reached.
        """
        await self._wait()
        heard, marks = self.playout.pull(FRAME)
        self._notice(heard)
        doing = self.person.tick(heard, self.playout.nearly_empty, floor)
        self.recording.add(doing.frame, heard)
        self._ticks += 1
        if doing.began is not None:
            turn = self.person.turns[doing.began]
            self.timing.caller_begins(doing.began)
            self._tell(told.CallerSpeaks(self.now_s, doing.began, turn.label))
        if doing.ended is not None:
            self.timing.caller_ends(self.clock())
        if doing.digit:
            self._tell(told.CallerPresses(self.now_s, -1, doing.digit))
        if doing.hang_up:
            raise HungUp
        if self._ticks >= self._max_ticks:
            raise TooLong
        return Tick(doing, marks)

    async def drain(self, floor: Floor = SHUT) -> None:
        """Play what is queued to its end."""
        while not self.playout.empty:
            await self.tick(floor)

    async def stay(self, seconds: float, floor: Floor = SHUT) -> None:
        for _ in range(round(seconds / TICK_S)):
            await self.tick(floor)

    async def meanwhile(self, work: Awaitable[T]) -> T:
        """Let the call's time run while the carrier waits for `work`."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                if self._pace:
                    await self.tick(SHUT)
                else:
                    await asyncio.wait([task])
            return await task
        finally:
            task.cancel()

    def clock(self) -> float:
        """Return seconds: of the wall clock, or of the call where it is not paced."""
        return asyncio.get_running_loop().time() if self._pace else self.now_s

    def received(self, audio: bytes) -> None:
        """Queue the hotline's audio, and time its first sound from its arrival."""
        at = first_audible(audio)
        if at is not None:
            self.timing.hotline_sounds(self.clock() + self.playout.queued_s + at / 8000)
        self.playout.add(audio)

    async def _wait(self) -> None:
        if not self._pace:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        if not self._ticks:
            self._started = loop.time()
        due = self._started + self._ticks * TICK_S / self._pace
        await asyncio.sleep(max(0.0, due - loop.time()))

    def _notice(self, heard: bytes) -> None:
        sounds = bool(heard) and first_audible(heard) is not None
        if sounds:
            self._quiet = 0
            if not self._sounding:
                self._sounding = True
                replies = self.timing.replies[self._told_replies :]
                self._told_replies = len(self.timing.replies)
                self._tell(told.HotlineSpeaks(self.now_s, replies[-1].gap_s if replies else None))
        elif self._sounding and self.playout.nearly_empty:
            self._quiet += 1
            if self._quiet >= 10:  # 0.2 s: not a gap between two words
                self._sounding = False
                self._tell(told.HotlineQuiet(self.now_s))
