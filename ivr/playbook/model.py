"""A playbook as the engine reads it: resolved, frozen, with every condition ready to be asked.

How it runs (the whole theory):

    first   the first entry whose condition holds is spoken as soon as the kind is known
    steps   walked from the top after every turn; a step whose condition holds and which is not
            done yet is taken; `say` goes on to the next, `ask`, `stay`, `release` and `transfer`
            give the floor away. A line for a red flag therefore stands high up with a condition:
            it is spoken in the moment the flag appears, wherever the conversation is.
    alerts, tasks   are due as soon as their condition holds; each goes out once per incident
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ivr.incident.model import Lang, Severity

Facts = Mapping[str, str | tuple[str, ...]]
"""Fact or pseudo-fact (place, number, also, running …) -> value, or all values it has."""

KNOWN = "known"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Test:
    """One fact compared with a set of values."""

    fact: str
    values: tuple[str, ...]

    def holds(self, facts: Facts) -> bool:
        value = facts.get(self.fact, ())
        has = {value} if isinstance(value, str) else set(value)
        has.discard("")
        if UNKNOWN in self.values and not has:
            return True
        return (KNOWN in self.values and bool(has)) or bool(has & set(self.values))


@dataclass(frozen=True, slots=True)
class Condition:
    """Any of `when` (each an all-of), and none of `unless`."""

    when: tuple[tuple[Test, ...], ...] = ()
    unless: tuple[tuple[Test, ...], ...] = ()

    def holds(self, facts: Facts) -> bool:
        wanted = not self.when or any(all(t.holds(facts) for t in row) for row in self.when)
        return wanted and not any(all(t.holds(facts) for t in row) for row in self.unless)


ALWAYS = Condition()


@dataclass(frozen=True, slots=True)
class First:
    """One way to open: the life-saving line before any question (safety 2.1.1)."""

    say: tuple[str, ...]
    condition: Condition
    ask: str | None = None
    """A first line that is itself a question."""


@dataclass(frozen=True, slots=True)
class SayStep:
    key: str
    lines: tuple[str, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class AskStep:
    key: str
    question: str
    condition: Condition
    patience_s: float | None = None
    """Seconds of silence after which it is given up (else the ladder of failed turns)."""
    once: bool = False
    """Asked once and never repeated, whatever comes back."""
    line: str | None = None
    """Another wording than the question's own."""


@dataclass(frozen=True, slots=True)
class StayStep:
    """Keep the caller company: a voice every `every_s` seconds, no music (safety 2.1.5)."""

    key: str
    lines: tuple[str, ...]
    every_s: float
    condition: Condition


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """Say the last lines and end the call."""

    key: str
    lines: tuple[str, ...]
    condition: Condition
    desk: bool = False
    """Ends as a desk entry where nobody was alerted."""


@dataclass(frozen=True, slots=True)
class TransferStep:
    key: str
    lines: tuple[str, ...]
    reason: str
    condition: Condition


Step = SayStep | AskStep | StayStep | ReleaseStep | TransferStep

Kind = Literal["yes_no", "place", "number", "choice", "open"]


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One key entry of a question: a menu of single keys, a number, or a place (`3*2*1204#`)."""

    line: str
    """What explains the keys."""
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Key -> facts it sets."""
    number: str | None = None
    """Fact that takes digits ended by #."""
    place: bool = False

    @property
    def facts(self) -> frozenset[str]:
        named = {fact for facts in self.keys.values() for fact in facts}
        return frozenset(named | ({self.number} if self.number else set()))


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    slots: tuple[str, ...]
    kind: Kind
    clauses: tuple[str, ...]
    source: str | None
    parts: tuple[KeyPart, ...]
    essential: bool
    """Not answered after speech and keys: a person; others are left unknown."""
    unanswered: Mapping[str, str] = field(default_factory=dict)
    """Facts to go on with where no answer came: the safe side."""


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    clauses: tuple[str, ...]
    source: str | None
    when: str
    barge_in: bool
    """False: marked uninterruptible."""


@dataclass(frozen=True, slots=True)
class Alert:
    key: str
    roles: tuple[str, ...]
    clauses: tuple[str, ...]
    condition: Condition
    after_s: float | None = None
    """Due at the latest so many seconds after the incident was opened, or when the call ends."""
    desk: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    key: str
    clauses: tuple[str, ...]
    roles: tuple[str, ...]
    text: Mapping[Lang, str]
    condition: Condition
    due_s: float | None
    records: tuple[str, ...]
    consent: bool
    sheet: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """The caller must not be held longer than this (safety 2.1.4)."""

    within_s: float
    lines: tuple[str, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class Raise:
    to: Severity
    condition: Condition


@dataclass(frozen=True, slots=True)
class Playbook:
    name: str
    category: str | None
    title: Mapping[Lang, str]
    confirm: str | None
    key: str | None
    source: str
    reviewed_by: str | None
    severity: Severity
    raises: tuple[Raise, ...]
    first: tuple[First, ...]
    steps: tuple[Step, ...]
    alerts: tuple[Alert, ...]
    tasks: tuple[Task, ...]
    limits: tuple[Limit, ...]
    quiet: Condition | None
    """While it holds nothing beyond its own lines is spoken, and nobody rings back."""
    questions: Mapping[str, Question]
    lines: Mapping[str, Line]
    policies: Mapping[str, str]
    """Clauses implemented by a standing rule: clause -> where and how."""

    def opening(self, facts: Facts) -> First:
        """The first line for what the caller already said; the last entry has no condition."""
        return next(f for f in self.first if f.condition.holds(facts))


@dataclass(frozen=True, slots=True)
class Diversion:
    """Facts that lead to another playbook whatever the category (cancelled -> false alarm)."""

    playbook: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class SilenceStep:
    """One rung of what happens while the caller says nothing at all."""

    after_s: float
    lines: tuple[str, ...]
    act: Literal["say", "person", "end"]


@dataclass(frozen=True, slots=True)
class FactKind:
    values: tuple[str, ...]
    free: bool
    """Takes the caller's own words (or digits)."""
    number: bool
    red: tuple[str, ...]
    hazard: bool


@dataclass(frozen=True, slots=True)
class Library:
    """All playbooks of one revision."""

    revision: str
    playbooks: Mapping[str, Playbook]
    facts: Mapping[str, FactKind]
    phrases: Mapping[str, tuple[str, ...]]
    """Procedural role -> line ids, e.g. "greeting", "reprompt", "menu"."""
    menu: Mapping[str, str]
    """Menu key -> playbook."""
    diversions: tuple[Diversion, ...]
    resolved: Condition
    """Said to be over; staff still go and look."""
    silence: tuple[SilenceStep, ...]
    fallback: str
    """Playbook of a call nobody understood."""
    silent: str
    """Playbook of a call in which nobody speaks."""
    none: str
    timing: Mapping[str, float]
    texts: Mapping[Lang, Mapping[str, str]]
    forbidden: Mapping[Lang, Mapping[str, str]] = field(default_factory=dict)
    """Words no spoken line may contain -> why (safety 3.7)."""

    def of_category(self, category: str) -> Playbook:
        """The playbook whose category this is.

        Raises:
            KeyError: no playbook has it.
        """
        for playbook in self.playbooks.values():
            if playbook.category == category:
                return playbook
        raise KeyError(category)

    def has_category(self, category: str) -> bool:
        return any(p.category == category for p in self.playbooks.values())

    def line(self, line: str) -> Line | None:
        return next((p.lines[line] for p in self.playbooks.values() if line in p.lines), None)

    def question(self, question: str) -> Question:
        """Raises KeyError where no playbook holds it."""
        for playbook in self.playbooks.values():
            if question in playbook.questions:
                return playbook.questions[question]
        raise KeyError(question)

    def clauses_of(self, line: str) -> tuple[str, ...]:
        """Clauses and overrides that back a spoken line or question."""
        for playbook in self.playbooks.values():
            if line in playbook.lines:
                return playbook.lines[line].clauses
            if line in playbook.questions:
                return playbook.questions[line].clauses
        return ()

    def hazards(self, facts: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the hazard facts that hold a red value, in the data's order."""
        return tuple(n for n, k in self.facts.items() if k.hazard and facts.get(n) in k.red)

    def red(self, facts: Mapping[str, str]) -> frozenset[str]:
        """Facts that hold a red-flag value."""
        return frozenset(n for n, k in self.facts.items() if facts.get(n) in k.red)


def titles(playbooks: Sequence[Playbook], lang: Lang) -> Mapping[str, str]:
    """Category -> the word people read for it."""
    return {p.category: p.title[lang] for p in playbooks if p.category}
