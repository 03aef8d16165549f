"""What stands for the carrier's own voice: a murmur as long as the text would take.

The simulated carrier has no voice of its own; that something is said, and how long, is what timing
and recording need.
"""

import numpy as np

from ivr.audio import mulaw

_WIDE_S = 0.22
"""Seconds a Chinese character takes; a Latin letter takes a quarter of it."""


def murmur(text: str) -> bytes:
    """Return mu-law audio of a length that fits `text`, audible and unlike speech."""
    seconds = sum(_WIDE_S if ord(sign) > 0x2E7F else _WIDE_S / 4 for sign in text)
    time = np.arange(int(max(0.2, seconds) * 8000)) / 8000
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    return mulaw.encode((2500 * swell * np.sin(2 * np.pi * 180 * time)).astype(np.int16))
