"""The measure: sounds are compared, not spellings."""

from pathlib import Path

import numpy as np
import pytest

from ivr.audio import mulaw
from ivr.speech.intelligibility import (
    LineScore,
    measure,
    overall,
    score,
    syllables,
    table,
    through_the_telephone,
)
from ivr.speech.synthesizer import Samples
from ivr.speech.voice_pack import read_all_words

pytestmark = pytest.mark.unit

WORDS = read_all_words(Path(__file__).parents[3] / "prompts")


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("马上离开火和烟,随手关门。", "馬上離開火河煙隨手關門", 0),
        ("马上打119。", "马上打119", 0),
        ("马上打119。", "马上打一一九", 0),
        ("凉水冲二十分钟", "凉水冲20分钟", 0),
        ("三栋二单元十二楼幺二零五", "3栋2单元12楼1205", 0),
        ("两个人", "2个人", 0),
        ("先离开", "先离开先离开", 3),
        ("先离开", "", 3),
        ("别坐电梯", "别做点题", 0),
        ("别坐电梯", "别坐楼梯", 1),
        ("叫人把AED拿来", "叫人把 A E D 拿来", 0),
    ],
)
def test_mandarin_is_scored_in_folded_syllables(said: str, heard: str, errors: int) -> None:
    assert score("X", said, heard, WORDS["zh"]).errors == errors


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Call 119 now.", "Call 119 now.", 0),
        ("Call 119 now.", "call one one nine now", 0),
        ("Don't jump.", "Don’t jump!", 0),
        ("Use the stairs, not the lift.", "Use the stairs not a lift", 1),
    ],
)
def test_english_is_scored_in_words(said: str, heard: str, errors: int) -> None:
    assert score("X", said, heard, WORDS["en"]).errors == errors


def test_the_error_is_a_share_and_nothing_said_is_no_error() -> None:
    assert LineScore("X", "zh", "", "", 0, 0).error == 0.0
    assert (
        overall([LineScore("X", "zh", "", "", 1, 4), LineScore("Y", "zh", "", "", 0, 4)]) == 0.125
    )
    assert overall([]) == 0.0


def test_the_recogniser_hears_telephone_audio_in_the_lines_language() -> None:
    heard: list[tuple[str, bytes]] = []

    def transcribe(samples: Samples, lang: str) -> str:
        heard.append((lang, samples.tobytes()))
        return "for English press nine"

    audio = (np.arange(800) * 37 % 9000).astype(np.int16)
    scores = measure([("K-08", "zh", "For English, press 9.", audio)], transcribe, WORDS)
    assert [s.errors for s in scores] == [0]
    assert heard == [("en", mulaw.decode(mulaw.encode(audio)).tobytes())]
    assert not np.array_equal(through_the_telephone(audio), audio)


def test_the_table_begins_with_the_worst_line_and_ends_with_the_sum() -> None:
    rows = table(
        [LineScore("A", "zh", "a", "a", 0, 4), LineScore("B", "zh", "b", "c", 4, 4)]
    ).splitlines()
    assert "B" in rows[0]
    assert rows[-1].split()[:3] == ["50.0%", "2", "lines,"]


def test_unlike_sounds_stay_apart() -> None:
    assert syllables("火灾") != syllables("电梯")
    assert syllables("知") == syllables("资")
