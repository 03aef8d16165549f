"""A switchboard for tests: takes calls, echoes what it hears, keeps all in one dictionary.

It obeys the port's contract (tests/contract/switchboard_contract.py); what it says is scripted.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ivr.call.line import AudioReceived, KeyReceived, Line, LineEnded, LineInput, MarkReturned
from ivr.call.switchboard import (
    Answer,
    AnswerByGather,
    AnswerByStream,
    DialPerson,
    Finished,
    GatherTurn,
    Ringing,
    RunningTimers,
)
from ivr.dialog.effects import Effect, HangUp, Listen, Say, SayPlace, StartTimer, TakeMessage
from ivr.dialog.events import Event, TimerFired
from ivr.incident.model import CallId, Disposition, Place
from ivr.phone.timing import first_audible
from ivr.telephony import tokens

PLACE = Place(building="3", unit="2", floor="12", room="1204")
GREETING: tuple[Effect, ...] = (
    Say("G-01", "zh"),
    Listen("open"),
    StartTimer("silence", 2.0),
)


@dataclass
class OneCall:
    answer: Answer
    turn: int = 1
    answered: dict[int, Answer] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    timers: RunningTimers = field(default_factory=RunningTimers)
    admitted: bool = False
    stream_over: bool = False
    ends: list[str] = field(default_factory=list)
    inputs: list[LineInput] = field(default_factory=list)
    resumed: int = 0


Reply = Callable[[OneCall, tuple[Event, ...]], tuple[Effect, ...]]


def echo(call: OneCall, events: tuple[Event, ...]) -> tuple[Effect, ...]:
    """Say the place back for anything heard, ask again for silence, end at the second word."""
    if all(isinstance(event, TimerFired) for event in events):
        return (Say("K-01", "zh"), Listen("open"), StartTimer("silence", 2.0))
    heard = [event for event in call.events if not isinstance(event, TimerFired)]
    if len(heard) > 1:
        return (Say("G-16", "zh"), HangUp(Disposition.COMPLETED))
    return (
        Say("G-03", "zh", barge_in=False),
        Say("K-10", "zh"),
        SayPlace(PLACE, "zh"),
        Listen("yes_no", key_count=1),
        StartTimer("silence", 2.0),
    )


class FakeSwitchboard:
    """Answers by stream or by document. Thread-safe as the port demands."""

    def __init__(self, *, stream: bool = True, reply: Reply = echo) -> None:
        self.calls: dict[CallId, OneCall] = {}
        self.rung: list[Ringing] = []
        self.stream = stream
        self.reply = reply
        self.broken = False
        self.transfer: DialPerson | None = None
        self.accepted_calls: list[CallId] = []
        self.line_audio = b""
        self._lock = threading.RLock()

    def ring(self, ringing: Ringing) -> Answer:
        with self._lock:
            self._may_fail()
            self.rung.append(ringing)
            known = self.calls.get(ringing.call)
            if known is None:
                known = self.calls[ringing.call] = OneCall(Finished())
                known.answer = (
                    AnswerByStream(tokens.mint())
                    if self.stream
                    else self._opened(known, GREETING, ringing.at)
                )
            return known.answer

    def resume(self, call: CallId, at: datetime) -> Answer:
        with self._lock:
            self._may_fail()
            known = self._known(call)
            known.resumed += 1
            if self.transfer is not None:
                return self.transfer
            if known.stream_over:
                return Finished()
            if isinstance(known.answer, AnswerByStream):
                known.answer = self._opened(known, GREETING, at)
            return known.answer

    def hear(self, call: CallId, turn: GatherTurn, at: datetime) -> Answer:
        with self._lock:
            self._may_fail()
            known = self._known(call)
            if turn.turn in known.answered:
                return known.answered[turn.turn]
            if turn.turn != known.turn:
                return known.answer
            events = turn.events(at)
            if not events and (fired := known.timers.fired(at)):
                known.timers = known.timers.without(fired.timer)
                events = (fired,)
            known.events.extend(events)
            known.turn += 1
            known.answer = self._opened(known, self.reply(known, events), at)
            known.answered[turn.turn] = known.answer
            return known.answer

    def dialled(self, call: CallId, status: str, at: datetime) -> Answer:
        with self._lock:
            self._may_fail()
            known = self._known(call)
            self.transfer = None
            if status == "completed":
                return Finished()
            known.answer = self._opened(known, (Say("K-06", "zh"), TakeMessage(10.0)), at)
            return known.answer

    def whisper(self, call: CallId) -> tuple[Effect, ...]:
        self._may_fail()
        return (Say("S-01", "zh"), SayPlace(PLACE, "zh"), Say("S-02", "zh"))

    def accepted(self, call: CallId, at: datetime) -> None:
        self.accepted_calls.append(call)

    def ended(self, call: CallId, status: str, at: datetime) -> None:
        with self._lock:
            known = self._known(call)
            if not known.ends:
                known.ends.append(status)

    def admit_stream(self, call: CallId, token: str) -> bool:
        with self._lock:
            known = self.calls.get(call)
            if known is None or known.admitted or not isinstance(known.answer, AnswerByStream):
                return False
            known.admitted = tokens.same(token, tokens.fingerprint(known.answer.token))
            return known.admitted

    async def run_stream(self, call: CallId, line: Line) -> None:
        """Speak; echo the caller's loud frames back; `#` ends the call, `0` transfers it."""
        known = self.calls[call]
        await line.play(self.line_audio)
        await line.mark("greeting")
        async for heard in line.inputs():
            known.inputs.append(heard)
            match heard:
                case AudioReceived(frame=frame) if first_audible(frame) is not None:
                    await line.play(frame)
                case KeyReceived(digit="#"):
                    known.stream_over = True
                    await line.close()
                case KeyReceived(digit="*"):
                    await line.clear()
                case KeyReceived(digit="0"):
                    self.transfer = DialPerson("+8613900000009", 5.0, (Say("G-11", "zh"),))
                    await line.close()
                case KeyReceived() | MarkReturned() | AudioReceived():
                    pass
                case LineEnded(clean=clean):
                    known.stream_over = known.stream_over or clean

    def _opened(self, known: OneCall, effects: tuple[Effect, ...], at: datetime) -> Answer:
        known.timers = known.timers.after(effects, at)
        return AnswerByGather(effects, known.turn, known.timers.soonest_s(at))

    def _known(self, call: CallId) -> OneCall:
        return self.calls.setdefault(call, OneCall(Finished()))

    def _may_fail(self) -> None:
        if self.broken:
            message = "the database is gone, said with the caller's secret words"
            raise ConnectionError(message)
