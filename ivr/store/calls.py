"""Calls: one row at the ring, an append-only journal, one end."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, Row, Select, and_, select, tuple_, update

from ivr.incident.model import CallId, Disposition
from ivr.store.database import Database, add_new
from ivr.store.documents import mapping_from_json, to_json
from ivr.store.tables import answers, calls, incident_calls, incidents, journal


@dataclass(frozen=True, slots=True)
class JournalEntry:
    seq: int
    at: datetime
    kind: Literal["event", "effect"]
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CallRecord:
    id: CallId
    caller: str | None
    called: str | None
    revision: str
    media: str
    test: bool
    began_at: datetime
    ended_at: datetime | None
    disposition: Disposition | None
    incident: str | None


class Calls:
    """Everything about a call that must survive the process that answers it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(
        self,
        call: CallId,
        caller: str | None,
        called: str | None,
        revision: str,
        media: str,
        at: datetime,
        test: bool = False,
    ) -> bool:
        """Write the call; False: it is known already, the webhook is a repeat."""
        row = {
            "caller": caller,
            "called": called,
            "revision": revision,
            "media": media,
            "test": test,
            "began_at": at,
            "known": True,
        }
        with self._db.writing() as connection:
            if add_new(connection, calls, {"id": call, "token_spent": False, **row}, ("id",)):
                return True
            # Its end overtook it: the row exists, the call has not been answered.
            late = update(calls).where(calls.c.id == call, calls.c.known.is_(False)).values(**row)
            return connection.execute(late).rowcount == 1

    def end(self, call: CallId, disposition: Disposition, at: datetime) -> bool:
        """Note how the call ended; the first end wins. True if this was it.

        May come before `begin`: carriers' status callbacks overtake their webhooks.
        """
        with self._db.writing() as connection:
            ensure_call(connection, call, at)
            ended = (
                update(calls)
                .where(calls.c.id == call, calls.c.ended_at.is_(None))
                .values(ended_at=at, disposition=disposition.value)
            )
            return connection.execute(ended).rowcount == 1

    def get(self, call: CallId) -> CallRecord | None:
        with self._db.reading() as connection:
            row = connection.execute(_selected().where(calls.c.id == call)).first()
        return _record(row) if row else None

    def live(self) -> Sequence[CallRecord]:
        """Calls begun and not ended, oldest first."""
        running = _selected().where(calls.c.ended_at.is_(None)).order_by(calls.c.began_at)
        with self._db.reading() as connection:
            return [_record(row) for row in connection.execute(running)]

    def list(self, limit: int, before: CallId | None = None) -> Sequence[CallRecord]:
        """Newest first; `before` is the last one already shown."""
        newest = _selected().order_by(calls.c.began_at.desc(), calls.c.id.desc()).limit(limit)
        if before is not None:
            mark = select(calls.c.began_at).where(calls.c.id == before).scalar_subquery()
            newest = newest.where(tuple_(calls.c.began_at, calls.c.id) < tuple_(mark, before))
        with self._db.reading() as connection:
            return [_record(row) for row in connection.execute(newest)]

    # ---- journal ------------------------------------------------------------------------------

    def journal(self, call: CallId, entries: Sequence[JournalEntry]) -> None:
        """Append; a `seq` that is there already is left as it was."""
        if not entries:
            return
        with self._db.writing() as connection:
            # The ring itself may have failed to be written; what follows must not be lost.
            ensure_call(connection, call, entries[0].at)
            for entry in entries:
                row = {
                    "call": call,
                    "seq": entry.seq,
                    "at": entry.at,
                    "kind": entry.kind,
                    "payload": to_json(entry.payload),
                }
                add_new(connection, journal, row, ("call", "seq"))

    def journal_of(self, call: CallId) -> Sequence[JournalEntry]:
        wanted = select(journal).where(journal.c.call == call).order_by(journal.c.seq)
        with self._db.reading() as connection:
            rows = connection.execute(wanted).all()
        return [JournalEntry(r.seq, r.at, r.kind, mapping_from_json(r.payload)) for r in rows]

    # ---- stream token -------------------------------------------------------------------------

    def issue_token(self, call: CallId) -> str:
        """A new one-time token for the call's next stream; an older one is worth nothing any more.

        A call may stream again after a transfer nobody answered. Who may ask for a token is the
        desk's business: a replayed webhook gets its old answer (field guide d, tokens).
        """
        token = secrets.token_urlsafe(24)
        with self._db.writing() as connection:
            ensure_call(connection, call, datetime.now(UTC))
            connection.execute(
                update(calls)
                .where(calls.c.id == call)
                .values(token_hash=_hashed(token), token_spent=False)
            )
        return token

    def redeem_token(self, call: CallId, token: str) -> bool:
        """True for exactly one caller with the right token, whichever process asks."""
        with self._db.writing() as connection:
            row = connection.execute(
                select(calls.c.token_hash, calls.c.token_spent).where(calls.c.id == call)
            ).first()
            if row is None or row.token_hash is None or row.token_spent:
                return False
            if not hmac.compare_digest(row.token_hash, _hashed(token)):
                return False
            connection.execute(update(calls).where(calls.c.id == call).values(token_spent=True))
            return True

    # ---- answers to webhooks ------------------------------------------------------------------

    def remember_answer(self, call: CallId, turn: int, document: str) -> str:
        """Keep the answer of a turn; returns the one that stands (the first)."""
        with self._db.writing() as connection:
            ensure_call(connection, call, datetime.now(UTC))
            row = {"call": call, "turn": turn, "document": document}
            add_new(connection, answers, row, ("call", "turn"))
            wanted = select(answers.c.document).where(
                answers.c.call == call, answers.c.turn == turn
            )
            standing: str = connection.execute(wanted).scalar_one()
        return standing

    def answer_of(self, call: CallId, turn: int) -> str | None:
        wanted = select(answers.c.document).where(answers.c.call == call, answers.c.turn == turn)
        with self._db.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none()


def ensure_call(
    connection: Connection,
    call: str,
    at: datetime,
    test: bool = False,
) -> None:
    """Have a row for the call, also where something overtook its beginning."""
    stub = {"id": call, "revision": "", "media": "", "test": test, "began_at": at}
    add_new(connection, calls, {**stub, "known": False, "token_spent": False}, ("id",))


def _selected() -> Select[tuple[object, ...]]:
    """Calls with their incident; what only the desk's list shows is none (design section 4)."""
    listed = and_(incidents.c.id == incident_calls.c.incident, incidents.c.listed)
    return (
        select(calls, incidents.c.id.label("incident"))
        .outerjoin(incident_calls, incident_calls.c.call == calls.c.id)
        .outerjoin(incidents, listed)
    )


def _record(row: Row[tuple[object, ...]]) -> CallRecord:
    return CallRecord(
        id=CallId(row.id),
        caller=row.caller,
        called=row.called,
        revision=row.revision,
        media=row.media,
        test=row.test,
        began_at=row.began_at,
        ended_at=row.ended_at,
        disposition=Disposition(row.disposition) if row.disposition else None,
        incident=row.incident,
    )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
