"""How long the caller waited: for the first sound, and for each reply."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ivr.audio import mulaw

AUDIBLE: Final = 200
"""Sample value above which sound counts (about -44 dB of full scale)."""


def first_audible(audio: bytes) -> int | None:
    """Return the index of the first audible sample of mu-law `audio`, None in silence."""
    loud = np.flatnonzero(np.abs(mulaw.decode(audio).astype(np.int32)) > AUDIBLE)
    return int(loud[0]) if len(loud) else None


def last_audible(audio: bytes) -> int | None:
    """Return the index of the last audible sample, None in silence."""
    loud = np.flatnonzero(np.abs(mulaw.decode(audio).astype(np.int32)) > AUDIBLE)
    return int(loud[-1]) if len(loud) else None


@dataclass(frozen=True, slots=True)
class Reply:
    turn: int
    """The caller's turn it answers, from 0."""
    gap_s: float
    """Last speech sample sent -> first audible sample received. Negative: spoken over."""


@dataclass(slots=True)
class Timing:
    """Filled in while the call runs; times are seconds of one clock."""

    answered_at: float | None = None
    first_sound_s: float | None = None
    """From the answer to the hotline's first audible sample."""
    replies: list[Reply] = field(default_factory=list)
    _turn: int | None = None
    _spoke_until: float | None = None
    _speaking: bool = False

    def answered(self, at: float) -> None:
        self.answered_at = at

    def caller_begins(self, turn: int) -> None:
        self._turn, self._speaking = turn, True

    def caller_ends(self, at: float) -> None:
        """The turn's last audible sample was sent at `at`."""
        self._spoke_until, self._speaking = at, False

    def hotline_sounds(self, at: float) -> float | None:
        """Note an audible sample that comes out at `at`; return the reply gap if it opens one."""
        if self.first_sound_s is None and self.answered_at is not None:
            self.first_sound_s = at - self.answered_at
        if self._turn is None or self._speaking or self._spoke_until is None:
            return None
        gap = at - self._spoke_until
        self.replies.append(Reply(self._turn, gap))
        self._turn = None
        return gap
