"""How numbers and places are said, in both languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.spoken import (
    SpokenWords,
    all_pieces,
    cardinal,
    digit_run,
    language_of,
    pieces_of,
    place_words,
    say,
    speakable,
    split,
)
from ivr.speech.spoken_words import BrokenSpokenWords, read_spoken_words

pytestmark = pytest.mark.unit

PROMPTS = Path(__file__).parents[3] / "prompts"
BOTH = [read_spoken_words(PROMPTS, lang) for lang in ("zh", "en")]


@pytest.fixture(scope="module")
def zh() -> SpokenWords:
    return read_spoken_words(PROMPTS, "zh")


@pytest.fixture(scope="module")
def en() -> SpokenWords:
    return read_spoken_words(PROMPTS, "en")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("请马上打119。", "请马上打幺幺九。"),
        ("马上打110和120。", "马上打幺幺零和幺二零。"),
        ("96333", "九六三三三"),
        ("是按1,不是按2。", "是按一,不是按二。"),
        ("其他按0", "其他按零"),
        ("冲20分钟", "冲二十分钟"),
        ("退到10米外", "退到十米外"),
        ("100米", "一百米"),
        ("112米", "一百一十二米"),
        ("105米", "一百零五米"),
        ("2个人", "两个人"),
        ("12栋", "十二栋"),
        ("501室", "五零幺室"),
        ("叫人把AED拿来", "叫人把AED拿来"),
        ("", ""),
    ],
)
def test_mandarin_numbers_are_said_as_people_say_them(
    written: str, said: str, zh: SpokenWords
) -> None:
    assert say(written, zh) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Call 119 now.", "Call one one nine now."),
        ("call 110 and 120", "call one one zero and one two zero"),
        ("Fire press 1", "Fire press one"),
        ("Cool water 20 minutes", "Cool water twenty minutes"),
        ("keep 10 m away", "keep ten meters away"),
        ("Press 5 to 6 cm, let", "Press five to six centimeters, let"),
        ("room 1205", "room one two zero five"),
        ("42", "forty two"),
        ("250 meters", "two hundred fifty meters"),
    ],
)
def test_english_numbers_are_said_as_people_say_them(
    written: str, said: str, en: SpokenWords
) -> None:
    assert say(written, en) == said


def test_a_place_is_said_part_by_part(zh: SpokenWords, en: SpokenWords) -> None:
    place = {"building": "3", "unit": "2", "floor": "12", "room": "1205"}
    assert place_words(place, zh) == ("三栋", "二单元", "十二楼", "幺二零五")
    assert place_words(place, en) == (
        "building three",
        "unit two",
        "floor twelve",
        "room one two zero five",
    )


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"building": "A", "floor": "-2"}, ("A栋", "负二楼")),
        ({"building": "b3"}, ("B三栋",)),
        ({"building": "15-2"}, ("十五杠二栋",)),
        ({"room": "12-3"}, ("幺二杠三",)),
        ({"landmark": "地下车库"}, ("地下车库",)),
        ({"landmark": "2号门"}, ("二号门",)),
        ({"building": "", "unit": None, "floor": " 5 "}, ("五楼",)),
        ({}, ()),
    ],
)
def test_unusual_places_are_said_too(
    place: dict[str, str | None], said: tuple[str, ...], zh: SpokenWords
) -> None:
    assert place_words(place, zh) == said


def test_usual_places_have_pieces_for_every_part(zh: SpokenWords, en: SpokenWords) -> None:
    for words in (zh, en):
        known = frozenset(all_pieces(words))
        for building, floor, room in (("1", "1", "101"), ("60", "50", "5002"), ("H", "-2", "7")):
            place = {"building": building, "unit": "12", "floor": floor, "room": room}
            for part in place_words(place, words):
                assert pieces_of(part, known) is not None, part


def test_a_word_without_pieces_is_told_apart(zh: SpokenWords) -> None:
    known = frozenset(all_pieces(zh))
    assert pieces_of("幺二零五", known) == ("幺二", "零五")
    assert pieces_of("十五杠二栋", known) is None
    assert pieces_of("五零幺", known) == ("五零", "幺")


@given(st.integers(min_value=0, max_value=9999))
def test_every_quantity_is_words_only(number: int) -> None:
    for words in BOTH:
        assert not any(c.isdigit() and c.isascii() for c in cardinal(number, words))


def test_a_run_of_digits_says_yao_for_one(zh: SpokenWords) -> None:
    assert digit_run("110", zh) == "幺幺零"


@given(st.text(max_size=300), st.integers(min_value=5, max_value=80))
def test_a_long_text_is_cut_without_losing_a_sound(text: str, longest: int) -> None:
    parts = split(text, longest)
    assert all(len(part) <= longest for part in parts)
    assert all(speakable(part) for part in parts)
    kept = [c for part in parts for c in part if c.isalnum()]
    assert kept == [c for c in text if c.isalnum()]


def test_a_text_in_latin_letters_is_spoken_in_english() -> None:
    assert language_of("For English, press 9.", "zh") == "en"
    assert language_of("按9。", "zh") == "zh"
    assert language_of("119", "zh") == "zh"


@pytest.mark.parametrize("text", ["", "   ", "。。。", "\u0000", "😀😀"])
def test_nothing_to_say_is_recognised(text: str) -> None:
    assert not speakable(text)


def test_a_broken_word_file_names_file_and_fault(tmp_path: Path) -> None:
    folder = tmp_path / "zh" / "voice"
    folder.mkdir(parents=True)
    (folder / "spoken.yaml").write_text("digits: [a]\n", encoding="utf-8")
    with pytest.raises(BrokenSpokenWords, match=r"(?s)spoken\.yaml.*digits"):
        read_spoken_words(tmp_path, "zh")
