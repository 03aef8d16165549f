"""Both sides of a call on one time line, saved as stereo: left the caller, right the hotline."""

from pathlib import Path

from ivr.audio import mulaw, wav
from ivr.phone.playout import FRAME

SILENT_FRAME = bytes([mulaw.SILENCE]) * FRAME


class Recording:
    """Frame by frame, 20 ms each, what the caller said and heard."""

    def __init__(self) -> None:
        self._said = bytearray()
        self._heard = bytearray()

    @property
    def length_s(self) -> float:
        return len(self._said) / 8000

    def add(self, said: bytes, heard: bytes) -> None:
        """Add one frame of both sides; the shorter is filled up with silence."""
        self._said += said[:FRAME].ljust(FRAME, bytes([mulaw.SILENCE]))
        self._heard += heard[:FRAME].ljust(FRAME, bytes([mulaw.SILENCE]))

    def caller(self) -> bytes:
        """Return the caller's side as mu-law."""
        return bytes(self._said)

    def hotline(self) -> bytes:
        """Return the hotline's side as mu-law."""
        return bytes(self._heard)

    def save(self, path: Path) -> None:
        """Write a stereo WAV, 8000 Hz, 16 bit."""
        left, right = mulaw.decode(self.caller()), mulaw.decode(self.hotline())
        wav.save(path, wav.stereo(left, right), channels=2)
