"""Render what the voice pack lacks, and keep of several tries the one best understood."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.audio import mulaw, wav
from ivr.audio.frames import RATE
from ivr.speech.intelligibility import BAD_ERROR, Transcribe, score, through_the_telephone
from ivr.speech.mastering import silence, tighten
from ivr.speech.spoken import SpokenWords, speakable
from ivr.speech.synthesizer import Samples, Synthesizer
from ivr.speech.voice_pack import (
    LANGUAGES,
    Manifest,
    Recording,
    Wanted,
    fault_of,
    pack_dir,
    read_all_words,
    read_manifest,
    wanted,
    write_manifest,
)

Progress = Callable[[int, int, str], None]
"""(files done, files to do, file just done)"""

PIECE_LEAD_S = 0.01
PIECE_TAIL_S = 0.03
NOTHING_TO_SAY_S = 0.06
_RETRY_FACTORS = (0.9, 1.1)
_SAVE_EVERY = 10


@dataclass(frozen=True, slots=True)
class _Take:
    samples: Samples
    speed: float
    error: float | None


def render_missing(
    prompts_dir: Path,
    synthesizer: Synthesizer,
    progress: Progress,
    *,
    renderer: str,
    speed: float = 1.0,
    transcribe: Transcribe | None = None,
    languages: Sequence[str] = LANGUAGES,
    paces: Sequence[str] = ("normal", "piece"),
) -> int:
    """Render every line and piece that is missing or stale; return how many were rendered.

    With `transcribe` each line is read back through the telephone, and one that is not
    understood is tried at other speeds; the best take is kept and its error noted.
    Files no line wants any more are removed. Raises `SynthesisFailed`, `BrokenPack`.
    """
    rendered = 0
    words = read_all_words(prompts_dir)
    for lang in languages:
        files = wanted(prompts_dir, lang)
        manifest = _without_strangers(prompts_dir, lang, files)
        todo = [
            want
            for pace in paces
            for want in files
            if want.pace == pace and fault_of(prompts_dir, lang, want, manifest.get(want.file))
        ]
        for done, want in enumerate(todo, start=1):
            take = _best_take(want, synthesizer, speed, transcribe, words)
            voice = synthesizer.voice_for(want.spoken, want.lang)
            manifest[want.file] = _store(prompts_dir, lang, want, take, voice, renderer)
            if done % _SAVE_EVERY == 0:
                write_manifest(prompts_dir, lang, Manifest(files=manifest))
            progress(done, len(todo), f"{lang} {want.file}")
        write_manifest(prompts_dir, lang, Manifest(files=manifest))
        rendered += len(todo)
    return rendered


def _without_strangers(
    prompts_dir: Path, lang: str, files: Sequence[Wanted]
) -> dict[str, Recording]:
    known = {want.file for want in files}
    folder = pack_dir(prompts_dir, lang)
    for path in folder.rglob("*.wav"):
        if path.relative_to(folder).as_posix() not in known:
            path.unlink()
    files_now = read_manifest(prompts_dir, lang).files
    return {name: entry for name, entry in files_now.items() if name in known}


def _best_take(
    want: Wanted,
    synthesizer: Synthesizer,
    speed: float,
    transcribe: Transcribe | None,
    words: dict[str, SpokenWords],
) -> _Take:
    best = _take(want, synthesizer, speed, transcribe, words)
    for factor in _RETRY_FACTORS:
        if best.error is None or best.error <= BAD_ERROR:
            break
        again = _take(want, synthesizer, speed * factor, transcribe, words)
        if again.error is not None and again.error < best.error:
            best = again
    return best


def _take(
    want: Wanted,
    synthesizer: Synthesizer,
    speed: float,
    transcribe: Transcribe | None,
    words: dict[str, SpokenWords],
) -> _Take:
    if not speakable(want.spoken):
        return _Take(silence(NOTHING_TO_SAY_S), speed, None)
    samples = synthesizer.render(want.spoken, want.lang, speed=speed)
    if want.pace == "piece":
        return _Take(tighten(samples, PIECE_LEAD_S, PIECE_TAIL_S), speed, None)
    if transcribe is None:
        return _Take(samples, speed, None)
    heard = transcribe(through_the_telephone(samples), want.lang)
    return _Take(samples, speed, score(want.file, want.spoken, heard, words[want.lang]).error)


def _store(
    prompts_dir: Path, lang: str, want: Wanted, take: _Take, voice: str, renderer: str
) -> Recording:
    content = wav.write_mulaw(mulaw.encode(take.samples))
    path = pack_dir(prompts_dir, lang) / want.file
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return Recording(
        text=want.text,
        spoken=want.spoken,
        voice=voice,
        renderer=renderer,
        speed=round(take.speed, 3),
        seconds=round(len(take.samples) / RATE, 3),
        sha256=hashlib.sha256(content).hexdigest(),
        error=None if take.error is None else round(take.error, 3),
    )
