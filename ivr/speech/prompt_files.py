"""The catalogue as the webhook path asks for it: a WAV or nothing, never an exception.

`<Say>`, the carrier's own voice, speaks what is not there (`telephony.prompts.Prompts`).
"""

from ivr.incident.model import Lang, Place
from ivr.speech.catalogue import Catalogue
from ivr.speech.synthesizer import SynthesisFailed


class PromptFiles:
    """Lines and places as WAV files for `<Play>`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def wav(self, line: str, lang: Lang, slow: bool) -> bytes | None:
        """Return the line's WAV, None where it is unknown or cannot be rendered."""
        try:
            return self._catalogue.wav(line, lang, slow=slow)
        except (KeyError, SynthesisFailed):
            return None

    def text(self, line: str, lang: Lang) -> str:
        """Return the line's text. Raises `KeyError` for an unknown line."""
        return self._catalogue.text(line, lang)

    def phrase_wav(self, place: Place, lang: Lang, slow: bool) -> bytes | None:
        """Return the place read back, None where nothing is known or a voice is missing."""
        words = self._catalogue.place_words(parts_of(place), lang)
        try:
            return self._catalogue.phrase_wav(words, lang, slow=slow) if words else None
        except SynthesisFailed:
            return None

    def phrase_text(self, place: Place, lang: Lang) -> str:
        """Return the place as words."""
        return self._catalogue.phrase_text(self._catalogue.place_words(parts_of(place), lang), lang)


def parts_of(place: Place) -> dict[str, str | None]:
    """A place as the mapping `place_words` reads."""
    return {
        "building": place.building,
        "unit": place.unit,
        "floor": place.floor,
        "room": place.room,
        "landmark": place.landmark,
    }
