"""A call's ears: frames in, events out, in one worker thread of the call.

    media reader --hear()--> bounded queue --> voice detector --> endpointer --> transcription
                                   ^                                                 |
                                   +------------- a decode is ready -----------------+
                                                                                     v
                                                                                 on_event

The reader never waits: where the worker cannot keep up, frames are dropped, counted and reported
(`Behind`). Every event comes from the worker thread, in the order of the audio, so the session
needs no lock. After `SpeechStarted` exactly one of `UtteranceHeard`, `SpeechDiscarded` and
`RecognitionFailed` follows: a session that waits for the caller cannot wait for ever.

Times are seconds on the carrier's clock since the stream began, carried on by counting frames; the
wall clock plays no part. Lost frames (a jump of that clock) are heard as quiet.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Final, assert_never

import numpy as np

from ivr.audio import mulaw
from ivr.audio.endpointing import (
    Activity,
    Began,
    Decision,
    Discarded,
    Ended,
    Endpointer,
    Patience,
    Paused,
    Resumed,
)
from ivr.audio.frames import FRAME_S, RATE
from ivr.audio.mulaw import Pcm
from ivr.call.hearing import (
    Behind,
    ListeningEvent,
    PartialHeard,
    RecognitionFailed,
    SpeechDiscarded,
    SpeechStarted,
    UtteranceHeard,
)
from ivr.dialog.effects import Expecting
from ivr.speech.recognizer import (
    Heard,
    Lang,
    RecognitionUnavailable,
    Recognizer,
    Transcription,
)
from ivr.speech.voice_activity import VoiceDetector

PATIENCE: Final[Mapping[Expecting, Patience]] = {
    "open": Patience(trailing_s=0.6),
    "yes_no": Patience(trailing_s=0.45, min_speech_s=0.15),
    "place": Patience(trailing_s=0.9),
    "number": Patience(trailing_s=0.9, min_speech_s=0.15),
    "keys": Patience(trailing_s=0.6, min_speech_s=0.25),
    "nothing": Patience(trailing_s=0.6, min_speech_s=0.25),
}
"""How long a pause may be that is not the end, by what was asked: longest inside an address."""

QUEUE_FRAMES: Final = 500
"""Ten seconds: more than any decode on the worker takes, little enough memory."""
LEAD_S: Final = 0.4
"""Audio before the first voice that belongs to the turn: soft consonants."""
_RECENT_S: Final = 1.5
_GAP_S: Final = 0.1
_LONGEST_GAP_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Frame:
    mulaw: bytes
    at: float


@dataclass(frozen=True, slots=True)
class _Expect:
    kind: Expecting


@dataclass(frozen=True, slots=True)
class _Speaking:
    level_dbfs: float | None


@dataclass(frozen=True, slots=True)
class _Use:
    lang: Lang | None


@dataclass(frozen=True, slots=True)
class _Decoded:
    pass


@dataclass(frozen=True, slots=True)
class _Close:
    pass


_Order = _Frame | _Expect | _Speaking | _Use | _Decoded | _Close


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn that is over and waits for its text."""

    began_at: float
    ended_at: float
    future: Future[Heard]


class Listening:
    """One call's ears; all public methods may be called by any thread."""

    def __init__(
        self,
        recognizer: Recognizer,
        detector: VoiceDetector,
        on_event: Callable[[ListeningEvent], None],
        *,
        lang: Lang | None = None,
    ) -> None:
        """`on_event` is called by the worker thread and must not block; `lang` None: find out."""
        self._recognizer = recognizer
        self._detector = detector
        self._on_event = on_event
        self._lang = lang
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._dropped = 0
        self._reported = 0
        self._endpointer = Endpointer(PATIENCE["open"])
        self._our_level: float | None = None
        self._next_at: float | None = None
        self._clock_ahead = 0.0
        self._heard_s = 0.0
        self._recent: deque[tuple[Activity, Pcm]] = deque()
        self._transcription: Transcription | None = None
        self._held: list[Pcm] | None = None
        self._partial: str | None = None
        self._waiting: deque[_Turn] = deque()
        self._worker = threading.Thread(target=self._run, name="listening", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._worker.start()

    @property
    def behind_s(self) -> float:
        """Return about how many seconds of audio wait for the worker."""
        return self._orders.qsize() * FRAME_S

    def hear(self, frame: bytes, at: float) -> None:
        """Take mu-law audio that begins at `at` on the carrier's clock (seconds). Never blocks."""
        if self._orders.qsize() >= QUEUE_FRAMES:
            self._dropped += 1
            return
        self._orders.put(_Frame(frame, at))

    def expect(self, kind: Expecting) -> None:
        """Set how long a pause may be, by what the caller was asked; holds at once."""
        self._orders.put(_Expect(kind))

    def speaking(self, level_dbfs: float | None) -> None:
        """Tell at which level the caller hears us now, None when we are quiet.

        The telephone line returns an echo of us; over our own voice more evidence is demanded.
        """
        self._orders.put(_Speaking(level_dbfs))

    def use(self, lang: Lang | None) -> None:
        """Listen in `lang` from the next turn on."""
        self._orders.put(_Use(lang))

    def close(self, *, wait_s: float = 2.0) -> None:
        """End the worker; what is being said is finished first, as far as `wait_s` allows."""
        self._orders.put(_Close())
        if self._worker.is_alive() and self._worker is not threading.current_thread():
            self._worker.join(wait_s)

    def _run(self) -> None:
        try:
            while not isinstance(order := self._orders.get(), _Close):
                self._obey(order)
            self._last_words()
        except Exception as error:  # noqa: BLE001 - this thread's boundary: the session, told that
            # the call is deaf, goes on by keys and to the duty desk.
            self._on_event(RecognitionFailed(type(error).__name__, deaf=True))

    def _obey(self, order: _Order) -> None:
        match order:
            case _Frame():
                self._listen(order)
            case _Expect(kind):
                self._endpointer.patience = PATIENCE[kind]
            case _Speaking(level_dbfs):
                self._our_level = level_dbfs
            case _Use(lang):
                self._lang = lang
            case _Decoded():
                self._report_decoded()
            case _Close():
                pass
            case _:
                assert_never(order)

    def _listen(self, frame: _Frame) -> None:
        if self._dropped != self._reported:
            self._reported = self._dropped
            self._on_event(Behind(self._dropped))
        pcm = np.concatenate([self._missing(frame), mulaw.decode(frame.mulaw)])
        self._next_at = frame.at + len(frame.mulaw) / RATE
        self._heard_s += len(pcm) / RATE
        self._clock_ahead = self._next_at - self._heard_s
        for activity, piece in self._detector.add(pcm):
            self._remember(activity, piece)
            decisions = self._endpointer.hear(activity, self._our_level)
            try:
                self._keep(piece, decisions)
                for decision in decisions:
                    self._decided(decision)
            except RecognitionUnavailable as error:
                # The rest of this turn is lost; the endpointer goes on for the next one.
                self._transcription = None
                self._on_event(RecognitionFailed(str(error), deaf=False))
        self._report_partial()

    def _missing(self, frame: _Frame) -> Pcm:
        """Return quiet for frames that the carrier lost before `frame`."""
        gap_s = frame.at - self._next_at if self._next_at is not None else 0.0
        lost_s = min(gap_s, _LONGEST_GAP_S) if gap_s >= _GAP_S else 0.0
        return np.zeros(round(lost_s * RATE), dtype=np.int16)

    def _remember(self, activity: Activity, piece: Pcm) -> None:
        self._recent.append((activity, piece))
        while self._recent[0][0].ended_at < activity.ended_at - _RECENT_S:
            self._recent.popleft()

    def _keep(self, piece: Pcm, decisions: list[Decision]) -> None:
        """Give `piece` to the turn, or hold it back: in a pause it may lie behind the end."""
        if self._transcription is None:
            return
        if self._held is None or any(isinstance(decision, Resumed) for decision in decisions):
            for held in self._held or ():
                self._transcription.feed(held)
            self._held = None
            self._transcription.feed(piece)
        else:
            self._held.append(piece)

    def _decided(self, decision: Decision) -> None:
        match decision:
            case Began(at):
                self._begin(at)
            case Paused():
                if self._transcription is not None:
                    self._held = []
                    self._transcription.pause()
            case Ended(began_at, ended_at):
                self._end(began_at, ended_at)
            case Resumed() | Discarded():
                pass
            case _:
                assert_never(decision)

    def _begin(self, at: float) -> None:
        self._on_event(SpeechStarted(at + self._clock_ahead))
        self._held = self._partial = None
        self._transcription = self._recognizer.start(self._lang)
        for activity, piece in self._recent:
            if activity.ended_at > at - LEAD_S:
                self._transcription.feed(piece)

    def _end(self, began_at: float, ended_at: float) -> None:
        transcription, self._transcription = self._transcription, None
        # What the turn holds is not the next one's; only the quiet behind it is its lead.
        while self._recent and self._recent[0][0].ended_at <= ended_at:
            self._recent.popleft()
        if transcription is None:
            return  # it failed on the way, which was reported
        future = transcription.finish()
        ahead = self._clock_ahead
        self._waiting.append(_Turn(began_at + ahead, ended_at + ahead, future))
        future.add_done_callback(lambda _: self._orders.put(_Decoded()))

    def _report_partial(self) -> None:
        if self._transcription is None:
            return
        partial = self._transcription.partial()
        if partial and partial != self._partial:
            self._partial = partial
            self._on_event(PartialHeard(partial, self._heard_s + self._clock_ahead))

    def _report_decoded(self) -> None:
        """Report the turns whose text is there, in the order in which they were spoken."""
        while self._waiting and self._waiting[0].future.done():
            turn = self._waiting.popleft()
            try:
                heard = turn.future.result()
            except (RecognitionUnavailable, CancelledError) as error:
                self._on_event(RecognitionFailed(str(error) or "given up", deaf=False))
                continue
            if heard.rejected is not None:
                reason = heard.rejected
                self._on_event(SpeechDiscarded(reason, turn.began_at, turn.ended_at))
            else:
                self._on_event(UtteranceHeard(heard, turn.began_at, turn.ended_at))

    def _last_words(self) -> None:
        """The line is gone: finish what was being said, it may be the address."""
        if self._transcription is not None:
            self._end(self._heard_s, self._heard_s)
        for turn in self._waiting:
            turn.future.exception(timeout=10)
        self._report_decoded()
