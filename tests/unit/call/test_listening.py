"""A call's ears with a scripted recogniser: what is fed, what is reported, in which order."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import pytest

from ivr.audio import mulaw
from ivr.audio.endpointing import Activity
from ivr.audio.frames import FRAME_BYTES, FRAME_S, RATE
from ivr.audio.level import dbfs
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
from ivr.call.listening import QUEUE_FRAMES, Listening
from ivr.speech.recognizer import Heard, Lang, RecognitionUnavailable

pytestmark = pytest.mark.unit

PIECE = 160


class LoudIsVoice:
    """A voice detector for tests: what is louder than -40 dBFS is voice."""

    def __init__(self) -> None:
        self.heard = 0
        self.gate = threading.Event()
        self.gate.set()

    def add(self, pcm: Pcm) -> list[tuple[Activity, Pcm]]:
        assert self.gate.wait(10)
        out = []
        for start in range(0, len(pcm), PIECE):
            piece = pcm[start : start + PIECE]
            began = self.heard / RATE
            self.heard += len(piece)
            level = dbfs(piece)
            loud = 0.95 if level > -40 else 0.02
            out.append((Activity(began, self.heard / RATE, loud, level), piece))
        return out


@dataclass
class Scripted:
    """A recogniser that writes down what it is given and answers what the test wants."""

    engine: str = "scripted"
    turns: "list[ScriptedTurn]" = field(default_factory=list)
    answers: "list[Heard | Exception | None]" = field(default_factory=list)
    refuse_start: bool = False
    refuse_feed: bool = False

    def start(self, lang: Lang | None) -> "ScriptedTurn":
        if self.refuse_start:
            raise RecognitionUnavailable("no model")
        turn = ScriptedTurn(self, lang)
        self.turns.append(turn)
        return turn


class ScriptedTurn:
    def __init__(self, script: Scripted, lang: Lang | None) -> None:
        self.script, self.lang = script, lang
        self.log: list[str] = []
        self.samples = 0
        self.future: Future[Heard] = Future()

    def feed(self, pcm: Pcm) -> None:
        if self.script.refuse_feed:
            raise RecognitionUnavailable("refused the audio")
        self.samples += len(pcm)
        if not self.log or self.log[-1] != "feed":
            self.log.append("feed")

    def pause(self) -> None:
        self.log.append("pause")

    def partial(self) -> str | None:
        return f"part {self.log.count('pause')}" if "pause" in self.log else None

    def finish(self) -> Future[Heard]:
        self.log.append("finish")
        number = self.script.turns.index(self)
        answer = self.script.answers[number] if number < len(self.script.answers) else said("yes")
        if isinstance(answer, Heard):
            self.future.set_result(answer)
        elif isinstance(answer, Exception):
            self.future.set_exception(answer)
        return self.future

    def abandon(self) -> None:
        self.log.append("abandon")


def said(text: str, **others: object) -> Heard:
    values = {"alternatives": (), "confidence": None, "lang": "zh", "engine": "scripted"}
    return Heard(text=text, **{**values, "audio_s": 1.0, "decode_s": 0.0, **others})  # type: ignore[arg-type]


class Call:
    """A line that plays voice and quiet into the ears; `hang_up` returns what they reported."""

    def __init__(self, script: Scripted | None = None) -> None:
        self.script = script or Scripted()
        self.detector = LoudIsVoice()
        self.events: list[ListeningEvent] = []
        self.ears = Listening(self.script, self.detector, self.events.append, lang="zh")
        self.at = 0.0
        self.started = False

    def play(self, seconds: float, level: int) -> "Call":
        t = np.arange(FRAME_BYTES)
        frame = mulaw.encode(np.round(level * np.sin(t * 0.4)).astype(np.int16))
        for _ in range(round(seconds / FRAME_S)):
            if not self.started and self.detector.gate.is_set():
                self.ears.start()
                self.started = True
            self.ears.hear(frame, self.at)
            self.at += FRAME_S
        return self

    def speaks(self, seconds: float) -> "Call":
        return self.play(seconds, 8000)

    def is_silent(self, seconds: float) -> "Call":
        return self.play(seconds, 0)

    def hang_up(self) -> list[ListeningEvent]:
        self.ears.close(wait_s=10)
        return self.events

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.hang_up()]


def test_a_turn_is_reported_with_its_times_and_text() -> None:
    call = Call(Scripted(answers=[said("厨房着火了")]))
    started, partial, heard = call.is_silent(1.0).speaks(2.0).is_silent(1.0).hang_up()
    assert isinstance(started, SpeechStarted)
    assert started.at == pytest.approx(1.0, abs=0.03)
    assert isinstance(partial, PartialHeard)
    assert isinstance(heard, UtteranceHeard)
    assert heard.heard.text == "厨房着火了"
    assert heard.began_at == pytest.approx(1.0, abs=0.03)
    assert heard.ended_at == pytest.approx(3.0, abs=0.03)


def test_decoding_ahead_begins_at_the_pause_and_nothing_is_fed_after_it() -> None:
    """Else the decode of the pause would not be the decode of the turn."""
    call = Call()
    call.speaks(1.0).is_silent(1.0).hang_up()
    assert call.script.turns[0].log == ["feed", "pause", "finish"]


def test_a_turn_that_goes_on_gets_the_pause_too() -> None:
    call = Call()
    call.speaks(1.0).is_silent(0.4).speaks(1.0).is_silent(1.0).hang_up()
    turn = call.script.turns[0]
    assert turn.log == ["feed", "pause", "feed", "pause", "finish"]
    assert turn.samples == pytest.approx((1.0 + 0.4 + 1.0 + 0.25) * RATE, abs=2 * PIECE)


def test_what_came_just_before_the_first_voice_is_heard_too() -> None:
    call = Call()
    call.is_silent(2.0).speaks(1.0).is_silent(1.0).hang_up()
    assert call.script.turns[0].samples == pytest.approx((0.4 + 1.0 + 0.25) * RATE, abs=2 * PIECE)


def test_the_end_of_one_turn_is_not_heard_again_in_the_next() -> None:
    call = Call()
    call.speaks(1.0).is_silent(0.62).speaks(1.0).is_silent(1.0).hang_up()
    first, second = call.script.turns
    assert first.samples + second.samples <= call.detector.heard
    assert second.samples == pytest.approx((0.4 + 1.0 + 0.25) * RATE, abs=2 * PIECE)


def test_a_pause_in_a_place_is_longer_than_one_elsewhere() -> None:
    call = Call()
    call.ears.expect("place")
    call.speaks(1.0).is_silent(0.7).speaks(1.0).is_silent(1.2)
    assert call.kinds().count("UtteranceHeard") == 1


def test_short_answers_are_enough_where_yes_or_no_was_asked() -> None:
    open_call, yes_no = Call(), Call()
    yes_no.ears.expect("yes_no")
    assert open_call.speaks(0.16).is_silent(1.0).kinds() == []
    assert "UtteranceHeard" in yes_no.speaks(0.16).is_silent(1.0).kinds()


def test_our_own_echo_does_not_interrupt_us_but_the_caller_does() -> None:
    call = Call()
    call.ears.speaking(-15.0)
    call.play(2.0, 800).is_silent(1.0)
    assert call.events == []
    call.speaks(1.0)
    assert "SpeechStarted" in call.kinds()


def test_the_language_holds_from_the_next_turn_on() -> None:
    call = Call()
    call.speaks(0.5).is_silent(1.0)
    call.ears.use("en")
    call.speaks(0.5).is_silent(1.0).hang_up()
    assert [turn.lang for turn in call.script.turns] == ["zh", "en"]


def test_what_the_recogniser_rejects_is_discarded_not_passed_on() -> None:
    call = Call(Scripted(answers=[said("", rejected="hallucination")]))
    last = call.speaks(1.0).is_silent(1.0).hang_up()[-1]
    assert isinstance(last, SpeechDiscarded)
    assert last.reason == "hallucination"


def test_a_later_turn_waits_for_an_earlier_text() -> None:
    script = Scripted(answers=[None, said("second")])
    call = Call(script)
    call.speaks(1.0).is_silent(1.0).speaks(1.0).is_silent(1.0)
    closing = threading.Thread(target=call.hang_up)
    closing.start()
    for _ in range(1000):
        if len(script.turns) == 2 and script.turns[1].future.done():
            break
        threading.Event().wait(0.01)
    assert not [event for event in call.events if isinstance(event, UtteranceHeard)]
    script.turns[0].future.set_result(said("first"))
    closing.join(10)
    heard = [event.heard.text for event in call.events if isinstance(event, UtteranceHeard)]
    assert heard == ["first", "second"]


def test_ten_minutes_of_speech_are_turns_and_do_not_pile_up() -> None:
    call = Call()
    for _ in range(120):
        call.speaks(5.0)
        while call.ears.behind_s > 0.5:
            threading.Event().wait(0.001)
    kinds = call.kinds()
    assert kinds.count("UtteranceHeard") >= 39
    assert max(turn.samples for turn in call.script.turns) < 17 * RATE
    assert "Behind" not in kinds


def test_the_reader_never_waits_and_losses_are_reported() -> None:
    call = Call()
    call.detector.gate.clear()
    call.is_silent((QUEUE_FRAMES + 30) * FRAME_S)
    call.detector.gate.set()
    call.is_silent(0.02)
    while call.ears.behind_s > 0:
        threading.Event().wait(0.001)
    call.is_silent(0.02)
    last = call.hang_up()[-1]
    assert isinstance(last, Behind)
    assert last.dropped in (30, 31)  # the worker may take one before the next arrives


def test_lost_frames_are_quiet_and_times_stay_on_the_carriers_clock() -> None:
    call = Call()
    call.speaks(1.0)
    call.at += 30.0
    call.speaks(1.0).is_silent(1.0)
    starts = [event.at for event in call.hang_up() if isinstance(event, SpeechStarted)]
    assert starts == [pytest.approx(0.0, abs=0.03), pytest.approx(31.0, abs=0.03)]


def test_a_recogniser_that_gives_up_is_reported_once_and_the_next_turn_is_heard() -> None:
    script = Scripted(answers=[RecognitionUnavailable("too busy"), said("here")])
    call = Call(script)
    events = call.speaks(1.0).is_silent(1.0).speaks(1.0).is_silent(1.0).hang_up()
    assert RecognitionFailed("too busy", deaf=False) in events
    assert isinstance(events[-1], UtteranceHeard)


@pytest.mark.parametrize("refusal", ["refuse_start", "refuse_feed"])
def test_a_recogniser_that_refuses_is_reported_after_the_speech_it_refused(refusal: str) -> None:
    call = Call(Scripted(**{refusal: True}))  # type: ignore[arg-type]
    assert call.speaks(1.0).is_silent(1.0).kinds() == ["SpeechStarted", "RecognitionFailed"]


def test_an_accident_in_the_worker_ends_at_the_session_not_in_silence() -> None:
    call = Call(Scripted(answers=[ZeroDivisionError()]))
    events = call.speaks(1.0).is_silent(1.0).hang_up()
    assert events[-1] == RecognitionFailed("ZeroDivisionError", deaf=True)


def test_what_was_being_said_when_the_line_broke_is_not_lost() -> None:
    assert Call().speaks(1.0).kinds() == ["SpeechStarted", "UtteranceHeard"]
