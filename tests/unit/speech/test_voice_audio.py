"""Level, band and silence of what callers hear."""

import numpy as np
import pytest

from ivr.speech.mastering import (
    LEAD_S,
    TAIL_S,
    join,
    master,
    silence,
    speech_level_dbfs,
    tighten,
)

pytestmark = pytest.mark.unit


def tone(seconds: float, hertz: float = 800.0, level: float = 0.3) -> np.ndarray:
    t = np.arange(int(seconds * 8000)) / 8000
    return level * np.sin(2 * np.pi * hertz * t)


@pytest.mark.parametrize("level", [0.001, 0.05, 0.9])
def test_loud_and_quiet_voices_come_out_at_one_level(level: float) -> None:
    assert speech_level_dbfs(master(tone(1.0, level=level))) == pytest.approx(-20.0, abs=0.3)


def test_nothing_is_clipped_even_with_a_click_in_the_voice() -> None:
    wave = tone(1.0, level=0.05)
    wave[4000:4004] = 1.0
    assert np.abs(master(wave).astype(int)).max() <= 0.98 * 32767


def test_silence_at_the_ends_is_cut_to_a_breath() -> None:
    wave = np.concatenate([np.zeros(8000), tone(1.0), np.zeros(8000)])
    seconds = len(master(wave)) / 8000
    assert seconds == pytest.approx(1.0 + LEAD_S + TAIL_S, abs=0.07)


def test_a_voice_that_stops_abruptly_gets_its_breath() -> None:
    assert len(master(tone(1.0))) / 8000 == pytest.approx(1.0 + LEAD_S + TAIL_S, abs=0.05)


@pytest.mark.parametrize("hertz", [60.0, 100.0, 3900.0])
def test_what_a_telephone_does_not_carry_is_removed(hertz: float) -> None:
    mixed = master(tone(1.0) + tone(1.0, hertz=hertz))[1000:7000].astype(float)
    spectrum = np.abs(np.fft.rfft(mixed * np.hanning(len(mixed))))
    bins = np.fft.rfftfreq(len(mixed), 1 / 8000)
    outside = spectrum[np.argmin(np.abs(bins - hertz))]
    inside = spectrum[np.argmin(np.abs(bins - 800))]
    assert outside < inside / 10


@pytest.mark.parametrize("wave", [np.zeros(0), np.zeros(8000)])
def test_no_sound_gives_no_audio(wave: np.ndarray) -> None:
    assert len(master(wave)) == 0


def test_a_piece_is_tightened_for_joining() -> None:
    piece = tighten(master(tone(0.5)), 0.01, 0.03)
    assert len(piece) / 8000 == pytest.approx(0.54, abs=0.05)
    both = join([piece, piece], 0.08)
    assert len(both) == 2 * len(piece) + len(silence(0.08))
    assert len(join([], 0.1)) == 0
