"""Updates to people who were alerted: one message for all changes of a moment."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from ivr.escalation.policy import EscalationPolicy
from ivr.incident.delivery import DeliveryState
from ivr.store.tables import outbox

_HAVE_HEARD = (
    DeliveryState.SENDING.value,
    DeliveryState.ACCEPTED.value,
    DeliveryState.DELIVERED.value,
    DeliveryState.ANSWERED.value,
    DeliveryState.ACKNOWLEDGED.value,
)


def queue_updates(
    connection: Connection, incident: str, policy: EscalationPolicy, at: datetime, *, seen: int
) -> None:
    """Queue an update for each person and channel that knows of the incident.

    Whoever has a message waiting gets none: texts are written when they are sent, so the waiting
    one will carry this change too. `seen`: the last timeline id before the change.
    """
    heard = (
        select(outbox)
        .where(outbox.c.incident == incident, outbox.c.state.in_(_HAVE_HEARD))
        .order_by(outbox.c.id)
    )
    people = {(row.target, row.channel): row for row in connection.execute(heard)}
    fitting = {r.target.split("/")[0] for r in people.values() if r.reach in policy.update_reach}
    waiting = select(outbox.c.target, outbox.c.channel).where(
        outbox.c.incident == incident, outbox.c.state == DeliveryState.QUEUED.value
    )
    for target, channel in connection.execute(waiting):
        people.pop((target, channel), None)
    for row in people.values():
        if row.reach not in policy.update_reach and row.target.split("/")[0] in fitting:
            continue
        connection.execute(
            insert(outbox).values(
                incident=incident,
                kind="update",
                step=f"update:{seen}",
                role=row.role,
                target=row.target,
                target_name=row.target_name,
                reach=row.reach,
                channel=row.channel,
                address=row.address,
                attempt=1,
                repeat=False,
                seen=seen,
                state=DeliveryState.QUEUED.value,
                due_at=at + timedelta(seconds=policy.update_delay_s),
                queued_at=at,
            )
        )
