"""The last gate: what a caller could have said, and what a recogniser invents."""

from pathlib import Path

import pytest

from ivr.speech.plausible import Evidence, Inventions, rejected, without_repeats

pytestmark = pytest.mark.unit

SENTENCES = Path(__file__).parents[3] / "playbooks" / "sentences"
INVENTIONS = Inventions.load(sorted(SENTENCES.glob("*/_hallucinations.yaml")))
SURE = Evidence(no_speech=0.02, mean_log_prob=-0.3, audio_s=3.0)
UNSURE = Evidence(no_speech=0.5, mean_log_prob=-0.6, audio_s=3.0)
LOST = Evidence(no_speech=0.7, mean_log_prob=-1.2, audio_s=3.0)


@pytest.mark.parametrize(
    "text",
    ["我家厨房着火了", "谢谢", "救命救命救命", "3号楼12楼", "Help, my kitchen is on fire!", "喂"],
)
def test_what_callers_say_is_believed(text: str) -> None:
    assert rejected(text, SURE, INVENTIONS) is None


@pytest.mark.parametrize(
    "text",
    [
        "字幕by索兰娅",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "Thanks for watching!",
        "中文字幕志愿者 李宗盛",
    ],
)
def test_subtitle_credits_are_never_believed(text: str) -> None:
    assert rejected(text, SURE, INVENTIONS) == "hallucination"


@pytest.mark.parametrize("text", ["谢谢大家。", "Thank you.", "you"])
def test_courtesies_are_believed_only_where_the_engine_is_sure(text: str) -> None:
    assert rejected(text, SURE, INVENTIONS) is None
    assert rejected(text, UNSURE, INVENTIONS) == "hallucination"


def test_one_doubtful_number_alone_does_not_silence_a_caller() -> None:
    """Faint or frightened voices score badly too: both numbers must agree."""
    assert rejected("着火了", UNSURE, INVENTIONS) is None
    assert rejected("着火了", LOST, INVENTIONS) == "noise"


def test_a_hopeless_score_is_noise_whatever_else_it_says() -> None:
    assert rejected("煤气泄漏", Evidence(0.7, -0.3, 3.0), INVENTIONS) == "noise"
    assert rejected("煤气泄漏", Evidence(0.1, -1.5, 3.0), INVENTIONS) == "noise"


@pytest.mark.parametrize("text", ["", " 。", "…"])
def test_nothing_is_silence(text: str) -> None:
    assert rejected(text, SURE, INVENTIONS) == "silence"


def test_more_words_than_a_mouth_can_say_are_a_repetition() -> None:
    text = "我们在这里等你们过来看一下然后把事情说清楚"
    assert rejected(text, Evidence(0.1, -0.5, 1.0), INVENTIONS) == "repetition"
    assert rejected("轻轻轻轻轻", UNSURE, INVENTIONS) == "repetition"


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("三号楼停电了。三号楼停电了。三号楼停电了。", "三号楼停电了。"),
        ("救命救命", "救命救命"),
        ("救命" * 12, "救命"),
        ("着火了着火了", "着火了着火了"),
        ("啊" * 30, "啊" * 3),
        ("13800000000", "13800000000"),
        ("1111", "1111"),
        ("我在三栋二单元", "我在三栋二单元"),
    ],
)
def test_a_lost_decoder_repeats_but_numbers_and_cries_stay(heard: str, said: str) -> None:
    text = without_repeats(heard)
    assert said in text
    assert len(text) <= max(len(said), 3 * len(said) if len(said) < 4 else len(said))
