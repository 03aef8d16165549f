"""The port to our own voice: a line or a place as telephone audio."""

from typing import Protocol

from ivr.incident.model import Lang, Place


class Voice(Protocol):
    """Called from worker threads; may render, so it may take seconds for what is not ready."""

    def line(self, line: str, lang: Lang, *, slow: bool) -> bytes:
        """Return mu-law 8 kHz audio. Raises `SynthesisFailed` where nothing can speak it."""
        ...

    def place(self, place: Place, lang: Lang, *, slow: bool) -> bytes: ...
