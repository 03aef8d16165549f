"""Figures over time: one JSON line per run, and the rule that critical recall never falls."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = 1e-4
"""Figures are kept with four digits."""


class BrokenHistory(ValueError):
    """A line of the history cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run."""

    at: str
    """UTC, ISO 8601."""
    what: Mapping[str, Any]
    """What was measured: set, source, noise, engine, rows. Only like is compared with like."""
    scores: Mapping[str, Any]
    edition: str
    """Revision of the playbooks and texts."""
    refused: bool = False
    """It lowered critical recall; kept as a number, never the mark to reach."""


def read_history(text: str) -> list[Entry]:
    """Entries of a history file, oldest first. Raises BrokenHistory naming the line."""
    entries: list[Entry] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = Entry(**json.loads(line))
            float(entry.scores["critical_recall"])
        except (ValueError, TypeError, KeyError) as error:
            raise BrokenHistory(f"history line {number} cannot be read: {error!r}") from error
        entries.append(entry)
    return entries


def written(entry: Entry) -> str:
    """The entry as a line of the file."""
    values = {
        "at": entry.at,
        "what": dict(entry.what),
        "scores": dict(entry.scores),
        "edition": entry.edition,
        "refused": entry.refused,
    }
    return json.dumps(values, ensure_ascii=False) + "\n"


def mark_to_reach(entries: list[Entry], what: Mapping[str, Any]) -> float | None:
    """Critical recall of the last accepted run of the same kind, None where there is none."""
    alike = [e for e in entries if dict(e.what) == dict(what) and not e.refused]
    return float(alike[-1].scores["critical_recall"]) if alike else None


def falls(scores: Mapping[str, Any], mark: float | None) -> bool:
    """Whether critical recall is lower than the mark."""
    return mark is not None and float(scores["critical_recall"]) < mark - TOLERANCE
