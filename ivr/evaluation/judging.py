"""Rows through understanding, as text or as telephone audio."""

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from ivr.audio import wav
from ivr.audio.frames import RATE
from ivr.audio.mulaw import Pcm
from ivr.evaluation.rows import Row
from ivr.evaluation.scores import Judged
from ivr.nlu.estate import Estate
from ivr.nlu.lexicon import Lexicon
from ivr.nlu.understand import understand
from ivr.nlu.understanding import Heard
from ivr.speech.measuring import through_telephone
from ivr.speech.recognizer import Recognizer
from ivr.speech.synthesizer import SynthesisFailed

SAMPLE_SIZE = 40
SPEEDS = (0.9, 1.0, 1.1)
TEXT_ONLY = "asr"
"""The tag of rows that are a recogniser's errors already: nobody says them."""
_SILENCE_S = 2.0
Progress = Callable[[float], None]


class Speaker(Protocol):
    """A caller's voice."""

    def voice_for(self, text: str, lang: str) -> str: ...

    def render(self, text: str, lang: str, *, speed: float = 1.0) -> Pcm: ...


def judge_text(rows: Sequence[Row], lexicon: Lexicon, estate: Estate | None = None) -> list[Judged]:
    """Understand every row as the first turn of a call, its language unknown."""
    return [_judged(row, Heard(row.text), None, lexicon, estate) for row in rows]


def judge_audio(
    rows: Sequence[Row],
    pcm_of: Callable[[Row], Pcm],
    recognizer: Recognizer,
    lexicon: Lexicon,
    estate: Estate | None = None,
    *,
    noise_db: float | None = None,
    progress: Progress = lambda _done: None,
) -> list[Judged]:
    """Recognise every row as a call's first turn over a simulated telephone, and understand it.

    Arguments: `pcm_of` gives a row's speech at 8000 Hz; `noise_db` decibels of speech over noise.
    Raises: RecognitionUnavailable: the engine cannot work.
    """
    judged: list[Judged] = []
    for number, row in enumerate(rows):
        pcm = through_telephone(pcm_of(row), noise_db=noise_db, seed=_digest(row.text) % 2**32)
        turn = recognizer.start(None)
        turn.feed(pcm)
        heard = turn.finish().result()
        words = Heard(heard.text, heard.alternatives, heard.confidence)
        judged.append(_judged(row, words, heard, lexicon, estate))
        progress((number + 1) / len(rows))
    return judged


class CallerAudio:
    """Rows in callers' voices, kept on disk: a row always sounds the same."""

    def __init__(self, speakers: Sequence[Speaker], folder: Path, renderer: str) -> None:
        """`renderer` changes whenever the same text would sound different."""
        self._speakers = speakers
        self._folder = folder
        self._renderer = renderer

    def pcm(self, row: Row) -> Pcm:
        """The row spoken, 8000 Hz; silence where it holds nothing to say."""
        number = _digest(row.text)
        speaker = self._speakers[number % len(self._speakers)]
        speed = SPEEDS[number // 7 % len(SPEEDS)]
        voice = speaker.voice_for(row.text, row.lang)
        key = hashlib.sha256(f"{self._renderer}|{voice}|{speed}|{row.text}".encode()).hexdigest()
        file = self._folder / f"{key[:32]}.wav"
        if file.exists():
            return wav.load(file)
        try:
            pcm = speaker.render(row.text, row.lang, speed=speed)
        except SynthesisFailed:
            if any(c.isalnum() for c in row.text):
                raise
            return np.zeros(int(_SILENCE_S * RATE), dtype=np.int16)
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        wav.save(fresh, pcm)
        fresh.replace(file)
        return pcm


def sample(rows: Sequence[Row], size: int | None = SAMPLE_SIZE) -> list[Row]:
    """A fixed choice of rows that can be spoken: one per pattern, by the text's own digest.

    New rows move no other row; `size` None takes every row that is not text only.
    """
    spoken = [row for row in rows if TEXT_ONLY not in row.notes]
    if size is None:
        return spoken
    chosen: dict[str, Row] = {}
    for row in sorted(spoken, key=lambda row: _digest(row.text)):
        chosen.setdefault(row.pattern, row)
    return list(chosen.values())[:size]


def _judged(
    row: Row, words: Heard, heard: object, lexicon: Lexicon, estate: Estate | None
) -> Judged:
    lang = getattr(heard, "lang", None)
    began = time.perf_counter()
    got = understand([words], lexicon, lang=lang, estate=estate)
    return Judged(row, got, words.text, time.perf_counter() - began)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
