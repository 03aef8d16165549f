"""The catalogue as the voice of calls and as the recordings of documents."""

from dataclasses import asdict

from ivr.incident.model import Lang, Place
from ivr.speech.catalogue import Catalogue
from ivr.speech.synthesizer import SynthesisFailed


class PromptedVoice:
    """Implements `ivr.call.voice.Voice`, and `Prompts` of the telephony room."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def line(self, line: str, lang: Lang, *, slow: bool) -> bytes:
        return self._catalogue.audio(line, lang, slow=slow)

    def place(self, place: Place, lang: Lang, *, slow: bool) -> bytes:
        return self._catalogue.phrase(self._words(place, lang), lang, slow=slow)

    def wav(self, line: str, lang: Lang, slow: bool) -> bytes | None:
        try:
            return self._catalogue.wav(line, lang, slow=slow)
        except (SynthesisFailed, KeyError):
            return None

    def text(self, line: str, lang: Lang) -> str:
        return self._catalogue.text(line, lang)

    def phrase_wav(self, place: Place, lang: Lang, slow: bool) -> bytes | None:
        try:
            return self._catalogue.phrase_wav(self._words(place, lang), lang, slow=slow)
        except SynthesisFailed:
            return None

    def phrase_text(self, place: Place, lang: Lang) -> str:
        return self._catalogue.phrase_text(self._words(place, lang), lang)

    def _words(self, place: Place, lang: Lang) -> tuple[str, ...]:
        slots = {k: v for k, v in asdict(place).items() if isinstance(v, str) and k != "as_said"}
        return self._catalogue.place_words(slots, lang)
