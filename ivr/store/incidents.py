"""Incidents: opened and amended by calls, acknowledged and closed by people.

Every method is one transaction. What a call reports never undoes what people have set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, delete, insert, or_, select, tuple_, update

from ivr.dialog.events import Running
from ivr.escalation.policy import EscalationPolicy, freeze, thaw
from ivr.incident.changes import changes
from ivr.incident.ids import incident_id
from ivr.incident.model import (
    AlertOrder,
    CallId,
    IncidentId,
    IncidentStatus,
    Report,
    Severity,
    TaskOrder,
)
from ivr.incident.record import IncidentRecord, TimelineEntry
from ivr.store import timeline as log
from ivr.store.calls import ensure_call
from ivr.store.database import Database, add_new
from ivr.store.documents import report_from_json, report_to_json, to_json
from ivr.store.reading import record_of, records_of
from ivr.store.tables import (
    alert_orders,
    day_numbers,
    incident_calls,
    incidents,
    outbox,
    records,
    tasks,
)
from ivr.store.updates import queue_updates

CLOSED = (IncidentStatus.RESOLVED.value, IncidentStatus.FALSE_ALARM.value)
_BY_CALLS = (IncidentStatus.OPEN, IncidentStatus.RESOLVED_UNCHECKED)
"""The only states a call may set; all others are set by people (safety 2.1.9)."""
RUNNING_FOR = timedelta(hours=24)
"""An incident nobody has closed counts as running this long (FIRE-A3c)."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    won: bool
    """True: this person has it now. False: see `by`, or `closed`."""
    by: str | None
    """Who has it."""
    at: datetime | None
    closed: bool = False
    """The incident was closed by people; there is nothing to take any more."""


class Incidents:
    def __init__(
        self,
        database: Database,
        policy: EscalationPolicy,
        zone: tzinfo,
        unlisted: frozenset[str] = frozenset(),
    ) -> None:
        """`unlisted`: categories and playbooks that make no incident unless somebody is alerted."""
        self._db, self._policy, self._zone, self._unlisted = database, policy, zone, unlisted

    # ---- by calls -----------------------------------------------------------------------------

    def open(self, call: CallId, report: Report, at: datetime) -> IncidentId:
        """Write incident, timeline, alert orders and tasks; a second time returns the same id."""
        with self._db.writing() as connection:
            known = _incident_of(connection, call)
            if known is not None:
                return known
            incident = self._next_id(connection, at)
            connection.execute(
                insert(incidents).values(
                    id=incident,
                    opened_at=at,
                    category=report.category,
                    severity=report.severity.value,
                    severity_since=at,
                    status=_status(IncidentStatus.OPEN, report).value,
                    report=report_to_json(report),
                    policy=freeze(self._policy),
                    listed=self._listed(report),
                )
            )
            ensure_call(connection, call, at, report.test)
            connection.execute(
                insert(incident_calls).values(call=call, incident=incident, joined_at=at)
            )
            log.append(connection, incident, at, log.OPENED, {"severity": report.severity.value})
            _add_orders(connection, incident, report.alerts, at)
            _add_tasks(connection, incident, report.tasks, at)
            return incident

    def amend(self, incident: IncidentId, report: Report, at: datetime) -> None:
        """Replace the report, keep the worst severity, add new alert orders and tasks.

        People already alerted get one update for all changes of a moment.
        """
        with self._db.writing() as connection:
            row = connection.execute(select(incidents).where(incidents.c.id == incident)).one()
            before, worst = report_from_json(row.report), Severity(row.severity)
            severity = worst.worse(report.severity)
            status = _status(IncidentStatus(row.status), report)
            changed = changes(before, report)
            connection.execute(
                update(incidents)
                .where(incidents.c.id == incident)
                .values(
                    category=report.category,
                    severity=severity.value,
                    severity_since=row.severity_since if severity is worst else at,
                    status=status.value,
                    report=report_to_json(report),
                    listed=row.listed or self._listed(report),
                )
            )
            known = log.last_id(connection, incident)
            added = _add_orders(connection, incident, report.alerts, at)
            _add_tasks(connection, incident, report.tasks, row.opened_at)
            if severity is not worst:
                _plan_at(connection, incident, at)
            if changed or added:
                news = {"changed": list(changed), "orders": list(added)}
                log.append(connection, incident, at, log.AMENDED, news)
                queue_updates(connection, incident, thaw(row.policy), at, seen=known)

    # ---- by people ----------------------------------------------------------------------------

    def acknowledge(self, incident: IncidentId, by: str, at: datetime) -> Acknowledged | None:
        """Take the incident; exactly one person wins. None: there is no such incident."""
        with self._db.writing() as connection:
            return acknowledge(connection, incident, by, at)

    def set_status(
        self, incident: IncidentId, status: IncidentStatus, by: str, at: datetime
    ) -> bool:
        """A person says how it stands (on the way, arrived, over, not true). False: no such id."""
        with self._db.writing() as connection:
            row = connection.execute(select(incidents).where(incidents.c.id == incident)).first()
            if row is None:
                return False
            known = log.last_id(connection, incident)
            connection.execute(
                update(incidents)
                .where(incidents.c.id == incident)
                .values(status=status.value, plan_due_at=at)
            )
            log.append(connection, incident, at, log.STATUS, {"status": status.value, "by": by})
            if status.value in CLOSED:
                _stop_escalation(connection, incident)
            queue_updates(connection, incident, thaw(row.policy), at, seen=known)
            return True

    def finish_task(self, incident: IncidentId, key: str, by: str, at: datetime) -> bool:
        """Tick a task; the first tick stays. True if this was it."""
        with self._db.writing() as connection:
            done = connection.execute(
                update(tasks)
                .where(tasks.c.incident == incident, tasks.c.key == key, tasks.c.done_at.is_(None))
                .values(done_at=at, done_by=by)
            )
            if done.rowcount != 1:
                return False
            log.append(connection, incident, at, log.TASK_DONE, {"task": key, "by": by})
            return True

    def note_record(
        self, incident: IncidentId, field: str, value: str, by: str, at: datetime
    ) -> None:
        """Write a record the plan demands (plate, badge number …); the latest value stands."""
        with self._db.writing() as connection:
            key = (records.c.incident == incident, records.c.field == field)
            connection.execute(delete(records).where(*key))
            connection.execute(
                insert(records).values(
                    incident=incident, field=field, value=value, noted_by=by, at=at
                )
            )
            log.append(connection, incident, at, log.RECORDED, {"field": field, "by": by})

    # ---- reading ------------------------------------------------------------------------------

    def get(self, incident: IncidentId) -> IncidentRecord | None:
        with self._db.reading() as connection:
            return record_of(connection, incident)

    def of_call(self, call: CallId) -> IncidentId | None:
        with self._db.reading() as connection:
            return _incident_of(connection, call)

    def list(self, limit: int, before: IncidentId | None = None) -> Sequence[IncidentRecord]:
        """Newest first; `before` is the last one already shown."""
        wanted = (
            select(incidents.c.id)
            .where(incidents.c.listed)
            .order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            mark = select(incidents.c.opened_at).where(incidents.c.id == before).scalar_subquery()
            wanted = wanted.where(
                tuple_(incidents.c.opened_at, incidents.c.id) < tuple_(mark, before)
            )
        with self._db.reading() as connection:
            return records_of(connection, connection.execute(wanted).scalars().all())

    def timeline(self, incident: IncidentId) -> Sequence[TimelineEntry]:
        with self._db.reading() as connection:
            return log.entries_of(connection, incident)

    def news(self, after_id: int, limit: int = 200) -> Sequence[log.News]:
        """Timeline entries of all incidents after this id, in order: none is ever skipped."""
        with self._db.reading() as connection:
            return log.news_after(connection, after_id, limit)

    def last_news(self) -> int:
        """Id of the newest entry; where a fresh process begins to listen."""
        with self._db.reading() as connection:
            return log.last_id(connection)

    def running(self, at: datetime) -> Sequence[Running]:
        """Incidents people have not closed, newest first (FIRE-A3c)."""
        wanted = (
            select(incidents.c.category, incidents.c.report)
            .where(
                incidents.c.listed,
                incidents.c.status.not_in(CLOSED),
                incidents.c.opened_at > at - RUNNING_FOR,
                incidents.c.opened_at <= at,
            )
            .order_by(incidents.c.opened_at.desc())
        )
        with self._db.reading() as connection:
            return [
                Running(row.category, report_from_json(row.report).place)
                for row in connection.execute(wanted)
            ]

    # ---- inside -------------------------------------------------------------------------------

    def _listed(self, report: Report) -> bool:
        if any(not order.desk for order in report.alerts):
            return True
        return not (
            report.test or report.category in self._unlisted or report.playbook in self._unlisted
        )

    def _next_id(self, connection: Connection, at: datetime) -> IncidentId:
        day = at.astimezone(self._zone).date()
        add_new(connection, day_numbers, {"day": day.isoformat(), "last": 0}, ("day",))
        number = connection.execute(
            update(day_numbers)
            .where(day_numbers.c.day == day.isoformat())
            .values(last=day_numbers.c.last + 1)
            .returning(day_numbers.c.last)
        ).scalar_one()
        return incident_id(day, number)


def acknowledge(
    connection: Connection, incident: str, by: str, at: datetime
) -> Acknowledged | None:
    """The one function every way of acknowledging ends in; within the caller's transaction."""
    row = connection.execute(select(incidents).where(incidents.c.id == incident)).first()
    if row is None:
        return None
    if row.acknowledged_at is not None:
        return Acknowledged(won=False, by=row.acknowledged_by, at=row.acknowledged_at)
    if row.status in CLOSED:
        return Acknowledged(won=False, by=None, at=None, closed=True)
    waiting = (IncidentStatus.OPEN.value, IncidentStatus.RESOLVED_UNCHECKED.value)
    status = IncidentStatus.ACKNOWLEDGED.value if row.status in waiting else row.status
    known = log.last_id(connection, incident)
    connection.execute(
        update(incidents)
        .where(incidents.c.id == incident)
        .values(acknowledged_by=by, acknowledged_at=at, status=status, plan_due_at=at)
    )
    log.append(connection, incident, at, log.ACKNOWLEDGED, {"by": by})
    _stop_escalation(connection, incident)
    queue_updates(connection, incident, thaw(row.policy), at, seen=known)
    return Acknowledged(won=True, by=by, at=at)


def _stop_escalation(connection: Connection, incident: str) -> None:
    """Drop what was still to be sent only because nobody had taken it; orders still go out."""
    wanted_anyway = or_(outbox.c.step.like("first:%"), outbox.c.step.like("raised:%"))
    connection.execute(
        delete(outbox).where(
            outbox.c.incident == incident,
            outbox.c.kind == "alert",
            outbox.c.state == "queued",
            ~wanted_anyway,
        )
    )


def _incident_of(connection: Connection, call: CallId) -> IncidentId | None:
    wanted = select(incident_calls.c.incident).where(incident_calls.c.call == call)
    found = connection.execute(wanted).scalar_one_or_none()
    return IncidentId(found) if found is not None else None


def _status(stored: IncidentStatus, report: Report) -> IncidentStatus:
    if stored in _BY_CALLS and report.status in _BY_CALLS:
        return report.status
    return stored


def _plan_at(connection: Connection, incident: str, at: datetime) -> None:
    connection.execute(update(incidents).where(incidents.c.id == incident).values(plan_due_at=at))


def _add_orders(
    connection: Connection, incident: IncidentId, orders: Sequence[AlertOrder], at: datetime
) -> tuple[str, ...]:
    """Add the orders that are new; the outbox is planned from them at once."""
    added = []
    for order in orders:
        row = {
            "incident": incident,
            "key": order.key,
            "roles": to_json(order.roles),
            "clauses": to_json(order.clauses),
            "at": at,
            "desk": order.desk,
        }
        if add_new(connection, alert_orders, row, ("incident", "key")):
            added.append(order.key)
            if not order.desk:
                _plan_at(connection, incident, at)
    return tuple(added)


def _add_tasks(
    connection: Connection, incident: IncidentId, orders: Sequence[TaskOrder], opened: datetime
) -> None:
    for position, order in enumerate(orders):
        due = opened + timedelta(seconds=order.due_s) if order.due_s is not None else None
        row = {
            "incident": incident,
            "key": order.key,
            "position": position,
            "clauses": to_json(order.clauses),
            "roles": to_json(order.roles),
            "text": to_json(dict(order.text)),
            "due_at": due,
            "records": to_json(order.records),
            "consent": order.consent,
            "sheet": order.sheet,
        }
        add_new(connection, tasks, row, ("incident", "key"))
