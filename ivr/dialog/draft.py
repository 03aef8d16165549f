"""The step under construction. A `Draft` lives inside one `advance` and never leaves it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ivr.dialog.briefing import brief, with_orders
from ivr.dialog.edition import Edition
from ivr.dialog.effects import (
    AmendIncident,
    CancelTimer,
    Effect,
    Expecting,
    HangUp,
    Listen,
    Note,
    OpenIncident,
    Say,
    SayPlace,
    StartTimer,
    StopSpeaking,
    Transfer,
)
from ivr.dialog.facts import quiet
from ivr.dialog.state import Dialog, Pending, Phase
from ivr.incident.model import Disposition, HeardBy, Lang, Place, Report, Said, Told
from ivr.playbook.model import Question

ANSWER, COMPANY, LIMIT, KEYS = "answer", "company", "limit", "keys"
SILENCE, ALERT_BY, ORDERS = "silence", "alert_by", "orders"
WAITING = (ANSWER, COMPANY, SILENCE)
"""Timers that measure the caller's silence."""


class Draft:
    """A dialog being advanced, with the effects collected so far."""

    def __init__(self, dialog: Dialog, edition: Edition, at: datetime) -> None:
        self.dialog = dialog
        self.edition = edition
        self.at = at
        self.effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        self.dialog = replace(self.dialog, **changes)

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def note(self, text: str) -> None:
        self.do(Note(text))

    @property
    def listening(self) -> bool:
        """Whether the call is ours: neither over nor with a person."""
        return self.dialog.phase not in (Phase.ENDED, Phase.TRANSFERRING)

    @property
    def over(self) -> bool:
        return self.dialog.phase is Phase.ENDED

    # ---- speaking ------------------------------------------------------------------------

    def say(self, *lines: str, lang: Lang | None = None) -> None:
        """Speak lines in order; each is recorded as told, with its clauses."""
        for line in lines:
            self._say_one(line, lang or self.dialog.lang)

    def phrase(self, role: str, *, lang: Lang | None = None) -> None:
        """Speak the procedural lines that the edition names for this role; none where the
        playbook is to be quiet (gas inside, intruder)."""
        if not self.quiet:
            self.say(*self.edition.library.phrases[role], lang=lang)

    def say_new(self, lines: tuple[str, ...]) -> None:
        """Speak those lines that this call has not heard yet."""
        self.say(*(line for line in lines if line not in self.dialog.spoken))

    def say_last(self, lines: tuple[str, ...]) -> None:
        """Speak the lines a call ends with: what is new of them, or all again rather than none."""
        self.say_new(lines)
        if not self.dialog.speaking and not any(isinstance(x, Say) for x in self.effects):
            self.say(*lines)

    def _say_one(self, line: str, lang: Lang) -> None:
        library = self.edition.library
        found = library.line(line)
        say = Say(line, lang, barge_in=found.barge_in if found else True)
        text = library.texts[lang][line]
        told = Told(line, library.clauses_of(line), text, HeardBy.NONE, self.at)
        self.do(say)
        self.set(
            told=(*self.dialog.told, told),
            transcript=(*self.dialog.transcript, Said("hotline", text, self.at, lang)),
            speaking=(*self.dialog.speaking, (line, say.barge_in)),
        )
        self._remember(say)

    def _remember(self, say: Say | SayPlace) -> None:
        """Keep the words since the caller last had the floor, for "say it again"."""
        first = not any(isinstance(effect, Say | SayPlace) for effect in self.effects[:-1])
        recent = (say,) if first else (*self.dialog.recent, say)
        self.set(recent=recent, spoke_at=self.at)

    def say_place(self, place: Place) -> None:
        say = SayPlace(place, self.dialog.lang)
        self.do(say)
        self.set(
            speaking=(*self.dialog.speaking, ("place", True)),
        )
        self._remember(say)

    def again(self) -> None:
        """Say what was said last once more, slower."""
        recent = self.dialog.recent
        for said in recent:
            slow = replace(said, slow=True)
            self.do(slow)
            line = slow.line if isinstance(slow, Say) else "place"
            barge_in = slow.barge_in if isinstance(slow, Say) else True
            self.set(speaking=(*self.dialog.speaking, (line, barge_in)))

    def interrupt(self) -> None:
        """Stop speaking, unless a line that may not be cut off is still being said."""
        speaking = self.dialog.speaking
        if speaking and all(barge_in for _, barge_in in speaking):
            self.do(StopSpeaking())

    # ---- giving the floor away -------------------------------------------------------------

    def listen(
        self,
        expecting: Expecting,
        *,
        question: str | None = None,
        key_count: int | None = None,
        patience_s: float | None = None,
    ) -> None:
        """The caller's turn; their silence counts from the end of our last word."""
        self.do(Listen(expecting, question, key_count))
        wait = patience_s or self.timing("patience_s")
        self.do(StartTimer(ANSWER, wait, after_speech=True))
        self.do(CancelTimer(COMPANY))

    def timing(self, name: str) -> float:
        return self.edition.library.timing[name]

    def hush_timers(self) -> None:
        for timer in WAITING:
            self.do(CancelTimer(timer))

    def transfer(self, reason: str) -> None:
        self.set(phase=Phase.TRANSFERRING, pending=None)
        self.hush_timers()
        self.do(Transfer("duty_desk", reason, self.timing("transfer_s")))

    def hang_up(self, disposition: Disposition) -> None:
        self.set(phase=Phase.ENDED, disposition=disposition, pending=None)
        self.hush_timers()
        self.do(HangUp(disposition))

    # ---- facts and the incident --------------------------------------------------------------

    def learn(self, facts: dict[str, str]) -> None:
        self.set(facts={**self.dialog.facts, **facts})

    def take_home(self) -> None:
        """The caller says they are at the registered flat."""
        home = self.dialog.home
        if home is None:
            return
        slots = ("building", "unit", "floor", "room", "landmark")
        found = {slot: getattr(home, slot) for slot in slots}
        self.learn({slot: value for slot, value in found.items() if value})
        self.set(place_verified=True)

    def question(self) -> Question | None:
        pending = self.dialog.pending
        if pending is None or pending.kind != "question":
            return None
        return self.edition.library.question(pending.question)

    def ask_pending(self, **changes: Any) -> None:
        if self.dialog.pending is not None:
            self.set(pending=replace(self.dialog.pending, **changes))

    def open_floor(self, pending: Pending | None = None) -> None:
        self.set(pending=pending)

    @property
    def quiet(self) -> bool:
        return quiet(self.dialog, self.edition)

    def order(self) -> None:
        """Bring severity and orders up to date, for the conditions of the next steps."""
        self.dialog = with_orders(self.dialog, self.edition, self.at)

    def settle(self, *, ending: bool = False) -> None:
        """Write what has changed: open the incident with its first order, amend it afterwards."""
        self.dialog = with_orders(self.dialog, self.edition, self.at, ending=ending)
        if not self.dialog.orders or self.dialog.playbook is None:
            return
        report = brief(self.dialog, self.edition)
        if self.dialog.report is None:
            self.set(opened_at=self.at)
            report = brief(self.dialog, self.edition)
            self._place_after_first_line(OpenIncident(report))
        elif (ending and self.over) or _differs(report, self.dialog.report):
            self._place_after_first_line(AmendIncident(report))
        self.set(report=report)

    def _place_after_first_line(self, effect: Effect) -> None:
        """Right behind the first thing said: the life-saving line is not kept waiting by a disk,
        and the alert is not kept waiting by the rest (safety 2.1.2)."""
        for index, done in enumerate(self.effects):
            if isinstance(done, Say):
                self.effects.insert(index + 1, effect)
                return
        self.effects.insert(0, effect)


def _differs(new: Report, old: Report) -> bool:
    def bare(report: Report) -> Report:
        said = tuple(s for s in report.transcript if s.who == "caller")
        return replace(report, told=(), transcript=said)

    return bare(new) != bare(old)
