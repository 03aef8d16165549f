"""Key entries: places, numbers, and what a half-finished one becomes."""

import pytest

from ivr.dialog.keys import place_of
from tests.fakes.stage import Stage, shipped_edition

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("3*2*1204", {"building": "3", "unit": "2", "room": "1204", "floor": "12"}),
        ("3*2*802", {"building": "3", "unit": "2", "room": "802", "floor": "8"}),
        ("03*02", {"building": "3", "unit": "2"}),
        ("3", {"building": "3"}),
        ("3**1204", {"building": "3", "room": "1204", "floor": "12"}),
        ("3*2*12", {"building": "3", "unit": "2", "room": "12"}),
        ("*", {}),
        ("", {}),
        ("0", {}),
        ("3*2*1204*9*9", {"building": "3", "unit": "2", "room": "1204", "floor": "12"}),
    ],
)
def test_a_place_is_read_from_stars(entry: str, place: dict[str, str]) -> None:
    assert place_of(entry) == place


def stuck() -> Stage:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    stage.hear_out()
    stage.presses("2")
    stage.hear_out()
    return stage


def test_an_unfinished_entry_is_taken_as_it_stands() -> None:
    stage = stuck()
    stage.presses("3*2")
    stage.wait(5.9)
    assert stage.dialog.place.building is None
    stage.wait(0.2)
    assert (stage.dialog.place.building, stage.dialog.place.unit) == ("3", "2")
    assert stage.dialog.place.verified


def test_a_zero_inside_an_entry_calls_nobody() -> None:
    stage = stuck()
    stage.presses("10*2#")
    stage.wait(3)
    assert stage.dialog.place.building == "10"
    assert stage.dialog.phase == "playbook"


def test_keys_do_not_cut_off_a_life_saving_line() -> None:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    stage.hear_out()
    stage.presses("1")
    first = stage.spoken[-2]
    stage.wait(0.3)
    stage.presses("5")
    assert first.line == "FIRE-L1"
    assert first in stage.queue


def test_a_later_key_stands_against_older_words() -> None:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    stage.says("着火了,楼道全是浓烟,我出不去")
    stage.presses("3*2*1204#")
    stage.says("两个人")
    assert stage.dialog.facts["room"] == "1204"
    assert stage.dialog.facts["can_evacuate"] == "no"
