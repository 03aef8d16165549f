"""The port behind which a voice stands: text in, telephone audio out."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

TELEPHONE_RATE = 8000


class SynthesisFailed(Exception):
    """This voice cannot speak this text; the message says why, without the text itself."""


class Synthesizer(Protocol):
    """A voice that can speak any text of the languages it knows."""

    @property
    def voice(self) -> str:
        """Name and settings of all its voices, as shown to people."""
        ...

    def voice_for(self, text: str, lang: str) -> str:
        """The voice that would speak this text, as written into manifests and cache keys."""
        ...

    def render(self, text: str, lang: str, *, speed: float = 1.0) -> Samples:
        """Speak `text` as mono 16-bit samples at 8000 Hz, levelled and trimmed.

        `speed` 1.0 is the voice's natural pace, 0.8 slower. Raises `SynthesisFailed`.
        """
        ...
