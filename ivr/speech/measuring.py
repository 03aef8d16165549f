"""How well and how fast a recogniser hears, as numbers (`ivr eval`, `ivr bench`).

Mandarin is counted in folded toneless syllables, because understanding works on sounds: the
recogniser hears them and picks wrong characters (speech.md 1). English is counted in words.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ivr.audio import mulaw
from ivr.audio.frames import RATE
from ivr.audio.mulaw import Pcm
from ivr.speech.intelligibility import score
from ivr.speech.recognizer import Lang, Recognizer, Rejection
from ivr.speech.spoken import SpokenWords

_BAND_HZ: Final = (300.0, 3400.0)
_PEAK: Final = 0.5


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    lang: Lang
    said: str
    pcm: Pcm
    """8000 Hz."""


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One clip as it was heard."""

    name: str
    lang: Lang
    engine: str
    said: str
    heard: str
    rejected: Rejection | None
    errors: int
    """Wrong, missing and added syllables (words in English)."""
    units: int
    audio_s: float
    decode_s: float
    """Work."""
    waited_s: float
    """From the last sample to the text, decoding ahead not used."""


def through_telephone(pcm: Pcm, *, noise_db: float | None = None, seed: int = 0) -> Pcm:
    """Return 8000 Hz `pcm` as a telephone delivers it: 300-3400 Hz, mu-law, optional noise.

    `noise_db` is the distance of speech to band-limited white noise; a simulation, no real line.
    """
    sound = _band(pcm.astype(np.float64))
    loudest = float(np.max(np.abs(sound), initial=0.0)) or 1.0
    sound *= _PEAK * 32767 / loudest
    if noise_db is not None:
        noise = _band(np.random.default_rng(seed).standard_normal(len(sound)))
        ratio = float(np.sqrt(np.mean(sound**2) / (np.mean(noise**2) + 1e-12)))
        sound += noise * ratio * 10 ** (-noise_db / 20)
    return mulaw.decode(mulaw.encode(np.clip(sound, -32767, 32767).astype(np.int16)))


def measure(
    recognizer: Recognizer, clips: Iterable[Clip], words: Mapping[str, SpokenWords]
) -> list[ClipRow]:
    """Return a row per clip, in order; `words` are the numbers of each language, by `lang`.

    Raises:
        RecognitionUnavailable: the engine cannot work.
    """
    rows = []
    for clip in clips:
        turn = recognizer.start(clip.lang)
        turn.feed(clip.pcm)
        began = time.perf_counter()
        heard = turn.finish().result()
        waited_s = time.perf_counter() - began
        line = score(clip.name, clip.said, heard.text, words[clip.lang])
        rows.append(
            ClipRow(
                name=clip.name,
                lang=clip.lang,
                engine=heard.engine,
                said=clip.said,
                heard=heard.text,
                rejected=heard.rejected,
                errors=min(line.errors, 2 * line.units),
                units=line.units,
                audio_s=heard.audio_s,
                decode_s=heard.decode_s,
                waited_s=waited_s,
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Measure:
    """Several rows together."""

    clips: int
    error: float
    """Share of wrong units, 0..1 and above."""
    decode_p50_s: float
    decode_p95_s: float
    realtime: float
    """Work per second of audio."""


def together(rows: Sequence[ClipRow]) -> Measure:
    """Return the figures of `rows` together; zeros where there are none."""
    if not rows:
        return Measure(0, 0.0, 0.0, 0.0, 0.0)
    decode = [row.decode_s for row in rows]
    return Measure(
        clips=len(rows),
        error=sum(row.errors for row in rows) / max(1, sum(row.units for row in rows)),
        decode_p50_s=float(np.percentile(decode, 50)),
        decode_p95_s=float(np.percentile(decode, 95)),
        realtime=sum(decode) / max(1e-9, sum(row.audio_s for row in rows)),
    )


def _band(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < _BAND_HZ[0]) | (hertz > _BAND_HZ[1])] = 0
    return np.fft.irfft(spectrum, len(sound))
