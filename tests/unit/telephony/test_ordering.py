"""Messages come out once and in order, and odd numbering never silences a caller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.telephony.media_codec import DigitArrived, MediaArrived
from ivr.telephony.ordering import Numbered, Sequencer

pytestmark = pytest.mark.unit


def frame(number: int, stamp: int | None = None) -> MediaArrived:
    at = number * 20 if stamp is None else stamp
    return MediaArrived(b"x", at, number, "inbound")


def out(messages: list[Numbered], first: int | None = 1) -> list[Numbered]:
    order = Sequencer(first)
    given_back = [one for message in messages for one in order.take(message)]
    return given_back + order.flush()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_a_few_swaps_and_repeats_are_put_right(swaps: list[int]) -> None:
    right = [frame(number) for number in range(1, 61)]
    mixed = list(right)
    for at, distance in enumerate(swaps):
        if distance and at % 5 == 0 and at + distance < len(mixed):
            mixed[at], mixed[at + distance] = mixed[at + distance], mixed[at]
    doubled = [one for message in mixed for one in (message, message)]
    assert out(doubled) == right


def test_a_lost_message_holds_the_rest_only_shortly() -> None:
    order = Sequencer(1)
    late = [len(order.take(frame(number))) for number in (1, 3, 4, 5, 6, 7, 8)]
    assert late == [1, 0, 0, 0, 0, 0, 6]


def test_sound_that_comes_too_late_is_dropped_and_a_key_is_not() -> None:
    order = Sequencer(1)
    for number in (1, 3, 4, 5, 6, 7, 8):
        order.take(frame(number))
    assert order.take(frame(2)) == []
    assert order.late == 1
    assert order.take(DigitArrived("0", 2)) == [DigitArrived("0", 2)]


def test_a_carrier_that_always_says_one_is_heard_all_the_same() -> None:
    messages: list[Numbered] = [frame(1, stamp) for stamp in range(0, 400, 20)]
    assert out(messages, first=2) == messages


def test_a_carrier_without_numbers_is_heard() -> None:
    messages: list[Numbered] = [MediaArrived(b"x", 0, None, "inbound")] * 3
    assert out(messages, first=None) == messages
