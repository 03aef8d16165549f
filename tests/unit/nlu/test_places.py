"""Where it is, as people say it and as the recogniser writes it."""

from pathlib import Path

import pytest

from ivr.nlu.answers import answer
from ivr.nlu.estate import Estate, read_estate
from ivr.nlu.understand import understand
from ivr.nlu.understanding import Expects, Heard
from tests.unit.nlu.lexicon_files import PLAYBOOKS, shipped

pytestmark = pytest.mark.unit
WHERE = Expects("FIRE-Q1", ("building", "unit", "floor", "room"), "place")


def estate() -> Estate:
    return read_estate(Path(PLAYBOOKS, "estates", "sample.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("3-2单元12楼", {"building": "3", "unit": "2", "floor": "12"}),
        ("3-2单也12楼", {"building": "3", "unit": "2", "floor": "12"}),
        ("3-2单元105", {"building": "3", "unit": "2", "room": "105"}),
        ("三栋二单元一二零五", {"building": "3", "unit": "2", "room": "1205"}),
        ("3-2-1204", {"building": "3", "unit": "2", "room": "1204"}),
        ("3-2-12楼", {"building": "3", "unit": "2", "floor": "12"}),
        ("武动一单元", {"building": "5", "unit": "1"}),
        ("五动", {"building": "5"}),
        ("3冻", {"building": "3"}),
        ("三东二单元", {"building": "3", "unit": "2"}),
        ("武动深丹延以802房", {"building": "5", "unit": "3", "room": "1802"}),
        ("三栋幺单元", {"building": "3", "unit": "1"}),
        ("12楼5号", {"floor": "12", "room": "5"}),
        ("负二楼C区", {"floor": "-2", "landmark": "c区"}),
        ("三栋1204", {"building": "3", "room": "1204"}),
        ("十五杠二", {"room": "15-2"}),
        ("Building 3 unit 2 floor 12", {"building": "3", "unit": "2", "floor": "12"}),
        ("three dash two dash twelve oh four", {"building": "3", "unit": "2", "room": "1204"}),
    ],
)
def test_a_place_is_read_as_the_recogniser_writes_it(said: str, slots: dict[str, str]) -> None:
    assert understand([Heard(said)], shipped()).slots == slots


@pytest.mark.parametrize("said", ["电梯不动了", "我打了119和120", "动都动不了", "他在那边不懂"])
def test_no_place_is_invented(said: str) -> None:
    assert understand([Heard(said)], shipped()).slots == {}


@pytest.mark.parametrize(
    ("lang", "said", "slots"),
    [
        ("zh", "3-2-12", {"building": "3", "unit": "2", "floor": "12"}),
        ("zh", "3 2 12", {"building": "3", "unit": "2", "floor": "12"}),
        ("zh", "三,二,一二零四", {"building": "3", "unit": "2", "room": "1204"}),
        ("zh", "一二零四", {"room": "1204"}),
        ("en", "three two twelve", {"building": "3", "unit": "2", "floor": "12"}),
        ("en", "twelve oh four", {"room": "1204"}),
    ],
)
def test_an_answer_to_where_may_be_nothing_but_numbers(
    lang: str, said: str, slots: dict[str, str]
) -> None:
    read = answer(Heard(said), WHERE, shipped(), lang=lang, estate=estate())  # type: ignore[arg-type]
    assert read.slots == slots


def test_what_cannot_exist_on_the_estate_is_left_out() -> None:
    read = understand([Heard("三栋二单元五十楼着火了")], shipped(), estate=estate())
    assert read.slots == {"building": "3", "unit": "2"}
