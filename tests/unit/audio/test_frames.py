"""Cutting and joining 20 ms frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.audio import frames

pytestmark = pytest.mark.unit


@given(st.lists(st.binary(max_size=500)))
def test_chunks_of_any_length_come_out_as_whole_frames_in_order(chunks: list[bytes]) -> None:
    joiner = frames.Joiner()
    whole = b"".join(frame for chunk in chunks for frame in joiner.add(chunk))
    sent = b"".join(chunks)
    assert len(whole) % frames.FRAME_BYTES == 0
    assert len(sent) - len(whole) < frames.FRAME_BYTES
    assert sent.startswith(whole)


@given(st.binary(max_size=1000))
def test_cutting_fills_only_the_last_frame_with_silence(mulaw: bytes) -> None:
    cut = list(frames.cut(mulaw))
    assert all(len(frame) == frames.FRAME_BYTES for frame in cut)
    joined = b"".join(cut)
    assert joined.startswith(mulaw)
    assert set(joined[len(mulaw) :]) <= {0xFF}


def test_silence_lasts_as_long_as_asked() -> None:
    assert frames.duration_s(frames.silence(0.5)) == 0.5
