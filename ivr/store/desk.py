"""Simulated duty phones: what rang, and what was pressed on it (`try` mode, drills, tests)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from ivr.incident.model import IncidentId
from ivr.store.database import Database
from ivr.store.tables import desk_messages


@dataclass(frozen=True, slots=True)
class DeskMessage:
    id: int
    incident: IncidentId
    channel: str
    person: str
    phone: str
    short: str
    card: str
    rang_at: datetime
    acknowledge_at: datetime | None
    """When it presses "taken" by itself; None: somebody has to."""
    acknowledged_at: datetime | None


class Desk:
    def __init__(self, database: Database) -> None:
        self._db = database

    def ring(self, message: DeskMessage) -> int:
        """Write the message on the phone's display; returns its id (`message.id` is ignored)."""
        with self._db.writing() as connection:
            number: int = connection.execute(
                insert(desk_messages)
                .values(
                    incident=message.incident,
                    channel=message.channel,
                    person=message.person,
                    phone=message.phone,
                    short=message.short,
                    card=message.card,
                    rang_at=message.rang_at,
                    acknowledge_at=message.acknowledge_at,
                )
                .returning(desk_messages.c.id)
            ).scalar_one()
        return number

    def press_due(self, channel: str, now: datetime) -> Sequence[DeskMessage]:
        """Messages of this channel whose automatic "taken" is due: pressed and returned once."""
        waiting = desk_messages.c.acknowledge_at <= now
        unpressed = desk_messages.c.acknowledged_at.is_(None)
        wanted = select(desk_messages).where(desk_messages.c.channel == channel, waiting, unpressed)
        with self._db.reading() as connection:
            due = [_message(row) for row in connection.execute(wanted)]
        pressed = []
        for message in due:
            with self._db.writing() as connection:
                press = update(desk_messages).where(desk_messages.c.id == message.id, unpressed)
                if connection.execute(press.values(acknowledged_at=now)).rowcount == 1:
                    pressed.append(message)
        return pressed

    def latest(self, limit: int) -> Sequence[DeskMessage]:
        wanted = select(desk_messages).order_by(desk_messages.c.id.desc()).limit(limit)
        with self._db.reading() as connection:
            return [_message(row) for row in connection.execute(wanted)]


def _message(row: Row[tuple[object, ...]]) -> DeskMessage:
    return DeskMessage(
        row.id,
        IncidentId(row.incident),
        row.channel,
        row.person,
        row.phone,
        row.short,
        row.card,
        row.rang_at,
        row.acknowledge_at,
        row.acknowledged_at,
    )
