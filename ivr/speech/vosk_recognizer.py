"""Vosk behind the recogniser port: streaming, on the call's own thread; no other file knows vosk.

What the engine does silently and we must not (speech.md 2.4):

- a grammar written with `ensure_ascii=True` matches nothing, ever;
- a grammar word outside the vocabulary is skipped with a line on stderr; all skipped = always "";
- audio of the wrong rate gives garbage, or an error at the first samples: the model says which;
- a segment that ends inside a turn is lost unless its result is fetched before the next samples.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import numpy as np
from vosk import KaldiRecognizer, Model, SetLogLevel

from ivr.audio.frames import RATE
from ivr.audio.mulaw import Pcm
from ivr.audio.resample import resample
from ivr.speech.recognizer import Heard, Lang, RecognitionUnavailable

READINGS: Final = 3
CHUNK: Final = RATE // 10
"""Samples fed at once: smaller chunks cost more calls and bring nothing."""
UNKNOWN: Final = "[unk]"
"""The vocabulary's word for what no grammar word fits; without it every sound becomes one."""


class VoskModel:
    """One model, loaded once; thread-safe."""

    def __init__(self, directory: Path) -> None:
        """Load the model in `directory`.

        Raises:
            RecognitionUnavailable: it is no Vosk model, or damaged.
        """
        SetLogLevel(-1)
        if not (directory / "am" / "final.mdl").is_file():
            message = f"{directory.name} is not a Vosk model: am/final.mdl is missing"
            raise RecognitionUnavailable(message)
        try:
            self._model = Model(str(directory))
        except Exception as error:  # vosk raises nothing more precise
            message = f"the Vosk model {directory.name} cannot be loaded; install it again"
            raise RecognitionUnavailable(message) from error
        self.rate = _rate(directory / "conf" / "mfcc.conf")

    def unknown(self, phrases: Iterable[str]) -> list[str]:
        """Return the words of `phrases` (split at spaces) that the vocabulary lacks, once each."""
        words = dict.fromkeys(word for phrase in phrases for word in phrase.split())
        return [word for word in words if self._model.vosk_model_find_word(word) < 0]

    def recognizer(self, phrases: Sequence[str] | None = None) -> KaldiRecognizer:
        """Return an engine for one turn, restricted to `phrases` where given.

        Raises:
            RecognitionUnavailable: every phrase has a word that the vocabulary lacks.
        """
        if phrases is None:
            engine = KaldiRecognizer(self._model, float(self.rate))
        else:
            missing = set(self.unknown(phrases))
            known = [phrase for phrase in phrases if not missing & set(phrase.split())]
            if not known:
                message = "no phrase of the grammar is in the model's vocabulary"
                raise RecognitionUnavailable(message)
            if not self.unknown([UNKNOWN]):
                known.append(UNKNOWN)
            grammar = json.dumps(known, ensure_ascii=False)
            engine = KaldiRecognizer(self._model, float(self.rate), grammar)
        engine.SetMaxAlternatives(READINGS)
        return engine


class VoskRecognizer:
    """Models by language, for the whole process."""

    engine: Final = "vosk"

    def __init__(self, models: Mapping[Lang, VoskModel]) -> None:
        """`models` has at least one entry; its first language stands in where none is asked."""
        self._models = dict(models)

    def start(self, lang: Lang | None) -> "VoskTranscription":
        """Begin one turn; see `Recognizer`. Vosk cannot tell languages apart.

        Raises:
            RecognitionUnavailable: no model for `lang`.
        """
        return self.within(None, lang)

    def within(self, phrases: Sequence[str] | None, lang: Lang | None) -> "VoskTranscription":
        """Begin one turn that can only be one of `phrases`, written as vocabulary words and spaces.

        Raises:
            RecognitionUnavailable: no model for `lang`, or no phrase in its vocabulary.
        """
        spoken: Lang = next(iter(self._models)) if lang is None else lang
        model = self._models.get(spoken)
        if model is None:
            message = f"no Vosk model is installed for {spoken}"
            raise RecognitionUnavailable(message)
        return VoskTranscription(model.recognizer(phrases), model.rate, spoken)


class VoskTranscription:
    """One turn; decodes in the thread that feeds it, 0.2 s of work per second of speech."""

    def __init__(self, engine: KaldiRecognizer, rate: int, lang: Lang) -> None:
        self._engine = engine
        self._rate = rate
        self._lang = lang
        self._waiting: Pcm = np.zeros(0, dtype=np.int16)
        self._segments: list[list[str]] = []
        self._partial = ""
        self._fed = 0
        self._decode_s = 0.0

    def feed(self, pcm: Pcm) -> None:
        """Take samples; decoded by the tenth of a second."""
        self._fed += len(pcm)
        self._waiting = np.concatenate([self._waiting, pcm])
        if len(self._waiting) >= CHUNK:
            self._accept()

    def pause(self) -> None:
        """Decode what is left, so that the partial has it all."""
        self._accept()

    def partial(self) -> str | None:
        """Return the words so far."""
        so_far = [segment[0] for segment in self._segments] + [self._partial]
        return self._joined(so_far) or None

    def finish(self) -> Future[Heard]:
        """Return the turn's text; done at once."""
        self._accept()
        began = time.perf_counter()
        self._segment(self._engine.FinalResult())
        self._decode_s += time.perf_counter() - began
        best = self._joined(segment[0] for segment in self._segments)
        others = dict.fromkeys(self._joined(reading) for reading in self._readings())
        others.pop(best, None)
        future: Future[Heard] = Future()
        future.set_result(
            Heard(
                text=best,
                alternatives=tuple(others),
                confidence=None,
                lang=self._lang,
                engine=VoskRecognizer.engine,
                audio_s=self._fed / RATE,
                decode_s=self._decode_s,
                rejected=None if best else "silence",
            )
        )
        return future

    def abandon(self) -> None:
        """Drop the turn; nothing runs elsewhere."""

    def _accept(self) -> None:
        if len(self._waiting) == 0:
            return
        began = time.perf_counter()
        samples = resample(self._waiting, RATE, self._rate)
        self._waiting = self._waiting[:0]
        try:
            ended = self._engine.AcceptWaveform(samples.astype("<i2").tobytes())
        except Exception as error:  # vosk raises nothing more precise
            message = "vosk refused the audio"
            raise RecognitionUnavailable(message) from error
        if ended:
            self._segment(self._engine.Result())
            self._partial = ""
        else:
            self._partial = json.loads(self._engine.PartialResult()).get("partial", "")
        self._decode_s += time.perf_counter() - began

    def _segment(self, result: str) -> None:
        readings = [reading["text"] for reading in json.loads(result).get("alternatives", [])]
        if any(reading.strip() for reading in readings):
            self._segments.append(readings)

    def _readings(self) -> Iterable[list[str]]:
        """Yield the turn with one segment at a time read otherwise."""
        best = [segment[0] for segment in self._segments]
        for place, segment in enumerate(self._segments):
            for reading in segment[1:]:
                yield [*best[:place], reading, *best[place + 1 :]]

    def _joined(self, segments: Iterable[str]) -> str:
        words = " ".join(segments).replace(UNKNOWN, " ").split()
        return ("" if self._lang == "zh" else " ").join(words)


def _rate(mfcc: Path) -> int:
    """Return the rate to feed: the telephone's where the model resamples, else the model's own."""
    text = mfcc.read_text("utf-8") if mfcc.is_file() else ""
    own = re.search(r"--sample-frequency=(\d+)", text)
    upsamples = re.search(r"--allow-upsample=true", text)
    return RATE if upsamples or own is None else int(own[1])
