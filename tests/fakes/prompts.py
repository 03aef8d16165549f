"""Prompts for tests: every line is a tone of its own length; some are missing on purpose."""

import numpy as np

from ivr.audio import wav
from ivr.incident.model import Lang, Place


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    """Return a WAV of a clear tone, 8000 Hz."""
    time = np.arange(int(seconds * 8000)) / 8000
    return wav.write((8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16))


class TonePrompts:
    """`missing` lines have a text and no recording."""

    def __init__(self, seconds: float = 0.3, missing: frozenset[str] = frozenset()) -> None:
        self._tone = tone(seconds)
        self._slow = tone(seconds * 1.5)
        self._missing = missing

    def wav(self, line: str, lang: Lang, slow: bool) -> bytes | None:
        return None if line in self._missing else self._slow if slow else self._tone

    def text(self, line: str, lang: Lang) -> str:
        return f"line {line} in {lang}"

    def phrase_wav(self, place: Place, lang: Lang, slow: bool) -> bytes | None:
        return None if "place" in self._missing else self._tone

    def phrase_text(self, place: Place, lang: Lang) -> str:
        return f"building {place.building}"
