"""Carries out what `ivr.escalation.plan.due` decides: notices and messages in one transaction.

There is no lease here: deciding is pure and quick, so it happens inside the transaction that
writes the result. Two workers at once are serialised, and the second finds it decided.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ivr.escalation.plan import EXHAUSTED, Exhausted, History, Notify, Ordered, Wait, due
from ivr.escalation.policy import EscalationPolicy, thaw
from ivr.escalation.roster import Person, Roster, answering
from ivr.incident.delivery import DeliveryState
from ivr.incident.model import Severity
from ivr.store import timeline as log
from ivr.store.database import Database, add_new
from ivr.store.documents import from_json
from ivr.store.incidents import CLOSED
from ivr.store.tables import alert_orders, incidents, notices, outbox

LOOK_AGAIN_S = 10.0
"""A role for whom nobody at all was found is looked up again after this time."""


class Escalations:
    def __init__(self, database: Database) -> None:
        self._db = database

    def advance(self, roster: Roster, now: datetime) -> int:
        """Decide for every incident whose time has come; returns how many there were."""
        waiting = select(incidents.c.id).where(incidents.c.plan_due_at <= now)
        with self._db.reading() as connection:
            ids = connection.execute(waiting.order_by(incidents.c.plan_due_at)).scalars().all()
        for incident in ids:
            with self._db.writing() as connection:
                row = connection.execute(select(incidents).where(incidents.c.id == incident)).one()
                if row.plan_due_at is not None and row.plan_due_at <= now:
                    _advance(connection, row, roster, now)
        return len(ids)

    def next_due(self) -> datetime | None:
        """When the next incident has to be looked at, if any."""
        with self._db.reading() as connection:
            return connection.execute(
                select(incidents.c.plan_due_at)
                .where(incidents.c.plan_due_at.is_not(None))
                .order_by(incidents.c.plan_due_at)
                .limit(1)
            ).scalar_one_or_none()


def _advance(connection: Connection, row: Row[Any], roster: Roster, now: datetime) -> None:
    policy = thaw(row.policy)
    look_again: datetime | None = None
    for decision in due(policy, _history(connection, row), now):
        match decision:
            case Notify():
                if not _notify(connection, row.id, policy, decision, roster, now):
                    at = now + timedelta(seconds=LOOK_AGAIN_S)
                    look_again = min(look_again or at, at)
            case Wait(until):
                look_again = min(look_again or until, until)
            case Exhausted():
                _note(connection, row.id, EXHAUSTED, "", now, people=1)
                log.append(connection, row.id, now, log.EXHAUSTED, {})
    connection.execute(
        update(incidents).where(incidents.c.id == row.id).values(plan_due_at=look_again)
    )


def _history(connection: Connection, row: Row[Any]) -> History:
    orders = connection.execute(
        select(alert_orders)
        .where(alert_orders.c.incident == row.id, alert_orders.c.desk.is_(False))
        .order_by(alert_orders.c.at, alert_orders.c.key)
    )
    decided = connection.execute(
        select(notices).where(notices.c.incident == row.id, notices.c.people > 0)
    )
    return History(
        severity=Severity(row.severity),
        severity_since=row.severity_since,
        orders=tuple(Ordered(o.key, tuple(from_json(o.roles)), o.at) for o in orders),
        taken=row.acknowledged_at is not None or row.status in CLOSED,
        decided=frozenset((notice.step, notice.role) for notice in decided),
        unreachable=_unreachable(connection, row.id),
    )


def _unreachable(connection: Connection, incident: str) -> frozenset[tuple[str, str]]:
    """(step, role) pairs whose last attempt failed for good with everybody by every channel."""
    attempts = connection.execute(
        select(outbox)
        .where(outbox.c.incident == incident, outbox.c.kind == "alert")
        .order_by(outbox.c.id)
    )
    last: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for row in attempts:
        last.setdefault((row.step, row.role), {})[(row.target, row.channel)] = row.state
    dead = DeliveryState.FAILED_PERM.value
    return frozenset(key for key, states in last.items() if set(states.values()) == {dead})


def _notify(
    connection: Connection,
    incident: str,
    policy: EscalationPolicy,
    notice: Notify,
    roster: Roster,
    now: datetime,
) -> bool:
    """Queue the messages of one notice; False where nobody is on duty, stand-ins included."""
    duty = answering(roster, policy, notice.role, now)
    news: dict[str, object] = {"step": notice.step, "role": notice.role}
    first_look = _note(connection, incident, notice.step, notice.role, now, people=len(duty.people))
    if not duty.people:
        if first_look:
            log.append(connection, incident, now, log.NOBODY_ON_DUTY, news)
        return False
    if duty.skipped:
        skipped = {"skipped": list(duty.skipped), "instead": duty.role}
        log.append(connection, incident, now, log.ROLE_EMPTY, news | skipped)
    if notice.instead_of is not None:
        news |= {"instead_of": notice.instead_of}
    log.append(connection, incident, now, log.STEP_DUE, news)
    for target, person, contact in _targets(duty.people, notice.reach):
        if _has_one_waiting(connection, incident, target, contact.channel):
            continue
        row = {
            "incident": incident,
            "kind": "alert",
            "step": notice.step,
            "role": notice.role,
            "target": target,
            "target_name": person.name,
            "reach": contact.reach,
            "channel": contact.channel,
            "address": contact.address,
            "attempt": 1,
            "repeat": False,
            "seen": 0,
            "state": DeliveryState.QUEUED.value,
            "due_at": now,
            "queued_at": now,
        }
        add_new(connection, outbox, row, ("incident", "step", "target", "channel", "attempt"))
    return True


def _note(
    connection: Connection, incident: str, step: str, role: str, at: datetime, *, people: int
) -> bool:
    """Write the decision down; True the first time this (step, role) is looked at."""
    key = (notices.c.incident == incident, notices.c.step == step, notices.c.role == role)
    if connection.execute(select(notices.c.role).where(*key)).first() is not None:
        connection.execute(update(notices).where(*key).values(people=people))
        return False
    connection.execute(
        insert(notices).values(incident=incident, step=step, role=role, at=at, people=people)
    )
    return True


def _targets(people: Iterable[Person], reach: tuple[str, ...]) -> Iterable[tuple[str, Person, Any]]:
    """Each contact of each person; a second one on the same channel is `<person>/2`."""
    for person in people:
        used: dict[str, int] = {}
        for contact in person.by(reach):
            number = used[contact.channel] = used.get(contact.channel, 0) + 1
            yield (person.id if number == 1 else f"{person.id}/{number}"), person, contact


def _has_one_waiting(connection: Connection, incident: str, target: str, channel: str) -> bool:
    """Somebody with two roles hears an incident once: the waiting message says it all."""
    wanted = select(outbox.c.id).where(
        outbox.c.incident == incident,
        outbox.c.target == target,
        outbox.c.channel == channel,
        outbox.c.kind == "alert",
        outbox.c.state == DeliveryState.QUEUED.value,
    )
    return connection.execute(wanted.limit(1)).first() is not None
