"""The hotline's own voice for real: model from PyPI packages, voices from `prompts/voices`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.speech.kokoro_model import MODEL_NAME, ModelUnavailable, assemble
from ivr.speech.kokoro_phonemes import english, english_words, mandarin
from ivr.speech.kokoro_synthesizer import KokoroSynthesizer
from ivr.speech.mastering import speech_level_dbfs
from ivr.speech.synthesizer import SynthesisFailed
from ivr.speech.voice_pack import read_all_words
from ivr.speech.voices import caller_voice, product_voice, read_cast

pytestmark = pytest.mark.speech

PROMPTS = Path(__file__).parents[2] / "prompts"
WORDS = read_all_words(PROMPTS)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kokoro")


@pytest.fixture(scope="module")
def voice(cache: Path) -> Iterator[KokoroSynthesizer]:
    yield product_voice(PROMPTS, cache)


def test_the_model_is_assembled_once_with_progress(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    model = assemble(tmp_path, lambda *progress: seen.append(progress))
    assert model.name == MODEL_NAME
    done, total, label = seen[-1]
    assert done == total == model.stat().st_size
    assert label == "voice model"
    assert [d for d, _, _ in seen] == sorted(d for d, _, _ in seen)
    again: list[tuple[int, int, str]] = []
    assert assemble(tmp_path, lambda *progress: again.append(progress)) == model
    assert again == []


def test_an_unfinished_model_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / f"{MODEL_NAME}.1.part").write_bytes(b"half")
    assert assemble(tmp_path).stat().st_size > 90_000_000


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.speech.kokoro_model.PART_PACKAGES", ("no_such_voice_part",))
    with pytest.raises(ModelUnavailable, match="no_such_voice_part"):
        assemble(tmp_path)
    unable = KokoroSynthesizer(PROMPTS / "voices", tmp_path, {"zh": "zm_yunxi"}, WORDS)
    with pytest.raises(SynthesisFailed, match="no_such_voice_part"):
        unable.render("走", "zh")


def test_damaged_packages_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.speech.kokoro_model.MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        assemble(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "lang", "shortest_s", "longest_s"),
    [
        ("走楼梯,别坐电梯。", "zh", 1.0, 3.5),
        ("Use the stairs, not the lift.", "en", 1.0, 3.5),
        ("叫人把AED拿来。", "zh", 1.0, 3.5),
        ("For English, press 9.", "zh", 1.0, 3.0),
    ],
)
def test_it_speaks_at_telephone_level(
    voice: KokoroSynthesizer, text: str, lang: str, shortest_s: float, longest_s: float
) -> None:
    samples = voice.render(text, lang)
    assert shortest_s < len(samples) / 8000 < longest_s
    assert speech_level_dbfs(samples) == pytest.approx(-20, abs=1.5)
    assert np.abs(samples.astype(int)).max() < 32000


def test_slower_is_longer(voice: KokoroSynthesizer) -> None:
    assert len(voice.render("走楼梯", "zh", speed=0.8)) > 1.1 * len(voice.render("走楼梯", "zh"))


@pytest.mark.parametrize("text", ["", "。。。", "😀"])
def test_nothing_to_say_fails(voice: KokoroSynthesizer, text: str) -> None:
    with pytest.raises(SynthesisFailed):
        voice.render(text, "zh")


def test_a_language_without_voice_and_an_unknown_voice_fail(cache: Path) -> None:
    with pytest.raises(SynthesisFailed, match="does not speak"):
        KokoroSynthesizer(PROMPTS / "voices", cache, {"en": "af_heart"}, WORDS).render("走", "zh")
    with pytest.raises(SynthesisFailed, match="no voice"):
        KokoroSynthesizer(PROMPTS / "voices", cache, {"zh": "zx_nobody"}, WORDS).render("走", "zh")


def test_the_japanese_package_voices_can_stand_in(cache: Path) -> None:
    stand_in = KokoroSynthesizer(PROMPTS / "voices", cache, {"zh": "jf_gongitsune"}, WORDS)
    assert len(stand_in.render("走楼梯", "zh")) > 4000


def test_callers_never_have_the_products_voice(cache: Path) -> None:
    cast = read_cast(PROMPTS)
    for lang, names in cast.callers.items():
        assert cast.product[lang] not in names
        assert all((PROMPTS / "voices" / f"{name}.bin").exists() for name in names)
    assert caller_voice(PROMPTS, cache, 1).voice != product_voice(PROMPTS, cache).voice


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("Close the door.", "klˈOz ðə dˈɔɹ."),
        ("the alarm", "ði əlˈɑɹm"),
        ("AED", "ˈA ˈi dˈi"),
        ("neighbours", "nˈAbəɹz"),
        ("E-bike", "ˈi bˈIk"),
        ("pills", "pˈɪlz"),
    ],
)
def test_english_words_become_misakis_phonemes(text: str, sounds: str) -> None:
    assert english(text, english_words(WORDS["en"].pronounce)) == sounds


def test_an_english_word_in_no_dictionary_still_sounds() -> None:
    assert english("Qwzthix", english_words({}))


def test_mandarin_keeps_its_breaths_and_says_latin_letters_in_english() -> None:
    sounds = mandarin("把AED拿来,快!", english_words(WORDS["en"].pronounce))
    assert "ˈA ˈi dˈi" in sounds
    assert "," in sounds
    assert sounds.endswith("!")
