"""G.711 mu-law to and from 16-bit PCM, by table.

The telephone sends one byte per sample. Both directions are pure functions of one value, so each
is a table, built once from the reference algorithm of ITU-T G.711 (the 14-bit form of Sun's
`g711.c`, which is also what `audioop` did); they agree in every one of the 65,536 + 256 entries.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
"""Mono samples, 16-bit linear PCM."""

SILENCE: Final = 0xFF
"""The mu-law byte of a sample of value 0."""

_BIAS: Final = 33  # G.711's 132, in the 14-bit domain
_CLIP: Final = 8158
_SEGMENT_ENDS: Final = np.array([0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF])


def _encoding_table() -> NDArray[np.uint8]:
    """Return the byte of each 16-bit sample, indexed by the sample read as unsigned."""
    samples = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32) >> 2
    mask = np.where(samples < 0, 0x7F, 0xFF)
    magnitude = np.minimum(np.abs(samples), _CLIP) + _BIAS
    segment = np.searchsorted(_SEGMENT_ENDS, magnitude)
    coded = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F)
    table: NDArray[np.uint8] = (coded ^ mask).astype(np.uint8)
    return table


def _decoding_table() -> Pcm:
    """Return the sample of each byte."""
    coded = ~np.arange(256) & 0xFF
    magnitude = (((coded & 0x0F) << 3) + 0x84) << ((coded & 0x70) >> 4)
    return np.where(coded & 0x80, 0x84 - magnitude, magnitude - 0x84).astype(np.int16)


_ENCODE: Final = _encoding_table()
_DECODE: Final = _decoding_table()


def encode(pcm: Pcm) -> bytes:
    """Return `pcm` (16-bit samples) as mu-law, one byte per sample."""
    return _ENCODE[np.ascontiguousarray(pcm, dtype=np.int16).view(np.uint16)].tobytes()


def decode(mulaw: bytes) -> Pcm:
    """Return the 16-bit samples of `mulaw`, one per byte."""
    samples: Pcm = _DECODE[np.frombuffer(mulaw, dtype=np.uint8)]
    return samples
