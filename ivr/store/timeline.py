"""The incident's timeline: written with the fact itself, read by live calls and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from ivr.incident.model import CallId, IncidentId
from ivr.incident.record import TimelineEntry
from ivr.store.documents import mapping_from_json, to_json
from ivr.store.tables import incident_calls, timeline

OPENED = "opened"
AMENDED = "amended"
ALERT_ACCEPTED = "alert_accepted"
ALERT_FAILED = "alert_failed"
ROLE_EMPTY = "role_empty"
NOBODY_ON_DUTY = "nobody_on_duty"
STEP_DUE = "step_due"
OUTCOME_UNKNOWN = "outcome_unknown"
ACKNOWLEDGED = "acknowledged"
STATUS = "status"
TASK_DONE = "task_done"
RECORDED = "recorded"
EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class News:
    """A timeline entry and the calls that belong to its incident."""

    id: int
    incident: IncidentId
    calls: tuple[CallId, ...]
    at: datetime
    kind: str
    payload: Mapping[str, object]


def append(
    connection: Connection,
    incident: str,
    at: datetime,
    kind: str,
    payload: Mapping[str, object],
) -> int:
    """Write an entry in the transaction of the fact; returns its id."""
    entry = insert(timeline).values(incident=incident, at=at, kind=kind, payload=to_json(payload))
    number: int = connection.execute(entry.returning(timeline.c.id)).scalar_one()
    return number


def last_id(connection: Connection, incident: str | None = None) -> int:
    wanted = select(func.max(timeline.c.id))
    if incident is not None:
        wanted = wanted.where(timeline.c.incident == incident)
    return connection.execute(wanted).scalar_one() or 0


def entries_of(
    connection: Connection, incident: str, after_id: int = 0
) -> tuple[TimelineEntry, ...]:
    wanted = (
        select(timeline)
        .where(timeline.c.incident == incident, timeline.c.id > after_id)
        .order_by(timeline.c.id)
    )
    return tuple(_entry(row) for row in connection.execute(wanted))


def news_after(connection: Connection, after_id: int, limit: int) -> Sequence[News]:
    wanted = select(timeline).where(timeline.c.id > after_id).order_by(timeline.c.id).limit(limit)
    entries = [_entry(row) for row in connection.execute(wanted)]
    calls: dict[str, list[CallId]] = {}
    joined = select(incident_calls).where(
        incident_calls.c.incident.in_({entry.incident for entry in entries})
    )
    for row in connection.execute(joined):
        calls.setdefault(row.incident, []).append(CallId(row.call))
    return [
        News(e.id, e.incident, tuple(calls.get(e.incident, ())), e.at, e.kind, e.payload)
        for e in entries
    ]


def _entry(row: Row[tuple[object, ...]]) -> TimelineEntry:
    return TimelineEntry(
        row.id, IncidentId(row.incident), row.at, row.kind, mapping_from_json(row.payload)
    )
