"""The incident's words: severity, place, and the report a call keeps amending.

Enum values are lower-case and stand like this in the database, the API and the JSON Schema
(design.md section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NewType

CallId = NewType("CallId", str)
"""The carrier's own id of one telephone connection (Twilio: `CallSid`)."""
IncidentId = NewType("IncidentId", str)

Lang = Literal["zh", "en"]
EMPTY: Mapping[str, str] = MappingProxyType({})


class Severity(StrEnum):
    """P1..P4 as decided by plan/labels.md."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """1 for P1 critical … 4 for P4 low; a smaller rank is worse."""
        return list(Severity).index(self) + 1

    def worse(self, other: "Severity") -> "Severity":
        """The worse of two: a caller's word never lowers a severity (safety 2.1.9)."""
        return self if self.rank <= other.rank else other


class IncidentStatus(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    RESOLVED_UNCHECKED = "resolved_unchecked"
    """The caller says it is over; staff still go and look (FIRE-A3b, safety 2.1.9)."""
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


class Disposition(StrEnum):
    """How a call ended."""

    RELEASED = "released"
    """We ended it after the instruction (gas, fire: the caller must leave)."""
    COMPLETED = "completed"
    HANDED_OVER = "handed_over"
    CALLER_HUNG_UP = "caller_hung_up"
    DROPPED = "dropped"
    """The connection broke or a process died."""
    DESK_ENTRY = "desk_entry"
    """No emergency: noted for the front desk, nobody alerted."""
    FAILED = "failed"


class HeardBy(StrEnum):
    """How much of a line the caller was played (Twilio marks)."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is, in the estate's own words; digits, not Chinese numerals ("3", "-2", "15-2")."""

    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    landmark: str | None = None
    as_said: str | None = None
    """The caller's own words, for the eye of staff only."""
    verified: bool = False
    """Read back and not contradicted, keyed in, or confirmed from the caller's number."""

    @property
    def known(self) -> bool:
        """Enough to send somebody: a building, or a landmark."""
        return bool(self.building or self.landmark)


@dataclass(frozen=True, slots=True)
class Caller:
    phone: str | None = None
    """E.164, or None where the carrier withheld it."""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One spoken line of this call."""

    line: str
    clauses: tuple[str, ...]
    text: str
    heard: HeardBy
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance in the transcript."""

    who: Literal["caller", "hotline"]
    text: str
    at: datetime
    lang: Lang
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class AlertOrder:
    """Whom to alert about this incident, and because of what; unique by `key` in one incident."""

    key: str
    """Stable name inside the playbook, e.g. "first", "burst", "caller_trapped"."""
    roles: tuple[str, ...]
    """Roles of plan/clauses.yaml in order; equal orders go out together."""
    clauses: tuple[str, ...]
    at: datetime
    desk: bool = False
    """A desk entry: shown on the desk's list, nobody is woken."""


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """Something a person must do or write down, as the plan demands; unique by `key`."""

    key: str
    clauses: tuple[str, ...]
    roles: tuple[str, ...]
    text: Mapping[Lang, str]
    due_s: float | None
    """Seconds after the incident was opened, None without a clock."""
    records: tuple[str, ...] = ()
    """Record fields this task must fill (plate, hospital, badge number …)."""
    consent: bool = False
    """Needs the project manager's or duty leader's consent first (LIFT-2b, OVR-09)."""
    sheet: str | None = None
    """Which sheet is read out for it: "119", "120", "110", "lift_company", "gas_company"."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why understanding said so: shown on the card and in the journal."""

    what: str
    """What was concluded: "category=…", "fact exit=blocked", "place.building=3"."""
    cue: str
    """The cue or pattern that fired."""
    span: str
    """The words of the caller it fired on."""


@dataclass(frozen=True, slots=True)
class Report:
    """All a call knows so far. Each report replaces the one before it (idempotent by design)."""

    playbook: str
    category: str
    subtype: str | None
    severity: Severity
    status: IncidentStatus
    place: Place
    caller: Caller
    people: int | None
    hazards: tuple[str, ...]
    """Names of the hazard facts that hold a red-flag value; the values stand in `facts`."""
    facts: Mapping[str, str]
    told: tuple[Told, ...]
    unknown: tuple[str, ...]
    """Slots the plan asks for that nobody has answered yet."""
    transcript: tuple[Said, ...]
    also: tuple[str, ...] = ()
    """Other categories heard in the same call."""
    alerts: tuple[AlertOrder, ...] = ()
    tasks: tuple[TaskOrder, ...] = ()
    reasons: tuple[Reason, ...] = ()
    no_ring_back: bool = False
    """Never ring or text the caller's phone: gas inside, intruder (OVR-24, safety 3.3.8)."""
    lang: Lang = "zh"
    revision: str = ""
    test: bool = False
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)
