"""What must survive: calls, incidents, alerts. Every write is durable when it returns.

SQLite (WAL, synchronous=FULL) by default, PostgreSQL by URL; the differences live in
`database.py` alone. On both there is one writer at a time: a hotline writes a few rows a second,
and in exchange ids in the timeline become visible in order, claims never race and nothing
deadlocks. Nothing outside this package imports sqlalchemy.
"""
