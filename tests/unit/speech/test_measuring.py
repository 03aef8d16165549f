"""The numbers that `ivr eval` and `ivr bench` print."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.level import dbfs
from ivr.audio.mulaw import Pcm
from ivr.speech.measuring import Clip, measure, through_telephone, together
from ivr.speech.recognizer import Heard, Lang
from ivr.speech.spoken_words import read_spoken_words

pytestmark = pytest.mark.unit

WORDS = {
    lang: read_spoken_words(Path(__file__).parents[3] / "prompts", lang) for lang in ("zh", "en")
}
TONE = np.round(9000 * np.sin(np.arange(8000) * 0.7)).astype(np.int16)


class Parrot:
    """Hears what it was told it would hear."""

    engine = "parrot"

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def start(self, lang: Lang | None) -> "Parrot":
        return self

    def feed(self, pcm: Pcm) -> None:
        self.seconds = len(pcm) / 8000

    def pause(self) -> None:
        """Nothing to decode ahead."""

    def partial(self) -> str | None:
        return None

    def abandon(self) -> None:
        """Nothing runs."""

    def finish(self) -> Future[Heard]:
        future: Future[Heard] = Future()
        future.set_result(Heard(self.texts.pop(0), (), None, "zh", "parrot", self.seconds, 0.5))
        return future


def _clip(said: str, lang: Lang = "zh") -> Clip:
    return Clip("a", lang, said, TONE)


def test_characters_that_sound_alike_are_no_error_and_others_are() -> None:
    clips = [_clip("电梯停了"), _clip("电梯停了"), _clip("着火了"), _clip("三号楼")]
    rows = measure(Parrot("电提停了", "电灯停", "", "3号楼"), clips, WORDS)
    assert [row.errors for row in rows] == [0, 2, 3, 0]
    assert [row.units for row in rows] == [4, 4, 3, 3]


def test_english_is_counted_in_words() -> None:
    row = measure(Parrot("stuck in a lift"), [_clip("stuck in the lift", "en")], WORDS)[0]
    assert (row.errors, row.units) == (1, 4)


def test_a_text_out_of_nothing_counts_at_most_twice_its_line() -> None:
    row = measure(Parrot("啊" * 99), [_clip("是的")], WORDS)[0]
    assert row.errors == 4


def test_rows_add_up() -> None:
    rows = measure(Parrot("着火了", "没有"), [_clip("着火了"), _clip("着火")], WORDS)
    sums = together(rows)
    assert sums.clips == 2
    assert sums.error == pytest.approx(2 / 5)
    assert sums.decode_p50_s == 0.5
    assert sums.realtime == pytest.approx(0.5)
    assert together([]).error == 0.0


def test_the_telephone_cuts_the_band_and_adds_the_noise_it_is_told() -> None:
    low = np.round(9000 * np.sin(np.arange(8000) * 2 * np.pi * 60 / 8000)).astype(np.int16)
    both = (TONE // 2 + low // 2).astype(np.int16)
    spectrum = np.abs(np.fft.rfft(through_telephone(both).astype(float)))
    assert spectrum[60] < spectrum[round(0.7 / 2 / np.pi * 8000)] / 100
    clean = through_telephone(TONE)
    noisy = through_telephone(TONE, noise_db=10, seed=1)
    difference = np.clip(noisy.astype(int) - clean, -32768, 32767).astype(np.int16)
    assert dbfs(clean) - dbfs(difference) == pytest.approx(10, abs=0.5)


def test_silence_goes_through_as_silence() -> None:
    assert not through_telephone(np.zeros(800, dtype=np.int16)).any()
