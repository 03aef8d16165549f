"""Signs of life of the processes, so that each can see when another is dead."""

from datetime import datetime

from sqlalchemy import insert, select, update

from ivr.store.database import Database
from ivr.store.tables import heartbeats


class Heartbeats:
    def __init__(self, database: Database) -> None:
        self._db = database

    def beat(self, part: str, at: datetime) -> None:
        """`part` is alive, e.g. "worker"."""
        with self._db.writing() as connection:
            seen = update(heartbeats).where(heartbeats.c.part == part).values(at=at)
            if connection.execute(seen).rowcount == 0:
                connection.execute(insert(heartbeats).values(part=part, at=at))

    def age(self, part: str, now: datetime) -> float | None:
        """Seconds since its last sign; None: it never gave one."""
        wanted = select(heartbeats.c.at).where(heartbeats.c.part == part)
        with self._db.reading() as connection:
            at = connection.execute(wanted).scalar_one_or_none()
        return (now - at).total_seconds() if at is not None else None
