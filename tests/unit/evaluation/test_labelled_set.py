"""The labelled set keeps the rules of plan/labels.md, and test patterns stay unseen."""

import re
from collections import Counter
from functools import cache

import pytest

from ivr.cli.evaluate import SETS, labelled
from ivr.evaluation.rows import Row, generate, read_rows, write_rows
from ivr.nlu.estate import read_estate
from tests.fakes.editions import ROOT, shipped_edition

pytestmark = pytest.mark.unit

FOLDER = ROOT / "tests" / "labelled"
SEVERITIES = ("critical", "high", "medium", "low")
SLOTS = ("building", "unit", "floor", "room", "landmark", "name", "phone", "people")
TAGS = [
    "asr",
    "dialect",
    "neg",
    "resolved",
    "multi",
    "ambiguous",
    "short",
    "long",
    "third",
    "elderly",
    "child",
    "panic",
    "update",
    "format",
    "test",
    "silent",
    "polite",
]


@cache
def rows(chosen: str) -> list[Row]:
    return labelled(chosen)


def every_row() -> list[Row]:
    return [row for chosen in SETS for row in rows(chosen)]


def test_labels_are_of_the_labels_document() -> None:
    categories = shipped_edition().lexicon.categories
    for row in every_row():
        assert row.lang in ("zh", "en"), row
        assert row.category in categories, row
        assert set(row.accepted) <= set(categories), row
        assert row.severity in SEVERITIES, row
        assert not row.subtype or row.subtype in categories[row.category].subtypes, row


def test_slots_are_of_the_labels_document() -> None:
    for row in every_row():
        assert set(row.slots) <= set(SLOTS), row
        assert row.slots.get("people", "1").isdigit(), row
        for key in ("building", "unit", "floor", "room"):
            assert re.fullmatch(r"-?[0-9A-Z]+(-[0-9A-Z]+)*", row.slots.get(key, "1")), row


def test_notes_are_known_tags() -> None:
    for row in every_row():
        assert {n for n in row.notes if not n.startswith("alt:")} <= set(TAGS), row


def test_no_pattern_is_in_both_sets_and_no_id_twice() -> None:
    assert not {r.pattern for r in rows("dev")} & {r.pattern for r in rows("test")}
    assert max(Counter(r.id for r in every_row()).values()) == 1


def test_no_sentence_of_the_test_set_was_seen_in_development() -> None:
    assert not {r.text for r in rows("dev")} & {r.text for r in rows("test")}


def test_the_set_has_the_size_and_the_languages_that_were_asked_for() -> None:
    langs = Counter(row.lang for row in every_row())
    assert langs.total() >= 1500
    assert 0.7 <= langs["zh"] / langs.total() <= 0.85


def test_every_category_stands_in_both_sets() -> None:
    categories = set(shipped_edition().lexicon.categories)
    for chosen in SETS:
        assert {row.category for row in rows(chosen)} == categories


def test_the_generator_still_makes_exactly_these_rows() -> None:
    made = generate(FOLDER)
    for chosen in SETS:
        fresh = write_rows([row for split, row in made if split == chosen])
        assert fresh == (FOLDER / f"{chosen}.tsv").read_text(encoding="utf-8")


def test_every_building_of_the_rows_stands_on_the_estate_they_speak_of() -> None:
    estate = read_estate((FOLDER / "estate.yaml").read_text(encoding="utf-8"))
    there = {entry.building for entry in estate.entry.buildings}
    assert {row.slots["building"] for row in every_row() if "building" in row.slots} <= there


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1"),
        ("id\ttext\n", "line 1"),
        (write_rows([]) + "zh-1\tzh\n", "line 2"),
    ],
)
def test_a_broken_file_is_refused_by_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_rows(text)
