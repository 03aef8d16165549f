"""The port to what we say, and how a line or a place becomes a verb of a document."""

import xml.etree.ElementTree as ET
from typing import Protocol
from urllib.parse import quote

from ivr.incident.model import Lang, Place
from ivr.telephony import twiml
from ivr.telephony.signature import PublicAddress
from ivr.telephony.tokens import Phrase, PhraseSeal
from ivr.telephony.twiml import SpeechStyle


class Prompts(Protocol):
    """Texts and recordings; called from webhook threads, so answers must be at hand."""

    def wav(self, line: str, lang: Lang, slow: bool) -> bytes | None:
        """Return the line's WAV (8 kHz mono), None where nothing is rendered yet."""
        ...

    def text(self, line: str, lang: Lang) -> str:
        """Return the line's text. Raises KeyError for a line that no prompt file has."""
        ...

    def phrase_wav(self, place: Place, lang: Lang, slow: bool) -> bytes | None:
        """Return a place, joined from pieces of the same voice; None where a piece is missing."""
        ...

    def phrase_text(self, place: Place, lang: Lang) -> str:
        """Return the place as it is spoken, for the carrier's own voice."""
        ...


class Speaker:
    """Makes `<Play>` of what is recorded and `<Say>` of the rest."""

    def __init__(
        self, prompts: Prompts, address: PublicAddress, seal: PhraseSeal, style: SpeechStyle
    ) -> None:
        self.prompts = prompts
        self.seal = seal
        self.style = style
        self._address = address

    def line(self, line: str, lang: Lang, slow: bool = False) -> ET.Element:
        """Return the verb that speaks one line of the prompts."""
        if self.prompts.wav(line, lang, slow) is None:
            return twiml.say(self.prompts.text(line, lang), lang, self.style)
        pace = "slow/" if slow else ""
        return twiml.play(
            self._address.url(f"/voice/audio/{lang}/{pace}{quote(line, safe='')}.wav")
        )

    def place(self, place: Place, lang: Lang, slow: bool = False) -> ET.Element:
        """Return the verb that reads a place back."""
        if self.prompts.phrase_wav(place, lang, slow) is None:
            return twiml.say(self.prompts.phrase_text(place, lang), lang, self.style)
        name = self.seal.name(Phrase(place, lang, slow))
        return twiml.play(self._address.url(f"/voice/audio/phrase/{name}.wav"))
