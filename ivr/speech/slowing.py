"""Say the same again, slower: stretch a recording in time and keep its pitch (WSOLA)."""

import numpy as np
import numpy.typing as npt

from ivr.speech.synthesizer import Samples

_WINDOW = 240  # 30 ms at 8000 Hz: two to six periods of a voice
_HOP = _WINDOW // 2
_SEARCH = 100  # 12.5 ms: one period of the lowest voice


def stretch(samples: Samples, factor: float) -> Samples:
    """Make 8000 Hz speech `factor` times as long (1.25 = a quarter slower), same pitch.

    Waveform similarity overlap-add (Verhelst and Roelands, 1993): each 30 ms window is taken
    from where it continues the last one best.
    """
    if len(samples) <= _WINDOW + 2 * _SEARCH or factor == 1.0:
        return samples
    wave = np.pad(samples.astype(np.float64), (_SEARCH, _WINDOW + 2 * _SEARCH))
    window = np.hanning(_WINDOW + 1)[:_WINDOW]
    steps = int(len(samples) * factor) // _HOP
    stretched = np.zeros(steps * _HOP + _WINDOW)
    weight = np.zeros_like(stretched)
    at = _SEARCH
    for step in range(steps):
        if step:
            aim = _SEARCH + min(int(step * _HOP / factor), len(samples))
            at = aim + _best_shift(wave, aim, wave[at + _HOP : at + _HOP + _WINDOW])
        out = slice(step * _HOP, step * _HOP + _WINDOW)
        stretched[out] += wave[at : at + _WINDOW] * window
        weight[out] += window
    even = stretched / np.maximum(weight, 0.1)
    return np.round(np.clip(even, -32767, 32767)).astype(np.int16)


def _best_shift(wave: npt.NDArray[np.float64], aim: int, goes_on: npt.NDArray[np.float64]) -> int:
    """Where near `aim` the wave looks most like the natural continuation."""
    around = wave[aim - _SEARCH : aim + _SEARCH + _WINDOW]
    if len(around) < 2 * _SEARCH + _WINDOW or len(goes_on) < _WINDOW:
        return 0
    likeness = np.correlate(around, goes_on, mode="valid")
    energy = np.cumsum(np.concatenate([[0.0], around**2]))
    power = energy[_WINDOW:] - energy[:-_WINDOW]
    return int(np.argmax(likeness / np.sqrt(power + 1.0))) - _SEARCH
