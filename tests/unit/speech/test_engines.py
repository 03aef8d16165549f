"""One recogniser out of several engines."""

from dataclasses import dataclass, field

import pytest

from ivr.speech.engines import EnginePerLanguage
from ivr.speech.recognizer import Lang, RecognitionUnavailable, Transcription

pytestmark = pytest.mark.unit


@dataclass
class Named:
    """An engine that only notes what it was asked to hear."""

    engine: str
    asked: list[Lang | None] = field(default_factory=list)

    def start(self, lang: Lang | None) -> Transcription:
        self.asked.append(lang)
        raise RecognitionUnavailable(self.engine)


def test_each_language_has_its_engine_and_an_unknown_one_the_engine_that_can_tell() -> None:
    vosk, whisper = Named("vosk"), Named("whisper")
    ears = EnginePerLanguage({"zh": vosk, "en": whisper}, unsure=whisper)
    langs: tuple[Lang | None, ...] = ("zh", "en", None)
    for lang in langs:
        with pytest.raises(RecognitionUnavailable):
            ears.start(lang)
    assert vosk.asked == ["zh"]
    assert whisper.asked == ["en", None]
    assert ears.engine == "vosk+whisper"


def test_a_language_without_an_engine_is_refused() -> None:
    vosk = Named("vosk")
    with pytest.raises(RecognitionUnavailable, match="no recogniser is installed for en"):
        EnginePerLanguage({"zh": vosk}, unsure=vosk).start("en")
