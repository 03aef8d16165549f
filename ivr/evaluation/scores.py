"""Scores over a labelled set: what issue 3 promises, computed the same way for text and audio."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.evaluation.rows import Row
from ivr.nlu.understanding import Understanding

PLACE = ("building", "unit", "floor", "room")


@dataclass(frozen=True, slots=True)
class Judged:
    """One row and what was understood."""

    row: Row
    got: Understanding
    heard: str

    @property
    def right(self) -> bool:
        """The answer, or a clarifying question that holds the right category among three."""
        if self.got.next == "act":
            return self.got.category in self.row.accepted
        return bool(set(self.got.candidates[:3]) & set(self.row.accepted))


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares are 0..1, counts are counts."""

    rows: int
    accuracy: float
    acted_right: float
    """Best guess right, whatever the move."""
    macro_f1: float
    critical_recall: float
    critical_rows: int
    fatal_misses: int
    """Critical rows answered with a quiet category without asking."""
    false_alarms: float
    """Rows of `nothing` that raise a specific emergency."""
    asked: float
    severity: float
    """Right severity among rows whose category was right."""
    subtype: float
    place_f1: float
    people_f1: float


def score(judged: Sequence[Judged], quiet: Sequence[str], nothing: str, fallback: str) -> Scores:
    """Score judged rows; the names of the quiet categories come from precedence.yaml."""
    total = max(1, len(judged))
    critical = [j for j in judged if j.row.severity == "critical"]
    silent = [j for j in judged if j.row.category == nothing]
    loud = [
        j for j in silent
        if j.got.next == "act" and j.got.category not in (*quiet, fallback, *j.row.accepted)
    ]
    same = [j for j in judged if j.got.category == j.row.category and j.row.severity != "-"]
    typed = [j for j in same if j.row.subtype]
    return Scores(
        rows=len(judged),
        accuracy=sum(j.right for j in judged) / total,
        acted_right=sum(j.got.category in j.row.accepted for j in judged) / total,
        macro_f1=_macro_f1(judged),
        critical_recall=sum(j.right for j in critical) / max(1, len(critical)),
        critical_rows=len(critical),
        fatal_misses=sum(j.got.next == "act" and j.got.category in quiet for j in critical),
        false_alarms=len(loud) / max(1, len(silent)),
        asked=sum(j.got.next != "act" for j in judged) / total,
        severity=sum(j.got.severity == j.row.severity for j in same) / max(1, len(same)),
        subtype=sum(j.got.subtype == j.row.subtype for j in typed) / max(1, len(typed)),
        place_f1=slot_f1(judged, PLACE),
        people_f1=slot_f1(judged, ("people",)),
    )


def slot_f1(judged: Iterable[Judged], keys: Sequence[str]) -> float:
    """Micro F1 of slots, exact values."""
    right = given = wanted = 0
    for j in judged:
        for key in keys:
            want, got = j.row.slots.get(key), j.got.slots.get(key)
            right += want is not None and want == got
            given += got is not None
            wanted += want is not None
    return 2 * right / (given + wanted) if given + wanted else 1.0


def _macro_f1(judged: Sequence[Judged]) -> float:
    names = sorted({j.row.category for j in judged})
    total = 0.0
    for name in names:
        right = sum(_taken(j) == name and name in j.row.accepted for j in judged)
        given = sum(_taken(j) == name for j in judged)
        wanted = sum(_wanted(j) == name for j in judged)
        total += 2 * right / (given + wanted) if given + wanted else 0.0
    return total / max(1, len(names))


def _taken(j: Judged) -> str:
    """The category the caller ends in: a right clarifying question leads to the right one."""
    return _wanted(j) if j.right else j.got.category


def _wanted(j: Judged) -> str:
    return j.got.category if j.got.category in j.row.accepted else j.row.category


def confusion(judged: Iterable[Judged]) -> Mapping[tuple[str, str], int]:
    """(wanted, best guess) -> count, for wrong rows only."""
    return Counter((j.row.category, j.got.category) for j in judged if not j.right)
