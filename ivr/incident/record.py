"""An incident as it stands: the latest report and what people and the alerts have made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.incident.delivery import DeliveryState
from ivr.incident.model import (
    CallId,
    Disposition,
    IncidentId,
    IncidentStatus,
    Lang,
    Report,
    Severity,
)


@dataclass(frozen=True, slots=True)
class Alert:
    """One person over one channel, or a role for whom nobody has been found yet."""

    role: str
    person: str | None
    channel: str | None
    state: DeliveryState
    at: datetime
    step: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Task:
    key: str
    clauses: tuple[str, ...]
    roles: tuple[str, ...]
    text: Mapping[Lang, str]
    due_at: datetime | None
    records: tuple[str, ...]
    consent: bool
    sheet: str | None
    done_at: datetime | None = None
    done_by: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened, in the order it became true; ids grow."""

    id: int
    incident: IncidentId
    at: datetime
    kind: str
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    id: IncidentId
    opened_at: datetime
    severity: Severity
    status: IncidentStatus
    report: Report
    calls: tuple[CallId, ...]
    alerts: tuple[Alert, ...]
    desk: tuple[str, ...]
    """Keys of alert orders that are desk entries: shown, nobody woken."""
    acknowledged: Acknowledgement | None
    tasks: tuple[Task, ...]
    records: Mapping[str, str]
    disposition: Disposition | None
    """How the latest call ended; None while one is running."""
    timeline: tuple[TimelineEntry, ...] = ()
    updates: int = 0
    """How many times the report has been amended noticeably: 第n报 is one more."""
