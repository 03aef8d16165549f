"""Editions of the duty list: the newest one that passed its checks is the one in force."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, insert, select

from ivr.escalation.roster import Roster, read_roster
from ivr.store.database import Database
from ivr.store.tables import roster_editions


@dataclass(frozen=True, slots=True)
class RosterEdition:
    id: int
    at: datetime
    source: str
    text: str


class Rosters:
    def __init__(self, database: Database) -> None:
        self._db = database

    def publish(self, text: str, source: str, at: datetime) -> Roster:
        """Check a duty list and put it in force; the same text again changes nothing.

        Raises:
            ivr.documents.BrokenDocument: it is wrong; the edition before it stays in force.
        """
        roster = read_roster(text, source)
        with self._db.writing() as connection:
            newest = connection.execute(_newest()).first()
            if newest is None or newest.text != text:
                connection.execute(insert(roster_editions).values(at=at, source=source, text=text))
        return roster

    def edition(self) -> RosterEdition | None:
        with self._db.reading() as connection:
            row = connection.execute(_newest()).first()
        return RosterEdition(row.id, row.at, row.source, row.text) if row else None

    def current(self) -> Roster | None:
        """The duty list in force; None where none was ever published."""
        edition = self.edition()
        return read_roster(edition.text, edition.source) if edition else None


def _newest() -> Select[tuple[object, ...]]:
    return select(roster_editions).order_by(roster_editions.c.id.desc()).limit(1)
