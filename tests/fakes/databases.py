"""A fresh, migrated store on SQLite, or on PostgreSQL where IVR_TEST_POSTGRES names a server."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from ivr.store.database import _with_driver
from ivr.store.store import Store
from tests.fakes.alerting import shipped_policy

BOTH = ("sqlite", "postgres")


@contextmanager
def fresh_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hotline.db'}"
        return
    server = os.environ.get("IVR_TEST_POSTGRES")
    if not server:
        pytest.skip("IVR_TEST_POSTGRES names no server")
    name = f"ivr_{uuid.uuid4().hex[:12]}"
    admin = create_engine(_with_driver(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@contextmanager
def fresh_store(kind: str, folder: Path, **options: object) -> Iterator[Store]:
    with fresh_url(kind, folder) as url:
        store = Store(
            url,
            shipped_policy(),
            unlisted=frozenset({"none", "silent"}),
            **options,  # type: ignore[arg-type]
        )
        store.upgrade()
        try:
            yield store
        finally:
            store.close()
