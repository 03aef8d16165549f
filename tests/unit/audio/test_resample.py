"""Rates: the telephone band passes, images and aliases do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.audio.resample import Doubler, as_float, resample

pytestmark = pytest.mark.unit


def _sine(hertz: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return np.round(10000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8000, 16000), (16000, 8000), (24000, 8000)])
@pytest.mark.parametrize("hertz", [300, 1000, 3400])
def test_the_telephone_band_passes_unchanged(from_hz: int, to_hz: int, hertz: int) -> None:
    out = resample(_sine(hertz, from_hz), from_hz, to_hz)
    wanted = _sine(hertz, to_hz)
    middle = slice(to_hz // 4, 3 * to_hz // 4)
    assert len(out) == len(wanted)
    assert np.abs(out[middle].astype(int) - wanted[middle]).max() < 60


def test_what_a_telephone_cannot_carry_is_removed_not_folded_back() -> None:
    out = resample(_sine(6000, 16000), 16000, 8000)
    assert np.abs(out[1000:-1000].astype(int)).max() < 10


def test_nothing_and_the_same_rate_are_left_alone() -> None:
    empty = np.zeros(0, dtype=np.int16)
    assert len(resample(empty, 8000, 16000)) == 0
    assert len(as_float(empty, 8000, 16000)) == 0
    tone = _sine(500, 8000)
    assert resample(tone, 8000, 8000) is tone


def test_floats_lie_between_minus_one_and_one() -> None:
    out = as_float(np.array([-32768, 32767], dtype=np.int16), 8000, 8000)
    assert out.dtype == np.float32
    assert out.min() == -1.0
    assert out.max() < 1.0


@pytest.mark.parametrize("hertz", [300, 1000, 2500, 3300])
def test_the_streaming_doubler_keeps_the_tone_and_makes_no_image(hertz: int) -> None:
    out = Doubler().add(_sine(hertz, 8000))[2000:10000]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    tone, image = (round(f * len(out) / 16000) for f in (hertz, 8000 - hertz))
    near = spectrum[tone - 3 : tone + 4].max()
    assert near / len(out) * 4 == pytest.approx(10000 / 32768, rel=0.05)
    assert spectrum[image - 3 : image + 4].max() < near / 100


@given(st.lists(st.integers(1, 300), max_size=8))
def test_the_doubler_does_not_care_how_the_stream_is_cut(lengths: list[int]) -> None:
    pcm = _sine(700, 8000)[: sum(lengths)]
    doubler, at, out = Doubler(), 0, [np.zeros(0, dtype=np.float32)]
    for length in lengths:
        out.append(doubler.add(pcm[at : at + length]))
        at += length
    np.testing.assert_allclose(np.concatenate(out), Doubler().add(pcm), atol=1e-6)
