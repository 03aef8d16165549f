"""Scores over a labelled set: what issue 3 promises, computed the same way for text and audio."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.evaluation.rows import Row
from ivr.nlu.understanding import Understanding

PLACE = ("building", "unit", "floor", "room")
FIELDS = (*PLACE, "landmark", "people")


@dataclass(frozen=True, slots=True)
class Judged:
    """One row and what was understood."""

    row: Row
    got: Understanding
    heard: str
    took_s: float = 0.0
    """Seconds understanding took; the recogniser's work is not in it."""

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
    """Critical rows answered rightly or asked about rightly."""
    critical_acted: float
    """Critical rows whose category was right and acted on without a question."""
    critical_severity: float
    """Critical rows that were called critical, whatever the category."""
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
    critical = [j for j in judged if j.row.severity == "critical"]
    silent = [j for j in judged if j.row.category == nothing]
    calm = (*quiet, fallback)
    same = [j for j in judged if j.got.category == j.row.category and j.row.severity != "-"]
    typed = [j for j in same if j.row.subtype]
    return Scores(
        rows=len(judged),
        accuracy=_share([j.right for j in judged]),
        acted_right=_share([j.got.category in j.row.accepted for j in judged]),
        macro_f1=_macro_f1(judged),
        critical_recall=_share([j.right for j in critical]),
        critical_acted=_share([j.right and j.got.next == "act" for j in critical]),
        critical_severity=_share([j.got.severity == "critical" for j in critical]),
        critical_rows=len(critical),
        fatal_misses=sum(is_fatal(j, quiet) for j in judged),
        false_alarms=_share([is_false_alarm(j, calm) for j in silent], none=0.0),
        asked=_share([j.got.next != "act" for j in judged], none=0.0),
        severity=_share([j.got.severity == j.row.severity for j in same]),
        subtype=_share([j.got.subtype == j.row.subtype for j in typed]),
        place_f1=slot_f1(judged, PLACE),
        people_f1=slot_f1(judged, ("people",)),
    )


def is_fatal(judged: Judged, quiet: Sequence[str]) -> bool:
    """A critical row that would alert nobody, and nobody is asked."""
    acted_quietly = judged.got.next == "act" and judged.got.category in quiet
    return judged.row.severity == "critical" and acted_quietly


def is_false_alarm(judged: Judged, calm: Sequence[str]) -> bool:
    """A specific emergency raised without a question, where the label accepts none."""
    return judged.got.next == "act" and judged.got.category not in (*calm, *judged.row.accepted)


def slot_f1(judged: Iterable[Judged], keys: Sequence[str]) -> float:
    """Micro F1 of slots: exact values, a landmark by containment (plan/labels.md)."""
    right = given = wanted = 0
    for j in judged:
        for key in keys:
            want, got = j.row.slots.get(key), j.got.slots.get(key)
            right += want is not None and got is not None and _same(key, want, got)
            given += got is not None
            wanted += want is not None
    return 2 * right / (given + wanted) if given + wanted else 1.0


def confusion(judged: Iterable[Judged]) -> Mapping[tuple[str, str], int]:
    """(wanted, best guess) -> count, for wrong rows only."""
    return Counter((j.row.category, j.got.category) for j in judged if not j.right)


def _share(marks: Sequence[bool], none: float = 1.0) -> float:
    """Share of true marks; `none` where there is nothing to get right or wrong."""
    return sum(marks) / len(marks) if marks else none


def _same(key: str, want: str, got: str) -> bool:
    want, got = want.casefold(), got.casefold()
    return want in got or got in want if key == "landmark" else want == got


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
