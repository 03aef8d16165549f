"""The alert worker: decide what is due, send it, write down what became of it.

Theory of operation. One round: sign of life; close attempts whose sender died; let the escalation
decide; take in late results; claim what is due and send it, each message in its own thread, so
that a channel that hangs for its whole time-out delays no other alert. Each thread writes its
own result. A round never waits for threads in `run_forever`; it does in `run_once`.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Protocol

from ivr.escalation.roster import Roster
from ivr.incident.paper import Paper
from ivr.incident.record import IncidentRecord
from ivr.notify.channel import Channel, Delivery, DeliveryState, Message
from ivr.store.database import StoreUnavailable
from ivr.store.outbox import Claimed
from ivr.store.store import Store

log = logging.getLogger(__name__)

POLL_S = 0.2
LEASE_S = 12.0
"""Longer than any channel's time-outs together (connect + read), so a living sender keeps it."""
THREADS = 8
RECORD_TRIES = 3
HEARTBEAT = "worker"
BEAT_EVERY_S = 2.0
NO_CHANNEL = Delivery(DeliveryState.FAILED_PERM, reason="no such channel is set up")


class Now(Protocol):
    """What the worker needs of the clock."""

    def now(self) -> datetime: ...


class Worker:
    """Sends what is due. Any number may run on one database; killing one loses nothing."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        roster: Callable[[], Roster],
        paper: Paper,
        clock: Now,
    ) -> None:
        """`roster` is asked at every round: an edited duty list counts from the next one on."""
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._store, self._channels, self._roster = store, channels, roster
        self._paper, self._clock = paper, clock
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="alert")
        self._under_way: dict[str, set[Future[None]]] = {name: set() for name in channels}
        self._beat_at: datetime | None = None

    def run_once(self, now: datetime) -> int:
        """One round, all of its sends ended; returns how many messages it sent."""
        futures = self._round(now)
        wait(futures)
        for future in futures:
            future.result()
        return len(futures)

    def run_forever(self, stop: threading.Event) -> None:
        """Round after round, every 0.2 s, until `stop` is set; ends what is under way."""
        while not stop.wait(POLL_S):
            try:
                self._round(self._clock.now())
            except StoreUnavailable:
                # No sign of life is written either: readiness and the watchdog see it.
                log.exception("alert worker: the database is unavailable; trying again")
            except Exception:  # boundary of the worker: it must outlive any fault of one round
                log.exception("alert worker: a round failed; trying again")
        self._pool.shutdown(wait=True)

    def _round(self, now: datetime) -> list[Future[None]]:
        self._beat(now)
        self._store.outbox.release_expired(now)
        self._store.escalations.advance(self._roster(), now)
        for name, channel in self._channels.items():
            for result in channel.later(now):
                self._store.outbox.receipt(name, result.reference, result.delivery, now)
        busy = frozenset(n for n, sends in self._under_way.items() if self._crowded(sends))
        free = THREADS - sum(len(sends) for sends in self._under_way.values())
        claims = self._store.outbox.claim(self.name, now, max(free, 0), LEASE_S, busy)
        return [self._start(claim, now) for claim in claims]

    def _crowded(self, sends: set[Future[None]]) -> bool:
        """One hanging channel never takes every thread."""
        sends.difference_update([send for send in sends if send.done()])
        return len(sends) >= THREADS - 2 and len(self._channels) > 1

    def _start(self, claim: Claimed, now: datetime) -> Future[None]:
        future = self._pool.submit(self._send, claim, now)
        future.add_done_callback(_say_fault)
        self._under_way.setdefault(claim.channel, set()).add(future)
        return future

    def _send(self, claim: Claimed, now: datetime) -> None:
        channel = self._channels.get(claim.channel)
        incident = self._store.incidents.get(claim.incident)
        if channel is None or incident is None:
            delivery = NO_CHANNEL
        else:
            message = self._message(claim, incident, now)
            try:
                delivery = channel.send(message, now)
            except Exception as error:  # boundary of the send: a fault of a channel is a failure
                log.exception("channel %s failed", claim.channel)
                delivery = Delivery(DeliveryState.FAILED_TEMP, reason=type(error).__name__)
        self._write(claim, delivery, now)

    def _write(self, claim: Claimed, delivery: Delivery, started: datetime) -> None:
        """A result that cannot be written is tried again; then the lease closes the attempt."""
        for number in range(RECORD_TRIES):
            try:
                self._store.outbox.record(claim.id, delivery, max(started, self._clock.now()))
            except StoreUnavailable:
                log.exception("result of attempt %d not written, try %d", claim.id, number + 1)
            else:
                return

    def _message(self, claim: Claimed, incident: IncidentRecord, now: datetime) -> Message:
        news = tuple(entry for entry in incident.timeline if entry.id > claim.seen)
        texts = self._paper.texts(
            incident, now, news=news if claim.kind == "update" else None, repeat=claim.repeat
        )
        return Message(
            key=f"{claim.incident}/{claim.step}/{claim.target}/{claim.channel}/{claim.attempt}",
            incident=claim.incident,
            kind=claim.kind,
            role=claim.role,
            person=claim.name,
            address=claim.address,
            attempt=claim.attempt,
            short=texts.short,
            card=texts.card,
            document=self._paper.document(incident),
        )

    def _beat(self, now: datetime) -> None:
        if self._beat_at is None or (now - self._beat_at).total_seconds() >= BEAT_EVERY_S:
            self._store.heartbeats.beat(HEARTBEAT, now)
            self._beat_at = now


def _say_fault(send: Future[None]) -> None:
    """A send that could not even begin (database) is not silent; its lease brings it back."""
    fault = send.exception()
    if fault is not None:
        log.error("an attempt broke off; it is repeated when its lease ends", exc_info=fault)
