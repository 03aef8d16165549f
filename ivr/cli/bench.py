"""`ivr bench`: how long callers wait, measured on real calls over the media stream.

The hotline runs as its own process, the callers in this one, in real time; nothing is simulated
but the carrier. Numbers are stated with the machine and are never part of a test.
"""

import asyncio
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx

from ivr.cli.hotline_process import fresh_settings
from ivr.cli.turns import audio_of
from ivr.factory import ROOT
from ivr.phone.caller import Caller, Turn
from ivr.phone.carrier import Network, Placed, place_call
from ivr.phone.happenings import Fetched
from ivr.settings import Settings

CALLERS = ROOT / "tests" / "audio" / "callers"
SCRIPTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("zm_yunxi", ("fire_kitchen", "fire_place", "fire_way_out")),
    ("zf_xiaobei", ("fire_kitchen", "fire_place", "fire_way_out")),
    ("zm_yunxi", ("lift_stuck", "lift_place", "lift_people")),
    ("af_heart", ("fire_kitchen", "fire_place", "fire_way_out")),
    ("zf_xiaobei", ("theft_home", "place_room")),
    ("zm_yunxi", ("burst_pipe", "fire_place", "no")),
)
PLACE = ("place", "room")
START_WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Measured:
    callers: int
    first_sound_s: list[float]
    gaps_s: list[float]
    place_gaps_s: list[float]
    alert_delays_s: list[float]
    webhooks_s: list[float]
    failed: int
    memory_mb: float


@click.command()
@click.option("--rounds", default=2, help="Calls per caller and level.")
@click.option("--levels", default="1,2,4", help="Callers speaking at once.")
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md here.")
def bench(rounds: int, levels: str, out: Path | None) -> None:
    """Latency of real calls: first sound, reply gap, alert delay, for 1, 2 and 4 callers."""
    wanted = [int(level) for level in levels.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(_measure(Path(folder), wanted, rounds))
    table = as_table(measured)
    click.echo(table)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.with_suffix(".json").write_text(json.dumps(as_json(measured), indent=2))
        out.with_suffix(".md").write_text(table + "\n")


async def _measure(folder: Path, levels: Sequence[int], rounds: int) -> list[Measured]:
    settings = fresh_settings(folder)
    with _served(settings) as server:
        await _until_ready(settings.public, server)
        return [await _level(settings, server.pid, n, rounds) for n in levels]


def _served(settings: Settings) -> subprocess.Popen[bytes]:
    values = {
        "IVR_DATA_DIR": str(settings.data_dir.resolve()),
        "IVR_HOST": settings.host,
        "IVR_PORT": str(settings.port),
        "IVR_TWILIO_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "IVR_API_TOKEN": settings.api_token.get_secret_value(),
    }
    command = [sys.executable, "-m", "ivr", "serve"]
    return _Ended(command, env={**os.environ, **values}, stdout=subprocess.DEVNULL)


class _Ended(subprocess.Popen[bytes]):
    """A process that ends with its block."""

    def __exit__(self, *error: Any) -> None:
        self.terminate()
        super().__exit__(*error)


async def _until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        began = time.monotonic()
        while time.monotonic() - began < START_WAIT_S:
            if server.poll() is not None:
                raise click.ClickException("the hotline ended while it started")
            try:
                if (await client.get(f"{url}/healthz")).status_code == 200:
                    return
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
    raise click.ClickException("the hotline did not start in time")


async def _level(settings: Settings, pid: int, callers: int, rounds: int) -> Measured:
    measured = Measured(callers, [], [], [], [], [], 0, 0.0)
    failed = 0
    for number in range(rounds):
        placing = [
            _call(settings, SCRIPTS[(number * callers + i) % len(SCRIPTS)], 0.7 * i)
            for i in range(callers)
        ]
        for script, placed in await asyncio.gather(*placing):
            failed += 0 if placed.ok else 1
            _take(measured, script, placed)
            delay = await _alert_delay(settings, placed.call)
            if delay is not None:
                measured.alert_delays_s.append(delay)
    return Measured(
        callers,
        measured.first_sound_s,
        measured.gaps_s,
        measured.place_gaps_s,
        measured.alert_delays_s,
        measured.webhooks_s,
        failed,
        _memory_mb(pid),
    )


async def _call(
    settings: Settings, script: tuple[str, tuple[str, ...]], after_s: float
) -> tuple[tuple[str, ...], Placed]:
    await asyncio.sleep(after_s)
    voice, names = script
    turns = [Turn(audio=audio_of(CALLERS / voice / f"{name}.wav")) for name in names]
    token = settings.twilio_auth_token.get_secret_value()
    caller = Caller([*turns, Turn(silence_s=1.0), Turn(hang_up=True)], patience_s=12.0)
    return names, await place_call(settings.public, token, caller, Network(max_s=90.0))


def _take(measured: Measured, script: Sequence[str], placed: Placed) -> None:
    if placed.timing.first_sound_s is not None:
        measured.first_sound_s.append(placed.timing.first_sound_s)
    for reply in placed.timing.replies:
        if reply.turn >= len(script):
            continue
        asked_place = any(word in script[reply.turn] for word in PLACE)
        (measured.place_gaps_s if asked_place else measured.gaps_s).append(reply.gap_s)
    for event in placed.events:
        if isinstance(event, Fetched) and not event.path.endswith(".wav"):
            measured.webhooks_s.append(event.took_s)


async def _alert_delay(settings: Settings, call: str) -> float | None:
    """Seconds from the incident's opening to the first channel's acceptance."""
    token = settings.api_token.get_secret_value()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=settings.public, headers=headers, trust_env=False
    ) as client:
        incident = (await client.get(f"/api/v1/calls/{call}")).json().get("incident")
        if not incident:
            return None
        found = (await client.get(f"/api/v1/incidents/{incident}")).json()
    opened = _seconds(found["opened_at"])
    sent = [_seconds(a["at"]) for a in found["alerts"] if a["state"] not in ("queued", "failed")]
    return min(sent) - opened if sent else None


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all are not above; None without any."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def machine() -> str:
    """The machine in one line."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return f"{os.cpu_count()} cores {model}, Python {platform.python_version()}"


def as_json(measured: Sequence[Measured]) -> dict[str, Any]:
    """All numbers, unrounded."""
    return {
        "machine": machine(),
        "audio": "rendered callers, telephone band, real time",
        "levels": [
            {name: getattr(m, name) for name in Measured.__dataclass_fields__} for m in measured
        ],
    }


def as_table(measured: Sequence[Measured]) -> str:
    """The table that stands in the README."""
    names = ("callers", "first sound p95", "reply gap p50", "p95", "place p95")
    head = "| " + " | ".join((*names, "alert p95", "webhook p95", "memory", "turns")) + " |"
    rows = [head, "| --- " * 9 + "|"]
    for m in measured:
        cells = [
            str(m.callers),
            _s(percentile(m.first_sound_s, 0.95)),
            _s(percentile(m.gaps_s, 0.5)),
            _s(percentile(m.gaps_s, 0.95)),
            _s(percentile(m.place_gaps_s, 0.95)),
            _s(percentile(m.alert_delays_s, 0.95)),
            _s(percentile(m.webhooks_s, 0.95)),
            f"{m.memory_mb:.0f} MB",
            str(len(m.gaps_s) + len(m.place_gaps_s)),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    failed = sum(m.failed for m in measured)
    return "\n".join([*rows, "", f"{machine()}; {failed} calls failed"])


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"
