"""The catalogue as the voice of live calls."""

from ivr.incident.model import Lang, Place
from ivr.speech.catalogue import Catalogue
from ivr.speech.prompt_files import parts_of


class PromptedVoice:
    """Implements `ivr.call.voice.Voice`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def line(self, line: str, lang: Lang, *, slow: bool) -> bytes:
        return self._catalogue.audio(line, lang, slow=slow)

    def place(self, place: Place, lang: Lang, *, slow: bool) -> bytes:
        words = self._catalogue.place_words(parts_of(place), lang)
        return self._catalogue.phrase(words, lang, slow=slow)
