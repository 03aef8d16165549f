"""The shipped pack: every line of both languages, in today's words, at one level."""

from pathlib import Path

import numpy as np
import pytest

from ivr.audio import wav
from ivr.speech.catalogue import Catalogue
from ivr.speech.mastering import speech_level_dbfs
from ivr.speech.voice_pack import LANGUAGES, check, pack_dir, read_lines, read_manifest

pytestmark = pytest.mark.speech

PROMPTS = Path(__file__).parents[2] / "prompts"


def test_texts_files_and_hashes_agree() -> None:
    assert [str(problem) for problem in check(PROMPTS)] == []


def test_the_pack_stays_small() -> None:
    size = sum(
        path.stat().st_size for lang in LANGUAGES for path in pack_dir(PROMPTS, lang).rglob("*.wav")
    )
    assert size < 12_000_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_has_the_same_loudness_and_no_long_silence(lang: str) -> None:
    for file, recording in read_manifest(PROMPTS, lang).files.items():
        samples = wav.load(pack_dir(PROMPTS, lang) / file)
        if not any(c.isalnum() for c in recording.spoken):
            continue
        assert speech_level_dbfs(samples) == pytest.approx(-20, abs=3), file
        assert np.abs(samples.astype(int)).max() < 32767, file
        loud = np.flatnonzero(np.abs(samples.astype(int)) > 300)
        assert loud[0] < 0.15 * 8000, file
        assert loud[-1] > len(samples) - 0.3 * 8000, file


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_can_be_said_within_twelve_seconds_without_any_voice(
    lang: str, tmp_path: Path
) -> None:
    catalogue = Catalogue(PROMPTS, (), tmp_path)
    for line in read_lines(PROMPTS, lang):
        assert 0.05 < catalogue.seconds(line, lang) < 12
        assert catalogue.seconds(line, lang, slow=True) >= catalogue.seconds(line, lang) * 0.95


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_place_is_read_back_without_any_voice(lang: str, tmp_path: Path) -> None:
    catalogue = Catalogue(PROMPTS, (), tmp_path)
    place = {"building": "3", "unit": "2", "floor": "12", "room": "1205"}
    seconds = len(catalogue.phrase(catalogue.place_words(place, lang), lang)) / 8000
    assert 2.0 < seconds < 6.0
