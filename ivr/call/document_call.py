"""A call without a stream: the same dialog, one webhook at a time (trial accounts, broken streams).

Between two webhooks nothing of the call runs; its journal is the truth, and what is kept in memory
is only a copy of it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from ivr.call.records import Records
from ivr.call.switchboard import (
    Answer,
    AnswerByGather,
    DialPerson,
    Finished,
    GatherTurn,
    RunningTimers,
)
from ivr.dialog import effects as fx
from ivr.dialog import events as ev
from ivr.dialog.draft import WAITING
from ivr.dialog.edition import Edition
from ivr.dialog.engine import advance
from ivr.dialog.state import Dialog, Phase
from ivr.incident.model import HeardBy


@dataclass(slots=True)
class DocumentCall:
    """One call's place in the conversation."""

    dialog: Dialog
    edition: Edition
    records: Records
    desk_number: str | None
    timers: RunningTimers = field(default_factory=RunningTimers)
    turn: int = 0
    """The turn whose document the caller is hearing."""
    answer: Answer = field(default_factory=Finished)
    """What that webhook was answered; a repeat gets the same."""

    def begin(self, event: ev.Event) -> Answer:
        """Take the first event, or the one with which another line takes over."""
        return self._answer(self._take(event), event.at)

    def hear(self, turn: GatherTurn, at: datetime) -> Answer:
        """Take one turn; a repeated or older one is answered as before."""
        if turn.turn != self.turn:
            return self.answer
        effects = [*self._finish_speaking(at), *self._overdue(at)]
        if self.dialog.phase is Phase.ENDED:
            return self._answer(effects, at)
        events = turn.events(at)
        if not events:
            fired = self.timers.fired(at)
            if fired is not None:
                self.timers = self.timers.without(fired.timer)
                events = (fired,)
        for event in events:
            effects += self._take(event)
        return self._answer(effects, at)

    def dialled(self, *, answered: bool, at: datetime) -> Answer:
        """The person has hung up, or never came."""
        return self._answer(self._take(ev.TransferEnded(at, answered)), at)

    def told(self, event: ev.Event) -> None:
        """Take news (alert accepted, acknowledged) between two webhooks; said at the next pause."""
        self._take(event)

    def ended(self, at: datetime) -> None:
        """The caller is gone."""
        self._finish_speaking(at)
        self._take(ev.CallerHungUp(at))
        if self.dialog.disposition is not None:
            self.records.end(self.dialog.disposition, at)()

    # ---- within ------------------------------------------------------------------------------

    def _take(self, event: ev.Event) -> list[fx.Effect]:
        step = advance(self.dialog, event, self.edition)
        self.dialog = step.dialog
        for effect in step.effects:
            if isinstance(effect, fx.OpenIncident | fx.AmendIncident):
                self.records.incident(effect, event.at)()
        self.records.journal(event, step.effects)()
        self.timers = self.timers.after(step.effects, event.at)
        return list(step.effects)

    def _finish_speaking(self, at: datetime) -> list[fx.Effect]:
        """The webhook is back, so the document was played; a key may have cut its last line."""
        effects: list[fx.Effect] = []
        for line, _ in self.dialog.speaking:
            effects += self._take(ev.PromptFinished(at, line, HeardBy.WHOLE))
        return effects

    def _overdue(self, at: datetime) -> list[fx.Effect]:
        """Clocks that do not measure silence run on while the caller speaks."""
        effects: list[fx.Effect] = []
        late = [n for n, due in self.timers.due.items() if due <= at and n not in WAITING]
        for name in late:
            self.timers = self.timers.without(name)
            effects += self._take(ev.TimerFired(at, name))
        return effects

    def _answer(self, effects: list[fx.Effect], at: datetime) -> Answer:
        self.turn += 1
        self.answer = self._as_answer(tuple(effects), at)
        return self.answer

    def _as_answer(self, effects: tuple[fx.Effect, ...], at: datetime) -> Answer:
        transfer = next((e for e in effects if isinstance(e, fx.Transfer)), None)
        if transfer is not None:
            if self.desk_number is None:
                return self._nobody(effects, at)
            spoken = tuple(e for e in effects if isinstance(e, fx.Say | fx.SayPlace))
            return DialPerson(self.desk_number, transfer.timeout_s, spoken)
        if self.dialog.phase is Phase.ENDED:
            ending = fx.HangUp(self.dialog.disposition) if self.dialog.disposition else None
            kept = tuple(e for e in effects if not isinstance(e, fx.HangUp))
            effects = (*kept, ending) if ending else kept
        wait = self.timers.soonest_s(at)
        return AnswerByGather(effects, self.turn, wait_s=wait, lang=self.dialog.lang)

    def _nobody(self, effects: tuple[fx.Effect, ...], at: datetime) -> Answer:
        """There is no duty phone to dial: go on as if nobody had answered."""
        kept: list[fx.Effect] = [e for e in effects if not isinstance(e, fx.Transfer)]
        kept += self._take(ev.TransferEnded(at, answered=False))
        return self._as_answer(tuple(kept), at)
