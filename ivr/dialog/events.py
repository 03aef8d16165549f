"""What can happen to a call. A closed union: `match` over it ends in `assert_never`."""

from dataclasses import dataclass
from datetime import datetime

from ivr.incident.model import CallId, HeardBy, Lang, Place


@dataclass(frozen=True, slots=True)
class Running:
    """An incident that is open while this call begins (FIRE-A3c: enquiries)."""

    category: str
    place: Place
    same_caller: bool = False
    """Reported from the number that calls now: the caller rings back (GAS-L9)."""


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The line is open and we may speak."""

    at: datetime
    call: CallId
    caller: str | None
    """E.164 number, None where withheld."""
    home: Place | None = None
    """The flat registered for that number, to be asked "are you at …?", never taken as a fact."""
    running: tuple[Running, ...] = ()
    test: bool = False
    """Registered test number: logged, nobody is sent (FALSE-L2)."""
    intercom: Place | None = None
    """The call comes from a lift's intercom line: this is the lift."""
    recorded: bool = False
    """This call is being recorded, so G-02 is due."""
    lang: Lang = "zh"


@dataclass(frozen=True, slots=True)
class UtteranceHeard:
    """The recogniser's text of one caller turn; empty text = speech that nobody could read."""

    at: datetime
    text: str
    alternatives: tuple[str, ...] = ()
    confidence: float | None = None
    """0..1, None where the engine gives none."""
    lang: Lang | None = None
    """Language the engine detected, None where it did not."""
    final: bool = True
    """False: words of a turn that goes on; used only for red flags (safety 2.1.1)."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    at: datetime
    digit: str
    """One of 0-9, * and #."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak (barge-in)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """A line left the caller's loudspeaker, or was cut off."""

    at: datetime
    line: str
    heard: HeardBy


@dataclass(frozen=True, slots=True)
class TimerFired:
    at: datetime
    timer: str


@dataclass(frozen=True, slots=True)
class AlertAccepted:
    """A channel took the first alert of this call's incident: G-06 is true now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentAcknowledged:
    """A named person has it: G-07 is true now."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """The dialled person hung up (answered) or nobody answered; the call is ours again."""

    at: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class LineResumed:
    """The connection broke and the call goes on over another one; what was queued is lost."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PartFailed:
    """A part of ours broke (recogniser, voice, database); never the caller's fault."""

    at: datetime
    part: str


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    at: datetime
    dropped: bool = False
    """True where the connection broke rather than was ended."""


Event = (
    CallStarted
    | UtteranceHeard
    | KeyPressed
    | SpeechStarted
    | PromptFinished
    | TimerFired
    | AlertAccepted
    | IncidentAcknowledged
    | TransferEnded
    | LineResumed
    | PartFailed
    | CallerHungUp
)
