"""When a turn begins, pauses and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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

pytestmark = pytest.mark.unit

PIECE_S = 0.032
VOICE, QUIET = (0.95, -20.0), (0.02, -60.0)


class Caller:
    """Plays speech and silence to an endpointer and collects its decisions."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.endpointer = Endpointer(patience or Patience())
        self.pieces = 0
        self.our_level: float | None = None

    def sounds(
        self, seconds: float, probability: float, level_dbfs: float = -20.0
    ) -> list[Decision]:
        decisions: list[Decision] = []
        for _ in range(round(seconds / PIECE_S)):
            began = self.pieces * PIECE_S
            self.pieces += 1
            piece = Activity(began, self.pieces * PIECE_S, probability, level_dbfs)
            decisions += self.endpointer.hear(piece, self.our_level)
        return decisions

    def speaks(self, seconds: float) -> list[Decision]:
        return self.sounds(seconds, *VOICE)

    def is_silent(self, seconds: float) -> list[Decision]:
        return self.sounds(seconds, *QUIET)


def _kinds(decisions: list[Decision]) -> list[str]:
    return [type(decision).__name__ for decision in decisions]


def test_a_sentence_begins_pauses_and_ends() -> None:
    caller = Caller()
    caller.is_silent(1.0)
    decisions = caller.speaks(2.0) + caller.is_silent(1.0)
    assert _kinds(decisions) == ["Began", "Paused", "Ended"]
    began, _, ended = decisions
    assert isinstance(began, Began)
    assert isinstance(ended, Ended)
    assert began.at == pytest.approx(1.0, abs=PIECE_S)
    assert ended.ended_at == pytest.approx(3.0, abs=PIECE_S)
    assert ended.voiced_s == pytest.approx(2.0, abs=PIECE_S)


def test_barge_in_is_known_a_quarter_second_after_the_first_voice() -> None:
    caller = Caller()
    assert _kinds(caller.speaks(0.17)) == []
    assert _kinds(caller.speaks(0.07)) == ["Began"]


def test_a_pause_inside_an_address_is_not_its_end() -> None:
    """ "Building three ... (0.7 s) ... unit two": one turn for a place, else two."""
    for trailing_s, turns in ((0.9, 1), (0.6, 2)):
        caller = Caller(Patience(trailing_s=trailing_s))
        decisions = caller.speaks(1.0) + caller.is_silent(0.7) + caller.speaks(1.0)
        decisions += caller.is_silent(1.5)
        assert _kinds(decisions).count("Ended") == turns


def test_resuming_withdraws_the_guess() -> None:
    caller = Caller()
    decisions = caller.speaks(1.0) + caller.is_silent(0.4) + caller.speaks(0.5)
    assert _kinds(decisions) == ["Began", "Paused", "Resumed"]


def test_clicks_and_coughs_are_not_turns() -> None:
    caller = Caller()
    decisions = []
    for _ in range(5):
        decisions += caller.speaks(0.1) + caller.is_silent(0.5)
    assert set(_kinds(decisions)) == {"Discarded"}


def test_patience_may_change_while_somebody_speaks() -> None:
    caller = Caller(Patience(trailing_s=0.9))
    caller.speaks(1.0)
    caller.endpointer.patience = Patience(trailing_s=0.3)
    assert "Ended" in _kinds(caller.is_silent(0.4))


def test_ten_minutes_without_a_breath_are_cut_into_turns_of_at_most_fifteen_seconds() -> None:
    caller = Caller()
    turns = [each for each in caller.speaks(600.0) if isinstance(each, Ended)]
    assert len(turns) >= 39
    assert all(turn.cut and turn.ended_at - turn.began_at <= 15.0 + PIECE_S for turn in turns)


def test_a_long_turn_ends_at_its_next_short_pause() -> None:
    caller = Caller()
    caller.speaks(11.0)
    assert _kinds(caller.is_silent(0.35)) == ["Ended"]


def test_an_echo_of_our_own_voice_does_not_interrupt_us() -> None:
    caller = Caller()
    caller.our_level = -18.0
    assert caller.sounds(5.0, 0.95, -36.0) == []


def test_a_caller_who_speaks_up_does_interrupt_us_with_more_evidence() -> None:
    caller = Caller()
    caller.our_level = -18.0
    assert _kinds(caller.sounds(0.25, 0.95, -22.0)) == []
    assert _kinds(caller.sounds(0.1, 0.95, -22.0)) == ["Began"]


def test_line_noise_that_resembles_voice_is_too_faint_to_be_one() -> None:
    assert Caller().sounds(3.0, 0.9, -58.0) == []


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 1.0),
            st.floats(-100.0, 0.0),
            st.sampled_from([None, -30.0, -15.0]),
            st.integers(1, 40),
        ),
        max_size=60,
    )
)
def test_whatever_is_heard_turns_are_whole_ordered_and_bounded(
    stretches: list[tuple[float, float, float | None, int]],
) -> None:
    caller = Caller(Patience(longest_s=4.0, long_turn_s=2.0))
    decisions: list[Decision] = []
    for probability, level_dbfs, our_level, pieces in stretches:
        caller.our_level = our_level
        decisions += caller.sounds(pieces * PIECE_S, probability, level_dbfs)
    caller.our_level = None
    decisions += caller.is_silent(2.0)

    open_turn, paused, last_end = False, False, 0.0
    for decision in decisions:
        match decision:
            case Began(at):
                assert not open_turn
                assert at >= last_end
                open_turn = True
            case Paused():
                assert open_turn
                assert not paused
                paused = True
            case Resumed():
                assert paused
                paused = False
            case Ended(began_at, ended_at, voiced_s):
                assert open_turn
                assert 0 < voiced_s <= ended_at - began_at + 1e-6
                assert ended_at - began_at <= 4.0 + PIECE_S
                open_turn, paused, last_end = False, False, ended_at
            case Discarded(began_at, ended_at):
                assert not open_turn
                assert began_at < ended_at
    assert not open_turn
