"""`ivr understand`: rows to categories and slots; or one sentence explained."""

import json
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from ivr.audio import wav
from ivr.editions import edition_files, lexicon_files, load_estate
from ivr.factory import ROOT, build_recognizer
from ivr.incident.model import Lang
from ivr.nlu.estate import Estate
from ivr.nlu.lexicon import Lexicon, compile_lexicon
from ivr.nlu.understand import understand as understood
from ivr.nlu.understanding import Heard, Understanding
from ivr.settings import Settings
from ivr.speech.recognizer import Recognizer

LANGS: Mapping[str, Lang] = {"zh": "zh", "en": "en"}
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--jsonl", is_flag=True, help='Rows {"id","lang"?,"text"} or {"id","lang"?,"path"}.')
@click.option("--sentence", help="Explain one sentence: what it is taken for, and why.")
@click.option("--estate", type=EXISTING, help="Repair places to what exists on this estate.")
@click.option("--audio", is_flag=True, help="Load the recogniser at once, not at the first path.")
def understand(jsonl: bool, sentence: str | None, estate: Path | None, audio: bool) -> None:
    """Understand what callers say; one JSON row each, in order, flushed."""
    if jsonl == (sentence is not None):
        raise click.UsageError("give either --jsonl (rows on standard input) or --sentence TEXT")
    lexicon, places = shipped_lexicon(), load_estate(estate)
    if sentence is not None:
        click.echo(explained(understood([Heard(sentence)], lexicon, estate=places)))
        return
    ears = lru_cache(maxsize=1)(lambda: build_recognizer(Settings()))
    if audio:
        ears()
    for line in sys.stdin.buffer:
        if line.strip():
            click.echo(_json(row(line, lexicon, places, ears)))
            sys.stdout.flush()


def shipped_lexicon() -> Lexicon:
    """The cue lexicon of the files on disk. Raises BrokenDocument, LexiconError."""
    return compile_lexicon(lexicon_files(edition_files(ROOT)))


def row(
    line: bytes, lexicon: Lexicon, estate: Estate | None, ears: Callable[[], Recognizer]
) -> dict[str, Any]:
    """Answer one row; a bad one gives `{"id","error"}` and the rest go on."""
    asked: Any = None
    try:
        asked = json.loads(line.decode("utf-8"))
        words, lang = _heard(asked, ears)
        got = understood([words], lexicon, lang=lang, estate=estate)
        return {"id": asked.get("id"), "heard": words.text, **answer(got)}
    except Exception as error:  # noqa: BLE001 - one bad row must not end the stream
        name = asked.get("id") if isinstance(asked, dict) else None
        return {"id": name, "error": f"{type(error).__name__}: {error}"}


def answer(got: Understanding) -> dict[str, Any]:
    """The face of design section 4: `people` an integer, no subtype is null."""
    slots: dict[str, Any] = dict(got.slots)
    if slots.get("people", "").isdigit():
        slots["people"] = int(slots["people"])
    return {
        "category": got.category,
        "subtype": got.subtype,
        "severity": got.severity.value,
        "slots": slots,
        "confidence": round(got.confidence, 4),
        "next": got.next,
        "candidates": list(got.candidates[:3]),
    }


def explained(got: Understanding) -> str:
    """What was understood, for a person: the answer, then what spoke for it and against it."""
    kind = got.category + (f" / {got.subtype}" if got.subtype else "")
    lines = [
        f"taken for    {kind}, severity {got.severity.value}",
        f"sure         {got.confidence:.2f}",
        f"next         {got.next}" + (f": {', '.join(got.candidates)}" if got.candidates else ""),
        f"also         {', '.join(got.also) or '-'}",
        f"slots        {_pairs(got.slots)}",
        f"facts        {_pairs(got.facts)}",
        f"language     {got.lang}" + (f", asks for {got.command}" if got.command else ""),
        "why",
    ]
    why = [f"  {r.what:<32} {r.cue:<40} {r.span}".rstrip() for r in got.reasons]
    return "\n".join([*lines, *(why or ["  no cue was heard"])])


def _heard(asked: Any, ears: Callable[[], Recognizer]) -> tuple[Heard, Lang | None]:
    """The words of a row and its language, where it is known."""
    if not isinstance(asked, dict):
        raise TypeError("a row is a JSON object with id and text or path")
    lang = asked.get("lang")
    if lang is not None and (not isinstance(lang, str) or lang not in LANGS):
        raise ValueError(f"lang is one of {', '.join(LANGS)} or left out, not {lang!r}")
    known = LANGS[lang] if lang is not None else None
    if not isinstance(asked.get("text", asked.get("path")), str):
        raise TypeError("a row needs text or path, a string")
    if "text" in asked:
        return Heard(asked["text"]), known
    turn = ears().start(known)
    turn.feed(wav.load(Path(asked["path"])))
    heard = turn.finish().result()
    return Heard(heard.text, heard.alternatives, heard.confidence), known or heard.lang


def _json(values: Mapping[str, Any]) -> str:
    """UTF-8 text; half a surrogate pair (a broken emoji) only fits in escaped form."""
    text = json.dumps(values, ensure_ascii=False)
    return text if text.isascii() or _encodes(text) else json.dumps(values)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in values.items()) or "-"
