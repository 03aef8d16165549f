"""Whisper (base, int8) behind the recogniser port. The only file that knows faster-whisper.

What makes it quick enough for a telephone (docs/measurements/recognition.md):

- the encoder sees a window fitted to the turn, not Whisper's 30 s;
- one encoder pass serves language, all readings and the no-speech probability;
- a pause starts a decode; when it turns out to be the end, the text is there or nearly so.

Never a prompt: Whisper repeats prompt words for noise ("gas leak" for 3 s of hiss, speech.md 2.5).
"""

import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from ivr.audio.frames import RATE
from ivr.audio.mulaw import Pcm
from ivr.audio.resample import as_float
from ivr.speech.decoding import DecodeQueue, Job, Urgency
from ivr.speech.plausible import Evidence, Inventions, rejected, without_repeats
from ivr.speech.recognizer import Heard, Lang, RecognitionUnavailable
from ivr.speech.simplified import simplified

LONGEST_S: Final = 28.0
"""Only the last so many seconds of a turn are decoded; `Listening` cuts turns long before."""
AHEAD_S: Final = 5.0
"""Speech without a pause is decoded ahead after so much more of it, for red flags."""
SURELY_ENGLISH: Final = 0.7
"""A first turn is English from this probability, else Mandarin: most callers speak that."""
_TOKENS_PER_S: Final = 9
_FRAMES_PER_S: Final = 100


@dataclass(frozen=True, slots=True)
class Decoding:
    """How turns are decoded; the measured choice is the default."""

    window_s: float = 10.0
    """Smallest encoder window, seconds. Below 10 the text begins to repeat and to drop words."""
    margin_s: float = 1.0
    """Quiet that the window must leave behind the speech."""
    beam: int = 5
    readings: int = 3


class WhisperRecognizer:
    """One model and its decode threads for the whole process."""

    engine: Final = "whisper"

    def __init__(
        self,
        directory: Path,
        inventions: Inventions,
        *,
        threads: int = 2,
        workers: int = 2,
        decoding: Decoding | None = None,
    ) -> None:
        """Load the model in `directory` (`models.whisper_directory`): 1 s, 250 MB.

        `threads` work on one turn, `workers` turns are decoded at a time: two and two on two
        cores served one caller as fast as 2 x 1 and four callers a fifth faster (measured).

        Raises:
            RecognitionUnavailable: the folder holds no model that CTranslate2 can read.
        """
        try:
            self._model = WhisperModel(
                str(directory),
                device="cpu",
                compute_type="int8",
                cpu_threads=threads,
                num_workers=workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            message = f"the Whisper model cannot be loaded: {error}"
            raise RecognitionUnavailable(message) from error
        self._decoding = decoding or Decoding()
        self._inventions = inventions
        self._tokenizers: dict[Lang, Tokenizer] = {
            "zh": Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="zh"),
            "en": Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="en"),
        }
        self._suppressed = list(get_suppressed_tokens(self._tokenizers["zh"], [-1]))
        self.queue: DecodeQueue[Heard] = DecodeQueue(workers)

    def start(self, lang: Lang | None) -> "WhisperTranscription":
        """Begin one turn; see `Recognizer`."""
        return WhisperTranscription(self.queue, lambda pcm: self.decode(pcm, lang))

    def close(self) -> None:
        """End the decode threads."""
        self.queue.close()

    def decode(self, pcm: Pcm, lang: Lang | None) -> Heard:
        """Return what was said in `pcm` (8000 Hz); blocks for the whole decode."""
        began = time.perf_counter()
        pcm = pcm[-int(LONGEST_S * RATE) :]
        encoded = self._model.encode(self._window(pcm))
        spoken: Lang = self._language(encoded) if lang is None else lang
        result = self._generate(encoded, spoken, len(pcm) / RATE)
        texts = _distinct(
            self._text(ids, spoken) for ids in result.sequences_ids[: self._decoding.readings]
        )
        tokens = len(result.sequences_ids[0])
        log_prob = result.scores[0] * tokens / (tokens + 1)
        evidence = Evidence(result.no_speech_prob, log_prob, len(pcm) / RATE)
        why = rejected(texts[0], evidence, self._inventions)
        return Heard(
            text="" if why else texts[0],
            alternatives=() if why else tuple(texts[1:]),
            confidence=math.exp(min(0.0, log_prob)),
            lang=spoken,
            engine=self.engine,
            audio_s=len(pcm) / RATE,
            decode_s=time.perf_counter() - began,
            rejected=why,
        )

    def _window(self, pcm: Pcm) -> NDArray[np.float32]:
        """Return the mel features of `pcm`, filled up with its own quiet to the encoder window."""
        features = self._model.feature_extractor(as_float(pcm, RATE, 2 * RATE))[:, :-1]
        length = features.shape[1]
        least = round(self._decoding.window_s * _FRAMES_PER_S)
        frames = min(3000, max(least, length + round(self._decoding.margin_s * _FRAMES_PER_S)))
        frames += frames % 2
        window = np.full((features.shape[0], frames), features.min(), dtype=np.float32)
        window[:, :length] = features[:, :frames]
        return window

    def _language(self, encoded: Any) -> Lang:  # CTranslate2 ships no types
        odds = dict(self._model.model.detect_language(encoded)[0])
        return "en" if odds.get("<|en|>", 0.0) >= SURELY_ENGLISH else "zh"

    def _generate(self, encoded: Any, lang: Lang, audio_s: float) -> Any:
        tokenizer = self._tokenizers[lang]
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return self._model.model.generate(
            encoded,
            [prompt],
            beam_size=self._decoding.beam,
            num_hypotheses=min(self._decoding.beam, self._decoding.readings),
            # A text cannot be longer than its audio: what loops is stopped early.
            max_length=len(prompt) + min(220, 10 + round(audio_s * _TOKENS_PER_S)),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )[0]

    def _text(self, ids: list[int], lang: Lang) -> str:
        text = without_repeats(self._tokenizers[lang].decode(ids).strip())
        return simplified(text) if lang == "zh" else text


class WhisperTranscription:
    """One turn: the audio so far, and the newest decode of it."""

    def __init__(self, queue: DecodeQueue[Heard], decode: Callable[[Pcm], Heard]) -> None:
        self._queue = queue
        self._decode = decode
        self._pieces: list[Pcm] = []
        self._fed = 0
        self._decoded_to = 0
        self._ahead: Job[Heard] | None = None
        self._partial: str | None = None

    def feed(self, pcm: Pcm) -> None:
        """Take samples; a long stretch without a pause is decoded ahead."""
        self._pieces.append(pcm)
        self._fed += len(pcm)
        if self._fed - self._decoded_to >= AHEAD_S * RATE:
            self._decode_ahead(Urgency.PART)

    def pause(self) -> None:
        """Guess that this is the end of the turn."""
        if self._decoded_to != self._fed:
            self._decode_ahead(Urgency.GUESS)

    def partial(self) -> str | None:
        """Return the newest text of the turn's beginning that is ready."""
        if self._ahead is not None and self._ahead.future.done():
            future = self._ahead.future
            if not future.cancelled() and future.exception() is None and future.result().text:
                self._partial = future.result().text
        return self._partial

    def finish(self) -> Future[Heard]:
        """Return the decode of the whole turn, the guess where nothing was fed since."""
        if self._ahead is not None and self._decoded_to == self._fed:
            self._queue.promote(self._ahead)
            return self._ahead.future
        self.abandon()
        job = self._submit(Urgency.FINAL)
        if job is None:  # the queue refuses only work ahead
            message = "the queue refused a finished turn"
            raise RecognitionUnavailable(message)
        return job.future

    def abandon(self) -> None:
        """Take the decode ahead out of the queue where it has not begun."""
        if self._ahead is not None:
            self._queue.withdraw(self._ahead)

    def _decode_ahead(self, urgency: Urgency) -> None:
        self.partial()
        self.abandon()
        job = self._submit(urgency)
        if job is not None:
            self._ahead = job
            self._decoded_to = self._fed

    def _submit(self, urgency: Urgency) -> Job[Heard] | None:
        audio = np.concatenate(self._pieces) if self._pieces else np.zeros(0, dtype=np.int16)
        self._pieces = [audio]
        decode = self._decode
        return self._queue.submit(lambda: decode(audio), urgency)


def _distinct(texts: Iterable[str]) -> list[str]:
    """Return the texts that differ in more than punctuation, in order, at least one."""
    kept: dict[str, str] = {}
    for text in texts:
        kept.setdefault("".join(filter(str.isalnum, text)).lower(), text)
    return list(kept.values()) or [""]
