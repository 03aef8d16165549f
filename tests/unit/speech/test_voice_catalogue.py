"""What is played: the pack where it speaks today's words, else a living voice."""

import shutil
from pathlib import Path

import pytest

from ivr.audio import wav
from ivr.incident.model import Place
from ivr.speech.catalogue import Catalogue
from ivr.speech.pack_rendering import render_missing
from ivr.speech.prompt_files import PromptFiles
from ivr.speech.synthesizer import SynthesisFailed
from ivr.speech.voice_pack import read_audio
from tests.fakes.tone_voice import ToneVoice

pytestmark = pytest.mark.unit

PROMPTS = Path(__file__).parents[3] / "prompts"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    folder = tmp_path / "prompts"
    for lang, lines in (
        ("zh", "G-03: 请马上另打119。\nG-05: 请马上打110。\n"),
        ("en", "G-03: Call 119 now.\n"),
    ):
        (folder / lang / "voice").mkdir(parents=True)
        (folder / lang / "common.yaml").write_text(lines, encoding="utf-8")
        shutil.copy(PROMPTS / lang / "voice" / "spoken.yaml", folder / lang / "voice")
    render_missing(folder, ToneVoice(), lambda *_: None, renderer="tones/1")
    return folder


def catalogue(prompts: Path, *voices: ToneVoice, **more: object) -> Catalogue:
    return Catalogue(prompts, voices, prompts.parent / "cache", **more)  # type: ignore[arg-type]


def test_a_packed_line_is_played_without_any_voice(prompts: Path) -> None:
    said = catalogue(prompts)
    file = prompts / "zh" / "voice" / "G-03.wav"
    assert said.audio("G-03", "zh") == read_audio(file)
    assert said.wav("G-03", "zh") == file.read_bytes()
    assert said.text("G-03", "zh") == "请马上另打119。"
    assert said.seconds("G-03", "zh") == pytest.approx(len(read_audio(file)) / 8000)
    assert len(said.audio("G-03", "zh", slow=True)) > len(said.audio("G-03", "zh"))


def test_warming_reads_everything_and_then_needs_no_disk(prompts: Path) -> None:
    said = catalogue(prompts)
    assert said.warm() > 200
    shutil.rmtree(prompts)
    assert said.audio("G-05", "zh")
    assert said.phrase(("三栋", "幺二零五"), "zh")


def test_an_edited_line_is_rendered_live_and_never_played_from_the_old_file(prompts: Path) -> None:
    voice = ToneVoice()
    said = catalogue(prompts, voice, revised={"zh": {"G-03": "请马上打119和120。"}})
    assert said.unrendered("zh") == ("G-03",)
    first = said.audio("G-03", "zh")
    assert first != read_audio(prompts / "zh" / "voice" / "G-03.wav")
    assert voice.rendered == [("请马上打幺幺九和幺二零。", "zh", 1.0)]
    assert said.audio("G-03", "zh") == first
    assert len(voice.rendered) == 1


def test_a_live_rendering_is_kept_for_the_next_start(prompts: Path) -> None:
    revised = {"en": {"NEW-1": "Leave the house now."}}
    first, second = ToneVoice(), ToneVoice()
    audio = catalogue(prompts, first, revised=revised).audio("NEW-1", "en")
    assert catalogue(prompts, second, revised=revised).audio("NEW-1", "en") == audio
    assert second.rendered == []


def test_the_next_voice_speaks_when_the_first_cannot(prompts: Path) -> None:
    fallback = ToneVoice()
    said = catalogue(prompts, ToneVoice(broken=True), fallback)
    assert said.phrase(("后门的水池边",), "zh")
    assert len(fallback.rendered) == 1


def test_without_any_voice_a_new_text_fails_and_says_so(prompts: Path) -> None:
    said = catalogue(prompts, ToneVoice(broken=True))
    with pytest.raises(SynthesisFailed, match="broken"):
        said.phrase(("后门的水池边",), "zh")
    with pytest.raises(SynthesisFailed, match="no voice"):
        catalogue(prompts).phrase(("后门的水池边",), "zh")


def test_an_unknown_line_is_an_error(prompts: Path) -> None:
    with pytest.raises(KeyError):
        catalogue(prompts).audio("NO-1", "zh")


def test_a_place_is_joined_from_pieces_without_any_voice(prompts: Path) -> None:
    said = catalogue(prompts)
    place = {"building": "3", "unit": "2", "floor": "12", "room": "1205"}
    words = said.place_words(place, "zh")
    joined = said.phrase(words, "zh")
    assert len(joined) > sum(len(said.phrase((word,), "zh")) for word in words) * 0.6
    assert len(said.phrase(words, "zh", slow=True)) > len(joined)
    assert said.phrase(said.place_words(place, "en"), "en")
    assert said.phrase((), "zh") == b""


def test_a_landmark_is_rendered_between_the_pieces(prompts: Path) -> None:
    voice = ToneVoice()
    said = catalogue(prompts, voice)
    said.phrase(said.place_words({"building": "3", "landmark": "篮球场旁边"}, "zh"), "zh")
    assert [text for text, _, _ in voice.rendered] == ["篮球场旁边"]


def test_a_full_disk_does_not_silence_the_line(prompts: Path) -> None:
    (prompts.parent / "cache").write_text("a file where the folder should be", encoding="utf-8")
    said = catalogue(prompts, ToneVoice(), revised={"zh": {"G-03": "出去。"}})
    assert said.audio("G-03", "zh")


def test_the_webhook_path_gets_a_file_or_nothing(prompts: Path) -> None:
    files = PromptFiles(catalogue(prompts))
    place = Place(building="3", unit="2", floor="12")
    assert files.wav("G-03", "zh", slow=False) == (prompts / "zh/voice/G-03.wav").read_bytes()
    assert files.wav("NO-1", "zh", slow=False) is None
    assert len(wav.read(files.phrase_wav(place, "zh", slow=False) or b"")) > 1000
    assert files.phrase_wav(Place(), "zh", slow=False) is None
    assert files.phrase_wav(Place(landmark="后门"), "zh", slow=False) is None
    assert files.phrase_text(place, "zh") == "三栋二单元十二楼"
    assert files.phrase_text(place, "en") == "building three, unit two, floor twelve"
