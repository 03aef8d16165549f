"""A voice for tests: a tone per letter, so different words sound different, in no time."""

import numpy as np

from ivr.speech.mastering import master
from ivr.speech.spoken import speakable
from ivr.speech.synthesizer import Samples, SynthesisFailed


class ToneVoice:
    """Speaks the `Synthesizer` port; counts what it rendered."""

    voice = "tones"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.rendered: list[tuple[str, str, float]] = []

    def voice_for(self, text: str, lang: str) -> str:
        return f"tones {lang}"

    def render(self, text: str, lang: str, *, speed: float = 1.0) -> Samples:
        if self.broken:
            raise SynthesisFailed("this voice is broken")
        if not speakable(text):
            raise SynthesisFailed("there is nothing to say in this text")
        self.rendered.append((text, lang, speed))
        seconds = 0.05 * max(2, len(text)) / speed
        t = np.arange(int(8000 * seconds)) / 8000
        return master(0.3 * np.sin(2 * np.pi * (400 + sum(text.encode()) % 2000) * t))
