"""Rows as text and as telephone audio, without a real engine."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.mulaw import Pcm
from ivr.evaluation.judging import CallerAudio, judge_audio, judge_text, sample
from ivr.evaluation.rows import Row
from ivr.speech.recognizer import Heard, Lang
from ivr.speech.synthesizer import SynthesisFailed
from tests.fakes.editions import shipped_edition

pytestmark = pytest.mark.unit


def row(number: int, text: str, *notes: str, variant: int = 0) -> Row:
    return Row(f"zh-{number:04d}-{variant}", "zh", text, "fire", "", "critical", {}, notes)


class Tone:
    """Counts what it renders."""

    def __init__(self) -> None:
        self.rendered: list[str] = []

    def voice_for(self, text: str, lang: str) -> str:
        return f"tone-{lang}"

    def render(self, text: str, lang: str, *, speed: float = 1.0) -> Pcm:
        if not any(c.isalnum() for c in text):
            raise SynthesisFailed("nothing to say")
        self.rendered.append(text)
        return np.full(1600, 900, dtype=np.int16)


class Says:
    """A recogniser that hears the same words in everything."""

    engine = "says"

    def __init__(self, words: str) -> None:
        self.words = words
        self.fed: list[Pcm] = []

    def start(self, lang: Lang | None) -> "Says":
        return self

    def feed(self, pcm: Pcm) -> None:
        self.fed.append(pcm)

    def pause(self) -> None: ...

    def partial(self) -> str | None:
        return None

    def abandon(self) -> None: ...

    def finish(self) -> "Future[Heard]":
        done: Future[Heard] = Future()
        done.set_result(Heard(self.words, (), None, "zh", "says", 0.2, 0.1))
        return done


def test_text_is_judged_as_it_stands() -> None:
    (judged,) = judge_text([row(1, "我家着火了")], shipped_edition().lexicon)
    assert judged.right
    assert judged.heard == "我家着火了"
    assert judged.took_s > 0


def test_audio_is_judged_by_what_was_heard(tmp_path: Path) -> None:
    audio, ears = CallerAudio([Tone()], tmp_path, "tone/1"), Says("有人被困在电梯里面了")
    (judged,) = judge_audio([row(1, "我家着火了")], audio.pcm, ears, shipped_edition().lexicon)
    assert judged.heard == "有人被困在电梯里面了"
    assert not judged.right


def test_noise_is_heard_and_always_the_same(tmp_path: Path) -> None:
    audio, ears = CallerAudio([Tone()], tmp_path, "tone/1"), Says("")
    lexicon = shipped_edition().lexicon
    for noise_db in (None, 20.0, 20.0):
        judge_audio([row(1, "着火了")], audio.pcm, ears, lexicon, noise_db=noise_db)
    clean, noisy, again = ears.fed
    assert not np.array_equal(clean, noisy)
    assert np.array_equal(noisy, again)


def test_a_row_is_spoken_once_and_kept(tmp_path: Path) -> None:
    tone = Tone()
    first = CallerAudio([tone], tmp_path, "tone/1").pcm(row(1, "着火了"))
    again = CallerAudio([tone], tmp_path, "tone/1").pcm(row(1, "着火了"))
    assert np.array_equal(first, again)
    assert tone.rendered == ["着火了"]
    CallerAudio([tone], tmp_path, "tone/2").pcm(row(1, "着火了"))
    assert len(tone.rendered) == 2


def test_a_row_without_words_is_a_silent_caller(tmp_path: Path) -> None:
    pcm = CallerAudio([Tone()], tmp_path, "tone/1").pcm(row(1, "……"))
    assert len(pcm) > 8000
    assert not pcm.any()


def test_the_sample_is_fixed_takes_a_pattern_once_and_nothing_misheard() -> None:
    rows = [row(n, f"第{n}句{v}", variant=v) for n in range(60) for v in range(2)]
    rows += [row(99, "误听", "asr", variant=2)]
    chosen = sample(rows, 40)
    assert len({r.pattern for r in chosen}) == 40
    assert sample(list(reversed(rows)), 40) == chosen
    assert len(sample(rows, None)) == 120
