"""`ivr transcribe --jsonl`: recordings to text, by the engine in force."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from ivr.audio import wav
from ivr.factory import build_recognizer
from ivr.settings import Settings
from ivr.speech.recognizer import Recognizer


@click.command()
@click.option("--jsonl", is_flag=True, required=True, help='Rows {"id","path","lang"?} on stdin.')
def transcribe(jsonl: bool) -> None:  # noqa: ARG001 - click's way
    """Recognise recordings (8 or 16 kHz WAV); one JSON row each, in order, flushed."""
    recognizer = build_recognizer(Settings())
    for line in sys.stdin:
        if line.strip():
            click.echo(json.dumps(row(line, recognizer), ensure_ascii=False))
            sys.stdout.flush()


def row(line: str, recognizer: Recognizer) -> dict[str, Any]:
    """Answer one row; a bad one gives `{"id","error"}` and the rest go on."""
    asked: dict[str, Any] = {}
    try:
        asked = json.loads(line)
        pcm = wav.load(Path(asked["path"]))
        turn = recognizer.start(asked.get("lang"))
        turn.feed(pcm)
        heard = turn.finish().result()
    except Exception as error:  # noqa: BLE001 - one bad row must not end the stream
        name = asked.get("id") if isinstance(asked, dict) else None
        return {"id": name, "error": f"{type(error).__name__}: {error}"}
    return {
        "id": asked.get("id"),
        "text": heard.text,
        "engine": heard.engine,
        "audio_s": round(heard.audio_s, 3),
        "decode_s": round(heard.decode_s, 3),
    }
