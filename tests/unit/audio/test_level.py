"""Loudness."""

import numpy as np
import pytest

from ivr.audio.level import FLOOR_DBFS, at_level, dbfs

pytestmark = pytest.mark.unit


def test_full_scale_square_is_zero_and_a_sine_three_below() -> None:
    square = np.tile(np.array([32767, -32767], dtype=np.int16), 400)
    sine = np.round(32767 * np.sin(np.arange(8000) * 0.1)).astype(np.int16)
    assert dbfs(square) == pytest.approx(0.0, abs=0.01)
    assert dbfs(sine) == pytest.approx(-3.01, abs=0.05)


def test_silence_and_nothing_lie_on_the_floor() -> None:
    assert dbfs(np.zeros(100, dtype=np.int16)) == FLOOR_DBFS
    assert dbfs(np.zeros(0, dtype=np.int16)) == FLOOR_DBFS


def test_a_quiet_recording_reaches_the_wanted_level() -> None:
    quiet = np.round(300 * np.sin(np.arange(8000) * 0.1)).astype(np.int16)
    assert dbfs(at_level(quiet, -20.0)) == pytest.approx(-20.0, abs=0.1)


def test_a_peak_limits_the_gain_instead_of_clipping() -> None:
    peaky = np.zeros(8000, dtype=np.int16)
    peaky[10] = 16000
    assert np.max(at_level(peaky, -10.0)) < 32767


def test_silence_stays_silence() -> None:
    assert not at_level(np.zeros(10, dtype=np.int16), -20.0).any()
