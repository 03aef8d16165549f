"""A full disk, a locked file, another process writing: real ones."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ivr.incident.model import CallId
from ivr.store.calls import JournalEntry
from ivr.store.database import StoreUnavailable
from ivr.store.store import Store
from ivr.store.tables import metadata
from tests.fakes.alerting import NOON, report, shipped_policy
from tests.fakes.databases import BOTH, fresh_store, fresh_url

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", BOTH)
def test_the_migrations_build_exactly_the_tables_of_the_code(kind: str, tmp_path: Path) -> None:
    with fresh_store(kind, tmp_path) as store, store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_several_processes_may_upgrade_at_once(tmp_path: Path) -> None:
    with fresh_url("sqlite", tmp_path) as url:
        stores = [Store(url, shipped_policy()) for _ in range(4)]
        threads = [threading.Thread(target=store.upgrade) for store in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stores[0].ping()
        for store in stores:
            store.close()


def test_sqlite_is_set_for_durability(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store, store.database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
    }


def test_a_full_disk_is_named_and_leaves_no_half_incident(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store:
        store.incidents.open(CallId("before"), report(), NOON)
        with store.database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        # The limit belongs to a connection: the pool's only one is the one we set it on.
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        long = report(facts={"injury": "x" * 200_000})
        with pytest.raises(StoreUnavailable, match="OperationalError"):
            store.incidents.open(CallId("during"), long, NOON)
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert store.incidents.of_call(CallId("during")) is None
        assert store.calls.get(CallId("during")) is None
        assert store.incidents.open(CallId("during"), long, NOON) == "261123-002"


def test_a_locked_database_is_waited_for_and_then_named(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path, wait_ms=150) as store:
        other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            store.calls.begin(CallId("CA1"), None, None, "r", "stream", NOON)
        assert store.calls.live() == []  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        assert store.calls.begin(CallId("CA1"), None, None, "r", "stream", NOON)


def test_a_writer_waits_for_another_instead_of_failing(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store:
        failed: list[Exception] = []

        def write(n: int) -> None:
            try:
                for seq in range(10):
                    entry = JournalEntry(seq, NOON, "event", {})
                    store.calls.journal(CallId(f"C{n}"), [entry])
            except StoreUnavailable as error:
                failed.append(error)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store, pytest.raises(Exception, match="aware UTC"):
        store.heartbeats.beat("worker", NOON.replace(tzinfo=None))
