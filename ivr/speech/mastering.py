"""Raw synthesizer output to telephone audio: band, level, silence, joins. Pure numpy."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ivr.speech.synthesizer import TELEPHONE_RATE, Samples

SPEECH_LEVEL_DBFS = -20.0
PEAK_LIMIT = 0.97
_KNEE = 0.6
LEAD_S = 0.05
TAIL_S = 0.12
_FRAME = 160  # 20 ms
_TAPS = 257

Wave = npt.NDArray[np.float64]


def _band_pass() -> Wave:
    """Linear-phase FIR for the telephone band, 300-3400 Hz at 8000 Hz (ITU-T G.712)."""
    n = np.arange(_TAPS) - (_TAPS - 1) / 2
    high = 2 * 3400 / TELEPHONE_RATE * np.sinc(2 * 3400 / TELEPHONE_RATE * n)
    low = 2 * 300 / TELEPHONE_RATE * np.sinc(2 * 300 / TELEPHONE_RATE * n)
    taps: Wave = (high - low) * np.hamming(_TAPS)
    return taps


_BAND_PASS = _band_pass()


def frame_levels(wave: Wave) -> Wave:
    """RMS of each whole 20 ms frame, full scale = 1.0."""
    usable = len(wave) // _FRAME * _FRAME
    if usable == 0:
        return np.zeros(0)
    levels: Wave = np.sqrt(np.mean(wave[:usable].reshape(-1, _FRAME) ** 2, axis=1))
    return levels


def speech_level_dbfs(samples: Samples) -> float:
    """Level of the frames that carry speech (within 30 dB of the loudest), in dBFS.

    Digital silence gives -120.0.
    """
    levels = frame_levels(samples.astype(np.float64) / 32768)
    if len(levels) == 0 or levels.max() < 1e-6:
        return -120.0
    loud = levels[levels > levels.max() * 10 ** (-30 / 20)]
    return float(20 * np.log10(np.sqrt(np.mean(loud**2))))


def trim(wave: Wave, lead_s: float = LEAD_S, tail_s: float = TAIL_S) -> Wave:
    """Cut silence at both ends down to `lead_s` and `tail_s` seconds, with 5 ms fades.

    Silence is whatever lies 38 dB under the loudest 20 ms; padding is added where
    the voice starts or stops too abruptly.
    """
    levels = frame_levels(wave)
    if len(levels) == 0 or levels.max() < 1e-6:
        return np.zeros(0)
    loud = np.flatnonzero(levels > levels.max() * 10 ** (-38 / 20))
    begin, end = int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME
    lead, tail = int(lead_s * TELEPHONE_RATE), int(tail_s * TELEPHONE_RATE)
    kept = wave[max(0, begin - lead) : min(len(wave), end + tail)].copy()
    fade = min(40, len(kept) // 2)
    kept[:fade] *= np.linspace(0, 1, fade)
    kept[len(kept) - fade :] *= np.linspace(1, 0, fade)
    before, after = max(0, lead - begin), max(0, end + tail - len(wave))
    return np.pad(kept, (before, after))


def master(wave_8k: Wave, lead_s: float = LEAD_S, tail_s: float = TAIL_S) -> Samples:
    """Bring an 8000 Hz recording (full scale 1.0) to what the caller hears.

    Telephone band, speech at -20 dBFS, never clipped, silence at the ends cut.
    An input without any sound gives an empty array.
    """
    if len(wave_8k) == 0:
        return np.zeros(0, dtype=np.int16)
    banded = np.convolve(wave_8k.astype(np.float64), _BAND_PASS, mode="same")[: len(wave_8k)]
    trimmed = trim(banded, lead_s, tail_s)
    if len(trimmed) == 0:
        return np.zeros(0, dtype=np.int16)
    as_heard = np.round(np.clip(trimmed, -1, 1) * 32767).astype(np.int16)
    gain = 10 ** ((SPEECH_LEVEL_DBFS - speech_level_dbfs(as_heard)) / 20)
    return np.round(_limited(trimmed * gain) * 32767).astype(np.int16)


def _limited(wave: Wave) -> Wave:
    """Bend peaks above the knee towards the limit instead of making the whole line quieter."""
    size, room = np.abs(wave), PEAK_LIMIT - _KNEE
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    limited: Wave = np.sign(wave) * np.where(size > _KNEE, bent, size)
    return limited


def tighten(samples: Samples, lead_s: float, tail_s: float) -> Samples:
    """Cut a mastered recording's silence further, for a piece that others are joined to."""
    cut = trim(samples.astype(np.float64) / 32768, lead_s, tail_s)
    return np.round(cut * 32768).astype(np.int16)


def silence(seconds: float) -> Samples:
    """Digital silence of that many seconds at 8000 Hz."""
    return np.zeros(int(seconds * TELEPHONE_RATE), dtype=np.int16)


def join(parts: Sequence[Samples], gap_s: float) -> Samples:
    """String pieces together with `gap_s` seconds of silence between them."""
    if not parts:
        return np.zeros(0, dtype=np.int16)
    gap = silence(gap_s)
    strung = [piece for part in parts for piece in (gap, part)][1:]
    return np.concatenate(strung)
