"""Slower, but the same voice: longer in time, not lower in pitch."""

import numpy as np
import pytest

from ivr.speech.slowing import stretch

pytestmark = pytest.mark.unit


def voiced(seconds: float, hertz: float) -> np.ndarray:
    t = np.arange(int(seconds * 8000)) / 8000
    return np.round(8000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16)


@pytest.mark.parametrize("factor", [0.8, 1.1, 1.25, 1.6])
@pytest.mark.parametrize("hertz", [110.0, 400.0, 1500.0])
def test_it_is_longer_at_the_same_pitch_and_level(factor: float, hertz: float) -> None:
    slow = stretch(voiced(1.0, hertz), factor)
    assert len(slow) / 8000 == pytest.approx(factor, abs=0.06)
    middle = slow[1000:-1000].astype(float)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    loudest = np.fft.rfftfreq(len(middle), 1 / 8000)[np.argmax(spectrum)]
    assert loudest == pytest.approx(hertz, abs=12)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(8000 / np.sqrt(2), rel=0.15)


@pytest.mark.parametrize("length", [0, 1, 300, 441, 500])
def test_something_too_short_is_left_alone_or_stretched_without_a_fault(length: int) -> None:
    assert len(stretch(np.ones(length, dtype=np.int16), 1.25)) >= length * 0.8


def test_nothing_overflows() -> None:
    loud = np.where(np.arange(8000) % 80 < 40, 32767, -32767).astype(np.int16)
    assert np.abs(stretch(loud, 1.25).astype(int)).max() <= 32767
