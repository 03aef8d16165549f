"""The port between the telephone network and the calls: what a webhook may ask, what it hears back.

The telephony room implements the network side and holds a `Switchboard`; `ivr.call.desk` is the
real one. Methods are synchronous because webhooks run in threads, except `run_stream`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ivr.call.line import Line
from ivr.dialog.effects import CancelTimer, Effect, StartTimer
from ivr.dialog.events import Event, KeyPressed, TimerFired, UtteranceHeard
from ivr.incident.model import EMPTY, CallId, Lang


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call has come in."""

    call: CallId
    caller: str | None
    """E.164; None where the carrier withheld it."""
    called: str | None
    at: datetime
    forwarded: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """What else the carrier said that may matter later, by its own parameter names."""


@dataclass(frozen=True, slots=True)
class AnswerByStream:
    """Open the media stream; `token` lets exactly one socket in."""

    token: str


@dataclass(frozen=True, slots=True)
class AnswerByGather:
    """Speak and ask by document (the webhook path)."""

    effects: tuple[Effect, ...]
    turn: int
    """Number of the turn this document opens, from 1, growing within the call; it comes back in
    `GatherTurn.turn`."""
    wait_s: float | None = None
    """Silence after the last word until the turn comes back empty. None: the soonest
    `StartTimer` among the effects. Give it where an older timer runs out sooner."""
    lang: Lang = "zh"
    """Language the carrier's recogniser listens in."""


@dataclass(frozen=True, slots=True)
class AnswerByPerson:
    """We cannot answer: dial the duty desk. None: apologise and take a message."""

    number: str | None


@dataclass(frozen=True, slots=True)
class DialPerson:
    """A transfer; its end comes back through `Switchboard.dialled`."""

    number: str
    timeout_s: float
    prelude: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """Hang up."""


Answer = AnswerByStream | AnswerByGather | AnswerByPerson | DialPerson | Finished


@dataclass(frozen=True, slots=True)
class GatherTurn:
    """What one turn of the webhook path brought: speech, keys, a message, or nothing."""

    turn: int
    speech: str | None = None
    confidence: float | None = None
    """0..1; the carrier may leave it out."""
    digits: str = ""
    finished_on: str | None = None
    """The key that ended the entry (`#`), which the carrier keeps out of `digits`."""
    recording: str | None = None
    """Address of a recorded message (`TakeMessage`)."""

    @property
    def empty(self) -> bool:
        return not (self.speech or self.digits or self.finished_on or self.recording)

    def events(self, at: datetime) -> tuple[Event, ...]:
        """Return what was heard or keyed as events of the dialog; nothing for an empty turn."""
        keys = self.digits + (self.finished_on or "")
        if keys:
            return tuple(KeyPressed(at=at, digit=key) for key in keys)
        if self.speech:
            heard = UtteranceHeard(at=at, text=self.speech, confidence=self.confidence)
            return (heard,)
        return ()


@dataclass(frozen=True, slots=True)
class RunningTimers:
    """The engine's timers of a call that has no process of its own between two webhooks."""

    due: Mapping[str, datetime] = field(default_factory=dict)

    def after(self, effects: tuple[Effect, ...], now: datetime) -> "RunningTimers":
        """Return the timers as `effects`, performed at `now`, leave them."""
        due = dict(self.due)
        for effect in effects:
            match effect:
                case StartTimer(timer=name, after_s=seconds):
                    due[name] = now + timedelta(seconds=seconds)
                case CancelTimer(timer=name):
                    due.pop(name, None)
                case _:
                    pass
        return RunningTimers(due)

    def soonest_s(self, now: datetime) -> float | None:
        """Return the seconds until the next one runs out (not below 0), None without any."""
        if not self.due:
            return None
        return max(0.0, (min(self.due.values()) - now).total_seconds())

    def fired(self, now: datetime) -> TimerFired | None:
        """Return the event an empty turn means: the timer that is due first.

        The carrier counts silence from the end of its playing and in whole seconds, so the first
        one is taken even where our clock says it has a moment left.
        """
        if not self.due:
            return None
        name = min(self.due, key=lambda timer: (self.due[timer], timer))
        return TimerFired(at=now, timer=name)

    def without(self, timer: str) -> "RunningTimers":
        return RunningTimers({name: at for name, at in self.due.items() if name != timer})


def whole_seconds(seconds: float) -> int:
    """Return `seconds` as the carrier takes them: whole, and at least 1."""
    return max(1, math.ceil(seconds))


class Switchboard(Protocol):
    """Every method may be called twice with the same arguments and then answers the same."""

    def ring(self, ringing: Ringing) -> Answer:
        """Take a call; its row is durable when this returns. Idempotent per call id."""
        ...

    def resume(self, call: CallId, at: datetime) -> Answer:
        """Go on behind the stream: finished, to be transferred, or broken -> by document."""
        ...

    def hear(self, call: CallId, turn: GatherTurn, at: datetime) -> Answer:
        """Take one turn of the webhook path.

        A repeated turn gets the answer it got before; a turn older than the last is not heard
        again and gets the latest answer.
        """
        ...

    def dialled(self, call: CallId, status: str, at: datetime) -> Answer:
        """Go on after a `DialPerson`; `status` as the carrier spells it: completed, no-answer…"""
        ...

    def whisper(self, call: CallId) -> tuple[Effect, ...]:
        """Return what the dialled person hears before the caller is put through (the card)."""
        ...

    def accepted(self, call: CallId, at: datetime) -> None:
        """The dialled person pressed 1: the call is about to be put through."""
        ...

    def ended(self, call: CallId, status: str, at: datetime) -> None:
        """The call is over; comes in any order, repeatedly, also for calls never seen."""
        ...

    def admit_stream(self, call: CallId, token: str) -> bool:
        """Return whether this socket may carry the call; true once per token at most."""
        ...

    async def run_stream(self, call: CallId, line: Line) -> None:
        """Run the call over `line` until the line ends or is given back."""
        ...
