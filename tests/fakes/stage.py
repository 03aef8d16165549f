"""One call played on paper: the engine, a clock that is wound, and a mouth that takes its time.

Stands in for the shell (`ivr.call.session`): it runs the timers, lets every line last as long as
its recording, and keeps what the caller hears, when.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ivr.dialog import effects as fx
from ivr.dialog import events as ev
from ivr.dialog.edition import Edition
from ivr.dialog.engine import advance, new_dialog
from ivr.dialog.state import Phase
from ivr.editions import SAMPLE_ESTATE, compile_edition, edition_files, load_estate
from ivr.incident.model import CallId, HeardBy, Report

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TO_SAY_A_TURN_S = 1.0
"""The caller's own words: 1 s per answer."""
UNMEASURED_S = 2.5
"""A line whose recording is not in the voice pack (read-backs, new lines)."""
CALL = CallId("CA" + "1" * 32)


@cache
def shipped_edition() -> Edition:
    return compile_edition(edition_files(ROOT), load_estate(ROOT / SAMPLE_ESTATE))


@cache
def measured(lang: str) -> dict[str, float]:
    """Line -> seconds of its recording, where the voice pack is present."""
    manifest = ROOT / "prompts" / lang / "voice" / "manifest.json"
    if not manifest.exists():
        return {}
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return {name.removesuffix(".wav"): row["seconds"] for name, row in files.items()}


def seconds_of(say: fx.Say | fx.SayPlace) -> float:
    length = measured(say.lang).get(say.line) if isinstance(say, fx.Say) else None
    return (length or UNMEASURED_S) * (1.3 if say.slow else 1.0)


@dataclass(frozen=True, slots=True)
class Spoken:
    line: str
    text: str
    at: float
    until: float


class Stage:
    """A call between `start` and its end; times are seconds since the ring."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.dialog = new_dialog(CALL, NOON)
        self.now = 0.0
        self.running: dict[str, float] = {}
        self.held: dict[str, float] = {}
        self.queue: list[Spoken] = []
        self.spoken: list[Spoken] = []
        self.effects: list[fx.Effect] = []
        self.events: list[ev.Event] = []
        self.reports: list[Report] = []
        self.flushed: list[tuple[str, HeardBy]] = []
        """Lines thrown away, whose marks come back once this event is done."""
        self.left_at: float | None = None
        """When the call was hung up or handed over; the last words are still played."""

    # ---- what happens ------------------------------------------------------------------

    @property
    def at(self) -> datetime:
        return NOON + timedelta(seconds=self.now)

    @property
    def ended(self) -> bool:
        return self.dialog.phase is Phase.ENDED

    @property
    def over_at(self) -> float | None:
        """When the caller is free: the last word after `HangUp` is played."""
        if self.left_at is None:
            return None
        return max([self.left_at, *(s.until for s in self.spoken)])

    def start(self, **about: Any) -> None:
        self.happen(ev.CallStarted(self.at, CALL, **about))

    def says(self, text: str, **more: Any) -> None:
        """The caller lets the hotline finish, then speaks for a second."""
        self.hear_out()
        self.happen(ev.SpeechStarted(self.at))
        self.wait(TO_SAY_A_TURN_S)
        self.happen(ev.UtteranceHeard(self.at, text, **more))

    def interrupts(self, text: str, *, final: bool = True) -> None:
        """The caller speaks without letting the hotline finish."""
        self.happen(ev.SpeechStarted(self.at))
        self.happen(ev.UtteranceHeard(self.at, text, final=final))

    def presses(self, keys: str) -> None:
        for digit in keys:
            self.happen(ev.KeyPressed(self.at, digit))

    def hear_out(self) -> None:
        """Let what is being said be played."""
        while self.queue:
            self.wait(max(0.0, self.queue[0].until - self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass; recordings end and timers fire in their order."""
        until = self.now + seconds
        while (due := self._next_due()) is not None and due <= until + 1e-9:
            self.now = max(self.now, due)
            self._fire_due()
        self.now = max(self.now, until)

    def silent_for(self, seconds: float) -> None:
        """The caller says nothing for so long after our last word."""
        self.hear_out()
        self.wait(seconds)

    def _next_due(self) -> float | None:
        dues = [*self.running.values(), *(s.until for s in self.queue[:1])]
        return min(dues, default=None)

    def _fire_due(self) -> None:
        if self.queue and self.queue[0].until <= self.now + 1e-9:
            done = self.queue.pop(0)
            if not self.queue:
                self.running |= {n: self.now + after for n, after in self.held.items()}
                self.held = {}
            self.happen(ev.PromptFinished(self.at, done.line, HeardBy.WHOLE))
            return
        name = min(self.running, key=lambda n: self.running[n])
        del self.running[name]
        self.happen(ev.TimerFired(self.at, name))

    # ---- what the engine asks for --------------------------------------------------------

    def happen(self, event: ev.Event) -> list[fx.Effect]:
        step = advance(self.dialog, event, self.edition)
        self.dialog = step.dialog
        self.events.append(event)
        for effect in step.effects:
            self.effects.append(effect)
            self._perform(effect)
        flushed, self.flushed = self.flushed, []
        for line, heard in flushed:
            self.happen(ev.PromptFinished(self.at, line, heard))
        return list(step.effects)

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Say() | fx.SayPlace():
                self._say(effect)
            case fx.StopSpeaking():
                self._stop()
            case fx.StartTimer():
                self._start_timer(effect)
            case fx.CancelTimer(timer=timer):
                self.running.pop(timer, None)
                self.held.pop(timer, None)
            case fx.OpenIncident() | fx.AmendIncident():
                self.reports.append(effect.report)
            case fx.HangUp():
                self.left_at = self.now
                self.running, self.held = {}, {}
            case _:
                pass

    def _say(self, say: fx.Say | fx.SayPlace) -> None:
        if isinstance(say, fx.Say):
            line, text = say.line, self.edition.library.texts[say.lang][say.line]
        else:
            line, text = "place", shown(say)
        begins = max([self.now, *(s.until for s in self.queue)])
        spoken = Spoken(line, text, begins, begins + seconds_of(say))
        self.queue.append(spoken)
        self.spoken.append(spoken)

    def _stop(self) -> None:
        flushed, self.queue = self.queue, []
        for one in flushed:
            self.spoken[self.spoken.index(one)] = Spoken(one.line, one.text, one.at, self.now)
            heard = HeardBy.PART if one.at < self.now else HeardBy.NONE
            self.flushed.append((one.line, heard))
        self.running |= {n: self.now + after for n, after in self.held.items()}
        self.held = {}

    def _start_timer(self, timer: fx.StartTimer) -> None:
        self.running.pop(timer.timer, None)
        self.held.pop(timer.timer, None)
        if timer.after_speech and self.queue:
            self.held[timer.timer] = timer.after_s
        else:
            self.running[timer.timer] = self.now + timer.after_s


def shown(say: fx.SayPlace) -> str:
    place = say.place
    named = (place.building, place.unit, place.room or place.floor, place.landmark)
    return "/".join(x for x in named if x)
