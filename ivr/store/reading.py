"""Rows joined into `IncidentRecord`s."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from ivr.incident.delivery import DeliveryState
from ivr.incident.model import CallId, Disposition, IncidentId, IncidentStatus, Severity
from ivr.incident.record import Acknowledgement, Alert, IncidentRecord, Task
from ivr.store import timeline as log
from ivr.store.documents import from_json, report_from_json
from ivr.store.tables import (
    alert_orders,
    calls,
    incident_calls,
    incidents,
    notices,
    outbox,
    records,
    tasks,
)


def record_of(connection: Connection, incident: str) -> IncidentRecord | None:
    found = records_of(connection, [incident])
    return found[0] if found else None


def records_of(connection: Connection, ids: Sequence[str]) -> list[IncidentRecord]:
    """Return the incidents in the order of `ids`; unknown ids are left out."""
    rows = connection.execute(select(incidents).where(incidents.c.id.in_(ids))).all()
    by_id = {row.id: _record(connection, row) for row in rows}
    return [by_id[wanted] for wanted in ids if wanted in by_id]


def _record(connection: Connection, row: Row[Any]) -> IncidentRecord:
    joined = connection.execute(
        select(incident_calls.c.call, calls.c.disposition, calls.c.ended_at)
        .join(calls, calls.c.id == incident_calls.c.call)
        .where(incident_calls.c.incident == row.id)
        .order_by(incident_calls.c.joined_at, incident_calls.c.call)
    ).all()
    orders = _rows(connection, alert_orders, row.id, alert_orders.c.at, alert_orders.c.key)
    noted = _rows(connection, records, row.id, records.c.at)
    entries = log.entries_of(connection, row.id)
    live = any(call.ended_at is None for call in joined)
    ended = max((call for call in joined if call.ended_at), key=lambda c: c.ended_at, default=None)
    taken = row.acknowledged_at is not None
    return IncidentRecord(
        id=IncidentId(row.id),
        opened_at=row.opened_at,
        severity=Severity(row.severity),
        status=IncidentStatus(row.status),
        report=report_from_json(row.report),
        calls=tuple(CallId(call.call) for call in joined),
        alerts=_alerts(connection, row.id, orders),
        desk=tuple(order.key for order in orders if order.desk),
        acknowledged=Acknowledgement(row.acknowledged_by, row.acknowledged_at) if taken else None,
        tasks=_tasks(connection, row.id),
        records={note.field: note.value for note in noted},
        disposition=None if live or ended is None else Disposition(ended.disposition),
        timeline=entries,
        updates=sum(entry.kind == log.AMENDED for entry in entries),
    )


def _rows(connection: Connection, table: Table, incident: str, *order: Any) -> Sequence[Row[Any]]:
    return connection.execute(
        select(table).where(table.c.incident == incident).order_by(*order)
    ).all()


def _alerts(connection: Connection, incident: str, orders: Sequence[Row[Any]]) -> tuple[Alert, ...]:
    """The latest attempt with each person over each channel; roles still to be resolved first."""
    decided = {(n.step, n.role) for n in _rows(connection, notices, incident)}
    open_roles = [
        Alert(role, None, None, DeliveryState.QUEUED, order.at, f"first:{order.key}", 0)
        for order in orders
        if not order.desk
        for role in from_json(order.roles)
        if not decided
    ]
    latest: dict[tuple[str, str, str], Row[Any]] = {}
    for row in _rows(connection, outbox, incident, outbox.c.id):
        if row.kind == "alert":
            latest[(row.step, row.target, row.channel)] = row
    sent = [
        Alert(
            row.role,
            row.target_name,
            row.channel,
            DeliveryState(row.state),
            row.finished_at or row.started_at or row.queued_at,
            row.step,
            row.attempt,
        )
        for row in latest.values()
    ]
    return (*open_roles, *sent)


def _tasks(connection: Connection, incident: str) -> tuple[Task, ...]:
    return tuple(
        Task(
            key=row.key,
            clauses=tuple(from_json(row.clauses)),
            roles=tuple(from_json(row.roles)),
            text=from_json(row.text),
            due_at=row.due_at,
            records=tuple(from_json(row.records)),
            consent=row.consent,
            sheet=row.sheet,
            done_at=row.done_at,
            done_by=row.done_by,
        )
        for row in _rows(connection, tasks, incident, tasks.c.position, tasks.c.key)
    )
