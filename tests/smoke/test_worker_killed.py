"""Real worker processes killed with SIGKILL: nothing lost, nothing silently doubled."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.incident.model import CallId
from tests.fakes.alerting import order, report
from tests.fakes.databases import BOTH, fresh_store

pytestmark = pytest.mark.smoke
ROOT = Path(__file__).parents[2]

WORKER = """
import sys, threading, time
from datetime import UTC, datetime
from pathlib import Path
from ivr.incident.delivery import Delivery, DeliveryState
from ivr.notify import worker
from ivr.store.store import Store
from tests.fakes.alerting import shipped_paper, shipped_policy, small_roster
worker.LEASE_S = 1.0
class Clock:
    def now(self): return datetime.now(UTC)
class File:
    def send(self, message, at):
        with open(sys.argv[2], "a") as out:
            out.write(f"{message.key} {int('(重发)' in message.short)}\\n")
        time.sleep(0.02)
        return Delivery(DeliveryState.ACCEPTED)
    def later(self, now): return ()
store = Store(sys.argv[1], shipped_policy())
channels = {"card": File(), "ring": File()}
sender = worker.Worker(store, channels, small_roster, shipped_paper(), Clock())
sender.run_forever(threading.Event())
"""


def start(url: str, out: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", WORKER, url, str(out)], env=environment)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", BOTH)
def test_killed_workers_lose_no_alert_and_double_none_silently(kind: str, tmp_path: Path) -> None:
    out, chance = tmp_path / "sent.txt", random.Random(7)  # noqa: S311
    out.touch()
    pause = threading.Event()
    with fresh_store(kind, tmp_path) as store:
        url = store.database.engine.url.render_as_string(hide_password=False)
        expected = set()
        for kill in range(5):
            worker = start(url, out)
            had, give_up = out.read_text("utf-8"), time.monotonic() + 20
            for n in range(4):
                quiet = report(alerts=(order("first", "security"),))
                call = CallId(f"C{kill}-{n}")
                expected.add(store.incidents.open(call, quiet, datetime.now(UTC)))
            while out.read_text("utf-8") == had and time.monotonic() < give_up:
                pause.wait(0.005)  # another process's progress, not a clock of ours
            pause.wait(chance.random() * 0.05)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        last = start(url, out)
        give_up = time.monotonic() + 40
        while time.monotonic() < give_up:
            now = datetime.now(UTC)
            counts = store.outbox.counts()
            if store.outbox.pending_alert_age(now) is None and not counts.get("sending"):
                break
            pause.wait(0.1)
        last.kill()
        last.wait()
        lines = [line.rsplit(" ", 1) for line in out.read_text("utf-8").splitlines()]
    keys = [key for key, _ in lines]
    assert len(keys) == len(set(keys)), "the same attempt was sent twice"
    assert {key.split("/")[0] for key in keys} == expected, "an alert was lost"
    for key, repeated in lines:
        attempt = int(key.rsplit("/", 1)[1])
        assert (attempt > 1) == (repeated == "1"), "a repeat that does not say so"
