"""Change the sampling rate. The only file that knows soxr (band-limited, -100 dB stop band)."""

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.audio.mulaw import Pcm


def resample(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    """Return `pcm` at `to_hz` samples a second; for whole recordings."""
    if from_hz == to_hz or len(pcm) == 0:
        return pcm
    out: Pcm = soxr.resample(pcm, from_hz, to_hz)
    return out


def as_float(pcm: Pcm, from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Return `pcm` at `to_hz` as floats in -1..1, the form in which neural models take audio."""
    scaled: NDArray[np.float32] = pcm.astype(np.float32) / np.float32(32768)
    if from_hz == to_hz or len(pcm) == 0:
        return scaled
    out: NDArray[np.float32] = soxr.resample(scaled, from_hz, to_hz)
    return out


class Doubler:
    """Streams 8 kHz up to 16 kHz, piece by piece, with 2 ms of delay.

    A half-band filter: the old samples pass through, those between are interpolated by 32 taps. Its
    images of the telephone band (300-3300 Hz) are at least 40 dB down.
    """

    _HALF = 16

    def __init__(self) -> None:
        taps = 2 * self._HALF
        offsets = np.arange(taps) - self._HALF + 0.5
        kernel = np.sinc(offsets) * np.kaiser(taps, 5.0)
        self._kernel = (kernel / kernel.sum()).astype(np.float32)
        self._past = np.zeros(taps - 1, dtype=np.float32)

    def add(self, pcm: Pcm) -> NDArray[np.float32]:
        """Return 2 * len(pcm) samples in -1..1; the filter remembers what came before."""
        if len(pcm) == 0:
            return np.zeros(0, dtype=np.float32)
        window = np.concatenate([self._past, pcm.astype(np.float32) / 32768])
        self._past = window[len(pcm) :]
        out = np.empty(2 * len(pcm), dtype=np.float32)
        out[0::2] = window[self._HALF - 1 : self._HALF - 1 + len(pcm)]
        out[1::2] = np.convolve(window, self._kernel, mode="valid")
        return out
