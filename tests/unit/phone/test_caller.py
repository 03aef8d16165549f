"""The simulated person waits, speaks, barges in, presses keys and hangs up as scripted."""

import pytest

from ivr.audio import mulaw, wav
from ivr.phone.caller import KEYS_ONLY, OPEN, SHUT, TICK_S, Caller, Doing, Floor, Turn
from ivr.phone.playout import FRAME
from ivr.phone.timing import first_audible
from tests.fakes.prompts import tone

pytestmark = pytest.mark.unit

LOUD = mulaw.encode(wav.read(tone(0.02)))
WORDS = mulaw.encode(wav.read(tone(0.1)))


def live(caller: Caller, seconds: float, heard: bytes = b"", floor: Floor = OPEN) -> list[Doing]:
    drained = not heard
    return [caller.tick(heard, drained, floor) for _ in range(round(seconds / TICK_S))]


def began(doings: list[Doing]) -> list[int]:
    return [doing.began for doing in doings if doing.began is not None]


def test_a_turn_begins_once_the_hotline_has_finished() -> None:
    caller = Caller([Turn(audio=WORDS)])
    assert began(live(caller, 1.0, LOUD)) == []
    assert began(live(caller, 0.38)) == []
    assert began(live(caller, 0.04)) == [0]


def test_the_last_audible_sample_ends_the_turn_and_not_the_silence_behind_it() -> None:
    caller = Caller([Turn(audio=WORDS + b"\xff" * 8000)])
    live(caller, 0.2, LOUD)
    doings = live(caller, 1.5)
    start = next(at for at, doing in enumerate(doings) if doing.began == 0)
    end = next(at for at, doing in enumerate(doings) if doing.ended == 0)
    assert end - start == len(WORDS) // FRAME - 1


def test_a_barge_in_does_not_wait() -> None:
    caller = Caller([Turn(audio=WORDS, barge_in_after_s=0.5)])
    assert began(live(caller, 0.4, LOUD)) == []
    assert began(live(caller, 0.2, LOUD)) == [0]


def test_a_turn_waits_for_the_floor_and_a_person_on_hold_does_not_ring_off() -> None:
    caller = Caller([Turn(audio=WORDS), Turn(keys="1")], patience_s=1.0, stay_s=1.0)
    live(caller, 0.2, LOUD)
    assert not any(doing.hang_up or doing.began for doing in live(caller, 5.0, floor=SHUT))
    assert began(live(caller, 0.9, floor=KEYS_ONLY)) == []
    assert began(live(caller, 1.0)) == [0]


def test_keys_come_one_by_one() -> None:
    caller = Caller([Turn(keys="3*2")])
    live(caller, 0.2, LOUD)
    doings = live(caller, 2.0)
    pressed = [(at, doing.digit) for at, doing in enumerate(doings) if doing.digit]
    assert [digit for _, digit in pressed] == ["3", "*", "2"]
    assert pressed[1][0] - pressed[0][0] >= 10


def test_a_person_goes_on_when_nothing_comes_and_rings_off_at_last() -> None:
    caller = Caller([Turn(silence_s=1.0), Turn(audio=WORDS)], patience_s=2.0, stay_s=3.0)
    doings = live(caller, 12.0)
    assert began(doings) == [1]
    assert doings.index(next(doing for doing in doings if doing.hang_up)) * TICK_S > 5


def test_a_quiet_person_is_not_silent_and_not_audible() -> None:
    frames = [doing.frame for doing in live(Caller([]), 1.0)]
    assert all(len(frame) == FRAME for frame in frames)
    assert len(set(frames)) > 10
    assert all(first_audible(frame) is None for frame in frames)
