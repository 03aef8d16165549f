"""Prints a call as it happens: what the hotline heard and said, told from its journal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.dialog.edition import Edition
from ivr.incident.model import CallId
from ivr.store.calls import JournalEntry
from ivr.store.store import Store

ICONS = {"caller": "☎ ", "hotline": "🔊", "keys": "⌨ ", "alert": "🔔", "person": "👤", "end": "■ "}


@dataclass(slots=True)
class Conversation:
    """Reads the journal of one call and hands new lines to `out`."""

    store: Store
    edition: Edition
    call: CallId
    out: Callable[[str], None]
    _seen: int = 0
    _began: datetime | None = None
    _accepted: bool = False
    lines: list[str] = field(default_factory=list)

    def catch_up(self) -> None:
        """Print what has been written since the last time."""
        for entry in self.store.calls.journal_of(self.call):
            if entry.seq <= self._seen:
                continue
            self._seen = entry.seq
            self._began = self._began or entry.at
            said = self._event(entry) if entry.kind == "event" else self._effect(entry)
            if said:
                self._print(entry, said)

    def _print(self, entry: JournalEntry, said: str) -> None:
        began = self._began or entry.at
        line = f"{(entry.at - began).total_seconds():6.1f} s  {said}"
        self.lines.append(line)
        self.out(line)

    def _event(self, entry: JournalEntry) -> str | None:
        data: dict[str, Any] = dict(entry.payload)
        match data["event"]:
            case "UtteranceHeard" if data["text"] and data["final"]:
                return f"{ICONS['caller']} {data['text']}"
            case "KeyPressed":
                return f"{ICONS['keys']} {data['digit']}"
            case "AlertAccepted" if not self._accepted:
                self._accepted = True
                return f"{ICONS['alert']} alert accepted"
            case "IncidentAcknowledged":
                return f"{ICONS['person']} taken by {data['by']}"
            case "TimerFired":
                return f"⏱  {data['timer']}"
            case _:
                return None

    def _effect(self, entry: JournalEntry) -> str | None:
        data: dict[str, Any] = dict(entry.payload)
        match data["effect"]:
            case "Say":
                lang = data.get("lang", "zh")
                text = self.edition.library.texts[lang][data["line"]]
                return f"{ICONS['hotline']} {text}  [{data['line']}]"
            case "SayPlace":
                return f"{ICONS['hotline']} {data.get('place', '')}"
            case "OpenIncident":
                return f"{ICONS['alert']} incident opened, alert ordered"
            case "Transfer":
                return f"{ICONS['person']} dialling {data['target']}"
            case "HangUp":
                return f"{ICONS['end']} {data['disposition']}"
            case _:
                return None
