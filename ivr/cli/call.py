"""`ivr call`: place a call at a hotline of its own (or a running one) and watch it."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import httpx

from ivr.audio import mulaw
from ivr.cli.conversation import Conversation
from ivr.cli.hotline_process import Running, answering, fresh_settings
from ivr.cli.progress import Bar
from ivr.cli.turns import as_turns, sample_turns, split
from ivr.dialog.edition import Edition
from ivr.editions import compile_edition, edition_files
from ivr.factory import ROOT
from ivr.incident.model import CallId
from ivr.phone.caller import Caller
from ivr.phone.caller import Turn as CallerTurn
from ivr.phone.carrier import Network, Placed, place_call
from ivr.settings import Settings, with_secrets
from ivr.speech.recognizer import Recognizer
from ivr.speech.voices import caller_voice

SAMPLE_CALLER = "+8613800000001"
ALERT_WAIT_S = 15.0
SAMPLE = ROOT / "prompts" / "sample_call"
ACCEPTED = ("accepted", "delivered", "answered", "acknowledged")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    turns: tuple[tuple[str, str], ...]
    caller: str | None
    lang: str
    gather: bool
    url: str | None
    as_json: bool
    verbose: bool = True

    @property
    def by_documents(self) -> bool:
        """Typed words travel as the carrier's recognition, which only the webhook path has."""
        return self.gather or any(kind == "--type" for kind, _ in self.turns)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("turns", nargs=-1, type=click.UNPROCESSED)
@click.option("--from", "caller", default=SAMPLE_CALLER, help="The caller's number; '' = withheld.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", help="Voice for --say.")
@click.option("--gather", is_flag=True, help="By webhooks instead of the media stream.")
@click.option("--url", help="A running hotline (its public address) instead of one of our own.")
@click.option("--json", "as_json", is_flag=True, help="The whole call as one JSON object.")
def call(
    turns: tuple[str, ...],
    caller: str,
    lang: str,
    gather: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Place an emergency call: through the real webhooks, stream, recogniser, voice and alerts.

    Turns of the caller, in order: --audio F.wav …, --say TEXT …, --type TEXT …, --keys 1# …
    Without any, a recorded Mandarin caller reports a kitchen fire.
    """
    wanted = Wanted(tuple(split(turns)), caller or None, lang, gather, url, as_json)
    outcome = asyncio.run(_elsewhere(wanted) if url else _here(wanted))
    if as_json:
        click.echo(json.dumps(outcome.document, ensure_ascii=False, indent=2))
    raise SystemExit(0 if not outcome.faults else 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    document: dict[str, Any]
    faults: list[str]


# ---- a hotline of our own ------------------------------------------------------------


async def _here(wanted: Wanted) -> Outcome:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    data_dir = Path("data") / f"call-{stamp}-{uuid4().hex[:4]}"
    media = "gather" if wanted.by_documents else "stream"
    settings = fresh_settings(data_dir, media=media)
    say = _teller(wanted)
    say("starting a hotline …")
    began = time.perf_counter()
    with Bar(quiet=wanted.as_json) as bar:
        async with answering(settings, bar.show) as running:
            bar.done()
            say(f"answering at {running.url} after {time.perf_counter() - began:.1f} s\n")
            turns = await asyncio.to_thread(_turns, wanted, settings)
            return await _placed(wanted, running, turns, data_dir)


def _teller(wanted: Wanted) -> Any:
    return (lambda _text: None) if wanted.as_json else click.echo


def _turns(wanted: Wanted, settings: Settings) -> list[CallerTurn]:
    if not wanted.turns:
        return sample_turns(SAMPLE)
    voices: list[Any] = []

    def speak(text: str) -> bytes:
        if not voices:
            voices.append(caller_voice(ROOT / "prompts", settings.models_dir))
        lang = "en" if text.isascii() else wanted.lang
        return mulaw.encode(voices[0].render(text, lang))

    return as_turns(wanted.turns, speak)


async def _placed(
    wanted: Wanted, running: Running, turns: Sequence[CallerTurn], data_dir: Path
) -> Outcome:
    records = running.hotline.records
    sid = "CA" + uuid4().hex
    say = _teller(wanted)
    talk = Conversation(records.store, records.edition, CallId(sid), say)
    token = running.settings.twilio_auth_token.get_secret_value()
    placed = await _while_talking(
        place_call(
            running.url,
            token,
            Caller(turns),
            Network(caller_number=wanted.caller),
            call=sid,
            recognize=_recognize(running.hotline.recognizer),
        ),
        talk,
    )
    await asyncio.sleep(0.5)
    talk.catch_up()
    audio = data_dir / f"{sid}.wav"
    placed.recording.save(audio)
    api_token = running.settings.api_token.get_secret_value()
    document = await _document(running.url, api_token, placed, audio, wait=True)
    expected = None if wanted.turns else (SAMPLE / "category.txt").read_text().strip()
    faults = judge(document, placed, running.hotline.records.edition, expected)
    if not wanted.as_json:
        _report(document, faults, running)
    return Outcome(document, faults)


async def _while_talking(placing: Any, talk: Conversation) -> Placed:
    task = asyncio.ensure_future(placing)
    while not task.done():
        await asyncio.sleep(0.2)
        await asyncio.to_thread(talk.catch_up)
    placed: Placed = task.result()
    return placed


def _recognize(recognizer: Recognizer | None) -> Any:
    """The carrier's recogniser of the webhook path: ours, for turns that have only audio."""
    if recognizer is None:
        return None

    async def hear(audio: bytes) -> tuple[str, float | None]:
        def decode() -> tuple[str, float | None]:
            turn = recognizer.start(None)
            turn.feed(mulaw.decode(audio))
            heard = turn.finish().result()
            return heard.text, heard.confidence

        return await asyncio.to_thread(decode)

    return hear


# ---- a running hotline ---------------------------------------------------------------


async def _elsewhere(wanted: Wanted) -> Outcome:
    settings = with_secrets(Settings())
    url = (wanted.url or "").rstrip("/")
    turns = await asyncio.to_thread(_turns, wanted, settings)
    token = settings.twilio_auth_token.get_secret_value()
    placed = await place_call(url, token, Caller(turns), Network(caller_number=wanted.caller))
    audio = settings.data_dir / "calls" / f"{placed.call}.wav"
    audio.parent.mkdir(parents=True, exist_ok=True)
    placed.recording.save(audio)
    api_token = settings.api_token.get_secret_value()
    document = await _document(url, api_token, placed, audio, wait=True)
    faults = judge(document, placed, compile_edition(edition_files(ROOT), None))
    if not wanted.as_json:
        click.echo(json.dumps(document["incident"], ensure_ascii=False, indent=2))
        click.echo(f"audio of both sides: {audio}")
    return Outcome(document, faults)


# ---- what came of it -----------------------------------------------------------------


async def _document(
    url: str, token: str, placed: Placed, audio: Path, *, wait: bool
) -> dict[str, Any]:
    """Read the call and its incident from the API; wait a little for the first channel."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as api:
        incident: dict[str, Any] | None = None
        record: dict[str, Any] = {}
        for _ in range(int(ALERT_WAIT_S / 0.25)):
            record = (await api.get(f"/api/v1/calls/{placed.call}")).json()
            if record.get("incident"):
                incident = (await api.get(f"/api/v1/incidents/{record['incident']}")).json()
            if not wait or incident is None or _alerted(incident):
                break
            await asyncio.sleep(0.25)
    timing = {
        "first_sound_s": placed.timing.first_sound_s,
        "reply_gaps_s": [round(r.gap_s, 3) for r in placed.timing.replies],
        "length_s": round(placed.length_s, 2),
    }
    return {
        "call": record,
        "incident": incident,
        "alerts": incident["alerts"] if incident else [],
        "audio": str(audio),
        "timing": timing,
    }


def _alerted(incident: Mapping[str, Any]) -> bool:
    return any(alert["state"] in ACCEPTED for alert in incident["alerts"])


def judge(
    document: Mapping[str, Any], placed: Placed, edition: Edition, expected: str | None = None
) -> list[str]:
    """What did not happen though it had to: the incident, the first instruction, the alert.

    `expected`: the category the call must be understood as; None where anything may be right.
    """
    faults = [] if placed.ok else [f"the call failed: {placed.why}"]
    incident = document["incident"]
    if incident is None:
        return [*faults, f"no {expected} incident was opened"] if expected else faults
    if expected and incident["category"] != expected:
        faults.append(f"understood as {incident['category']}, not as {expected}")
    first = _first_word(incident, edition)
    if first is None or first not in _may_come_first(incident["category"], edition):
        faults.append(f"the first thing the caller heard was {first}, no first instruction")
    if not _alerted(incident):
        faults.append("no channel accepted the alert")
    return faults


def _first_word(incident: Mapping[str, Any], edition: Edition) -> str | None:
    """The first line heard that is neither greeting nor a question of the procedure."""
    procedural = {line for lines in edition.library.phrases.values() for line in lines}
    asks = {book.confirm for book in edition.library.playbooks.values()}
    handed = {line for role in ("person", "menu") for line in edition.library.phrases[role]}
    for told in incident["told"]:
        line = told["line"]
        if told["heard"] == "none" or line in asks or line in procedural - handed:
            continue
        return str(line)
    return None


def _may_come_first(category: str, edition: Edition) -> set[str]:
    """The first lines of the category's playbook and of those without a category; a person."""
    library = edition.library
    books = [b for b in library.playbooks.values() if b.category in (category, None)]
    firsts = [first for book in books for first in book.first]
    lines = {line for first in firsts for line in first.say} | {f.ask for f in firsts if f.ask}
    return lines | {line for role in ("person", "menu") for line in library.phrases[role]}


def _report(document: Mapping[str, Any], faults: Sequence[str], running: Running) -> None:
    records = running.hotline.records
    incident = document["incident"]
    click.echo("")
    if incident is None:
        disposition = document["call"].get("disposition")
        click.echo(f"no incident ({disposition}): nobody is alerted by this call")
    else:
        found = records.store.incidents.get(incident["id"])
        if found is not None:
            texts = records.paper.texts(found, records.clock.now())
            click.echo("── the staff's card " + "─" * 40)
            click.echo(texts.card)
            click.echo("── as one message " + "─" * 42)
            click.echo(texts.short)
        click.echo("── alerts " + "─" * 50)
        for alert in incident["alerts"]:
            who = f"{alert['role']:<20} {alert.get('channel') or '…':<12}"
            click.echo(f"{alert['state']:<13} {who} {alert.get('person') or ''}")
        sheets = incident.get("sheets") or {}
        click.echo(f"sheets filled: {', '.join(sheets) or 'none'}")
    gaps = document["timing"]["reply_gaps_s"]
    first = document["timing"]["first_sound_s"]
    click.echo(f"first sound after {first:.2f} s; replies after {gaps} s")
    click.echo(f"audio of both sides (left caller, right hotline): {document['audio']}")
    for fault in faults:
        click.echo(f"NOT RIGHT: {fault}", err=True)
