"""Engine and transactions; the only place that knows SQLite from PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import DateTime, TypeDecorator

WAIT_FOR_WRITER_MS = 5000
"""How long a writer waits for another before it fails (platform.md 8: `busy_timeout`)."""
_WRITER_LOCK = 7119120110
"""Key of the advisory lock that makes PostgreSQL single-writer for us; any fixed number."""


class StoreUnavailable(Exception):
    """The database did not take or give a row: disk full, locked, or unreachable.

    The caller of the store must go on without it and reach a person; nothing was written.
    """


class Utc(TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite keeps it without a zone, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was given to the store; use aware UTC")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Database:
    """Connections to one database; safe to share between threads.

    Errors: every database fault leaves as `StoreUnavailable` with its cause kept, except a
    violated constraint of ours, which is a bug and stays what it is.
    """

    def __init__(self, url: str, *, wait_ms: int = WAIT_FOR_WRITER_MS) -> None:
        self.url = _with_driver(url)
        self._wait_ms = wait_ms
        self.engine = self._engine()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def _engine(self) -> Engine:
        parsed = make_url(self.url)
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(
                parsed, connect_args={"check_same_thread": False}, hide_parameters=True
            )
            self._prepare_sqlite(engine)
            return engine
        engine = create_engine(parsed, pool_pre_ping=True, pool_size=10, hide_parameters=True)
        wait_ms = self._wait_ms

        @event.listens_for(engine, "connect")
        def _settings(connection: Any, _record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {wait_ms}")
            connection.commit()

        return engine

    def _prepare_sqlite(self, engine: Engine) -> None:
        wait_ms = self._wait_ms

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            # The driver's own transaction control is off: it would begin "deferred", and a
            # deferred transaction that turns into a writer fails at once instead of waiting.
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={wait_ms}")
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the database."""
        with _fault_named(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, the only writer while it runs; durable when the block is left."""
        with _fault_named(), self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(
                        text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK}
                    )
                yield connection

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _fault_named() -> Iterator[None]:
    try:
        yield
    except DBAPIError as fault:
        kind = type(fault.orig).__name__
        if kind in ("IntegrityError", "ProgrammingError", "UniqueViolation"):
            raise
        raise StoreUnavailable(f"the database refused: {kind}") from fault


def _with_driver(url: str) -> str:
    """`postgres://` and `postgresql://` mean psycopg 3 here."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def add_new(
    connection: Connection, table: Table, values: dict[str, Any], unique: tuple[str, ...]
) -> bool:
    """Insert unless a row with the same `unique` columns is there; True if it was inserted."""
    name: Literal["sqlite"] | str = connection.dialect.name
    make = sqlite.insert if name == "sqlite" else postgresql.insert
    statement = make(table).values(**values).on_conflict_do_nothing(index_elements=list(unique))
    # Not `rowcount`: psycopg does not tell it for this statement.
    return connection.execute(statement.returning(table.c[unique[0]])).first() is not None
