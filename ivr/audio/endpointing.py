"""When a caller's turn begins, pauses and ends; over audio time, without audio.

The recogniser costs half a second, the reply must come within one. So the end of a turn is guessed
early, and the guess is withdrawn when the caller goes on:

    speech      ____/#######\\______/#####\\________________________
    voiced at       |1 2 3  |      |     |
    decisions        ^Began  ^Paused^Resumed ^Paused        ^Ended
                     |<0.2 s>|<.22>|         |<0.22 s>|
                                              |<- trailing, 0.6 s ->|

    began       `min_speech_s` of voice were heard: the caller has the floor (barge-in, safety 2.1)
    paused      `pause_s` of quiet: a good moment to decode ahead, nothing is decided
    resumed     voice again before the end: what was decoded ahead is only a part
    ended       `trailing_s` of quiet, or `longest_s` of one turn: the text is wanted now
    discarded   less voice than `min_speech_s` and then quiet: a click, a cough, a knock

A short pause inside an address is not its end, so the patience depends on what was asked; it may
change while somebody speaks. Ten minutes of speech are turns of at most `longest_s`: a turn that is
nearly that long ends at its next pause (`long_turn_s`), else it is cut and what follows is
the next one.

All times are seconds of audio since the call began.
"""

from dataclasses import dataclass
from typing import Final

SPEECH: Final = 0.25
"""Voice begins at this probability. Not the usual 0.5: through the telephone whole sentences of
a measured voice stay below that, while 18 kinds of noise but music stay below 0.2 to 0.35; a turn
without a word is refused by the recogniser's gate, a caller who is not heard by nobody …"""
STILL_SPEECH: Final = 0.15
"""… and goes on down to this one."""
OVER_OUR_VOICE: Final = 0.4
"""While we speak ourselves the line returns an echo of us: be surer,"""
EVIDENCE_OVER_OUR_VOICE: Final = 1.5
"""… wait longer (times `min_speech_s`),"""
ECHO_LOSS_DB: Final = 14.0
"""… and expect the caller at most this much below our own level; an echo lies deeper."""
FAINT_DBFS: Final = -55.0
"""Nobody speaks into a telephone below this: line noise that resembles voice."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds of audio."""

    trailing_s: float = 0.6
    """Quiet that ends the turn."""
    pause_s: float = 0.22
    """Quiet after which decoding ahead pays."""
    min_speech_s: float = 0.2
    """Voice that makes a turn."""
    long_turn_s: float = 10.0
    """From here on any pause ends the turn."""
    longest_s: float = 15.0
    """A turn is cut here."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What the voice detector says of one piece of audio."""

    began_at: float
    ended_at: float
    probability: float
    """0..1, that somebody speaks."""
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class Began:
    """A turn began; its first voice lay at `at`, it is known only now."""

    at: float


@dataclass(frozen=True, slots=True)
class Paused:
    """The last voice of the turn so far ended at `at`."""

    at: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """Voice again, at `at`."""

    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn from `began_at` to `ended_at` (its last voice) is over."""

    began_at: float
    ended_at: float
    voiced_s: float
    """Seconds of voice in it."""
    cut: bool
    """True: cut at `longest_s`; the caller still speaks, the next voice begins the next turn."""


@dataclass(frozen=True, slots=True)
class Discarded:
    """Too little voice for a turn."""

    began_at: float
    ended_at: float


Decision = Began | Paused | Resumed | Ended | Discarded


class Endpointer:
    """Feed it every piece of audio's `Activity`, in order; it answers with decisions."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        """May be replaced at any moment; holds from the next piece on."""
        self._any_voice = False
        self._first_voice = 0.0
        self._last_voice = 0.0
        self._voiced_s = 0.0
        self._evidence_s = 0.0
        self._begun = False
        self._paused = False

    @property
    def in_turn(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._begun

    def hear(self, piece: Activity, our_level_dbfs: float | None = None) -> list[Decision]:
        """Return what `piece` decides; `our_level_dbfs` is what we play at, None: we are quiet."""
        if self._is_voice(piece, our_level_dbfs):
            return self._voice(piece, our_level_dbfs is not None)
        if not self._any_voice:
            return []
        return self._quiet(piece)

    def _is_voice(self, piece: Activity, our_level_dbfs: float | None) -> bool:
        if piece.level_dbfs < FAINT_DBFS:
            return False
        if self._begun:
            return piece.probability >= (STILL_SPEECH if not self._paused else SPEECH)
        if our_level_dbfs is None:
            return piece.probability >= (STILL_SPEECH if self._any_voice else SPEECH)
        louder_than_echo = piece.level_dbfs > our_level_dbfs - ECHO_LOSS_DB
        return louder_than_echo and piece.probability >= OVER_OUR_VOICE

    def _voice(self, piece: Activity, over_our_voice: bool) -> list[Decision]:
        decisions: list[Decision] = []
        if not self._any_voice:
            self._any_voice = True
            self._first_voice = piece.began_at
        length_s = piece.ended_at - piece.began_at
        self._voiced_s += length_s
        # Evidence over our own voice counts for less, also where we began to speak in between.
        self._evidence_s += length_s / (EVIDENCE_OVER_OUR_VOICE if over_our_voice else 1.0)
        self._last_voice = piece.ended_at
        if self._paused:
            self._paused = False
            decisions.append(Resumed(piece.began_at))
        if not self._begun and self._evidence_s >= self.patience.min_speech_s - 1e-9:
            self._begun = True
            decisions.append(Began(self._first_voice))
        if self._begun and piece.ended_at - self._first_voice >= self.patience.longest_s - 1e-9:
            decisions.append(self._end(cut=True))
        return decisions

    def _quiet(self, piece: Activity) -> list[Decision]:
        quiet_s = piece.ended_at - self._last_voice + 1e-9
        if not self._begun:
            if quiet_s < self.patience.pause_s:
                return []
            discarded = Discarded(self._first_voice, self._last_voice)
            self._forget()
            return [discarded]
        if quiet_s >= self._trailing_s():
            return [self._end(cut=False)]
        if quiet_s >= self.patience.pause_s and not self._paused:
            self._paused = True
            return [Paused(self._last_voice)]
        return []

    def _trailing_s(self) -> float:
        long = self._last_voice - self._first_voice >= self.patience.long_turn_s
        return self.patience.pause_s if long else self.patience.trailing_s

    def _end(self, *, cut: bool) -> Ended:
        ended = Ended(self._first_voice, self._last_voice, self._voiced_s, cut)
        self._forget()
        return ended

    def _forget(self) -> None:
        self._any_voice = False
        self._voiced_s = self._evidence_s = 0.0
        self._begun = self._paused = False
