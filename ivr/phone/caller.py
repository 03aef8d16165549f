"""A scripted person on a telephone: speaks when the other side has finished, or barges in.

Time is audio time: one tick is 20 ms of the call, so a script runs the same paced or unpaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ivr.audio import mulaw
from ivr.phone.playout import FRAME
from ivr.phone.timing import first_audible, last_audible

TICK_S: Final = 0.02
_KEY_TICKS: Final = 12
"""A person presses about four keys a second."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing the person does; the first that is set of hang_up, silence_s, keys, audio/text."""

    audio: bytes = b""
    """Mu-law, 8000 Hz."""
    text: str | None = None
    """What is said: a label here, and the carrier's recognition on the webhook path."""
    keys: str = ""
    silence_s: float | None = None
    """Says nothing for so long, though it would be their turn."""
    hang_up: bool = False
    barge_in_after_s: float | None = None
    """Begins so long after the other side began to speak, whether it has finished or not."""
    wait_s: float = 0.4
    """Begins so long after the other side has finished."""

    @property
    def label(self) -> str:
        return self.text or self.keys or ("(hangs up)" if self.hang_up else "(sound)")


@dataclass(frozen=True, slots=True)
class Floor:
    """What the other end would take now; a polite script waits for it."""

    speech: bool
    keys: bool


OPEN: Final = Floor(speech=True, keys=True)
KEYS_ONLY: Final = Floor(speech=False, keys=True)
SHUT: Final = Floor(speech=False, keys=False)


@dataclass(frozen=True, slots=True)
class Doing:
    """What the person does in one tick."""

    frame: bytes
    digit: str = ""
    began: int | None = None
    """Number of the turn whose speech begins here."""
    ended: int | None = None
    """Number of the turn whose last audible sample is in this frame."""
    hang_up: bool = False


def comfort_noise(seconds: float = 1.0, level: float = 6.0) -> list[bytes]:
    """Return frames of a quiet line, as mu-law; `level` is the standard deviation in samples."""
    rng = np.random.default_rng(119)
    noise = rng.normal(0.0, level, int(seconds * 8000)).astype(np.int16)
    coded = mulaw.encode(noise)
    return [coded[at : at + FRAME] for at in range(0, len(coded), FRAME)]


class Caller:
    """Runs a script of turns, tick by tick."""

    def __init__(
        self, turns: Sequence[Turn], *, patience_s: float = 15.0, stay_s: float = 12.0
    ) -> None:
        """`patience_s`: goes on though the other side stays silent; `stay_s`: hangs up so long
        after the other side's last word once the script is over."""
        self.turns = tuple(turns)
        self._patience = patience_s
        self._stay = stay_s
        self._quiet_line = comfort_noise()
        self._tick = 0
        self._turn = 0
        self._speech: list[bytes] = []
        self._speech_turn = 0
        self._last_audible = -1
        self._keys: list[str] = []
        self._key_rest = 0
        self._heard = False
        """The other side has spoken since our last turn."""
        self._hearing = 0
        """Ticks since it began to."""
        self._quiet = 0
        """Ticks since everything was played and nothing sounded."""
        self._silent_until: int | None = None

    @property
    def finished(self) -> bool:
        return self._turn >= len(self.turns) and not self._speech and not self._keys

    def tick(self, heard: bytes, drained: bool, floor: Floor) -> Doing:
        """Live 20 ms: `heard` comes out of the earpiece, `drained` means nothing more is queued."""
        self._tick += 1
        self._listen(heard, drained, on_hold=not (floor.speech or floor.keys))
        frame = self._quiet_line[self._tick % len(self._quiet_line)]
        if self._speech:
            return self._speak(None)
        if self._keys:
            return Doing(frame, digit=self._press())
        if not self._ready(floor):
            return Doing(frame)
        if self._turn >= len(self.turns):
            return Doing(frame, hang_up=True)
        return self._begin(self.turns[self._turn], frame)

    def _listen(self, heard: bytes, drained: bool, *, on_hold: bool) -> None:
        sounds = bool(heard) and first_audible(heard) is not None
        if sounds and not self._heard:
            self._heard, self._hearing = True, 0
        self._hearing += self._heard
        if sounds or not drained:
            self._quiet = 0
        elif not on_hold:  # while it rings at the other end, a person waits
            self._quiet += 1

    def _ready(self, floor: Floor) -> bool:
        quiet_s = self._quiet * TICK_S
        if self._silent_until is not None:
            if self._tick < self._silent_until:
                return False
            self._silent_until = None
        if self._turn >= len(self.turns):
            return quiet_s >= self._stay
        turn = self.turns[self._turn]
        if turn.barge_in_after_s is not None:
            return self._heard and self._hearing * TICK_S >= turn.barge_in_after_s
        if quiet_s >= self._patience:
            return True
        if (turn.audio or turn.text) and not turn.keys and not floor.speech:
            return False
        if turn.keys and not floor.keys:
            return False
        return self._heard and quiet_s >= turn.wait_s

    def _begin(self, turn: Turn, frame: bytes) -> Doing:
        number, self._turn = self._turn, self._turn + 1
        self._heard, self._quiet = False, 0
        if turn.hang_up:
            return Doing(frame, hang_up=True)
        if turn.silence_s is not None:
            self._silent_until = self._tick + round(turn.silence_s / TICK_S)
            return Doing(frame)
        if turn.keys:
            self._keys, self._key_rest = list(turn.keys), 0
            return Doing(frame, digit=self._press())
        # Typed words without audio take as long as nothing: the carrier's path has the text.
        audio = turn.audio or b"".join(self._quiet_line[:15])
        self._speech = [audio[at : at + FRAME] for at in range(0, len(audio), FRAME)]
        self._speech_turn = number
        last = last_audible(audio)
        self._last_audible = len(self._speech) - 1 if last is None else last // FRAME
        return self._speak(number)

    def _speak(self, began: int | None) -> Doing:
        frame = self._speech.pop(0).ljust(FRAME, bytes([mulaw.SILENCE]))
        ended = self._speech_turn if self._last_audible == 0 else None
        self._last_audible -= 1
        if ended is not None:
            self._heard, self._quiet = False, 0
        return Doing(frame, began=began, ended=ended)

    def _press(self) -> str:
        if self._key_rest:
            self._key_rest -= 1
            return ""
        self._key_rest = _KEY_TICKS
        self._heard, self._quiet = False, 0
        return self._keys.pop(0)
