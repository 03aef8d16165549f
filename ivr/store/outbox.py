"""Messages that must go out: claimed under a lease, recorded before and after each send.

Theory of operation. A row is one attempt to reach one person over one channel, unique by
(incident, step, target, channel, attempt). `claim` marks it `sending` before anything leaves the
house. If the worker dies, the lease runs out and nobody can know whether the message went: the
attempt is closed as failed with that reason, and the next attempt says in its text that it is a
repeat. So nothing is lost, and nothing is sent twice silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from ivr.escalation.policy import thaw
from ivr.escalation.retry import GiveUp, RetryAt, after
from ivr.incident.delivery import Delivery, DeliveryState
from ivr.incident.model import IncidentId
from ivr.store import timeline as log
from ivr.store.database import Database, add_new
from ivr.store.incidents import acknowledge
from ivr.store.tables import incidents, notices, outbox

QUEUED, SENDING = DeliveryState.QUEUED.value, DeliveryState.SENDING.value


@dataclass(frozen=True, slots=True)
class Claimed:
    """One attempt, ours to make until the lease runs out."""

    id: int
    incident: IncidentId
    kind: Literal["alert", "update"]
    step: str
    role: str
    target: str
    name: str
    reach: str
    channel: str
    address: str
    attempt: int
    repeat: bool
    seen: int


class Outbox:
    def __init__(self, database: Database) -> None:
        self._db = database

    def claim(
        self,
        worker: str,
        now: datetime,
        limit: int,
        lease_s: float,
        busy: frozenset[str] = frozenset(),
    ) -> Sequence[Claimed]:
        """Take up to `limit` messages that are due, alerts before updates, for `lease_s` seconds.

        Those over the `busy` channels are left: their threads are all taken.
        """
        waiting = (
            select(outbox.c.id)
            .where(outbox.c.state == QUEUED, outbox.c.due_at <= now, outbox.c.channel.not_in(busy))
            .order_by(outbox.c.kind, outbox.c.due_at, outbox.c.id)
            .limit(limit)
        )
        with self._db.reading() as connection:
            if connection.execute(waiting.limit(1)).first() is None:
                return []
        with self._db.writing() as connection:
            ids = connection.execute(waiting).scalars().all()
            connection.execute(
                update(outbox)
                .where(outbox.c.id.in_(ids))
                .values(
                    state=SENDING,
                    started_at=now,
                    leased_by=worker,
                    leased_until=now + timedelta(seconds=lease_s),
                )
            )
            rows = connection.execute(select(outbox).where(outbox.c.id.in_(ids))).all()
        return sorted((_claimed(row) for row in rows), key=lambda c: ids.index(c.id))

    def record(self, attempt: int, delivery: Delivery, at: datetime) -> None:
        """Write what became of an attempt; a retry or its end follows in the same transaction.

        A result that comes after the lease ran out counts if it is further than what is known.
        """
        with self._db.writing() as connection:
            row = connection.execute(select(outbox).where(outbox.c.id == attempt)).first()
            if row is not None:
                _record(connection, row, delivery, at)

    def receipt(self, channel: str, reference: str, delivery: Delivery, at: datetime) -> bool:
        """Take a later word of a channel about a message; False: unknown or nothing new."""
        with self._db.writing() as connection:
            row = connection.execute(
                select(outbox).where(outbox.c.channel == channel, outbox.c.reference == reference)
            ).first()
            return row is not None and _record(connection, row, delivery, at)

    def release_expired(self, now: datetime) -> int:
        """Close attempts whose worker died, and queue their repeats; returns how many."""
        lost = select(outbox).where(outbox.c.state == SENDING, outbox.c.leased_until < now)
        with self._db.reading() as connection:
            if connection.execute(lost.limit(1)).first() is None:
                return 0
        unknown = Delivery(DeliveryState.FAILED_TEMP, reason="outcome unknown: the worker ended")
        with self._db.writing() as connection:
            rows = connection.execute(lost).all()
            for row in rows:
                _record(connection, row, unknown, now, unknown_outcome=True)
                log.append(
                    connection, row.incident, now, log.OUTCOME_UNKNOWN, {"person": row.target_name}
                )
            return len(rows)

    def of_incident(self, incident: IncidentId) -> Sequence[Row[Any]]:
        """Every attempt, oldest first."""
        with self._db.reading() as connection:
            wanted = select(outbox).where(outbox.c.incident == incident).order_by(outbox.c.id)
            return connection.execute(wanted).all()

    def pending_alert_age(self, now: datetime) -> float | None:
        """Seconds that the oldest alert has been due without an attempt; None: none is.

        Counts incidents not planned in time, roles for whom nobody was found, and messages nobody
        has claimed or whose sender died; a look at the database alone, no worker needed.
        """
        expired = (outbox.c.state == SENDING) & (outbox.c.leased_until < now)
        with self._db.reading() as connection:
            oldest = [
                connection.execute(wanted).scalar_one()
                for wanted in (
                    select(func.min(incidents.c.plan_due_at)).where(incidents.c.plan_due_at <= now),
                    select(func.min(notices.c.at)).where(notices.c.people == 0),
                    select(func.min(outbox.c.due_at)).where(
                        outbox.c.kind == "alert",
                        or_((outbox.c.state == QUEUED) & (outbox.c.due_at <= now), expired),
                    ),
                )
            ]
        ages = [(now - moment).total_seconds() for moment in oldest if moment is not None]
        return max(ages, default=None)

    def counts(self) -> dict[str, int]:
        """Messages by state, for the metrics."""
        wanted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        with self._db.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(wanted)}


def _record(
    connection: Connection,
    row: Row[Any],
    delivery: Delivery,
    at: datetime,
    *,
    unknown_outcome: bool = False,
) -> bool:
    known = DeliveryState(row.state)
    if not known.further(delivery.state):
        return False
    state, reason = delivery.state, delivery.reason
    follow = None
    if row.state == SENDING or not delivery.state.failed:
        policy = thaw(
            connection.execute(
                select(incidents.c.policy).where(incidents.c.id == row.incident)
            ).scalar_one()
        )
        follow = after(state, row.attempt, policy.retry, at)
    if isinstance(follow, GiveUp):
        state = DeliveryState.FAILED_PERM
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(
            state=state.value,
            finished_at=at,
            leased_until=None,
            reference=delivery.reference or row.reference,
            reason=reason,
        )
    )
    match follow:
        case RetryAt(when):
            when = at if unknown_outcome else when
            _try_again(connection, row, when, at, repeat=row.repeat or unknown_outcome)
        case GiveUp():
            _given_up(connection, row, reason, at)
        case None:
            pass
    if state.reached_channel:
        _arrived(connection, row, known, delivery, at)
    return True


def _try_again(
    connection: Connection, row: Row[Any], due: datetime, at: datetime, *, repeat: bool
) -> None:
    copied = ("incident", "kind", "step", "role", "target", "target_name", "reach", "channel")
    values = {name: getattr(row, name) for name in (*copied, "address", "seen")}
    values |= {"attempt": row.attempt + 1, "repeat": repeat, "state": QUEUED}
    values |= {"due_at": due, "queued_at": at}
    add_new(connection, outbox, values, ("incident", "step", "target", "channel", "attempt"))


def _given_up(connection: Connection, row: Row[Any], reason: str | None, at: datetime) -> None:
    """Say so, and have the escalation look at once for a stand-in."""
    news = {"person": row.target_name, "channel": row.channel, "step": row.step, "reason": reason}
    log.append(connection, row.incident, at, log.ALERT_FAILED, news)
    if row.kind == "alert":
        connection.execute(
            update(incidents).where(incidents.c.id == row.incident).values(plan_due_at=at)
        )


def _arrived(
    connection: Connection, row: Row[Any], known: DeliveryState, delivery: Delivery, at: datetime
) -> None:
    if not known.reached_channel:
        # A late success makes the repeat, if nobody has claimed it yet, needless.
        connection.execute(
            delete(outbox).where(
                outbox.c.incident == row.incident,
                outbox.c.step == row.step,
                outbox.c.target == row.target,
                outbox.c.channel == row.channel,
                outbox.c.attempt > row.attempt,
                outbox.c.state == QUEUED,
            )
        )
        if row.kind == "alert":
            news = {"person": row.target_name, "role": row.role, "channel": row.channel}
            news |= {"step": row.step}
            log.append(connection, row.incident, at, log.ALERT_ACCEPTED, news)
    if delivery.state is DeliveryState.ACKNOWLEDGED:
        acknowledge(connection, row.incident, delivery.by or row.target_name, at)


def _claimed(row: Row[Any]) -> Claimed:
    return Claimed(
        id=row.id,
        incident=IncidentId(row.incident),
        kind=row.kind,
        step=row.step,
        role=row.role,
        target=row.target,
        name=row.target_name,
        reach=row.reach,
        channel=row.channel,
        address=row.address,
        attempt=row.attempt,
        repeat=row.repeat,
        seen=row.seen,
    )
