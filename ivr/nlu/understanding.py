"""What understanding answers with (plan/labels.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.incident.model import Lang, Reason, Severity

Next = Literal["act", "clarify", "menu"]
Command = Literal["repeat", "human", "to_en", "to_zh", "hang_up"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One caller turn as the recogniser gave it."""

    text: str
    alternatives: tuple[str, ...] = ()
    """Other hypotheses, best first."""
    confidence: float | None = None
    """0..1, None where the engine gives none."""


ExpectedKind = Literal["yes_no", "place", "number", "choice", "open"]


@dataclass(frozen=True, slots=True)
class Expects:
    """The question a turn answers."""

    question: str
    """Id of the question line ("FIRE-Q1")."""
    slots: tuple[str, ...]
    """Facts it asks for."""
    kind: ExpectedKind


@dataclass(frozen=True, slots=True)
class Understanding:
    """One call's words so far, understood."""

    category: str
    """Always the best guess, a category of plan/labels.md."""
    subtype: str | None
    severity: Severity
    slots: Mapping[str, str]
    """building, unit, floor, room, landmark, name, phone, people; numbers as digits."""
    facts: Mapping[str, str]
    """Facts of playbooks/facts.yaml."""
    confidence: float
    """0..1, set by hand; not calibrated yet."""
    next: Next
    """act on it / ask back about `category` / offer the menu."""
    candidates: tuple[str, ...]
    """At most three categories, best first."""
    also: tuple[str, ...]
    """Other categories that were really reported in the same call."""
    lang: Lang
    command: Command | None
    """The caller asks the hotline for something: say it again, a person, another language."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One turn read as the answer to one question."""

    understood: bool
    """Something the question asked for was answered (or clearly "don't know": value "unsure")."""
    slots: Mapping[str, str]
    facts: Mapping[str, str]
    yes: bool | None
    """A plain yes or no, where the turn was one."""
    correction: bool
    """The caller corrects or contradicts ("不对,是四栋")."""
    reasons: tuple[Reason, ...]
