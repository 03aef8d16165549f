"""What happens on a simulated call, told as it happens."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Happening:
    at_s: float
    """Seconds since the call was answered (negative while it rings)."""


@dataclass(frozen=True, slots=True)
class Answered(Happening):
    """The hotline's first document has come."""

    after_s: float
    """From the webhook's sending to its answer."""


@dataclass(frozen=True, slots=True)
class StreamOpened(Happening):
    """The media stream is up."""


@dataclass(frozen=True, slots=True)
class StreamClosed(Happening):
    by: str
    """`hotline`, `caller` or `broken`."""


@dataclass(frozen=True, slots=True)
class HotlineSpeaks(Happening):
    """The first sound of the hotline after a silence."""

    gap_s: float | None
    """Since the caller's last speech sample; None where the caller has not spoken since."""


@dataclass(frozen=True, slots=True)
class HotlineQuiet(Happening):
    """Everything the hotline sent has been played."""


@dataclass(frozen=True, slots=True)
class CallerSpeaks(Happening):
    turn: int
    label: str
    """The turn's text or file name, as given in the script."""


@dataclass(frozen=True, slots=True)
class CallerPresses(Happening):
    turn: int
    digits: str


@dataclass(frozen=True, slots=True)
class Fetched(Happening):
    """A document was asked for and answered."""

    path: str
    status: int
    verbs: tuple[str, ...]
    took_s: float


@dataclass(frozen=True, slots=True)
class DutyPhone(Happening):
    what: str
    """`ringing`, `answered`, `pressed 1`, `busy`, `no-answer`, `bridged`, `hung up`."""


@dataclass(frozen=True, slots=True)
class MessageTaken(Happening):
    length_s: float


@dataclass(frozen=True, slots=True)
class Ended(Happening):
    by: str
    """`hotline`, `caller` or `error`."""


OnEvent = Callable[[Happening], None]


def unheard(_: Happening) -> None:
    """Ignore it: nobody watches this call."""
