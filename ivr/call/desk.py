"""The real `Switchboard`: every call of this process, over streams and over documents.

Whatever fails in here ends at a person: the webhooks answer an exception with the duty desk.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from ivr.call import journal
from ivr.call.document_call import DocumentCall
from ivr.call.line import Line
from ivr.call.records import Records
from ivr.call.session import CallSession, Tools
from ivr.call.switchboard import (
    Answer,
    AnswerByPerson,
    AnswerByStream,
    DialPerson,
    Finished,
    GatherTurn,
    Ringing,
)
from ivr.dialog import events as ev
from ivr.dialog.draft import ALERT_BY
from ivr.dialog.edition import Edition
from ivr.dialog.effects import Effect, Say, SayPlace
from ivr.dialog.engine import new_dialog
from ivr.dialog.events import Running
from ivr.dialog.state import Dialog, Phase
from ivr.incident.model import CallId, Disposition, Place
from ivr.store.store import Store

log = logging.getLogger(__name__)

ANSWERED = "completed"
"""`DialCallStatus` when a person took the call and it is over (Twilio)."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the desk knows of this deployment."""

    media: str
    """`stream` or `gather`."""
    duty_phone: str | None
    registered: Callable[[str | None], Place | None]
    test_numbers: frozenset[str] = frozenset()
    intercoms: dict[str, Place] = field(default_factory=dict)
    recorded: bool = False


class Desk:
    """Implements `ivr.call.switchboard.Switchboard`."""

    def __init__(
        self,
        store: Store,
        edition: Callable[[], Edition],
        site: Site,
        tools: Tools | None,
        ready: Callable[[], bool],
    ) -> None:
        """`edition` gives the one in force, which is pinned to each call when it begins; `tools`
        None: nothing can be heard here, all calls go by documents."""
        self._store = store
        self._edition = edition
        self._site = site
        self._tools = tools
        self._ready = ready
        self._lock = Lock()
        self._pinned: dict[CallId, Edition] = {}
        self._ringing: dict[CallId, Ringing] = {}
        self._answers: dict[CallId, Answer] = {}
        self._documents: dict[CallId, DocumentCall] = {}
        self.sessions: dict[CallId, CallSession] = {}
        self._over: set[CallId] = set()
        """Calls the carrier has ended while their session was still at work."""
        self._unanswered: set[CallId] = set()
        """Calls whose transfer nobody took once already."""

    # ---- the switchboard ------------------------------------------------------------------

    def ring(self, ringing: Ringing) -> Answer:
        """Write the call down, then decide how it is answered. A repeat gets the same answer."""
        call = ringing.call
        with self._lock:
            if call in self._answers:
                return self._current(call)
            edition = self._edition()
            test = ringing.caller in self._site.test_numbers
            self._store.calls.begin(
                call,
                ringing.caller,
                ringing.called,
                edition.revision,
                self._site.media,
                ringing.at,
                test,
            )
            self._pinned[call], self._ringing[call] = edition, ringing
            self._answers[call] = self._first_answer(call, ringing)
            return self._answers[call]

    def _current(self, call: CallId) -> Answer:
        document = self._documents.get(call)
        return document.answer if document else self._answers[call]

    def _first_answer(self, call: CallId, ringing: Ringing) -> Answer:
        if not self._ready():
            log.error("not ready: the caller is handed to the duty desk")
            return AnswerByPerson(self._site.duty_phone)
        if self._site.media == "stream" and self._tools is not None:
            return AnswerByStream(self._store.calls.issue_token(call))
        return self._document(call, None, ringing.at).begin(self._started(ringing, ringing.at))

    def resume(self, call: CallId, at: datetime) -> Answer:
        """Behind the stream: the dialog says whether the call is over, to be dialled, or broken."""
        with self._lock:
            dialog = self._dialog(call)
            if dialog is None:
                return self._late_document(call, at)
            if _is_over(dialog):
                return Finished()
            if dialog.phase is Phase.TRANSFERRING:
                return self._dial(call, at)
            log.warning("stream broke: going on by documents")
            return self._document(call, dialog, at).begin(ev.LineResumed(at))

    def _late_document(self, call: CallId, at: datetime) -> Answer:
        """The stream never came: answer by documents from the beginning."""
        ringing = self._ringing.get(call) or Ringing(call, None, None, at)
        return self._document(call, None, at).begin(self._started(ringing, at))

    def _dial(self, call: CallId, at: datetime) -> Answer:
        if self._site.duty_phone is None:
            return self._after_transfer(call, at, answered=False)
        timeout_s = self._pinned_edition(call).library.timing["transfer_s"]
        return DialPerson(self._site.duty_phone, timeout_s)

    def hear(self, call: CallId, turn: GatherTurn, at: datetime) -> Answer:
        with self._lock:
            document = self._documents.get(call)
            if document is None:
                dialog = self._dialog(call)
                if dialog is None:
                    return self._late_document(call, at)
                if _is_over(dialog):
                    return Finished()
                return self._document(call, dialog, at).begin(ev.LineResumed(at))
            return document.hear(turn, at)

    def dialled(self, call: CallId, status: str, at: datetime) -> Answer:
        with self._lock:
            return self._after_transfer(call, at, answered=status == ANSWERED)

    def _after_transfer(self, call: CallId, at: datetime, *, answered: bool) -> Answer:
        document = self._documents.get(call)
        if document is not None:
            return document.dialled(answered=answered, at=at)
        dialog = self._dialog(call)
        if dialog is None or dialog.phase is not Phase.TRANSFERRING:
            return Finished() if answered else self._late_document(call, at)
        if answered:
            document = self._document(call, dialog, at)
            document.dialled(answered=True, at=at)
            return Finished()
        if self._tools is not None and call not in self._unanswered:
            self._unanswered.add(call)  # a stream that cannot open must not dial for ever
            return AnswerByStream(self._store.calls.issue_token(call))
        return self._document(call, dialog, at).dialled(answered=False, at=at)

    def whisper(self, call: CallId) -> tuple[Effect, ...]:
        """The card the duty person hears before the caller is put through."""
        dialog = self._dialog(call)
        phrases = self._pinned_edition(call).library.phrases
        lines = [Say(line, "zh") for line in phrases["staff_card"]]
        if dialog is None:
            return tuple(lines)
        if dialog.playbook is not None:
            book = self._pinned_edition(call).library.playbooks[dialog.playbook]
            lines += [Say(line, "zh") for line in ([book.confirm] if book.confirm else [])]
        place = [SayPlace(dialog.place, "zh")] if dialog.place.known else []
        return (*lines, *place, *(Say(line, "zh") for line in phrases["staff_keys"]))

    def accepted(self, call: CallId, at: datetime) -> None:
        """The duty person pressed 1: that is an acknowledgement of the incident."""
        incident = self._store.incidents.of_call(call)
        if incident is not None:
            self._store.incidents.acknowledge(incident, "duty_desk", at)

    def ended(self, call: CallId, status: str, at: datetime) -> None:
        """The carrier says the call is over (`status` is its word for how), repeatedly."""
        log.info("call over: %s", status)
        with self._lock:
            if call in self.sessions:
                self._over.add(call)  # its books are closed when the session lets go of the line
                return
            document = self._documents.pop(call, None)
            dialog = None if document else self._dialog(call)
            if document is not None:
                document.ended(at)
            elif dialog is not None and dialog.phase is not Phase.ENDED:
                self._document(call, dialog, at).ended(at)
                self._documents.pop(call, None)
            disposition = Disposition.CALLER_HUNG_UP
            if dialog is not None and dialog.disposition is not None:
                disposition = dialog.disposition
            self._store.calls.end(call, disposition, at)
            for kept in (self._answers, self._ringing, self._pinned):
                kept.pop(call, None)
            self._unanswered.discard(call)

    def admit_stream(self, call: CallId, token: str) -> bool:
        if call in self.sessions or self._tools is None:
            return False
        return self._store.calls.redeem_token(call, token)

    async def run_stream(self, call: CallId, line: Line) -> None:
        """Run the call's session until the line ends."""
        if self._tools is None:
            return
        now = self._tools.clock.now()
        dialog = await asyncio.to_thread(self._dialog, call)
        seq = await asyncio.to_thread(self._next_seq, call)
        records = Records(self._store, call, seq)
        session = CallSession(line, self._pinned_edition(call), records, self._tools, call)
        self.sessions[call] = session
        try:
            await session.run(self._opening(call, dialog, now), dialog)
        finally:
            del self.sessions[call]
            if call in self._over:
                self._over.discard(call)
                await asyncio.to_thread(self.ended, call, ANSWERED, self._tools.clock.now())

    def _opening(self, call: CallId, dialog: Dialog | None, now: datetime) -> ev.Event:
        if dialog is None:
            ringing = self._ringing.get(call) or Ringing(call, None, None, now)
            return self._started(ringing, now)
        if dialog.phase is Phase.TRANSFERRING:
            return ev.TransferEnded(now, answered=False)
        return ev.LineResumed(now)

    # ---- news from the incidents ------------------------------------------------------------

    def tell(self, event: ev.Event, calls: tuple[CallId, ...]) -> None:
        """Bring news of an incident to its live calls; any thread."""
        for call in calls:
            session = self.sessions.get(call)
            if session is not None:
                if not _known(session.dialog, event):
                    session.post_soon(event)
                continue
            with self._lock:
                document = self._documents.get(call)
                if document is not None and not _known(document.dialog, event):
                    document.told(event)

    def sweep(self, at: datetime) -> int:
        """Close the books of calls that a dead process left open; returns how many.

        Each keeps or gets its incident, so that somebody looks (design: any process killed).
        """
        left = [record.id for record in self._store.calls.live()]
        for call in left:
            try:
                self._close_dropped(call, at)
            except Exception as error:  # noqa: BLE001 - boundary: one unreadable journal must not keep the number silent
                log.error("call %s: its journal cannot be read: %s", call, type(error).__name__)  # noqa: TRY400
                self._report_unreadable(call, at)
            self._store.calls.end(call, Disposition.DROPPED, at)
        return len(left)

    def _close_dropped(self, call: CallId, at: datetime) -> None:
        """Its words reach staff; a caller who is still on the line is taken up again."""
        dialog = self._dialog(call)
        if dialog is not None and dialog.phase is not Phase.ENDED:
            self._document(call, dialog, at).begin(ev.CallerHungUp(at, dropped=True))
            self._documents.pop(call, None)

    def _report_unreadable(self, call: CallId, at: datetime) -> None:
        """Nobody knows what was said: somebody is told that a call was lost."""
        document = self._document(call, None, at)
        document.begin(self._started(Ringing(call, None, None, at), at))
        document.told(ev.TimerFired(at, ALERT_BY))
        document.told(ev.CallerHungUp(at, dropped=True))
        self._documents.pop(call, None)

    # ---- within -------------------------------------------------------------------------------

    def _started(self, ringing: Ringing, at: datetime) -> ev.CallStarted:
        running = tuple(
            Running(r.category, r.place, r.same_caller) for r in self._store.incidents.running(at)
        )
        return ev.CallStarted(
            at=at,
            call=ringing.call,
            caller=ringing.caller,
            home=self._site.registered(ringing.caller),
            running=running,
            test=ringing.caller in self._site.test_numbers,
            intercom=self._site.intercoms.get(ringing.caller or ""),
            recorded=self._site.recorded,
        )

    def _document(self, call: CallId, dialog: Dialog | None, at: datetime) -> DocumentCall:
        edition = self._pinned_edition(call)
        records = Records(self._store, call, self._next_seq(call))
        start = dialog or new_dialog(call, at)
        document = DocumentCall(start, edition, records, self._site.duty_phone)
        self._documents[call] = document
        return document

    def _dialog(self, call: CallId) -> Dialog | None:
        """Where the call stands: in memory, else folded from its journal."""
        if call in self.sessions:
            return self.sessions[call].dialog
        if call in self._documents:
            return self._documents[call].dialog
        entries = self._store.calls.journal_of(call)
        return journal.fold(call, journal.events_of(entries), self._pinned_edition(call))

    def _next_seq(self, call: CallId) -> int:
        entries = self._store.calls.journal_of(call)
        return entries[-1].seq + 1 if entries else 1

    def _pinned_edition(self, call: CallId) -> Edition:
        return self._pinned.get(call) or self._edition()


def _is_over(dialog: Dialog) -> bool:
    """Whether to hang up; a call given up for dropped goes on if its caller is still there."""
    return dialog.phase is Phase.ENDED and dialog.disposition is not Disposition.DROPPED


def _known(dialog: Dialog, event: ev.Event) -> bool:
    """Whether the call has been told already: every further channel accepts the alert too."""
    match event:
        case ev.AlertAccepted():
            return dialog.accepted
        case ev.IncidentAcknowledged():
            return dialog.acknowledged
        case _:
            return False
