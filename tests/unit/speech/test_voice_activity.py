"""Silero's detector: the real network on real and artificial sound."""

from pathlib import Path

import numpy as np
import pytest

from ivr.audio.endpointing import Ended, Endpointer
from ivr.audio.wav import load
from ivr.call.listening import LEAD_S, PATIENCE
from ivr.speech.voice_activity import PIECE, VoiceActivity, VoiceModel

pytestmark = pytest.mark.unit

AUDIO = Path(__file__).parents[2] / "audio" / "callers"
CALLER = AUDIO / "zm_yunxi" / "lift_stuck.wav"
CALLERS = sorted(AUDIO.glob("[az][fm]_*/*.wav"))


@pytest.fixture(scope="module")
def model() -> VoiceModel:
    return VoiceModel.load()


def _probabilities(model: VoiceModel, pcm: np.ndarray) -> list[float]:
    return [activity.probability for activity, _ in VoiceActivity(model).add(pcm)]


def test_speech_is_voice_and_noise_is_not(model: VoiceModel) -> None:
    speech = load(CALLER)
    noise = np.random.default_rng(3).normal(0, 3000, 16000).astype(np.int16)
    assert np.mean(np.array(_probabilities(model, speech)) > 0.5) > 0.6
    assert max(_probabilities(model, noise)) < 0.3
    assert max(_probabilities(model, np.zeros(16000, dtype=np.int16))) < 0.3


def test_the_pieces_in_which_audio_arrives_do_not_matter(model: VoiceModel) -> None:
    speech = load(CALLER)
    at_once = _probabilities(model, speech)
    stream = VoiceActivity(model)
    frames = [each for i in range(0, len(speech), 160) for each in stream.add(speech[i : i + 160])]
    np.testing.assert_allclose([activity.probability for activity, _ in frames], at_once, atol=0.01)
    assert np.concatenate([piece for _, piece in frames]).tobytes() == (
        speech[: len(speech) // PIECE * PIECE].tobytes()
    )


def test_the_times_count_the_audio(model: VoiceModel) -> None:
    (first, _), (second, _) = VoiceActivity(model).add(np.zeros(2 * PIECE + 5, dtype=np.int16))
    assert (first.began_at, first.ended_at) == (0.0, 0.032)
    assert (second.began_at, second.ended_at) == (0.032, 0.064)


def test_two_calls_share_the_network_and_nothing_else(model: VoiceModel) -> None:
    speech = load(CALLER)
    alone = _probabilities(model, speech)
    one, other = VoiceActivity(model), VoiceActivity(model)
    together = []
    for start in range(0, len(speech), PIECE):
        other.add(np.full(PIECE, 3000, dtype=np.int16))
        together += [a.probability for a, _ in one.add(speech[start : start + PIECE])]
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("path", CALLERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_caller_is_heard_from_the_first_word_to_the_last(
    model: VoiceModel, path: Path
) -> None:
    """A voice whose probabilities stay below 0.5 was once not heard at all, or only by halves."""
    quiet = np.zeros(8000, dtype=np.int16)
    speech = load(path)
    loud = np.nonzero(np.abs(speech.astype(int)) > 0.03 * np.abs(speech.astype(int)).max())[0]
    first, last = 1.0 + loud[0] / 8000, 1.0 + loud[-1] / 8000
    endpointer = Endpointer(PATIENCE["yes_no"])
    turns = [
        decision
        for activity, _ in VoiceActivity(model).add(np.concatenate([quiet, speech, quiet]))
        for decision in endpointer.hear(activity)
        if isinstance(decision, Ended)
    ]
    assert turns
    assert turns[0].began_at - LEAD_S < first + 0.1
    assert turns[-1].ended_at > last - 0.1
