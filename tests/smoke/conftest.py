"""A whole hotline, once for all smoke tests: real models, real server, real worker, real store."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ivr.cli.hotline_process import Running, answering, fresh_settings
from ivr.phone.caller import Caller, Turn
from ivr.phone.carrier import Network, Placed, place_call


@dataclass
class Hotline:
    """What an outside phone knows of it: an address and the carrier's token."""

    running: Running

    @property
    def url(self) -> str:
        return self.running.url

    def place(self, *turns: Turn, network: Network | None = None, **caller: float) -> Placed:
        token = self.running.settings.twilio_auth_token.get_secret_value()
        script = Caller(turns, **caller)
        return asyncio.run(place_call(self.url, token, script, network or Network()))

    def get(self, path: str) -> dict[str, Any]:
        token = self.running.settings.api_token.get_secret_value()
        answer = httpx.get(
            f"{self.url}/api/v1/{path}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def incident_of(self, placed: Placed) -> dict[str, Any] | None:
        incident = self.get(f"calls/{placed.call}")["incident"]
        return self.get(f"incidents/{incident}") if incident else None


def _serve(settings: Any, started: threading.Event, stop: threading.Event, out: list[Any]) -> None:
    async def run() -> None:
        async with answering(settings) as running:
            out.append(running)
            started.set()
            while not stop.is_set():
                await asyncio.sleep(0.05)

    try:
        asyncio.run(run())
    except BaseException as error:  # the test thread must hear why there is no hotline
        out.append(error)
        started.set()
        raise


def _hotline(folder: Path, **changes: object) -> Iterator[Hotline]:
    settings = fresh_settings(folder, **changes)
    started, stop, out = threading.Event(), threading.Event(), list[Any]()
    thread = threading.Thread(target=_serve, args=(settings, started, stop, out), daemon=True)
    thread.start()
    assert started.wait(240)
    if isinstance(out[0], BaseException):
        pytest.fail(f"the hotline did not start: {out[0]}")
    yield Hotline(out[0])
    stop.set()
    thread.join(20)


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """By media stream."""
    yield from _hotline(tmp_path_factory.mktemp("hotline"))


@pytest.fixture(scope="session")
def document_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """By documents only, as on a trial account; its duty phones take every alert after 1 s."""
    folder = tmp_path_factory.mktemp("documents")
    yield from _hotline(folder, media="gather", auto_ack_s=1.0)
