"""`ivr serve` and `ivr worker`: the hotline for real use."""

import logging
import os
import signal
import subprocess
import sys
import threading

import click

from ivr.cli.hotline_process import worker_process
from ivr.cli.progress import Bar
from ivr.factory import Hotline, Records, build_hotline, build_records, build_worker
from ivr.server import Server, refuse_busy_port
from ivr.settings import Settings, missing_for_production, with_secrets

RESTART_AFTER_S = 1.0
ORPHAN_CHECK_S = 5.0


@click.command()
def serve() -> None:
    """Answer calls: webhooks, media stream, API and pages, with the alert worker beside it."""
    logging.getLogger().setLevel(min(logging.WARNING, logging.getLogger().level))
    settings = with_secrets(Settings())
    refuse_busy_port(settings.host, settings.port)
    with Bar() as bar:
        hotline = build_hotline(build_records(settings), bar.show)
    left = hotline.desk.sweep(hotline.records.clock.now())
    _greet(hotline, left)
    with_worker(lambda: Server(hotline).uvicorn().run())


def _greet(hotline: Hotline, left_open: int) -> None:
    settings = hotline.records.settings
    click.echo(f"the hotline answers at {settings.public} (mode {settings.mode})")
    click.echo(f"  number's voice webhook   POST {hotline.address.url('/voice/incoming')}")
    click.echo(f"  number's status callback POST {hotline.address.url('/voice/status')}")
    click.echo(f"  fallback (another host is better) POST {hotline.address.url('/voice/fallback')}")
    click.echo(f"  alerts and cards         {settings.public}/outbox")
    click.echo(f"  try it                   ./run call --url {settings.public}")
    if settings.mode != "production" and settings.public.startswith("https:"):
        click.echo("  try mode: duty phones are simulated. A real number needs IVR_MODE=production")
    if hotline.records.in_force.problem:
        click.echo("  THE FILES ON DISK ARE BROKEN; the last good edition answers:", err=True)
        click.echo(f"  {hotline.records.in_force.problem}", err=True)
    if left_open:
        click.echo(f"  {left_open} calls a dead process left open were closed; see the outbox")
    missing = missing_for_production(settings)
    if settings.mode != "production" and missing:
        click.echo("still missing for production:")
        for line in missing:
            click.echo(f"  - {line}")


def with_worker(run: object) -> None:
    """Run `run()` with the alert worker beside it; a worker that dies is started again."""
    stop = threading.Event()
    children: list[subprocess.Popen[bytes]] = [worker_process()]
    # uvicorn raises the signal again once it has shut down; it must not cut off what follows
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def keep_alive() -> None:
        while not stop.wait(RESTART_AFTER_S):
            if children[0].poll() is not None:
                children[0] = worker_process()

    keeper = threading.Thread(target=keep_alive, name="worker keeper", daemon=True)
    keeper.start()
    try:
        run()  # type: ignore[operator]
    finally:
        stop.set()
        keeper.join(2)
        children[0].terminate()
        try:
            children[0].wait(10)
        except subprocess.TimeoutExpired:
            children[0].kill()


@click.command()
def worker() -> None:
    """Send alerts from the outbox until stopped; `serve` starts one by itself.

    A worker whose parent was killed goes on until everything is sent and taken, then ends.
    """
    parent = os.getppid()
    records = build_records(with_secrets(Settings()))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watch = threading.Thread(target=_end_when_orphaned, args=(parent, records, stop), daemon=True)
    watch.start()
    build_worker(records).run_forever(stop)
    records.store.close()


def _end_when_orphaned(parent: int, records: Records, stop: threading.Event) -> None:
    while not stop.wait(ORPHAN_CHECK_S):
        if os.getppid() == parent:
            continue
        now = records.clock.now()
        due = records.store.escalations.next_due()
        if records.store.outbox.pending_alert_age(now) is None and due is None:
            stop.set()
