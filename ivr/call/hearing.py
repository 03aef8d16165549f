"""What a call's ears report (`ivr.call.listening`). A closed union.

Times are seconds on the carrier's clock since the stream began.
"""

from dataclasses import dataclass

from ivr.speech.recognizer import Heard, Rejection


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller speaks since `at`; the moment for barge-in."""

    at: float


@dataclass(frozen=True, slots=True)
class PartialHeard:
    """The turn's beginning as understood so far; for red flags only, the rest may change it."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class UtteranceHeard:
    """A whole turn."""

    heard: Heard
    began_at: float
    ended_at: float
    """Its last voice."""


@dataclass(frozen=True, slots=True)
class SpeechDiscarded:
    """The turn gave no believable text: ask again, conclude nothing."""

    reason: Rejection
    began_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class RecognitionFailed:
    """The recogniser gave up on a turn; `deaf`: nothing more will be heard on this call."""

    reason: str
    deaf: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """`dropped` frames (20 ms each) of this call were lost so far because we are too slow."""

    dropped: int


ListeningEvent = (
    SpeechStarted | PartialHeard | UtteranceHeard | SpeechDiscarded | RecognitionFailed | Behind
)
