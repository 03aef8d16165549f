"""The port to a speech recogniser: one `Transcription` per caller turn.

A recogniser is one per process and engine, holds the model, and may be used by all calls at once.
A transcription belongs to one thread; only `finish` hands out something that others may wait for.
"""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.audio.mulaw import Pcm

Lang = Literal["zh", "en"]

Rejection = Literal["silence", "noise", "hallucination", "repetition"]
"""Why a turn gives no text. A rejected turn is asked about again; it never becomes an incident."""


class RecognitionUnavailable(Exception):
    """The recogniser cannot work: model missing or damaged, or too many turns wait for it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the engine made of one turn."""

    text: str
    """Simplified characters, or English; empty where nothing was said or it was rejected."""
    alternatives: tuple[str, ...]
    """Other readings of the same audio, best first, without `text`."""
    confidence: float | None
    """0..1, None where the engine gives none."""
    lang: Lang
    """The language that was asked for, or detected where None was asked."""
    engine: str
    audio_s: float
    decode_s: float
    """Seconds of work, not of waiting."""
    rejected: Rejection | None = None


class Transcription(Protocol):
    """One turn: feed speech, then `finish`."""

    def feed(self, pcm: Pcm) -> None:
        """Take samples at 8000 Hz, in order. What was decoded ahead is then only a part."""
        ...

    def pause(self) -> None:
        """Tell that the caller paused here: decode ahead if that pays. Never blocks."""
        ...

    def partial(self) -> str | None:
        """Return the newest words of the turn so far, None where there are none yet. Cheap."""
        ...

    def finish(self) -> "Future[Heard]":
        """Return the whole turn's text, as soon as it is there; call once, feed no more.

        The future fails with `RecognitionUnavailable` where the engine gave up.
        """
        ...

    def abandon(self) -> None:
        """Drop the turn; nobody waits for it."""
        ...


class Recognizer(Protocol):
    """Holds one model for the whole process; thread-safe."""

    @property
    def engine(self) -> str:
        """Name of the engine, as in `IVR_ASR` and in reports."""
        ...

    def start(self, lang: Lang | None) -> Transcription:
        """Begin one turn; None: find out the language (English only where it is clearly that)."""
        ...
