"""One recogniser out of several engines: per language the one the operator's machine has for it."""

from collections.abc import Mapping

from ivr.speech.recognizer import Lang, RecognitionUnavailable, Recognizer, Transcription


class EnginePerLanguage:
    """Sends each turn to its language's engine; a turn of unknown language to `unsure`."""

    def __init__(self, engines: Mapping[Lang, Recognizer], unsure: Recognizer) -> None:
        self._engines = dict(engines)
        self._unsure = unsure

    @property
    def engine(self) -> str:
        """Names of all engines in use, such as `vosk+whisper`."""
        return "+".join(sorted({each.engine for each in (*self._engines.values(), self._unsure)}))

    def start(self, lang: Lang | None) -> Transcription:
        """Begin one turn; see `Recognizer`.

        Raises:
            RecognitionUnavailable: no engine for `lang`.
        """
        if lang is None:
            return self._unsure.start(None)
        if lang not in self._engines:
            message = f"no recogniser is installed for {lang}"
            raise RecognitionUnavailable(message)
        return self._engines[lang].start(lang)
