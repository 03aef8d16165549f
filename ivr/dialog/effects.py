"""What the engine may ask of the shell. A closed union; effects are performed in order."""

from dataclasses import dataclass
from typing import Literal

from ivr.incident.model import Disposition, Lang, Place, Report


@dataclass(frozen=True, slots=True)
class Say:
    """Speak one line of the prompts."""

    line: str
    lang: Lang
    barge_in: bool = True
    """False: the caller's voice does not cut it off (life-saving lines)."""
    slow: bool = False
    """Asked to say it again: the slower rendering."""


@dataclass(frozen=True, slots=True)
class SayPlace:
    """Read a place back from joined pieces of the same voice."""

    place: Place
    lang: Lang
    slow: bool = False


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Flush what is queued at the carrier (Twilio `clear`)."""


Expecting = Literal["open", "yes_no", "place", "number", "keys", "nothing"]


@dataclass(frozen=True, slots=True)
class Listen:
    """The floor is the caller's once what was said is played; `expecting` sets the endpointing."""

    expecting: Expecting
    question: str | None = None
    """The question it answers, or None for an open turn."""
    key_count: int | None = None
    """How many keys end the entry at once; None: `#` ends it."""


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Starting a timer that runs replaces it."""

    timer: str
    after_s: float
    """Seconds from now, or from the end of what is being said."""
    after_speech: bool = False
    """True: the silence of the caller is meant, so it counts once our last word is played."""


@dataclass(frozen=True, slots=True)
class CancelTimer:
    timer: str


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Write the incident and its first alert orders in one transaction."""

    report: Report


@dataclass(frozen=True, slots=True)
class AmendIncident:
    """Replace the incident's report; new alert and task keys are added to it."""

    report: Report


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the caller to a person; if nobody answers within `timeout_s` the call comes back."""

    target: Literal["duty_desk"]
    reason: str
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record what the caller says, because nobody answered."""

    max_s: float = 60.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call once what was said is played."""

    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the journal: why the engine did what it did. Never the caller's words."""

    text: str


Effect = (
    Say
    | SayPlace
    | StopSpeaking
    | Listen
    | StartTimer
    | CancelTimer
    | OpenIncident
    | AmendIncident
    | Transfer
    | TakeMessage
    | HangUp
    | Note
)
