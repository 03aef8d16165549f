"""The port every telephone connection implements (Twilio's media stream, later SIP).

The carrier's wire format ends here: nothing inside knows JSON or base64.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AudioReceived:
    frame: bytes
    """Mu-law, 8000 Hz, mono; usually 160 bytes = 20 ms, any length allowed."""
    timestamp_ms: int
    """The carrier's own clock since the stream began."""


@dataclass(frozen=True, slots=True)
class KeyReceived:
    digit: str


@dataclass(frozen=True, slots=True)
class MarkReturned:
    """A mark came back: played, or flushed by `clear` (Twilio returns those too)."""

    name: str


@dataclass(frozen=True, slots=True)
class LineEnded:
    """No more will come. `clean` False: the socket broke without the carrier's `stop`."""

    clean: bool


LineInput = AudioReceived | KeyReceived | MarkReturned | LineEnded


class Line(Protocol):
    """Six methods, all on the event loop; none of them raises after the line has ended."""

    def inputs(self) -> AsyncIterator[LineInput]:
        """What the carrier sends, in order; ends after `LineEnded`."""
        ...

    async def play(self, audio: bytes) -> None:
        """Queue mu-law 8 kHz audio at the carrier, behind what is queued already."""
        ...

    async def mark(self, name: str) -> None:
        """Ask for `MarkReturned(name)` once all audio queued so far is played or flushed."""
        ...

    async def clear(self) -> None:
        """Flush what is queued; outstanding marks come back."""
        ...

    async def close(self) -> None:
        """Give the call back to the carrier, which goes on with the document behind the stream."""
        ...
