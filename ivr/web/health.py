"""Is it alive, can it answer, and how is it doing: healthz, readyz, metrics."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, Response, jsonify

from ivr.store.database import StoreUnavailable
from ivr.store.store import Store

WORKER_SILENT_S = 10.0
"""The worker gives a sign every 2 s; after this it counts as dead."""
ALERT_LATE_S = 20.0
"""An alert without an attempt for this long is an alarm (design.md 3)."""
WORKER = "worker"


def health(
    store: Store,
    now: Callable[[], datetime],
    checks: Mapping[str, Callable[[], str | None]] | None = None,
    gauges: Callable[[], Mapping[str, float]] | None = None,
) -> Blueprint:
    """Return the blueprint. `checks`: part -> what is wrong with it, None where nothing is.

    `gauges`: further numbers for /metrics, by full Prometheus name.
    """
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def alive() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @pages.get("/readyz")
    def ready() -> tuple[Response, int]:
        troubles = {**store_troubles(store, now()), **_failing(checks or {})}
        return jsonify({"ready": not troubles, "troubles": troubles}), 503 if troubles else 200

    @pages.get("/metrics")
    def metrics() -> Response:
        numbers = {**_numbers(store, now()), **(gauges() if gauges else {})}
        lines = [f"{name} {value:g}" for name, value in numbers.items()]
        return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")

    return pages


def store_troubles(store: Store, now: datetime) -> dict[str, str]:
    """What is wrong with database, worker and alerts; also for the watchdog. Empty: nothing."""
    try:
        store.ping()
        beat = store.heartbeats.age(WORKER, now)
        late = store.outbox.pending_alert_age(now)
    except StoreUnavailable as error:
        return {"database": str(error)}
    troubles = {}
    if beat is None:
        troubles["worker"] = "the alert worker has never run"
    elif beat > WORKER_SILENT_S:
        troubles["worker"] = f"no sign of the alert worker for {beat:.0f} s"
    if late is not None and late > ALERT_LATE_S:
        troubles["alerts"] = f"an alert has waited {late:.0f} s without an attempt"
    return troubles


def _failing(checks: Mapping[str, Callable[[], str | None]]) -> dict[str, str]:
    return {part: trouble for part, check in checks.items() if (trouble := check()) is not None}


def _numbers(store: Store, now: datetime) -> dict[str, float]:
    try:
        counts = store.outbox.counts()
        beat, late = store.heartbeats.age(WORKER, now), store.outbox.pending_alert_age(now)
        live = len(store.calls.live())
    except StoreUnavailable:
        return {"ivr_database_up": 0}
    numbers: dict[str, float] = {
        "ivr_database_up": 1,
        "ivr_calls_live": live,
        "ivr_alert_pending_age_seconds": late or 0.0,
    }
    if beat is not None:
        numbers["ivr_worker_heartbeat_age_seconds"] = beat
    return numbers | {f'ivr_outbox_messages{{state="{s}"}}': n for s, n in counts.items()}
