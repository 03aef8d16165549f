"""Alembic migrations, run from code (`Store.upgrade`); the newest must equal `tables.py`."""
