"""The real recogniser on telephone audio: what it hears and refuses, in which language."""

import queue
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein

from ivr.audio import mulaw
from ivr.audio.frames import FRAME_S, cut
from ivr.audio.mulaw import Pcm
from ivr.audio.wav import load
from ivr.call.hearing import ListeningEvent, SpeechDiscarded, UtteranceHeard
from ivr.call.listening import Listening
from ivr.nlu.sounds import fold
from ivr.speech.models import ModelProblem, whisper_directory
from ivr.speech.plausible import Inventions
from ivr.speech.recognizer import Heard, RecognitionUnavailable
from ivr.speech.voice_activity import VoiceActivity, VoiceModel
from ivr.speech.whisper_recognizer import WhisperRecognizer

pytestmark = pytest.mark.speech

ROOT = Path(__file__).parents[2]
CALLERS = ROOT / "tests" / "audio" / "callers"
RATE = 8000


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhisperRecognizer]:
    try:
        directory = whisper_directory(tmp_path_factory.mktemp("models"), lambda *_: None)
    except ModelProblem as problem:
        pytest.skip(str(problem))
    lists = sorted((ROOT / "playbooks" / "sentences").glob("*/_hallucinations.yaml"))
    recognizer = WhisperRecognizer(directory, Inventions.load(lists))
    yield recognizer
    recognizer.close()


@pytest.fixture(scope="module")
def voice_model() -> VoiceModel:
    return VoiceModel.load()


def _over_the_phone(pcm: Pcm) -> Pcm:
    return mulaw.decode(mulaw.encode(pcm))


def _events(recognizer: WhisperRecognizer, model: VoiceModel, audio: Pcm) -> list[ListeningEvent]:
    """Play `audio` to a call's ears as fast as they take it."""
    events: queue.SimpleQueue[ListeningEvent] = queue.SimpleQueue()
    ears = Listening(recognizer, VoiceActivity(model), events.put)
    ears.start()
    quiet = np.zeros(RATE, dtype=np.int16)
    for number, frame in enumerate(cut(mulaw.encode(np.concatenate([quiet, audio, quiet])))):
        while ears.behind_s > 5:
            pass
        ears.hear(frame, number * FRAME_S)
    ears.close(wait_s=60)
    return [events.get() for _ in range(events.qsize())]


def _wrong_sounds(said: str, heard: str) -> float:
    sounds = [[fold(each) for each in lazy_pinyin(text, errors="ignore")] for text in (said, heard)]
    return float(Levenshtein.normalized_distance(*sounds))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("zm_yunxi/lift_stuck.wav", "电梯突然停了我们被困在里面出不来"),
        ("zm_yunxi/gas_smell.wav", "我家里煤气味好重我头都有点晕了"),
        ("zf_xiaobei/fall_stairs.wav", "有个老人从楼梯上摔下来了流了好多血"),
    ],
)
def test_a_mandarin_caller_is_heard_by_sound(
    recognizer: WhisperRecognizer, file: str, said: str
) -> None:
    heard = recognizer.decode(_over_the_phone(load(CALLERS / file)), None)
    assert heard.lang == "zh"
    assert heard.rejected is None
    assert _wrong_sounds(said, heard.text) < 0.2


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("af_heart/lift_stuck.wav", {"stuck", "lift"}),
        ("af_heart/fall_stairs.wav", {"stairs", "bleeding"}),
        ("af_heart/drowning.wav", {"child", "pool"}),
    ],
)
def test_an_english_caller_is_recognised_as_one(
    recognizer: WhisperRecognizer, file: str, words: set[str]
) -> None:
    heard = recognizer.decode(_over_the_phone(load(CALLERS / file)), None)
    assert heard.lang == "en"
    assert words <= set(heard.text.lower().replace(".", "").replace(",", "").split())


def test_other_readings_come_with_the_first_and_differ_from_it(
    recognizer: WhisperRecognizer,
) -> None:
    heard = [
        recognizer.decode(_over_the_phone(load(path)), "zh")
        for path in sorted((CALLERS / "zm_yunxi").glob("fire_*.wav"))
    ]
    assert any(each.alternatives for each in heard)
    assert all(each.text not in each.alternatives for each in heard)
    assert all(0 < (each.confidence or 0) <= 1 for each in heard)


def test_what_was_decoded_in_the_pause_is_the_turns_text(recognizer: WhisperRecognizer) -> None:
    speech = _over_the_phone(load(CALLERS / "zm_yunxi" / "fee.wav"))
    turn = recognizer.start("zh")
    turn.feed(speech)
    turn.pause()
    finished = turn.finish()
    assert finished is turn.finish()
    assert turn.partial() is None or turn.partial() == finished.result(60).text
    assert finished.result(60).text == turn.partial()


def test_a_turn_that_goes_on_after_a_pause_is_decoded_whole(recognizer: WhisperRecognizer) -> None:
    first, second = (
        _over_the_phone(load(CALLERS / "zm_yunxi" / name)) for name in ("fee.wav", "yes.wav")
    )
    turn = recognizer.start("zh")
    turn.feed(first)
    turn.pause()
    turn.feed(second)
    heard: Heard = turn.finish().result(60)
    assert heard.audio_s == pytest.approx((len(first) + len(second)) / RATE)


def test_a_call_is_heard_turn_by_turn(
    recognizer: WhisperRecognizer, voice_model: VoiceModel
) -> None:
    pause = np.zeros(2 * RATE, dtype=np.int16)
    said = [load(CALLERS / "zm_yunxi" / name) for name in ("lift_stuck.wav", "lift_place.wav")]
    events = _events(recognizer, voice_model, np.concatenate([said[0], pause, said[1]]))
    turns = [event for event in events if isinstance(event, UtteranceHeard)]
    assert [turn.heard.lang for turn in turns] == ["zh", "zh"]
    assert turns[0].began_at == pytest.approx(1.0, abs=0.4)


def _tone(*hertz: float, seconds: float = 10.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    sound: np.ndarray = np.sum([np.sin(2 * np.pi * f * t) for f in hertz], axis=0)
    return sound


def _every(period_s: float, on_s: float, sound: np.ndarray) -> np.ndarray:
    t = np.arange(len(sound)) / RATE
    return sound * ((t % period_s) < on_s)


def _noises() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    white = rng.standard_normal(10 * RATE)
    t = np.arange(10 * RATE) / RATE
    notes = np.concatenate([_tone(f, 2 * f, 3 * f, seconds=0.5) for f in (262, 330, 392, 523)])
    burst = white * np.exp(-((t % 1.5) / 0.08))
    return {
        "white": white,
        "rumble": np.cumsum(white - white.mean()),
        "hum": _tone(50, 150, 250, 350),
        "music": np.tile(notes * np.tile(np.exp(-3 * t[: RATE // 2]), 4), 5),
        "coughs": burst,
        "keys": _every(0.5, 0.2, _tone(770, 1336)),
        "ringing": _every(5, 1, _tone(450)),
        "siren": np.sin(2 * np.pi * np.cumsum(800 + 400 * np.sin(2 * np.pi * 0.5 * t)) / RATE),
        "clicks": _every(0.25, 0.001, np.ones(10 * RATE)),
        "silence": np.zeros(10 * RATE),
    }


NOISES = _noises()


def _at(sound: np.ndarray, level_dbfs: float) -> Pcm:
    loudness = np.sqrt(np.mean(sound**2)) or 1.0
    scaled = sound / loudness * 10 ** (level_dbfs / 20) * 32767
    return _over_the_phone(np.clip(scaled, -32767, 32767).astype(np.int16))


@pytest.mark.parametrize("level_dbfs", [-15, -30, -45])
@pytest.mark.parametrize("name", NOISES)
def test_noise_never_becomes_a_turn(
    recognizer: WhisperRecognizer, voice_model: VoiceModel, name: str, level_dbfs: float
) -> None:
    """The first gate: ten seconds of each sound through the whole of a call's ears."""
    events = _events(recognizer, voice_model, _at(NOISES[name], level_dbfs))
    assert not [event for event in events if isinstance(event, UtteranceHeard)]
    assert len([event for event in events if isinstance(event, SpeechDiscarded)]) <= 1


@pytest.mark.parametrize("name", NOISES)
def test_noise_that_slipped_through_the_detector_gives_no_text(
    recognizer: WhisperRecognizer, name: str
) -> None:
    """The second gate alone: the recogniser invents, its evidence and the lists refuse."""
    for level_dbfs, seconds in ((-20, 3), (-35, 1)):
        heard = recognizer.decode(_at(NOISES[name], level_dbfs)[: seconds * RATE], None)
        assert heard.text == ""
        assert heard.rejected


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecognitionUnavailable, match="cannot be loaded"):
        WhisperRecognizer(tmp_path, Inventions())
