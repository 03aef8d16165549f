"""The fallback voice for real, with each trap of espeak-ng and pyttsx3 (speech note 3.1)."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.speech.mastering import speech_level_dbfs
from ivr.speech.pyttsx3_synthesizer import Pyttsx3Synthesizer
from ivr.speech.synthesizer import SynthesisFailed
from ivr.speech.voice_pack import read_all_words

pytestmark = pytest.mark.speech

ROOT = Path(__file__).parents[2]
WORDS = read_all_words(ROOT / "prompts")


@pytest.fixture(scope="module")
def voice() -> Iterator[Pyttsx3Synthesizer]:
    synthesizer = Pyttsx3Synthesizer(WORDS)
    yield synthesizer
    synthesizer.close()


@pytest.mark.parametrize(
    ("text", "lang"), [("马上离开火和烟。", "zh"), ("Close the door.", "en"), ("啊", "zh")]
)
def test_it_speaks_both_languages_at_telephone_level(
    voice: Pyttsx3Synthesizer, text: str, lang: str
) -> None:
    samples = voice.render(text, lang)
    assert len(samples) > 1500
    assert speech_level_dbfs(samples) == pytest.approx(-20, abs=2)


@pytest.mark.parametrize("text", ["", "   ", "\u0000", "。。。", "😀😀", "①②"])
def test_nothing_to_say_fails_instead_of_playing_silence(
    voice: Pyttsx3Synthesizer, text: str
) -> None:
    with pytest.raises(SynthesisFailed):
        voice.render(text, "zh")
    assert len(voice.render("还在。", "zh")) > 1500


def test_a_room_number_is_said_digit_by_digit(voice: Pyttsx3Synthesizer) -> None:
    """espeak alone reads 501 as "five hundred one", which is another room."""
    room = voice.render("501室", "zh")
    digits = voice.render("五零幺室", "zh")
    quantity = voice.render("五百零一室", "zh")
    assert len(room) == pytest.approx(len(digits), rel=0.01)
    assert len(room) != pytest.approx(len(quantity), rel=0.01)


def test_a_long_text_is_spoken_in_parts_and_whole(voice: Pyttsx3Synthesizer) -> None:
    one = len(voice.render("着火了,快跑。", "zh"))
    many = len(voice.render("着火了,快跑。" * 60, "zh"))
    assert many > 40 * one


def test_many_utterances_never_come_back_empty(voice: Pyttsx3Synthesizer) -> None:
    """pyttsx3 2.99 leaves 1 file in 50 empty or late; the child notices and tries again."""
    lengths = {len(voice.render("马上离开火和烟。", "zh")) for _ in range(60)}
    assert min(lengths) > 0.8 * max(lengths)


def test_slower_is_longer(voice: Pyttsx3Synthesizer) -> None:
    fast, slow = voice.render("走楼梯。", "zh"), voice.render("走楼梯。", "zh", speed=0.7)
    assert len(slow) > 1.2 * len(fast)


def test_a_child_that_was_killed_is_replaced(voice: Pyttsx3Synthesizer) -> None:
    voice.render("在。", "zh")
    first = voice.child_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert len(voice.render("马上离开火和烟。", "zh")) > 1500
    assert voice.child_pid not in (None, first)


def test_a_child_killed_in_the_middle_of_an_utterance_is_replaced(
    voice: Pyttsx3Synthesizer,
) -> None:
    voice.render("在。", "zh")
    pid = voice.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # it has the request and will never answer it
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    assert len(voice.render("马上离开火和烟。", "zh")) > 1500
    killer.join()


def test_several_threads_share_the_one_child(voice: Pyttsx3Synthesizer) -> None:
    lengths: list[int] = []

    def speak() -> None:
        lengths.extend(len(voice.render("值班员马上到。", "zh")) for _ in range(5))

    threads = [threading.Thread(target=speak) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lengths) == 30
    assert min(lengths) > 4000


def test_an_unknown_voice_fails_instead_of_speaking_english() -> None:
    stranger = Pyttsx3Synthesizer(WORDS, voices={"zh": "zh-nowhere"})
    with pytest.raises(SynthesisFailed, match="voice"):
        stranger.render("马上离开", "zh")
    with pytest.raises(SynthesisFailed, match="does not speak"):
        stranger.render("Leave now", "en")
    stranger.close()


def test_missing_espeak_data_kills_the_child_and_not_us(tmp_path: Path) -> None:
    orphan = Pyttsx3Synthesizer(WORDS, environment={"ESPEAK_DATA_PATH": str(tmp_path)})
    with pytest.raises(SynthesisFailed, match="does not start"):
        orphan.render("马上离开", "zh")
    assert orphan.child_pid is None
    orphan.close()


def test_the_parent_never_loads_the_library() -> None:
    program = (
        "import sys; from pathlib import Path; "
        "from ivr.speech.pyttsx3_synthesizer import Pyttsx3Synthesizer; "
        "from ivr.speech.voice_pack import read_all_words; "
        "v = Pyttsx3Synthesizer(read_all_words(Path('prompts'))); v.render('在', 'zh'); v.close(); "
        "assert 'pyttsx3' not in sys.modules and 'espeakng_loader' not in sys.modules; "
        "assert 'espeak' not in Path('/proc/self/maps').read_text()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
