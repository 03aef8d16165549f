"""What a call leaves behind: its journal, its incident, its end. Each method returns the write to
be done, so that the live session may hand it to its clerk and the webhook path may do it at once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from ivr.call.journal import encode
from ivr.dialog.effects import AmendIncident, Effect, OpenIncident, SayPlace
from ivr.dialog.events import Event
from ivr.incident.model import CallId, Disposition
from ivr.store.calls import JournalEntry
from ivr.store.store import Store


class Records:
    """The records of one call."""

    def __init__(self, store: Store, call: CallId, next_seq: int = 1) -> None:
        self._store = store
        self._call = call
        self._seq = next_seq

    def journal(self, event: Event, effects: Sequence[Effect]) -> Callable[[], None]:
        """Append the event, and the names of what it led to."""
        entries = [
            JournalEntry(self._seq, event.at, "event", encode(event)),
            *(
                JournalEntry(self._seq + 1 + i, event.at, "effect", _named(effect))
                for i, effect in enumerate(effects)
            ),
        ]
        self._seq += len(entries)
        return lambda: self._store.calls.journal(self._call, entries)

    def incident(self, effect: OpenIncident | AmendIncident, at: datetime) -> Callable[[], None]:
        """Open the incident or amend it; idempotent in the store."""

        def write() -> None:
            incident = self._store.incidents.open(self._call, effect.report, at)
            if isinstance(effect, AmendIncident):
                self._store.incidents.amend(incident, effect.report, at)

        return write

    def end(self, disposition: Disposition, at: datetime) -> Callable[[], None]:
        return lambda: _end(self._store, self._call, disposition, at)


def _end(store: Store, call: CallId, disposition: Disposition, at: datetime) -> None:
    store.calls.end(call, disposition, at)


def _named(effect: Effect) -> dict[str, object]:
    """An effect in the journal: its name and the line it speaks; reports stand in the incident."""
    row: dict[str, object] = {"effect": type(effect).__name__}
    for name in (
        "line",
        "lang",
        "timer",
        "after_s",
        "target",
        "reason",
        "disposition",
        "expecting",
    ):
        value = getattr(effect, name, None)
        if value is not None:
            row[name] = str(value)
    if isinstance(effect, SayPlace):
        place = effect.place
        parts = (place.building, place.unit, place.floor, place.room, place.landmark)
        row["place"] = " ".join(part for part in parts if part)
    return row
