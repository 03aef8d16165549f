"""Starts a hotline for one command: fresh data folder, free port, alert worker beside it."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.factory import Hotline, Progress, build_hotline, build_records, build_worker, quiet
from ivr.server import Server, free_port
from ivr.settings import Settings, with_secrets


@dataclass(frozen=True, slots=True)
class Running:
    """A hotline that answers in this process."""

    settings: Settings
    hotline: Hotline

    @property
    def url(self) -> str:
        return self.settings.public


def fresh_settings(data_dir: Path, **changes: object) -> Settings:
    """Settings of a hotline that shares nothing with any other but assembled models."""
    host = "127.0.0.1"
    fixed: dict[str, object] = {
        "mode": "try",
        "data_dir": data_dir,
        "host": host,
        "port": free_port(host),
        "database_url": "",
        "public_url": "",
        "webhook_url": "",
    }
    return with_secrets(Settings().model_copy(update={**fixed, **changes}))


@contextlib.asynccontextmanager
async def answering(settings: Settings, progress: Progress = quiet) -> AsyncIterator[Running]:
    """Run web process and alert worker until the block ends."""
    hotline = await asyncio.to_thread(lambda: build_hotline(build_records(settings), progress))
    server = Server(hotline).uvicorn()
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(), name="server")
    with alert_worker(hotline):
        while not server.started:
            await asyncio.sleep(0.02)
            if task.done():
                task.result()
        try:
            yield Running(settings, hotline)
        finally:
            server.should_exit = True
            await task
            hotline.records.store.close()


@contextlib.contextmanager
def alert_worker(hotline: Hotline) -> Iterator[None]:
    """The worker as a thread: for one command; `serve` gives it a process of its own."""
    stop = threading.Event()
    worker = build_worker(hotline.records)
    thread = threading.Thread(target=worker.run_forever, args=(stop,), name="alerts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def worker_process(environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the alert worker as the process that `serve` keeps alive."""
    command = [sys.executable, "-m", "ivr", "worker"]
    return subprocess.Popen(command, env={**os.environ, **(environment or {})})  # noqa: S603
