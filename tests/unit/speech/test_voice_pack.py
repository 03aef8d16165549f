"""The pack speaks exactly today's texts, or the check says in a sentence why not."""

import shutil
from pathlib import Path

import pytest

from ivr.speech.pack_rendering import render_missing
from ivr.speech.synthesizer import Samples
from ivr.speech.voice_pack import (
    BrokenPack,
    Manifest,
    check,
    read_audio,
    read_manifest,
    write_manifest,
)
from tests.fakes.tone_voice import ToneVoice

pytestmark = pytest.mark.unit

PROMPTS = Path(__file__).parents[3] / "prompts"


def quiet(_done: int, _total: int, _file: str) -> None:
    pass


def render(prompts: Path, voice: ToneVoice, **more: object) -> int:
    return render_missing(prompts, voice, quiet, renderer="tones/1", **more)  # type: ignore[arg-type]


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """Two lines per language, with the real words for numbers, not yet rendered."""
    for lang, lines in (
        ("zh", "G-03: 请马上另打119。\nK-08: For English, press 9.\n"),
        ("en", "G-03: Call 119 now.\nK-11: '?'\n"),
    ):
        (tmp_path / lang / "voice").mkdir(parents=True)
        (tmp_path / lang / "common.yaml").write_text(lines, encoding="utf-8")
        shutil.copy(PROMPTS / lang / "voice" / "spoken.yaml", tmp_path / lang / "voice")
    return tmp_path


def test_an_unrendered_line_is_a_problem_in_one_sentence(prompts: Path) -> None:
    problems = [str(problem) for problem in check(prompts)]
    assert "zh/voice/G-03.wav: this line has not been rendered" in problems
    assert "en/voice/G-03.wav: this line has not been rendered" in problems


def test_after_rendering_nothing_is_missing_and_nothing_is_rendered_twice(prompts: Path) -> None:
    voice = ToneVoice()
    assert render(prompts, voice) > 200
    assert check(prompts) == []
    before = len(voice.rendered)
    assert render(prompts, voice) == 0
    assert len(voice.rendered) == before


def test_numbers_and_the_foreign_line_are_spoken_rightly(prompts: Path) -> None:
    voice = ToneVoice()
    render(prompts, voice, paces=("normal",))
    assert ("请马上另打幺幺九。", "zh", 1.0) in voice.rendered
    assert ("For English, press nine.", "en", 1.0) in voice.rendered


def test_a_line_without_words_is_a_short_silence(prompts: Path) -> None:
    render(prompts, ToneVoice(), paces=("normal",))
    audio = read_audio(prompts / "en" / "voice" / "K-11.wav")
    assert set(audio) == {0xFF}
    assert 0 < len(audio) < 2000


def test_a_changed_text_is_noticed_and_only_it_is_rendered_again(prompts: Path) -> None:
    render(prompts, ToneVoice())
    texts = prompts / "zh" / "common.yaml"
    texts.write_text(texts.read_text(encoding="utf-8").replace("119", "120"), encoding="utf-8")
    assert [problem.file for problem in check(prompts)] == ["zh/voice/G-03.wav"]
    assert all("text has changed" in str(problem) for problem in check(prompts))
    voice = ToneVoice()
    assert render(prompts, voice) == 1
    assert check(prompts) == []


def test_a_changed_spelling_is_noticed(prompts: Path) -> None:
    render(prompts, ToneVoice())
    spoken = prompts / "zh" / "voice" / "spoken.yaml"
    text = spoken.read_text(encoding="utf-8")
    spoken.write_text(text + "\n", encoding="utf-8")
    assert check(prompts) == []
    assert "\nlines:" in text
    head, _, tail = text.partition("\nlines:")
    rest = tail.partition("\npronounce")[2]
    spoken.write_text(
        f"{head}\nlines: {{G-03: '请,马上,另打119。'}}\npronounce{rest}", encoding="utf-8"
    )
    assert any("way it is said has changed" in str(problem) for problem in check(prompts))


def test_a_lost_a_damaged_and_a_stray_file_are_problems(prompts: Path) -> None:
    render(prompts, ToneVoice())
    folder = prompts / "zh" / "voice"
    (folder / "G-03.wav").unlink()
    wav = bytearray((folder / "K-08.wav").read_bytes())
    wav[-20] ^= 1
    (folder / "K-08.wav").write_bytes(bytes(wav))
    (folder / "OLD.wav").write_bytes(bytes(wav))
    sentences = {problem.file: str(problem) for problem in check(prompts)}
    assert "missing" in sentences["zh/voice/G-03.wav"]
    assert "SHA-256" in sentences["zh/voice/K-08.wav"]
    assert "not in the manifest" in sentences["zh/voice/OLD.wav"]
    render(prompts, ToneVoice())
    assert check(prompts) == []
    assert not (folder / "OLD.wav").exists()


def test_a_line_that_was_deleted_leaves_a_problem(prompts: Path) -> None:
    render(prompts, ToneVoice())
    (prompts / "en" / "common.yaml").write_text("G-03: Call 119 now.\n", encoding="utf-8")
    assert {problem.file for problem in check(prompts)} == {"en/voice/K-11.wav"}


def test_of_several_takes_the_best_understood_is_kept(prompts: Path) -> None:
    lengths: list[int] = []

    def only_the_slowest_is_understood(samples: Samples, _lang: str) -> str:
        lengths.append(len(samples))
        return "请马上另打119" if len(samples) > 1.05 * lengths[0] else "啊"

    render(
        prompts,
        ToneVoice(),
        transcribe=only_the_slowest_is_understood,
        languages=("zh",),
        paces=("normal",),
    )
    entry = read_manifest(prompts, "zh").files["G-03.wav"]
    assert entry.speed == pytest.approx(0.9)
    assert entry.error == 0.0


def test_a_broken_prompt_file_is_named(prompts: Path) -> None:
    (prompts / "zh" / "common.yaml").write_text("G-03: [", encoding="utf-8")
    with pytest.raises(BrokenPack, match=r"common\.yaml"):
        check(prompts)


def test_a_broken_manifest_is_named(prompts: Path) -> None:
    (prompts / "en" / "voice" / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(BrokenPack, match=r"manifest\.json"):
        check(prompts)


def test_the_manifest_is_written_one_file_a_line(prompts: Path) -> None:
    render(prompts, ToneVoice(), paces=("normal",), languages=("zh",))
    text = (prompts / "zh" / "voice" / "manifest.json").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 2 + 2
    assert "幺幺九" in text
    write_manifest(prompts, "zh", Manifest(files={}))
    assert read_manifest(prompts, "zh").files == {}
