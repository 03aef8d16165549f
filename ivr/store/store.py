"""All parts of the store over one database."""

from datetime import timedelta, timezone, tzinfo
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from ivr.escalation.policy import EscalationPolicy
from ivr.store.calls import Calls
from ivr.store.database import WAIT_FOR_WRITER_MS, Database
from ivr.store.desk import Desk
from ivr.store.escalations import Escalations
from ivr.store.heartbeats import Heartbeats
from ivr.store.incidents import Incidents
from ivr.store.outbox import Outbox
from ivr.store.roster import Rosters

CHINA = timezone(timedelta(hours=8))


class Store:
    """Synchronous, thread-safe; every write is durable when its method returns.

    Raises everywhere:
        ivr.store.database.StoreUnavailable: full disk, locked or unreachable database.
    """

    def __init__(
        self,
        url: str,
        policy: EscalationPolicy,
        *,
        zone: tzinfo = CHINA,
        unlisted: frozenset[str] = frozenset(),
        wait_ms: int = WAIT_FOR_WRITER_MS,
    ) -> None:
        """`url`: SQLAlchemy's; `zone`: the estate's, for the date in incident ids."""
        self.database = Database(url, wait_ms=wait_ms)
        self.calls = Calls(self.database)
        self.incidents = Incidents(self.database, policy, zone, unlisted)
        self.outbox = Outbox(self.database)
        self.escalations = Escalations(self.database)
        self.desk = Desk(self.database)
        self.rosters = Rosters(self.database)
        self.heartbeats = Heartbeats(self.database)

    def upgrade(self) -> None:
        """Bring the tables to this version; several processes may call it at once."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def ping(self) -> None:
        """Read something and take the writer's place for a moment; raises where that fails."""
        with self.database.writing() as connection:
            connection.execute(text("SELECT count(*) FROM alembic_version"))

    def close(self) -> None:
        self.database.close()
