"""Cut and join the telephone's 20 ms frames (160 mu-law bytes at 8000 Hz)."""

from collections.abc import Iterator
from typing import Final

from ivr.audio.mulaw import SILENCE

RATE: Final = 8000
"""Samples per second on the telephone."""
FRAME_BYTES: Final = 160
"""Bytes, and samples, of one frame."""
FRAME_S: Final = 0.02
"""Seconds of one frame."""


def cut(mulaw: bytes) -> Iterator[bytes]:
    """Yield `mulaw` in frames of 160 bytes, the last one filled up with silence."""
    for start in range(0, len(mulaw), FRAME_BYTES):
        yield mulaw[start : start + FRAME_BYTES].ljust(FRAME_BYTES, bytes([SILENCE]))


def silence(seconds: float) -> bytes:
    """Return mu-law silence of `seconds`, rounded to whole frames."""
    return bytes([SILENCE]) * (FRAME_BYTES * round(seconds / FRAME_S))


def duration_s(mulaw: bytes) -> float:
    """Return how many seconds `mulaw` lasts."""
    return len(mulaw) / RATE


class Joiner:
    """Turns chunks of any length, as a carrier may send them, into whole frames, in order."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, mulaw: bytes) -> list[bytes]:
        """Return the frames that `mulaw` completes; what is left over waits for the next chunk."""
        whole = self._rest + mulaw
        end = len(whole) - len(whole) % FRAME_BYTES
        self._rest = whole[end:]
        return [whole[start : start + FRAME_BYTES] for start in range(0, end, FRAME_BYTES)]
